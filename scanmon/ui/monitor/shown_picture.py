"""The picture on the screen, with what the analysis found out about that very picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scanmon.core.values import Analysis, Frame
from scanmon.session.regions import same_region

PATIENCE_S = 0.5  # after that the window says what it is waiting for
WAIT_S = 20.0  # no engine that is any use needs longer for a picture


@dataclass(frozen=True, slots=True, eq=False)
class ShownPicture:
    """A picture that the user asked to keep while its analysis may still be running."""

    frame: Frame
    before: Analysis | None  # the newest analysis at that moment
    asked_s: float  # time.monotonic()

    def analysis(self, newest: Analysis | None) -> Analysis | None:
        """What to keep; None: ask again with the next analysis.

        A live picture that was never analysed, because a newer one had come, is kept without heatmap in the
        region that was found both before and after it. Where those two differ its own region is not known,
        and text around a region may be a name: then the picture analysed next takes its place.
        """
        if newest is None or newest.frame is self.frame:
            return newest
        if newest is self.before or newest.frame.captured_s < self.frame.captured_s:
            return None
        sizes = newest.frame.pixels.shape == self.frame.pixels.shape
        if sizes and self.before is not None and same_region(self.before.region, newest.region):
            bare = replace(newest.reading, worst=None)
            return replace(newest, frame=self.frame, readings=(bare,), heatmap=None)
        return newest
