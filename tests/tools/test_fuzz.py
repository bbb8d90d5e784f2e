"""A hundred changed files into each parser: a refusal in our own words, or a result.

The longer runs: `python -m tools.fuzz`, and the nightly workflow.
"""

from itertools import islice

import pytest

from scanmon.core.errors import ScanmonError
from tools.fuzz import main, mutants, tried
from tools.fuzz_command import Ended
from tools.fuzz_targets import TARGETS, Target

_LONGEST_S = 30


@pytest.mark.parametrize("name", TARGETS)
def test_no_changed_file_raises_what_is_not_ours(name: str) -> None:
    faults: list[str] = []
    many = 2 if name == "stream-rtp" else 100  # each waits for its packets
    with TARGETS[name]() as target:
        for seed in target.seeds:
            target.parse(seed)  # sound: otherwise the mutants would end at the first byte
        count, longest_s = tried(
            target,
            islice(mutants(target.seeds, seed=1), many),
            lambda data, error: faults.append(f"{type(error).__name__}: {error}"),
        )
    assert faults == []
    assert count == many
    assert longest_s < _LONGEST_S


def test_mutants_are_the_same_for_a_seed_and_differ_from_what_they_were() -> None:
    first, again, other = (list(islice(mutants([b"abcdef" * 50], seed), 50)) for seed in (1, 1, 2))
    assert first == again != other
    assert sum(data != b"abcdef" * 50 for data in first) > 40


def test_a_fault_is_found_kept_and_told(tmp_path, monkeypatch, capsys) -> None:
    from contextlib import nullcontext

    def parse(data: bytes) -> None:
        if data[:1] == b"a":
            raise ScanmonError("refused")
        raise KeyError("weak")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(TARGETS, "plan", lambda: nullcontext(Target([b"a" * 20], parse)))
    assert main(["plan", "--mutants", "60"]) == 1
    assert "KeyError: 'weak' (fuzz-plan-" in capsys.readouterr().out
    assert all(path.read_bytes()[:1] != b"a" for path in tmp_path.glob("fuzz-plan-*"))


@pytest.mark.parametrize(
    ("ended", "faults"),
    [
        (Ended(0, ['{"a": 1}'], ["WARNING: a"], 100.0, 1.0), 0),
        (Ended(1, [], ["error: a.png: cannot be decoded; save it again"], 100.0, 1.0), 0),
        (Ended(1, [], ["error: unexpected KeyError: 'a'; run again with --debug"], 100.0, 1.0), 1),
        (Ended(1, [], [], 100.0, 1.0), 1),
        (Ended(-11, [], ["error: a"], 100.0, 1.0), 1),
        (Ended(0, [], ["libpng error: Read Error"], 2000.0, 40.0), 3),
    ],
)
def test_what_is_wrong_with_a_command(ended: Ended, faults: int) -> None:
    assert len(list(ended.faults())) == faults
