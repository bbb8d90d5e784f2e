"""Wheel and sdist: the same bytes each time, complete, and enough by themselves."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.doubles.commands import python

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION = PROJECT["version"]


def built(folder: Path, *kinds: str) -> dict[str, Path]:
    """Packages by their endings."""
    targets = [word for kind in kinds for word in ("-t", kind)]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder), *targets],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=200,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"},
    )
    return {path.suffix: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"), "wheel")[".whl"]


@pytest.mark.slow
def test_a_second_build_gives_the_same_bytes_and_the_sdist_is_complete(tmp_path: Path) -> None:
    first, again = (built(tmp_path / name, "wheel", "sdist") for name in ("first", "again"))
    assert set(first) == set(again) == {".whl", ".gz"}
    for ending, path in first.items():
        assert again[ending].name == path.name
        digests = [hashlib.sha256(one.read_bytes()).hexdigest() for one in (path, again[ending])]
        assert digests[0] == digests[1], ending
    with tarfile.open(first[".gz"]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    wanted = {"LICENSE", "NOTICE", "CHANGELOG.md", "pyproject.toml", "tests/conftest.py", "examples/watch.py"}
    assert wanted <= names
    assert not any(name.startswith((".venv", "build/")) for name in names)


def test_the_wheel_holds_the_program_its_bundle_its_licences_and_no_test(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(f"scanmon-{VERSION}.dist-info/METADATA").decode()
    info, data = f"scanmon-{VERSION}.dist-info", f"scanmon-{VERSION}.data/data/share"
    assert {
        f"{info}/licenses/LICENSE",
        f"{info}/licenses/NOTICE",
        f"{data}/applications/scanmon.desktop",
        f"{data}/man/man1/scanmon.1",
        f"{data}/metainfo/scanmon.metainfo.xml",
        "scanmon/py.typed",
        "scanmon/engines/default/bundle.toml",
        "scanmon/ui/resources/scanmon-open.desktop",
    } <= names
    assert {name.partition("/")[0] for name in names} == {"scanmon", info, f"scanmon-{VERSION}.data"}
    assert "License-Expression: Apache-2.0" in metadata
    assert "Author: scanmon contributors" in metadata


def test_the_wheel_alone_scores_an_array(wheel: Path, tmp_path: Path) -> None:
    """In a folder of its own; what it depends on comes from the Python that runs the tests."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, str(tmp_path / "site"), str(wheel)], check=True, timeout=200)
    code = """
import numpy, scanmon
bundle = scanmon.open_bundle()
reading = bundle.score(numpy.random.default_rng(1).integers(0, 255, (240, 320)).astype(numpy.uint8))
print(scanmon.__file__, scanmon.__version__, reading.state, sep="|")
"""
    place, version, state = python("-P", "-c", code, PYTHONPATH=str(tmp_path / "site")).out.strip().split("|")
    assert Path(place).is_relative_to(tmp_path)
    assert version == VERSION
    assert state == "scored"


def test_the_version_stands_in_one_place_and_others_agree() -> None:
    assert f"version: {VERSION}" in (ROOT / "CITATION.cff").read_text().splitlines()
    released = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## [")]
    assert released[0].startswith(f"## [{VERSION}]")
    for module in ("scanmon/__init__.py", "mkdocs.yml", "Dockerfile"):
        assert VERSION not in (ROOT / module).read_text(), module
