import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor

from scanmon.core.values import Verdict
from scanmon.ui.monitor.meter import MIN_NUMBER_PX, QualityMeter
from scanmon.ui.state.meter_state import MeterState
from scanmon.ui.theme import DARK, LIGHT, SHAPES, Theme, shape_of
from tests.doubles.painted import pixels_of

# Machado, Oliveira, Fernandes 2009: full protanopia, deuteranopia, tritanopia on linear RGB
COLOUR_VISION = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(colour: str, vision: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of a colour as that eye sees it."""
    rgb = np.array(QColor(colour).getRgbF()[:3])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(vision @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_verdicts_stay_apart_for_every_kind_of_colour_vision(theme: Theme, vision: str):
    colours = [theme.verdict(verdict) for verdict in Verdict]
    for one, other in itertools.combinations(colours, 2):
        distance = np.linalg.norm(lab(one, COLOUR_VISION[vision]) - lab(other, COLOUR_VISION[vision]))
        assert distance > 20, (one, other, distance)


def test_each_verdict_has_a_shape_of_its_own():
    shapes = [*SHAPES.values(), shape_of(None)]
    assert len(set(shapes)) == 4


@pytest.fixture
def meter(qtbot) -> QualityMeter:
    meter = QualityMeter()
    qtbot.addWidget(meter)
    return meter


@pytest.mark.parametrize("size", [(150, 210), (190, 260), (260, 400), (420, 600)])
def test_the_number_is_at_least_40_px_high_at_every_size(meter, size):
    meter.resize(*size)
    assert meter.number_px >= MIN_NUMBER_PX == 40


@pytest.mark.parametrize("text", ["100", "-12.3", "–"])
def test_the_number_fits_into_the_meter(meter, text):
    meter.resize(190, 300)
    meter.show_meter(MeterState(number=text, word="inadequate", verdict=Verdict.INADEQUATE, quality=3.0))
    shown = pixels_of(meter)
    assert (shown[:, [0, -1]] == shown[0, 0]).all()  # nothing is cut off at either side


def test_what_the_meter_says_is_there_for_a_screen_reader(meter):
    meter.show_meter(MeterState(word="no score", reason="picture is frozen"))
    assert meter.accessibleName() == "– no score picture is frozen"


def test_a_word_that_is_too_long_is_shortened_and_never_cut(meter):
    """As `no score yet` in German on a screen of 1024x768 at 200 %."""
    for word in ("noch keine Bewertung", "a word that no language needs, but who knows"):
        meter.resize(130, 300)
        meter.show_meter(MeterState(word=word))
        shown = pixels_of(meter)
        assert (shown[:, -1] == shown[0, 0]).all()


def test_a_low_window_says_why_there_is_no_word(meter: QualityMeter):
    """It was left out, with the name of the metric, where three lines in the larger font had no room."""
    why = "unlike what the engine knows; for a word: scanmon calibrate"
    meter.resize(262, 256)
    lines = []
    for state in (
        MeterState("6", "not familiar", quality=6.0),
        MeterState("6", "not familiar", quality=6.0, reason=why),
        MeterState("6", "not familiar", quality=6.0, reason=why, metric="Severity map"),
    ):
        meter.show_meter(state)
        lines.append(meter.grab().toImage())
    assert lines[0] != lines[1]
    assert lines[1] != lines[2]
    assert why in meter.toolTip()


@pytest.mark.parametrize("size", [(240, 300), (280, 340), (305, 380)])
def test_the_name_of_the_metric_stands_there_however_long_the_reason_above_it_is(meter, size):
    meter.resize(*size)
    reason = "unlike what the engine knows; for a word: scanmon calibrate"
    seen = []
    for metric in ("Severity map", ""):
        meter.show_meter(
            MeterState("0", "not familiar", quality=0, beside="smoothed 0", reason=reason, metric=metric)
        )
        seen.append(meter.grab().toImage())
    assert seen[0] != seen[1]


@pytest.mark.parametrize("size", [(261, 245), (240, 300), (200, 220), (400, 600)])
def test_both_metrics_are_told_in_the_window_of_every_day(qtbot, size):
    meter = QualityMeter()
    qtbot.addWidget(meter)
    meter.resize(*size)
    state = MeterState(
        "98", "adequate", Verdict.ADEQUATE, quality=98.0, beside="smoothed 97", metric="Severity map"
    )
    meter.show_meter(replace(state, second="TinyUSFM-NRQ 85"))
    meter.grab()
    assert meter.placed == ("Severity map", "TinyUSFM-NRQ 85")


def test_a_meter_that_names_no_metric_gives_its_room_to_the_number(qtbot):
    meter = QualityMeter()
    qtbot.addWidget(meter)
    meter.resize(280, 124)
    meter.show_meter(MeterState("98", "adequate", Verdict.ADEQUATE, quality=98.0))
    assert meter.number_px >= 124 * 2 // 5
