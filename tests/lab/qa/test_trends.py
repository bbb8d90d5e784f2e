import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from scanmon.core.errors import SettingsError
from scanmon.lab.qa.chart import (
    BETTER,
    MEASURES,
    WORSE,
    asked_limits,
    baseline,
    limits,
    outside,
    sen_slope,
    trend,
)
from scanmon.lab.qa.history import STEP, History, read_history
from scanmon.lab.qa.page import write_trends_page
from scanmon.lab.qa.store import CheckStore, Record

DEPTH = "reverberation_depth_mm"


def _record(day: int, baseline: str = "yes", **measures: float) -> Record:
    made = datetime(2026, 1, 5, 8, tzinfo=UTC) + timedelta(days=day)
    return Record(made.isoformat(), "air", "S1", "L12", baseline, measures, [], {})


def _depths(values: list[float], **more: Any) -> list[Record]:
    return [_record(7 * number, **{DEPTH: value}, **more) for number, value in enumerate(values)]


def test_limits_are_those_of_the_chart_of_individuals() -> None:
    values = [20.0, 24.0, 18.0, 23.0, 20.0]
    found = limits(_depths(values), 5, None)[DEPTH]
    reach = 2.66 * np.mean([4, 6, 5, 3])
    assert (found.centre, found.count) == (21.0, 5)
    assert (found.low, found.high) == (pytest.approx(21 - reach), pytest.approx(21 + reach))
    stated = limits(_depths(values), 5, 10.0)[DEPTH]
    assert (stated.low, stated.high) == (pytest.approx(18.9), pytest.approx(23.1))


def test_equal_checks_allow_what_the_measure_calls_no_change() -> None:
    known = limits(_depths([20.0] * 5), 5, None)
    assert outside({DEPTH: 19.5}, known) == []
    assert outside({DEPTH: 19.3}, known) == [DEPTH]
    assert outside({DEPTH: 20.7}, known) == [DEPTH]


def test_more_dead_elements_are_outside_and_fewer_are_not() -> None:
    known = limits([_record(day, dips=2.0) for day in range(5)], 5, None)
    assert outside({"dips": 3.0}, known) == ["dips"]
    assert outside({"dips": 0.0}, known) == []


def test_there_are_no_limits_before_the_baseline_is_complete() -> None:
    assert limits(_depths([20.0] * 4), 5, None) == {}


@pytest.mark.parametrize(
    ("asked", "count", "low"),
    [
        ({"baseline_size": 3, "limits_percent": 10.0}, 3, 18.0),
        ({"baseline_size": 3, "limits_percent": None}, 3, 20 - 2.66 * 0.75),
        ({}, 5, 20.4 - 2.66 * 1.0),  # of a version that did not keep it
        ({"baseline_size": "many", "limits_percent": []}, 5, 20.4 - 2.66 * 1.0),
    ],
)
def test_a_page_of_trends_has_the_limits_that_the_newest_check_was_asked_for(asked, count, low) -> None:
    records = _depths([20.0, 19.5, 20.5, 20.0, 22.0, 20.0])
    records[-1] = replace(records[-1], about=asked)
    found = asked_limits(records)[DEPTH]
    assert found.count == count
    assert found.low == pytest.approx(low)


def test_a_baseline_leaves_out_what_is_set_aside_and_begins_anew() -> None:
    records = _depths([20.0, 21.0, 5.0, 22.0, 30.0, 31.0])
    records[2] = replace(records[2], baseline="no")
    assert [one.measures[DEPTH] for one in baseline(records, 3)] == [20, 21, 22]
    records[4] = replace(records[4], baseline="new")
    assert [one.measures[DEPTH] for one in baseline(records, 3)] == [30, 31]


def test_the_slope_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    x = np.sort(rng.uniform(0, 300, 25))
    y = 30 - 0.02 * x + rng.normal(0, 0.5, 25).round(1)
    expected = stats.theilslopes(y, x, 0.95)
    slope, low, high = sen_slope(x, y)
    assert slope == pytest.approx(expected.slope)
    assert (low, high) == (
        pytest.approx(expected.low_slope, rel=0.05),
        pytest.approx(expected.high_slope, rel=0.05),
    )


def test_words_follow_the_direction_in_which_a_measure_gets_worse() -> None:
    rng = np.random.default_rng(2)
    days = list(range(0, 300, 15))
    noise = rng.normal(0, 0.2, len(days))
    falling = (40 - 0.02 * np.array(days) + noise).tolist()
    assert trend(days, falling, MEASURES[DEPTH]).word == WORSE
    assert trend(days, falling, MEASURES["uniformity_range_db"]).word == "getting better"
    assert trend(days, falling, MEASURES["ring_level"]).word == "falling"
    assert trend(days, (40 + noise).tolist(), MEASURES[DEPTH]).word == "no change that is sure"
    assert trend(days[:4], falling[:4], MEASURES[DEPTH]).word.startswith("too few")
    found = trend(days, falling, MEASURES[DEPTH])
    assert found.slope == pytest.approx(-0.6, abs=0.1)


def test_a_steady_probe_is_seldom_called_worse() -> None:
    rng = np.random.default_rng(3)
    days = list(range(0, 200, 10))
    words = [
        trend(days, (40 + rng.normal(0, 1.0, len(days))).tolist(), MEASURES[DEPTH]).word for _ in range(300)
    ]
    assert words.count(WORSE) <= 0.05 * 300


def test_a_store_keeps_checks_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "checks.db"
    store = CheckStore(path, make=True)
    for record in _depths([20.0, 21.0]):
        store.add(record)
    store.add(replace(_record(3, dips=1.0), probe="C5"))
    store.close()
    assert path.stat().st_mode & 0o077 == 0
    store = CheckStore(path, make=False)
    assert [one.measures for one in store.records("S1", "L12")] == [{DEPTH: 20.0}, {DEPTH: 21.0}]
    assert len(store.records()) == 3
    store.close()


def test_what_is_no_store_is_left_as_it_is(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE mine (x)")
    database.close()
    text = tmp_path / "text.db"
    text.write_text("not a database at all, but long enough to look like one" * 20)
    for path in (other, text):
        before = path.read_bytes()
        with pytest.raises(SettingsError, match="no store of checks"):
            CheckStore(path, make=True)
        assert path.read_bytes() == before
    with pytest.raises(SettingsError, match="holds no checks yet"):
        CheckStore(tmp_path / "absent.db", make=False)


def test_a_damaged_check_is_said(tmp_path: Path) -> None:
    path = tmp_path / "checks.db"
    store = CheckStore(path, make=True)
    store.add(_record(1, dips=1.0))
    store.close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE checks SET measures = '{\"dips\": NaN}'")
    database.close()
    store = CheckStore(path, make=False)
    with pytest.raises(SettingsError, match="damaged"):
        store.records()
    store.close()


def test_trends_begin_with_the_newest_baseline(tmp_path: Path) -> None:
    path = tmp_path / "checks.db"
    store = CheckStore(path, make=True)
    records = _depths([40.0 - 2 * number for number in range(8)] + [40.0] * 8)
    records[8] = replace(records[8], baseline="new")
    for record in records:
        store.add(record)
    store.close()
    (row,) = read_history(path, None, "L12", ()).rows()
    assert (row["checks"], row["trend"]) == (8, "no change that is sure")
    (row,) = History(records[:8]).rows()
    assert (row["trend"], row["first"], row["last"]) == (WORSE, 40.0, 26.0)
    assert row["slope_30_days"] == pytest.approx(-2 * 30 / 7)
    with pytest.raises(SettingsError, match="no check matches"):
        read_history(path, None, "other", ())


@pytest.mark.parametrize("ending", [".html", ".pdf", ".png"])
def test_a_page_of_trends_is_written(tmp_path: Path, ending: str) -> None:
    page = tmp_path / f"page{ending}"
    write_trends_page(History(_depths([40.0 - number for number in range(8)], dips=1.0)), page)
    data = page.read_bytes()
    assert data.startswith({".html": b"<!doctype", ".pdf": b"%PDF", ".png": b"\x89PNG"}[ending])
    if ending == ".html":
        assert b"getting worse" in data
        assert b"http" not in data.replace(b"http://www.w3.org", b"").replace(
            b"http://purl.org", b""
        ).replace(b"http://creativecommons.org", b"")


@pytest.mark.parametrize(
    ("last", "word"),
    [([1.0, 1.0], STEP), ([0.0, 1.0], "no change that is sure"), ([1.0, 0.0], "no change that is sure")],
)
def test_an_element_that_died_is_worse_although_no_slope_shows_it(last: list[float], word: str) -> None:
    records = [_record(7 * number, dips=value) for number, value in enumerate([0.0] * 10 + last)]
    assert [row["trend"] for row in History(records).rows()] == [word]


def test_what_is_kept_out_of_the_baseline_makes_no_step() -> None:
    """As a test with tape on the probe, or a picture of another one."""
    good = [_record(7 * number, dips=0.0) for number in range(10)]
    aside = [_record(100 + number, "no", dips=1.0) for number in range(2)]
    assert [row["trend"] for row in History([*good, *aside]).rows()] == ["no change that is sure"]
    died = [_record(110 + number, dips=1.0) for number in range(2)]
    assert [row["trend"] for row in History([*good, *died, *aside]).rows()] == [STEP]


def test_a_step_does_not_overrule_a_slope_that_is_sure() -> None:
    """Below its baseline for long, and better from check to check: or worse, which says more than a step."""
    depths = [40.0, 40.1, 39.9, 40.0, 40.1]
    rising = _depths(depths + [20.0 + 0.4 * number for number in range(30)])
    falling = _depths(depths + [38.0 - 0.4 * number for number in range(30)])
    for records, word in ((rising, BETTER), (falling, WORSE)):
        assert [row["trend"] for row in History(records).rows()] == [word]


def test_the_page_tells_a_step_without_a_slope(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    write_trends_page(History([_record(7 * n, dips=float(n > 9)) for n in range(30)]), page)
    assert "worse than its baseline" in page.read_text()
    assert "in 30 days" not in page.read_text()


def test_a_step_to_the_better_side_is_not_worse() -> None:
    records = _depths([20.0, 20.1] * 5 + [24.0, 24.0])
    assert [row["trend"] for row in History(records).rows()] not in ([WORSE], [STEP])
