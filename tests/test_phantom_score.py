"""What a newcomer sees of the simulated scanner: a score that is adequate, and falls with the picture."""

from contextlib import closing

import pytest

from scanmon.app.analyzers import Plan, open_analyzer
from scanmon.app.settings import ScoringSettings, Settings
from scanmon.core.values import Verdict
from scanmon.sources.opening import open_recording


def test_the_phantom_is_adequate_as_it_comes_and_not_with_the_gain_of_a_beginner() -> None:
    with closing(open_analyzer(Settings(ScoringSettings(metric="map")), Plan("phantom"))) as analyzer:

        def seen(source: str) -> tuple[float, Verdict | None]:
            analyzer.reset()
            with closing(open_recording(source)) as recording:
                reading = analyzer.analyze(next(recording.frames_from(0))).reading
            assert reading.quality is not None
            return reading.quality, reading.verdict

        quality, verdict = seen("phantom:")
        assert verdict is Verdict.ADEQUATE
        too_low, too_high = seen("phantom:gain=-20"), seen("phantom:gain=15")
        assert too_low[0] < quality - 80
        assert too_low[1] is Verdict.INADEQUATE
        assert too_high[0] < quality - 25
        assert too_high[1] is Verdict.MARGINAL
        with pytest.raises(Exception, match="out of range"):
            seen("phantom:gain=nan")
