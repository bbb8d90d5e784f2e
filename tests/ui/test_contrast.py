"""Text can be read in both themes: 4.5:1 against what is behind it (WCAG 2.2, 1.4.3)."""

import pytest

from scanmon.core.palette import ON_DARK
from scanmon.ui.theme import DARK, LIGHT


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [value / 255 for value in bytes.fromhex(colour.removeprefix("#"))]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", ["text", "quiet", "adequate", "marginal", "inadequate", "warning"])
def test_words_stand_out_from_the_panel(theme, name):
    assert contrast(getattr(theme, name), theme.panel) >= 4.5


@pytest.mark.parametrize("colour", ON_DARK.values())
def test_the_quality_on_a_thumbnail_stands_out_from_its_black_ground(colour):
    assert contrast(colour, "#000000") >= 4.5
