from dataclasses import replace

import pytest

from scanmon.core.values import Analysis, Provenance, Verdict
from scanmon.ui import controller
from scanmon.ui.controller import EVERY_S, HintWatch
from tests.doubles.states import analysis, picture


@pytest.fixture
def watch(monkeypatch) -> HintWatch:
    """Its hints count up: `1` is the first that was measured."""
    measured = iter(map(str, range(1, 100)))
    monkeypatch.setattr(controller, "hint_of", lambda analysis, before=None: next(measured))
    return HintWatch()


def of(index: int, verdict: Verdict = Verdict.MARGINAL, **values: object) -> Analysis:
    return replace(analysis(picture(index), verdict=verdict), **values)


def test_a_hint_holds_between_measurements_while_the_verdict_stays(watch):
    assert watch.held(of(0)) is None
    watch.measure(of(0), 0.0)
    watch.measure(of(1), EVERY_S / 2)
    assert watch.held(of(1)) == "1"
    watch.measure(of(2), EVERY_S)
    assert watch.held(of(3)) == "2"


@pytest.mark.parametrize(
    "other",
    [
        of(1, Verdict.INADEQUATE),
        of(1, provenance=Provenance("another", "default 1")),
        of(1, frame=picture(1, size=(200, 200))),
    ],
)
def test_a_hint_goes_with_the_verdict_that_it_belongs_to(watch, other):
    watch.measure(of(0), 0.0)
    assert watch.held(other) is None
    watch.measure(other, EVERY_S / 10)
    assert watch.held(other) == "2"


def test_of_a_picture_that_stands_a_hint_is_its_own(watch):
    """Stepped through, a picture had the hint of the one before it for a third of a second."""
    watch.measure(of(0), 0.0, paused=True)
    assert watch.held(of(0), paused=True) == "1"
    assert watch.held(of(1), paused=True) is None
    watch.measure(of(1), EVERY_S / 10, paused=True)
    assert watch.held(of(1), paused=True) == "2"
