"""The columns of a result, one line each: JSON lines, tables, sessions and docs/formats.md all follow them.

Names and order are a promise to scripts. Every key is always there; None where nothing is known.
"""

from typing import Final, Literal, NamedTuple

Kind = Literal["text", "integer", "number", "integers", "parts"]


class Column(NamedTuple):
    """A column; every value may be None.

    `path` leads from an `Analysis` to the value; empty where the recorder fills it in.
    `integers` is a list of whole numbers (32 bit); `parts` an object of numbers, flat columns in a table.
    """

    name: str
    kind: Kind
    path: str = ""
    doc: str = ""  # for docs/formats.md


PARTS: Final = ("light", "contact", "resolution", "noise", "clutter", "saturation", "capture")

RESULT: Final = (
    Column("source", "text", "provenance.source", "the path or URI that was given"),
    Column("frame", "integer", "reading.frame", "index of the frame, from 0"),
    Column("time_s", "number", "reading.time_s", "seconds since the first frame of the source"),
    Column("state", "text", "reading.state", "`scored`, or `suspended` where the picture is not live B-mode"),
    Column(
        "reason",
        "text",
        "reading.reason",
        "why it is suspended: `frozen`, `no_signal`, `not_b_mode`, `stale`, `too_small`",
    ),
    Column("metric", "text", "reading.metric", "`nrq` or `map`"),
    Column("score", "number", "reading.score", "on the metric's own scale, higher is better"),
    Column("quality", "number", "reading.quality", "0 to 100, calibrated, of this frame alone"),
    Column(
        "steady",
        "number",
        "reading.steady",
        "`quality` smoothed over time, what `verdict` follows; null for stills",
    ),
    Column("verdict", "text", "reading.verdict", "`adequate`, `marginal`, `inadequate`; with hysteresis"),
    Column("parts", "parts", "reading.parts", f"0 to 100 each: `{'`, `'.join(PARTS)}`"),
    Column("familiar", "number", "reading.familiar", "0 to 1: how near to what the bundle was made from"),
    Column("region", "integers", "reading.region", "`[x, y, w, h]` of the ultrasound image, frame pixels"),
    Column("worst", "integers", "reading.worst", "`[x, y, w, h]` of the worst place, frame pixels"),
    Column("organ", "text", "reading.organ", "the organ model that explains the picture best (`nrq`)"),
    Column("patches", "integer", "reading.patches", "windows that were run for this frame"),
    Column("coverage", "number", "reading.coverage", "share of the grid that is fresh, 0 to 1"),
    Column(
        "age_ms",
        "number",
        "reading.age_ms",
        "live: time since the frame was captured; recorded: age of the oldest window in the score",
    ),
    Column("bundle", "text", "provenance.bundle", "name and version of the bundle"),
    Column("backend", "text", "reading.engine.backend", "runtime that made the score"),
    Column("precision", "text", "reading.engine.precision", "its precision"),
    Column("preprocess_ms", "number", "reading.preprocess_ms", "time to find and scale the region"),
    Column("engine_ms", "number", "reading.engine_ms", "time of the network"),
    Column("head_ms", "number", "reading.head_ms", "time from its output to the score"),
    Column(
        "pending",
        "text",
        "reading.pending",
        "the verdict that follows once it has lasted (`dwell_s`); null while none waits",
    ),
    Column("view", "text", "reading.view", "the view that was chosen; null outside an examination"),
)
ERROR: Final = Column("error", "text", "", "why a file could not be read")


def flat(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of a table: the kinds of `parts` become columns `part_<kind>` of their own."""
    return tuple(
        own
        for column in columns
        for own in (
            [
                Column(f"part_{kind}", "number", f"{column.path}.{kind}", f"`{kind}` of `parts`")
                for kind in PARTS
            ]
            if column.kind == "parts"
            else [column]
        )
    )


TABLE: Final = (*flat(RESULT), ERROR)

# in regions of interest that the user drew (core/roi.py)
ROI: Final = (
    Column("roi", "integers", "roi.box", "`[x, y, w, h]` of the region of interest, frame pixels"),
    Column("roi_background", "integers", "roi.background_box", "the same of the region it is held against"),
    Column("roi_pixels", "integer", "roi.pixels", "pixels in it"),
    Column("roi_mean", "number", "roi.mean", "mean gray level"),
    Column("roi_sd", "number", "roi.sd", "standard deviation"),
    Column("roi_snr", "number", "roi.snr", "mean / standard deviation"),
    Column("roi_axial_px", "number", "roi.axial_px", "speckle size downwards, pixels"),
    Column("roi_lateral_px", "number", "roi.lateral_px", "speckle size across, pixels"),
    Column("roi_clipped", "number", "roi.clipped", "share of its pixels that are black or white"),
    Column("roi_background_mean", "number", "roi.background_mean", "mean gray level of the background"),
    Column("roi_background_sd", "number", "roi.background_sd", "its standard deviation"),
    Column("roi_contrast_db", "number", "roi.contrast_db", "20 log10 of the ratio of both means"),
    Column("roi_cnr", "number", "roi.cnr", "contrast-to-noise ratio"),
    Column("roi_gcnr", "number", "roi.gcnr", "generalised contrast-to-noise ratio, 0 to 1"),
)

# one row for each captured frame of a session
SESSION: Final = (
    *flat(RESULT),
    Column("video_frame", "integer", "", "number of the picture in the video; null: not stored"),
    Column("pixels", "text", "", "`stored`, `withheld` (no sector was known), `lost` (the queue was full)"),
    Column("region_id", "integer", "", "number of the region"),
    Column("source_frame", "integer", "", "index that the source gave the frame"),
    Column("source_time_s", "number", "", "time that the source gave the frame"),
    Column("captured_s", "number", "", "monotonic seconds since the start of the session"),
    Column("second_metric", "text", "second.metric", "the other metric, where both ran"),
    Column("second_score", "number", "second.score", "its score"),
    Column("second_quality", "number", "second.quality", "its quality"),
    Column("second_steady", "number", "second.steady", "its quality, smoothed"),
    Column("second_backend", "text", "second.engine.backend", "runtime of the other metric"),
    Column("second_precision", "text", "second.engine.precision", "its precision"),
    *ROI,
    Column(
        "settings",
        "integer",
        "settings.changes",
        "how often the scanner's settings have changed so far; null: nothing is written beside the sector",
    ),
)
BOOKMARK: Final = Column("bookmark", "text", "", "of an exported table: what was typed at this frame")
FIELDS: Final = tuple(column.name for column in RESULT)
