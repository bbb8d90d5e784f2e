"""What became of each file, and small pictures of the results for a person to look at. Names no file read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon import __version__
from scanmon.app.deidentify.written import new_file, write_png

Outcome = Literal["written", "unreadable", "withheld", "passed over"]
_TILE: Final = (200, 160)  # width, height
_COLUMNS, _ROWS = 6, 5  # of a sheet
_RED, _GRAY = (60, 60, 230), (90, 90, 90)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one file."""

    number: int
    outcome: Outcome
    output: str = ""  # name of the file in the folder
    frames: int = 0
    image_area: tuple[int, int, int, int] | None = None  # x, y, width, height; of the middle frame
    masked: float = 0.0  # share of the image area
    eye: tuple[str, ...] = ()  # why a person should look

    @property
    def line(self) -> str:
        """One line for people."""
        what = (
            f"{self.output}, {self.frames} frame(s), {self.masked:.1%} masked"
            if self.output
            else self.outcome
        )
        return f"{self.number:04} {what}" + (f"; LOOK: {'; '.join(self.eye)}" if self.eye else "")


class ContactSheets:
    """Sheets of small pictures in a folder, each written as soon as it is full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tiles: list[NDArray[np.uint8]] = []
        self._sheets = 0

    def add(self, done: Done, picture: NDArray[np.uint8]) -> None:
        """The picture of a file that was written; red where it needs an eye."""
        width, height = _TILE
        room = height - 18
        scale = min((width - 4) / picture.shape[1], room / picture.shape[0])
        size = tuple(max(1, int(side * scale)) for side in picture.shape[::-1])
        small = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_GRAY2BGR)
        tile = np.zeros((height, width, 3), np.uint8)
        tile[: size[1], 2 : 2 + size[0]] = small
        cv2.putText(
            tile,
            f"{done.number:04}",
            (4, height - 5),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.4,
            (230,) * 3,
            1,
            cv2.LINE_AA,
        )
        cv2.rectangle(tile, (0, 0), (width - 1, height - 1), _RED if done.eye else _GRAY, 1)
        self._tiles.append(tile)
        if len(self._tiles) == _COLUMNS * _ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is there."""
        if not self._tiles:
            return
        empty = np.zeros_like(self._tiles[0])
        self._tiles += [empty] * (-len(self._tiles) % _COLUMNS)
        rows = [np.hstack(self._tiles[at : at + _COLUMNS]) for at in range(0, len(self._tiles), _COLUMNS)]
        self._sheets += 1
        write_png(self._folder / f"contact_{self._sheets:02}.png", np.vstack(rows))
        self._tiles = []


def write_report(folder: Path, done: Sequence[Done], *, complete: bool) -> None:
    """`report.json` and `report.txt`: files by their numbers, those that need an eye first."""
    looked_at = [one for one in done if one.eye]
    counts = {kind: sum(one.outcome == kind for one in done) for kind in Outcome.__args__}  # type: ignore[attr-defined]
    document: dict[str, Any] = {
        "software": f"scanmon {__version__}",
        "complete": complete,
        "counts": counts | {"needs an eye": len(looked_at)},
        "files": [asdict(one) for one in done],
    }
    head = ", ".join(f"{number} {kind}" for kind, number in document["counts"].items())
    lines = [
        head if complete else f"STOPPED EARLY: {head}",
        "",
        "Needs an eye:",
        *(one.line for one in looked_at),
    ]
    lines += ["", "All:", *(one.line for one in done)]
    with new_file(folder / "report.json") as file:
        file.write(json.dumps(document, indent=1).encode())
    with new_file(folder / "report.txt") as file:
        file.write("\n".join([*lines, ""]).encode())
