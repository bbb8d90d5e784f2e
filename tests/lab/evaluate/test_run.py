import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scanmon.core.errors import SettingsError
from scanmon.core.values import Box, Region
from scanmon.degradations import NUISANCES
from scanmon.degradations.negatives import NEGATIVES
from scanmon.lab.evaluate.cases import CaseRow, CaseTable
from scanmon.lab.evaluate.plan import Picture, Plan, thin_out
from scanmon.lab.evaluate.run import run
from tests.doubles.oracle import Oracle, picture, speckled

PLAN = Plan(families=("gain_low", "local_artefact"))
ROWS_A_PICTURE = 1 + len(NUISANCES) + 2 * 4


def _run(out: Path, oracle: Oracle, pictures: list[Picture], plan: Plan = PLAN) -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []
    with CaseTable(out, {"seed": plan.seed}, {oracle.name: oracle.identity}) as table:
        run(
            iter(pictures),
            len(pictures),
            [oracle],
            plan,
            table,
            working_height_px=0,
            progress=lambda done, total: seen.append((done, total)),
        )
    return seen


def rows_in(out: Path, settings: dict[str, int] | None = None) -> list[CaseRow]:
    with CaseTable(out, settings or {"seed": PLAN.seed}, {}) as table:
        return table.rows


def test_every_version_gets_a_row_and_progress_ends_at_the_total(tmp_path: Path) -> None:
    clean = picture()
    seen = _run(tmp_path, Oracle(clean.pixels), [clean])
    rows = rows_in(tmp_path)
    assert len(rows) == ROWS_A_PICTURE + len(NEGATIVES)
    assert seen[-1] == (len(rows), len(rows))
    assert [row.severity for row in rows if row.family == "gain_low"] == [1, 2, 3, 4]


def test_a_stopped_run_goes_on_and_measures_nothing_twice(tmp_path: Path) -> None:
    one, two = picture("a"), picture("b", seed=1)
    _run(tmp_path, Oracle(one.pixels), [one])
    before = (tmp_path / "cases.csv").read_text()
    oracle = Oracle(one.pixels)
    _run(tmp_path, oracle, [one, two])
    assert (tmp_path / "cases.csv").read_text().startswith(before)
    assert oracle.calls == ROWS_A_PICTURE


def test_a_row_cut_off_by_a_power_failure_is_made_again(tmp_path: Path) -> None:
    clean = picture()
    disk, after = tmp_path / "disk", tmp_path / "after"

    def copy(done: int, total: int) -> None:
        if done == total:
            shutil.copytree(disk, after)

    with CaseTable(disk, {"seed": PLAN.seed}, {"oracle": "1"}) as table:
        run([clean], 1, [Oracle(clean.pixels)], PLAN, table, working_height_px=0, progress=copy)
    log = after / "cases.db-wal"
    log.write_bytes(log.read_bytes()[:-7])
    oracle = Oracle(clean.pixels)
    _run(after, oracle, [clean])
    assert oracle.calls == 1
    assert (after / "cases.csv").read_bytes() == (disk / "cases.csv").read_bytes()


def test_rows_of_another_bundle_or_seed_are_not_mixed_in(tmp_path: Path) -> None:
    clean = picture()
    _run(tmp_path, Oracle(clean.pixels), [clean])
    with pytest.raises(SettingsError, match="other values of metric oracle"):
        _run(tmp_path, Oracle(clean.pixels, identity="2"), [clean])
    with pytest.raises(SettingsError, match="other values of the settings"):
        _run(tmp_path, Oracle(clean.pixels), [clean], Plan(families=("gain_low",), seed=1))


def test_the_mask_of_a_picture_is_that_of_its_region_in_the_whole_frame() -> None:
    mask = np.zeros((40, 50), np.bool_)
    mask[5:, 10:] = True
    inside = Picture("x", "o", speckled(), Region(Box(20, 30, 50, 40), mask)).inside
    assert inside.sum() == 35 * 40
    assert not inside[34, 40]
    assert inside[35, 30]


def test_an_artefact_is_found_by_a_metric_that_knows_where_it_is(tmp_path: Path) -> None:
    clean = picture()
    _run(tmp_path, Oracle(clean.pixels), [clean])
    rows = [row for row in rows_in(tmp_path) if row.family == "local_artefact"]
    assert [row.covers for row in rows] == [1.0] * 4
    assert [row.point for row in rows] == [1.0] * 4
    for row in rows:
        assert row.covers_chance < 0.5
        assert row.overlap_chance is not None
        assert row.overlap > 3 * row.overlap_chance


def test_an_unknown_family_is_named() -> None:
    with pytest.raises(SettingsError, match="rainbow"):
        Plan(families=("rainbow",))


def test_thinning_out_spreads_over_all_and_smaller_choices_are_part_of_larger_ones() -> None:
    names = [f"{i:03d}" for i in range(100)]
    assert thin_out(names, 4) == ["000", "025", "050", "075"]
    assert thin_out(["a", "b"], 0) == ["a", "b"]
    choices = [thin_out(names, limit) for limit in range(1, 101)]
    assert [len(chosen) for chosen in choices] == list(range(1, 101))
    assert all(set(small) <= set(large) for small, large in pairwise(choices))


def test_an_interrupted_run_keeps_its_rows_and_goes_on_to_the_same_end(tmp_path: Path) -> None:
    clean = picture()

    def interrupt(done: int, total: int) -> None:
        if done == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), CaseTable(tmp_path, {"seed": PLAN.seed}, {"oracle": "1"}) as table:
        run([clean], 1, [Oracle(clean.pixels)], PLAN, table, working_height_px=0, progress=interrupt)
    assert len(rows_in(tmp_path)) == 9
    _run(tmp_path, Oracle(clean.pixels), [clean])
    _run(tmp_path / "whole", Oracle(clean.pixels), [clean])
    assert (tmp_path / "cases.csv").read_bytes() == (tmp_path / "whole" / "cases.csv").read_bytes()
