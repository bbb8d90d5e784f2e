"""scanmon: real-time quality monitor beside an ultrasound scanner. Research use only, not for diagnosis.

    import scanmon

    bundle = scanmon.open_bundle()
    reading = bundle.score("picture.png")
    print(reading.quality, reading.verdict)

`__all__` is the whole public interface. Each name is loaded when it is first used, so that `import scanmon`
is quick.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# NumPy's products are small here. With a thread of BLAS on every core they wait for each other behind the
# engine and the decoder (docs/decisions/0061-threads.md). It counts only before NumPy is first imported, and
# a value that is set already stays.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Newer versions of ONNX Runtime keep a device id in the user's cache and tell their maker what runs, unless
# one of these (the name has changed) is set before they are imported. Nothing leaves the room of a scanner.
for _name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
    os.environ.setdefault(_name, "1")

if TYPE_CHECKING:
    from scanmon.api.monitor import Monitor, show
    from scanmon.api.scoring import OpenBundle, Reading, Session, open_bundle, open_session, score
    from scanmon.core.errors import ScanmonError
    from scanmon.core.values import Box, Frame, Parts, Verdict

    __version__: str

__all__ = [
    "Box", "Frame", "Monitor", "OpenBundle", "Parts", "Reading", "ScanmonError", "Session", "Verdict",
    "__version__", "open_bundle", "open_session", "score", "show",
]  # fmt: skip

_WHERE = {
    "Box": "core.values",
    "Frame": "core.values",
    "Monitor": "api.monitor",
    "OpenBundle": "api.scoring",
    "Parts": "core.values",
    "Reading": "api.scoring",
    "ScanmonError": "core.errors",
    "Session": "api.scoring",
    "Verdict": "core.values",
    "open_bundle": "api.scoring",
    "open_session": "api.scoring",
    "score": "api.scoring",
    "show": "api.monitor",
}


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to load

    try:
        found = version("scanmon")
    except PackageNotFoundError:  # run from a source tree that was not installed
        found = "0.0.0+source"
    globals()["__version__"] = found
    return found


if not TYPE_CHECKING:  # a checker sees the imports above, and finds misspelt names

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            return _version()
        if name not in _WHERE:
            raise AttributeError(f"module 'scanmon' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"scanmon.{_WHERE[name]}"), name)
        return value

    def __dir__() -> list[str]:
        return [*__all__]
