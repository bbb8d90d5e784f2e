"""Changed files into every parser: whatever comes, it is a `ScanmonError` or nothing.

    python -m tools.fuzz --list
    python -m tools.fuzz dicom --seconds 60             # guided by coverage: pip install atheris
    python -m tools.fuzz dicom --mutants 500 --seed 3   # the same mutants every time, no library needed
    python -m tools.fuzz all --mutants 500

Exit code 1 where something else was raised; what did it is kept as `fuzz-TARGET-SHA1`.
"""

import argparse
import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from scanmon.core.errors import ScanmonError
from tools.fuzz_targets import TARGETS, Target

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_MOST_CHANGES = 8


def mutants(seeds: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Without end; the same for a seed."""
    rng = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    while True:
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, _MOST_CHANGES)):
            _change(data, rng, seeds)
        yield bytes(data)


def _change(data: bytearray, rng: random.Random, seeds: Sequence[bytes]) -> None:
    # most of what decides is at the beginning
    at = rng.randrange(len(data) + 1) if rng.random() < 0.5 else rng.randrange(min(len(data), 512) + 1)
    length = 1 << rng.randrange(8)
    match rng.randrange(7):
        case 0 if at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        case 1 if at < len(data):
            data[at] = rng.randrange(256)
        case 2:
            number, size = rng.choice(_NUMBERS), rng.choice((1, 2, 4, 8))
            order = rng.choice(("little", "big"))
            data[at : at + size] = (number & ((1 << 8 * size) - 1)).to_bytes(size, order)  # type: ignore[arg-type]
        case 3:
            del data[at : at + length]
        case 4:
            data[at:at] = data[at : at + length]
        case 5 if rng.random() < 0.3:
            del data[at:]
        case _:
            other = rng.choice(seeds)
            start = rng.randrange(len(other) + 1)
            data[at : at + length] = other[start : start + length]


def tried(
    target: Target, datas: Iterator[bytes], report: Callable[[bytes, Exception], None]
) -> tuple[int, float]:
    """How many, and the longest that one took, in seconds."""
    count, longest_s = 0, 0.0
    for data in datas:
        started_s = time.perf_counter()
        try:
            target.parse(data)
        except ScanmonError:
            pass
        except Exception as error:  # noqa: BLE001 - what is looked for
            report(data, error)
        count, longest_s = count + 1, max(longest_s, time.perf_counter() - started_s)
    return count, longest_s


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", nargs="?", default="all", choices=["all", *TARGETS])
    parser.add_argument("--list", action="store_true", help="the names of the targets")
    parser.add_argument(
        "--seconds", type=int, help="guided by coverage, so long for each target, with atheris"
    )
    parser.add_argument("--mutants", type=int, default=500, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    if args.list:
        print(*TARGETS)
        return 0
    if args.seconds is not None:
        command = [sys.executable, "-m", "tools.fuzz_guided", args.target, str(args.seconds)]
        return subprocess.run(command, check=False).returncode
    failed = 0
    for name in TARGETS if args.target == "all" else [args.target]:
        faults: list[str] = []

        def keep(data: bytes, error: Exception, name: str = name, faults: list[str] = faults) -> None:
            kept = Path(f"fuzz-{name}-{hashlib.sha1(data, usedforsecurity=False).hexdigest()[:12]}")
            kept.write_bytes(data)
            faults.append(f"{type(error).__name__}: {' '.join(str(error).split())[:100]} ({kept})")

        with TARGETS[name]() as target:
            count, longest_s = tried(target, islice(mutants(target.seeds, args.seed), args.mutants), keep)
        print(f"{name}: {count} mutants, longest {longest_s:.1f} s, {len(faults)} faults", flush=True)
        for line in faults[:10]:
            print("  " + line)
        failed += len(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
