"""A sender that dies and comes back, seen from the scores: each is one of a picture that is live."""

import itertools
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Self

import pytest

from scanmon.core.values import Analysis, Reason
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.snapshot import Snapshot
from scanmon.sources.opening import open_live
from tests.doubles.coded_sender import Origin, origin_of, waited_s
from tests.doubles.scenes import PATIENCE_S, PatientMonitor, analyzer, wait_until
from tests.doubles.senders import free_port

ROOT = Path(__file__).resolve().parents[1]


class CodedSender:
    """A process of tests/doubles/coded_sender.py; killed at the end of the `with` block."""

    def __init__(self, port: int, number: int) -> None:
        self.number = number
        self.listened_s = 0.0  # on its own clock
        command = [sys.executable, "-m", "tests.doubles.coded_sender", str(port), str(number)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        assert self._said() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def listen(self) -> None:
        """Now the stream is there."""
        self._process.stdin.write("listen\n")
        self._process.stdin.flush()
        self.listened_s = float(self._said())

    def kill(self) -> None:
        """As a pulled plug: no goodbye."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _said(self) -> str:
        return self._process.stdout.readline().strip()


class Diary:
    """A sink that notes for each result the sender of its picture and why there is no score."""

    def __init__(self) -> None:
        self.entries: list[tuple[Origin, Reason | None]] = []
        self._firsts: dict[int, Origin] = {}  # by sender, what was scored first

    def write(self, analysis: Analysis) -> None:
        origin = origin_of(analysis.frame.pixels)
        assert origin is not None
        self.entries.append((origin, analysis.reading.reason))
        if analysis.reading.scored:
            self._firsts.setdefault(origin.sender, origin)

    def close(self) -> None:
        """Nothing is held."""

    def wait_for(self, sender: int) -> Origin:
        """The first picture of a sender that is scored."""
        wait_until(lambda: sender in self._firsts)
        return self._firsts[sender]


def has_more_gaps(monitor: Monitor, than: int) -> bool:
    return monitor.snapshot().counts.gaps > than


def held_up_s() -> float:
    """How long the threads that bring and score pictures were ready while others had the processor."""
    threads = [t for t in threading.enumerate() if t.name.startswith("scanmon")]
    return sum(waited_s(f"self/task/{thread.native_id}") for thread in threads)


def scored_sender(snapshot: Snapshot) -> int | None:
    """Whose picture the score belongs to that a window would show; None: it shows none."""
    if snapshot.analysis is None or not snapshot.analysis.reading.scored:
        return None
    origin = origin_of(snapshot.analysis.frame.pixels)
    return None if origin is None else origin.sender


def senders(port: int, stack: ExitStack) -> Iterator[CodedSender]:
    """One after the other; the next is ready before it is asked for."""
    coming = stack.enter_context(CodedSender(port, 1))
    for number in itertools.count(2):
        sender, coming = coming, stack.enter_context(CodedSender(port, number))
        yield sender


@pytest.mark.parametrize(
    ("restarts", "within_s"),
    [
        (4, PATIENCE_S),
        pytest.param(20, 1.0, marks=pytest.mark.slow),
    ],  # how quick it is shows on an idle machine
    ids=["four", "twenty within a second"],
)
def test_restarts_are_recoveries_and_no_score_is_of_a_dead_sender(restarts: int, within_s: float) -> None:
    chance, pause, port, diary = random.Random(7), threading.Event(), free_port(), Diary()
    recoveries_s: list[float] = []
    dead: list[tuple[int, int]] = []  # from which result on nobody heard of which sender
    monitor = PatientMonitor(open_live(f"http://127.0.0.1:{port}/"), analyzer, [diary])
    with ExitStack() as stack:
        following = senders(port, stack)
        sender = next(following)
        stack.callback(monitor.stop)
        monitor.start()
        sender.listen()
        diary.wait_for(1)
        for _ in range(restarts):
            pause.wait(chance.uniform(0.1, 0.6))
            gaps = monitor.snapshot().counts.gaps
            sender.kill()
            wait_until(partial(has_more_gaps, monitor, gaps))
            pause.wait(chance.uniform(0.0, 0.8))
            wait_until(lambda: scored_sender(monitor.snapshot()) is None)
            dead.append((len(diary.entries), sender.number))
            sender = next(following)
            held_before_s = held_up_s()
            sender.listen()
            first = diary.wait_for(sender.number)
            recoveries_s.append(first.own_s - sender.listened_s - (held_up_s() - held_before_s))
        snapshot = monitor.snapshot()
    assert snapshot.error is None
    assert max(recoveries_s) < within_s, recoveries_s
    assert len(recoveries_s) == restarts
    assert_only_live_pictures_are_scored(diary, dead)


def assert_only_live_pictures_are_scored(diary: Diary, dead: list[tuple[int, int]]) -> None:
    """In the order of the results: none is of a sender that has gone, and that it has gone is said."""
    for number, gone in dead:
        assert diary.entries[number - 1][1] is Reason.STALE
        assert all(origin.sender > gone for origin, reason in diary.entries[number:] if reason is None)
    assert {origin.sender for origin, reason in diary.entries if reason is None} == set(
        range(1, len(dead) + 2)
    )
    made_s = [origin.made_s for origin, reason in diary.entries if reason is None]
    assert made_s == sorted(set(made_s))  # and none comes twice, or after a later one
