"""Where the golden numbers come from: the metric written out plainly, which gives the published ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.doubles import published
from tests.doubles.reference import Phantoms, Published


def _leaves(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, f"{where}/{key}")
    else:
        yield where, value


def test_the_golden_numbers_are_those_of_the_metric_written_out_plainly() -> None:
    phantoms = Phantoms()
    known, computed = dict(_leaves(phantoms.golden)), dict(_leaves(phantoms.computed()))
    assert known.keys() == computed.keys()
    for where, value in known.items():
        if isinstance(value, float):
            np.testing.assert_allclose(computed[where], value, rtol=1e-7, err_msg=where)
        else:
            assert computed[where] == value, where


def test_with_the_published_weights_it_gives_the_published_numbers(shared: Path) -> None:
    reference = Published(shared / "reference")
    name = "gen_200x180"
    corners, padding, windows = published.cut(reference.view(name).image)
    golden = reference.golden["nrq"][name]
    assert [list(corner) for corner in corners] == golden["coords_yx"]
    assert list(padding) == golden["pad_top_left"]
    z = published.features(reference.weights, reference.architecture.heads, windows[0])
    np.testing.assert_allclose(z, reference.arrays[f"{name}|z"][0], atol=2e-7)
    for which in ("fitted", "released"):
        loglik = [published.loglik(model, z) for model in reference.organs(which)]
        np.testing.assert_allclose(loglik, reference.arrays[f"{name}|ll_{which}"][0], atol=1e-2)
    each = reference.arrays["hc18_a|ll_fitted"]
    scores = reference.golden["nrq"]["hc18_a"]["sets"]["fitted"]["max_patches_16_seed_2026"]["oracle"]
    found = [published.frame_score(column[published.sixteen(len(each))]) for column in each.T]
    np.testing.assert_allclose(found, list(scores.values()), atol=1e-9)
