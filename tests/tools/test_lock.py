"""What `sh tools/run.sh` installs: all that scanmon needs, at the tested versions, with hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "tools" / name).read_text(encoding="utf-8")
    return {_plain(package): version for package, version in PIN.findall(text)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_that_scanmon_needs_is_locked_at_the_tested_version() -> None:
    locked, tested = _pins("requirements.txt"), _pins("constraints.txt")
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = document["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["evaluate"]]
    needed = {_plain(re.split(r"[<>=!~ ;\[]", line)[0]) for line in lines}
    assert needed <= set(locked), "write tools/requirements.txt again (its first lines say how)"
    assert {name: locked[name] for name in locked.keys() & tested.keys()} == {
        name: tested[name] for name in locked.keys() & tested.keys()
    }


def test_every_locked_package_has_a_hash() -> None:
    text = (ROOT / "tools" / "requirements.txt").read_text(encoding="utf-8")
    for part in re.split(r"\n(?=[A-Za-z0-9])", text)[1:]:
        assert "--hash=sha256:" in part, part.splitlines()[0]
