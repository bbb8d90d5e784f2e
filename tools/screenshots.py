"""Pictures of every state of the window, from real states: `docs/img/*.png`.

    python tools/screenshots.py [--bundle DIR] [--out docs/img] [--only NAME]

Needs no display (offscreen) and no data beyond what is installed: the demo's cine loop and the phantom.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication, QWidget

from scanmon.app.demo import DEMO
from scanmon.app.run import Run
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.examination.protocol import samples
from scanmon.runtime.playback import Playback
from scanmon.ui.app import application
from scanmon.ui.assembly import assemble
from scanmon.ui.beside.beside_controller import BesideController
from scanmon.ui.beside.beside_dialog import BesideDialog
from scanmon.ui.commands import HelpDialog
from scanmon.ui.controller import Controller
from scanmon.ui.main_window import MonitorWindow

PHANTOM = "phantom:"
TIMEOUT_S = 600.0


class DrivenWindow:
    """A window with everything behind it, driven from here."""

    def __init__(self, settings: Settings, size: tuple[int, int]) -> None:
        self.window = MonitorWindow()
        made = assemble(self.window, Run(settings=settings))
        self.controller, self.setting_up, self.examining = made.controller, made.setting_up, made.examining
        self.window.resize(*size)
        self.window.show()

    def wait(self, condition: Callable[[], bool], seconds: float = TIMEOUT_S) -> None:
        end_s = time.monotonic() + seconds
        while not condition():
            QApplication.processEvents()
            if time.monotonic() > end_s:
                raise TimeoutError("the state to be shown did not come")

    def live(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() >= end_s, seconds + 1)

    def scored(self, index: int) -> bool:
        frame, analysis = self.controller.snapshot.frame, self.controller.snapshot.analysis
        return frame is not None and analysis is not None and frame.index == analysis.frame.index == index

    def close(self) -> None:
        self.controller.shut_down()
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()


@contextmanager
def driven_window(settings: Settings, size: tuple[int, int] = (1280, 800)) -> Iterator[DrivenWindow]:
    opened = DrivenWindow(settings, size)
    try:
        yield opened
    finally:
        opened.close()


def scored_demo(shown: DrivenWindow) -> Playback:
    """The demo, paused, and scored from its first frame to its last, whatever else this machine does."""
    controller = shown.controller
    controller.open(DEMO)
    shown.wait(lambda: controller.monitor is not None and controller.snapshot.analysis is not None)
    assert controller.monitor is not None and controller.monitor.playback is not None
    controller.monitor.playback.pause()
    shown.wait(lambda: controller.snapshot.share_scored == 1.0)
    return controller.monitor.playback


def played(shown: DrivenWindow) -> Controller:
    """The demo, played through and scored whole, and paused at a fault with a place and a word."""
    controller, playback = shown.controller, scored_demo(shown)
    playback.set_speed(4.0)
    playback.play()  # the best frames are those that were shown
    shown.wait(lambda: controller.snapshot.playback is not None and controller.snapshot.playback.ended)
    playback.set_speed(1.0)
    starts_s = [start_s for start_s, title in playback.info.chapters if "haze" in title]
    index = int(np.searchsorted(playback.recording.times_s, starts_s[-2] + 0.7))
    playback.seek(index)
    shown.wait(partial(shown.scored, index))
    shown.live(0.6)
    return controller


def demo(settings: Settings, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    with driven_window(settings, size) as shown:
        played(shown)
        yield "demo", shown.window
        shown.window.run("overlays")
        shown.live(0.2)
        yield "demo_no_overlays", shown.window
        shown.window.run("overlays")
        for name in ("quiet", "light"):  # switched back: the choice of colours is kept for the next run
            for checked in (True, False):
                shown.window.actions_by_name[name].setChecked(checked)
                shown.window.run(name)
                if checked:
                    shown.live(0.2)
                    yield name, shown.window


def narrow(settings: Settings, _: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    with driven_window(settings, (1024, 768)) as shown:
        played(shown)
        yield "demo_1024x768", shown.window


def live(settings: Settings, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    with driven_window(settings, size) as shown:
        shown.controller.open(PHANTOM)
        shown.wait(lambda: shown.controller.snapshot.analysis is not None)
        shown.live(6.0)
        yield "live", shown.window


def pages(settings: Settings, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    with driven_window(settings, size) as shown:
        shown.setting_up.open_page()
        shown.setting_up.page.source_requested.emit(PHANTOM)
        shown.wait(lambda: shown.controller.snapshot.analysis is not None)
        shown.setting_up.page.region.kind_chosen.emit("sector")
        shown.live(1.5)
        shown.setting_up.page.editor.setFocus()
        yield "setup", shown.window
        shown.window.run("engines")
        shown.live(2.0)
        yield "engines", shown.window
        dialog = HelpDialog(shown.window)
        dialog.resize(900, 680)  # the screen that is not there is smaller than that
        dialog.show()
        shown.live(0.2)
        yield "keys", dialog
        dialog.close()


def says_what_to_do(standing: BesideController) -> bool:
    panel = standing.panel
    return panel is not None and panel.meter._state.verdict is not None and bool(panel.told.text())


def beside(settings: Settings, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    with driven_window(settings, size) as shown:
        shown.controller.open(DEMO)
        shown.wait(lambda: shown.controller.snapshot.analysis is not None)
        standing = shown.window.findChild(BesideController)
        assert standing is not None
        shown.controller.seek_time(9.0)  # as recorded
        shown.live(2.0)
        shown.window.run("compact")
        shown.wait(lambda: says_what_to_do(standing))
        assert standing.panel is not None
        yield "compact", standing.panel
        shown.window.run("compact")
        shown.window.run("beside")
        shown.live(0.3)
        dialog = shown.window.findChild(BesideDialog)
        assert dialog is not None
        dialog._bind("record", "F13")
        yield "foot_switch", dialog
        dialog.close()


def states(settings: Settings, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    """What a person meets when something is missing."""
    with driven_window(settings, size) as shown:
        shown.live(0.3)
        yield "no_source", shown.window
        shown.controller.open("no/such/file.mp4")
        shown.wait(lambda: shown.controller.snapshot.state == "failed")
        shown.live(0.2)
        yield "source_failed", shown.window
    broken = Settings(ScoringSettings(bundle="no/such/bundle"))
    with driven_window(broken, size) as shown:
        shown.controller.open(DEMO)
        shown.wait(
            lambda: (
                shown.controller.snapshot.scoring == "failed" and shown.controller.snapshot.frame is not None
            )
        )
        shown.live(2.0)  # until the plot is there
        yield "engine_failed", shown.window


def examination(settings: Settings, size: tuple[int, int]) -> Iterator[tuple[str, QWidget]]:
    """An examination of the demo: its checklist, and the page at the end."""
    with driven_window(settings, size) as shown:
        shown.controller.open(DEMO)
        shown.wait(lambda: shown.controller.snapshot.analysis is not None)
        heart = next(one for one in samples() if "Heart" in one.title)
        shown.examining.begin(heart, "room 3")
        for view in range(2):
            shown.examining.choose(view)
            shown.wait(partial(_is_saved, shown, view))
        shown.controller.command("freeze")
        shown.live(0.5)
        yield "examination", shown.window
        shown.controller.command("freeze")
        shown.examining.choose(2)
        shown.live(3.0)
        shown.examining.end()
        shown.wait(lambda: shown.window.pages.currentWidget() is shown.examining.page)
        shown.live(0.3)
        yield "examination_page", shown.examining.page.picture


def _is_saved(shown: DrivenWindow, view: int) -> bool:
    now = shown.examining.now
    return now is not None and now.views[view].state == "saved"


SERIES = {
    "demo": demo,
    "narrow": narrow,
    "live": live,
    "pages": pages,
    "beside": beside,
    "states": states,
    "examination": examination,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", default="default")
    parser.add_argument("--out", type=Path, default=Path("docs/img"))
    parser.add_argument("--only", choices=sorted(SERIES))
    parser.add_argument("--size", default="1280x800", help="of the window, WIDTHxHEIGHT")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):  # the user's own presets stay out of the pictures
            os.environ[name] = home
        app = application()
        args.out.mkdir(parents=True, exist_ok=True)
        width, height = (int(number) for number in args.size.split("x"))
        settings = Settings(ScoringSettings(bundle=args.bundle))
        for name in [args.only] if args.only else SERIES:
            for shot, widget in SERIES[name](settings, (width, height)):
                path = args.out / f"{shot}.png"
                widget.grab().save(str(path), "PNG")
                print(path)
        app.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main())
