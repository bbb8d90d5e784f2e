"""What a map network says on held-back training pictures under the evaluation's own faults.

`python -m tools.validate_map NETWORK... --data DIR`. The faults, nuisances and negatives are those of
`scanmon.degradations`, other code than the training's; the pictures are held back from the training, as they
are or, with `--foreign` and `--dark`, as other scanners would show them. Chooses poolings, stages of a
training and means of them, alone and as the score has them; the reported table comes from
`scanmon evaluate` on other data.
"""

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from scanmon.degradations import FAMILIES, NUISANCES, SEVERITIES, TAKES_LIGHT, degrade
from scanmon.degradations.negatives import NEGATIVES, negative
from scanmon.lab.evaluate.figures import spearman
from scanmon.scoring.marks import marks
from scanmon.scoring.severity import KINDS, Rules, beside, black_level, exposure, level_counts
from tools.training.evidence import view_of
from tools.training.pack import good_files
from tools.training.pictures import ORGANS, Picture, read, thinned

Cells = NDArray[np.float64]
Gray = NDArray[np.uint8]
STRIDE = 16


def pooling(topk: float, mean: float) -> Callable[[Cells], float]:
    """The score's pooling: mean of the worst share, and the mean over all, mixed."""

    def pool(cells: Cells) -> float:
        count = max(1, round(cells.size * topk))
        return float((1 - mean) * np.sort(cells)[-count:].mean() + mean * cells.mean())

    return pool


POOLINGS = {
    "worst 25 % and 0.3 mean": pooling(0.25, 0.3),
    "worst 15 % and 0.3 mean": pooling(0.15, 0.3),
    "worst 15 %": pooling(0.15, 0.0),
    "worst 25 % and 0.4 mean": pooling(0.25, 0.4),
    "worst 30 % and half mean": pooling(0.3, 0.5),
    "mean": pooling(1.0, 0.0),
}
KEPT = "worst 25 % and 0.4 mean"


class Seen(NamedTuple):
    """Severities of the cells of a picture (n,), by kind (7 or 0, n), and those that need no network."""

    cells: Cells
    kinds: Cells
    rules: Rules

    def pooled(self, pool: Callable[[Cells], float]) -> float:
        """The severity of the picture as the score has it: with its kinds, and with what the rules say."""
        return self.rules.added(beside(pool(self.cells), [pool(kind) for kind in self.kinds]))


class Asked(Protocol):
    """What is judged: severities whose pooled value is the greater the worse a picture."""

    def seen(self, gray: Gray, mask: NDArray[np.bool_]) -> Seen:
        """Of one picture inside the mask."""


@dataclass(frozen=True, slots=True)
class Network:
    """A map network, asked as the scorer asks it: never enlarged, black level off, 0 outside the sector."""

    session: onnxruntime.InferenceSession
    height: int

    def seen(self, gray: Gray, mask: NDArray[np.bool_]) -> Seen:
        """Severities of the cells inside the mask, and what the rules say."""
        view = view_of(gray, mask, self.height)
        assert view.mask is not None
        cut, inside = view.image, view.mask
        counts = level_counts(cut, inside)
        black = black_level(counts)
        shown = cv2.subtract(cut, np.full_like(cut, black))
        shown = np.where(inside, np.maximum(shown, 1), 0).astype(np.uint8)
        said = self.session.run(None, {self.session.get_inputs()[0].name: shown[None]})[0][0]
        channels = said if said.ndim == 3 else said[None]
        share = cv2.resize(inside.astype(np.float32), channels.shape[:0:-1], interpolation=cv2.INTER_AREA)
        cells = np.asarray(channels[: 1 + KINDS, share > 0.5], np.float64)
        found = marks(view)
        return Seen(cells[0], cells[1:], exposure(counts, black)._replace(**found._asdict()))


def held_back(data: Path, count: int) -> list[Picture]:
    """So many good pictures of each organ that no training saw."""
    return [read(*file) for file in thinned(good_files(data, validation=True), count)]


def _sharper(gray: Gray, share: float) -> Cells:
    return gray.astype(np.float64) + share * (gray.astype(np.float64) - cv2.GaussianBlur(gray, (0, 0), 1.0))


def _grained(gray: Gray) -> Cells:
    return gray.astype(np.float64) * (1.0 + 0.12 * np.random.default_rng(0).standard_normal(gray.shape))


MAKERS: tuple[Callable[[Gray], NDArray[Any]], ...] = (
    lambda gray: 255.0 * (np.clip(_sharper(gray, 1.2), 0, 255) / 255.0) ** 1.6,  # dark and sharp
    lambda gray: np.clip(gray.astype(np.float64) - 16.0, 0, 255) * 255.0 / 239.0,  # weak echoes rejected
    lambda gray: 255.0 * (cv2.medianBlur(gray, 3) / 255.0) ** 0.75,  # bright and smooth
    lambda gray: 255.0 * (np.clip(_grained(gray), 0, 255) / 255.0) ** 1.25,  # fine grain
)


def of_another_maker(picture: Picture, number: int) -> Picture:
    """The picture as one of four scanners would show it that no training has seen."""
    shown = np.clip(np.rint(MAKERS[number % len(MAKERS)](picture.gray)), 0, 255).astype(np.uint8)
    return replace(picture, gray=np.where(picture.mask, shown, picture.gray))


def dark_in_depth(picture: Picture, number: int) -> Picture:
    """The picture as if depth and weak echoes went black: gamma 1.5, 70 to 110 levels less at its end."""
    shown = 255.0 * (picture.gray / 255.0) ** 1.5
    depth = np.linspace(0.0, 1.0, len(shown))[:, None]
    shown = np.clip(np.rint(shown - (70 + 40 * (number % 3) / 2) * depth), 0, 255).astype(np.uint8)
    return replace(picture, gray=np.where(picture.mask, shown, picture.gray))


def add_picture_options(parser: argparse.ArgumentParser, count: int, help_: str) -> None:
    """Which pictures are shown, and how."""
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=count, help=help_)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--foreign", action="store_true", help="as scanners of other makers show them")
    shown.add_argument("--dark", action="store_true", help="as scanners show them that go black with depth")


def asked_pictures(options: argparse.Namespace, organs: Collection[str] = ORGANS) -> list[Picture]:
    pictures = [one for one in held_back(options.data, options.pictures) if one.organ in organs]
    if not (options.foreign or options.dark):
        return pictures
    change = dark_in_depth if options.dark else of_another_maker
    return [change(picture, number) for number, picture in enumerate(pictures)]


Found = dict[tuple[int, str, int], tuple[Seen, float]]


def measure(
    networks: Sequence[Asked], pictures: Sequence[Picture], families: Sequence[str] = tuple(FAMILIES)
) -> list[Found]:
    """Of each network what it says and the PSNR of every picture, family and severity (0: `clean`)."""
    found: list[Found] = [{} for _ in networks]
    for index, picture in enumerate(pictures):
        for own, network in zip(found, networks, strict=True):
            own[index, "clean", 0] = network.seen(picture.gray, picture.mask), np.inf
        for family in families:
            for severity in SEVERITIES:
                rng = np.random.default_rng(index)
                changed = degrade(picture.gray, family, severity, rng, picture.mask).image
                error = (changed.astype(np.float64) - picture.gray)[picture.mask]
                psnr = 10 * np.log10(255**2 / max(float(np.mean(error**2)), 1e-9))
                for own, network in zip(found, networks, strict=True):
                    own[index, family, severity] = network.seen(changed, picture.mask), psnr
    return found


def show_order(found: Found, count: int, pool: str, *, shipped: bool = False) -> None:
    """Order, first step and Spearman with PSNR, for groups of families and for each.

    Of the total alone; `shipped`: as the score has it, and family by family.
    """
    of = POOLINGS[pool]
    score = {key: seen.pooled(of) if shipped else of(seen.cells) for key, (seen, _) in found.items()}
    order, first, within = {}, {}, {}
    asked = [family for family in FAMILIES if (0, family, SEVERITIES[0]) in found]
    for family in asked:
        chains = np.array(
            [[score[i, "clean", 0], *(score[i, family, s] for s in SEVERITIES)] for i in range(count)]
        )
        steps = np.diff(chains, axis=1) > 0
        order[family], first[family] = float(steps.mean()), float(steps[:, 0].mean())
        truth = [[-found[i, family, s][1] for s in SEVERITIES] for i in range(count)]
        ordered = zip(chains, truth, strict=True)
        within[family] = float(np.mean([spearman(chain[1:], psnr) or 0.0 for chain, psnr in ordered]))
    across = []
    for i in range(count):
        keys = [(i, family, s) for family in asked for s in SEVERITIES]
        across.append(spearman([score[k] for k in keys], [-found[k][1] for k in keys]) or 0.0)
    groups = {
        "common": [f.name for f in FAMILIES.values() if f.common],
        "rarer, trained": [f.name for f in FAMILIES.values() if not f.common and not f.held_out],
        "held out": [f.name for f in FAMILIES.values() if f.held_out],
        "light": list(TAKES_LIGHT),
        "all": asked,
    }
    clean = np.array([score[i, "clean", 0] for i in range(count)])
    worst = np.array([score[i, family, SEVERITIES[-1]] for i in range(count) for family in asked])
    print(
        f"{pool}{', as shipped' * shipped}: Spearman across families {np.mean(across):.2f}, "
        f"worst severity better than a tenth of the clean {np.mean(worst < np.quantile(clean, 0.9)):.3f}"
    )
    for name, every in groups.items():
        families = [family for family in every if family in asked]
        if not families:
            continue
        line = [float(np.mean([part[f] for f in families])) for part in (order, first, within)]
        print(f"  {name:15s} order {line[0]:.3f} first step {line[1]:.2f} within {line[2]:.2f}")
    if not shipped:
        return
    for family in sorted(asked, key=lambda f: order[f]):
        levels = [float(np.median([score[i, family, s] for i in range(count)])) for s in SEVERITIES]
        print(
            f"    {family:18s} order {order[family]:.2f} first {first[family]:.2f} "
            f"within {within[family]:.2f} severity {np.round(levels, 2)}"
        )


def show_levels(network: Asked, pictures: Sequence[Picture], height: int) -> None:
    """Severities of clean pictures, of the same with less light, of nuisances and of negatives."""
    pool = POOLINGS[KEPT]
    clean = np.array([pool(network.seen(p.gray, p.mask).cells) for p in pictures])
    for organ in sorted({p.organ for p in pictures}):
        of_organ = clean[[p.organ == organ for p in pictures]]
        print(f"  clean {organ:12s} {np.round(np.percentile(of_organ, (10, 50, 90)), 3)}")
    for factor in (0.75, 0.5, 0.25, 0.08):
        dark = [pool(network.seen((p.gray * factor).astype(np.uint8), p.mask).cells) for p in pictures]
        more = float(np.mean(np.array(dark) > clean))
        print(f"  light x{factor}: worse than clean {more:.2f}, {np.round(np.percentile(dark, (5, 50)), 2)}")
    moved: list[float] = []
    for name, change in NUISANCES.items():
        rng = np.random.default_rng(0)
        here = [pool(network.seen(*change(p.gray, p.mask, rng)).cells) for p in pictures]
        moved += list(np.array(here) - clean)
        print(f"  {name:15s} moves {np.round(np.percentile(np.array(here) - clean, (5, 50, 95)), 3)}")
    print(
        f"  nuisances move median {np.median(np.abs(moved)):.3f} p95 {np.percentile(np.abs(moved), 95):.3f}"
    )
    width = round(height * 4 / 3)
    whole = np.ones((height, width), bool)
    none = {name: pool(network.seen(negative(name, height, width, 1), whole).cells) for name in NEGATIVES}
    least = sorted(none, key=lambda name: none[name])[:6]
    print("  negatives, least: " + ", ".join(f"{name} {none[name]:.2f}" for name in least))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", type=Path, nargs="+")
    parser.add_argument("--height", type=int, default=448)
    add_picture_options(parser, 6, "of each organ")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    limits = onnxruntime.SessionOptions()
    limits.intra_op_num_threads = 1
    networks = [
        Network(onnxruntime.InferenceSession(str(file), limits, ["CPUExecutionProvider"]), options.height)
        for file in options.networks
    ]
    pictures = asked_pictures(options)
    found = measure(networks, pictures)
    for file, network, own in zip(options.networks, networks, found, strict=True):
        print(f"{file}: {len(pictures)} pictures")
        show_levels(network, pictures, options.height)
        for pool in POOLINGS:
            show_order(own, len(pictures), pool)
        show_order(own, len(pictures), KEPT, shipped=True)


if __name__ == "__main__":
    main()
