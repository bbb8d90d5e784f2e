"""uLPIPS of `scanmon compare` beside that of an earlier scanmon, in one run and with the same threads.

    git worktree add --detach FOLDER c188c57
    python tools/bench_ulpips.py --earlier FOLDER [--rounds N]

That commit is the last before uLPIPS was made faster. Both take the network of today's default bundle, each
in a process of its own, in turns: a pair of pictures, a picture against the reference of the one before, and
the distance alone. With one thread, and as the commands come.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

ROOT = Path(__file__).parents[1]
WHAT = ("pair", "same_reference", "distance")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def main() -> int:
    """Print medians in ms and their ratios; fail where the values differ by more than 1e-7."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--earlier", type=Path, metavar="FOLDER", help="a checkout of c188c57")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--serve", choices=("earlier", "today"), help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        _serve(_earlier(args.threads) if args.serve == "earlier" else _today(args.threads))
        return 0
    differ = [_compare(args.earlier, args.rounds, threads) for threads in (1, 0)]
    return 0 if max(differ) <= 1e-7 else 1


def _compare(earlier: Path, rounds: int, threads: int) -> float:
    """The largest difference of two values. `threads` 0: as the commands come."""
    own = {name: str(threads) for name in _THREADS} if threads else {}
    sides = {
        name: subprocess.Popen(
            [sys.executable, __file__, "--serve", name, "--threads", str(threads)],
            env={**os.environ, **own, "PYTHONPATH": str(folder)}, stdin=-1, stdout=-1, text=True,
        )
        for name, folder in (("earlier", earlier), ("today", ROOT))
    }  # fmt: skip
    taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
    differ = 0.0
    for _ in range(rounds):
        for what in WHAT:
            values = []
            for name, side in sides.items():
                assert side.stdin is not None
                assert side.stdout is not None
                print(what, file=side.stdin, flush=True)
                processor, wall, value = json.loads(side.stdout.readline())
                taken.setdefault((name, what), []).append((processor, wall))
                values.append(value)
            differ = max(differ, abs(values[0] - values[1]))
    for side in sides.values():
        assert side.stdin is not None
        side.stdin.close()
        side.wait()
    result: dict[str, object] = {"threads": threads or "as they come", "largest_difference": differ}
    for what in WHAT:
        for number, clock in enumerate(("processor", "wall")):
            ms = [1e3 * median(one[number] for one in taken[name, what]) for name in sides]
            result[f"{what}_{clock}"] = {"earlier_ms": ms[0], "today_ms": ms[1], "ratio": ms[0] / ms[1]}
    print(json.dumps(result, indent=2))
    return differ


Work = dict[str, Callable[[], float]]


def _serve(work: Work) -> None:
    for line in sys.stdin:
        wall, processor = perf_counter(), process_time()
        value = work[line.strip()]()
        print(json.dumps((process_time() - processor, perf_counter() - wall, value)), flush=True)


def _pictures() -> list[Any]:
    import cv2
    import numpy as np

    noise = np.random.default_rng(0).standard_normal((2, 480, 640))
    clean = cv2.GaussianBlur(noise[0], (0, 0), 6)
    clean = 40 + 160 * (clean - clean.min()) / np.ptp(clean)
    return [np.clip(one, 0, 255).astype(np.uint8) for one in (clean, clean + 12 * noise[1])]


def _earlier(threads: int) -> Work:
    """By the modules of c188c57, with which mypy is not concerned: today's have other names."""
    from importlib import import_module

    tokens: Any = import_module("scanmon.inference.onnx_tokens")
    metric = import_module("scanmon.core.full_reference")
    if threads:
        tokens.default_threads = lambda: threads
    network = (ROOT / "engines/default/backbone.onnx").read_bytes()
    engine = tokens.TokenEngine(network, (3, 5, 7, 11), 224)
    reference, one = _pictures()

    def of(picture: Any) -> Any:
        return [layer[0] for layer in engine.run(metric.ulpips_input(picture)[None])]

    def pair() -> float:
        return float(metric.ulpips(of(reference), of(one)))

    known = of(reference), of(one)
    return {"pair": pair, "same_reference": pair, "distance": lambda: float(metric.ulpips(*known))}


def _today(threads: int) -> Work:
    from scanmon.inference import onnx_tokens
    from scanmon.inference.onnx import session_options
    from scanmon.lab.compare.measures import Measures, Options
    from scanmon.lab.compare.ulpips import LAYERS, total, ulpips_input, ulpips_terms
    from scanmon.scoring.bundle import default_bundle

    if threads:
        changed: Any = onnx_tokens
        changed.session_options = partial(session_options, threads)
    fresh, kept = (Measures(Options(("ulpips",), LAYERS), str(default_bundle())) for _ in range(2))
    network = (ROOT / "engines/default/backbone.onnx").read_bytes()
    engine = onnx_tokens.TokenEngine(network, LAYERS, 224)
    reference, one = _pictures()
    ours, theirs = ([layer[0] for layer in engine.run(ulpips_input(one)[None])] for one in (reference, one))
    turns = cycle(((reference, one), (one, reference)))  # never the reference of the pair before

    def value(measures: Measures, *both: Any) -> float:
        return float(measures(*both).values["ulpips"] or 0.0)

    value(kept, reference, one)
    return {
        "pair": lambda: value(fresh, *next(turns)),
        "same_reference": lambda: value(kept, reference, one),
        "distance": lambda: total(ulpips_terms(ours, theirs)),
    }


if __name__ == "__main__":
    sys.exit(main())
