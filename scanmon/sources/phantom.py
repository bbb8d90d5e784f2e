"""`phantom:` as a source: a recording of a number of frames, or live at its own rate."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import get_args

from scanmon.core.errors import SourceError
from scanmon.core.ports import SourceInfo
from scanmon.core.values import Frame, GrayImage, Region
from scanmon.sources.gray import Picture, gray_picture
from scanmon.sources.phantom_scan import Phantom
from scanmon.sources.phantom_tissue import PROBES, Geometry
from scanmon.sources.recordings import IndexedRecording, steady_times

_FORM = "use phantom:seed=0,geometry=sector|linear,size=640x480,rate=30,frames=300,gain=0, each part optional"
_MAX_SIDE = 4096
_MAX_GAIN_DB = 60.0


class PhantomSettings:
    """The parts of `phantom:SEED` or `phantom:seed=0,geometry=linear,...`; `SourceError` otherwise."""

    def __init__(self, uri: str) -> None:
        text = uri.partition(":")[2].strip("/")
        known = {"seed": "0", "geometry": "sector", "size": "640x480", "rate": "30", "frames": "300"}
        known["gain"] = "0"  # dB: too little or too much of it, and the score falls
        for part in filter(None, text.split(",")):
            name, given, value = part.partition("=")
            if not given:
                name, value = "seed", part
            if name not in known:
                raise SourceError(f"the phantom has no {name!r}", uri, _FORM)
            known[name] = value
        try:
            self.seed, self.frames = int(known["seed"]), int(known["frames"])
            self.rate_hz, self.gain_db = float(known["rate"]), float(known["gain"])
            self.width, self.height = (int(side) for side in known["size"].split("x"))
        except ValueError:
            raise SourceError("a number of the phantom is none", uri, _FORM) from None
        self.geometry: Geometry = next(
            (kind for kind in get_args(Geometry) if kind == known["geometry"]), "sector"
        )
        if (
            known["geometry"] not in PROBES
            or not 64 <= min(self.width, self.height) <= max(self.width, self.height) <= _MAX_SIDE
            or not 0.1 <= self.rate_hz <= 1000
            or not 1 <= self.frames <= 10**6
            or self.seed < 0
            or not abs(self.gain_db) <= _MAX_GAIN_DB
        ):
            raise SourceError("a setting of the phantom is out of range", uri, _FORM)

    def phantom(self) -> Phantom:
        return Phantom(self.seed, self.geometry, self.width, self.height, self.rate_hz, self.gain_db)

    def info(self, frames: int | None) -> SourceInfo:
        details = f"simulated {self.geometry} B-mode, seed {self.seed}"
        return SourceInfo("phantom", self.width, self.height, self.rate_hz, frames, details)


def open_phantom(uri: str = "phantom:") -> IndexedRecording:
    settings = PhantomSettings(uri)
    phantom = settings.phantom()

    def pictures_from(index: int) -> Iterator[Picture]:
        return (gray_picture(phantom.image(at)) for at in range(index, settings.frames))

    times_s = steady_times(settings.frames, settings.rate_hz)
    return IndexedRecording(settings.info(settings.frames), times_s, pictures_from, phantom.region)


class PacedLive:
    """A `LiveSource` of pictures (H, W) made by their number, each when it is due; late ones are left out.

    Nothing interrupts it.
    """

    gaps = 0
    trouble: str | None = None

    def __init__(
        self, info: SourceInfo, picture: Callable[[int], GrayImage], region: Region | None = None
    ) -> None:
        assert info.rate_hz is not None
        self._made, self._rate_hz = info, info.rate_hz
        self._picture = picture
        self._region = region
        self._closed = threading.Event()  # `close` comes from another thread, and ends the waiting
        self._started = False

    @property
    def state(self) -> str:
        if self._closed.is_set():
            return "ended"
        return "live" if self._started else "connecting"

    @property
    def info(self) -> SourceInfo | None:
        return self._made if self._started else None

    def __iter__(self) -> Iterator[Frame]:
        start_s, index = time.monotonic(), 0
        while not self._closed.wait(max(0.0, start_s + index / self._rate_hz - time.monotonic())):
            gray = gray_picture(self._picture(index)).gray
            self._started = True
            yield Frame(gray, index, index / self._rate_hz, time.monotonic(), None, self._region)
            index = max(index + 1, int((time.monotonic() - start_s) * self._rate_hz))

    def close(self) -> None:
        self._closed.set()


class PhantomLive(PacedLive):
    """Endless simulated B-mode."""

    def __init__(self, uri: str = "phantom:") -> None:
        settings = PhantomSettings(uri)
        phantom = settings.phantom()
        super().__init__(settings.info(None), phantom.image, phantom.region)
