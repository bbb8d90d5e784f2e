"""What passes between the parts of the recorder, and what the screen is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import ScanmonError
from scanmon.core.values import Region
from scanmon.session.recording.encoder import Codec, Packet

Pixels = Literal["stored", "withheld", "lost"]
State = Literal["idle", "recording", "finishing", "failed"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to record."""

    codec: Codec = "h264"
    past_s: float = 0.0  # how far `start` can reach back; 0: pictures are encoded only while recording
    whole_screen: bool = False  # store what lies outside the sector too: the user was asked and agreed
    wait: bool = False  # a full queue holds the caller up (recorded material) rather than losing pictures
    free_bytes: int = 500_000_000  # recording stops when less is free
    queue_bytes: int = 128_000_000  # pictures that wait for the encoder
    past_bytes: int = 256_000_000  # what the past may take in memory, encoded


@dataclass(frozen=True, slots=True)
class About:
    """What `session.json` says of where the material comes from. Never a path, a host or a name."""

    source_kind: str  # `video`, `dicom`, `grabber`, `rtsp` ...
    software: str = ""
    rate_hz: float | None = None
    settings: dict[str, Any] = field(default_factory=dict)  # resolved; texts that could be paths are left out


@dataclass(frozen=True, slots=True)
class Status:
    """How the recording stands; any thread may hold it."""

    state: State = "idle"
    name: str = ""  # of the session folder
    seconds: float = 0.0  # recorded, on the time line of the source
    frames: int = 0  # rows written
    not_stored: int = 0  # frames whose pixels are missing: the disk or the encoder was too slow
    withheld: int = 0  # frames without pixels since no sector was known
    past_s: float = 0.0  # how far `start` could reach back now
    free_bytes: int | None = None
    closing: float | None = None  # share that is done, while the tables of an ended session are made
    whole_screen: bool = False
    error: ScanmonError | None = None  # why recording ended by itself


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One captured frame, ready to be stored. Numbers within the session are given when it is stored."""

    record: dict[str, Any]  # of records.row, times and frame as the source said
    source_frame: int
    time_s: float  # of the session's time line, any origin
    source_time_s: float
    captured_s: float  # time.monotonic()
    missing: int  # frames that the source or the mailbox lost just before this one
    region: Region | None = None
    heat: NDArray[np.uint8] | None = None
    packet: Packet | None = None  # where the pixels are stored
    pixels: Pixels = "stored"
    size: tuple[int, int] = (0, 0)  # height, width of the picture
    events: tuple[dict[str, Any], ...] = ()

    @property
    def weight(self) -> int:
        """Bytes of memory, roughly."""
        packet = len(self.packet.data) if self.packet else 0
        return packet + (self.heat.nbytes if self.heat is not None else 0) + 2000
