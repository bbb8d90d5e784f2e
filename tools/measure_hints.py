"""How often each hint is given on pictures with a known fault: the table of docs/hints.md.

    python tools/measure_hints.py ../shared/data/eval/fetal-head ../shared/data/eval/muscle

The worst box is where the fault acts most: the rules are measured on their own, without a network.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage
from scanmon.degradations import FAMILIES, degrade
from scanmon.scoring.hints import Rule, hint

KINDS: tuple[Rule | Literal["none"], ...] = ("saturated", "too_dark", "shadow", "haze", "none")
NONE: Literal["none"] = "none"


def pictures(folders: list[Path], limit: int) -> list[GrayImage]:
    """Every n-th gray picture of the folders, `limit` in all."""
    paths = [path for folder in folders for path in sorted(folder.glob("*.png"))]
    step = max(1, len(paths) // limit)
    images = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths[::step]]
    return [np.asarray(image, np.uint8) for image in images if image is not None]


def place(weight: NDArray[np.float32]) -> Box:
    """The window of a quarter's size in which a fault acts most; the middle where it is everywhere."""
    height, width = weight.shape
    high, wide = height // 4, width // 4
    acting = cv2.boxFilter(weight, -1, (wide, high))[high // 2 : -high // 2, wide // 2 : -wide // 2]
    if float(acting.max() - acting.min()) < 0.05:
        return Box((width - wide) // 2, (height - high) // 2, wide, high)
    y, x = np.unravel_index(int(acting.argmax()), acting.shape)
    return Box(int(x), int(y), wide, high)


def main() -> None:
    """One row for each family at its strongest level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=40, help="pictures in all")
    args = parser.parse_args()
    images = pictures(args.folders, args.limit)
    print(f"{len(images)} pictures, strongest level; share of pictures in percent\n")
    print("| fault | " + " | ".join(KINDS) + " |")
    print("|---|" + "---|" * len(KINDS))
    rows = {"clean": [(image, place(np.ones(image.shape, np.float32))) for image in images]}
    for name in FAMILIES:
        faulty = [degrade(image, name, 4, np.random.default_rng(seed)) for seed, image in enumerate(images)]
        rows[name] = [(one.image, place(one.weight)) for one in faulty]
    for name, cases in rows.items():
        given = Counter(hint(image, box) or NONE for image, box in cases)
        print(f"| {name} | " + " | ".join(f"{100 * given[kind] / len(cases):.0f}" for kind in KINDS) + " |")


if __name__ == "__main__":
    main()
