"""Whether a picture is live B-mode."""

from scanmon.picture.signal.watch import SignalWatch

__all__ = ["SignalWatch"]
