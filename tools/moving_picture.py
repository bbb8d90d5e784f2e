"""The moving picture of the README, from the real window: `python -m tools.moving_picture [--bundle DIR]`.

Scores the whole demo without a display, goes through it and takes a picture of the window at each step. Needs
Pillow, which comes with matplotlib (extra `evaluate`).
"""

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from scanmon.app.settings import ScoringSettings, Settings
from scanmon.ui.app import application
from tools.screenshots import driven_window, scored_demo

OUT = Path(__file__).resolve().parents[1] / "docs" / "img" / "demo.webp"
STEP_S = 0.75  # of the demo, between two pictures
SHOWN_MS = 300  # each
SIZE = (1120, 700)  # of the window
SHRUNK = (800, 500)


def picture_of(window: QWidget) -> Image.Image:
    grabbed = window.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    size = (grabbed.width(), grabbed.height())
    return Image.frombytes("RGBA", size, bytes(grabbed.constBits())).convert("RGB").resize(SHRUNK, 1)


def taken(settings: Settings) -> list[Image.Image]:
    """Pictures of the demo from its beginning to its end."""
    pictures: list[Image.Image] = []
    with driven_window(settings, SIZE) as shown:
        playback = scored_demo(shown)
        for time_s in np.arange(0.0, playback.recording.times_s[-1], STEP_S):
            index = int(np.searchsorted(playback.recording.times_s, time_s))
            playback.seek(index)
            shown.wait(partial(shown.scored, index))
            shown.live(0.1)
            pictures.append(picture_of(shown.window))
    return pictures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", default="default", metavar="DIR")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:  # the user's own regions and window size stay out of it
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.environ[name] = home
        application()
        first, *others = taken(Settings(scoring=ScoringSettings(bundle=args.bundle)))
    first.save(args.out, save_all=True, append_images=others, duration=SHOWN_MS, loop=0, quality=55, method=6)
    print(f"{args.out}: {1 + len(others)} pictures, {args.out.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
