"""`scanmon evaluate`, put together: pictures, metrics, clips and other back ends into one set of figures."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from scanmon import __version__
from scanmon.app.settings import Settings
from scanmon.degradations import FAMILIES
from scanmon.degradations.negatives import NEGATIVES
from scanmon.lab.evaluate.baselines import baselines as every_baseline
from scanmon.lab.evaluate.baselines import ser_fiq, simple_baselines
from scanmon.lab.evaluate.cases import CaseRow, CaseTable
from scanmon.lab.evaluate.examples import Shown, shown, write_misses
from scanmon.lab.evaluate.figures import Figure, figures
from scanmon.lab.evaluate.measure import Measure, ScorerMeasure, head_measures
from scanmon.lab.evaluate.plan import DEGENERATE, Picture, Plan, thin_out
from scanmon.lab.evaluate.plots import write_plots
from scanmon.lab.evaluate.run import run
from scanmon.lab.evaluate.stability import check_names, clip_series, clips_in, other_backends, stability
from scanmon.lab.evaluate.tables import write_page, write_tables
from scanmon.lab.loaded_bundle import Counted, LoadedBundle, load_bundle
from scanmon.lab.pictures import CleanPictures, Sample, Skipped, samples
from scanmon.scoring.nrq import NrqScorer

_AGREEMENT_PICTURES = 24  # clean ones, each also with four faults


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What is evaluated on what; see the command's help."""

    data: Path
    out: Path
    baselines: Literal["all", "simple"] | None = None
    heads: tuple[str, ...] = ()  # of nrq, beside that of the bundle; `all`: those of ALL_HEADS that can run
    families: tuple[str, ...] = tuple(FAMILIES)
    per_organ: int = 0
    frames_per_cine: int = 1
    leave_out: tuple[str, ...] = ()
    clips: Sequence[Path] = ()
    clip_frames: int = 200
    against: Sequence[str] = ()
    draw_seed: int = 2026
    plots: bool = True


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What came out: all figures, where the page is, and the files that could not be read."""

    figures: list[Figure]
    page: Path
    skipped: Skipped


def evaluate(settings: Settings, options: EvaluateOptions, progress: Counted) -> Evaluated:
    """Run what is missing in `options.out`, then write tables, plots, page. Raises `ScanmonError`."""
    check_names(options.against)
    plan = Plan(options.families, options.draw_seed)
    found_samples = samples(options.data, options.leave_out)
    chosen = [one for own in found_samples.values() for one in thin_out(own, options.per_organ)]
    clips = clips_in(options.clips)
    with load_bundle(settings) as loaded:
        measures = _measures(loaded, options)
        fixed = {
            "seed": plan.seed,
            "region": loaded.region,
            "working_height_px": loaded.working_height_px,
            "hopeless": list(NEGATIVES),
        }
        pictures = CleanPictures(chosen, loaded.region, options.frames_per_cine, loaded.skipped)
        identities = {measure.name: measure.identity for measure in measures}
        _meet(loaded, pictures)
        with CaseTable(options.out, fixed, identities) as table, _quiet_heads():
            run(
                pictures,
                pictures.count(),
                measures,
                plan,
                table,
                working_height_px=loaded.working_height_px,
                progress=lambda done, total: progress("pictures", done, total),
            )
            loaded.skipped.refuse_if_all(options.data, len(pictures.organs))
            chosen = [sample for sample in chosen if sample.name not in loaded.skipped.names]
            rows = _chosen_rows(table.rows, pictures.organs, plan, [measure.name for measure in measures])
        found = figures(rows)
        series = list(clip_series(loaded, clips, options.clip_frames, progress))
        found += stability(series)
        some = thin_out(chosen, _AGREEMENT_PICTURES)
        compared = list(CleanPictures(some, loaded.region, 1, Skipped())) if options.against else []
        with _quiet_heads():
            found += other_backends(settings, loaded, plan, compared, options.against, progress)
            samples_shown = _shown(loaded, chosen, measures, plan, progress) if options.plots else None
            misses = _misses(loaded, chosen, rows, measures, plan, options) if options.plots else []
    about = _about(loaded, options, pictures.organs)
    write_tables(found, options.out, about)
    plots = write_plots(found, rows, series, samples_shown, options.out) if samples_shown else []
    return Evaluated(found, write_page(found, plots, misses, options.out, about), loaded.skipped)


def _meet(loaded: LoadedBundle, pictures: Iterable[Picture]) -> None:
    """Score one clean picture: organ models of another backbone are said now, as the window would say it."""
    first = next(iter(pictures), None)
    if first is not None and "nrq" in loaded.judges:
        loaded.judges["nrq"].scorer.score(first.view(loaded.working_height_px))


@contextmanager
def _quiet_heads() -> Iterator[None]:
    """Degraded and hopeless pictures lie far off every organ model, as they should: no head warns of it."""
    log = logging.getLogger(NrqScorer.__module__)
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _chosen_rows(
    rows: Sequence[CaseRow], pictures: Mapping[str, str], plan: Plan, metrics: Sequence[str]
) -> list[CaseRow]:
    """The folder may hold rows of a run with more pictures or families: the figures are those of this one."""
    names, families = {*pictures}, {case.family for case in plan.cases()}
    return [
        row
        for row in rows
        if row.metric in metrics
        and (row.family == DEGENERATE or (row.picture in names and row.family in families))
    ]


def _shown(
    loaded: LoadedBundle, chosen: Sequence[Sample], measures: Sequence[Measure], plan: Plan, progress: Counted
) -> Shown:
    """One picture of every organ, to be looked at."""
    first = {sample.organ: sample for sample in reversed(chosen)}
    some = CleanPictures([first[organ] for organ in sorted(first)], loaded.region, 1, Skipped())
    progress("examples", 0, len(first))
    return shown(list(some), measures, plan, loaded.working_height_px)


def _misses(
    loaded: LoadedBundle,
    chosen: Sequence[Sample],
    rows: Sequence[CaseRow],
    measures: Sequence[Measure],
    plan: Plan,
    options: EvaluateOptions,
) -> list[tuple[str, str]]:
    """Sheets of the worst misses, with the pictures read again."""

    def named(names: set[str]) -> CleanPictures:
        files = {name.partition("#")[0] for name in names}
        some = [sample for sample in chosen if sample.name in files]
        return CleanPictures(some, loaded.region, options.frames_per_cine, Skipped())

    return write_misses(rows, measures, named, plan, loaded.working_height_px, options.out)


def _measures(loaded: LoadedBundle, options: EvaluateOptions) -> list[Measure]:
    found: list[Measure] = [
        ScorerMeasure(metric, loaded.identity(metric), judge.scorer, judge.calibration, judge.word_from)
        for metric, judge in loaded.judges.items()
    ]
    found += head_measures(loaded, options.heads)
    if options.baselines:
        found += [*every_baseline(), *ser_fiq(loaded)] if options.baselines == "all" else simple_baselines()
    return found


def _about(loaded: LoadedBundle, options: EvaluateOptions, pictures: Mapping[str, str]) -> dict[str, str]:
    organs = list(pictures.values())
    counts = ", ".join(f"{organ} {organs.count(organ)}" for organ in dict.fromkeys(organs))
    engines = ", ".join(f"{m} on {one.engine_name}" for m, one in loaded.judges.items())
    return {
        "bundle": f"{loaded.bundle.name} {loaded.bundle.version} ({loaded.bundle.sha256[:12]})",
        "metrics": engines,
        "pictures": counts,
        "left out": ", ".join(options.leave_out) or "nothing",
        "not readable": ", ".join(loaded.skipped.names) or "none",
        "region and height": f"{loaded.region}, {loaded.working_height_px or 'native'}",
        "seed": str(options.draw_seed),
        "made": f"{datetime.now(UTC):%Y-%m-%d} by scanmon {__version__}",
    }
