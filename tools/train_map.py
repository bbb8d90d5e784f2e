"""Train the severity map of the default bundle: `python -m tools.train_map --data PACK.npz --minutes 5.2`.

Everything is made on the device (a GPU, or the processor where there is none): pictures lie there, faults and
targets are drawn there in batches. Seeded; `--work` holds the state, saved every 40 s and taken up again; the
rate falls with the clock, so a stop by the clock is a finished training.
"""

import argparse
import copy
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import onnx
import torch

from scanmon.scoring.bundle import open_bundle
from tools.training.draw import POOR_ODDS, Drawn, Plan, draw
from tools.training.faults.scene import Chance
from tools.training.folded import unfolded
from tools.training.map_net import MapNet
from tools.training.pace import average, load_state, rate_at, save_state
from tools.training.phantoms import Simulation
from tools.training.quick_check import check
from tools.training.store import Store, packed, store_of
from tools.training.terms import NAMES, batch_loss

STATE, LOG = "map.pt", "log_map.txt"
SAVE_S, PRINT_STEPS = 40.0, 25
AVERAGE = 0.997  # of the running mean of the weights; it follows more quickly in the first steps
VIEWS = (
    (448, 448), (448, 448), (448, 448), (448, 512), (320, 384), (320, 384),
    (256, 320), (208, 256), (160, 208),
)  # fmt: skip
"""Sizes of a view, drawn evenly: a region that is smaller than the working height is never enlarged, and a
blur of a picture of 200 lines is a pixel or two."""


def say(log: TextIO, line: str) -> None:
    print(line, flush=True)
    print(line, file=log, flush=True)


class Training:
    """The network, its average, the optimiser and the pictures of one run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(options.seed)
        self.net = self._begun().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if options.late:
            for early in (self.net.fine, self.net.statistics, self.net.middle):
                early.requires_grad_(False)
        self.kept = copy.deepcopy(self.net)
        weights = [weight for weight in self.net.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(weights, lr=options.rate, weight_decay=5e-3)
        self.step, self.spent = 0, 0.0
        quick = self.device.type == "cuda" or torch.backends.cpu.get_cpu_capability() != "AVX2"
        self.precision = torch.bfloat16 if quick else None  # seven times slower where it is emulated
        pictures, grades = packed(options.data)
        self.store = store_of(pictures[:: options.every], grades[:: options.every], self.device)
        held, held_grades = packed(options.data, held_back=True)
        good = [number for number, grade in enumerate(held_grades) if grade == 0]
        self.held: Store = store_of([held[n] for n in good], [0] * len(good), self.device)

    def _begun(self) -> MapNet:
        """A new network, or that of a bundle, whose norms are folded and stay as they are."""
        self.folded = self.options.begin is not None and self.options.begin.is_dir()
        if not self.folded:
            return MapNet()
        bundle = open_bundle(self.options.begin)
        if bundle.map is None:
            raise SystemExit(f"error: {self.options.begin}: the bundle has no map; give another one")
        return unfolded(onnx.load_from_string(bundle.read(bundle.map.file)), MapNet())

    def state(self) -> dict[str, Any]:
        parts = {"net": self.net, "averaged": self.kept, "optimizer": self.optimizer}
        return {name: part.state_dict() for name, part in parts.items()} | {
            "step": self.step,
            "spent": self.spent,
            "folded": self.folded,
        }

    def take_up(self, state: dict[str, Any]) -> None:
        for name, part in (("net", self.net), ("averaged", self.kept), ("optimizer", self.optimizer)):
            part.load_state_dict(state[name])
        self.step, self.spent = int(state["step"]), float(state["spent"])
        self.folded = bool(state["folded"])

    def _asked(self, drawn: Drawn) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of a batch, in bfloat16 where the device has it."""
        try:
            return batch_loss(self.net, drawn, self.store, self.precision)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as failed:
            if self.precision is None:
                raise
            print(f"float32 from here on: {failed}", flush=True)
            self.precision = None
            return batch_loss(self.net, drawn, self.store, None)

    def step_on(self, rate: float) -> torch.Tensor:
        """One step; where the memory does not hold a batch, with fewer pictures from there on."""
        while True:
            try:
                return self.learn(rate)
            except torch.OutOfMemoryError:
                if self.options.groups <= 4:
                    raise
                self.options.groups = self.options.groups * 3 // 4 // 4 * 4
                print(f"{self.options.groups} pictures a step from here on: memory", flush=True)
                self.optimizer.zero_grad(set_to_none=True)
                torch.cuda.empty_cache()

    def learn(self, rate: float) -> torch.Tensor:
        """One step. Returns the parts of the loss, on the device."""
        rng = np.random.default_rng((self.options.seed, self.step))
        view = VIEWS[int(rng.integers(len(VIEWS)))] if not self.options.small else (128, 160)
        groups = self.options.groups
        plan = Plan(
            view=view, groups=groups, negatives=-(-groups // 3), slot=max(groups // 8, 1), poor=POOR_ODDS
        )
        generator = torch.Generator(self.device).manual_seed(int(rng.integers(1 << 62)))
        drawn = draw(self.store, plan, Chance(rng, generator))
        self.net.train(not self.folded)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss, parts = self._asked(drawn)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward([loss])
        norm = torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        for weight in self.net.parameters():  # one odd batch must not end the training; nothing waits for it
            if weight.grad is not None:
                weight.grad.nan_to_num_(0.0, 0.0, 0.0)
        self.optimizer.step()
        average(self.kept, self.net, max(1.0 - AVERAGE, 1.0 / (self.step + 1)))
        self.step += 1
        return torch.cat([parts, norm.detach().view(1)])


def run(training: Training, log: TextIO, simulation: Simulation | None) -> None:
    """Train until the minutes are over; save, check and print on the way."""
    options = training.options
    begun = time.monotonic() - training.spent
    limit, saved, checked = options.minutes * 60.0, time.monotonic(), time.monotonic()
    figures: list[torch.Tensor] = []
    printed, printed_at = time.monotonic(), training.step
    while (spent := time.monotonic() - begun) < limit and training.step < options.steps:
        training.spent = spent
        share = max(spent / limit, training.step / options.steps)
        figures.append(training.step_on(options.rate * rate_at(share)))
        if len(figures) == PRINT_STEPS or training.step <= 2:
            if simulation:
                training.store.add(simulation.ready())
            means = torch.stack(figures).mean(0).tolist()
            pace = (training.step - printed_at) / (time.monotonic() - printed)
            parts = " ".join(f"{n} {m:.4f}" for n, m in zip((*NAMES, "gradient"), means, strict=True))
            held = len(training.store.organs)
            say(log, f"{spent:6.1f} s step {training.step} {parts} {pace:.2f} steps/s {held} pictures")
            figures, printed, printed_at = [], time.monotonic(), training.step
        if time.monotonic() - saved > SAVE_S:
            save_state(options.work / STATE, training.state())
            saved = time.monotonic()
        if options.check and time.monotonic() - checked > options.check_s and limit - spent > 30:
            say(log, check(training.kept, training.held, options.check, options.seed).line())
            checked = time.monotonic()
    save_state(options.work / STATE, training.state())
    if options.check:
        say(log, check(training.kept, training.held, options.check, options.seed).line())


def options_of(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of a training, from the command line where none are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="file made by tools.training.pack")
    parser.add_argument("--work", type=Path, default=Path("work/map"))
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--steps", type=int, default=10**9)
    parser.add_argument("--groups", type=int, default=32, help="pictures a step, nine views each")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument(
        "--begin", type=Path, help="bundle whose map, or state of an earlier training, to begin with"
    )
    parser.add_argument(
        "--late", action="store_true", help="train only what follows the stride of 8: twice as many steps"
    )
    parser.add_argument("--phantoms", type=int, default=700)
    parser.add_argument("--processes", type=int, default=12, help="that simulate phantoms; 0: none")
    parser.add_argument("--check", type=int, default=16, help="held-back pictures of a check; 0: none")
    parser.add_argument("--check-s", type=float, default=70.0, help="seconds between two checks")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--every", type=int, default=1, help="take every n-th picture only")
    parser.add_argument("--small", action="store_true", help="small views, to see that all runs")
    return parser.parse_args(given)


def main() -> None:
    """Train for `--minutes`; leave `map.pt` and `log_map.txt` in the work folder."""
    options = options_of()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = False  # trying algorithms for every view and family took 200 s of 460
    torch.backends.cudnn.allow_tf32 = False  # ten bits are too few for a blur of eight-bit pictures
    options.work.mkdir(parents=True, exist_ok=True)
    with (options.work / LOG).open("a", encoding="utf-8") as log:
        simulation = Simulation(options.phantoms, options.processes) if options.processes else None
        training = Training(options)
        if state := load_state(options.work / STATE) or (
            load_state(options.begin) if options.begin and options.begin.is_file() else None
        ):
            training.take_up(state)
        say(
            log,
            f"{training.device} {len(training.store.organs)} pictures, {len(training.held.organs)} held back",
        )
        run(training, log, simulation)
        if simulation:
            simulation.stop()


if __name__ == "__main__":
    main()
