"""`scanmon agree`: how far every metric agrees with what people said of pictures, in ratings or choices."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.app.settings import Settings
from scanmon.core.documents import file_named, read_csv
from scanmon.core.errors import SettingsError
from scanmon.core.records import Row
from scanmon.core.schema import Column
from scanmon.lab.evaluate.baselines import baselines, ser_fiq, simple_baselines
from scanmon.lab.evaluate.figures import spearman
from scanmon.lab.evaluate.measure import Measure, ScorerMeasure
from scanmon.lab.loaded_bundle import Counted, load_bundle

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
        return sorted({one.organ for one in self.ratings} | {one.organ for one in self.choices})


def read_judgements(file: Path) -> Judgements:
    """A CSV; paths are relative to it, and without a column `organ` the picture's folder names the organ.

    Raises `SettingsError` with the line of what makes no sense.
    """
    names, rows = read_csv(file, _FORMS)
    if not (names >= _RATINGS or names >= _CHOICES):
        raise SettingsError("has not the columns of judgements", file, _FORMS)
    if not rows:
        raise SettingsError("holds no judgement", file, _FORMS)
    if names >= _RATINGS:
        return Judgements(ratings=tuple(_rating(row, file, line) for line, row in rows))
    return Judgements(choices=tuple(_choice(row, file, line) for line, row in rows))


def _rating(row: Mapping[str, str], file: Path, line: int) -> Rating:
    try:
        value = float(row["rating"].replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SettingsError(f"line {line}: rating {row['rating']!r} is no number", file)
    image = _image(row["image"], file, line)
    return Rating(image, value, row.get("reader", ""), row.get("organ") or image.parent.name)


def _choice(row: Mapping[str, str], file: Path, line: int) -> Choice:
    sign = _SIGNS.get(row["choice"].lower())
    if sign is None:
        raise SettingsError(f"line {line}: choice {row['choice']!r} is none of {', '.join(_SIGNS)}", file)
    first, second = (_image(row[name], file, line) for name in ("first", "second"))
    if first == second:
        raise SettingsError(f"line {line}: both pictures are {row['first']}", file)
    return Choice(first, second, sign, row.get("reader", ""), row.get("organ") or first.parent.name)


def _image(text: str, file: Path, line: int) -> Path:
    if not text:
        raise SettingsError(f"line {line}: a picture is not named", file)
    return file.parent / file_named(file.parent, text)


COLUMNS = (
    Column("metric", "text"),
    Column("organ", "text"),
    *(Column(name, "integer") for name in ("pictures", "pairs", "equal", "ties")),
    *(Column(name, "number") for name in ("accuracy", "low", "high", "spearman", "kendall")),
)
RESAMPLES, SEED = 2000, 2026
MAX_RATED = 3000  # pictures; their pairs fill a matrix
MAX_RATINGS = 4 * MAX_RATED  # of one reader within one organ, who may rate a picture again
_BLOCK = 256  # ratings that are compared with all of their group at once

Floats = NDArray[np.float64]
Scores = Mapping[Path, float]


@dataclass(slots=True)
class Agreed:
    """The figures, and the pictures that could not be read."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def agree(file: Path, settings: Settings, which: str, progress: Counted) -> Agreed:
    """`which` baselines: `simple`, `all` or `none`. Raises `ScanmonError`."""
    judgements = read_judgements(file)
    if not _ordered(judgements):
        raise SettingsError(
            "of no two pictures one is called better",
            file,
            "let each reader judge two or more of an organ",
        )
    images = judgements.images
    extra: list[Measure] = {"all": baselines, "simple": simple_baselines, "none": list}[which]()
    with load_bundle(settings) as loaded:
        measures: list[Measure] = [
            ScorerMeasure(metric, loaded.identity(metric), judge.scorer, judge.calibration)
            for metric, judge in loaded.judges.items()
        ]
        measures += [*extra, *(ser_fiq(loaded) if which == "all" else ())]
        scores: dict[str, dict[Path, float]] = {measure.name: {} for measure in measures}
        for number, image in enumerate(images, start=1):
            for view in loaded.views([image], 1):
                for measure in measures:
                    scores[measure.name][image] = measure.measure(view, local=False).score
            progress("scoring", number, len(images))
        loaded.skipped.refuse_if_all(file, sum(len(found) for found in scores.values()))
        skipped = list(loaded.skipped.names)
    organs = judgements.organs
    found = Agreed(skipped=skipped)
    for name, own in scores.items():
        for organ in (None, *organs) if len(organs) > 1 else (None,):
            figures = asdict(agreement(judgements, own, organ))
            found.rows.append({"metric": name, "organ": organ or "all", **figures})
    return found


def _ordered(judgements: Judgements) -> bool:
    """Whether anybody called a picture better than another one."""
    return any(one.sign for one in judgements.choices) or any(
        len({one.rating for one in own}) > 1 < len({one.image for one in own})
        for own in _groups(judgements.ratings)
    )


def plotted(rows: list[Row], folder: Path) -> Path:
    """Write `agreement.png`: the accuracy of every metric with its interval, all organs together."""
    from scanmon.lab.paper import COLOURS, Canvas

    shown = [row for row in rows if row["organ"] == "all" and row["accuracy"] is not None]
    folder.mkdir(parents=True, exist_ok=True)
    paper, axes = Canvas(folder).axes(6.0, 1.2 + 0.4 * len(shown))
    place = axes[0, 0]
    for number, row in enumerate(reversed(shown)):
        place.plot([row["low"], row["high"]], [number, number], color=COLOURS[0], linewidth=3, alpha=0.5)
        place.plot(row["accuracy"], number, "o", color=COLOURS[0])
    place.axvline(0.5, color="#888888", linestyle="--", linewidth=1)
    place.set_yticks(range(len(shown)), [row["metric"] for row in reversed(shown)])
    place.set_xlim(0, 1)
    place.set_xlabel("share of pairs ordered as people do\n(bar: 95 % interval; dashed: chance)")
    paper.savefig(folder / "agreement.png")
    return folder / "agreement.png"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one metric, for one organ or all."""

    pictures: int
    pairs: int  # that people ordered
    equal: int  # that people called equal
    ties: int  # of `pairs`, that the metric scored equal
    accuracy: float | None  # 0.5: as by chance; None without pairs
    low: float | None  # of the interval of 95 %
    high: float | None
    spearman: float | None  # with the mean rating; None for choices, and where all ratings are one
    kendall: float | None  # tau-b, the same


def agreement(judgements: Judgements, scores: Scores, organ: str | None = None) -> Agreement:
    """`organ` None: all, where pairs are still those within an organ.

    Pictures without a score count nowhere.
    """
    ratings = [r for r in judgements.ratings if r.image in scores and organ in (None, r.organ)]
    if judgements.ratings:
        return _of_ratings(ratings, scores)
    choices = [
        one
        for one in judgements.choices
        if one.first in scores and one.second in scores and organ in (None, one.organ)
    ]
    return _of_choices(choices, scores)


def kendall(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Kendall's tau-b; 0 where one of the series is constant, None below two values."""
    if len(one) < 2:
        return None
    a, b = (np.sign(np.subtract.outer(np.asarray(x), np.asarray(x))) for x in (one, other))
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0


def _of_choices(choices: Sequence[Choice], scores: Scores) -> Agreement:
    ordered = [one for one in choices if one.sign]
    credit = np.array([_credit(one.sign * (scores[one.first] - scores[one.second])) for one in ordered])
    pictures = len({image for one in choices for image in (one.first, one.second)})
    low, high = None, None
    if len(credit):
        worth = np.array([0.0, 0.5, 1.0])
        shares = (credit[:, None] == worth).mean(axis=0)
        drawn = np.random.default_rng(SEED).multinomial(len(credit), shares, RESAMPLES)  # how many of each
        low, high = _interval(drawn @ worth / len(credit))
    accuracy = float(credit.mean()) if len(credit) else None
    ties = int((credit == 0.5).sum())
    return Agreement(
        pictures, len(ordered), len(choices) - len(ordered), ties, accuracy, low, high, None, None
    )


def _of_ratings(ratings: Sequence[Rating], scores: Scores) -> Agreement:
    images = list(dict.fromkeys(one.image for one in ratings))
    if len(images) > MAX_RATED:
        raise SettingsError(f"more than {MAX_RATED} rated pictures", len(images), "give fewer at a time")
    place = {image: number for number, image in enumerate(images)}
    value = np.array([scores[image] for image in images])
    count = len(images)
    better = np.zeros((count, count))  # how many readers rated the row above the column
    equal = 0
    for own in _groups(ratings):
        if len(own) > MAX_RATINGS:
            raise SettingsError(
                f"more than {MAX_RATINGS} ratings by one reader", len(own), "give fewer at a time"
            )
        rows = np.array([place[one.image] for one in own])
        given = np.array([one.rating for one in own])
        level = 0
        for begin in range(0, len(own), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            above = np.subtract.outer(given[block], given)
            others = np.not_equal.outer(rows[block], rows)  # a picture that was rated twice is no pair
            np.add.at(better, np.ix_(rows[block], rows), others & (above > 0))
            level += int((others & (above == 0)).sum())
        equal += level // 2
    credit = _credit(np.subtract.outer(value, value))
    drawn = (
        np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES)
        if count
        else (np.empty((0, 0)))
    )
    total = ((drawn @ better) * drawn).sum(axis=1)
    right = ((drawn @ (better * credit)) * drawn).sum(axis=1)
    low, high = _interval(right[total > 0] / total[total > 0])
    pairs = int(better.sum())
    given_to: dict[Path, list[float]] = {image: [] for image in images}
    for one in ratings:
        given_to[one.image].append(one.rating)
    means = [float(np.mean(given_to[image])) for image in images]
    same = len(set(means)) < 2  # no order to agree with
    return Agreement(
        pictures=count,
        pairs=pairs,
        equal=equal,
        ties=int((better * (credit == 0.5)).sum()),
        accuracy=float((better * credit).sum() / pairs) if pairs else None,
        low=low,
        high=high,
        spearman=None if same else spearman(value.tolist(), means),
        kendall=None if same else kendall(value.tolist(), means),
    )


def _groups(ratings: Sequence[Rating]) -> list[list[Rating]]:
    """Ratings that may be compared: of one reader, within one organ."""
    groups: dict[tuple[str, str], list[Rating]] = {}
    for one in ratings:
        groups.setdefault((one.reader, one.organ), []).append(one)
    return list(groups.values())


def _credit(difference: Floats | float) -> Floats:
    """1 where the better one scores higher, 0 where lower, 0.5 where equal."""
    return np.asarray((np.sign(difference) + 1.0) / 2.0)


def _interval(samples: Floats) -> tuple[float | None, float | None]:
    if not len(samples):
        return None, None
    low, high = np.percentile(samples, [2.5, 97.5])
    return float(low), float(high)
