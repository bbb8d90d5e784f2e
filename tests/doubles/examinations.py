"""An examination of three views, recorded as a session."""

from dataclasses import replace
from pathlib import Path

from scanmon.core.values import Analysis, Parts, Verdict
from scanmon.examination.examination import Examination
from scanmon.examination.examiner import Examiner
from scanmon.examination.protocol import Protocol, ProtocolView
from scanmon.runtime.outputs import Outputs
from tests.doubles.sessions import HEIGHT, WIDTH, analyzer, frame, recorder

PROTOCOL = Protocol(
    "Costs $x^{$",
    tuple(ProtocolView(name, quality=10.0, hold_s=0.4) for name in ("first", "second", "third")),
)
FRAMES = 60


def judged(analysis: Analysis) -> Analysis:
    """Inadequate by noise in the first second, adequate after that."""
    poor = analysis.frame.time_s < 1.0
    reading = replace(
        analysis.reading,
        verdict=Verdict.INADEQUATE if poor else Verdict.ADEQUATE,
        parts=Parts(noise=30.0 if poor else 90.0, light=80.0),
    )
    return replace(analysis, readings=(reading,))


def examine(root: Path, *, end: bool = True, grown_at: int = FRAMES) -> Path:
    """Pictures that get brighter: a second for the first view, the rest for the second one.

    From `grown_at` on they are larger, which no video takes: the first of its recordings.
    """
    keeper = recorder(root, codec="ffv1")
    outputs = Outputs()

    def name(view: str) -> None:
        outputs.view = view

    examiner = Examiner(Examination.begin(PROTOCOL, "room 3"), keeper.note_examination, name)
    outputs.add(examiner)
    outputs.add(keeper)
    keeper.start()
    score = analyzer()
    for number in range(FRAMES):
        analysis = score.analyze(frame(number, size=(HEIGHT, WIDTH) if number < grown_at else (200, 300)))
        if number == 25:
            examiner.change(lambda now: now.chosen(1))
        outputs.capture(analysis.frame)
        outputs.write(judged(analysis))
    if end:
        examiner.change(Examination.finished)
        keeper.stop()
    outputs.close_all()
    return sorted(root.iterdir())[0]
