"""Whatever library is missing, it is told in one line with the command that installs it."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from scanmon.cli import _said
from scanmon.cli.extras import BASE, EXTRAS, extra_with
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OF_DEVELOPERS = {"docs", "test"}
OTHERS = {"pycuda"}  # used where it is there, in place of cuda


def _names(lines: list[str]) -> set[str]:
    return {_plain(re.split(r"[<>=!~ ;\[]", line)[0]) for line in lines}


def _plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def _imported() -> set[str]:
    """Every module of others that some file of scanmon imports, at once or later."""
    found = set()
    for file in (ROOT / "scanmon").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"scanmon"}


def test_the_table_of_the_extras_is_that_of_the_project() -> None:
    stated = PROJECT["optional-dependencies"]
    assert set(EXTRAS) == set(stated) - OF_DEVELOPERS
    for extra, (_, libraries) in EXTRAS.items():
        assert set(libraries) == _names(stated[extra]), extra


def test_every_module_that_is_imported_comes_with_scanmon_or_with_an_extra() -> None:
    base, packages = _names(PROJECT["dependencies"]), packages_distributions()
    with_scanmon = {module for module, names in packages.items() if base & set(map(_plain, names))} | BASE
    assert {one for one in _imported() - with_scanmon - OTHERS if extra_with(one) is None} == set()


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_missing_library_of_an_extra_is_one_line_with_its_command(extra: str) -> None:
    for module in set(EXTRAS[extra].libraries.values()) - BASE:
        line = _said(ModuleNotFoundError(f"No module named '{module}.x'", name=f"{module}.x"))
        named = re.fullmatch(rf"needs the library {module}\.x; pip install 'scanmon\[(.+)\]'", line)
        assert named is not None, line
        assert module in EXTRAS[named[1]].libraries.values()


def test_a_missing_library_of_none_is_no_fault_of_ours() -> None:
    line = _said(ModuleNotFoundError("No module named 'av'", name="av"))
    assert line == "needs the library av; python -m pip check says who wants it"
