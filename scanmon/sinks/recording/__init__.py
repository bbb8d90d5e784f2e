"""Recording of sessions: `Recorder`, and `seal` for folders that a power cut left behind."""

from scanmon.sinks.recording.recorder import Recorder
from scanmon.sinks.recording.seal import seal
from scanmon.sinks.recording.values import About, Options, Status

__all__ = ["About", "Options", "Recorder", "Status", "seal"]
