"""`scanmon evaluate`, put together: pictures, metrics, clips and other back ends into one set of figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from scanmon import __version__
from scanmon.core.analyzer import Analyzer
from scanmon.core.errors import SettingsError
from scanmon.core.ports import RegionFinder
from scanmon.core.region import parse_region
from scanmon.core.signal import SignalWatch
from scanmon.core.values import Frame, Metric, Region
from scanmon.evaluation.agreement import agreement
from scanmon.evaluation.baselines import baselines as every_baseline
from scanmon.evaluation.cases import CaseRow, CaseTable
from scanmon.evaluation.degradations import FAMILIES, degrade
from scanmon.evaluation.figures import Figure, figures
from scanmon.evaluation.measure import Measure, ScorerMeasure
from scanmon.evaluation.page import write_page
from scanmon.evaluation.plan import CLEAN, Picture, Plan, thin_out
from scanmon.evaluation.plots import write_plots
from scanmon.evaluation.run import DEGENERATE, run
from scanmon.evaluation.stability import Series, stability, watch
from scanmon.evaluation.tables import write_tables
from scanmon.settings import Settings
from scanmon.sources.opening import open_recording
from scanmon.studies.opening import Counted, Regions, Sample, Study, open_study, samples, stills, with_backend

_AGREEMENT_PICTURES = 24  # clean ones, each also with four faults


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What is evaluated on what; see the command's help."""

    data: Path
    out: Path
    baselines: bool = False
    heads: tuple[str, ...] = ()  # of nrq, beside that of the bundle
    families: tuple[str, ...] = tuple(FAMILIES)
    per_organ: int = 0
    leave_out: tuple[str, ...] = ()
    clips: tuple[Path, ...] = ()
    clip_frames: int = 200
    against: tuple[str, ...] = ()
    draw_seed: int = 2026
    plots: bool = True


def evaluate(settings: Settings, options: EvaluateOptions, progress: Counted) -> tuple[list[Figure], Path]:
    """Run what is missing in `options.out`, then write tables, plots, page. Returns figures and page."""
    plan = Plan(options.families, options.draw_seed)
    chosen = _thinned(samples(options.data, options.leave_out), options.per_organ)
    with open_study(settings) as study:
        measures = _measures(study, options)
        about = _about(study, options, chosen)
        fixed = {
            "seed": plan.seed,
            "region": study.region,
            "working_height_px": study.working_height_px,
        }
        identities = {measure.name: measure.identity for measure in measures}
        with CaseTable(options.out, fixed, identities) as table:
            run(
                _pictures(chosen, study.region),
                len(chosen),
                measures,
                plan,
                table,
                working_height_px=study.working_height_px,
                progress=lambda done, total: progress("pictures", done, total),
            )
            rows = _chosen_rows(table.rows, chosen, plan)
        found = figures(rows)
        series = list(_clips(study, options, progress))
        found += stability(series)
        found += _agreement(settings, study, plan, chosen, options.against, progress)
    write_tables(found, options.out, about)
    plots = write_plots(found, rows, series, options.out) if options.plots else []
    return found, write_page(found, plots, options.out, about)


def _chosen_rows(rows: Sequence[CaseRow], chosen: Sequence[Sample], plan: Plan) -> list[CaseRow]:
    """The folder may hold rows of a run with more pictures or families: the figures are those of this one."""
    names, families = {sample.name for sample in chosen}, {CLEAN, *plan.families}
    return [
        row for row in rows if row.family == DEGENERATE or (row.picture in names and row.family in families)
    ]


def _thinned(found: dict[str, list[Sample]], per_organ: int) -> list[Sample]:
    """The chosen pictures, organ by organ; two files of one name in one organ are refused."""
    result = []
    for organ, own in found.items():
        by_name = {sample.name: sample for sample in own}
        if len(by_name) < len(own):
            raise SettingsError("two files have the same name", organ, "give them names of their own")
        result += [by_name[name] for name in thin_out(list(by_name), per_organ)]
    return result


def _pictures(chosen: Sequence[Sample], region: str) -> Iterator[Picture]:
    regions = Regions(region)
    for sample in chosen:
        frame = next(stills(sample.path, 1))
        yield Picture(sample.name, sample.organ, frame.pixels, regions.of(frame))


def _measures(study: Study, options: EvaluateOptions) -> list[Measure]:
    found: list[Measure] = [
        ScorerMeasure(metric, study.identity(metric), loaded.judge.scorer, loaded.judge.calibration)
        for metric, loaded in study.loaded.items()
    ]
    if options.heads and "nrq" not in study.loaded:
        raise SettingsError("heads are those of nrq", "--heads", "use --metric auto or nrq")
    for head in options.heads:
        loaded = study.with_head(head)
        found.append(ScorerMeasure(f"nrq {head}", study.identity("nrq"), loaded.judge.scorer, None))
    if options.baselines:
        found += every_baseline()
    return found


def _about(study: Study, options: EvaluateOptions, chosen: Sequence[Sample]) -> dict[str, str]:
    organs = dict.fromkeys(sample.organ for sample in chosen)
    counts = ", ".join(f"{organ} {sum(s.organ == organ for s in chosen)}" for organ in organs)
    engines = ", ".join(
        f"{m} on {one.engine.backend} {one.engine.precision}" for m, one in study.loaded.items()
    )
    return {
        "bundle": f"{study.bundle.name} {study.bundle.version} ({study.bundle.sha256[:12]})",
        "metrics": engines,
        "pictures": counts,
        "left out": ", ".join(options.leave_out) or "nothing",
        "region and height": f"{study.region}, {study.working_height_px or 'native'}",
        "seed": str(options.draw_seed),
        "made": f"{datetime.now(UTC):%Y-%m-%d} by scanmon {__version__}",
    }


def _clips(study: Study, options: EvaluateOptions, progress: Counted) -> Iterator[Series]:
    """Every metric on every clip, as the monitor scores it: region and signal state are found on the way."""
    for path in options.clips:
        for metric in study.loaded:
            recording = open_recording(str(path))
            with closing(recording):
                total = min(options.clip_frames, len(recording.times_s))
                series = watch(
                    path.stem,
                    islice(recording, options.clip_frames),
                    lambda region, metric=metric: _analyzer(study, metric, region),  # type: ignore[misc]
                    lambda done, name=path.stem, total=total: progress(f"clip {name}", done, total),  # type: ignore[misc]
                )
            if series is not None:
                yield series


def _analyzer(study: Study, metric: Metric, region: RegionFinder | None) -> Analyzer:
    return Analyzer(
        study.loaded[metric].judge,
        region or parse_region(study.settings.scoring.region or "auto"),
        signal=None if region else SignalWatch(),
        working_height_px=study.working_height_px,
        steadiness=study.settings.steadiness,
    )


def _agreement(
    settings: Settings,
    study: Study,
    plan: Plan,
    chosen: Sequence[Sample],
    against: Sequence[str],
    progress: Counted,
) -> Iterator[Figure]:
    """Every metric of this study against the same one on other back ends, or of other builds."""
    if not against:
        return
    some = thin_out([str(index) for index in range(len(chosen))], _AGREEMENT_PICTURES)
    pictures = list(_pictures([chosen[int(index)] for index in some], study.region))
    frames = [frame for picture in pictures for frame in _versions(picture, plan)]
    with ExitStack() as opened:
        for metric, loaded in study.loaded.items():
            reference = ScorerMeasure(metric, "", loaded.judge.scorer, loaded.judge.calibration)
            others: list[Measure] = []
            for name in against:
                other = opened.enter_context(open_study(_other(settings, name), [metric])).loaded[metric]
                label = f"{other.engine.backend} {other.engine.precision}"
                if Path(name).is_dir():
                    label = f"{Path(name).name}, {label}"
                others.append(ScorerMeasure(label, "", other.judge.scorer, loaded.judge.calibration))
            yield from agreement(
                reference,
                others,
                frames,
                working_height_px=study.working_height_px,
                progress=lambda done, m=metric: progress(f"agreement of {m}", done, len(frames)),  # type: ignore[misc]
            )


def _other(settings: Settings, name: str) -> Settings:
    if Path(name).is_dir():
        return replace(settings, scoring=replace(settings.scoring, bundle=name))
    return with_backend(settings, name)


def _versions(picture: Picture, plan: Plan) -> Iterator[tuple[Frame, Region]]:
    """The clean picture and the first four families at severity 3: scores from good to bad."""
    yield picture.frame(picture.pixels), picture.region
    for family in plan.families[:4]:
        made = degrade(picture.pixels, family, 3, plan.generator(picture.name, family), picture.inside)
        yield picture.frame(made.image), picture.region
