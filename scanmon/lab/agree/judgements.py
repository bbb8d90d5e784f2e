"""What people said of pictures: ratings of single ones, or choices between two."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scanmon.core.errors import SettingsError

MAX_BYTES = 16 << 20
_RATINGS, _CHOICES = {"image", "rating"}, {"first", "second", "choice"}
_SIGNS = {"first": 1, "second": -1, "equal": 0}
_FORMS = "columns image,rating or first,second,choice; reader and organ may follow"


@dataclass(frozen=True, slots=True)
class Rating:
    """Higher is better, on whatever scale the reader used."""

    image: Path
    rating: float
    reader: str
    organ: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`sign` 1: the first is better, -1: the second, 0: neither."""

    first: Path
    second: Path
    sign: int
    reader: str
    organ: str


@dataclass(frozen=True, slots=True)
class Judgements:
    """One kind of the two, never both."""

    ratings: tuple[Rating, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def images(self) -> list[Path]:
        """Each once, in the order of the file."""
        named = [one.image for one in self.ratings]
        named += [image for one in self.choices for image in (one.first, one.second)]
        return list(dict.fromkeys(named))

    @property
    def organs(self) -> list[str]:
        """Each once, by name."""
        return sorted({one.organ for one in self.ratings} | {one.organ for one in self.choices})


def read_judgements(file: Path) -> Judgements:
    """A CSV; paths are relative to it, and without a column `organ` the picture's folder names the organ.

    Raises `SettingsError` with the line of what makes no sense.
    """
    try:
        if not file.is_file() or file.stat().st_size > MAX_BYTES:
            raise SettingsError("is no file of at most 16 MB", file, _FORMS)
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            names = set(reader.fieldnames or ())
            if not (names >= _RATINGS or names >= _CHOICES):
                raise SettingsError("has not the columns of judgements", file, _FORMS)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"cannot be read as CSV ({error})", file, _FORMS) from error
    if not rows:
        raise SettingsError("holds no judgement", file, _FORMS)
    if names >= _RATINGS:
        return Judgements(ratings=tuple(_rating(row, file, line) for line, row in rows))
    return Judgements(choices=tuple(_choice(row, file, line) for line, row in rows))


def _rating(row: Mapping[str, str | None], file: Path, line: int) -> Rating:
    try:
        value = float(row["rating"] or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SettingsError(f"line {line}: rating {row['rating']!r} is no number", file)
    image = _image(row["image"], file, line)
    return Rating(image, value, row.get("reader") or "", row.get("organ") or image.parent.name)


def _choice(row: Mapping[str, str | None], file: Path, line: int) -> Choice:
    sign = _SIGNS.get((row["choice"] or "").strip().lower())
    if sign is None:
        raise SettingsError(f"line {line}: choice {row['choice']!r} is none of {', '.join(_SIGNS)}", file)
    first, second = (_image(row[name], file, line) for name in ("first", "second"))
    return Choice(first, second, sign, row.get("reader") or "", row.get("organ") or first.parent.name)


def _image(text: str | None, file: Path, line: int) -> Path:
    if not text or not text.strip():
        raise SettingsError(f"line {line}: a picture is not named", file)
    return file.parent / text.strip()
