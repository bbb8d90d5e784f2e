"""How a session is recorded, what it says of itself, and how the recording stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from scanmon.core.errors import ScanmonError
from scanmon.session.video import Codec

State = Literal["idle", "recording", "failed"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to record."""

    codec: Codec = "h264"
    past_s: float = 0.0  # how far `start` can reach back; 0: pictures are encoded only while recording
    whole_screen: bool = False  # store what lies outside the sector too: the user was asked and agreed
    wait: bool = False  # a full queue holds the caller up (recorded material) rather than losing pictures
    free_bytes: int = 500_000_000  # recording stops when less is free
    queue_bytes: int = 128_000_000  # pictures that wait for the encoder
    past_bytes: int = 256_000_000  # what the pre-trigger buffer may take in memory, encoded


@dataclass(frozen=True, slots=True)
class About:
    """Where the material comes from. Never a path, a host or a name."""

    source_kind: str  # `video`, `dicom`, `grabber`, `rtsp` ...
    software: str = ""
    rate_hz: float | None = None
    settings: dict[str, Any] = field(default_factory=dict)  # resolved; texts that could be paths are left out


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """How the recording stands; any thread may hold it."""

    state: State = "idle"
    name: str = ""  # of the session folder
    seconds: float = 0.0  # recorded, on the time line of the source
    frames: int = 0  # rows written
    not_stored: int = 0  # frames whose pixels are missing: the disk or the encoder was too slow
    withheld: int = 0  # frames without pixels since no sector was known
    past_s: float = 0.0  # how far `start` could reach back now
    free_bytes: int | None = None
    whole_screen: bool = False
    warning: str = ""  # one line; the recording goes on
    error: ScanmonError | None = None  # why recording ended by itself
