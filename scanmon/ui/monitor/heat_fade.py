"""How a heatmap that is no longer of the picture shown fades away."""

from __future__ import annotations

FRESH_S = 0.5  # older than this the heatmap begins to fade
GONE_S = 1.0  # and is no longer drawn


def fade(age_s: float | None) -> float:
    """1 while the heatmap is as old as the picture or nearly so, falling to 0 at `GONE_S`; 0 for None."""
    if age_s is None:
        return 0.0
    return min(1.0, max(0.0, (GONE_S - age_s) / (GONE_S - FRESH_S)))
