"""An OpenIGTLink server that sends a moving picture, with pyigtl's own code, until it is ended."""

import sys
import threading
import time

import numpy as np
import pyigtl

port, width, height, rate = (int(value) for value in sys.argv[1:5])
server = pyigtl.OpenIGTLinkServer(port=port, local_server=True)
never, start_s, number = threading.Event(), time.monotonic(), 0
while not never.wait(max(0.0, start_s + number / rate - time.monotonic())):
    if server.is_connected():
        column = np.arange(width) + 3 * number
        picture = np.broadcast_to((column % 256).astype(np.uint8), (1, height, width)).copy()
        server.send_message(pyigtl.ImageMessage(picture, device_name="Image"), wait=False)
        server.send_message(pyigtl.StringMessage("hello", device_name="Text"), wait=False)
    number = max(number + 1, int((time.monotonic() - start_s) * rate))  # a picture that is late is left out
