"""Real pictures for the made-up screens: packed small, without the black around a sector.

python -m tools.training.sector.pictures ../shared/data/train PACK.npz [--count 320]
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from tools.training.sector.textures import Gray

SIDE_PX = 256
_QUALITY = 80


def inner(picture: Gray) -> Gray | None:
    """The largest middle part whose corners are tissue; None where there is none."""
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        high, wide = (max(8, int(side * share)) for side in picture.shape)
        top, left = (picture.shape[0] - high) // 2, (picture.shape[1] - wide) // 2
        part = picture[top : top + high, left : left + wide]
        down, across = max(2, high // 12), max(2, wide // 12)
        corners = (part[:down, :across], part[:down, -across:], part[-down:, :across], part[-down:, -across:])
        if all(float(corner.mean()) > 2.0 and float((corner > 1).mean()) > 0.6 for corner in corners):
            return part
    return None


def pack(folder: Path, out: Path, count: int) -> int:
    """Write pictures of every organ below `folder`; returns how many."""
    kept: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]] = []
    organs = sorted(path for path in folder.iterdir() if path.is_dir())
    for organ in organs:
        files = sorted(organ.glob("*.png"))
        taken = 0
        for path in files[:: max(1, len(files) * len(organs) // (2 * count))]:
            part = inner(np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8))
            if part is None or taken >= count // len(organs):
                continue
            scale = SIDE_PX / max(part.shape)
            small = (
                cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                if scale < 1
                else part
            )
            kept.append(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].ravel())
            taken += 1
    np.savez(out, data=np.concatenate(kept), ends=np.cumsum([len(part) for part in kept]))
    return len(kept)


def load(path: Path) -> list[Gray]:
    with np.load(path, allow_pickle=False) as stored:
        parts = np.split(stored["data"], stored["ends"][:-1])
    return [np.asarray(cv2.imdecode(part, cv2.IMREAD_GRAYSCALE), np.uint8) for part in parts]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=320)
    options = parser.parse_args()
    print(pack(options.folder, options.out, options.count), "pictures")


if __name__ == "__main__":
    main()
