"""What the recorder's thread does: items of its queue -> folders of sessions."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.values import Provenance
from scanmon.session.recording.assembly import Assembler
from scanmon.session.recording.encoder import Encoder, Packet
from scanmon.session.recording.folder import Picture, SessionFolder
from scanmon.session.recording.past import Past
from scanmon.session.recording.queue import Analysed, Captured
from scanmon.session.recording.standing import Standing
from scanmon.session.recording.syncing import SYNC_S
from scanmon.session.recording.values import About, Entry, Options

REMEDY: Final = "what was recorded until then is kept; free some space or choose another folder"


class Writing:
    """One thread. `ended` gets each folder whose session was ended, not those of a disk that failed.

    Raises `OSError` and `SinkError`; `abandon` has to be called then.
    """

    def __init__(
        self, root: Path, about: About, options: Options, standing: Standing, ended: Callable[[Path], None]
    ) -> None:
        self._root = root
        self._about = about
        self._options = options
        self._standing = standing
        self._ended = ended
        self._past = Past(options.past_s, options.past_bytes)
        self._encoder: Encoder | None = None
        self._assembler = self._new_assembler()
        self._folder: SessionFolder | None = None
        self._picture: Picture | None = None
        self._lost = 0  # pictures given up, as far as they came through the queue
        self._lost_before = 0
        self._scoring: Provenance | None = None
        self._latest: NDArray[np.uint8] | None = None  # what was stored last, for snapshots
        self._next_look_s = 0.0

    def take(self, item: Captured | Analysed) -> None:
        """A frame or a result."""
        if isinstance(item, Captured):
            self._lost += item.frame is None
        if self._folder is None and self._options.past_s <= 0:
            return
        if isinstance(item, Captured):
            entries = self._assembler.captured(item)
        else:
            self._scored_by(item.analysis.provenance)
            entries = self._assembler.analysed(item)
        for entry in entries:
            self._store(entry)

    def start(self, past_s: float) -> None:
        """Begin a session, with up to `past_s` of what went before."""
        if self._folder is not None:
            return
        entries = self._past.take(past_s)
        if not entries:
            self._encoder = None  # the first picture of a file must be one that decoding can begin with
        if self._options.past_s <= 0:
            self._assembler = self._new_assembler()
        self._lost_before = self._lost
        self._standing.begin(self._lost_before)
        self._begin_session()
        for entry in entries:
            self._store(entry)

    def stop(self, why: str) -> None:
        """End the session, if there is one."""
        if self._folder is None:
            return
        for entry in self._assembler.rest():
            self._store(entry)
        self._standing.tell(state="finishing")
        self._end_session(why)
        self._standing.tell(state="idle")

    def bookmark(self, text: str) -> None:
        """Mark the newest frame."""
        if self._folder is not None:
            self._folder.event("bookmark", text=text)

    def snapshot(self) -> None:
        """Keep the newest stored picture."""
        if self._folder is None or self._latest is None:
            return
        done, png = cv2.imencode(".png", self._latest)
        if done:
            self._folder.snapshot(png.tobytes())

    def look_after(self) -> None:
        """Twice a second: is the disk there, and has it room."""
        now_s = time.monotonic()
        if now_s < self._next_look_s:
            return
        self._next_look_s = now_s + SYNC_S
        folder = self._folder
        if folder is None:
            self._standing.tell(past_s=self._past.seconds)
            return
        folder.check()
        free = self._free_bytes()
        self._standing.tell(seconds=folder.seconds, frames=folder.frames, free_bytes=free)
        if free is not None and free < self._options.free_bytes:
            self._end_session("disk nearly full")
            raise SinkError(f"recording ended, only {free // 1_000_000} MB are free", self._root, REMEDY)

    def abandon(self) -> None:
        """Let go of the session as it is on the disk."""
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.abandon()

    def _scored_by(self, provenance: Provenance) -> None:
        if provenance != self._scoring and self._folder is not None:
            self._folder.scored_by(provenance)
        self._scoring = provenance

    def _store(self, entry: Entry) -> None:
        if self._folder is None:
            self._past.add(entry)
            return
        if entry.packet:
            height, width = entry.size
            picture = Picture(self._options.codec, height, width)
            if self._picture not in (None, picture):
                self._end_session("size changed")
                self._begin_session()
            self._picture = picture
        assert self._folder is not None  # a new one was begun where the old one ended
        self._folder.add(entry, self._picture or Picture(self._options.codec, 0, 0))
        if entry.pixels == "withheld" and self._standing.withhold():
            self._folder.event("withheld")

    def _encode(self, pixels: NDArray[np.uint8], time_s: float) -> Packet:
        height, width = pixels.shape
        encoder = self._encoder
        if encoder is None or (encoder.height, encoder.width) != (height, width):
            encoder = self._encoder = Encoder(self._options.codec, width, height)
        self._latest = pixels
        return encoder.encode(pixels, time_s)

    def _new_assembler(self) -> Assembler:
        return Assembler(self._encode, whole_screen=self._options.whole_screen)

    def _begin_session(self) -> None:
        free = self._free_bytes()
        if free is not None and free < self._options.free_bytes:
            raise SinkError(f"only {free // 1_000_000} MB are free", self._root, "choose another folder")
        self._picture = None
        self._folder = SessionFolder(
            self._root, self._about, started_s=time.monotonic(), whole_screen=self._options.whole_screen
        )
        if self._scoring is not None:
            self._folder.scored_by(self._scoring)
        self._standing.tell(state="recording", name=self._folder.path.name)

    def _end_session(self, why: str) -> None:
        folder, self._folder = self._folder, None
        if folder is None:
            return
        try:
            lost = self._lost - self._lost_before
            folder.close(why, not_stored=lost, withheld=self._standing.now().withheld)
        except BaseException:
            folder.abandon()
            raise
        finally:
            self._standing.tell(seconds=folder.seconds, frames=folder.frames)
        self._ended(folder.path)

    def _free_bytes(self) -> int | None:
        """Of the disk that `root` is on, or will be. Nothing is made: that disk may just have gone."""
        place = self._root.absolute()
        while not place.exists() and place != place.parent:
            place = place.parent
        try:
            return shutil.disk_usage(place).free
        except OSError:
            return None  # writing will say what is wrong
