"""The recording that `scanmon demo` plays: a real cine loop with faults that come and go by a script.

The loop is the 30-frame cardiac cine that travels inside the pydicom package (examples_ybr_color.dcm). Each
fault is put on inside the sector, in four steps, so that a newcomer sees the score fall and recover.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SourceError
from scanmon.core.ports import Recording
from scanmon.core.values import Frame
from scanmon.degradations import SEVERITIES, degrade
from scanmon.picture.region.shapes import Sector, region_of
from scanmon.sources.recordings import TimedRecording

DEMO = "demo"  # the name of this recording wherever a SOURCE is asked for
_CLEAN_S = 3.0
_STEP_S = 1.0
_SEED = 2026


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of the demo: from `start_s` on, `family` at `severity` (None: as recorded)."""

    start_s: float
    title: str
    family: str | None = None
    severity: int = 0


_FAULTS = (
    ("gain_low", "gain too low"),
    ("haze", "haze from the near field"),
    ("lateral_blur", "out of focus"),
    ("shadow", "poor contact: a shadow"),
    ("electronic_noise", "electronic noise"),
)


def script() -> tuple[Scene, ...]:
    """The scenes in order; the last one is clean."""
    scenes, time_s = [Scene(0.0, "as recorded")], _CLEAN_S
    for family, title in _FAULTS:
        for severity in SEVERITIES:
            scenes.append(Scene(time_s, f"{title} {severity}/{SEVERITIES[-1]}", family, severity))
            time_s += _STEP_S
        scenes.append(Scene(time_s, "as recorded"))
        time_s += _CLEAN_S
    return tuple(scenes)


def cine_path() -> Path:
    """The real cine loop inside the installed pydicom package. Raises `SourceError` where it is not there."""
    package = find_spec("pydicom")  # not imported here: slow, and reading the file does it
    folders = (package.submodule_search_locations if package else None) or ["pydicom"]
    path = Path(folders[0]) / "data" / "test_files" / "examples_ybr_color.dcm"
    if not path.is_file():
        raise SourceError(
            "the demo's cine loop is not in the installed pydicom", path, "install pydicom again"
        )
    return path


SECTOR = Sector(171.6, 7.4, 22.1, 193.0, -41.4, 40.3)
"""Of the demo's cine, as the region finder sees it (tests/app/test_run.py)."""


class DemoCine(TimedRecording):
    """A `Recording`: `cine` over and over, with the faults of `script`."""

    def __init__(self, cine: Recording) -> None:
        self._loop = list(cine)
        cine.close()
        if not self._loop:
            raise SourceError("has no frames", cine.info.name)
        rate_hz = cine.info.rate_hz or 30.0
        self._scenes = script()
        count = round((self._scenes[-1].start_s + _CLEAN_S) * rate_hz)
        super().__init__(np.arange(count) / rate_hz, "demo")
        self.info = replace(
            cine.info,
            name="demo",
            frames=count,
            chapters=tuple((scene.start_s, scene.title) for scene in self._scenes),
        )
        # known, so that the first picture waits for no network, and a fault cannot move it
        height, width = self._loop[0].pixels.shape
        self._region = region_of(SECTOR, height, width, origin="declared")
        self._mask = self._region.inside(height, width)

    def _frames(self, index: int) -> Iterator[Frame]:
        """The same index always gives the same pixels."""
        for number in range(index, len(self._times_s)):
            time_s = float(self._times_s[number])
            recorded = self._loop[number % len(self._loop)]
            pixels = self._pixels(recorded, number, time_s)
            yield replace(recorded, index=number, time_s=time_s, pixels=pixels, declared=self._region)

    def close(self) -> None:
        """Nothing is held open."""

    def scene_at(self, time_s: float) -> Scene:
        return next(scene for scene in reversed(self._scenes) if scene.start_s <= time_s + 1e-9)

    def _pixels(self, recorded: Frame, number: int, time_s: float) -> NDArray[np.uint8]:
        scene = self.scene_at(time_s)
        if scene.family is None:
            return recorded.pixels
        # noise is new with every frame; what has a place stays there while the loop goes on
        moving = scene.family == "electronic_noise"
        rng = np.random.default_rng([_SEED, number if moving else 0])
        pixels = degrade(recorded.pixels, scene.family, scene.severity, rng, self._mask).image
        pixels.setflags(write=False)
        return pixels
