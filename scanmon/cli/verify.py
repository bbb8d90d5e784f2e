"""`scanmon verify`: score a recorded session again, and say how far that is from what was recorded."""

import argparse
import json
import sys
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path

from scanmon.app.sessions import open_session, session_settings, verify
from scanmon.cli.options import add_scoring_options, number, settings_over
from scanmon.cli.output import ProgressLine
from scanmon.core.text import shown
from scanmon.core.values import Provenance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("session", type=Path, metavar="SESSION", help="folder of a recorded session")
    parser.add_argument(
        "--tolerance",
        type=number(0, 1e9),
        metavar="T",
        help="fail where a score differs by more; 0 for a lossless recording on the same machine",
    )
    add_scoring_options(parser)


def run(args: argparse.Namespace) -> int:
    """One JSON line with the differences; 1 where they are beyond the tolerance."""
    with closing(open_session(args.session)) as recording:
        settings = settings_over(session_settings(recording.content), args)
        with ProgressLine() as progress:
            differences, again = verify(recording, settings, partial(progress, "frames"))
        recorded = recording.content.provenance()
    print(json.dumps(asdict(differences)))
    if not recording.content.complete:
        print("the recording was cut off, or goes on; what it holds was verified", file=sys.stderr)
    for line in (f"recorded with {_text(recorded)}", f"scored again with {_text(again)}"):
        print(shown(line), file=sys.stderr)
    if args.tolerance is not None and differences.largest_score > args.tolerance:
        print(
            f"error: scores differ by up to {differences.largest_score:.3g} at frame "
            f"{differences.worst_frame}, more than {args.tolerance:g}, use the same bundle and back end",
            file=sys.stderr,
        )
        return 1
    return 0


def _text(provenance: Provenance) -> str:
    digest = provenance.details.get("bundle_sha256", "")[:12]
    return f"{provenance.bundle} ({digest}), {provenance.engine}"
