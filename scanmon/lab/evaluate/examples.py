"""What a person wants to see of an evaluation: faults, where they are found, where a metric fails most."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.values import Box, GrayImage, Verdict
from scanmon.core.write_atomic import write_atomic
from scanmon.degradations import SEVERITIES
from scanmon.lab.evaluate.cases import CaseRow
from scanmon.lab.evaluate.figures import APART
from scanmon.lab.evaluate.measure import Measure
from scanmon.lab.evaluate.plan import AS, CLEAN, DEGENERATE, Case, Picture, Plan, hopeless_pictures
from scanmon.lab.evaluate.run import covers, scaled
from scanmon.lab.evaluate.tables import marked
from scanmon.lab.paper import COLOURS, Canvas
from scanmon.scoring.overlay import heat_pixels

ARTEFACT = "local_artefact"
_SEVERITY = 3  # of the artefact that is looked for


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """A picture with an artefact and where a metric finds it. Boxes in pixels of the view `image` (h, w)."""

    organ: str
    metric: str
    image: GrayImage
    artefact: Box
    worst: Box
    heat: NDArray[np.float32]  # (gh, gw) over the view, low where it is bad; NaN outside the sector
    covers: bool


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A picture and what the metrics with a calibration say of it: metric -> (quality, verdict)."""

    name: str
    image: GrayImage
    said: dict[str, tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page shows as pictures."""

    sought: list[Sought]
    hopeless: list[Labelled]
    faults: dict[str, list[Labelled]]  # family -> its severities on one picture
    organ: str  # of that picture


def shown(pictures: Sequence[Picture], measures: Sequence[Measure], plan: Plan, height_px: int) -> Shown:
    """Measure the examples: the artefact on each picture, all faults on the first, the hopeless ones."""
    judging = [measure for measure in measures if measure.calibration is not None]
    hopeless = [
        _judged(picture.name.partition("/")[2], picture, judging, height_px)
        for picture in hopeless_pictures(height_px)
    ]
    faults: dict[str, list[Labelled]] = {}
    for picture in pictures[:1]:
        for family in plan.families:
            versions = [plan.version(picture, Case(family, severity))[0] for severity in SEVERITIES]
            faults[family] = [_judged(family, version, judging, height_px) for version in versions]
    sought = [found for picture in pictures for found in _seek(picture, judging, plan, height_px)]
    return Shown(sought, hopeless, faults, pictures[0].organ if pictures else "")


def _judged(name: str, picture: Picture, judging: Sequence[Measure], height_px: int) -> Labelled:
    view = picture.view(height_px)
    said = {}
    for measure in judging:
        if measure.calibration is not None:
            quality = measure.calibration.quality(measure.measure(view, local=False).score)
            said[measure.name] = quality, str(measure.calibration.verdict(quality))
    return Labelled(name, view.image, said)


def _seek(picture: Picture, measures: Sequence[Measure], plan: Plan, height_px: int) -> list[Sought]:
    version, made = plan.version(picture, Case(ARTEFACT, _SEVERITY))
    if made is None or made.box is None:  # the sector has no room for it
        return []
    view = version.view(height_px)
    height, width = view.image.shape
    artefact = scaled(Box(*made.box), picture.region.box, width, height)
    found = []
    for measure in measures:
        measured = measure.measure(view, local=True)
        if measured.heat is None or measured.worst is None:
            continue
        heat = cv2.resize(measured.heat, (width, height), interpolation=cv2.INTER_LINEAR)
        if view.mask is not None:
            heat = np.where(view.mask, heat, np.nan)
        found.append(
            Sought(
                picture.organ,
                measure.name,
                view.image,
                artefact,
                measured.worst,
                heat.astype(np.float32),
                covers(measured.worst, artefact),
            )
        )
    return found


GOOD, BAD = "#2a7f3f", "#c0392b"
_COLUMNS = 6


def sought(shown: Shown, canvas: Canvas) -> None:
    """For each metric: every organ's picture with its heatmap, the artefact's box and the worst region."""
    for metric in dict.fromkeys(one.metric for one in shown.sought):
        found = [one for one in shown.sought if one.metric == metric]
        paper, grid = canvas.axes(3.1 * len(found), 5.0, 2, len(found))
        for column, one in zip(grid.T, found, strict=True):
            _pair(column, one)
        canvas.save(
            paper,
            f"artefact_{metric}",
            f"{metric}: a local artefact of severity 3 (dashed), the worst region that the metric names "
            "(solid; green where it covers the artefact) and its heatmap, red where it is bad.",
        )


def _pair(column: Sequence[Any], one: Sought) -> None:
    plain, heated = column
    for axes in column:
        axes.imshow(one.image, cmap="gray", vmin=0, vmax=255)
        _box(axes, one.artefact, COLOURS[4], "--")
        _box(axes, one.worst, GOOD if one.covers else BAD, "-")
        axes.set_axis_off()
    inside = one.heat[np.isfinite(one.heat)]
    low, high = np.percentile(inside, [1, 99])
    shade = np.clip((high - one.heat) / max(high - low, 1e-9), 0, 1)
    heated.imshow(one.heat, cmap="RdYlGn", vmin=low, vmax=high, alpha=np.nan_to_num(0.1 + 0.5 * shade))
    plain.set_title(one.organ, fontsize=9)


def _box(axes: Any, box: Box, colour: str, line: str) -> None:
    xs = [box.x, box.right, box.right, box.x, box.x]
    ys = [box.y, box.y, box.bottom, box.bottom, box.y]
    axes.plot(np.asarray(xs) - 0.5, np.asarray(ys) - 0.5, line, color=colour, linewidth=2)


def hopeless(shown: Shown, canvas: Canvas) -> None:
    """Every hopeless picture with the quality that each metric gives it."""
    if not shown.hopeless or not shown.hopeless[0].said:
        return
    lines = -(-len(shown.hopeless) // _COLUMNS)
    tall = 1.55 + 0.2 * (1 + len(shown.hopeless[0].said))
    paper, grid = canvas.axes(12, tall * lines, lines, _COLUMNS)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, one in zip(grid.flat, shown.hopeless, strict=False):
        _labelled(axes, one, one.name.replace("_", " "))
    canvas.save(
        paper,
        "hopeless",
        "Pictures without any diagnostic value, and their quality. None may be adequate (red).",
    )


def faults(shown: Shown, canvas: Canvas) -> None:
    if not shown.faults:
        return
    # two families side by side, so that the sheet is not longer than it is wide
    families = list(shown.faults)
    lines = -(-len(families) // 2)
    paper, grid = canvas.axes(14, 1.75 * lines, lines, 8)
    for axes in grid.flat:
        axes.set_axis_off()
    for index, family in enumerate(families):
        half, line = divmod(index, lines)
        for axes, one in zip(grid[line, 4 * half : 4 * half + 4], shown.faults[family], strict=True):
            _labelled(axes, one, "")
        grid[line, 4 * half].set_title(f"{marked(family)}  {_said(one=shown.faults[family][0])}", **_TITLE)
    canvas.save(
        paper,
        "faults",
        f"The faults themselves on one picture ({shown.organ}), severity 1 to 4, with their quality.",
    )


_TITLE = {"fontsize": 8, "loc": "left"}


def _labelled(axes: Any, one: Labelled, name: str) -> None:
    axes.imshow(one.image, cmap="gray", vmin=0, vmax=255)
    passed = any(verdict == Verdict.ADEQUATE for _, verdict in one.said.values())
    text = f"{name}\n{_said(one)}" if name else _said(one)
    axes.set_title(text, color=BAD if name and passed else "black", **_TITLE)


def _said(one: Labelled) -> str:
    return ", ".join(f"{metric} {quality:.0f}" for metric, (quality, _) in one.said.items())


NUISANCE = "what no eye minds"
_OF_EACH = 2  # pictures of a family, of different organs where there are
_TILE_PX = 170  # height of a picture on a sheet
_LINE_PX = 18  # of text above it

Colour: TypeAlias = NDArray[np.uint8]  # (h, w, 3) B, G, R
Miss: TypeAlias = tuple[str, tuple[tuple[str, int], ...]]  # picture, its versions as (family, severity)


def worst_misses(rows: Sequence[CaseRow]) -> dict[str, list[Miss]]:
    """Of the rows of one metric: family -> the pictures in which it fails most, worst first.

    It fails by as many points as the quality rises from one severity to the next, or as the worst severity
    is above adequate's beginning (a verdict says so); a nuisance fails by what it moves.
    """
    found: dict[str, list[tuple[float, str, Miss]]] = defaultdict(list)
    pictures: dict[str, dict[tuple[str, int], CaseRow]] = defaultdict(dict)
    for row in rows:
        if row.quality is not None and row.family != DEGENERATE and row.organ not in APART:
            pictures[row.picture][row.family, row.severity] = row
    for name, versions in pictures.items():
        if (CLEAN, 0) not in versions:
            continue
        organ, clean = versions[CLEAN, 0].organ, versions[CLEAN, 0].quality or 0.0
        for family in dict.fromkeys(family for family, severity in versions if severity):
            keys = [(CLEAN, 0), *((family, severity) for severity in SEVERITIES)]
            if not all(key in versions for key in keys):
                continue
            qualities = [versions[key].quality or 0.0 for key in keys]
            rise = max(worse - better for better, worse in pairwise(qualities))
            passed = 100.0 * (versions[keys[-1]].verdict == "adequate")
            found[family].append((rise + passed, organ, (name, tuple(keys))))
        for family, row in ((key[0], row) for key, row in versions.items() if key[0].startswith(AS)):
            moved = abs((row.quality or 0.0) - clean)
            found[NUISANCE].append((moved, organ, (name, ((CLEAN, 0), (family, 0)))))
    return {family: _different_organs(misses) for family, misses in found.items()}


def _different_organs(misses: Iterable[tuple[float, str, Miss]]) -> list[Miss]:
    ordered = sorted(misses, key=lambda one: -one[0])
    first = {organ: miss for _, organ, miss in reversed(ordered)}
    best = [miss for _, organ, miss in ordered if first[organ] is miss]
    others = [miss for _, _, miss in ordered if miss not in best]
    return [*best, *others][:_OF_EACH]


def write_misses(
    rows: Sequence[CaseRow],
    measures: Sequence[Measure],
    pictures: Callable[[set[str]], Iterable[Picture]],
    plan: Plan,
    height_px: int,
    folder: Path,
) -> list[tuple[str, str]]:
    """A sheet a family for every metric that has a calibration; returns (file name, caption).

    `pictures` gives the named pictures again.
    """
    written = []
    for measure in (measure for measure in measures if measure.calibration is not None):
        misses = worst_misses([row for row in rows if row.metric == measure.name])
        wanted = {name for several in misses.values() for name, _ in several}
        known = {picture.name: picture for picture in pictures(wanted)}
        for family, several in misses.items():
            lines = [  # all versions side by side, each above its map
                np.hstack([_tile(known[name], *version, measure, plan, height_px) for version in versions])
                for name, versions in several
                if name in known
            ]
            if lines:
                width = max(line.shape[1] for line in lines)
                padded = [np.pad(line, ((0, 6), (0, width - line.shape[1]), (0, 0))) for line in lines]
                name = f"misses_{measure.name}_{family.replace(' ', '_')}.jpg"
                coded = cv2.imencode(".jpg", np.vstack(padded), [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
                write_atomic(folder / name, coded.tobytes())
                written.append((name, f"{measure.name}, {family.replace('_', ' ')}: the worst misses"))
    return written


def _tile(
    picture: Picture, family: str, severity: int, measure: Measure, plan: Plan, height_px: int
) -> Colour:
    calibration = measure.calibration
    assert calibration is not None  # others have no sheet
    view = plan.version(picture, Case(family, severity))[0].view(height_px)
    measured = measure.measure(view, local=True)
    height, width = view.image.shape
    plain = cv2.cvtColor(view.image, cv2.COLOR_GRAY2BGR)
    mapped = plain
    if measured.heat is not None:
        over = heat_pixels(calibration.quality_map(measured.heat), Box(0, 0, width, height), view.mask)
        over = cv2.resize(over, (width, height)).astype(np.float32)
        mapped = (plain * (1.0 - over[..., 3:] / 255.0) + over[..., :3]).clip(0, 255).astype(np.uint8)
    size = (max(round(width * _TILE_PX / height), 1), _TILE_PX)
    title = np.zeros((_LINE_PX, size[0], 3), np.uint8)
    label = picture.name if family == CLEAN else f"{family.removeprefix(AS)} {severity or ''}"
    text = f"{calibration.quality(measured.score):.0f}  {label}"
    cv2.putText(title, text, (3, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
    both = [cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (plain, mapped)]
    return np.asarray(np.vstack([title, *both]), np.uint8)
