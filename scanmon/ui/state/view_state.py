"""A Snapshot and what the user chose to see -> everything that the window shows, as one frozen value.

Pure: no widget, no clock, no memory. What the screen says can be tested here without a window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, Frame, Mask, Provenance, Reading, Reason, Verdict
from scanmon.runtime.snapshot import WITHDRAWN_S, PlaybackState, Snapshot, Trace
from scanmon.ui.state.messages import Message, held_message, message_for
from scanmon.ui.state.status_state import StatusState, status_state
from scanmon.ui.state.texts import (
    chapter_text,
    hint_text,
    metric_name,
    reason_text,
    seconds,
    translate,
    verdict_word,
)

LIVE_TRACE_S = 60.0
FRESH_S = 0.5  # older than this the heatmap begins to fade
GONE_S = 1.0  # and is no longer drawn


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What the user chose to see."""

    heatmap: bool = True
    overlays: bool = True  # heatmap, worst region and outline together
    strength: float = 0.6  # of the heatmap, 0..1


@dataclass(frozen=True, slots=True)
class Mark:
    """Something noted on the time line."""

    time_s: float
    kind: str  # bookmark | frozen | settings
    text: str = ""  # what was typed


@dataclass(frozen=True, slots=True, eq=False)
class OverlayState:
    """What lies on the picture. `opacity` 0: no heatmap."""

    heatmap: NDArray[np.float32] | None = None  # (gh, gw) quality 0..100 over `region`
    mask: Mask | None = None
    region: Box | None = None
    outline: tuple[tuple[float, float], ...] = ()
    worst: Box | None = None
    worst_text: str = ""
    opacity: float = 0.0


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


@dataclass(frozen=True, slots=True, eq=False)
class TraceState:
    """The score over time."""

    trace: Trace | None = None
    start_s: float = 0.0
    end_s: float = LIVE_TRACE_S
    cursor_s: float | None = None
    thresholds: tuple[float, float] | None = None
    marks: tuple[Mark, ...] = ()
    loop_s: tuple[float, float] | None = None
    chapters_s: tuple[float, ...] = ()  # where parts of the recording begin
    seekable: bool = False
    scored_to: float | None = None  # share of a recording that has scores; None: all of it, or live


@dataclass(frozen=True, slots=True)
class TransportState:
    """The bar below a recording."""

    playback: PlaybackState
    position: str  # `0:01.2 / 0:04.0`
    frame: str  # `37 / 120`
    chapter: str = ""  # what the recording says of this part of it


@dataclass(frozen=True, slots=True, eq=False)
class ViewState:
    """All of the window."""

    picture: Frame | None
    overlay: OverlayState
    meter: MeterState
    trace: TraceState
    transport: TransportState | None
    status: StatusState
    message: Message | None


def view_state(
    snapshot: Snapshot,
    options: ViewOptions | None = None,
    marks: tuple[Mark, ...] = (),
    hint: str | None = None,
    *,
    held: bool = False,
    source: str = "",
) -> ViewState:
    """What the window shows. `hint` names what was measured in the worst region (core.hints).

    `held`: the user froze a live picture, which is no fault and grows old. A picture that stands has its own
    quality; the smoothed one belongs to what moves.
    """
    thresholds = snapshot.provenance.thresholds if snapshot.provenance else None
    stands = held or (snapshot.playback is not None and not snapshot.playback.playing)
    return ViewState(
        picture=snapshot.frame,
        overlay=_overlay(snapshot, options or ViewOptions(), hint),
        meter=_meter(snapshot, thresholds, stands=stands),
        trace=_trace(snapshot, thresholds, marks),
        transport=_transport(snapshot),
        status=status_state(snapshot, held=held),
        message=held_message() if held else message_for(snapshot, source),
    )


def _overlay(snapshot: Snapshot, options: ViewOptions, hint: str | None) -> OverlayState:
    analysis = snapshot.analysis
    if analysis is None or snapshot.frame is None or not options.overlays:
        return OverlayState()
    if analysis.frame.pixels.shape != snapshot.frame.pixels.shape or _of_another_still(snapshot):
        return OverlayState()  # this belongs to another picture
    reading, region = analysis.reading, analysis.region
    fresh = fade(snapshot.score_age_s) if reading.scored else 0.0
    return OverlayState(
        heatmap=analysis.heatmap,
        mask=region.mask,
        region=region.box,
        outline=region.outline or _corners(region.box),
        worst=reading.worst if fresh > 0 else None,
        worst_text=hint_text(hint) if hint and fresh > 0 else "",
        opacity=options.strength * fresh if options.heatmap and analysis.heatmap is not None else 0.0,
    )


def _corners(box: Box) -> tuple[tuple[float, float], ...]:
    return (box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)


def _of_another_still(snapshot: Snapshot) -> bool:
    """Whether the analysis is of another picture than the one shown, and they are no cine loop."""
    analysis, frame = snapshot.analysis, snapshot.frame
    if analysis is None or frame is None or snapshot.playback is None or snapshot.info is None:
        return False
    return snapshot.info.rate_hz is None and analysis.frame.index != frame.index


def _meter(snapshot: Snapshot, thresholds: tuple[float, float] | None, *, stands: bool) -> MeterState:
    if snapshot.scoring == "failed":
        return MeterState(
            word=translate("ViewState", "no score"), reason=translate("ViewState", "engine failed")
        )
    analysis = snapshot.analysis
    if analysis is None or _of_another_still(snapshot):
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


def _trace(snapshot: Snapshot, thresholds: tuple[float, float] | None, marks: tuple[Mark, ...]) -> TraceState:
    trace, playback = snapshot.trace, snapshot.playback
    marks = (*marks, *(Mark(time_s, "settings") for time_s in snapshot.settings_s))
    if playback is not None:
        loop_s = None
        if playback.loop is not None and trace is not None:
            loop_s = (float(trace.time_s[playback.loop[0]]), float(trace.time_s[playback.loop[1]]))
        end_s, share = max(playback.duration_s, 1e-3), snapshot.share_scored
        chapters_s = tuple(start_s for start_s, _ in snapshot.info.chapters) if snapshot.info else ()
        return TraceState(
            trace,
            0.0,
            end_s,
            playback.time_s,
            thresholds,
            marks,
            loop_s,
            chapters_s,
            seekable=True,
            scored_to=share if share is not None and share < 1.0 else None,
        )
    # time runs on while the source is silent: the last score moves away from "now"
    silent_s = max(0.0, (snapshot.frame_age_s or 0.0) - FRESH_S)
    newest_s = snapshot.frame.time_s + silent_s if snapshot.frame else 0.0
    return TraceState(trace, newest_s - LIVE_TRACE_S, newest_s, None, thresholds, marks)


def _transport(snapshot: Snapshot) -> TransportState | None:
    playback = snapshot.playback
    if playback is None:
        return None
    begun = [
        title
        for start_s, title in (snapshot.info.chapters if snapshot.info else ())
        if start_s <= playback.time_s + 1e-9
    ]
    return TransportState(
        playback,
        position=f"{seconds(playback.time_s)} / {seconds(playback.duration_s)}",
        frame=f"{playback.index + 1} / {playback.frames}",
        chapter=chapter_text(begun[-1]) if begun else "",
    )


def fade(age_s: float | None) -> float:
    """1 while the heatmap is as old as the picture or nearly so, falling to 0 at `GONE_S`; 0 for None."""
    if age_s is None:
        return 0.0
    return min(1.0, max(0.0, (GONE_S - age_s) / (GONE_S - FRESH_S)))
