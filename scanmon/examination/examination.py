"""How far an examination has come: a frozen value; analyses and what the user asks for give the next one.

No clock and no thread: time is that of the frames. A view is saved once quality has stayed at its bound or
above for its `hold_s`; the picture that is kept is the best of such a stretch, and one of a later stretch
takes its place only where it is better.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from scanmon.core.gaps import BRIDGED_S
from scanmon.core.values import Analysis
from scanmon.examination.protocol import Protocol, ProtocolView

State = Literal["open", "saved", "skipped"]
MOST_LETTERS: Final = 200  # of a label


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """One view. `best` is the picture that is kept once it is saved; before that, the best one seen."""

    view: ProtocolView
    state: State = "open"
    best: Analysis | None = None

    @property
    def quality(self) -> float | None:
        """0..100, of the picture `best` alone."""
        return None if self.best is None else self.best.reading.quality

    def record(self) -> dict[str, Any]:
        return {
            "name": self.view.name,
            "reach": self.view.reach,
            "quality": self.view.quality,
            "hold_s": self.view.hold_s,
            "state": self.state,
            "best_frame": None if self.best is None else self.best.frame.index,
            "best_quality": self.quality,
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """Good pictures without a break."""

    since_s: float
    best: Analysis  # the best of them


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """An examination while it goes on. Every method gives the next value."""

    protocol: str
    label: str
    views: tuple[Progress, ...]
    current: int = 0
    ended: bool = False
    last: Analysis | None = None  # that was offered
    stretch: _Stretch | None = None  # of good pictures that goes on now
    sparse_s: float = 0.0  # between the last two scores, where that is too long to hold anything

    @classmethod
    def begin(cls, protocol: Protocol, label: str = "") -> Examination:
        """The first view is chosen. Of `label` the printable letters are kept."""
        plain = "".join(letter if letter.isprintable() else " " for letter in label).strip()
        return cls(protocol.title, plain[:MOST_LETTERS], tuple(map(Progress, protocol.views)))

    @property
    def progress(self) -> Progress:
        """Of the view that is chosen."""
        return self.views[self.current]

    @property
    def bound(self) -> float | None:
        """Quality that the chosen view must reach; None: not calibrated, or no picture yet."""
        return None if self.last is None else self.progress.view.bound(self.last.provenance)

    @property
    def held_s(self) -> float:
        """For how long quality has been good without a break, at most the `hold_s` of the view."""
        if self.stretch is None or self.last is None:
            return 0.0
        return min(self.last.frame.time_s - self.stretch.since_s, self.progress.view.hold_s)

    @property
    def saved(self) -> int:
        return sum(one.state == "saved" for one in self.views)

    def offered(self, analysis: Analysis) -> Examination:
        last, reading = self.last, analysis.reading
        if self.ended or self.progress.state == "skipped" or (last and analysis.frame is last.frame):
            return replace(self, last=analysis)
        apart_s = analysis.frame.time_s - last.frame.time_s if last else 0.0
        sparse_s = apart_s if apart_s > BRIDGED_S else 0.0
        now = replace(self, last=analysis, stretch=self._stretched(analysis), sparse_s=sparse_s)
        if now.stretch is not None and now.held_s >= now.progress.view.hold_s:
            kept = self.progress.best if self.progress.state == "saved" else None
            if kept is None or _better(now.stretch.best, kept):
                return now._with(replace(self.progress, state="saved", best=now.stretch.best))
        elif self.progress.state == "open" and reading.quality is not None and not reading.late:
            seen = self.progress.best
            if seen is None or _better(analysis, seen) or not _comparable(analysis, seen):
                return now._with(replace(self.progress, best=analysis))
        return now

    def chosen(self, view: int) -> Examination:
        """Go to a view; one that does not exist changes nothing."""
        if self.ended or not 0 <= view < len(self.views) or view == self.current:
            return self
        return replace(self, current=view, stretch=None)

    def stepped(self, by: int) -> Examination:
        """Go to the view before or after, around the ends."""
        return self.chosen((self.current + by) % len(self.views))

    def skipped(self) -> Examination:
        """Leave the chosen view out, and go to the next open one. What was saved stays saved."""
        if self.ended:
            return self
        state: State = "saved" if self.progress.state == "saved" else "skipped"
        left = replace(self._with(replace(self.progress, state=state)), stretch=None)
        after = [(self.current + step) % len(self.views) for step in range(1, len(self.views))]
        return left.chosen(next((view for view in after if self.views[view].state == "open"), self.current))

    def retaken(self) -> Examination:
        """Begin the chosen view anew: its picture is given up."""
        return self if self.ended else replace(self._with(Progress(self.progress.view)), stretch=None)

    def finished(self) -> Examination:
        return replace(self, ended=True, stretch=None)

    def record(self) -> dict[str, Any]:
        """As the session keeps it; the same until something that is worth keeping changes."""
        views = [one.record() for one in self.views]
        return {"protocol": self.protocol, "label": self.label, "ended": self.ended, "views": views}

    def _with(self, progress: Progress) -> Examination:
        views = (*self.views[: self.current], progress, *self.views[self.current + 1 :])
        return replace(self, views=views)

    def _stretched(self, analysis: Analysis) -> _Stretch | None:
        """The stretch of good pictures that `analysis` goes on, begins or ends."""
        reading, bound = analysis.reading, self.progress.view.bound(analysis.provenance)
        if bound is None or reading.shown is None or reading.quality is None or reading.shown < bound:
            return None
        if reading.late:
            return None  # it is the quality of other pictures
        if self.progress.view.quality is None and reading.verdict is None:
            return None  # a picture that the bundle does not know has a number and no word
        before, now_s = self.stretch, analysis.frame.time_s
        if before is None or self.last is None or not _comparable(analysis, before.best):
            return _Stretch(now_s, analysis)
        if not 0 <= now_s - self.last.frame.time_s <= BRIDGED_S:
            return _Stretch(now_s, analysis)  # nobody knows what was between
        return replace(before, best=analysis) if _better(analysis, before.best) else before


def _comparable(one: Analysis, other: Analysis) -> bool:
    """Qualities of two bundles or metrics are not compared."""
    return (one.provenance.bundle, one.reading.metric) == (other.provenance.bundle, other.reading.metric)


def _better(one: Analysis, other: Analysis) -> bool:
    return _comparable(one, other) and (one.reading.quality or 0.0) > (other.reading.quality or 0.0)
