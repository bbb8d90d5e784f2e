"""The documentation: it builds without a warning, and what it prints is what there is."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import scanmon
from scanmon.cli import COMMANDS, parser_of
from tests.conftest import ROOT
from tools.write_reference import PAGES as WRITTEN

DOCS = ROOT / "docs"
PAGES = [
    *sorted(DOCS.rglob("*.md")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "examples" / "README.md",
]
PROTOCOLS = ROOT / "scanmon" / "examination" / "protocols"
SHELLS = ("sh", "shell", "bash", "console", "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        check=False,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_builds_without_a_warning_and_holds_every_page(site: Path) -> None:
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix("")
        built = site / "index.html" if name.as_posix() == "index" else site / name / "index.html"
        assert built.is_file(), page


def test_a_reader_loads_nothing_from_other_servers(site: Path) -> None:
    loaded = re.compile(
        r'<(?:script|img|iframe|source)[^>]*\ssrc="(?://|https?:)[^"]*"|<link[^>]*href="(?://|https?:)[^"]*"'
    )
    for page in site.rglob("*.html"):
        found = [tag for tag in loaded.findall(page.read_text()) if 'rel="canonical"' not in tag]
        assert not found, (page, found)
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", sheet.read_text()), sheet


def test_every_public_name_and_every_term_is_in_the_site(site: Path) -> None:
    page = (site / "python" / "index.html").read_text()
    for name in ("open_bundle", "OpenBundle.score_cine", "Monitor.wait", "Session.frames", "Reading.picture"):
        assert f'id="scanmon.{name}"' in page, name
    assert "hysteresis" in (site / "glossary" / "index.html").read_text()


def test_commands_and_settings_are_those_of_the_code() -> None:
    for path, written in WRITTEN.items():
        assert path.read_text(encoding="utf-8") == written(), "run python -m tools.write_reference"


def printed_commands() -> list[str]:
    """Every line of a shell block that begins with `scanmon`, in the documentation and the examples."""
    lines = []
    for page in PAGES:
        for language, block in re.findall(
            r"^```(\w*)[^\n]*\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL
        ):
            if language in SHELLS:
                lines += block.replace("\\\n", " ").splitlines()
    for script in (ROOT / "examples").rglob("*.sh"):
        lines += script.read_text().replace("\\\n", " ").splitlines()
    return sorted({line.strip() for line in lines if re.match(r"\s*scanmon [a-z]", line)})


@pytest.mark.parametrize("line", printed_commands())
def test_every_printed_command_is_one_that_the_parser_takes(line, tmp_path, monkeypatch) -> None:
    _, name, *words = shlex.split(line.partition(" > ")[0], comments=True)
    assert name in COMMANDS, line
    monkeypatch.chdir(tmp_path)  # where the files are that a parser reads at once
    (tmp_path / "mine.toml").write_text(PROTOCOLS.joinpath("heart.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "cyst.toml").write_text('kind = "box"\nbox = [8, 8, 90, 60]\n', "utf-8")
    try:
        parser_of(name).parse_args(words)
    except SystemExit as refused:
        pytest.fail(f"{line}: refused with {refused.code}")


def test_python_in_the_documentation_uses_public_names_alone() -> None:
    used = set()
    texts = [page.read_text() for page in PAGES]
    code = [
        block
        for text in texts
        for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]
    code += [path.read_text() for path in (ROOT / "examples").rglob("*.py")]
    code += [path.read_text() for path in (ROOT / "examples").rglob("*.ipynb")]
    for block in code:
        used |= set(re.findall(r"\bscanmon\.([A-Za-z_]\w*)\(", block))
        # of the laboratory, what docs/losses.md names is public too
        assert not re.search(
            r"^(?:from|import) scanmon\.(?!lab\.(?:losses|compare\.full_reference)\b)", block, re.MULTILINE
        ), block
    assert used >= {"open_bundle", "score", "Monitor", "open_session"}
    assert used <= set(scanmon.__all__)
