"""`scanmon bundles`: what is installed."""

import argparse
import sys
from pathlib import Path

from scanmon.core.errors import ScanmonError
from scanmon.core.text import label, shown
from scanmon.inference import networks
from scanmon.inference.plans import prune, stored
from scanmon.scoring.bundle import MANIFEST, default_bundle, open_bundle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="FOLDER",
        help="bundles, or folders of bundles, besides default",
    )
    parser.add_argument("--cache", action="store_true", help="list this machine's compiled plans instead")
    parser.add_argument(
        "--prune", action="store_true", help="remove compiled plans and networks of no bundle named here"
    )


def run(args: argparse.Namespace) -> int:
    """A header, then one line for each bundle on stdout."""
    if args.cache or args.prune:
        return _cache(args)
    print("folder\tbundle\tmetrics\tlicence")
    failed = False
    for folder in [default_bundle(), *(found for given in args.folders for found in _bundles(given))]:
        try:
            bundle = open_bundle(folder)
        except ScanmonError as error:
            print(f"error: {shown(str(error))}", file=sys.stderr)
            failed = True
            continue
        metrics = "+".join(name for name in ("nrq", "map") if getattr(bundle, name) is not None)
        words = (label(folder), f"{bundle.name} {bundle.version}", metrics, bundle.licence)
        print("\t".join(map(shown, words)))
    return 1 if failed else 0


def _cache(args: argparse.Namespace) -> int:
    if args.prune:
        bundles = [open_bundle(found) for given in args.folders for found in _bundles(given)]
        files = {digest for bundle in bundles for digest in bundle.files.values()}
        gone = prune(files | networks.prune(files))
        print(f"{gone} plans removed", file=sys.stderr)
    for plan in stored():
        said = "not readable"
        if plan.key is not None:
            key = plan.key
            runtime, card = f"{key.runtime} {key.runtime_version}", f"{key.gpu} {key.capability}"
            said = "\t".join(map(shown, (runtime, key.precision, card)))
        print(f"{plan.path}\t{plan.size / 1e6:.1f} MB\t{said}")
    return 0


def _bundles(folder: Path) -> list[Path]:
    if (folder / MANIFEST).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}")) or [folder]
