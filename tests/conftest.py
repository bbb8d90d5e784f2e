"""What every test may use."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from scanmon.app.demo import cine_path
from scanmon.core.values import GrayImage
from scanmon.inference.cache_folder import cache_folder
from scanmon.lab.builder.graph import backbone_graph
from scanmon.runtime.monitor import Monitor
from scanmon.sources import phantom_scan
from scanmon.sources.phantom_tissue import Field, Probe
from scanmon.sources.video import VideoRecording
from tests.doubles.bundles import serialised, tiny_bundle  # noqa: F401 a fixture, for every test
from tests.doubles.commands import command, score  # noqa: F401
from tests.doubles.reference import Phantoms, Published, Reference
from tests.doubles.scenes import PATIENCE_S, PatientMonitor

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

# a shell ignores it for what runs in its background, and so would every process that a test interrupts
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# without a display every Qt test runs on the offscreen platform; set before anything imports Qt
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SCANMON_SHARED", ROOT.parent / "shared"))
_GOLDEN = SHARED / "reference" / "golden.json"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with reference numbers and real pictures, which lie beside the project and not in it."""
    if not _GOLDEN.is_file():
        pytest.skip("no reference data: ../shared, or the folder that SCANMON_SHARED names, is not there")
    return SHARED


@pytest.fixture(scope="session")
def real_pictures() -> dict[str, GrayImage]:
    """The heart of the demo and, where they are, pictures of other organs: none that training saw."""
    found = {"heart": next(iter(VideoRecording(cine_path()))).pixels}
    for organ in ("carotid", "fetal-head", "muscle") if _GOLDEN.is_file() else ():
        file = sorted((SHARED / "data" / "eval" / organ).glob("*.png"))[3]
        found[organ] = np.asarray(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE), np.uint8)
    return found


@pytest.fixture(scope="session", params=["phantoms", "published"] if _GOLDEN.is_file() else ["phantoms"])
def reference(request: pytest.FixtureRequest) -> Reference:
    """Numbers that the metric has to give: those in the project, and the published ones where they are."""
    return Phantoms() if request.param == "phantoms" else Published(_GOLDEN.parent)


@pytest.fixture(scope="session")
def backbone(reference: Reference) -> bytes:
    """The network that the numbers belong to."""
    return serialised(backbone_graph(reference.weights, reference.architecture))


@pytest.fixture(scope="session", autouse=True)
def home_is_left_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings, data and cache are of this run alone, also those of processes that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "SCANMON_CACHE"):
            patch.setenv(name, str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test alone, but for the networks that were tried: each costs a process of its own."""
    tried, folder = cache_folder() / "tried", tmp_path / "cache"
    tried.mkdir(exist_ok=True)
    folder.mkdir()
    (folder / "tried").symlink_to(tried, target_is_directory=True)
    monkeypatch.setenv("SCANMON_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session", autouse=True)
def tissue_is_made_once() -> Iterator[None]:
    """The phantom takes most of a second to grow its tissue: the same one is grown once a session."""
    grown: dict[str, tuple[Field, dict[str, Any]]] = {}
    grow = phantom_scan.echo_field

    def grow_once(probe: Probe, rng: np.random.Generator, *looks: int) -> Field:
        key = repr((probe, rng.bit_generator.state, looks))
        if key not in grown:
            field = grow(probe, rng, *looks)
            field.setflags(write=False)
            grown[key] = field, dict(rng.bit_generator.state)
        field, rng.bit_generator.state = grown[key]
        return field

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phantom_scan, "echo_field", grow_once)
        yield


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


@pytest.fixture
def started() -> Iterator[Callable[..., Monitor]]:
    """Makes and starts a patient monitor; whatever becomes of the test, it is stopped at its end."""
    monitors: list[Monitor] = []

    def start(*given: Any, **more: Any) -> Monitor:
        monitors.append(PatientMonitor(*given, **more))
        monitors[-1].start()
        return monitors[-1]

    yield start
    for monitor in monitors:
        monitor.stop()
