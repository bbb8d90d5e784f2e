"""What a session or an examination amounts to: shares of time, best and worst moments, views, faults."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanmon.core.gaps import BRIDGED_S, stands_for
from scanmon.core.records import DROPPED
from scanmon.core.schema import PARTS
from scanmon.core.values import Verdict
from scanmon.scoring.hints import WORTH_A_WORD
from scanmon.session.content import SessionContent

# `no word`: scored, but unlike what the bundle knows, or not calibrated; `no score`: no live B-mode;
# `not scored`: nobody knows, no frame was analysed for a while
SHARES = ("adequate", "marginal", "inadequate", "no word", "no score", "not scored")
STRETCHES: Final = 4  # of an examination
APART_S = 1.0  # between the moments that are shown


@dataclass(frozen=True, slots=True)
class Summary:
    """Shares of the recorded time in the order of `SHARES`, and pictures worth a look."""

    seconds: float
    frames: int
    scored: int
    shares: tuple[float, ...]  # they add up to 1, or are all 0 for an empty session
    median_quality: float | None
    best: tuple[int, ...]  # pictures of the better half, the best first
    worst: tuple[int, ...]  # pictures of the other half, the worst first


def summary(content: SessionContent, moments: int = 3) -> Summary:
    """Of the recorded time; an analysed frame stands for the time until the next, but for no gap."""
    rows, weights, end_s = _spoken_for(content)
    times_s = content.table.numbers("time_s")
    shares = _seconds_of(content, rows, weights)
    known_s = times_s[np.isfinite(times_s)]
    if len(known_s):
        shares[-1] = max(0.0, end_s - float(known_s.min()) - shares.sum())
    quality = content.table.numbers("quality")
    scored = quality[rows][np.isfinite(quality[rows])]
    pictured = content.pictures
    order = [
        int(p) for p in np.argsort(quality[pictured], kind="stable") if np.isfinite(quality[pictured][p])
    ]
    total = shares.sum()
    return Summary(
        seconds=float(np.nanmax(times_s, initial=0.0)),
        frames=len(content.table),
        scored=len(scored),
        shares=tuple(float(share) for share in (shares / total if total else shares)),
        median_quality=float(np.median(scored)) if len(scored) else None,
        best=_apart(order[len(order) // 2 :][::-1], times_s[pictured], moments),
        worst=_apart(order[: len(order) // 2], times_s[pictured], moments),
    )


def _spoken_for(content: SessionContent) -> tuple[NDArray[np.intp], NDArray[np.float64], float]:
    """The rows that were analysed, the seconds that each speaks for, and when the session ends."""
    rows = np.flatnonzero([reason != DROPPED for reason in content.table.texts("reason")])
    times_s = content.table.numbers("time_s")
    known_s = times_s[np.isfinite(times_s)]
    frame_s = float(np.median(np.diff(known_s))) if len(known_s) > 1 else 1.0
    end_s = float(known_s.max(initial=0.0)) + frame_s
    return rows, stands_for(times_s[rows], end_s), end_s


def _seconds_of(
    content: SessionContent, rows: NDArray[np.intp], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(6,) seconds in the order of `SHARES` for which analysed `rows` speak; the last one is 0."""
    verdicts, score = content.table.texts("verdict"), content.table.numbers("score")
    seconds = np.zeros(len(SHARES))
    for row, weight in zip(rows, weights, strict=True):
        without = "no score" if np.isnan(score[row]) else "no word"
        seconds[SHARES.index(verdicts[row] or without)] += weight
    return seconds


def _apart(order: list[int], times_s: NDArray[np.float64], most: int) -> tuple[int, ...]:
    """The first of `order`, each at least `APART_S` from those before it."""
    chosen: list[int] = []
    for picture in order:
        if all(abs(times_s[picture] - times_s[other]) >= APART_S for other in chosen):
            chosen.append(picture)
        if len(chosen) == most:
            break
    return tuple(chosen)


@dataclass(frozen=True, slots=True)
class ViewResult:
    """One view of the protocol."""

    name: str
    state: str  # saved | skipped | open
    quality: float | None  # 0..100, of its best picture
    picture: int | None  # number of that picture in the video; None where it is not in the session
    seconds: float  # for which it was chosen and analysed
    adequate_s: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Inadequate without a break. Times of the session."""

    start_s: float
    end_s: float
    lowest: float | None  # quality 0..100, as the meter showed it
    view: str
    fault: str  # one of `PARTS`; empty where the bundle measures none


@dataclass(frozen=True, slots=True)
class Examined:
    """`faults`: share of the scored time in which that part was the worst and below `WORTH_A_WORD`."""

    protocol: str
    label: str
    ended: bool
    views: tuple[ViewResult, ...]
    worst: tuple[Stretch, ...]  # the longest first
    faults: tuple[tuple[str, float], ...]  # the most frequent first


def examined(content: SessionContent) -> Examined | None:
    """None where no examination was recorded."""
    about: dict[str, Any] | None = content.about.get("examination")
    if about is None:
        return None
    rows, weights, _ = _spoken_for(content)
    names = np.array(content.table.texts("view"), object)
    faults = _faults(content)
    known = np.isfinite(content.table.numbers("quality")[rows])
    shares = {
        part: float(weights[(faults[rows] == number) & known].sum() / max(weights[known].sum(), 1e-9))
        for number, part in enumerate(PARTS)
    }
    return Examined(
        protocol=about["protocol"],
        label=about["label"],
        ended=about["ended"],
        views=tuple(_view(content, one, rows, weights, names[rows] == one["name"]) for one in about["views"]),
        worst=_worst(content, rows, weights, names, faults),
        faults=tuple(sorted(((p, s) for p, s in shares.items() if s > 0), key=lambda one: -one[1])),
    )


def _view(
    content: SessionContent,
    record: dict[str, Any],
    rows: NDArray[np.intp],
    weights: NDArray[np.float64],
    chosen: NDArray[np.bool_],
) -> ViewResult:
    seconds = _seconds_of(content, rows[chosen], weights[chosen])
    return ViewResult(
        name=record["name"],
        state=record["state"],
        quality=record["best_quality"],
        picture=_picture(content, record["best_frame"]),
        seconds=float(seconds.sum()),
        adequate_s=float(seconds[0]),
    )


def _picture(content: SessionContent, frame: int | None) -> int | None:
    """Of the frame that the source gave this number; the last one, as a replay may loop."""
    if frame is None:
        return None
    pictures = content.table.numbers("video_frame")[content.table.numbers("source_frame") == frame]
    pictures = pictures[pictures < len(content.pictures)]  # NaN: not stored; more: the video was cut off
    return int(pictures[-1]) if len(pictures) else None


def _faults(content: SessionContent) -> NDArray[np.int64]:
    """(n,) of each row the worst of `PARTS`, where it is worth a word; otherwise -1."""
    parts = np.stack([content.table.numbers(f"part_{part}") for part in PARTS])
    parts = np.where(np.isfinite(parts), parts, np.inf)
    return np.where(parts.min(axis=0) < WORTH_A_WORD, parts.argmin(axis=0), -1)


def _worst(
    content: SessionContent,
    rows: NDArray[np.intp],
    weights: NDArray[np.float64],
    names: NDArray[np.object_],
    faults: NDArray[np.int64],
) -> tuple[Stretch, ...]:
    times_s = content.table.numbers("time_s")
    shown = content.shown()  # what the word follows
    verdicts = np.array(content.table.texts("verdict"), object)
    bad = np.flatnonzero(verdicts[rows] == Verdict.INADEQUATE.value)
    if not len(bad):
        return ()
    # another verdict, another view or a gap ends a stretch
    apart = (np.diff(bad) > 1) | (names[rows[bad[1:]]] != names[rows[bad[:-1]]])
    apart |= np.diff(times_s[rows[bad]]) > BRIDGED_S
    found = []
    for piece in np.split(bad, np.flatnonzero(apart) + 1):
        of = rows[piece]
        known = shown[of][np.isfinite(shown[of])]
        worst = faults[of][faults[of] >= 0]
        found.append(
            Stretch(
                start_s=float(times_s[of[0]]),
                end_s=float(times_s[of[-1]] + weights[piece[-1]]),
                lowest=float(known.min()) if len(known) else None,
                view=names[of[0]] or "",
                fault=PARTS[int(np.bincount(worst).argmax())] if len(worst) else "",
            )
        )
    return tuple(sorted(found, key=lambda one: one.start_s - one.end_s)[:STRETCHES])
