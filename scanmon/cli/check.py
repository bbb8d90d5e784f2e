"""`scanmon check`: is a bundle whole, does it run here, does it agree with its parity report?"""

import argparse
import sys

from scanmon.core.text import label, shown
from scanmon.inference.check import check
from scanmon.inference.choice import choose
from scanmon.inference.engines import runnable
from scanmon.scoring.bundle import open_named_bundle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", nargs="?", default="default", metavar="BUNDLE", help="folder, or default")
    parser.add_argument(
        "--backend", metavar="B", help="NAME:PRECISION; without it all that the bundle has networks for"
    )
    parser.add_argument(
        "--choose", action="store_true", help="from now on `--backend auto` is the fastest that agrees here"
    )


def run(args: argparse.Namespace) -> int:
    """One line for each finding on stdout; exit code 1 where the bundle is damaged or an engine disagrees."""
    bundle = open_named_bundle(args.bundle)
    about = f"{bundle.name} {bundle.version}, {bundle.licence}, {label(bundle.folder)}"
    print(shown(about), file=sys.stderr)
    if bundle.nrq is not None:
        print(shown(f"nrq: {bundle.scale_text}"), file=sys.stderr)
    ok, findings = True, []
    for finding in check(bundle, [args.backend] if args.backend else runnable(bundle)):
        word = "ok" if finding.ok else "FAILED" if finding.here else "absent"
        print(f"{word:7} {shown(finding.text)}", flush=True)
        ok = ok and (finding.ok or not (finding.here or args.backend))
        findings.append(finding)
    if args.choose:
        for line in choose(bundle, findings):
            print(f"chosen  {shown(line)}" if not line.startswith("not ") else f"        {shown(line)}")
    return 0 if ok else 1
