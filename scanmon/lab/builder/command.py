"""`scanmon build`, put together: a checkpoint becomes a bundle; a site's accepted pictures give its scale."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import SourceError
from scanmon.core.ports import Engine
from scanmon.core.values import GrayImage
from scanmon.inference.onnx import OnnxEngine
from scanmon.lab.builder.build import Request, build
from scanmon.lab.calibrate.command import CalibrateStudy, calibrate_site
from scanmon.lab.calibrate.thresholds import FEWEST
from scanmon.scoring.bundle import Bundle
from scanmon.scoring.bundle_folder import check_free, not_written
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording

_SAY_EVERY_S = 2.0
_FRAMES_PER_CINE = 8
_COMPARED_ON = 6  # own pictures, evenly spread, each with three faults; PyTorch takes seconds for each

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The first picture of every file, to prove the engines on, and how many there are to calibrate by."""

    pictures: tuple[GrayImage, ...]
    views: int


def build_for_site(request: Request, images: Sequence[Path], say: Say) -> Bundle:
    """Build, prove on the phantoms and on `images`, calibrate by them where there are 20; all or nothing.

    `images` are files and folders of accepted pictures and cine loops. Raises `ScanmonError`.
    """
    check_free(request.out)
    own = _read(images, say)
    request = replace(
        request,
        images=_spread(own.pictures),
        report=request.report or request.out.with_name(request.out.name + ".report.json"),
    )
    if request.organs is None or own.views < FEWEST:
        if images:
            reason = "there are no organ models" if request.organs is None else f"that takes {FEWEST} or more"
            say(f"{own.views} own pictures: compared on, but not calibrated by, since {reason}")
        return build(request, _open_engine, say)
    try:
        request.out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=request.out.parent, prefix=f".{request.out.name}.") as scratch:
            plain = build(
                replace(request, out=Path(scratch) / request.out.name, name=request.name or request.out.name),
                _open_engine,
                say,
            )
            settings = Settings(ScoringSettings(bundle=str(plain.folder), backend="onnxruntime"))
            study = CalibrateStudy(tuple(images), request.out, frames_per_cine=_FRAMES_PER_CINE)
            return calibrate_site(settings, study, _Counted(say)).bundle
    except OSError as error:
        raise not_written(request.out, error) from error


class _Counted:
    """What is counted, as lines that do not come too often."""

    def __init__(self, say: Say) -> None:
        self._say, self._said_s = say, monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        if done == 0 or monotonic() - self._said_s >= _SAY_EVERY_S:
            self._said_s = monotonic()
            self._say(f"calibrating, {what}: {done} of {total}")


def _spread(pictures: Sequence[GrayImage]) -> tuple[GrayImage, ...]:
    count = min(len(pictures), _COMPARED_ON)
    return tuple(pictures[part * len(pictures) // count] for part in range(count))


def _open_engine(network: bytes, precision: str) -> Engine:
    return OnnxEngine(network, precision)


def _read(paths: Sequence[Path], say: Say) -> _Pictures:
    """A damaged file among others is passed over, visibly; none that can be read is a `SourceError`."""
    pictures: list[GrayImage] = []
    views = 0
    for path in paths:
        for file in material_in(path):
            try:
                with closing(open_recording(str(file))) as recording:
                    pictures += [frame.pixels for frame, _ in zip(recording, range(1), strict=False)]
                    views += min(_FRAMES_PER_CINE, len(recording.times_s))
            except SourceError as error:
                say(f"passed over: {error}")
    if paths and not pictures:
        raise SourceError("none of the pictures can be read", "--images", "give others")
    return _Pictures(tuple(pictures), views)
