"""A Snapshot and what the user chose to see -> everything that the window shows, as one frozen value.

Pure: no widget, no clock, no memory. What the screen says can be tested here without a window.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, Frame, Mask, Reason
from scanmon.runtime.snapshot import PlaybackState, Snapshot, Trace
from scanmon.ui.state.messages import Message, held_message, message_for
from scanmon.ui.state.meter_state import FRESH_S, MeterState, belongs, meter_state
from scanmon.ui.state.status_state import StatusState, status_state
from scanmon.ui.state.texts import chapter_text, hint_text, reason_text, seconds, translate

LIVE_TRACE_S = 60.0
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
    each_s: float | None = None  # of stills: how much of the time line each one has, as nothing joins them
    scored_to: float | None = None  # share of a recording that has scores; None: all of it, or live


@dataclass(frozen=True, slots=True)
class TransportState:
    """The bar below a recording."""

    playback: PlaybackState
    position: str  # `0:01.2 / 0:04.0`; stills have no time
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
    waited_s: float = 0.0,
) -> ViewState:
    """What the window shows. `hint` names what was measured in the worst region (scoring.hints).

    `source` as it may be shown, `waited_s` since it was asked for.

    `held`: the user froze a live picture, which is no fault and grows old. A paused picture has its own
    quality; the smoothed one belongs to what moves. Nothing is said of a picture that is not its own.
    """
    thresholds = snapshot.provenance.thresholds if snapshot.provenance else None
    paused = held or (snapshot.playback is not None and not snapshot.playback.playing)
    share = belongs(snapshot, paused=paused)
    shown_now = snapshot if share > 0 else replace(snapshot, analysis=None)
    meter = meter_state(shown_now, thresholds, paused=paused, sure=share == 1.0)
    if shown_now is not snapshot and not paused:
        word, reason = translate("ViewState", "no score"), reason_text(Reason.STALE)[0]
        meter = replace(meter, word=word, reason=reason, thresholds=thresholds)
    return ViewState(
        picture=snapshot.frame,
        overlay=_overlay(shown_now, options or ViewOptions(), hint, share),
        meter=meter,
        trace=_trace(snapshot, thresholds, marks),
        transport=_transport(snapshot),
        status=status_state(snapshot, held=held),
        message=held_message() if held else message_for(shown_now, source, waited_s),
    )


def _overlay(snapshot: Snapshot, options: ViewOptions, hint: str | None, share: float) -> OverlayState:
    """`share`: how far the analysis is of the picture that is shown."""
    analysis = snapshot.analysis
    if analysis is None or snapshot.frame is None or not options.overlays:
        return OverlayState()
    reading, region = analysis.reading, analysis.region
    fresh = min(share, fade(snapshot.score_age_s)) if reading.scored and not snapshot.late else 0.0
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


def _trace(snapshot: Snapshot, thresholds: tuple[float, float] | None, marks: tuple[Mark, ...]) -> TraceState:
    trace, playback = snapshot.trace, snapshot.playback
    marks = (*marks, *(Mark(time_s, "settings") for time_s in snapshot.settings_s))
    if playback is not None:
        loop_s = None
        if playback.loop is not None and trace is not None:
            loop_s = (float(trace.time_s[playback.loop[0]]), float(trace.time_s[playback.loop[1]]))
        end_s, share = max(playback.duration_s, 1e-3), snapshot.share_scored
        each_s = None
        if snapshot.still:
            each_s = playback.duration_s / max(1, playback.frames - 1) or 1.0
        chapters_s = tuple(start_s for start_s, _ in snapshot.info.chapters) if snapshot.info else ()
        return TraceState(
            trace,
            0.0,
            end_s + (each_s or 0.0),
            playback.time_s,
            thresholds,
            marks,
            loop_s,
            chapters_s,
            seekable=True,
            each_s=each_s,
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
        position="" if snapshot.still else f"{seconds(playback.time_s)} / {seconds(playback.duration_s)}",
        frame=f"{playback.index + 1} / {playback.frames}",
        chapter=chapter_text(begun[-1]) if begun else "",
    )


def fade(age_s: float | None) -> float:
    """1 while the heatmap is as old as the picture or nearly so, falling to 0 at `GONE_S`; 0 for None."""
    if age_s is None:
        return 0.0
    return min(1.0, max(0.0, (GONE_S - age_s) / (GONE_S - FRESH_S)))
