"""What a live run without a window says on stderr."""

import pytest

from scanmon.cli.headless import Progress
from scanmon.core.values import Provenance, TooSlow
from scanmon.runtime.snapshot import Snapshot


def test_a_metric_that_is_too_slow_is_told_once_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(0.0)
    progress.look(Snapshot(provenance=Provenance()), 1.0)
    assert capsys.readouterr().err == ""
    slow = TooSlow("nrq", 10, 7.04, off=False, fewer=(168, 7))
    for now_s in (2.0, 3.0):
        progress.look(Snapshot(provenance=Provenance(slow=slow)), now_s)
    told = capsys.readouterr().err
    assert told == (
        "warning: nrq: 10 windows of a picture take 7.0 s here, and a score that is out of date is withdrawn;"
        " use --stride 168 (windows: 7), --metric map, or a GPU (scanmon doctor)\n"
    )
