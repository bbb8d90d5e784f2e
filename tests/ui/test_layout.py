"""The layout holds at every size that a scanning room has, in both languages."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("size", "scale", "language"),
    [((1024, 768), 1, "en"), ((1024, 768), 2, "de"), ((1920, 1080), 1, "de"), ((1920, 1080), 2, "en")],
)
def test_no_text_is_clipped_and_nothing_lies_on_the_picture(size, scale, language):
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": str(scale),
        "LANG": f"{language}_DE.UTF-8",
        "LC_ALL": "",
        "LANGUAGE": language,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.layout", *map(str, size)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"ratio": scale, "faults": {}}
