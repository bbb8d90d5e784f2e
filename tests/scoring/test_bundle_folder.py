from pathlib import Path
from typing import Any

import pytest

from scanmon.core.errors import BundleError
from scanmon.scoring.bundle_folder import read_document, read_files, write_bundle

DOCUMENT: dict[str, Any] = {
    "schema_version": 1,
    "name": "site",
    "version": "1",
    "licence": "CC0-1.0",
    "map": {
        "file": "severity.onnx",
        "mean_weight": 0.25,
        "calibration": {"scores": [-1.0, 0.0], "qualities": [0.0, 100.0]},
    },
    "provenance": {"data": 'a "quoted" name\nand a second line'},
}


def test_a_bundle_that_was_written_opens_with_its_files_checked(tmp_path: Path) -> None:
    bundle = write_bundle(
        tmp_path / "new", DOCUMENT, {"severity.onnx": b"network", "organs/A b.npz": b"model"}
    )
    assert bundle.map.calibration is not None
    assert read_files(bundle) == {"severity.onnx": b"network", "organs/A b.npz": b"model"}
    assert read_document(bundle)["provenance"] == DOCUMENT["provenance"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(BundleError, match="not empty"):
        write_bundle(tmp_path, DOCUMENT, {"severity.onnx": b""})
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_manifest_that_would_not_open_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"severity\.onnx is not listed"):
        write_bundle(tmp_path / "new", DOCUMENT, {"other.onnx": b""})
    assert list(tmp_path.iterdir()) == []
