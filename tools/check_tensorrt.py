"""Do the TensorRT adapters fit the real bindings of TensorRT 10, 11 and RTX: every name, argument and result?

    python tools/check_tensorrt.py [RELEASE ...]

The bindings are installed from the package index without the libraries that they need, into a temporary
folder; empty libraries with the entry points that are looked up at import stand in for those.
pybind11-stubgen writes down the types of the bindings, and mypy checks the adapters against them: in a copy,
the module that the adapters are given as `trt` is the one that the types are of. Needs a C compiler.
Exit code: 1 where something does not fit, 3 where the bindings cannot be had.
"""

import ast
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GENERATOR = "pybind11-stubgen==3.0.0"


@dataclass(frozen=True, slots=True)
class Release:
    """Bindings of one version, and the libraries that they are linked to."""

    requirement: str
    module: str  # the compiled one
    libraries: tuple[str, ...]


def _nvinfer(major: int) -> tuple[str, ...]:
    return tuple(f"lib{name}.so.{major}" for name in ("nvinfer", "nvinfer_plugin", "nvonnxparser"))


RELEASES = {
    "10": Release("tensorrt-cu12-bindings==10.9.0.34", "tensorrt_bindings.tensorrt", _nvinfer(10)),
    "11": Release("tensorrt-cu13-bindings==11.4.0.106", "tensorrt_bindings.tensorrt", _nvinfer(11)),
    "rtx": Release(
        "tensorrt-rtx-cu13-bindings==1.7.1.116",
        "tensorrt_rtx_bindings.tensorrt_rtx",
        ("libtensorrt_rtx.so.1", "libtensorrt_onnxparser_rtx.so.1"),
    ),
}
_ALL = ("lab/builder/plan.py", "inference/tensorrt.py")
ADAPTERS = {"10": _ALL, "11": _ALL, "rtx": (*_ALL, "inference/tensorrt_rtx.py")}
_ENTRY_POINTS = (
    "createInferBuilder_INTERNAL", "createInferRefitter_INTERNAL", "createInferRuntime_INTERNAL",
    "createNvOnnxParserRefitter_INTERNAL", "createNvOnnxParser_INTERNAL", "getBuilderPluginRegistry",
    "getNvOnnxParserVersion", "getPluginRegistry", "initLibNvInferPlugins",
)  # fmt: skip
# what the bindings can do and a generator cannot see: NVIDIA documents that Dims are tuples in either
# direction, and host memory is a buffer
_UNSEEN = {
    "Dims": "def __iter__(self) -> collections.abc.Iterator[int]: ...",
    "IHostMemory": "def __buffer__(self, flags: int) -> memoryview: ...",
}


class NotAvailableError(Exception):
    """The bindings or what reads their types cannot be installed here."""


def main(names: Sequence[str]) -> int:
    """One line for each release, and one for each fault; see above for the exit code."""
    code = 0
    for name in names or list(RELEASES):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            try:
                write_types(RELEASES[name], folder)
            except NotAvailableError as error:
                print(f"{RELEASES[name].requirement}: not checked, {error}")
                code = code or 3
                continue
            found = faults(sources(name), folder)
        print(f"{RELEASES[name].requirement}: {f'{len(found)} faults' if found else 'every use fits'}")
        for line in found:
            print("   ", line)
            code = 1
    return code


def sources(release: str) -> dict[str, str]:
    """The adapters that a release is for, by name."""
    paths = [ROOT / "scanmon" / adapter for adapter in ADAPTERS[release]]
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def write_types(release: Release, folder: Path) -> None:
    """Write the types of the bindings as a package `tensorrt` into `folder`. Raises `NotAvailableError`."""
    installed, written = folder / "installed", folder / "written"
    for requirement in (release.requirement, GENERATOR):
        _run("-m", "pip", "install", "-q", "--no-deps", "--target", str(installed), requirement)
    source = installed / "empty.c"
    source.write_text("\n".join(f"void *{name}(void) {{ return 0; }}" for name in _ENTRY_POINTS))
    for library in release.libraries:
        _call("cc", "-shared", "-fPIC", "-o", str(installed / library), str(source))
    surroundings = {"LD_LIBRARY_PATH": str(installed), "PYTHONPATH": str(installed)}
    package, module = release.module.split(".")
    _run("-m", "pybind11_stubgen", package, "-o", str(written), surroundings=surroundings)
    text = (written / package / f"{module}.pyi").read_text(encoding="utf-8")
    (folder / "tensorrt").mkdir()
    (folder / "tensorrt" / "__init__.pyi").write_text(corrected(text), encoding="utf-8")


def corrected(text: str) -> str:
    """A generated stub as Python that mypy can read; what cannot be read is left open, never narrowed."""
    text = text.replace("typing.SupportsInt", "int")  # what the bindings take is more, what they give is int
    text = re.sub(r"-> \.\.\.:$", "-> typing.Any:", text, flags=re.MULTILINE)
    text = re.sub(r"(\(|, )in: ", r"\1in_: ", text)
    text = re.sub(r"(\w): Dims(?=[,)])", r"\1: Dims | collections.abc.Sequence[int]", text)
    for name, line in _UNSEEN.items():
        text = re.sub(rf"^(class {name}:)$", rf"\1\n    {line}", text, flags=re.MULTILINE)
    lines = ["import collections.abc" if line == "import typing" else line for line in text.splitlines()]
    lines.insert(lines.index("from __future__ import annotations") + 1, "import typing")
    while True:
        try:
            ast.parse("\n".join(lines))
        except SyntaxError as error:
            at = (error.lineno or 1) - 1
            head = re.match(r" *def \w+\(", lines[at])
            if head is None:
                raise
            lines[at] = f"{head[0]}self, *args: typing.Any, **named: typing.Any) -> typing.Any:"
        else:
            return "\n".join(lines) + "\n"


def faults(adapters: Mapping[str, str], folder: Path) -> list[str]:
    """What mypy finds in sources that use `trt`, with the types in `folder` as that module's."""
    copies = []
    for name, source in adapters.items():
        copies.append(folder / f"checked_{name}.py")
        copies[-1].write_text(with_types(source), encoding="utf-8")
    options = ["--strict", "--no-warn-unused-ignores", "--follow-imports=silent", "--ignore-missing-imports"]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--cache-dir", str(folder / "cache"), *map(str, copies)],
        cwd=ROOT,
        env={"MYPYPATH": f"{folder}:{ROOT}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in run.stdout.splitlines() if "checked_" in line and ": error:" in line]
    if run.returncode not in (0, 1) or (run.returncode and "errors prevented" in run.stdout):
        raise RuntimeError(f"mypy did not finish: {run.stdout[-500:]} {run.stderr[-500:]}")
    return [line.rpartition("checked_")[2] for line in found]


def with_types(source: str) -> str:
    """The source with the module itself in place of every parameter `trt`."""
    if "trt: Any" not in source:
        raise ValueError("has no parameter `trt: Any`, so nothing of it would be checked")
    typed = re.sub(r"\btrt: Any\b", "_trt: Any", source)
    lazy = "from __future__ import annotations\n"  # stands before every import
    before, _, after = typed.rpartition(lazy)
    return f"{before}{lazy if before else ''}import tensorrt as trt\n{after}"


def _run(*arguments: str, surroundings: Mapping[str, str] | None = None) -> None:
    _call(sys.executable, *arguments, surroundings=surroundings)


def _call(*command: str, surroundings: Mapping[str, str] | None = None) -> None:
    environment = {**os.environ, **(surroundings or {})}
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    except FileNotFoundError as error:
        raise NotAvailableError(f"there is no {command[0]}") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotAvailableError(f"{' '.join(command[1:4])} failed ({said[:200]})") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
