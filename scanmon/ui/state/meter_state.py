"""The large number, its word and what stands beside it, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scanmon.core.values import Provenance, Reading, Reason, Verdict
from scanmon.runtime.snapshot import WITHDRAWN_S, Snapshot
from scanmon.ui.state.texts import (
    metric_name,
    reason_text,
    translate,
    verdict_word,
)

FRESH_S = 0.5  # seconds: an older score is dimmed, and its heatmap begins to fade


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
    told: str = ""  # tool tip


def meter_state(snapshot: Snapshot, thresholds: tuple[float, float] | None, *, stands: bool) -> MeterState:
    """What the meter says; `stands`: the picture is paused or held, and only its own quality is shown."""
    if snapshot.scoring == "failed":
        return MeterState(
            word=translate("ViewState", "no score"), reason=translate("ViewState", "engine failed")
        )
    analysis = snapshot.analysis
    if analysis is None or of_another_still(snapshot):
        if snapshot.scoring == "loading" and snapshot.state not in ("idle", "failed", "finished"):
            return MeterState(
                word=translate("ViewState", "no score yet"),
                reason=translate("ViewState", "the engine is loading"),
            )
        return MeterState(word=translate("ViewState", "no score"))
    reading = analysis.reading
    reason = reading.reason
    age_s = snapshot.score_age_s
    if reason is None and age_s is not None and age_s > WITHDRAWN_S:
        reason = Reason.STALE
    if reason is not None:
        return MeterState(
            word=translate("ViewState", "no score"),
            reason=reason_text(reason, recorded=snapshot.playback is not None)[0],
            thresholds=thresholds,
            metric=metric_name(reading.metric),
        )
    shown = _alone(reading, snapshot.provenance) if stands else reading
    second, second_s = analysis.second, age_s or 0.0
    if second is not None:
        second_s += second.oldest_s or 0.0
        second = second if second.scored and second_s <= WITHDRAWN_S else None
    return MeterState(
        number=_number(shown),
        word=_word(shown),
        verdict=shown.verdict,
        dim=age_s is not None and (age_s > FRESH_S or (stands and age_s > 0)),
        quality=shown.shown,
        thresholds=thresholds,
        reason="" if shown.verdict else _why_no_word(shown),
        beside=_beside(reading, stands=stands),
        metric=_named(reading, snapshot),
        second=f"{metric_name(second.metric)} {_number(_alone(second, None) if stands else second)}"
        if second
        else "",
        second_dim=second_s > FRESH_S,
        told=_told(snapshot),
    )


def of_another_still(snapshot: Snapshot) -> bool:
    """Whether the analysis is of another picture than the one shown, and they are no cine loop."""
    analysis, frame = snapshot.analysis, snapshot.frame
    if analysis is None or frame is None or snapshot.playback is None or snapshot.info is None:
        return False
    return snapshot.info.rate_hz is None and analysis.frame.index != frame.index


def _alone(reading: Reading, provenance: Provenance | None) -> Reading:
    """What is to be said of this picture without those before it."""
    if reading.quality is None:
        return reading
    verdict = reading.verdict
    if verdict is not None and provenance is not None:
        verdict = provenance.word(reading.quality) or verdict
    return replace(reading, steady=None, verdict=verdict)


def _beside(reading: Reading, *, stands: bool) -> str:
    if stands:
        smoothed = translate("ViewState", "smoothed {0}")
        return "" if reading.steady is None else smoothed.format(f"{reading.steady:.0f}")
    return f"→ {verdict_word(reading.pending)}" if reading.pending else ""


def _told(snapshot: Snapshot) -> str:
    """Why the other metric does not run beside the first one, where it is too slow for that."""
    if snapshot.provenance is None or not snapshot.provenance.details.get("too_slow"):
        return ""
    return translate(
        "ViewState",
        "{0} is off: here it would be seconds behind the picture. To see it, choose it as the metric.",
    ).format(metric_name("map" if snapshot.provenance.details["too_slow"] == "map" else "nrq"))


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
    return "–" if reading.score is None else f"{reading.score:.3g}"
