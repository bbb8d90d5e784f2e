"""`scanmon bundles`: what is installed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scanmon.core.bundle import MANIFEST, default_bundle, open_bundle
from scanmon.core.errors import ScanmonError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="FOLDER",
        help="bundles, or folders of bundles, besides default",
    )


def run(args: argparse.Namespace) -> int:
    """One line for each bundle on stdout: folder, name, version, metrics, licence."""
    failed = False
    for folder in [default_bundle(), *(found for given in args.folders for found in _bundles(given))]:
        try:
            bundle = open_bundle(folder)
        except ScanmonError as error:
            print(f"error: {error}", file=sys.stderr)
            failed = True
            continue
        metrics = "+".join(name for name in ("nrq", "map") if getattr(bundle, name) is not None)
        print(f"{folder}\t{bundle.name} {bundle.version}\t{metrics}\t{bundle.licence}")
    return 1 if failed else 0


def _bundles(folder: Path) -> list[Path]:
    if (folder / MANIFEST).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}")) or [folder]
