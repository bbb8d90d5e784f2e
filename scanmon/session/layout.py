"""Names of the files of a session, and the columns of its table of frames."""

from __future__ import annotations

from typing import Final

from scanmon.core.records import BOXES, FIELDS, INTEGERS, NUMBERS
from scanmon.session.parquet import Column

SCHEMA_VERSION: Final = 1

ABOUT: Final = "session.json"
SETTINGS: Final = "config.toml"
VIDEO: Final = "video.mkv"
EVENTS: Final = "events.jsonl"
REGIONS: Final = "regions.jsonl"
SNAPSHOTS: Final = "snapshots"
FRAMES: Final = "frames.parquet"
HEATMAPS: Final = "heatmaps.npz"
ROW_STORE: Final = "frames.jsonl"  # grows while recording; becomes FRAMES
HEAT_STORE: Final = "heatmaps.part"  # grows while recording; becomes HEATMAPS

SECOND: Final = ("metric", "score", "quality", "steady")  # of the other metric, where both run
SECOND_ENGINE: Final = ("backend", "precision")

COLUMNS: Final = (
    *(
        Column(
            name,
            "integers"
            if name in BOXES
            else "integer"
            if name in INTEGERS
            else "number"
            if name in NUMBERS
            else "text",
        )
        for name in FIELDS
    ),
    Column("steady", "number"),  # quality smoothed over time: what `verdict` rests on
    Column("video_frame", "integer"),  # number of the picture in the video; None: its pixels were not stored
    Column("pixels", "text"),  # stored | withheld (no sector was known) | lost (the queue was full)
    Column("region_id", "integer"),  # line of regions.jsonl
    Column("source_frame", "integer"),  # what the source called it
    Column("source_time_s", "number"),
    Column("captured_s", "number"),  # monotonic seconds since the start of the session
    *(Column(f"second_{name}", "text" if name == "metric" else "number") for name in SECOND),
    *(Column(f"second_{name}", "text") for name in SECOND_ENGINE),
)
