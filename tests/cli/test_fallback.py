"""An engine that fails in the middle of a run: each row names the engine that made its score."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scanmon.app.demo import cine_path
from scanmon.cli import main
from scanmon.core.errors import EngineError
from scanmon.core.ports import Engine
from scanmon.inference.gpu import FallbackEngine
from scanmon.inference.onnx import OnnxEngine
from scanmon.scoring.bundle import Bundle, MapPart, NrqPart
from scanmon.session.reader import read_session
from tests.doubles.commands import end_after

CINE = str(cine_path())  # 30 frames of a real heart
GOOD_RUNS = 9


class FailsLater:
    """Stands for a GPU: an engine that gives nothing any more after `GOOD_RUNS` passes."""

    backend, precision = "tensorrt", "fp16"

    def __init__(self, engine: OnnxEngine) -> None:
        self._engine = engine
        self._left = GOOD_RUNS

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        self._left -= 1
        if self._left < 0:
            raise EngineError("the device gives no result")
        return self._engine.run(pixels)

    def close(self) -> None:
        self._engine.close()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_engine(bundle: Bundle, part: NrqPart | MapPart, *_: object) -> Engine:
        def processor() -> OnnxEngine:
            return OnnxEngine(bundle.read(part.file), part.precision)

        return FallbackEngine(lambda: FailsLater(processor()), processor)

    monkeypatch.setattr("scanmon.app.analyzers.open_engine", open_engine)


def made_by(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["backend"], row["precision"]) for row in rows]


WANTED = [("tensorrt", "fp16")] * GOOD_RUNS + [("onnxruntime", "fp32")] * (30 - GOOD_RUNS)


@pytest.mark.usefixtures("failing")
def test_a_session_says_of_each_row_which_engine_made_it(tmp_path, tiny_bundle, capsys) -> None:
    argv = ["replay", CINE, "--headless", "--bundle", str(tiny_bundle), "--metric", "map"]
    assert main([*argv, "--record", str(tmp_path)]) == 0
    assert made_by([json.loads(line) for line in capsys.readouterr().out.splitlines()]) == WANTED
    (folder,) = tmp_path.iterdir()
    content = read_session(folder)
    assert made_by([content.table.record(row) for row in range(30)]) == WANTED
    assert content.engines == "tensorrt fp16, then onnxruntime fp32"
    (change,) = [event for event in content.events if event["kind"] == "scoring"]
    assert (change["frame"], change["backend"], change["precision"]) == (
        GOOD_RUNS - 1,  # the newest row when the change was seen
        "onnxruntime",
        "fp32",
    )


@pytest.mark.usefixtures("failing")
def test_an_archive_says_of_each_row_which_engine_made_it(tmp_path: Path, tiny_bundle: Path) -> None:
    table = tmp_path / "scores.jsonl"
    argv = ["score", CINE, "--bundle", str(tiny_bundle), "--metric", "map", "--out", str(table)]
    assert main(argv) == 0
    assert made_by([json.loads(line) for line in table.read_text().splitlines()]) == WANTED


@pytest.mark.usefixtures("failing")
def test_a_live_source_says_of_each_line_which_engine_made_it(tiny_bundle, capsys, monkeypatch) -> None:
    argv = ["live", "phantom:size=320x240", "--metric", "map", *end_after(GOOD_RUNS + 10, monkeypatch)]
    assert main([*argv, "--bundle", str(tiny_bundle), "--region", "20,20,240,200"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    scored = made_by([line for line in lines if line["state"] == "scored"])
    assert set(scored) == {("tensorrt", "fp16"), ("onnxruntime", "fp32")}
    assert scored == sorted(scored, reverse=True)  # and never back
