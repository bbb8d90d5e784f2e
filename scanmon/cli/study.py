"""`scanmon study`: a blinded reader study, two pictures side by side."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from scanmon.app.study import Study, StudyPictures
from scanmon.cli.options import number, whole
from scanmon.core.errors import SettingsError

MOST_LETTERS = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        type=Path,
        metavar="DIR",
        help="folder of pictures, one folder an organ; or a CSV with image[,organ] or first,second[,organ]",
    )
    parser.add_argument(
        "--reader", type=_reader, metavar="NAME", help="who judges: each has an order of his own"
    )
    parser.add_argument(
        "--export", type=Path, metavar="FILE.csv", help="no window: write what scanmon agree reads"
    )
    parser.add_argument(
        "--store", type=Path, metavar="FILE", help="what was judged so far (DIR.study beside DIR)"
    )
    parser.add_argument(
        "--region", default="auto", metavar="R", help="what is shown, as for scanmon score (auto: the sector)"
    )
    group = parser.add_argument_group("a new study")
    group.add_argument("--pairs", type=whole(1, 100_000), metavar="N", help="at most (100)")
    group.add_argument(
        "--repeats",
        type=number(0, 0.5),
        metavar="X",
        help="share of pairs that comes twice, for self-agreement (0.1)",
    )
    group.add_argument("--seed", type=whole(0, 2**31 - 1), metavar="N", help="of pairs and orders (drawn)")


def run(args: argparse.Namespace) -> int:
    """Judge until Escape or the end; the same command goes on where it was."""
    if args.reader is None and args.export is None:
        raise SettingsError("nobody is named who judges", remedy="give --reader NAME, or --export FILE.csv")
    source: Path = args.source
    store = args.store or source.absolute().with_name(f"{source.absolute().name}.study")
    if args.export is not None and not store.is_file():
        raise SettingsError("no study was begun", store, "begin with --reader NAME, or name it with --store")
    with closing(Study(store, source, args.pairs, args.repeats, args.seed)) as study:
        if args.reader is not None:
            from scanmon.ui.study.study_page import show_study

            show_study(study, args.reader, StudyPictures(args.region))
        for reader in study.readers():
            alike, twice = study.agreement(reader)
            answers = study.answers(reader)
            skipped = sum(answer.choice == "skipped" for answer in answers.values())
            print(
                f"{reader}: {len(answers)} of {len(study.trials(reader))} judged"
                + (f", {skipped} of them could not be shown" if skipped else "")
                + (f", {alike} of {twice} repeated pairs alike" if twice else ""),
                file=sys.stderr,
            )
        if args.export is not None:
            print(f"{args.export}: {study.export(args.export)} judgements", file=sys.stderr)
    return 0


def _reader(text: str) -> str:
    name = text.strip()
    if not name or len(name) > MOST_LETTERS or "/" in name or not name.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is no name of at most {MOST_LETTERS} letters without /")
    return name
