"""`scanmon agree`, put together: judgements of people against every metric of a bundle and the baselines."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from scanmon.app.settings import Settings
from scanmon.core.records import Row
from scanmon.core.schema import Column
from scanmon.lab.agree.judgements import read_judgements
from scanmon.lab.agree.pair_accuracy import agreement
from scanmon.lab.evaluate.baselines import baselines, simple_baselines
from scanmon.lab.evaluate.measure import Measure, ScorerMeasure
from scanmon.lab.opening import Counted, open_study

COLUMNS = (
    Column("metric", "text"),
    Column("organ", "text"),
    *(Column(name, "integer") for name in ("pictures", "pairs", "equal", "ties")),
    *(Column(name, "number") for name in ("accuracy", "low", "high", "spearman", "kendall")),
)


@dataclass(slots=True)
class Agreed:
    """The figures, and the pictures that could not be read."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def agree(file: Path, settings: Settings, which: str, progress: Counted) -> Agreed:
    """`which` baselines: `simple`, `all` or `none`. Raises `ScanmonError`."""
    judgements = read_judgements(file)
    images = judgements.images
    extra: list[Measure] = {"all": baselines, "simple": simple_baselines, "none": list}[which]()
    with open_study(settings) as study:
        measures: list[Measure] = [
            ScorerMeasure(metric, study.identity(metric), judge.scorer, judge.calibration)
            for metric, judge in study.loaded.items()
        ]
        measures += extra
        scores: dict[str, dict[Path, float]] = {measure.name: {} for measure in measures}
        for number, image in enumerate(images, start=1):
            for view in study.views([image], 1):
                for measure in measures:
                    scores[measure.name][image] = measure.measure(view, local=False).score
            progress("scoring", number, len(images))
        study.skipped.refuse_if_all(file, sum(len(found) for found in scores.values()))
        skipped = list(study.skipped.names)
    organs = judgements.organs
    found = Agreed(skipped=skipped)
    for name, own in scores.items():
        for organ in (None, *organs) if len(organs) > 1 else (None,):
            figures = asdict(agreement(judgements, own, organ))
            found.rows.append({"metric": name, "organ": organ or "all", **figures})
    return found


def plotted(rows: list[Row], folder: Path) -> Path:
    """Write `agreement.png`: the accuracy of every metric with its interval, all organs together."""
    from scanmon.lab.evaluate.plots.canvas import COLOURS, Canvas

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
    place.set_xlabel("share of pairs ordered as people do; bar: 95 % interval; dashed: chance")
    paper.savefig(folder / "agreement.png")
    return folder / "agreement.png"
