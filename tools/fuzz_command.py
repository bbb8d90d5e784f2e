"""Changed files through the command line: each ends in results or in its own line, within 1 GB and 30 s.

    python -m tools.fuzz_command --files 2000 --others 40 --seed 3 FILE ...

Files to score are those of `tools.fuzz` and each FILE, many to a `scanmon score`; settings, regions, bundles,
sessions, checkpoints, protocols and ratings go one to a command. Exit code 1 where something was wrong; what
did it is kept as `fuzz-KIND-NUMBER`.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scanmon.cli import COMMANDS
from scanmon.cli import main as scanmon
from scanmon.core.text import label
from scanmon.scoring.bundle import MANIFEST, default_bundle
from scanmon.session import layout
from scanmon.sources import limited_recording
from tools.fuzz import mutants
from tools.fuzz_targets import TARGETS

_MOST_MB, _MOST_S = 1024, 30
_BATCH = 100
_PATIENCE_S = 3600.0  # before a command is ended
_OF_TARGET = {"dicom": ".dcm", "mha": ".mha", "nrrd": ".nrrd", "nifti": ".nii", "mat": ".mat", "hdf5": ".h5"}
_OF_TARGET |= {"npy": ".npy", "npz": ".npz"}
_OF_TARGET |= {
    name: f".{name.partition('-')[2]}" for name in TARGETS if name.startswith(("image-", "video-"))
}
_CATCH_ALL = re.compile(r"could not be scored \(|unexpected |Traceback")
_UNWORDED = re.compile(r"cannot be decoded \((\w+)\)")  # of an exception that is not ours
_LINES = (
    "error: ",
    "scored again ",
    "look at ",
    "compared: ",
    "measured: ",
    "passed over: ",
    "WARNING: ",
    "stopped",
    "written: ",
    "recorded ",
)
_LINE = re.compile("|".join(_LINES) + r"|\w+: \d+|\d+ of \d+|\[ +[\d.]+ s\] |\S+ \S+, .*, /")

Command = Callable[[Path, Path], list[str]]  # of the changed file and of a picture


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; `line_s` is what one of its lines took at most, of a processor."""

    code: int
    out: list[str]
    err: list[str]
    mb: float
    line_s: float

    def faults(self) -> Iterator[str]:
        if self.code not in (0, 1, 2):
            yield f"exit code {self.code}"
        if self.mb > _MOST_MB:
            yield f"{self.mb:.0f} MB"
        if self.line_s > _MOST_S:
            yield f"{self.line_s:.0f} s"
        yield from (line for line in (*self.out, *self.err) if _CATCH_ALL.search(line))
        yield from (f"odd line: {line}" for line in self.err if not _LINE.match(line))
        if self.code and not any(line.startswith("error: ") for line in self.err):
            yield "says nothing"


def ended(arguments: Sequence[str]) -> Ended:
    out, slowest_s, last_s = [], 0.0, 0.0
    with tempfile.TemporaryFile("w+", errors="replace") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "scanmon", *arguments], stdout=subprocess.PIPE, stderr=err, text=True
        )
        assert process.stdout is not None
        timer = threading.Timer(_PATIENCE_S, process.kill)
        timer.start()
        for line in process.stdout:
            now_s = _processor_s(process.pid)
            slowest_s, last_s = max(slowest_s, now_s - last_s), now_s
            out.append(line.rstrip("\n"))
        _, status, used = os.wait4(process.pid, 0)  # with the processes that it waited for itself
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        err.seek(0)
        lines = err.read().splitlines()
    slowest_s = max(slowest_s, used.ru_utime + used.ru_stime - last_s)
    return Ended(process.returncode, out, lines, used.ru_maxrss / 1024, slowest_s)


def forked(arguments: Sequence[str]) -> Ended:
    """The same in a copy of this process, which has all imported: for commands that take one file each."""
    with tempfile.TemporaryFile("w+", errors="replace") as out, tempfile.TemporaryFile("w+") as err:
        process = os.fork()
        if not process:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            code = 70
            try:
                code = scanmon(arguments)
            except SystemExit as stopped:
                code = int(stopped.code or 0)
            except BaseException:  # noqa: BLE001 - the copy ends here
                traceback.print_exc()
            finally:
                limited_recording._end_all()
                sys.stdout.flush()
                os._exit(code)
        timer = threading.Timer(_PATIENCE_S, os.kill, (process, 9))
        timer.start()
        _, status, used = os.wait4(process, 0)
        timer.cancel()
        out.seek(0)
        err.seek(0)
        lines = out.read().splitlines(), err.read().splitlines()
    took_s = used.ru_utime + used.ru_stime
    return Ended(os.waitstatus_to_exitcode(status), *lines, used.ru_maxrss / 1024, took_s)


def _processor_s(process: int) -> float:
    """Of it and its children; as much as is known where one of them ends in the meantime."""
    ticks = 0
    with suppress(OSError):
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        for one in (str(process), *children):
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def score_batch(files: Sequence[Path], unworded: Counter[str]) -> tuple[Ended, list[tuple[Path, str]], int]:
    """How it ended, what was wrong with which file, and how many were refused."""
    found = ended(["score", *map(str, files)])
    by_name = {label(file): file for file in files}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in by_name}
    faults = [(files[0], fault) for fault in found.faults() if "could not be scored (" not in fault]
    for line in found.out:
        row = json.loads(line)
        rows[row["source"]].append(row)
    refused = 0
    for name, file in by_name.items():
        said = [row["error"] for row in rows[name] if row.get("error")]
        refused += bool(said)
        unworded.update(match[1] for text in said for match in _UNWORDED.finditer(text))
        faults += [(file, text) for text in said if _CATCH_ALL.search(text) or "crashes" in text]
    silent = sum(not found_rows for found_rows in rows.values())
    counted = sum(int(number) for line in found.err for number in re.findall(r"(\d+) [.\w]", line[13:])
                  if line.startswith("passed over: "))  # fmt: skip
    if silent != counted:
        faults.append((files[0], f"{silent} files without a line, {counted} counted"))
    return found, faults, refused


def _bundle_with(name: str, metric: str) -> tuple[list[bytes], str, Command]:
    """The default bundle in which a file is another; its sha256 is that of the file."""
    folder = default_bundle()
    sound = (folder / name).read_bytes()

    def command(path: Path, picture: Path) -> list[str]:
        made = path.with_suffix(".bundle")
        (made / "organs").mkdir(parents=True)
        for file in folder.rglob("*"):
            if file.is_file():
                (made / file.relative_to(folder)).symlink_to(file)
        (made / name).unlink()
        (made / name).write_bytes(path.read_bytes())
        if name != MANIFEST:
            text = (folder / MANIFEST).read_text()
            (made / MANIFEST).unlink()
            before, now = (hashlib.sha256(data).hexdigest() for data in (sound, path.read_bytes()))
            (made / MANIFEST).write_text(text.replace(before, now))
        return ["score", str(picture), "--bundle", str(made), "--metric", metric]

    return [sound], ".part", command


def _session_with(session: Path, name: str, *words: str) -> tuple[list[bytes], str, Command]:
    """A session in which a file is another; `words`: the command, and what stands behind the session."""

    def command(path: Path, picture: Path) -> list[str]:
        made = path.with_suffix(".session")
        shutil.copytree(session, made)
        (made / name).write_bytes(path.read_bytes())
        out = [word.replace("OUT", str(path.with_suffix(""))) for word in words[1:]]
        return [words[0], str(made), *out]

    return [(session / name).read_bytes()], ".part", command


def _worded(words: Sequence[str], path: Path, picture: Path) -> list[str]:
    return [{"IN": str(path), "OUT": f"{path}.new"}.get(word, word) for word in words]


def _others(folder: Path, picture: Path, stack: ExitStack) -> Iterator[tuple[str, list[bytes], str, Command]]:
    def seeds(name: str) -> list[bytes]:
        return stack.enter_context(TARGETS[name]()).seeds

    score = ["score", str(picture)]
    yield "settings", seeds("settings"), ".toml", lambda path, _: [*score, "--config", str(path)]
    yield "region", seeds("region"), ".toml", lambda path, _: [*score, "--region", str(path)]
    live = ["live", "phantom:size=160x120,rate=20", "--headless", "--seconds", "0.2"]
    yield "protocol", seeds("protocol"), ".toml", lambda path, _: [*live, "--protocol", str(path)]
    ratings = f"file,rating\n{picture},3\n{picture},4.5\n".encode()
    yield "ratings", [ratings], ".csv", lambda path, _: ["agree", str(path), "--baselines", "none"]
    for name, metric in ((MANIFEST, "auto"), ("severity.onnx", "map"), ("known.npz", "map")):
        yield f"bundle {name}", *_bundle_with(name, metric)
    organ = next((default_bundle() / "organs").iterdir()).name
    yield "bundle organ", *_bundle_with(f"organs/{organ}", "nrq")
    done = ended(
        ["live", "phantom:size=200x160,rate=20", "--headless", "--seconds", "2", "--record", str(folder)]
    )
    assert done.code == 0, done.err
    session = next(folder.glob("run_*"))
    for name in (layout.STORE, layout.VIDEO):
        for words in (["verify"], ["replay", "--headless"], ["export", "--to", "OUT.csv"],
                      ["report", "--to", "OUT.png"], ["export", "--to", "OUT.seq.nrrd"]):  # fmt: skip
            yield f"session {name} {words[0]} {words[-1]}", *_session_with(session, name, *words)
    for name in ("dicom", "video-mp4", "mha"):
        for words in (["measure", "IN", "--roi", "2,2,20,20"], ["deidentify", "IN", "--out", "OUT"],
                      ["replay", "IN", "--headless"], ["compare", "IN", "IN", "--metrics", "ssim"],
                      ["qa", "air", "IN"]):  # fmt: skip
            yield f"{words[0]} {name}", seeds(name), _OF_TARGET[name], partial(_worded, words)
    for name, ending in (("checkpoint", ".pth"), ("safetensors", ".safetensors")):
        yield name, seeds(name), ending, lambda path, _: ["build", str(path), "--out", str(path) + ".new"]


class Tally:
    """What was found so far; each fault is kept and said at once."""

    def __init__(self) -> None:
        self.tried, self.faults, self.mb, self.line_s = 0, 0, 0.0, 0.0
        self.unworded: Counter[str] = Counter()

    def add(self, done: Ended, tried: int = 1) -> None:
        self.tried += tried
        self.mb, self.line_s = max(self.mb, done.mb), max(self.line_s, done.line_s)

    def keep(self, kind: str, file: Path, fault: str) -> None:
        kept = Path(f"fuzz-{kind.replace(' ', '-').replace('/', '-')}-{self.faults}{file.suffix}")
        shutil.copy(file, kept)
        self.faults += 1
        print(f"  {fault[:300]} ({kept})", flush=True)

    def __str__(self) -> str:
        return f"{self.tried} mutants, {self.faults} faults, {self.mb:.0f} MB, {self.line_s:.1f} s a line"


def try_files(
    many: int, seed: int, more: Sequence[Path], folder: Path, stack: ExitStack, tally: Tally
) -> None:
    streams = [
        (ending, mutants(stack.enter_context(TARGETS[name]()).seeds, seed))
        for name, ending in _OF_TARGET.items()
    ]
    streams += [(file.suffix, mutants([file.read_bytes()], seed)) for file in more]
    refused = 0
    for first in range(0, many, _BATCH):
        batch = []
        for number in range(first, min(many, first + _BATCH)):
            ending, stream = streams[number % len(streams)]
            batch.append(folder / f"{number}{ending}")
            batch[-1].write_bytes(next(stream))
        done, wrong, some = score_batch(batch, tally.unworded)
        for file, fault in wrong:
            tally.keep("score", file, fault)
        for file in batch:
            file.unlink()
        tally.add(done, len(batch))
        refused += some
    print(f"score: {refused} refused, without words of our own: {dict(tally.unworded)}; {tally}", flush=True)


def try_others(many: int, seed: int, only: str, folder: Path, stack: ExitStack, tally: Tally) -> None:
    for name in (*(f"scanmon.cli.{one}" for one in COMMANDS), "scanmon.app.opening", "onnxruntime", "torch"):
        import_module(name)
    picture = folder / "picture.png"
    speckle = np.random.default_rng(0).integers(0, 256, (50, 60), np.uint8)
    cv2.imwrite(str(picture), cv2.resize(speckle, (240, 200)))
    for kind, seeds, ending, command in _others(folder, picture, stack):
        codes: Counter[int] = Counter()
        for number, data in enumerate(islice(mutants(seeds, seed), many if kind.startswith(only) else 0)):
            work = Path(tempfile.mkdtemp(dir=folder))
            path = work / f"{number}{ending}"
            path.write_bytes(data)
            done = forked(command(path, picture))
            for fault in done.faults():
                tally.keep(kind, path, fault)
            shutil.rmtree(work)
            codes[done.code] += 1
            tally.add(done)
        print(f"{kind}: exit codes {dict(codes)}; {tally}", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("more", nargs="*", type=Path, metavar="FILE", help="sound files to change, too")
    parser.add_argument("--files", type=int, default=1000, metavar="N", help="mutants to score")
    parser.add_argument("--others", type=int, default=5, metavar="N", help="mutants of each other kind")
    parser.add_argument("--only", default="", metavar="WORD", help="other kinds that begin with it")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    tally = Tally()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scanmon-fuzz-")))
        if args.files:
            try_files(args.files, args.seed, args.more, folder, stack, tally)
        if args.others:
            try_others(args.others, args.seed, args.only, folder, stack, tally)
    print(tally)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
