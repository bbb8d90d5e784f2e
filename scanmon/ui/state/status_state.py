"""A Snapshot -> the texts of the bottom line. Pure, as `view_state`."""

from dataclasses import dataclass

import numpy as np

from scanmon.core.values import WITHDRAWN_S, Reason, cost_ms
from scanmon.runtime.snapshot import Latency, Snapshot
from scanmon.ui.state.texts import figure, translate

OLD_FRAME_S = 0.120  # from here on the age of the picture is a warning
SILENT_S = 1.0  # a source that has given no picture for so long is failing
SLOW_SCORE_MS = 500.0  # of 95 % of the scores: from there on a number is dimmed


@dataclass(frozen=True, slots=True)
class StatusState:
    """What is running, one line."""

    source: str = ""
    engine: str = ""
    age: str = ""
    age_warns: bool = False
    health: str = ""  # of a live source, one word
    counts: str = ""  # frames
    rate: str = ""  # of a recording: what a score costs; live: delays
    rate_tooltip: str = ""  # what the figures of `rate` are


def status_state(snapshot: Snapshot, *, held: bool) -> StatusState:
    """`held`: the user froze a live picture, which grows old without being late."""
    provenance = snapshot.provenance
    age_s = None if held else snapshot.frame_age_s
    age = ""
    if age_s is not None:
        age = _age(age_s)
    live = snapshot.playback is None
    return StatusState(
        source=_source(snapshot),
        engine=f"{provenance.bundle} · {provenance.engine}" if provenance else "",
        age=age,
        age_warns=age_s is not None and age_s > OLD_FRAME_S,
        health=_health(snapshot) if live and snapshot.counts.captured else "",
        counts=_counts(snapshot) if live else _not_scored(snapshot),
        rate=_delays(snapshot) if live else _cost(snapshot),
        rate_tooltip=translate(
            "ViewState", "From capture to display and to score: p50/p95/p99 of the last 10 s"
        )
        if live
        else "",
    )


def _source(snapshot: Snapshot) -> str:
    """With the size of the picture that is shown: stills have each their own, a live one may change."""
    info, frame = snapshot.info, snapshot.frame
    if info is None:
        return ""
    height, width = frame.pixels.shape if frame is not None else (info.height, info.width)
    return f"{info.name}  {width}×{height}"


def _age(age_s: float) -> str:
    if age_s < 1.0:
        return translate("ViewState", "picture {0} ms old").format(f"{age_s * 1e3:.0f}")
    return translate("ViewState", "picture {0} s old").format(figure(f"{age_s:.1f}"))


def _delays(snapshot: Snapshot) -> str:
    """From capture to display and to score, p50/p95/p99; empty before the first picture."""
    parts = [
        text.format(_percentiles(delay))
        for text, delay in (
            (translate("ViewState", "display {0} ms"), snapshot.capture_to_display),
            (translate("ViewState", "score {0} ms"), snapshot.capture_to_score),
        )
        if delay is not None
    ]
    return " · ".join(parts)


def _percentiles(delay: Latency) -> str:
    return f"{delay.p50_ms:.0f}/{delay.p95_ms:.0f}/{delay.p99_ms:.0f}"


def _counts(snapshot: Snapshot) -> str:
    counts = snapshot.counts
    if not counts.captured:
        return ""
    text = translate("ViewState", "{0} captured, {1} shown, {2} scored, {3} not scored").format(
        counts.captured, counts.shown, counts.scored, counts.dropped
    )
    failed = translate("ViewState", "{0} failed").format(counts.failed)
    text = f"{text}, {failed}" if counts.failed else text
    share = translate("ViewState", "{0} % not scored").format(round(100 * counts.dropped / counts.captured))
    return f"{share} · {text}"


def _health(snapshot: Snapshot) -> str:
    """One word for capture and scores of a live source; none while the engine loads."""
    age_s, delay = snapshot.frame_age_s or 0.0, snapshot.capture_to_score
    if snapshot.scoring == "loading" and snapshot.state == "running" and age_s <= SILENT_S:
        return ""
    late = age_s > SILENT_S or snapshot.score_age_s is None or snapshot.score_age_s > WITHDRAWN_S
    late = late or (snapshot.analysis is not None and snapshot.analysis.reading.reason is Reason.STALE)
    if snapshot.state == "reconnecting" or snapshot.scoring == "failed" or late:
        return translate("ViewState", "failing")
    slow = age_s > OLD_FRAME_S or (delay is not None and delay.p95_ms > SLOW_SCORE_MS)
    return translate("ViewState", "slow") if slow else translate("ViewState", "good")


def _not_scored(snapshot: Snapshot) -> str:
    counts, share = snapshot.counts, snapshot.share_scored
    parts = []
    if share is not None and share < 1.0 and snapshot.scoring != "failed":
        parts.append(translate("ViewState", "{0} % scored in order").format(int(100 * share)))
    if share is None and snapshot.trace is not None:  # a session has what it was recorded with
        without = int(np.isnan(snapshot.trace.steady).sum())
        parts += [translate("ViewState", "{0} not scored").format(without)] if without else []
    if counts.failed:
        parts.append(translate("ViewState", "{0} failed").format(counts.failed))
    return " · ".join(parts)


def _cost(snapshot: Snapshot) -> str:
    reading = snapshot.analysis.reading if snapshot.analysis else None
    if reading is None or reading.engine_ms is None:
        return ""
    return translate("ViewState", "{0} ms a score").format(f"{cost_ms(reading):.0f}")
