"""scanmon: real-time quality monitor beside an ultrasound scanner. Research use only, not for diagnosis."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("scanmon")
except PackageNotFoundError:  # run from a source tree that was not installed
    __version__ = "0.0.0+source"
