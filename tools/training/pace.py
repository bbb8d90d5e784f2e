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

    @property
    def passed(self) -> float:
        return time.monotonic() - self._begun

    def _elapsed(self) -> float:
        """Share of the minutes that have passed."""
        return self.passed / (self.minutes * 60)

    def rate(self, step: int, warm_up: int) -> float:
        """Factor 0..1 of the learning rate: a warm-up, then a straight fall to 0.02."""
        progress = min(max(step / self.steps, self._elapsed()), 1.0)
        return min((step + 1) / warm_up, 1.0) * max(1.0 - progress, 0.02)

    def over(self, step: int) -> bool:
        return step >= self.steps or self._elapsed() >= 1.0

    def note(self, step: int, figures: list[float]) -> None:
        """Print the figures of the last steps, and the time left."""
        passed = self.passed
        pace = passed / max(step - self.first, 1)
        left = max(min(pace * (self.steps - step), self.minutes * 60 - passed), 0.0) / 60
        told = " ".join(f"{name} {figure:.4f}" for name, figure in zip(self.names, figures, strict=True))
        print(f"step {step}/{self.steps} {told} {pace:.2f} s a step, {left:.0f} min left", flush=True)


def rate_at(share: float, warm_up: float = 0.04) -> float:
    """Factor 0..1 of the learning rate when this share of the time has passed: a rise, then half a cosine."""
    if share < warm_up:
        return 0.05 + 0.95 * share / warm_up
    return 0.005 + 0.995 * 0.5 * (1.0 + math.cos(math.pi * min((share - warm_up) / (1.0 - warm_up), 1.0)))


def level_rate_at(share: float, steps: int) -> float:
    """Factor 0..1 of the learning rate: up over 100 steps, level for a third of the time, then down."""
    fall = 1.0 if share < 0.3 else max(0.01, 0.5 * (1 + np.cos(np.pi * min(1.0, (share - 0.3) / 0.7))))
    return min(1.0, (steps + 1) / 100) * fall


@torch.no_grad()
def average(kept: torch.nn.Module, net: torch.nn.Module, share: float) -> None:
    """Move a running mean of a network's numbers towards it by `share`; counters are taken over."""
    for mean, value in zip(kept.state_dict().values(), net.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(value, share)
        else:
            mean.copy_(value)


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
