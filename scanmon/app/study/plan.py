"""The pairs of a study, and the order in which a reader sees them."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scanmon.core.errors import SettingsError
from scanmon.core.text import label
from scanmon.sources.material import material_in

MOST_BYTES = 16 << 20
_FORMS = "a folder of pictures, or a CSV with columns image[,organ] or first,second[,organ]"


class Pair(NamedTuple):
    """Two pictures by their names below the folder of the study, or of its CSV."""

    first: str
    second: str
    organ: str


class Trial(NamedTuple):
    """A pair as it is shown: `swapped` has the second picture on the left."""

    pair: int
    swapped: bool
    repeat: bool


def folder_of(source: Path) -> Path:
    """What the names of pictures are relative to."""
    return source if source.is_dir() else source.parent


def pairs_of(source: Path, count: int, rng: random.Random) -> list[Pair]:
    """At most `count` pairs within one organ, every picture about as often; a CSV may name them.

    Pictures of a folder belong to the organ that their own folder names. Raises `SourceError` and
    `SettingsError`.
    """
    if source.is_dir():
        pictures = [path.relative_to(source) for path in material_in(source)]
        named = [(path.as_posix(), path.parent.name or source.name) for path in pictures]
    else:
        rows, given = _table(source)
        if given:
            pairs = [Pair(row["first"], row["second"], _organ(row, "first")) for row in rows]
            rng.shuffle(pairs)
            return pairs
        named = [(row["image"], _organ(row, "image")) for row in rows]
    organs: dict[str, list[str]] = {}
    for name, organ in named:
        organs.setdefault(organ, []).append(name)
    total = sum(len(names) * (len(names) - 1) // 2 for names in organs.values())
    if not total:
        raise SettingsError("has no two pictures of one organ", label(source), _FORMS)
    drawn: dict[tuple[str, str], Pair] = {}
    while len(drawn) < min(count, total):  # a round in which every picture has one partner
        for organ, names in organs.items():
            order = rng.sample(names, len(names))
            for first, second in zip(order[::2], order[1::2], strict=False):
                drawn.setdefault((min(first, second), max(first, second)), Pair(first, second, organ))
    return rng.sample(list(drawn.values()), min(count, total))


def order_of(pairs: int, repeats: float, rng: random.Random) -> list[Trial]:
    """Every pair once; `repeats` is the share that comes again in the second half, sides changed."""
    once = [Trial(pair, rng.random() < 0.5, repeat=False) for pair in rng.sample(range(pairs), pairs)]
    half = (pairs + 1) // 2
    again = rng.sample(once[:half], min(half, round(repeats * pairs)))
    late = once[half:] + [Trial(trial.pair, not trial.swapped, repeat=True) for trial in again]
    rng.shuffle(late)
    return once[:half] + late


def _table(file: Path) -> tuple[list[dict[str, str]], bool]:
    """Rows, and whether they name pairs."""
    try:
        if not file.is_file() or file.stat().st_size > MOST_BYTES:
            raise SettingsError("is no folder and no CSV of at most 16 MB", label(file), _FORMS)
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            names = set(reader.fieldnames or ())
            rows = [{key: value or "" for key, value in row.items() if key} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"cannot be read as CSV ({error})", label(file), _FORMS) from error
    needed: Sequence[str] = ("first", "second") if names >= {"first", "second"} else ("image",)
    if not names >= set(needed) or not rows or not all(row[name].strip() for row in rows for name in needed):
        raise SettingsError("names no pictures", label(file), _FORMS)
    return rows, len(needed) == 2


def _organ(row: dict[str, str], name: str) -> str:
    return row.get("organ") or Path(row[name]).parent.name
