import dataclasses

import pytest

from scanmon.core.values import Box, Region
from scanmon.lab.evaluate.plan import Picture
from scanmon.lab.evaluate.stability import agreement
from tests.doubles.oracle import Oracle, speckled


@dataclasses.dataclass
class Shifted(Oracle):
    by: float = 0.0

    def measure(self, view, *, local):  # type: ignore[no-untyped-def]
        measured = super().measure(view, local=local)
        return dataclasses.replace(measured, score=measured.score + self.by)


def test_differences_and_changed_verdicts_are_counted_for_each_back_end() -> None:
    clean = speckled()
    whole = Region(Box(0, 0, 160, 120), kind="full")
    frames = [Picture("a", "liver", clean // divisor, whole) for divisor in (1, 2, 8)]
    reference = Oracle(clean, name="map")
    others = [Shifted(clean, name="same"), Shifted(clean, name="off", by=-31.0)]
    seen: list[int] = []
    figures = list(agreement(reference, others, frames, working_height_px=0, progress=seen.append))
    found = {(f.organ, f.quantity): f.value for f in figures}
    assert found["same", "largest_score_difference"] == 0.0
    assert found["same", "changed_verdicts"] == 0.0
    assert found["off", "largest_score_difference"] == pytest.approx(31.0)
    assert found["off", "changed_verdicts"] > 0.3
    assert seen == [1, 2, 3]
