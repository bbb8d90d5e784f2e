"""ONNX -> a TensorRT or TensorRT-RTX plan. One builder for both, and for TensorRT 10 and 11.

The module is passed in. The network is strongly typed: precision lives in the ONNX file, as TensorRT 11
demands, and is never chosen by the builder. The builder returns None where it fails and raises nothing; what
its error recorder heard is then the error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from scanmon.core.errors import EngineError
from scanmon.inference.plans import PROFILE
from scanmon.inference.tensorrt import logger

if TYPE_CHECKING:  # not installed: types for tools/check_tensorrt.py
    import tensorrt

Progress = Callable[[str], None]
_SAY_EVERY_S = 1.0


def compile_plan(
    trt: Any, network: bytes, *, targets: Sequence[str] = (), progress: Progress | None = None
) -> bytes:
    """The plan of `network`, compiled with the module `trt` (tensorrt or tensorrt_rtx). Raises `EngineError`.

    `targets`, for TensorRT-RTX: compute capabilities such as SM89, or CURRENT; without any, a plan for all
    that it knows but Turing.
    `progress` gets a line for each stage of the builder.
    """
    # builder and network call these until they are gone, so they outlive that function's locals
    log, recorder = logger(trt), _recorder(trt)
    monitor = _monitor(trt, progress or (lambda line: None))
    plan = _compile(trt, network, targets, (log, recorder, monitor))
    if plan is None:
        said = recorder.text() or log.last or "no reason given"
        raise EngineError(f"cannot compile the network ({said})", trt.__name__, "use --backend onnx")
    return plan


def _compile(
    trt: Any,
    network: bytes,
    targets: Sequence[str],
    listeners: tuple[tensorrt.ILogger, tensorrt.IErrorRecorder, tensorrt.IProgressMonitor],
) -> bytes | None:
    log, recorder, monitor = listeners
    try:
        builder = trt.Builder(log)
    except TypeError:  # "factory function returned nullptr": CUDA does not start, and the log says why
        return None
    definition = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    # after the network: one that inherits the recorder crashes the process when it is freed (RTX 1.7.1)
    builder.error_recorder = recorder
    parse(trt, definition, network, log)
    config = builder.create_builder_config()
    config.progress_monitor = monitor
    # on by default, and then products of single precision keep ten bits: fp32 would not be fp32
    config.clear_flag(trt.BuilderFlag.TF32)
    if hasattr(trt.BuilderFlag, "REQUIRE_USER_ALLOCATION"):  # of RTX, where passes are captured
        config.set_flag(trt.BuilderFlag.REQUIRE_USER_ALLOCATION)
    _add_profile(builder, config, definition)
    if targets:
        _set_targets(trt, config, targets)
    data = builder.build_serialized_network(definition, config)
    return None if data is None else bytes(data)


def parse(
    trt: Any, definition: tensorrt.INetworkDefinition, network: bytes, logger: tensorrt.ILogger
) -> None:
    """Read an ONNX network into `definition`. Raises `EngineError` with what the parser says."""
    parser = trt.OnnxParser(definition, logger)
    if not parser.parse(network):
        said = "; ".join(_parser_error(parser.get_error(i)) for i in range(parser.num_errors))
        raise EngineError(f"does not take the network ({said})", trt.__name__, "build the bundle again")


def _parser_error(error: tensorrt.ParserError) -> str:
    return f"{error.node_operator()} {error.node_name()}: {' '.join(error.desc().split())}"[:300]


def _add_profile(
    builder: tensorrt.Builder, config: tensorrt.IBuilderConfig, definition: tensorrt.INetworkDefinition
) -> None:
    entry = definition.get_input(0)
    sides = tuple(entry.shape)[1:]
    shapes = builder.create_optimization_profile()
    shapes.set_shape(entry.name, *((windows, *sides) for windows in PROFILE))
    config.add_optimization_profile(shapes)


def _set_targets(trt: Any, config: Any, targets: Sequence[str]) -> None:
    known = getattr(trt, "ComputeCapability", None)
    if known is None or not hasattr(config, "num_compute_capabilities"):
        raise EngineError("compiles for the GPU of this machine only", trt.__name__, "leave out --target")
    config.num_compute_capabilities = len(targets)
    for index, target in enumerate(targets):
        if target not in known.__members__:
            names = ", ".join(name for name in known.__members__ if name.startswith("SM"))
            raise EngineError(f"has no target {target}", trt.__name__, f"use some of {names}")
        config.set_compute_capability(known.__members__[target], index)


def _recorder(trt: Any) -> Any:
    class Recorder(trt.IErrorRecorder):  # type: ignore[misc]
        """The errors of one build, in TensorRT's own interface."""

        def __init__(self) -> None:
            trt.IErrorRecorder.__init__(self)
            self._errors: list[tuple[Any, str]] = []

        def num_errors(self) -> int:
            return len(self._errors)

        def get_error_code(self, index: int) -> Any:
            return self._errors[index][0]

        def get_error_desc(self, index: int) -> str:
            return self._errors[index][1]

        def has_overflowed(self) -> bool:
            return False

        def clear(self) -> None:
            self._errors.clear()

        def report_error(self, code: Any, text: str) -> bool:
            self._errors.append((code, " ".join(text.split())))
            return True

        def text(self) -> str:
            """All errors in one line, the first ones where there are many."""
            return "; ".join(text for _, text in self._errors[:3])[:400]

    return Recorder()


def _monitor(trt: Any, progress: Progress) -> Any:
    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        """Passes the builder's stages on; it calls from threads of its own."""

        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self._steps: dict[str, int] = {}
            self._said_s = monotonic()

        def phase_start(self, name: str, parent: str | None, steps: int) -> None:
            self._steps[name] = steps
            if parent is None:
                progress(f"{trt.__name__}: {name}")

        def phase_finish(self, name: str) -> None:
            self._steps.pop(name, None)

        def step_complete(self, name: str, step: int) -> bool:
            steps = self._steps.get(name, 0)
            if steps and monotonic() - self._said_s >= _SAY_EVERY_S:
                self._said_s = monotonic()
                progress(f"{trt.__name__}: {name}, {(step + 1) / steps:.0%}")
            return True  # go on

    return Monitor()
