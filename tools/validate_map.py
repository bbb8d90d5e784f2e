"""How a severity network orders trained faults on pictures held back from its training, for several poolings.

`python -m tools.validate_map MAP.onnx --data DIR`. Decides the pooling; the reported table comes from
`scanmon evaluate` on other data. Held-out families are not touched here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from scanmon.degradations import FAMILIES, HELD_OUT, SEVERITIES, degrade
from tools.training.pictures import Picture, training_pictures

Cells = NDArray[np.float64]


def pooling(topk: float, mean: float) -> Callable[[Cells], float]:
    """The score's pooling: mean of the worst share, and the mean over all, mixed."""

    def pool(cells: Cells) -> float:
        count = max(1, round(cells.size * topk))
        return float((1 - mean) * np.sort(cells)[-count:].mean() + mean * cells.mean())

    return pool


def soft_pooling(sharpness: float) -> Callable[[Cells], float]:
    """Soft maximum: log of the mean of exponentials."""
    return lambda cells: float(np.log(np.exp(sharpness * cells).mean()) / sharpness)


POOLINGS = {
    "worst 15 %": pooling(0.15, 0.0),
    "worst 15 % and 0.3 mean": pooling(0.15, 0.3),
    "worst 15 % and half mean": pooling(0.15, 0.5),
    "worst 15 % and 0.7 mean": pooling(0.15, 0.7),
    "worst 30 %": pooling(0.3, 0.0),
    "worst 30 % and half mean": pooling(0.3, 0.5),
    "mean": pooling(1.0, 0.0),
    "soft 4": soft_pooling(4.0),
    "soft 8": soft_pooling(8.3),
}


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 0 on (ties broken by position: scores here have none)."""
    order = np.empty(values.size)
    order[np.argsort(values, kind="stable")] = np.arange(values.size)
    return order


def severity_cells(
    session: onnxruntime.InferenceSession, gray: NDArray[np.uint8], mask: NDArray[np.bool_], height: int
) -> Cells:
    """Severities of the cells inside the mask, of a picture brought to the working height."""
    width = round(gray.shape[1] * height / gray.shape[0])
    view = cv2.resize(np.where(mask, gray, 0).astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA)
    small = cv2.resize(
        mask.astype(np.float32), (-(-width // 16), -(-height // 16)), interpolation=cv2.INTER_AREA
    )
    inside = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    view = np.maximum(view, inside)  # as the scorer marks the sector
    severity = session.run(None, {session.get_inputs()[0].name: view[None]})[0][0]
    return np.asarray(severity[small > 0.5], np.float64)


def measure(
    session: onnxruntime.InferenceSession, pictures: list[Picture], height: int
) -> tuple[dict[tuple[int, str, int], Cells], dict[tuple[int, str, int], float]]:
    """Cells and PSNR of every picture, trained family and severity (0: clean, family `clean`)."""
    cells: dict[tuple[int, str, int], Cells] = {}
    psnr: dict[tuple[int, str, int], float] = {}
    for index, picture in enumerate(pictures):
        cells[index, "clean", 0] = severity_cells(session, picture.gray, picture.mask, height)
        for family in sorted(set(FAMILIES) - HELD_OUT):
            for severity in SEVERITIES:
                changed = degrade(
                    picture.gray, family, severity, np.random.default_rng(index), picture.mask
                ).image
                cells[index, family, severity] = severity_cells(session, changed, picture.mask, height)
                error = (changed.astype(np.float64) - picture.gray)[picture.mask]
                psnr[index, family, severity] = 10 * np.log10(255**2 / max(float(np.mean(error**2)), 1e-9))
    return cells, psnr


def main() -> None:
    """Print one line a pooling, then one a family for the pooling of `--show`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--height", type=int, default=336)
    parser.add_argument("--pictures", type=int, default=8, help="of each organ")
    parser.add_argument("--show", default="worst 15 % and 0.3 mean", choices=list(POOLINGS))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    limits = onnxruntime.SessionOptions()
    limits.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(options.network), limits, providers=["CPUExecutionProvider"])
    held_back = training_pictures(options.data, validation=True)
    chosen: list[Picture] = []
    for organ in sorted({p.organ for p in held_back}):
        of_organ = [p for p in held_back if p.organ == organ]
        chosen += [of_organ[int(i)] for i in np.linspace(0, len(of_organ) - 1, options.pictures)]
    cells, psnr = measure(session, chosen, options.height)
    families = sorted({family for _, family, _ in psnr})
    for name, pool in POOLINGS.items():
        score = {key: -pool(value) for key, value in cells.items()}
        ordered, within, across = {}, {}, []
        for family in families:
            chains = np.array(
                [
                    [score[i, "clean", 0], *(score[i, family, s] for s in SEVERITIES)]
                    for i in range(len(chosen))
                ]
            )
            truth = np.array([[psnr[i, family, s] for s in SEVERITIES] for i in range(len(chosen))])
            ordered[family] = float((np.diff(chains, axis=1) < 0).mean())
            within[family] = np.mean(
                [np.corrcoef(ranks(c[1:]), ranks(t))[0, 1] for c, t in zip(chains, truth, strict=True)]
            )
        for i in range(len(chosen)):
            keys = [(i, f, s) for f in families for s in SEVERITIES]
            pair = ranks(np.array([score[k] for k in keys])), ranks(np.array([psnr[k] for k in keys]))
            across.append(np.corrcoef(*pair)[0, 1])
        clean = {
            organ: np.median([score[i, "clean", 0] for i, p in enumerate(chosen) if p.organ == organ])
            for organ in sorted({p.organ for p in chosen})
        }
        print(
            f"{name:26s} order {np.mean(list(ordered.values())):.3f} (least {min(ordered.values()):.2f} "
            f"{min(ordered, key=lambda f: ordered[f])}) Spearman within {np.mean(list(within.values())):.3f} "
            f"across {np.mean(across):.3f} clean {', '.join(f'{o} {v:.3f}' for o, v in clean.items())}"
        )
        if name == options.show:
            for family in families:
                levels = [np.median([score[i, family, s] for i in range(len(chosen))]) for s in SEVERITIES]
                decibel = [np.median([psnr[i, family, s] for i in range(len(chosen))]) for s in SEVERITIES]
                print(
                    f"   {family:18s} order {ordered[family]:.2f} within {within[family]:.2f} score "
                    f"{np.round(levels, 2)} PSNR {np.round(decibel, 1)}"
                )


if __name__ == "__main__":
    main()
