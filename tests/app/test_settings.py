"""One declaration of a setting: file, option and page agree."""

import argparse
import typing
from dataclasses import fields

import pytest

from scanmon.app.settings import ScoringSettings
from scanmon.cli.options import add_scoring_options, settings_from
from scanmon.core.documents import allowed
from scanmon.scoring.calibration import Steadiness
from tools.write_reference import settings


def parsed(*options: str):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_scoring_options(parser, watches=True)
    return settings_from(parser.parse_args(options)).scoring


@pytest.mark.parametrize("kind", [ScoringSettings, Steadiness])
def test_every_setting_says_what_it_is_and_what_it_takes(kind):
    hints = typing.get_type_hints(kind, include_extras=True)
    for entry in fields(kind):
        assert allowed(hints[entry.name]), entry.name
        assert entry.name in settings()


def test_every_setting_has_an_option_that_lands_in_it():
    given = parsed("--topk-frac", "0.3", "--budget", "12", "--metric", "map", "--threshold-shift", "-5")
    assert (given.topk_frac, given.budget, given.metric) == (0.3, 12, "map")
    assert given.threshold_shift == -5.0


def test_an_option_that_was_not_given_leaves_the_default():
    assert parsed() == ScoringSettings()
    assert parsed("--budget", "auto").budget is None


@pytest.mark.parametrize(
    "options", [("--topk-frac", "nan"), ("--topk-frac", "0"), ("--budget", "-1"), ("--stride", "x")]
)
def test_an_option_out_of_range_is_wrong_usage(options):
    with pytest.raises(argparse.ArgumentError, match="is not allowed; give a"):
        parsed(*options)
