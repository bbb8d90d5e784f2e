"""Starts the window, or paints it into a file on a machine without a display, at its worst moment."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QSettings, QTimer, QTranslator
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from scanmon.app.opening import open_monitor
from scanmon.app.run import Run
from scanmon.core.errors import SettingsError, SinkError
from scanmon.core.ports import Recording
from scanmon.core.program import has_display
from scanmon.core.values import Analysis
from scanmon.runtime.snapshot import Counts, PlaybackState, Snapshot
from scanmon.runtime.trace import RecordingTrace
from scanmon.scoring.best import Best, BestFrames
from scanmon.scoring.hints import hint_of
from scanmon.session.recorder import Recorder
from scanmon.ui.garbage import collected_here
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor_factory import OpenRun
from scanmon.ui.setup.remembered import Recent
from scanmon.ui.state.places import config_folder
from scanmon.ui.state.view_state import view_state

ORGANISATION, APPLICATION = "scanmon", "scanmon"


def application(*, offscreen: bool = False) -> QApplication:
    """The one QApplication of this process, with names set; offscreen where there is no display.

    `offscreen`: for pictures alone, so that no display is asked for.
    """
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    if not has_display() or (offscreen and sys.platform == "linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication(["scanmon"])
    app.setOrganizationName(ORGANISATION)
    app.setApplicationName(APPLICATION)
    app.setDesktopFileName("scanmon")
    app.setStyle("Fusion")
    app.setWindowIcon(_icon())
    install_translation(app)
    return app


def _icon() -> QIcon:
    with as_file(files("scanmon.ui") / "resources" / "scanmon.svg") as path:
        pixmap = QPixmap(str(path))  # read now: the file may be gone when an installed archive is closed
    return QIcon(pixmap)


def run_window(
    run: Run,
    open_monitor: OpenRun = open_monitor,
    closed: Callable[[Recorder | None], None] = lambda recorder: None,
) -> None:
    """Show the window until it is closed, or `run.seconds` are over; without a source its set-up page first.

    `open_monitor` is called on a thread of its own. `closed` gets the recorder that `run` asked for, closed.
    Raises what a recording or an output said when it was closed; who closed the window reads it there first.
    """
    if not has_display() and "QT_QPA_PLATFORM" not in os.environ:
        raise SettingsError("there is no display for a window", remedy="use --headless, or set DISPLAY")
    app = application()
    from scanmon.ui.assembly import assemble  # noqa: PLC0415 - after the application: it may show a splash
    from scanmon.ui.end_requests import (  # noqa: PLC0415 - as above
        closed_by_signals,
        closed_with_the_display,
        error_line,
        leave,
        show_failures,
        signals_kept,
    )

    if run.last:
        run = replace(run, source=Recent(config_folder() / "recent.toml").last)
    window = MonitorWindow()
    stored = QSettings()
    window.restore_geometry(stored)
    controller, setting_up, _, factory = assemble(window, run, open_monitor)
    window.closing.connect(partial(window.save_geometry, stored))
    # once: Qt's own request for the last window may come when `exec` is over, and no loop would turn again
    app.setQuitOnLastWindowClosed(False)
    window.closing.connect(app.quit)
    by_itself: list[bool] = []  # nobody sits there to read anything

    def close() -> None:
        by_itself.append(True)
        window.close()

    if run.seconds is not None:
        QTimer.singleShot(round(run.seconds * 1000), close)
    errors: list[Exception] = []
    with signals_kept(), closed_with_the_display(controller), collected_here():
        try:
            with closed_by_signals(close):  # the timer of the window lets Python see a signal
                window.show()
                if run.preset is not None:
                    setting_up.open_page()
                    setting_up.use_preset(run.preset)
                elif run.source:
                    controller.open(run.source)
                else:
                    setting_up.open_page()
                app.exec()
        finally:
            errors += leave(controller)
    closed(factory.recorder_of_run)
    if errors and not by_itself:
        show_failures(errors)
    if errors:
        first, *others = errors
        sys.stderr.write("".join(f"{error_line(error)}\n" for error in others))
        raise first


def render_png(
    snapshot: Snapshot, path: Path, *, size: tuple[int, int] = (1280, 800), best: tuple[Best, ...] = ()
) -> None:
    """Paint the window as it would show `snapshot` into a PNG file. Raises `SinkError`."""
    app = application()
    window = MonitorWindow()
    window.resize(*size)
    window.page.trace.build()
    window.show()
    app.processEvents()  # laid out before it is painted: a curve is thinned for the width that it has
    hint = hint_of(snapshot.analysis) if snapshot.analysis is not None else None
    window.show_state(view_state(snapshot, window.options, hint=hint))
    window.page.side.filmstrip.show_best(best)
    app.processEvents()
    saved = window.grab().save(str(path), "PNG")
    window.hide()
    window.deleteLater()
    app.processEvents()
    if not saved:
        raise SinkError("picture of the window cannot be written", path, "choose another folder")


def install_translation(app: QCoreApplication, locale: QLocale | None = None) -> list[QTranslator]:
    """Load scanmon's own texts and Qt's for `locale` (None: the system's); English needs none.

    Returns what was installed; the application owns it.
    """
    chosen = locale or QLocale.system()
    installed = []
    with as_file(files("scanmon.ui") / "translations") as folder:
        for name, place in (
            ("scanmon", str(folder)),
            ("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        ):
            translator = QTranslator(app)
            if translator.load(chosen, name, "_", place):
                app.installTranslator(translator)
                installed.append(translator)
    return installed


def portrait(analyses: Sequence[Analysis], recording: Recording, path: Path) -> None:
    """Paint the window at its worst frame, with the best ones, into a PNG file. Raises `SinkError`."""
    best = BestFrames(still=recording.info.rate_hz is None)
    for analysis in analyses:
        best.offer(analysis)
    render_png(worst_moment(analyses, recording), path, best=best.kept)


def worst_moment(analyses: Sequence[Analysis], recording: Recording) -> Snapshot:
    """The recording paused at its lowest quality; at its first frame where nothing was scored."""
    trace = RecordingTrace(recording.times_s)
    for analysis in analyses:
        trace.add(analysis)
    scored = [analysis for analysis in analyses if analysis.reading.scored]
    worst = min(scored or analyses, key=_own_quality)
    times_s = recording.times_s
    return Snapshot(
        state="running",
        scoring="ready",
        info=recording.info,
        frame=worst.frame,
        analysis=worst,
        trace=trace.view(),
        counts=Counts(captured=len(analyses), shown=1, scored=len(scored)),
        provenance=worst.provenance,
        playback=PlaybackState(
            index=worst.frame.index,
            frames=len(times_s),
            time_s=worst.frame.time_s,
            duration_s=float(times_s[-1]),
            playing=False,
            speed=1.0,
        ),
        now_s=time.monotonic(),
    )


def _own_quality(analysis: Analysis) -> float:
    """Of the frame alone: the smoothed quality is lowest some frames later, maybe on a clean picture."""
    reading = analysis.reading
    if reading.quality is not None:
        return reading.quality
    return reading.score if reading.score is not None else 0.0
