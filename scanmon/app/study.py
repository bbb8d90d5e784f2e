"""A reader study: pairs and pictures, plan and answers in one file that a kill at any moment leaves whole."""

from __future__ import annotations

import csv
import json
import os
import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeVar

from scanmon.app.analyzers import region_finder
from scanmon.core.documents import file_named, read_csv
from scanmon.core.errors import ScanmonError, SettingsError, SinkError, disk_errors
from scanmon.core.text import label
from scanmon.core.values import Frame
from scanmon.core.write_atomic import replacing
from scanmon.session.keyed_store import KeyedStore
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording

Choice = Literal["first", "second", "equal", "skipped"]

REASONS: Final = ("light", "contact", "resolution", "noise", "clutter", "saturation", "other")
COLUMNS: Final = ("first", "second", "choice", "reader", "organ", "reason", "seconds")
_FORM: Final = "scanmon study 1"
T = TypeVar("T")
_FORMS = "a folder of pictures, or a CSV with columns image[,organ] or first,second[,organ]"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a study is made of, for all its readers."""

    seed: int
    repeats: float
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """`choice` is of the pair as it is named, whichever side was which; `skipped`: it could not be shown."""

    choice: Choice
    reason: str = ""  # one of REASONS; empty: none given
    seconds: float = 0.0  # since the pair was shown


class Study:
    """Made where it is not there yet; one process at a time. An answer is kept once `answer` has returned.

    `count`, `repeats` and `seed` are of a new study; of one that exists they are None, or the same again.
    Raises `SettingsError`, `SourceError` and `SinkError`.
    """

    def __init__(
        self, path: Path, source: Path, count: int | None, repeats: float | None, seed: int | None
    ) -> None:
        self.folder = folder_of(source)
        self._path = path
        self._store = KeyedStore(path, _FORM)
        new = self._store.get("plan") is None
        try:
            self.plan = self._begun(source, count, repeats, seed)
        except BaseException:
            if new:
                self._store.remove()  # nothing was begun
            self._store.close()
            raise

    def readers(self) -> list[str]:
        return sorted(
            key.removeprefix("order/") for key, _ in self._store.items() if key.startswith("order/")
        )

    def trials(self, reader: str) -> list[Trial]:
        """The order of a reader, drawn when he or she begins."""
        rng = random.Random(f"{self.plan.seed}/{reader}")  # noqa: S311 - an order, no secret
        order = self._kept(f"order/{reader}", lambda: order_of(len(self.plan.pairs), self.plan.repeats, rng))
        return self._understood(
            lambda: [Trial(int(pair), bool(swap), bool(again)) for pair, swap, again in order]
        )

    def answers(self, reader: str) -> dict[int, Answer]:
        start = f"answer/{reader}/"
        return self._understood(
            lambda: {
                int(key.removeprefix(start)): Answer(**value)
                for key, data in self._store.items()
                if key.startswith(start) and (value := json.loads(data)) is not None
            }
        )

    def answer(self, reader: str, trial: int, answer: Answer | None) -> None:
        """Keep an answer, or take one back (None)."""
        data = json.dumps(None if answer is None else asdict(answer)).encode()
        self._store.put(f"answer/{reader}/{trial}", data)

    def agreement(self, reader: str) -> tuple[int, int]:
        """Of the pairs that a reader judged twice: how many alike, how many."""
        trials, answers = self.trials(reader), self.answers(reader)
        said: dict[int, list[str]] = {}
        for number, answer in answers.items():
            if answer.choice != "skipped":
                said.setdefault(trials[number].pair, []).append(answer.choice)
        twice = [choices for choices in said.values() if len(choices) == 2]
        return sum(first == second for first, second in twice), len(twice)

    def export(self, file: Path) -> int:
        """The CSV that `scanmon agree` reads, first judgements alone; how many. Raises `SinkError`."""
        rows = list(self._rows(file))
        refused = disk_errors(
            SinkError, "cannot be written", file, "choose a folder with space that is yours"
        )
        with refused, replacing(file) as part, part.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([COLUMNS, *rows])
        return len(rows)

    def close(self) -> None:
        self._store.close()

    def _rows(self, file: Path) -> Iterator[tuple[str, ...]]:
        for reader in self.readers():
            trials = self.trials(reader)
            for number, answer in sorted(self.answers(reader).items()):
                pair = self.plan.pairs[trials[number].pair]
                if answer.choice == "skipped" or trials[number].repeat:
                    continue
                first, second = (_relative(self.folder / name, file) for name in (pair.first, pair.second))
                yield first, second, answer.choice, reader, pair.organ, answer.reason, f"{answer.seconds:.1f}"

    def _begun(self, source: Path, count: int | None, repeats: float | None, seed: int | None) -> Plan:
        def drawn() -> dict[str, Any]:
            chosen = secrets.randbelow(1 << 31) if seed is None else seed
            pairs = pairs_of(source, count, random.Random(chosen))  # noqa: S311
            return {"seed": chosen, "repeats": 0.1 if repeats is None else repeats, "pairs": pairs}

        kept = self._kept("plan", drawn)
        plan = self._understood(
            lambda: Plan(
                int(kept["seed"]),
                float(kept["repeats"]),
                tuple(Pair(*map(str, pair)) for pair in kept["pairs"]),
            )
        )
        asked = (
            (seed, plan.seed, "--seed"),
            (repeats, plan.repeats, "--repeats"),
            (count, len(plan.pairs), "--pairs"),
        )
        for given, held, option in asked:
            if given is not None and given != held and not (option == "--pairs" and given > held):
                raise SettingsError(
                    f"the study was begun with {held}",
                    f"{option} {given}",
                    f"leave it out, or delete {self._path}",
                )
        return plan

    def _kept(self, key: str, make: Callable[[], Any]) -> Any:
        """What is kept under a key; made and kept where there is nothing."""
        data = self._store.get(key)
        if data is None:
            data = json.dumps(make()).encode()
            self._store.put(key, data)
        return self._understood(lambda: json.loads(data))

    def _understood(self, form: Callable[[], T]) -> T:
        try:
            return form()
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(
                "is damaged, or of another program", label(self._path), "name another one"
            ) from error


def _relative(picture: Path, file: Path) -> str:
    try:
        return Path(os.path.relpath(picture.resolve(), file.resolve().parent)).as_posix()
    except ValueError:  # another drive
        return picture.resolve().as_posix()


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


def pairs_of(source: Path, count: int | None, rng: random.Random) -> list[Pair]:
    """At most `count` pairs within one organ, every picture about as often; a CSV may name them.

    None: those that are named, or 100 of the drawn ones.

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
            return pairs[:count]
        named = [(row["image"], _organ(row, "image")) for row in rows]
    organs: dict[str, list[str]] = {}
    for name, organ in dict.fromkeys(named):  # a table of ratings names a picture once a reader
        organs.setdefault(organ, []).append(name)
    most = 100 if count is None else count
    there: set[tuple[str, str]] = set()  # a table may name two pictures under several organs
    for pair in (pair for names in organs.values() for pair in combinations(sorted(names), 2)):
        there.add(pair)
        if len(there) >= most:
            break
    if not there:
        raise SettingsError("has no two pictures of one organ", label(source), _FORMS)
    drawn: dict[tuple[str, str], Pair] = {}
    wanted = min(most, len(there))
    while len(drawn) < wanted:  # a round in which every picture has one partner
        for organ, names in organs.items():
            order = rng.sample(names, len(names))
            for first, second in zip(order[::2], order[1::2], strict=False):
                drawn.setdefault((min(first, second), max(first, second)), Pair(first, second, organ))
    return rng.sample(list(drawn.values()), wanted)


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
    if not file.is_file():
        raise SettingsError("is no folder and no CSV", label(file), _FORMS)
    names, numbered = read_csv(file, _FORMS)
    needed: Sequence[str] = ("first", "second") if names >= {"first", "second"} else ("image",)
    rows = [row for _, row in numbered]
    if not names >= set(needed) or not rows or not all(row[name] for row in rows for name in needed):
        raise SettingsError("names no pictures", label(file), _FORMS)
    named = [row | {name: file_named(file.parent, row[name]) for name in needed} for row in rows]
    for (line, _), row in zip(numbered, named, strict=True):
        if len({Path(row[name]) for name in needed}) < len(needed):
            raise SettingsError(f"line {line}: both pictures are {row['first']}", label(file), _FORMS)
    return named, len(needed) == 2


def _organ(row: dict[str, str], name: str) -> str:
    return row.get("organ") or Path(row[name]).parent.name


class StudyPictures:
    """The sector alone, since what stands beside it tells where a picture is from. On one thread."""

    def __init__(self, region: str) -> None:
        self._finder = region_finder(region)

    def of(self, file: Path) -> Frame | None:
        """The middle frame, as `scanmon agree` takes it; None where it cannot be read."""
        try:
            with closing(open_recording(str(file))) as recording:
                frame = next(iter(recording.frames_from(len(recording.times_s) // 2)))
            self._finder.reset()
            region = self._finder.find(frame)
        except ScanmonError:
            return None  # the study goes on with the next pair, and counts this one
        pixels = frame.pixels[region.box.rows, region.box.columns].copy()
        if region.mask is not None:
            pixels[~region.mask] = 0
        return replace(frame, pixels=pixels, chroma=None, declared=None, colour=None)
