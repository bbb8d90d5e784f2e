"""The figures of docs/speed.md are those of docs/bench.json."""

import json
from pathlib import Path

import pytest

from tools.write_reference import BEGIN, DOCS, END, NONE, PLOT, between, figures


def test_the_page_says_so_where_no_bench_is_stored() -> None:
    page = (DOCS / "speed.md").read_text()
    assert (NONE in page) != (DOCS / "bench.json").exists()


def test_stored_figures_become_tables_with_the_processor_and_the_load(tmp_path: Path) -> None:
    stored = tmp_path / "bench.json"
    assert figures(stored) == NONE
    result = {
        "machine": {"processor": "Processor X", "threads": 2, "sgemm_gflops": 100.0},
        "load_before": 4.0,
        "bundle": "b 1",
        "working_height_px": 336,
        "frames": [
            {
                "metric": "map",
                "mode": "full",
                "size": "640x480",
                "engine_share": 0.9,
                "frames_per_s": 41.24,
                "frame_ms": 24.2,
                "engine_ms": 22.0,
                "windows": 1.0,
                "oldest_s": 0.0,
            }
        ],
        "stages": [],
        "engines": [{"engine": "onnxruntime:fp32", "absent": "why"}],
        "map_engines": [],
        "organs": [],
        "window": None,
        "session": {"frames": 8, "resident_mb_at_a_quarter": 100.0, "resident_mb_at_the_end": 101.0},
    }
    stored.write_text(json.dumps(result))
    shown = figures(stored)
    assert shown.startswith(PLOT)
    assert "Processor X, 2 threads" in shown and "load before the bench 4.0 (others kept it busy)" in shown
    assert "| map | full | 640x480 | 90% | 41.2 | 24.2 | 22.0 | 1.0 | 0.00 |" in shown
    assert "Engines of nrq" not in shown  # none ran


def test_figures_take_the_place_of_older_ones_and_of_nothing_else() -> None:
    begin, end = BEGIN.format("bench"), END.format("bench")
    page = f"before\n{begin}\nold\n{end}\nafter\n"
    assert between(page, "bench", "new\n") == f"before\n{begin}\n\nnew\n\n{end}\nafter\n"
    with pytest.raises(SystemExit, match="lacks"):
        between("no marks", "bench", "new")
