"""One picture kept as a file: the sector alone, since nothing outside it is ever stored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cv2

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis
from scanmon.core.write_atomic import PRIVATE, write_atomic
from scanmon.scoring.overlay import sector, with_heat
from scanmon.session.regions import may_be_stored


def save_still(analysis: Analysis, folder: Path, strength: float, label: str = "picture") -> Path:
    """Write `<label>_<UTC>.png` and the same with overlay; returns the first.

    Raises `SinkError`, also where no sector is known: the whole picture may show a name.
    """
    if not may_be_stored(analysis.region):
        raise SinkError(
            "no ultrasound image was found in this picture, and the whole of it may show a name",
            remedy="draw the region (M)",
        )
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S_%f")[:-3]
    plain = folder / f"{label}_{stamp}.png"
    overlaid = folder / f"{label}_{stamp}_overlay.png"
    try:
        for path, pixels in ((plain, sector(analysis)), (overlaid, with_heat(analysis, strength))):
            write_atomic(path, cv2.imencode(".png", pixels)[1].tobytes(), mode=PRIVATE)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SinkError(f"picture cannot be saved ({reason})", folder, "choose another folder") from error
    return plain
