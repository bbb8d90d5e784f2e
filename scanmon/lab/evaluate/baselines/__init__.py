"""Other no-reference metrics, so that everyone sees what the metrics of a bundle add.

BRISQUE and NIQE come from packages of the extra `baselines`; the simple ones are written out here.
docs/decisions/0030-baselines.md says which others were looked at, and why they are not here.
"""

from __future__ import annotations

from scanmon.lab.evaluate.baselines.measures import brightness, brisque, laplacian_variance, niqe, speckle_snr
from scanmon.lab.evaluate.baselines.windowed import Windowed
from scanmon.lab.evaluate.measure import Measure

__all__ = ["baselines", "simple_baselines"]


def simple_baselines() -> list[Measure]:
    """Those that need no package, each higher for better."""
    return [
        Windowed("brightness", brightness),
        Windowed("laplacian variance", laplacian_variance),
        Windowed("speckle snr", speckle_snr),
    ]


def baselines() -> list[Measure]:
    """All baselines. Raises `SettingsError` where a package is missing."""
    return [Windowed("brisque", brisque()), Windowed("niqe", niqe()), *simple_baselines()]
