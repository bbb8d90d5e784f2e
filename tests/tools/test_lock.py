"""What the two commands of the README install: all that is needed, at the tested versions, with hashes."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "tools" / name).read_text(encoding="utf-8")
    return {_plain(package): version for package, version in PIN.findall(text)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _names(lines: list[str]) -> set[str]:
    return {_plain(re.split(r"[<>=!~ ;\[]", line)[0]) for line in lines}


def _needed(name: str) -> set[str]:
    """Of the file, by pyproject.toml; torch comes as the machine's index has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    ours = next(line for line in extras["test"] if line.startswith("scanmon["))
    several = ("test", *ours.partition("[")[2].rstrip("]").split(","))
    lines = [line for extra in (several if "test" in name else ("evaluate",)) for line in extras[extra]]
    return _names([*project["dependencies"], *lines]) - {"scanmon", "torch"}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_every_package_that_is_needed_is_locked_at_the_tested_version(name: str) -> None:
    locked, tested = _pins(name), _pins("constraints.txt")
    assert _needed(name) <= set(locked), f"write tools/{name} again (its first lines say how)"
    assert {one: locked[one] for one in locked.keys() & tested.keys()} == {
        one: tested[one] for one in locked.keys() & tested.keys()
    }


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_every_locked_package_has_a_hash(name: str) -> None:
    text = (ROOT / "tools" / name).read_text(encoding="utf-8")
    for part in re.split(r"\n(?=[A-Za-z0-9])", text)[1:]:
        assert "--hash=sha256:" in part, part.splitlines()[0]
