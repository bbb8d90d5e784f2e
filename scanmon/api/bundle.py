"""An engine bundle, open: pictures and cine loops in, readings out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from types import TracebackType
from typing import Any, Self, Unpack

import numpy as np
from numpy.typing import NDArray

from scanmon.api.options import BundleOptions, Options, Place, settings_of, text_of
from scanmon.api.reading import Reading, reading_of
from scanmon.app.analyzers import is_still
from scanmon.app.archive import Analyzers
from scanmon.core.errors import SettingsError
from scanmon.core.ports import Recording
from scanmon.scoring.analyzer import Analyzer
from scanmon.sources.arrays import open_array
from scanmon.sources.opening import open_recording

RATE_HZ = 30.0


def open_bundle(bundle: Place = "default", **options: Unpack[BundleOptions]) -> OpenBundle:
    """Load a bundle by its folder; `default` is the one that comes with scanmon. Takes about a second.

    `options` are those of the commands. Raises `ScanmonError`.
    """
    return OpenBundle(Analyzers(*settings_of(Options(**options, bundle=bundle))))


class OpenBundle:
    """Made by `open_bundle`. For one thread at a time; close it, or use it in a `with` statement."""

    def __init__(self, analyzers: Analyzers) -> None:
        self._analyzers = analyzers
        self._closed = False
        self._cine: object = None  # the loop that is being scored

    def score(self, picture: NDArray[Any] | Place) -> Reading:
        """One picture: a file, or an array (H, W) gray or (H, W, 3) red, green, blue; 8 or 16 bit or float.

        Raises `ScanmonError` for what cannot be read, and for a cine loop.
        """
        with closing(_opened(picture, None)) as recording:
            count = len(recording.times_s)
            if count != 1:
                raise SettingsError(f"holds {count} frames", recording.info.name, "use score_cine")
            frame = next(iter(recording))
        return reading_of(self._analyzer(still=True).analyze(frame))

    def score_cine(self, cine: NDArray[Any] | Place, *, rate_hz: float = RATE_HZ) -> Iterator[Reading]:
        """Each frame in turn, when it is asked for: a file, a folder, a session, or an array (T, H, W).

        `rate_hz` is that of an array; a file has its own. Quality is smoothed over time as in the window, but
        for a folder of pictures. One loop at a time: another call ends this one with `SettingsError`.
        """
        recording = _opened(cine, rate_hz)
        return self._readings(recording)

    def close(self) -> None:
        """Let go of the engines. More calls do nothing."""
        self._closed = True
        self._analyzers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _analyzer(self, *, still: bool) -> Analyzer:
        if self._closed:
            raise SettingsError("this bundle is closed", remedy="open it again")
        return self._analyzers.get(still=still)

    def _readings(self, recording: Recording) -> Iterator[Reading]:
        with closing(recording):
            mine = self._cine = object()
            analyzer = self._analyzer(still=is_still(recording))
            for frame in recording:
                if self._cine is not mine:
                    name = recording.info.name
                    raise SettingsError("another loop was begun", name, "finish one, or open two bundles")
                yield reading_of(analyzer.analyze(frame))


def _opened(material: NDArray[Any] | Place, rate_hz: float | None) -> Recording:
    if isinstance(material, np.ndarray):
        return open_array(material, rate_hz=rate_hz)
    return open_recording(text_of(material))
