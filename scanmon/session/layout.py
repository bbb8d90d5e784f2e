"""Names of the files of a session."""

from __future__ import annotations

from typing import Final

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
