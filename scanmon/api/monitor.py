"""Any source, watched: in the background, or in the window."""

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Self, Unpack

import numpy as np
from numpy.typing import NDArray

from scanmon.api.scoring import RATE_HZ, Options, Place, Reading, reading_of, settings_of, text_of
from scanmon.app.opening import open_monitor
from scanmon.app.run import Own, Publish, Record, Run
from scanmon.core.errors import SettingsError
from scanmon.core.values import Analysis, Frame
from scanmon.sources.arrays import OwnSource, open_array

OnReading = Callable[[Reading], object]
_LOOPBACK = "127.0.0.1"
_ARRAY = "array"


class Monitor:
    """Scores a source on threads of its own, from `start` to the end of the source or to `stop`.

    `source` is a path or URI as the commands take it, or anything that gives pictures when it is iterated:
    uint8 arrays (H, W) or (H, W, 3), or `Frame`. Of a live source the newest frame is scored, of a recording
    every one. `on_reading` is called for each reading, in order, on the thread that scores; it should return
    at once. What it raises ends the calls, not the monitor, and is raised by `wait`.

    `record` is a folder in which a session is recorded; `igtl_port` and `metrics_port` serve OpenIGTLink and
    Prometheus on this machine alone. `options` are those of the commands. The engines are loaded here: raises
    `ScanmonError`. A monitor runs once.
    """

    def __init__(
        self,
        source: Place | Iterable[Frame | NDArray[Any]],
        on_reading: OnReading | None = None,
        *,
        record: Place | None = None,
        igtl_port: int | None = None,
        metrics_port: int | None = None,
        **options: Unpack[Options],
    ) -> None:
        settings, own = settings_of(options)
        name, live = _named(source)
        run = Run(
            name,
            settings,
            headless=True,
            live=None if live is None else True,
            own=Own(live, metric=own),
            record=None if record is None else Record(Path(record)),
            publish=Publish(
                igtl=None if igtl_port is None else (_LOOPBACK, igtl_port),
                metrics=None if metrics_port is None else (_LOOPBACK, metrics_port),
            ),
        )
        self._monitor = open_monitor(run, _Calls(on_reading))

    def start(self) -> Self:
        """Begin."""
        self._monitor.start()
        return self

    def stop(self) -> None:
        """End, and close source, recording and engines. More calls do nothing."""
        self._monitor.stop()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until the source ends or the time is over: whether it ended.

        Raises what ended the source, the scores, a recording or `on_reading`.
        """
        ended = self._monitor.join(timeout_s)
        snapshot = self._monitor.snapshot()
        error = snapshot.error or snapshot.sink_error
        if error is not None:
            raise error
        return ended

    @property
    def state(self) -> str:
        """`idle`, `connecting`, `running`, `reconnecting`, `finished` or `failed`."""
        return self._monitor.snapshot().state

    @property
    def latest(self) -> Reading | None:
        """The newest reading; None before the first one."""
        analysis = self._monitor.snapshot().analysis
        return None if analysis is None else reading_of(analysis)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Calls:
    """A `Sink` that hands readings to the caller's function."""

    def __init__(self, on_reading: OnReading | None) -> None:
        self._on_reading = on_reading

    def write(self, analysis: Analysis) -> None:
        if self._on_reading is not None:
            self._on_reading(reading_of(analysis))

    def close(self) -> None:
        """Nothing is held."""


def _named(source: object) -> tuple[str, OwnSource | None]:
    if isinstance(source, str | os.PathLike):
        return text_of(source), None
    if isinstance(source, Iterable):
        name = f"python:{type(source).__name__}"
        return name, OwnSource(source, name)
    raise SettingsError(f"{type(source).__name__} is no source", remedy="give a path, a URI or an iterable")


def show(
    source: NDArray[Any] | Place = "",
    *,
    rate_hz: float = RATE_HZ,
    seconds: float | None = None,
    **options: Unpack[Options],
) -> None:
    """The window on a source, a recording, or an array (H, W) or (T, H, W), until it is closed.

    Without a source it begins with its set-up page. `seconds` closes it by itself. Call it on the main
    thread. Raises `ScanmonError`; a source that fails later says so in the window.
    """
    from scanmon.ui.app import run_window  # noqa: PLC0415 - Qt is loaded by who asks for a window

    settings, own = settings_of(options)
    if own is not None:
        raise SettingsError("the window shows the metrics of bundles", own.name, "use Monitor")
    if not isinstance(source, np.ndarray):
        run_window(Run(text_of(source), settings, seconds=seconds))
        return
    array = partial(open_array, source, rate_hz=rate_hz)
    array().close()  # what is wrong with it is raised here, and not shown in a window
    run_window(Run(_ARRAY, settings, live=False, own=Own(recording=array), seconds=seconds))
