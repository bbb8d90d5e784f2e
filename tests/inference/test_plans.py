"""Plans are kept whole, checked before use, and refused with the field that differs."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from scanmon.core.errors import EngineError
from scanmon.inference.plans import PlanKey, load, pack, plans_folder, prune, store, stored, unpack

KEY = PlanKey("ab" * 32, "tensorrt", "10.9", "RTX 4090", "SM89", "fp16", "1-48-153", "")


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANMON_CACHE", str(tmp_path))


def test_plan_comes_back_for_exactly_its_key() -> None:
    store(KEY, b"code")
    assert load(KEY) == b"code"
    assert [plan.key for plan in stored()] == [KEY]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"gpu": "RTX 3060", "capability": "SM86"}, "gpu is 'RTX 3060' here and 'RTX 4090' there"),
        ({"runtime_version": "11.4"}, "runtime_version is '11.4' here and '10.9' there"),
        ({"profile": "1-20-136"}, "profile is '1-20-136' here"),
        ({"options": "user-allocation"}, "options is 'user-allocation' here"),
        ({"onnx_sha256": "cd" * 32}, "no plan of this network"),
    ],
)
def test_plan_for_something_else_is_refused_with_what_differs(changes: dict[str, str], says: str) -> None:
    store(KEY, b"code")
    with pytest.raises(EngineError, match=says) as caught:
        load(replace(KEY, **changes))
    assert "scanmon build" in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data[:-1] + b"x",
        lambda data: data + b"x",
        lambda data: b"",
        lambda data: data[:40],
        lambda data: b"\0" * 5000,
        lambda data: data.replace(b"RTX", b"\xff\xff\xff"),
    ],
)
def test_changed_plan_is_not_given_to_a_runtime(spoil) -> None:  # type: ignore[no-untyped-def]
    path = store(KEY, b"code")
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(EngineError, match=r"damaged|not a plan"):
        load(KEY)


def test_a_plan_that_the_builder_was_told_less_of_is_another() -> None:
    now = PlanKey.of(b"network", "tensorrt-rtx", "1.7", "fp16", "SM89", "RTX 4090")
    store(replace(now, options=""), b"code")
    with pytest.raises(EngineError, match="options is 'user-allocation' here and '' there"):
        load(now)


def test_plan_under_the_name_of_another_is_refused() -> None:
    other = replace(KEY, gpu="RTX 3060")
    store(KEY, b"code").rename(plans_folder() / f"{other.digest}.plan")
    with pytest.raises(EngineError, match="gpu is 'RTX 3060' here"):
        load(other)


def test_two_builds_at_once_leave_one_whole_plan() -> None:
    plans = [bytes([number]) * 200_000 for number in range(4)]
    threads = [threading.Thread(target=store, args=(KEY, plan)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load(KEY) in plans
    assert [path.suffix for path in plans_folder().iterdir()] == [".plan"]


def test_prune_keeps_the_plans_of_the_networks_named() -> None:
    store(KEY, b"a")
    store(replace(KEY, onnx_sha256="cd" * 32), b"b")
    (plans_folder() / "junk.plan").write_bytes(b"junk")
    assert prune({"cd" * 32}) == 2
    assert [plan.key.onnx_sha256 for plan in stored() if plan.key] == ["cd" * 32]


def test_plan_compiled_ahead_fits_every_gpu_that_it_names_and_no_other() -> None:
    ahead = replace(KEY, gpu="", capability="SM86,SM89")
    assert unpack(pack(ahead, b"code"), KEY, "x") == b"code"
    with pytest.raises(EngineError, match="capability is 'SM120' here"):
        unpack(pack(ahead, b"code"), replace(KEY, capability="SM120"), "x")
    with pytest.raises(EngineError, match="runtime_version"):
        unpack(pack(ahead, b"code"), replace(KEY, runtime_version="9"), "x")
