"""`scanmon evaluate --screens`: how well the image is found on screens whose image is known.

A folder of labelled screens holds pictures and `labels.json`, a list of
`{"file": ..., "box": [x, y, w, h] or "mask": FILE, "kind": ..., "tags": {...}}`, or `boxes.json`,
`{file: [x, y, w, h]}`.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scanmon.app.analyzers import new_looker
from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, Frame, Mask, Reason, Region
from scanmon.core.write_atomic import write_atomic
from scanmon.picture.region import AutoRegion
from scanmon.picture.signal.watch import SignalWatch
from scanmon.sources.gray import from_color

GOOD = 0.9  # overlap
_WORST = 24  # on the contact sheet
_TILE = (240, 180)  # width, height
_FIELDS = ("tag", "value", "screens", "mean", "min", "below", "no_signal", "not_b_mode")


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One screen with what is true of it."""

    file: Path
    truth: Mask | None  # (H, W); None: the box alone counts
    box: Box | None
    kind: str = "b_mode"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A screen, what was found on it, and how much of both overlaps."""

    screen: Labelled
    region: Region
    overlap: float
    reason: Reason | None


def labelled(folder: Path) -> Iterator[Labelled]:
    """The screens of a folder. Raises `SettingsError` where it has no labels."""
    listed, boxes = folder / "labels.json", folder / "boxes.json"
    if listed.is_file():
        for entry in json.loads(listed.read_text(encoding="utf-8")):
            yield _from_entry(folder, entry)
    elif boxes.is_file():
        for name, box in json.loads(boxes.read_text(encoding="utf-8")).items():
            yield Labelled(folder / name, None, Box(*box), tags={"layout": "screen"})
    else:
        raise SettingsError("no labelled screens", folder, "labels.json or boxes.json is expected there")


def judge(screen: Labelled) -> Judged:
    """Find the image and the state as in the first frame of a source."""
    gray, chroma, _ = from_color(_read(screen.file), bgr=True)
    frame = Frame(gray, 0, 0.0, 0.0, chroma)
    looker = new_looker()
    region = AutoRegion(looker).find(frame)
    reason = SignalWatch(looker).update(frame, region).reason
    return Judged(screen, region, overlap_with(region, screen, (gray.shape[0], gray.shape[1])), reason)


def overlap_with(region: Region, screen: Labelled, size: tuple[int, int]) -> float:
    """Intersection over union of the masks, or of the boxes where no mask is known."""
    truth = screen.truth
    if truth is None:
        assert screen.box is not None
        region, truth = Region(region.box), Region(screen.box).inside(*size)
    found = region.inside(*size)
    return float((found & truth).sum() / max(1, (found | truth).sum()))


def summary(judged: list[Judged]) -> list[dict[str, Any]]:
    """One row for all screens and one for each value of each tag."""
    groups: dict[tuple[str, str], list[Judged]] = {("all", ""): judged}
    for one in judged:
        for tag, value in {**one.screen.tags, "kind": one.screen.kind}.items():
            for part in value.split(","):
                groups.setdefault((tag, part), []).append(one)
    rows = []
    for (tag, value), members in sorted(groups.items()):
        overlaps = np.array([one.overlap for one in members])
        live = [one for one in members if tag == "kind" or one.screen.kind == "b_mode"]
        share = {reason: sum(one.reason is reason for one in live) / max(1, len(live)) for reason in Reason}
        shares = (
            *(overlaps.mean(), overlaps.min(), (overlaps < GOOD).mean()),
            *(share[reason] for reason in (Reason.NO_SIGNAL, Reason.NOT_B_MODE)),
        )
        told = (tag, value, len(members), *(round(float(one), 3) for one in shares))
        rows.append(dict(zip(_FIELDS, told, strict=True)))
    return rows


def evaluate_screens(folder: Path, out: Path) -> list[dict[str, Any]]:
    """Judge all screens of a folder; the table and a sheet of the worst are written to `out`."""
    judged = [judge(screen) for screen in labelled(folder)]
    out.mkdir(parents=True, exist_ok=True)
    rows = summary(judged)
    with (out / "region.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, _FIELDS)
        table.writeheader()
        table.writerows(rows)
    sheet = _sheet(sorted(judged, key=lambda one: one.overlap)[:_WORST])
    write_atomic(out / "worst.png", cv2.imencode(".png", sheet)[1].tobytes())
    return rows


def _from_entry(folder: Path, entry: Mapping[str, Any]) -> Labelled:
    truth = None
    if "mask" in entry:
        truth = np.asarray(_read(folder / entry["mask"])[:, :, 0] > 127, np.bool_)
    box = Box(*entry["box"]) if "box" in entry else None
    if truth is None and box is None:
        raise SettingsError("a labelled screen needs a box or a mask", entry.get("file"), "see labels.json")
    return Labelled(folder / entry["file"], truth, box, entry.get("kind", "b_mode"), entry.get("tags", {}))


def _read(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise SettingsError("cannot read the picture", path, "PNG and JPEG are read")
    return np.asarray(picture, np.uint8)


def _sheet(worst: list[Judged]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(h, w, 3) the screens with the outline found (green) and the true one (red)."""
    tiles = []
    for one in worst:
        picture = _read(one.screen.file)
        if one.screen.truth is not None:
            lines, _ = cv2.findContours(
                one.screen.truth.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
            )
            cv2.drawContours(picture, lines, -1, (0, 0, 255), 2)
        elif one.screen.box is not None:
            box = one.screen.box
            cv2.rectangle(picture, (box.x, box.y), (box.right, box.bottom), (0, 0, 255), 2)
        corners = one.region.outline or ((0, 0), (one.region.box.right, one.region.box.bottom))
        cv2.polylines(picture, [np.rint(corners).astype(np.int32)], True, (0, 255, 0), 2)
        tile = cv2.resize(picture, _TILE, interpolation=cv2.INTER_AREA)
        words = f"{one.overlap:.2f} {one.screen.tags.get('layout', '')} {one.reason or ''}"
        cv2.putText(tile, words, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 255, 255), 1, cv2.LINE_AA)
        tiles.append(tile)
    blank = np.zeros((_TILE[1], _TILE[0], 3), np.uint8)
    tiles += [blank] * (-len(tiles) % 6)
    rows = [np.hstack(tiles[start : start + 6]) for start in range(0, len(tiles), 6)]
    return np.vstack(rows or [blank])
