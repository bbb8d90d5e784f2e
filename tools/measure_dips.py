"""How many dead and weak elements `scanmon qa air` finds, and how many it invents: the table of its page.
In brackets with those that it suspects.

`python -m tools.measure_dips --pictures 24`. Screens of simulated probes, each with its own number of
elements, speckle, noise and spread of good elements.
"""

import argparse
from collections import Counter
from itertools import product

import numpy as np

from scanmon.core.errors import SourceError
from scanmon.core.records import Row
from scanmon.core.values import GrayImage
from scanmon.lab.qa.air import check_air
from scanmon.lab.qa.material import Choice, Material
from tests.doubles.probe_in_air import ProbeInAir

KINDS = ("linear", "convex", "phased")
LEAST = (1, 2, 4, 8, 16)  # elements of the smallest aperture
FAULTS = {"good": (0, 1.0), "dead": (1, 0.0), "weak": (1, 0.3), "group": (3, 0.0)}  # elements, their gain


def probe(kind: str, least: int, fault: str, seed: int) -> tuple[ProbeInAir, float]:
    """One with a fault, and the place of it, 0..1."""
    rng = np.random.default_rng([seed, KINDS.index(kind), least, list(FAULTS).index(fault)])
    elements, (bad, gain) = int(rng.choice([64, 96, 128, 192, 256])), FAULTS[fault]
    first = int(rng.integers(4, elements - 4 - bad))
    made = ProbeInAir(
        kind,
        elements,
        dict.fromkeys(range(first, first + bad), gain),
        least=float(least),
        most=rng.uniform(max(24, least), 64),
        spacing=rng.uniform(12, 30),
        decay_db=rng.uniform(3, 8),
        speckle=rng.uniform(0.02, 0.3),
        noise_db=rng.uniform(-65, -40),
        roughness=rng.uniform(0.01, 0.06),
        angle_deg=84 if kind == "phased" else rng.uniform(50, 70),
        lines=int(rng.choice([128, 192, 256, 384])),
        seed=seed,
    )
    return made, (first + bad / 2) / elements


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=24, help="of each kind, aperture and fault")
    parser.add_argument("--seed", type=int, default=1000)
    args = parser.parse_args()
    print("| probe | smallest aperture | dead | weak | three dead | invented | of pictures |")
    print("|---|---|---|---|---|---|---|")
    for kind, least in product(KINDS, LEAST):
        found: Counter[tuple[str, str]] = Counter()
        for fault, number in product(FAULTS, range(args.pictures)):
            made, place = probe(kind, least, fault, args.seed + number)
            near = 1.5 + least / 2  # elements
            dips, suspected = _reported(made.picture())
            for what, reported in (("found", dips), ("with suspected", dips + suspected)):
                away = [abs(dip["place"] - place) * made.elements for dip in reported]
                found[fault, what] += fault != "good" and min(away, default=np.inf) <= near
                found["invented", what] += sum(fault == "good" or one > 2 * near for one in away)
        cells = [
            f"{found[fault, 'found']} ({found[fault, 'with suspected']})"
            for fault in (*list(FAULTS)[1:], "invented")
        ]
        print(f"| {kind} | {least} | {' | '.join(cells)} | {args.pictures * len(FAULTS)} |", flush=True)


def _reported(picture: GrayImage) -> tuple[list[Row], list[Row]]:
    """Dips and suspected ones; none of a picture that is refused."""
    try:
        checked = check_air(Material(picture[None], picture, None, None, ""), Choice())
    except SourceError:
        return [], []
    return checked.dips, checked.about["suspected"]


if __name__ == "__main__":
    main()
