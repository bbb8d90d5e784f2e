"""An OpenIGTLink server that sends a moving picture, with pyigtl's own code."""

import sys
import time

import numpy as np
import pyigtl

port, width, height, rate = (int(value) for value in sys.argv[1:5])
server = pyigtl.OpenIGTLinkServer(port=port, local_server=True)
number = 0
while True:
    if server.is_connected():
        column = np.arange(width) + 3 * number
        picture = np.broadcast_to((column % 256).astype(np.uint8), (1, height, width)).copy()
        server.send_message(pyigtl.ImageMessage(picture, device_name="Image"), wait=False)
        server.send_message(pyigtl.StringMessage("hello", device_name="Text"), wait=False)
        number += 1
    time.sleep(1.0 / rate)
