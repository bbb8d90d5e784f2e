"""The layout holds at every size that a scanning room has, in both languages."""

import pytest

from tests.doubles.commands import python


@pytest.mark.parametrize(
    ("size", "scale", "language"),
    [((1024, 768), 1, "en"), ((1024, 768), 2, "de"), ((1920, 1080), 1, "de"), ((1920, 1080), 2, "en")],
)
def test_no_text_is_clipped_and_nothing_lies_on_the_picture(size, scale, language):
    words = {"LANG": f"{language}_DE.UTF-8", "LC_ALL": "", "LANGUAGE": language}
    said = python("-m", "tests.ui.layout", *size, QT_SCALE_FACTOR=str(scale), **words)
    assert said.row == {"ratio": scale, "faults": {}}
