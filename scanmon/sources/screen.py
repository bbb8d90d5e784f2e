"""`screen:X,Y,W,H`: a part of this machine's screen, for scanners that are programs on a PC."""

import threading
import time
from collections.abc import Generator

import mss
import numpy as np
from mss.exception import ScreenShotError

from scanmon.core.errors import SourceError
from scanmon.sources.gray import from_color
from scanmon.sources.live_source import Arrival, Patience, ReconnectingSource
from scanmon.sources.picture_size import Size, check_size

_RATE_HZ = 30.0


def open_screen(source: str, patience: Patience | None = None) -> ReconnectingSource:
    """A rectangle of the screen in pixels, or all of it for `screen:`, 30 times a second at most.

    Raises `SourceError` for a wrong form. A display that is not there is waited for.
    """
    text = source.partition(":")[2]
    try:
        numbers = [int(part) for part in text.split(",")] if text else []
        if numbers:
            left, top, width, height = numbers
            check_size(Size(width, height), source)
            area = {"left": left, "top": top, "width": width, "height": height}
        else:
            area = {}
    except ValueError:
        raise SourceError("is not a part of the screen", source, "use screen:X,Y,WIDTH,HEIGHT") from None
    return ReconnectingSource("screen", lambda: _feed(area), patience)


def _feed(area: dict[str, int]) -> Generator[Arrival]:
    pause = threading.Event()  # never set: a wait that does not hold the interpreter
    try:
        with mss.MSS() as screen:
            whole = screen.monitors[0]
            part = area or whole
            if (
                part["left"] < whole["left"]
                or part["top"] < whole["top"]
                or part["left"] + part["width"] > whole["left"] + whole["width"]
                or part["top"] + part["height"] > whole["top"] + whole["height"]
            ):
                raise SourceError(
                    "reaches over the edge of the screen",
                    "screen",
                    f"it has {whole['width']}x{whole['height']}",
                )
            due_s = time.monotonic()
            while True:
                shot = screen.grab(part)  # in real pixels: more than were asked for on some screens
                pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
                picture = from_color(np.ascontiguousarray(pixels[:, :, :3]), bgr=True)
                yield Arrival(picture, time.monotonic(), _RATE_HZ, f"{shot.width}x{shot.height}")
                due_s = max(due_s + 1.0 / _RATE_HZ, time.monotonic() - 1.0)
                pause.wait(max(0.0, due_s - time.monotonic()))
    except ScreenShotError as error:
        raise SourceError(f"cannot be seen ({error})", "screen", "is there a display?") from None
