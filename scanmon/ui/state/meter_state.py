"""The large number, its word and what stands beside it, or why there is none."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import WITHDRAWN_S, Provenance, Reading, Reason, Verdict
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.state.messages import WONDER_S
from scanmon.ui.state.texts import figure, metric_name, reason_text, slow_text, translate, verdict_word

FRESH_S = 0.5  # seconds: an older score is dimmed, and its heatmap begins to fade
NEAR_S = 0.1  # so little behind, an analysis speaks for the picture whatever has changed
ALIKE, OTHER = (
    0.35,
    0.6,
)  # change of the picture, as a share of its level: doubtful from here, another from there


@dataclass(frozen=True, slots=True)
class MeterState:
    """The large number and the words below it."""

    number: str = "–"
    word: str = ""
    verdict: Verdict | None = None
    reason: str = ""  # why there is no score
    dim: bool = False  # the number lags behind the picture
    quality: float | None = None  # 0..100: how far the bar is filled
    thresholds: tuple[float, float] | None = None
    beside: str = ""  # the word that is about to come, or the smoothed number beside that of one picture
    metric: str = ""
    second: str = ""  # the other metric, one line
    second_dim: bool = False  # it rests on pictures that were shown some time ago
    tooltip: str = ""  # tool tip


def meter_state(
    snapshot: Snapshot, thresholds: tuple[float, float] | None, *, paused: bool, sure: bool = True
) -> MeterState:
    """What the meter says; `paused`: the picture is paused or held, and only its own quality is shown.

    `sure`: the analysis is of this picture, or of one much like it.
    """
    if snapshot.scoring == "failed":
        return MeterState(
            word=translate("ViewState", "no score"), reason=translate("ViewState", "engine failed")
        )
    analysis = snapshot.analysis
    if analysis is None:
        return _without_analysis(snapshot)
    reading = analysis.reading
    reason = reading.reason
    age_s = snapshot.score_age_s
    if reason is None and snapshot.late:
        reason = Reason.STALE
    if reason is not None:
        return MeterState(
            word=translate("ViewState", "no score"),
            reason=reason_text(reason, recorded=snapshot.playback is not None and not reading.late)[0],
            thresholds=thresholds,
            metric=metric_name(reading.metric),
        )
    shown = _alone(reading, snapshot.provenance) if paused else reading
    second, second_s = analysis.second, age_s or 0.0
    if second is not None:
        second_s += second.rests_on_s
        second = second if second.scored and second_s <= WITHDRAWN_S else None
    return MeterState(
        number=_number(shown),
        word=_word(shown),
        verdict=shown.verdict,
        dim=not sure
        or (age_s is not None and (age_s > FRESH_S or (paused and age_s + reading.rests_on_s > 0))),
        quality=shown.shown,
        thresholds=thresholds,
        reason="" if shown.verdict else _why_no_word(shown),
        beside=_beside(reading, paused=paused),
        metric=_named(reading, snapshot),
        second=f"{metric_name(second.metric)} {_number(_alone(second, None) if paused else second)}"
        if second
        else _switched_off(snapshot),
        second_dim=second is not None and second_s > FRESH_S,
        tooltip=_tooltip(snapshot),
    )


def _without_analysis(snapshot: Snapshot) -> MeterState:
    """Nothing is known of the picture that is shown."""
    if snapshot.scoring == "loading" and snapshot.state not in ("idle", "failed", "finished"):
        return MeterState(word=translate("ViewState", "no score yet"), reason=_loading(snapshot.opening_s))
    ready = snapshot.scoring == "ready" and snapshot.state == "running" and snapshot.frame is not None
    if ready and snapshot.given_up:
        return MeterState(
            word=translate("ViewState", "no score"), reason=reason_text(Reason.STALE, recorded=True)[0]
        )
    if ready and snapshot.pass_error is None:
        return MeterState(
            word=translate("ViewState", "no score yet"),
            reason=translate("ViewState", "this picture is being scored"),
        )
    return MeterState(word=translate("ViewState", "no score"))


def _loading(opening_s: float) -> str:
    if opening_s < WONDER_S:
        return translate("ViewState", "the engine is loading")
    return translate("ViewState", "the engine has been loading for {0} s").format(int(opening_s))


def belongs(snapshot: Snapshot, *, paused: bool) -> float:
    """How far the analysis speaks for the picture that is shown: 1 its own or nearly so, 0 another picture.

    A paused recording has its own or none. In what moves, an analysis that lags is of another picture
    where the recording tells of another part, or where the two differ too much.
    """
    analysis, frame, info, recorded = snapshot.analysis, snapshot.frame, snapshot.info, snapshot.playback
    if analysis is None or frame is None or analysis.frame is frame:
        return 1.0
    if recorded is not None and analysis.frame.index == frame.index:
        return 1.0
    stills = info is None or info.rate_hz is None
    if (recorded and (paused or stills)) or analysis.frame.pixels.shape != frame.pixels.shape:
        return 0.0
    if (snapshot.score_age_s or 0.0) <= NEAR_S:
        return 1.0
    first_s, last_s = sorted((analysis.frame.time_s, frame.time_s))
    if info is not None and any(first_s < begin_s <= last_s for begin_s, _ in info.chapters):
        return 0.0
    box = analysis.region.box
    (mean, spread), (mean_now, spread_now) = (
        _blocks(one.pixels[box.rows, box.columns]) for one in (analysis.frame, frame)
    )
    changed = float((abs(mean - mean_now) + abs(spread - spread_now)).mean())
    changed /= max(1.0, float(mean.mean() + mean_now.mean()) / 2)
    return min(1.0, max(0.0, (OTHER - changed) / (OTHER - ALIKE)))


def _blocks(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and spread of coarse blocks of a sample: speckle that moves does not change them."""
    step = max(1, min(pixels.shape) // 96)
    sample = pixels[::step, ::step].astype(np.float32)
    side = min(8, *sample.shape)
    down, across = (size // side for size in sample.shape)
    blocks = sample[: down * side, : across * side].reshape(down, side, across, side)
    return blocks.mean((1, 3)), blocks.std((1, 3))


def _alone(reading: Reading, provenance: Provenance | None) -> Reading:
    """What is to be said of this picture without those before it."""
    if reading.quality is None:
        return reading
    verdict = reading.verdict
    if verdict is not None and provenance is not None:
        verdict = provenance.word(reading.quality) or verdict
    return replace(reading, steady=None, verdict=verdict)


def _beside(reading: Reading, *, paused: bool) -> str:
    if paused:
        smoothed = translate("ViewState", "smoothed {0}")
        return "" if reading.steady is None else smoothed.format(f"{reading.steady:.0f}")
    return f"→ {verdict_word(reading.pending)}" if reading.pending else ""


def _switched_off(snapshot: Snapshot) -> str:
    slow = snapshot.provenance.slow if snapshot.provenance else None
    if slow is None or not slow.off:
        return ""
    return translate("ViewState", "{0}: too slow here").format(metric_name(slow.metric))


def _tooltip(snapshot: Snapshot) -> str:
    """Why the other metric does not run beside the first one, where it is too slow for that."""
    slow = snapshot.provenance.slow if snapshot.provenance else None
    return " ".join(slow_text(slow)) if slow is not None and slow.off else ""


def _word(reading: Reading) -> str:
    """The verdict; without one what is missing: a calibration, or pictures like this one in the bundle."""
    if reading.verdict:
        return verdict_word(reading.verdict)
    if reading.quality is None:
        return translate("ViewState", "not calibrated")
    return translate("ViewState", "not familiar")


def _why_no_word(reading: Reading) -> str:
    if reading.quality is None:
        return translate("ViewState", "for 0 to 100 and a word: scanmon calibrate")
    return translate("ViewState", "unlike what the engine knows; for a word: scanmon calibrate")


def _named(reading: Reading, snapshot: Snapshot) -> str:
    """The metric, and that its scale has seen no picture of a site."""
    name, provenance = metric_name(reading.metric), snapshot.provenance
    if provenance is None or provenance.details.get("calibration") != "provisional":
        return name
    return translate("ViewState", "{0}, provisional scale").format(name)


def _number(reading: Reading) -> str:
    if reading.shown is not None:
        return f"{reading.shown:.0f}"
    return "–" if reading.score is None else figure(f"{reading.score:.3g}")
