"""Sessions with bytes of chance in one of their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scanmon.core.errors import ScanmonError
from scanmon.sources.session import SessionRecording


def played_or_refused(folder: Path, names: Sequence[str], seed: int) -> str:
    """Overwrite bytes of one file, then play the session; says whether it was `played` or `refused`."""
    dice = np.random.default_rng(seed)
    path = folder / names[seed % len(names)]
    whole = path.read_bytes()
    data = bytearray(whole)
    for place in dice.integers(0, len(data), 8):
        data[place] = int(dice.integers(256))
    path.write_bytes(data)
    recording = None
    try:
        recording = SessionRecording(folder)
        for frame in recording:
            recording.content.heatmap(int(recording.content.pictures[frame.index]))
            recording.content.region(int(recording.content.pictures[frame.index]))
    except ScanmonError as error:
        assert "\n" not in str(error)
        return "refused"
    finally:
        if recording is not None:
            recording.close()
        path.write_bytes(whole)
    return "played"
