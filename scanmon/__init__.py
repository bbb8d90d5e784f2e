"""scanmon: real-time quality monitor beside an ultrasound scanner. Research use only, not for diagnosis."""

import os
from importlib.metadata import PackageNotFoundError, version

# NumPy's products are small here. With a thread of BLAS on every core they wait for each other behind the
# engine and the decoder (docs/decisions/0061-threads.md). It counts only before NumPy is first imported, and
# a value that is set already stays.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Newer versions of ONNX Runtime keep a device id in the user's cache and tell their maker what runs, unless
# one of these (the name has changed) is set before they are imported. Nothing leaves the room of a scanner.
for _name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
    os.environ.setdefault(_name, "1")

try:
    __version__ = version("scanmon")
except PackageNotFoundError:  # run from a source tree that was not installed
    __version__ = "0.0.0+source"
