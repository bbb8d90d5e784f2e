"""OpenIGTLink server: the masked region, its heatmap and the result, for 3D Slicer, PLUS and the like."""

from __future__ import annotations

import importlib.util
import json
import time

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.records import row
from scanmon.core.values import Analysis, Region
from scanmon.publish.broadcast import Broadcast
from scanmon.session.regions import may_be_stored

DEFAULT_PORT = 18944
FRAME, HEATMAP, SCORE = "ScanmonFrame", "ScanmonHeatmap", "ScanmonScore"


class IgtlSink:
    """A `Sink`: IMAGE `ScanmonFrame`, IMAGE `ScanmonHeatmap` (0..100), STRING `ScanmonScore` (JSON).

    Loopback unless `host` says otherwise. Nothing outside the sector is sent. A client that is slower than
    the scores gets the newest; one that has gone is dropped. Raises `SinkError` where the port is taken.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
    ) -> None:
        if importlib.util.find_spec("pyigtl") is None:
            raise SinkError("OpenIGTLink needs one more package", "igtl", "pip install 'scanmon[igtl]'")
        self._server = Broadcast(host, port, "OpenIGTLink")

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    @property
    def clients(self) -> int:
        """How many are connected."""
        return self._server.clients

    def write(self, analysis: Analysis) -> None:
        """Offer a result; returns at once."""
        wall_s = time.time()
        self._server.offer(lambda: messages(analysis, wall_s))

    def close(self) -> None:
        """End the server."""
        self._server.close()


def messages(analysis: Analysis, wall_s: float) -> bytes:
    """Frame (where the sector is known), heatmap (where there is one), score: one result, in this order."""
    from pyigtl import ImageMessage, StringMessage  # noqa: PLC0415 - an extra

    box = analysis.region.box
    place = np.eye(4)
    place[:2, 3] = box.x, box.y  # in pixels of the frame, so that both images lie over each other
    images: dict[str, NDArray[np.uint8]] = {}
    if may_be_stored(analysis.region):  # the whole screen may hold a name
        images[FRAME] = masked_region(analysis)
    if analysis.heatmap is not None:
        images[HEATMAP] = spread_heatmap(analysis.heatmap, analysis.region)
    parts = [
        ImageMessage(image[None], ijk_to_world_matrix=place, timestamp=wall_s, device_name=name).pack()
        for name, image in images.items()
    ]
    age_ms = 1e3 * (time.monotonic() - analysis.frame.captured_s)
    text = json.dumps(row(analysis, age_ms), allow_nan=False)
    parts.append(StringMessage(text, timestamp=wall_s, device_name=SCORE).pack())
    return b"".join(parts)


def masked_region(analysis: Analysis) -> NDArray[np.uint8]:
    """(h, w) the region's pixels, black outside its mask."""
    region = analysis.region
    pixels = analysis.frame.pixels[region.box.rows, region.box.columns]
    return np.ascontiguousarray(pixels if region.mask is None else np.where(region.mask, pixels, 0), np.uint8)


def spread_heatmap(heatmap: NDArray[np.float32], region: Region) -> NDArray[np.uint8]:
    """(h, w) local quality 0..100 at the size of the region; 0 outside its mask or where unknown."""
    heat = np.nan_to_num(heatmap, nan=0.0)
    size = (region.box.width, region.box.height)
    spread = np.clip(np.rint(cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR)), 0, 100)
    return np.ascontiguousarray(spread if region.mask is None else np.where(region.mask, spread, 0), np.uint8)
