"""Settings and what is to be scored -> an analyzer, with its metrics of a bundle on open engines."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.errors import BundleError, SettingsError
from scanmon.core.ports import Engine, FrameAnalyzer, Recording, RegionFinder, SignalPort
from scanmon.core.values import Analysis, Metric, Provenance
from scanmon.inference.choice import open_engine
from scanmon.inference.onnx import OnnxEngine, threads_beside_a_video
from scanmon.picture.letters import TextFinder, blank
from scanmon.picture.region import AutoRegion, Looker, given_region
from scanmon.picture.signal.watch import SignalWatch
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.scoring.bundle import MIN_SIDE_PX, Bundle, MapPart, NrqPart, height_of, open_named_bundle
from scanmon.scoring.familiar import parse_familiar
from scanmon.scoring.heads import parse_head
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.nrq import NrqParameters, NrqScorer
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.own import OwnScorer
from scanmon.scoring.schedule import Budget
from scanmon.scoring.severity import MapScorer
from scanmon.session.content import BesideRecorded, RecordedScores, SessionContent
from scanmon.sources.session import RecordedRegions, RecordedSignal, SessionRecording

# shares of the time for nrq: as the only metric, with the map second, and beside the map
ALONE, FIRST, BESIDE = 0.85, 0.6, 0.3
OTHER_VIEW = "other"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the frames of one source are scored."""

    source: str = ""  # its name in the records
    still: bool = False  # stored pictures: no freeze, no signal to lose, nothing to smooth
    both: bool = False  # where the bundle has both metrics, the other one runs beside the chosen one
    paced: bool = False  # against a clock: nrq takes the windows that there is time for
    session: SessionContent | None = None  # its regions and signal states hold, as they were recorded
    own: OwnScorer | None = None  # a metric of the caller's own, in place of the bundle's


def open_analyzer(settings: Settings, plan: Plan) -> Analyzer:
    """Loads the engines: takes a second or more. Raises `BundleError`, `EngineError`, `SettingsError`."""
    scoring = settings.scoring
    height_px = height_of(scoring.scale)
    details: dict[str, str] = {}
    if plan.own is not None:
        name, usual, usual_px, smallest_px = plan.own.name, "auto", 0, MIN_SIDE_PX
    else:
        bundle = open_named_bundle(scoring.bundle)
        metric = bundle.metric(scoring.metric)
        name, usual = f"{bundle.name} {bundle.version}", bundle.region(metric, still=plan.still)
        usual_px, smallest_px = bundle.working_height_px, max(MIN_SIDE_PX, bundle.smallest_px)
    region: RegionFinder
    signal: SignalPort | None
    if plan.session is not None:
        region, signal = RecordedRegions(plan.session), RecordedSignal(plan.session)
    else:
        looker = new_looker()  # region and signal share its looks
        region = region_finder(scoring.region or usual, looker)
        signal = None if plan.still else SignalWatch(looker)
    if plan.own is not None:
        judges = [plan.own.judge()]
    else:
        judges = _judges(bundle, metric, scoring, plan)
        calibration = judges[0].calibration
        provisional = calibration is not None and calibration.provisional
        details = {"bundle_sha256": bundle.sha256, "calibration": "provisional" if provisional else ""}
    return Analyzer(
        judges,
        region,
        signal=signal,
        still=plan.still,
        working_height_px=usual_px if height_px is None else height_px,
        smallest_px=smallest_px,
        steadiness=settings.steadiness,
        paced=plan.paced,
        threshold_shift=scoring.threshold_shift,
        provenance=Provenance(source=plan.source, bundle=name, details=details),
    )


def _judges(bundle: Bundle, metric: Metric, scoring: ScoringSettings, plan: Plan) -> list[Judge]:
    """The chosen metric, and the other one where it runs beside."""
    metrics: list[Metric] = [metric]
    metrics += [other for other in bundle.parts if plan.both and other != metric]
    shares: tuple[float | None, float | None] = None, None
    if plan.paced and not plan.still:  # a window of one stored picture says nothing of another one
        shares = FIRST if len(metrics) > 1 else ALONE, BESIDE
    judges: list[Judge] = []
    with ExitStack() as opened:
        for place, one in enumerate(metrics):
            own = replace(scoring, organ="auto") if place else scoring
            judges.append(load_judge(bundle, one, own, share=shares[place], beside=place > 0))
            opened.callback(judges[-1].close)
        opened.pop_all()  # nothing failed: the analyzer closes them
    return judges


def analyzer_of(
    recording: Recording | None, settings: Settings, plan: Plan, *, again: bool = False
) -> FrameAnalyzer:
    """For a recording, or for a live source (None).

    Of a session the scores that it was recorded with; where it is to be scored `again` they come second.
    Raises as `open_analyzer`.
    """
    content = recording.content if isinstance(recording, SessionRecording) else None
    if content is not None and not again:
        return RecordedScores(content)
    if content is not None:
        plan = plan_of_session(content)
    elif recording is not None:
        plan = replace(plan, still=is_still(recording))
    analyzer = open_analyzer(settings, plan)
    return analyzer if content is None else BesideRecorded(analyzer, content)


def plan_of_session(content: SessionContent) -> Plan:
    """Its pictures are scored anew over the regions and signal states of its recording."""
    return Plan(content.name, still=not content.smoothed, session=content)


def is_still(recording: Recording) -> bool:
    """Whether the frames of a recording have nothing to do with each other in time."""
    return recording.info.rate_hz is None


def load_judge(
    bundle: Bundle,
    metric: Metric,
    scoring: ScoringSettings,
    engine: Engine | None = None,
    *,
    share: float | None = None,
    beside: bool = False,
) -> Judge:
    """A metric that the bundle has, on `engine` where one is open already. The caller closes it.

    `share` of the time that nrq may take against a clock; None: no clock, always every window. `beside`
    another metric nrq takes no more than that for a first view either. Raises `BundleError`, `EngineError`,
    `SettingsError`.
    """
    part = bundle.parts[metric]
    # what can be refused is refused before the network is loaded
    manifolds = _organ_models(bundle, part, scoring) if isinstance(part, NrqPart) else None
    known = None
    if part.familiar:
        where = bundle.folder / part.familiar
        known = parse_familiar(bundle.read(part.familiar), where)
        if manifolds and known.centre.size != manifolds.features:
            what = f"knows pictures by {known.centre.size} features, the organ models by {manifolds.features}"
            raise BundleError(what, where, "restore the bundle")
    if engine is None:
        threads = threads_beside_a_video() if share is not None else 0
        engine = open_engine(bundle, part, scoring.backend, scoring.device, threads)
    if isinstance(part, MapPart):
        part = replace(part, topk_frac=scoring.topk_frac or part.topk_frac)
        return Judge(MapScorer(engine, part, known), part.calibration, engine, part.word_from)
    assert manifolds is not None  # of an nrq part
    parameters = NrqParameters(
        patch=part.patch,
        stride=scoring.stride or part.stride,
        topk_frac=scoring.topk_frac or part.topk_frac,
        organ=None if scoring.organ == "auto" else scoring.organ,
        max_patches=scoring.max_patches or 0,
        seed=scoring.seed,
        head=parse_head(part.head),
    )
    budget = None
    if share is not None and scoring.budget != 0:
        budget = Budget(scoring.budget or 0, share, beside=beside)
    scorer = NrqScorer(engine, manifolds, parameters, budget, known)
    return Judge(scorer, part.calibration, engine, part.word_from)


def _organ_models(bundle: Bundle, part: NrqPart, scoring: ScoringSettings) -> Manifolds:
    """Raises `SettingsError` for an organ or a window side that the bundle does not have."""
    if scoring.patch not in (None, part.patch):
        raise SettingsError(
            f"--patch {scoring.patch}: the network of this bundle takes {part.patch}", bundle.folder
        )
    manifolds = Manifolds(organs_of(bundle, part))
    if scoring.organ != "auto":
        manifolds.index(scoring.organ)
    return manifolds


@cache
def _network(name: str) -> bytes:
    return (files("scanmon.picture") / name).read_bytes()


def new_looker() -> Looker:
    """A looker for one thread: one core for two milliseconds a look. Raises `EngineError`."""
    return Looker(OnnxEngine(_network("sector.onnx"), "fp32", threads=1, batch=1))


def new_text_finder() -> TextFinder:
    """For one thread: some 16 ms of one core for an image of 800 x 600. Raises `EngineError`."""
    return TextFinder(OnnxEngine(_network("text.onnx"), "fp32", threads=1, batch=1))


def without_text(analysis: Analysis) -> Analysis:
    """The same with letters inside its region black. Raises `EngineError`."""
    pixels = analysis.frame.pixels.copy()
    blank(pixels, new_text_finder().letters(analysis.frame.pixels, analysis.region.box))
    return replace(analysis, frame=replace(analysis.frame, pixels=pixels, colour=None))


def region_finder(option: str, looker: Looker | None = None) -> RegionFinder:
    """What `--region auto|other|full|X,Y,W,H|FILE` asks for; `other`: the smaller or right one of two views.

    Raises `SettingsError` with what is possible.
    """
    if option in ("auto", OTHER_VIEW):
        return AutoRegion(looker or new_looker(), view=int(option == OTHER_VIEW))
    return given_region(option)
