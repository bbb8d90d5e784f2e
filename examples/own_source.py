"""A source of your own: anything that gives uint8 arrays, (H, W) gray or (H, W, 3) red, green, blue.

Here frames come from a simulation. A frame grabber with a library of its own looks the same: wait for the
next picture in `__iter__`, let go of the device in `close`.
"""

import time

import numpy as np

import scanmon


class Simulated:
    def __iter__(self):
        random = np.random.default_rng(1)
        for _ in range(30):
            time.sleep(1 / 15)
            yield random.normal(90, 30, (240, 320)).clip(0, 255).astype(np.uint8)

    def close(self):
        print("closed")


def on_reading(reading):
    print(reading.frame, reading.quality)


with scanmon.Monitor(Simulated(), on_reading, region="full") as monitor:
    monitor.wait()
