"""Recording of sessions: `Recorder`, and `seal` for folders that a power cut left behind."""

from scanmon.session.recording.recorder import Recorder
from scanmon.session.recording.seal import seal
from scanmon.session.recording.values import About, Options, Status

__all__ = ["About", "Options", "Recorder", "Status", "seal"]
