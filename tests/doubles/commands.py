"""Commands as tests run them: a recording of the demo, and live runs that last as long as it takes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scanmon.app.demo import cine_path
from scanmon.cli import main
from scanmon.cli.headless import JsonLines
from scanmon.core.ports import LiveSource
from scanmon.core.values import Analysis
from scanmon.sources.opening import open_live

CINE = str(cine_path())  # 30 frames of a real heart
ROOT = Path(__file__).resolve().parents[2]
_HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")


@dataclass(frozen=True)
class Said:
    """What a command printed."""

    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON lines of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        """The only one."""
        (row,) = self.rows
        return row


Command = Callable[..., Said]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command that has to end with `code`: `command("score", path, code=1).rows`."""

    def run(*words: object, code: int = 0) -> Said:
        capsys.readouterr()
        try:
            ended = main([str(word) for word in words])
        except SystemExit as left:  # wrong usage
            ended = left.code
        said = Said(*capsys.readouterr())
        assert ended == code, said.err
        return said

    return run


@pytest.fixture
def score(command: Command, tiny_bundle: Path) -> Command:
    """`scanmon score` with the small bundle, unless another one is named."""

    def run(*words: object, code: int = 0) -> Said:
        bundle = [] if "--bundle" in words else ["--bundle", tiny_bundle]
        return command("score", *words, *bundle, code=code)

    return run


def python(*words: object, code: int = 0, home: Path | None = None, **environment: str | None) -> Said:
    """Runs `python WORDS` in a process of its own, that has to end with `code`; Qt needs no display there.

    `home`: where everything of the user lies. `environment`: variables that are set, or, by None, are not.
    """
    settings = {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    wanted = os.environ | settings | (dict.fromkeys(_HOMES, str(home)) if home else {}) | environment
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        env={name: value for name, value in wanted.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return Said(done.stdout, done.stderr)


def end_after(scored: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Switch the source of `scanmon live --headless` off after so many scores; options for the command."""
    opened: list[LiveSource] = []

    def opening(source: str) -> LiveSource:
        opened.append(open_live(source))
        return opened[-1]

    class Counting(JsonLines):
        left = scored

        def write(self, analysis: Analysis) -> None:
            super().write(analysis)
            self.left -= analysis.reading.scored
            if self.left <= 0:
                opened[-1].close()

    monkeypatch.setattr("scanmon.app.opening.open_live", opening)
    monkeypatch.setattr("scanmon.cli.headless.JsonLines", Counting)
    return ["--headless", "--seconds", "200"]


def recorded(tmp_path: Path, bundle: Path, *options: str, source: str = CINE, region: str = "auto") -> Path:
    """A session of the phantom, recorded by the command."""
    argv = ["replay", source, "--headless", "--bundle", str(bundle), "--region", region]
    assert main([*argv, "--record", str(tmp_path / "sessions"), *options]) == 0
    (folder,) = (tmp_path / "sessions").iterdir()
    return folder
