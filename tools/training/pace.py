"""Steps and minutes of a training: when it ends, how fast it learns, what it prints; its state on disk."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

PRINT_EVERY = 20


@dataclass(slots=True)
class Pace:
    """A training ends after `steps` steps in all, or `minutes` after this run began.

    Whichever is nearer rules the learning rate, so that a stop on the clock is a finished training too.
    """

    steps: int
    minutes: float
    first: int  # the step that this run begins at
    names: tuple[str, ...]  # of the figures that are printed
    _begun: float = field(default_factory=time.monotonic)
    _sums: list[float] = field(default_factory=list)
    _count: int = 0

    @property
    def passed(self) -> float:
        return time.monotonic() - self._begun

    def _elapsed(self) -> float:
        """Share of the minutes that have passed."""
        return (time.monotonic() - self._begun) / (self.minutes * 60)

    def rate(self, step: int, warm_up: int) -> float:
        """Factor 0..1 of the learning rate: a warm-up, then a straight fall to 0.02."""
        progress = min(max(step / self.steps, self._elapsed()), 1.0)
        return min((step + 1) / warm_up, 1.0) * max(1.0 - progress, 0.02)

    def over(self, step: int) -> bool:
        return step >= self.steps or self._elapsed() >= 1.0

    def note(self, step: int, figures: list[float]) -> None:
        """Take the figures of a step; print their means and the time left every 20 steps and at the end."""
        self._sums = list(np.add(self._sums, figures)) if self._sums else list(figures)
        self._count += 1
        if step % PRINT_EVERY and not self.over(step):
            return
        passed = time.monotonic() - self._begun
        pace = passed / max(step - self.first, 1)
        left = max(min(pace * (self.steps - step), self.minutes * 60 - passed), 0.0) / 60
        means = " ".join(
            f"{name} {total / self._count:.4f}" for name, total in zip(self.names, self._sums, strict=True)
        )
        print(f"step {step}/{self.steps} {means} {pace:.2f} s a step, {left:.0f} min left", flush=True)
        self._sums, self._count = [], 0


def rate_at(share: float, warm_up: float = 0.04) -> float:
    """Factor 0..1 of the learning rate when this share of the time has passed: a rise, then half a cosine."""
    if share < warm_up:
        return 0.05 + 0.95 * share / warm_up
    return 0.005 + 0.995 * 0.5 * (1.0 + math.cos(math.pi * min((share - warm_up) / (1.0 - warm_up), 1.0)))


def load_state(file: Path) -> dict[str, Any] | None:
    if not file.exists():
        return None
    state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    print(f"going on at step {state['step']}", flush=True)
    return state


def save_state(file: Path, state: Mapping[str, Any]) -> None:
    """Replace the file in one move, so that a stop while writing leaves the one before."""
    unfinished = file.with_suffix(".new")
    torch.save(dict(state), unfinished)
    unfinished.replace(file)
