"""The window, from Python."""

from __future__ import annotations

from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from scanmon.api.options import Options, Place, settings_of, text_of
from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.core.errors import SettingsError
from scanmon.runtime.monitor import Monitor
from scanmon.sources.arrays import open_array

_ARRAY = "array"


def show(
    source: NDArray[Any] | Place = "",
    *,
    rate_hz: float = 30.0,
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

    def opened(run: Run) -> Monitor:
        return open_monitor(run, array if run.source == _ARRAY else None)

    run_window(Run(_ARRAY, settings, live=False, seconds=seconds), opened)
