"""Does every TensorRT name that scanmon uses exist in the real bindings of TensorRT 10 and 11?

    python tools/check_tensorrt_names.py

The bindings are installed from the package index without the libraries that they need, into a temporary
folder; empty libraries with the entry points that are looked up at import stand in for those. Needs a C
compiler.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

RELEASES = ("tensorrt-cu12-bindings==10.9.0.34", "tensorrt-cu13-bindings==11.4.0.106")
NAMES = {
    "": ("Builder", "IErrorRecorder", "ILogger", "IProgressMonitor", "Logger", "OnnxParser", "Runtime"),
    "NetworkDefinitionCreationFlag": ("STRONGLY_TYPED",),
    "TensorIOMode": ("INPUT", "OUTPUT"),
    "Logger": ("ERROR",),
    "ILogger": ("Severity", "log"),
    "Builder": (
        "build_serialized_network",
        "create_builder_config",
        "create_network",
        "create_optimization_profile",
        "error_recorder",
    ),
    "INetworkDefinition": ("get_input",),
    "OnnxParser": ("get_error", "num_errors", "parse"),
    "ParserError": ("desc", "node_name", "node_operator"),
    "IBuilderConfig": (
        "add_optimization_profile",
        "create_timing_cache",
        "get_timing_cache",
        "progress_monitor",
        "set_timing_cache",
    ),
    "IOptimizationProfile": ("set_shape",),
    "ITimingCache": ("serialize",),
    "IErrorRecorder": (
        "clear",
        "get_error_code",
        "get_error_desc",
        "has_overflowed",
        "num_errors",
        "report_error",
    ),
    "IProgressMonitor": ("phase_finish", "phase_start", "step_complete"),
    "Runtime": ("deserialize_cuda_engine",),
    "ICudaEngine": (
        "create_execution_context",
        "get_tensor_mode",
        "get_tensor_name",
        "get_tensor_profile_shape",
        "get_tensor_shape",
        "num_io_tensors",
    ),
    "IExecutionContext": ("execute_async_v3", "set_input_shape", "set_tensor_address"),
}
_ENTRY_POINTS = (
    "createInferBuilder_INTERNAL",
    "createInferRefitter_INTERNAL",
    "createInferRuntime_INTERNAL",
    "createNvOnnxParserRefitter_INTERNAL",
    "createNvOnnxParser_INTERNAL",
    "getBuilderPluginRegistry",
    "getNvOnnxParserVersion",
    "getPluginRegistry",
    "initLibNvInferPlugins",
)


def missing(module: ModuleType) -> list[str]:
    """Names that `module` lacks."""
    lacking = []
    for owner, names in NAMES.items():
        holder = getattr(module, owner, None) if owner else module
        lacking += [f"{owner}.{name}".strip(".") for name in names if not hasattr(holder, name)]
    return lacking


def main() -> int:
    """One line for each release; exit code 1 where a name is missing."""
    results = [_check(release) for release in RELEASES]
    return 0 if all(results) else 1


def _check(release: str) -> bool:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), release]
        subprocess.run(pip, check=True)
        package = next(path.name for path in folder.iterdir() if (path / "__init__.py").is_file())
        _stand_in(folder, release.partition("==")[2].partition(".")[0])
        paths = [str(folder), str(Path(__file__).resolve().parent)]
        code = (
            f"import sys; sys.path[:0] = {paths!r}\n"
            f"import {package} as module\n"
            "from check_tensorrt_names import missing\n"
            "lacking = missing(module)\n"
            f"print({release!r}, 'lacks ' + ', '.join(lacking) if lacking else 'has every name')\n"
            "sys.exit(bool(lacking))"
        )
        run = subprocess.run([sys.executable, "-c", code], check=False, env={"LD_LIBRARY_PATH": str(folder)})
        return run.returncode == 0


def _stand_in(folder: Path, major: str) -> None:
    source = folder / "empty.c"
    source.write_text("\n".join(f"void *{name}(void) {{ return 0; }}" for name in _ENTRY_POINTS))
    for library in ("nvinfer", "nvinfer_plugin", "nvonnxparser"):
        target = folder / f"lib{library}.so.{major}"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", str(target), str(source)], check=True)


if __name__ == "__main__":
    sys.exit(main())
