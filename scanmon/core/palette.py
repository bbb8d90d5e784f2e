"""The colours of the three words, the same in the window, the film and the report.

Blue, yellow and vermilion of Okabe and Ito (2008): apart for every kind of colour vision, and in lightness.
"""

from typing import Final

from scanmon.core.values import Verdict

ON_DARK: Final = {Verdict.ADEQUATE: "#56b4e9", Verdict.MARGINAL: "#e9d55a", Verdict.INADEQUATE: "#d9733a"}
ON_LIGHT: Final = {Verdict.ADEQUATE: "#0072b2", Verdict.MARGINAL: "#886c00", Verdict.INADEQUATE: "#6f1d00"}


def blue_green_red(colour: str) -> tuple[int, int, int]:
    """`#rrggbb` in the order of OpenCV."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return blue, green, red
