"""Write made-up screens with their labels, as `scanmon evaluate --screens` reads them.

    python -m tools.training.sector.write FOLDER [--count 300] [--pictures PACK.npz] [--seed 900]

The pictures of a pack that training has not seen (of `../shared/data/eval`) and another seed keep it apart.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from scanmon.picture.region.auto import in_order
from tools.training.sector.pictures import load
from tools.training.sector.screens import Screen, screen
from tools.training.sector.textures import Gray, Textures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--seed", type=int, default=900)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    textures = Textures(load(options.pictures) if options.pictures else [], options.seed)
    entries = []
    for number in range(options.count):
        made = screen((options.seed, number), textures)
        if made.image.any() and made.sure:
            entries.append(written(options.folder, number, made))
    (options.folder / "labels.json").write_text(json.dumps(entries, indent=1), encoding="utf-8")


def written(folder: Path, number: int, made: Screen) -> dict[str, object]:
    """Write one screen and its mask; the largest view is the true image."""
    name = f"screen_{number:04d}"
    cv2.imwrite(str(folder / f"{name}.png"), coloured(made))
    cv2.imwrite(str(folder / f"{name}_mask.png"), largest(made))
    size = max(made.pixels.shape)
    return {
        "file": f"{name}.png",
        "mask": f"{name}_mask.png",
        "kind": made.kind,
        "tags": {
            "layout": made.layout,
            "size": "small" if size < 200 else "medium" if size < 400 else "large",
            "fault": ",".join(sorted(set(made.faults))) or "none",
        },
    }


def coloured(made: Screen) -> Gray:
    """(H, W, 3) blue, green, red with the chroma of the screen."""
    planes = np.full((*made.pixels.shape, 3), 128, np.uint8)
    planes[:, :, 0] = made.pixels
    if made.chroma is not None:
        planes[:, :, 1] = np.clip(128 + made.chroma.astype(np.int16), 0, 255)
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YCrCb2BGR), np.uint8)


def largest(made: Screen) -> Gray:
    """(H, W) 255 in the view that is scored: views are told apart by gaps and seams."""
    apart = ((made.image > 127) & (made.seam < 128)).view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(apart, connectivity=4)
    order = in_order(np.asarray(stats[1:], np.int32), apart.size)
    if not order:
        return made.image
    part = (labels == order[0]).view(np.uint8)
    grown = cv2.dilate(part, np.ones((9, 9), np.uint8)) & (made.image > 127).view(np.uint8)
    others = ((labels > 0) & (labels != order[0])).view(np.uint8)
    return np.asarray(np.where((part > 0) | ((grown > 0) & (others == 0)), 255, 0), np.uint8)


if __name__ == "__main__":
    main()
