"""What the steps share: the report of a step, timing, windows and pictures of the simulated scanner."""

import json
import os
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import GrayImage
from scanmon.inference.networks import derived, keep
from scanmon.lab.bench.pictures import pictures
from scanmon.lab.builder.derive import derive
from scanmon.scoring.bundle import Bundle, NrqPart, default_bundle, open_bundle
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.windows import grid

OUT = Path(os.environ.get("OUT", "out/gpu"))
QUICK = os.environ.get("KIT_QUICK") == "1"  # the dry run on a processor
COUNTS = (1, 2) if QUICK else (1, 16, 48, 153)  # windows; 153 is the grid of 1920 x 1080


class Report:
    """One JSON file a step, rewritten after every entry: what was found stays, however the step ends."""

    def __init__(self, name: str) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        self._file = OUT / f"{name}.json"
        self.content: dict[str, Any] = {"errors": {}, "seconds": {}}
        self._save()

    def attempt(self, key: str, work: Callable[[], Any]) -> Any:
        """Keep what `work` returns under `key`, or why it failed; returns it, or None."""
        started, value = time.perf_counter(), None
        try:
            value = self.content[key] = work()
        except Exception as error:  # noqa: BLE001 every failure is a finding
            said = f"{type(error).__name__}: {error}"[:600]
            self.content["errors"][key] = {"error": said, "where": traceback.format_exc()[-1500:]}
            print(f"{key} FAILED {said}", flush=True)
        else:
            print(f"{key} = {json.dumps(value, default=str)[:600]}", flush=True)
        self.content["seconds"][key] = round(time.perf_counter() - started, 2)
        self._save()
        return value

    def _save(self) -> None:
        self._file.write_text(json.dumps(self.content, indent=1, default=str) + "\n")


def bundle_and_part() -> tuple[Bundle, NrqPart]:
    bundle = open_bundle(default_bundle())
    assert bundle.nrq is not None
    return bundle, bundle.nrq


def network(form: str) -> bytes:
    """The default bundle's backbone in a form; "" is its own file."""
    bundle, part = bundle_and_part()
    own = bundle.read(part.file)
    return derived(bundle, part, form) or derive(own, part.layers, form)


def keep_half() -> None:
    """The half-precision network for the card, where `scanmon build` did not prove and keep one: unproved."""
    bundle, part = bundle_and_part()
    if not QUICK and derived(bundle, part, "cuda-fp16") is None:
        keep(bundle, part, "cuda-fp16", network("cuda-fp16"))


def manifolds() -> Manifolds:
    bundle, part = bundle_and_part()
    return Manifolds(organs_of(bundle, part))


def windows(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """(count, 224, 224) of the simulated scanner, which is what the network is for; never zeros."""
    found = _found()
    order = np.random.default_rng(seed).permutation(len(found))
    return np.stack([found[order[i % len(order)]] for i in range(count)])


@cache
def _found() -> list[GrayImage]:
    return [
        picture[y : y + 224, x : x + 224]
        for picture in pictures(960, 720, 2)
        for y, x in grid(720, 960).corners.tolist()
    ]


def times_ms(run: Callable[[], object], seconds: float = 1.0, least: int = 30) -> dict[str, float]:
    """Wall times of `run`, warm; it must return when the result is on the host."""
    if QUICK:
        seconds, least = 0.0, 1
    for _ in range(1 if QUICK else 10):
        run()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < least or time.perf_counter() < end:
        started = time.perf_counter()
        run()
        taken.append((time.perf_counter() - started) * 1e3)
    p50, p99 = np.percentile(taken, [50, 99])
    return {"n": len(taken), "p50": round(float(p50), 3), "p99": round(float(p99), 3)}


def difference(found: NDArray[Any], expected: NDArray[Any]) -> dict[str, float]:
    a, b = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    return {"most": float(np.abs(a - b).max()), "relative": float(np.linalg.norm(a - b) / np.linalg.norm(b))}


def resident_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024


def on_gpu_mb() -> float:
    """Memory of the GPU that is in use, by whomever."""
    from cuda.bindings import runtime

    error, free, total = runtime.cudaMemGetInfo()
    return float(total - free) / (1 << 20) if int(error) == 0 else 0.0
