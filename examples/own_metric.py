"""A metric of your own, with everything that scanmon has around one: python own_metric.py PICTURE

The function gets the gray picture of the sector and gives local quality, 0 to 100, in rows and columns.
Score, worst region, heatmap, verdict, monitor and tables follow from it.
"""

import sys

import cv2
import numpy as np

import scanmon


def brightness(image: np.ndarray) -> np.ndarray:
    """Quality falls where the picture is darker or lighter than middle gray."""
    local = cv2.resize(image.astype(np.float32), (16, 16), interpolation=cv2.INTER_AREA)
    return 100.0 - np.abs(local - 128.0) / 1.28


with scanmon.open_bundle(metric=brightness) as bundle:
    reading = bundle.score(sys.argv[1])
print(f"{reading.metric}: {reading.quality:.1f}, worst at {reading.worst}")
cv2.imwrite("brightness.png", reading.picture()[..., ::-1])
