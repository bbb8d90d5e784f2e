"""A folder of DICOM files, videos and pictures -> the same without what names a person, and a report."""

from __future__ import annotations

import csv
import errno
import io
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon import __version__
from scanmon.app.analyzers import new_looker, new_text_finder, region_finder
from scanmon.app.deidentify.survey import Survey, surveyed
from scanmon.app.deidentify.written import (
    Identities,
    describe_pixels,
    new_file,
    technical,
    write_dicom,
    write_png,
    write_video,
)
from scanmon.core.errors import (
    NoPictureError,
    ScanmonError,
    SettingsError,
    SinkError,
    SourceError,
    disk_errors,
)
from scanmon.core.ports import Recording
from scanmon.core.text import label
from scanmon.sources.material import is_dicom, material_in
from scanmon.sources.opening import open_recording

logger = logging.getLogger(__name__)
_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)  # no file can be written any more
Progress = Callable[[int, int], None]  # done, all
Outcome = Literal["written", "in part", "unreadable", "withheld", "passed over"]
_TILE: Final = (200, 160)  # width, height
_COLUMNS, _ROWS = 6, 5  # of a sheet
_RED, _GRAY = (60, 60, 230), (90, 90, 90)


class Deidentifier:
    """Writes into `folder`, which must be new or empty. Raises `ScanmonError`."""

    def __init__(self, path: Path, folder: Path, region: str = "auto") -> None:
        if region == "full":
            raise SettingsError("the whole picture is not the image", "--region full", "name the image area")
        region_finder(region, looker := new_looker())  # what is wrong with it is said once
        passed_over: list[Path] = []
        if not path.exists():
            raise SourceError("there is no such file or folder", path, "check the path")
        self._files = list(material_in(path, passed_over))
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise SettingsError("is not empty, and nothing is overwritten", folder, "name a new folder")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._region = folder, region
        self._looker, self._finder = looker, new_text_finder()
        self._identities, self._sheets = Identities(), ContactSheets(folder)
        numbers = range(len(self._files) + 1, len(self._files) + 1 + len(passed_over))
        self._others = [
            (file, Done(number, "passed over", eye=("of an unknown kind",)))
            for number, file in zip(numbers, passed_over, strict=True)
        ]

    def run(self, progress: Progress = lambda done, everything: None) -> Iterator[tuple[Path, Done]]:
        """What became of each file, as soon as it is known. The report is written whatever ends the run."""
        done: list[Done] = []
        complete = False
        try:
            for number, file in enumerate(self._files, start=1):
                with _refused(self._folder):
                    done.append(self._one(number, file))
                progress(number, len(self._files))
                yield file, done[-1]
            for file, other in self._others:
                done.append(other)
                yield file, other
            complete = True
        finally:
            with _refused(self._folder):
                self._sheets.flush()
                write_report(self._folder, done, complete=complete)

    def _one(self, number: int, file: Path) -> Done:
        try:
            with closing(open_recording(str(file))) as recording:
                survey = surveyed(recording, self._looker, self._finder, self._region)
                return self._written(number, file, recording, survey)
        except NoPictureError:
            return Done(number, "passed over", eye=("holds no picture",))
        except SourceError as error:
            image = error.what.startswith(("no image", "shows a page"))
            return Done(number, "withheld" if image else "unreadable", eye=(error.what,))
        except ScanmonError as error:
            return Done(number, "unreadable", eye=(error.what,))
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _DISK:
                raise
            logger.debug("a file failed", exc_info=True)  # decoders raise anything, and may quote a header
            return Done(number, "unreadable", eye=(f"cannot be read ({type(error).__name__})",))

    def _written(self, number: int, file: Path, recording: Recording, survey: Survey) -> Done:
        frames, (height, width) = len(survey.times_s), survey.size
        seen = _Middle(frames // 2)
        pictures = seen.watching(survey.kept(recording))
        if file.is_file() and is_dicom(file):
            output = f"{number:04}.dcm"
            described = technical(file, self._identities, clean=not survey.doubtful)
            describe_pixels(described, survey.times_s, height, width)
            write_dicom(self._folder / output, described, pictures)
        elif frames > 1:
            output = f"{number:04}.mkv"
            write_video(self._folder / output, pictures)
        else:
            output = f"{number:04}.png"
            write_png(self._folder / output, next(iter(pictures))[0])
        box = survey.regions[frames // 2][-1].box
        done = Done(
            number,
            "in part" if survey.error else "written",
            output,
            frames,
            (box.x, box.y, box.width, box.height),
            survey.masked,
            survey.eye,
        )
        if seen.picture is not None:
            self._sheets.add(done, seen.picture)
        return done


class _Middle:
    """Keeps one of the pictures that go by."""

    def __init__(self, index: int) -> None:
        self._index = index
        self.picture: NDArray[np.uint8] | None = None

    def watching(
        self, pictures: Iterator[tuple[NDArray[np.uint8], float]]
    ) -> Iterator[tuple[NDArray[np.uint8], float]]:
        for index, (picture, time_s) in enumerate(pictures):
            if index == self._index:
                self.picture = picture
            yield picture, time_s


def _refused(folder: Path) -> AbstractContextManager[None]:
    return disk_errors(SinkError, "cannot be written", folder, "choose a folder with space")


def write_mapping(folder: Path, entries: list[tuple[Path, Done]]) -> None:
    """`mapping.csv`: which file became which. It undoes the work of a reader who has it."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["number", "output", "source"])
    rows.writerows([done.number, done.output, label(file)] for file, done in entries)
    with _refused(folder), new_file(folder / "mapping.csv") as file:
        file.write(text.getvalue().encode())


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
