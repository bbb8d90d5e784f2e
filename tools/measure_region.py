"""How well the image is found on real screens, on made-up ones and on bare images, and what it costs.

    python -m tools.measure_region [--screens N] [--shared DIR] [--json FILE]

The made-up screens have other seeds than those that the search was built with (below 200, from 10 000).
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scanmon.app.analyzers import Plan, new_looker, open_analyzer
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import Box, Frame, GrayImage, Region
from scanmon.picture.region import AutoRegion, Sector
from scanmon.picture.signal.watch import SignalWatch
from tools.synthetic_screens import Screen, screen
from tools.unseen_screens import LAYOUTS as UNSEEN
from tools.unseen_screens import unseen_screen
from tools.vendor_layouts import LAYOUTS, vendor_screen

SECTORS = ("fetal-head", "breast", "lung")  # organs of which some pictures are sectors in black
FIRST_SEED = 50_000


def overlap(found: Box, truth: Box) -> float:
    """Intersection over union of two boxes."""
    wide = min(found.right, truth.right) - max(found.x, truth.x)
    high = min(found.bottom, truth.bottom) - max(found.y, truth.y)
    both = max(0, wide) * max(0, high)
    return both / (found.width * found.height + truth.width * truth.height - both)


def found_in(pixels: GrayImage) -> Region:
    return AutoRegion(new_looker()).find(Frame(pixels, 0, 0.0, 0.0))


def on_real_screens(folder: Path) -> dict[str, float]:
    boxes = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    return {name: overlap(found_in(_gray(folder / name)).box, Box(*box)) for name, box in boxes.items()}


def on_bare_images(folder: Path) -> dict[str, float]:
    """Smallest and mean share of already cropped images that the region covers, for each organ."""
    result = {}
    for organ in sorted(path for path in folder.iterdir() if path.is_dir()):
        shares = []
        for path in sorted(organ.glob("*.png")):
            pixels = _gray(path)
            box = found_in(pixels).box
            shares.append(box.width * box.height / pixels.size)
        result[f"{organ.name} mean"], result[f"{organ.name} min"] = float(np.mean(shares)), min(shares)
    return result


def visible(made: Screen) -> bool:
    """Whether the lowest tenth of the image shows anything: what is black on black nobody can find."""
    box = made.truth.box
    rows = slice(box.bottom - box.height // 10, box.bottom)
    part = made.pixels[rows, box.columns][made.tissue[rows, box.columns]]
    outside = int(np.median(made.pixels[~made.tissue]))
    return part.size > 0 and float((np.abs(part.astype(int) - outside) > 2).mean()) > 0.3


def on_made_screens(count: int, pictures: list[GrayImage]) -> dict[str, float]:
    """Overlap, and leaked text, on screens whose shape is known."""
    values, seen, leaks = [], [], []
    for number in range(count):
        made = screen(FIRST_SEED + number, pictures if number % 2 else ())
        found = found_in(made.pixels)
        values.append(overlap(found.box, made.truth.box))
        seen.append(visible(made))
        leaks.append(_outside(found, made))
    shown = np.array(values)[seen]
    return {
        "screens": count,
        "mean": float(np.mean(values)),
        "screens with a visible end": len(shown),
        "their mean": float(shown.mean()),
        "their 5th percentile": float(np.percentile(shown, 5)),
        "their share below 0.90": float((shown < 0.9).mean()),
        "median share of the mask outside the image": float(np.median(leaks)),
    }


def on_vendor_layouts(seeds: int, pictures: list[GrayImage]) -> dict[str, dict[str, float]]:
    """Overlap for each layout of tools/vendor_layouts.py: mean, least, and share below 0.90."""
    result = {}
    for layout in LAYOUTS:
        values = []
        for number in range(seeds):
            made = vendor_screen(layout, FIRST_SEED + number, pictures if number % 2 else ())
            values.append(overlap(found_in(made.pixels).box, made.truth.box))
        below = float((np.array(values) < 0.9).mean())
        result[layout] = {"mean": float(np.mean(values)), "min": min(values), "share below 0.90": below}
    return result


def on_squeezed_screens(count: int, pictures: list[GrayImage]) -> dict[str, float]:
    """Overlap on made-up screens with a sector, 4:3 shown as 16:9 and the other way round."""
    values: list[float] = []
    seed = FIRST_SEED
    while len(values) < count:
        made = screen(seed, pictures if seed % 2 else ())
        seed += 1
        if isinstance(made.shape, Sector):
            high, wide = made.pixels.shape
            size = (round(wide * (4 / 3 if seed % 2 else 3 / 4)), high)
            pixels = np.asarray(cv2.resize(made.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
            truth = cv2.resize(made.tissue.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
            found = found_in(pixels).inside(*pixels.shape)
            values.append(float((found & truth).sum() / (found | truth).sum()))
    below = float((np.array(values) < 0.9).mean())
    return {"mean": float(np.mean(values)), "min": min(values), "share below 0.90": below}


def bordered(made: Screen) -> bool:
    """Whether the image differs from what is beside it nearly all around, seen from its middle."""
    tissue = made.tissue.view(np.uint8)
    reach = np.ones((max(3, max(made.truth.box.width, made.truth.box.height) // 50),) * 2, np.uint8)
    rim = (tissue > 0) & (cv2.erode(tissue, reach, borderValue=1) == 0)
    beside = (cv2.dilate(tissue, reach) > 0) & (tissue == 0)
    if not beside.any():
        return True
    differs = np.abs(made.pixels.astype(np.int16) - np.median(made.pixels[beside])) > 3
    down, across = np.nonzero(rim)
    turn = np.arctan2(down - down.mean(), across - across.mean())
    part = ((turn / np.pi + 1) * 12).astype(int)
    shares = np.array([differs[down[part == at], across[part == at]].mean() for at in np.unique(part)])
    return bool((shares > 0.25).mean() > 0.85)


def on_unseen_screens(seeds: int) -> dict[str, Any]:
    """Overlap of the masks for each layout of tools/unseen_screens.py, where the image has a visible border.

    And the quality (severity map of the default bundle) with the region found against that with the true one.
    """
    result: dict[str, Any] = {}
    values: list[float] = []
    dim: list[float] = []
    apart: list[float] = []
    suspended = 0
    analyzer = open_analyzer(Settings(scoring=ScoringSettings(region="auto", metric="map")), Plan(still=True))
    for layout in UNSEEN:
        mine: list[float] = []
        for number in range(seeds):
            made = unseen_screen(layout, FIRST_SEED + number)
            frame = Frame(made.pixels, 0, 0.0, 0.0)
            looker = new_looker()
            region = AutoRegion(looker).find(frame)
            suspended += SignalWatch(looker).update(frame, region).reason is not None
            found = region.inside(*made.pixels.shape)
            overlapped = float((found & made.tissue).sum() / (found | made.tissue).sum())
            (mine if bordered(made) else dim).append(overlapped)
            quality = []
            for declared in (region, made.truth):
                analyzer.reset()
                readings = analyzer.analyze(replace(frame, declared=declared)).readings
                quality += [reading.quality for reading in readings if reading.quality is not None]
            apart += [abs(quality[0] - quality[1])] if len(quality) == 2 else []
        result[layout] = (
            {"screens": len(mine), "mean": float(np.mean(mine)), "min": min(mine)} if mine else {}
        )
        values += mine
    analyzer.close()
    return {
        **result,
        "with a visible border": len(values),
        "their mean": float(np.mean(values)),
        "their min": min(values),
        "their share below 0.90": float((np.array(values) < 0.9).mean()),
        "mean of the others": float(np.mean(dim)),
        "suspended": suspended,
        "quality apart, median": float(np.median(apart)),
        "quality within 3 points": float((np.array(apart) <= 3).mean()),
    }


def on_halves(folder: Path) -> dict[str, float]:
    """Share of pictures that are taken for two views: with an edge of light in the middle, and really two."""
    paths = [path for path in sorted(folder.glob("*/*.png")) if path.parent.name != "fetal-head"]
    parted: dict[str, list[bool]] = {}
    for number, path in enumerate(paths):
        one = _gray(path)
        height, width = one.shape
        half, ramp = width // 2, np.clip((np.arange(width) - width // 2) / 12 + 0.5, 0, 1)
        shadow = np.where(np.arange(height)[:, None] < height // 5, one, one * (1 - 0.85 * ramp))
        beside = _gray(paths[number - 1 if paths[number - 1].parent == path.parent else number + 1])
        left, right = (cv2.resize(half_of, (half, height)) for half_of in (one, beside))
        for name, picture in {
            "one image": one,
            "its gain steps to 0.35": one * np.where(np.arange(width) < half, 1, 0.35),
            "its gain steps to 0.6": one * np.where(np.arange(width) < half, 1, 0.6),
            "edge of a shadow": shadow,
            "two images": np.hstack([left, right]),
            "one image twice": np.hstack([left, left]),
        }.items():
            box = found_in(np.ascontiguousarray(picture, np.uint8)).box
            parted.setdefault(name, []).append(abs(box.width / width - 0.5) < 0.06)
    return {"pictures": len(paths), **{name: float(np.mean(each)) for name, each in parted.items()}}


def cost_ms(seconds: float = 10.0, rate_hz: float = 30.0) -> dict[str, float]:
    """CPU time a frame at 1280x720, the first search included."""
    made = [screen(FIRST_SEED + 3, size=(720, 1280)).pixels for _ in range(1)]
    rng = np.random.default_rng(1)
    noisy = [np.clip(made[0] + rng.integers(-3, 4, made[0].shape), 0, 255).astype(np.uint8) for _ in range(6)]
    finder, spent = AutoRegion(new_looker()), []
    for number in range(int(seconds * rate_hz)):
        frame = Frame(noisy[number % len(noisy)], number, number / rate_hz, 0.0)
        start = time.thread_time()
        finder.find(frame)
        spent.append((time.thread_time() - start) * 1e3)
    return {"mean_ms": float(np.mean(spent)), "p99_ms": float(np.percentile(spent, 99)), "max_ms": max(spent)}


def _outside(found: Region, made: Screen) -> float:
    """Share of the found region in which no image was drawn."""
    inside = made.tissue[found.box.rows, found.box.columns]
    mask = found.mask if found.mask is not None else np.ones(inside.shape, np.bool_)
    return float((mask & ~inside).sum() / mask.sum())


def rectangular(folder: Path) -> list[Path]:
    """Images that are not sectors already."""
    return sorted(path for path in folder.glob("*/*.png") if path.parent.name not in SECTORS)


def _gray(path: Path) -> GrayImage:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--screens", type=int, default=100, help="how many made-up screens")
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    data, pictures = options.shared / "data", []
    figures: dict[str, Any] = {"cost at 1280x720": cost_ms()}
    if data.is_dir():
        real = on_real_screens(data / "screens")
        figures["real screens"] = {
            **real,
            "mean": float(np.mean(list(real.values()))),
            "min": min(real.values()),
        }
        figures["bare images"] = on_bare_images(data / "eval")
        figures["taken for two views that touch"] = on_halves(data / "eval")
        pictures = [_gray(path) for path in rectangular(data / "train")[::40]]
    figures["made-up screens"] = on_made_screens(options.screens, pictures)
    figures["sectors that were squeezed"] = on_squeezed_screens(max(1, options.screens // 2), pictures)
    figures["layouts of other makers"] = on_vendor_layouts(max(1, options.screens // 5), pictures)
    figures["screens of no generator before"] = on_unseen_screens(max(1, options.screens // 5))
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
