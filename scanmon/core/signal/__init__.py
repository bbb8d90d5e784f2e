"""Whether a picture is live B-mode."""

from scanmon.core.signal.watch import SignalWatch

__all__ = ["SignalWatch"]
