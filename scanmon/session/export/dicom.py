"""DICOM: a structured report (TID 1500) with the quality of each picture, the pictures, and one with overlay.

`NAME.dcm` is the report; `NAME_pictures.dcm` and `NAME_overlay.dcm` lie beside it. Needs the extra `dicom`.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import SinkError
from scanmon.core.values import Analysis, Box
from scanmon.scoring.overlay import sector, with_heat
from scanmon.session.content import SessionContent
from scanmon.session.export.dicom_images import Study, colour_picture, gray_pictures, new_uid
from scanmon.session.export.material import Material, Progress, replacing
from scanmon.session.export.movie import STRENGTH
from scanmon.session.summary import summary

MOST_PICTURES: Final = 300  # evenly over the session: a report with more measurement groups opens nowhere


def export_dicom(material: Material, path: Path, progress: Progress) -> None:
    """Write the three files; all of them or none. Raises `SinkError`, also where highdicom is missing."""
    try:
        from scanmon.session.export.dicom_report import report_of  # noqa: PLC0415 an extra, and slow to load
    except ImportError as error:
        raise SinkError(
            "DICOM reports need highdicom, which is not installed", path, 'pip install "scanmon[dicom]"'
        ) from error
    content = material.content
    chosen = _chosen(content, len(material.pictures(path).times_s))
    if not chosen:
        raise SinkError("the session has no picture with a score", path, "export a table instead")
    analyses = [analysis for analysis in material.analyses(path, progress) if analysis.frame.index in chosen]
    study = _study(content)
    box = _around([analysis.region.box for analysis in analyses], whole=study.whole_screen, analyses=analyses)
    pictures = gray_pictures(
        study,
        [_kept(analysis, box, whole=study.whole_screen) for analysis in analyses],
        [analysis.frame.time_s for analysis in analyses],
    )
    shown = _worst(content, analyses)
    overlay = colour_picture(
        study,
        np.asarray(cv2.cvtColor(with_heat(shown, STRENGTH), cv2.COLOR_BGR2RGB), np.uint8),
        2,
        f"worst picture, quality {shown.reading.quality or 0:.0f}. Research use only. Not for diagnosis.",
    )
    report = report_of(content, analyses, pictures)
    with ExitStack() as files:
        # the last one gets its name first: a report is there only with the pictures that it points at
        for dataset, ending in ((report, ""), (overlay, "_overlay"), (pictures, "_pictures")):
            target = path.with_name(f"{path.stem}{ending}{path.suffix}")
            part = files.enter_context(replacing(target))
            dataset.save_as(part, enforce_file_format=True)


def _chosen(content: SessionContent, pictures: int) -> set[int]:
    """Pictures with a quality, evenly chosen where there are too many."""
    quality = content.table.numbers("quality")[content.pictures[:pictures]]
    scored = np.flatnonzero(np.isfinite(quality))
    if len(scored) > MOST_PICTURES:
        scored = scored[np.linspace(0, len(scored) - 1, MOST_PICTURES).round().astype(int)]
    return {int(picture) for picture in scored}


def _study(content: SessionContent) -> Study:
    digits = "".join(letter for letter in str(content.about.get("started_utc", "")) if letter.isdigit())
    return Study(
        study_uid=new_uid(),
        date=digits[:8],
        time=digits[8:14],
        software=str(content.about.get("software", "")),
        whole_screen=content.about.get("stored") == "whole screen",
    )


def _around(boxes: list[Box], *, whole: bool, analyses: list[Analysis]) -> Box:
    """The smallest box around all, or the whole screen where that was recorded."""
    if whole:
        height, width = analyses[0].frame.pixels.shape
        return Box(0, 0, width, height)
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    return Box(left, top, max(box.right for box in boxes) - left, max(box.bottom for box in boxes) - top)


def _kept(analysis: Analysis, box: Box, *, whole: bool) -> NDArray[np.uint8]:
    """The picture in `box`, black outside its own sector: a lossy video smears over the edge."""
    if whole:
        return analysis.frame.pixels
    kept = np.zeros((box.height, box.width), np.uint8)
    own = analysis.region.box
    top, left = own.y - box.y, own.x - box.x
    kept[top : top + own.height, left : left + own.width] = sector(analysis)
    return kept


def _worst(content: SessionContent, analyses: list[Analysis]) -> Analysis:
    worst = summary(content).worst
    shown = [analysis for analysis in analyses if analysis.frame.index in worst[:1]]
    return shown[0] if shown else min(analyses, key=lambda analysis: analysis.reading.quality or 0.0)
