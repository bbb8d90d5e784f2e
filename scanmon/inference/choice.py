"""What `auto` means: which engine runs a network of a bundle on this machine, and why."""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanmon.core.errors import EngineError, ScanmonError
from scanmon.core.ports import Engine
from scanmon.core.write_atomic import write_atomic
from scanmon.inference import onnx_cuda, onnx_webgpu
from scanmon.inference.cache_folder import cache_folder
from scanmon.inference.check import Finding, check
from scanmon.inference.engines import open_named, runnable
from scanmon.scoring.bundle import Bundle, MapPart, NrqPart

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """The fastest engine that agreed, and why it and none of the others."""

    backend: str
    ms_per_window: float
    why: tuple[str, ...]


def fastest(findings: Iterable[Finding]) -> Choice | None:
    """What `auto` should mean on this machine; None where no engine of nrq agreed."""
    engines = [finding for finding in findings if finding.backend]
    speeds = {
        one.backend: one.ms_per_window for one in engines if one.ok and one.backend and one.ms_per_window
    }
    if not speeds:
        return None
    best = min(speeds, key=lambda name: speeds[name])
    why = [f"{best}: the fastest that agrees here, {speeds[best]:.1f} ms a window"]
    for one in engines:
        if one.backend in speeds and one.backend != best:
            why.append(f"not {one.backend}: {speeds[one.backend]:.1f} ms a window")
        elif one.backend not in speeds:
            why.append(f"not {one.text}")
    return Choice(best, speeds[best], tuple(why))


def open_engine(
    bundle: Bundle,
    part: NrqPart | MapPart,
    backend: str = "auto",
    device: str = "auto",
    threads: int = 0,
    *,
    strict: bool = False,
) -> Engine:
    """An engine for a part of the bundle; `threads` on the CPU, 0: all there are. The caller closes it.

    `auto` is what was found to be the fastest that agrees here, by `scanmon check --choose` or, where there
    is a GPU, the first time; else, or where that does not run any more, ONNX Runtime in single precision.
    Where ONNX Runtime's GPUs cannot be used, a warning says why and the processor goes on, unless `strict`.
    Raises `SettingsError` for a name that is none, `EngineError` where the runtime cannot run the network,
    `BundleError` for a damaged file.
    """
    if backend != "auto":
        return open_named(bundle, part, backend, device, threads, strict=strict)
    chosen = None
    if isinstance(part, NrqPart):
        chosen = chosen_backend(bundle) or _measured(bundle)
        if _log.isEnabledFor(logging.INFO):  # it reads every network of the bundle
            _log.info("%s: %s", bundle.name, "; ".join(choice_lines(bundle)))
    if chosen is not None and chosen != "onnxruntime:fp32":
        try:
            return open_named(bundle, part, chosen, device, threads, strict=True)
        except ScanmonError as error:
            _log.warning("%s does not run any more (%s): onnxruntime takes its place", chosen, error)
    return open_named(bundle, part, "onnxruntime", device, threads)


def _measured(bundle: Bundle) -> str | None:
    """Try what a machine with a GPU has, once for each bundle: takes seconds. None: no GPU agrees."""
    if not onnx_cuda.installed() and (error := onnx_cuda.overwritten()) is not None:
        _log.warning("%s", error)
    if not (onnx_cuda.installed() or onnx_webgpu.installed()):
        return None  # no network is read to find that out
    engines = runnable(bundle)
    on_gpu = [name for name in engines if name.startswith((onnx_cuda.BACKEND, onnx_webgpu.BACKEND))]
    if not on_gpu:
        return None
    _log.info("%s: trying %s", bundle.name, ", ".join(engines))
    findings = list(check(bundle, on_gpu))
    if fastest(findings) is None:  # a driver that is missing today may be there tomorrow: nothing is kept
        return None
    choice = fastest([*findings, *check(bundle, [name for name in engines if name not in on_gpu])])
    assert choice is not None
    try:
        remember(bundle, choice.backend, choice.why)
    except OSError as error:  # it is tried again next time
        _log.warning("the choice cannot be kept (%s)", error)
    return choice.backend


def chosen_backend(bundle: Bundle) -> str | None:
    """What `remember` kept for exactly this bundle; None where nothing was, or it cannot be read."""
    content = _remembered(bundle)
    return str(content["backend"]) if "backend" in content else None


def choice_lines(bundle: Bundle) -> list[str]:
    """What `auto` means for this bundle on this machine, and a line for each engine that it is not."""
    content = _remembered(bundle)
    if "backend" not in content:
        others = [name for name in runnable(bundle) if name != "onnxruntime:fp32"]
        if not others:
            return ["auto is onnxruntime:fp32, all that the bundle has for this machine"]
        return [f"auto is onnxruntime:fp32; {', '.join(others)} not tried here, run scanmon check --choose"]
    why = content.get("why")
    return [f"auto is {content['backend']}", *(map(str, why) if isinstance(why, list) else ())]


def remember(bundle: Bundle, backend: str, why: Sequence[str] = ()) -> Path:
    """Let `auto` mean `backend` for this bundle on this machine. Returns the file. Raises `OSError`.

    `why`: a line for the chosen one and for each other.
    """
    file = _choice_file(bundle)
    content = {"backend": backend, "bundle": bundle.name, "why": list(why)}
    write_atomic(file, (json.dumps(content) + "\n").encode())
    return file


def _remembered(bundle: Bundle) -> dict[str, Any]:
    try:
        content = json.loads(_choice_file(bundle).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _choice_file(bundle: Bundle) -> Path:
    return cache_folder() / "choices" / f"{bundle.sha256}.json"


def choose(bundle: Bundle, findings: Sequence[Finding]) -> tuple[str, ...]:
    """From now on `auto` is the fastest that agreed. Returns why; raises `EngineError` where none did."""
    choice = fastest(findings)
    if choice is None:
        raise EngineError("no engine of this bundle agrees here, so none was chosen", bundle.folder)
    try:
        remember(bundle, choice.backend, choice.why)
    except OSError as error:
        raise EngineError(f"the choice cannot be kept ({error.strerror})", error.filename) from error
    return choice.why
