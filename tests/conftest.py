"""What every test may use."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.bundles import tiny_bundle  # noqa: F401 a fixture, for every test
from tests.scenes import PATIENCE_S

# Properties are tried on the same examples in every run and without a limit on time: a suite tells what
# changed in the code, not how lucky it was or how busy the machine. To look further there is
# `--hypothesis-profile=search`.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("search", settings.get_profile("steady"), derandomize=False, max_examples=1000)
settings.load_profile("steady")

# without a display every Qt test runs on the offscreen platform; set before anything imports Qt
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SCANMON_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with reference numbers and real pictures, which lie beside the project and not in it."""
    if not (SHARED / "reference" / "golden.json").is_file():
        pytest.skip("no reference data: ../shared, or the folder that SCANMON_SHARED names, is not there")
    return SHARED


@pytest.fixture(autouse=True)
def no_thread_is_left_behind() -> Iterator[None]:
    """A test that leaves a thread of ours running fails."""
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before and thread.name.startswith("scanmon") and thread.is_alive()
    ]
    for thread in left:  # one that is just ending is not left behind
        thread.join(PATIENCE_S)
    names = [thread.name for thread in left if thread.is_alive()]
    assert not names, f"threads left behind: {names}"
