"""Looks for what a layout can break. As a program: prints the faults of each state of the window as JSON.

QT_SCALE_FACTOR=2 LANGUAGE=de python -m tests.ui.layout 1024 768
"""

import json
import os
import sys
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLabel, QWidget

from scanmon.core.errors import SourceError
from scanmon.core.values import Box, Reason
from scanmon.picture.region import Rectangle
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.app import application
from scanmon.ui.compare import ComparePage
from scanmon.ui.engines.engine_controller import EnginePage
from scanmon.ui.main_window import MonitorWindow
from scanmon.ui.monitor.meter import MIN_NUMBER_PX, QualityMeter
from scanmon.ui.setup.setup_page import SetupPage
from scanmon.ui.setup.source_list import choices
from scanmon.ui.state.view_state import ViewOptions, view_state
from scanmon.ui.theme import DARK
from tests.doubles.painted import pixels_of
from tests.doubles.states import analysis, live, picture, replaying


def faults(window: MonitorWindow) -> list[str]:
    """What cannot be read, or lies where the picture is."""
    for _ in range(3):  # a text that wraps asks for its height only when it knows its width
        QApplication.processEvents()
    found = []
    page = window.pages.currentWidget()
    picture_place = _place(window.page.video, window) if window.page.video.isVisible() else QRect()
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.isWindow():
            continue
        name = f"{type(widget).__name__} {_text(widget)!r}"
        place = _place(widget, window)
        if isinstance(widget, QLabel | QAbstractButton) and _text(widget):
            if _clipped(widget):
                found.append(f"{name} is clipped in {widget.width()}x{widget.height()}")
            if not window.rect().contains(place):
                found.append(f"{name} reaches out of the window")
        if isinstance(widget, QualityMeter):
            found += _meter_faults(widget)
        video = window.page.video
        strange = widget is not video and not (widget.isAncestorOf(video) or video.isAncestorOf(widget))
        if page is window.page and strange and place.intersects(picture_place):
            found.append(f"{name} lies on the picture")
    return found


def _place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""


def _clipped(widget: QLabel | QAbstractButton) -> bool:
    if isinstance(widget, QLabel):
        if widget.wordWrap():
            return widget.heightForWidth(widget.width()) > widget.height() + 1
        return widget.sizeHint().width() > widget.width() + 1
    if isinstance(widget, QCheckBox):
        return widget.sizeHint().width() > widget.width() + 1
    return widget.fontMetrics().horizontalAdvance(widget.text().replace("&", "")) > widget.width()


def _meter_faults(meter: QualityMeter) -> list[str]:
    """The number has its height, and no ink touches the edges of the panel."""
    found = []
    font = meter._fitting_font(meter._state.number, meter.number_px)
    if font.pixelSize() < MIN_NUMBER_PX:
        found.append(f"the number is {font.pixelSize()} px high")
    ink = pixels_of(meter)
    panel = np.array([int(DARK.panel[at : at + 2], 16) for at in (1, 3, 5)])
    for side, edge in (("bottom", ink[-1]), ("left", ink[:, 0]), ("right", ink[:, -1])):
        if (np.abs(edge.astype(int) - panel) > 8).any():
            found.append(f"the meter is cut off at its {side}")
    return found


def states() -> dict[str, Snapshot]:
    """Short words and long ones."""
    frame = picture(30)
    lost = SourceError("the stream gives no picture", "rtsp://scanner.example/stream", "check the cable")
    one = analysis(frame)
    both = replace(one, readings=(one.reading, replace(one.reading, metric="nrq")))
    return {
        "live": live(analysis=both),
        "replay": replaying(),
        "no signal": live(analysis=analysis(frame, reason=Reason.NO_SIGNAL)),
        "not B-mode": live(analysis=analysis(frame, reason=Reason.NOT_B_MODE)),
        "reconnecting": live(state="reconnecting", trouble="the stream ended"),
        "engine failed": live(scoring="failed", analysis=None, error=lost),
        "source failed": Snapshot(state="failed", error=lost),
        "no source": Snapshot(state="idle"),
    }


def look_at_all(width: int, height: int) -> dict[str, list[str]]:
    """Faults of each state and page; those without any are left out."""
    window = MonitorWindow()
    window.resize(width, height)
    window.show()
    window.page.trace.build()
    found = {}
    for name, snapshot in states().items():
        window.show_state(view_state(snapshot, window.options))
        found[name] = faults(window)
    setup, engines, compare = SetupPage(), EnginePage(), ComparePage()
    setup.sources.show_choices(choices(["/home/someone/cine/liver.mp4"], [], []))
    setup.show_snapshot("demo", live())
    setup.show_region("box", Rectangle(Box(100, 50, 300, 300)))
    compare.show_snapshots((replaying(), replaying()), ViewOptions())
    for name, page in (("set-up", setup), ("engines", engines), ("compare", compare)):
        window.show_page(page)
        found[name] = faults(window)
    if (window.width(), window.height()) != (width, height):
        found["size"] = [f"the window is {window.width()}x{window.height()}"]
    window.close()
    return {name: one for name, one in found.items() if one}


def main() -> None:
    """Sizes in logical pixels."""
    app = application()
    found = look_at_all(int(sys.argv[1]), int(sys.argv[2]))
    ratio = app.primaryScreen().devicePixelRatio()
    sys.stdout.write(json.dumps({"ratio": ratio, "faults": found}) + "\n")
    sys.stdout.flush()
    os._exit(0)  # nothing to save, and no window is left to be closed


if __name__ == "__main__":
    main()
