"""A distance map as a PNG: where a picture differs from its reference, as colour over the picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from scanmon.core.errors import SinkError
from scanmon.core.values import GrayImage
from scanmon.core.write_atomic import write_atomic
from scanmon.lab.compare.full_reference import Floats

_SHARE = 0.6  # of the colour, where the distance is that of `top`


def write_map(path: Path, image: GrayImage, distances: Floats, top: float) -> None:
    """Inferno over the gray picture, from 0, which leaves it as it is, to `top` and above.

    Raises `SinkError`.
    """
    height, width = image.shape
    level = np.clip(distances / top, 0.0, 1.0) if top > 0 else np.zeros_like(distances)
    spread = cv2.resize(level.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    colours = cv2.applyColorMap(np.rint(255 * spread).astype(np.uint8), cv2.COLORMAP_INFERNO)
    share = _SHARE * spread[:, :, None]
    mixed = image[:, :, None] * (1.0 - share) + colours * share
    png = cv2.imencode(".png", np.rint(mixed).astype(np.uint8))[1].tobytes()
    try:
        write_atomic(path, png)
    except OSError as error:
        raise SinkError(
            f"cannot be written ({error.strerror})", path, "choose a folder with space that is yours"
        ) from error
