"""The training pictures as one file that travels: at most 456 px high, WebP, with organ and grade.

`python -m tools.training.pack DATA OUT.npz`. Read by `tools.training.store`; no pickle in it.
"""

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.pictures import Picture, training_files, training_pictures

HEIGHT = 456
QUALITY = 93
GRADES = ("good", "fair", "poor")
"""A fair picture is not called clean: only its faults are ordered. A poor one is worse than any good one."""
EVERY = {"muscle": 2, "lung": 2}
"""Neighbours of a loop are alike: every second of them is enough."""


def lung_grades() -> dict[str, str]:
    """Grade of each lung picture, by looking at them: contact over the width, light to the depth shown."""
    grades = {}
    with (Path(__file__).parent / "lung_grades.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for number in range(int(row["first"][3:]), int(row["last"][3:]) + 1):
                grades[f"lu_{number:04d}"] = row["grade"]
    return grades


def good_files(data: Path, *, validation: bool = False) -> list[tuple[str, Path]]:
    """Organ and file of the training pictures of one split, without the lung pictures that are not clean."""
    grades = lung_grades()
    files = training_files(data, validation=validation)
    return [file for file in files if grades.get(file[1].stem, "good") == "good"]


def _smaller(picture: Picture) -> NDArray[np.uint8]:
    height, width = picture.gray.shape
    if height <= HEIGHT:
        return picture.gray
    size = (round(width * HEIGHT / height), HEIGHT)
    return np.asarray(cv2.resize(picture.gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def pack(data: Path, out: Path) -> int:
    """Write all pictures of both splits; returns how many."""
    grades = lung_grades()
    blobs, organs, names, graded, held = [], [], [], [], []
    for validation in (False, True):
        of_organ: dict[str, int] = {}
        for picture in training_pictures(data, validation=validation):
            of_organ[picture.organ] = of_organ.get(picture.organ, -1) + 1
            if of_organ[picture.organ] % EVERY.get(picture.organ, 1):
                continue
            blobs.append(cv2.imencode(".webp", _smaller(picture), [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1])
            organs.append(picture.organ)
            names.append(picture.name)
            graded.append(GRADES.index(grades.get(picture.name, "good")))
            held.append(validation)
    np.savez(
        out,
        bytes=np.concatenate(blobs),
        ends=np.cumsum([blob.size for blob in blobs]),
        organs=np.array(organs),
        names=np.array(names),
        grades=np.array(graded, np.uint8),
        held_back=np.array(held),
    )
    return len(blobs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with train/<organ>/*.png")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    count = pack(options.data, options.out)
    print(f"{count} pictures, {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
