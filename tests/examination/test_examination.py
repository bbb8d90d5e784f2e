"""When a picture is kept, and when a better one takes its place."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanmon.core.errors import SettingsError
from scanmon.core.gaps import BRIDGED_S
from scanmon.core.values import Analysis, Box, Frame, Provenance, Reading, Reason, Region, Verdict
from scanmon.examination.examination import Examination
from scanmon.examination.examiner import Examiner
from scanmon.examination.protocol import Protocol, ProtocolView, own_protocols, read_protocol, samples
from tests.doubles.scenes import frame

BOUND, HOLD_S = 70.0, 1.0
PROTOCOL = Protocol("Test", tuple(ProtocolView(name, hold_s=HOLD_S) for name in ("a", "b", "c")))
PICTURE = frame(0).pixels
GOOD = 'title = "Mine"\n[[views]]\nname = "One"\n[[views]]\nname = "Two"\nquality = 55\nhold_s = 3\n'


def analysis(time_s: float, quality: float | None, bundle: str = "one") -> Analysis:
    picture = Frame(PICTURE, round(time_s * 1000), time_s, 0.0)
    reason = Reason.FROZEN if quality is None else None
    verdict = None if quality is None else Verdict.ADEQUATE
    reading = Reading(picture.index, time_s, "map", reason, quality=quality, steady=quality, verdict=verdict)
    provenance = Provenance(bundle=bundle, thresholds=(40.0, BOUND))
    return Analysis(picture, Region(Box(0, 0, 80, 64)), (reading,), provenance=provenance)


def fed(
    examination: Examination, *qualities: float | None, start_s: float = 0.0, step_s: float = 0.1
) -> Examination:
    for number, quality in enumerate(qualities):
        examination = examination.offered(analysis(start_s + number * step_s, quality))
    return examination


def begun() -> Examination:
    return Examination.begin(PROTOCOL)


def test_a_view_is_saved_once_quality_has_stayed_good_for_its_time():
    nearly = fed(begun(), *[80.0] * 10)
    assert nearly.progress.state == "open"
    assert 0.8 < nearly.held_s < HOLD_S
    done = fed(begun(), *[80.0] * 4, 95.0, *[80.0] * 7)
    assert (done.progress.state, done.progress.quality, done.saved) == ("saved", 95.0, 1)
    assert done.held_s == HOLD_S


def test_a_poor_picture_a_freeze_or_a_gap_begins_the_time_anew():
    for broken in (fed(begun(), *[80.0] * 9, 69.0), fed(begun(), *[80.0] * 9, None)):
        assert broken.held_s == 0.0
        assert fed(broken, *[80.0] * 9, start_s=1.1).progress.state == "open"
    good = analysis(1.1, 99.0)
    rests = replace(good, readings=(replace(good.reading, coverage=0.5, oldest_s=2.5),))
    assert fed(begun(), *[80.0] * 9).offered(rests).progress.quality == 80.0
    late = fed(begun(), *[80.0] * 9).offered(analysis(0.8 + BRIDGED_S + 0.1, 80.0))
    assert late.progress.state == "open"
    assert late.held_s == 0.0
    back = fed(begun(), *[80.0] * 9).offered(analysis(0.0, 80.0))  # a seek
    assert back.held_s == 0.0


def test_scores_that_come_too_seldom_to_hold_a_view_say_how_seldom():
    seldom = fed(begun(), *[80.0] * 6, step_s=BRIDGED_S + 0.5)
    assert seldom.progress.state == "open"
    assert (seldom.held_s, seldom.stretch is not None) == (0.0, True)
    assert seldom.sparse_s == pytest.approx(BRIDGED_S + 0.5)
    often = fed(seldom, 80.0, start_s=seldom.last.frame.time_s + 0.1)
    assert often.sparse_s == 0.0


def test_a_better_stretch_replaces_the_picture_and_a_worse_one_does_not():
    saved = fed(begun(), *[80.0] * 12)
    assert fed(saved, *[75.0] * 12, start_s=5.0).progress.best is saved.progress.best
    assert fed(saved, 99.0, 75.0, start_s=5.0).progress.best is saved.progress.best  # it did not last
    assert fed(saved, *[90.0] * 12, start_s=5.0).progress.quality == 90.0


def test_qualities_of_two_bundles_are_not_compared():
    saved = fed(begun(), *[80.0] * 12)
    other = saved
    for number in range(12):
        other = other.offered(analysis(5.0 + number / 10, 99.0, bundle="two"))
    assert other.progress.best is saved.progress.best
    mixed = fed(begun(), *[80.0] * 9).offered(analysis(0.9, 80.0, bundle="two"))
    assert mixed.held_s == 0.0


def test_what_never_reached_the_bound_shows_its_best_picture():
    poor = fed(begun(), 20.0, 50.0, 30.0)
    assert (poor.progress.state, poor.progress.quality) == ("open", 50.0)


def test_without_calibration_nothing_is_kept_unless_the_view_names_a_number():
    bare = replace(analysis(0.0, 80.0), provenance=Provenance(bundle="raw"))
    assert begun().offered(bare).bound is None
    named = Examination.begin(Protocol("Test", (ProtocolView("a", quality=60.0),)))
    assert named.offered(bare).bound == 60.0


def test_a_picture_that_the_bundle_does_not_know_reaches_no_word_but_a_number() -> None:
    unknown = [analysis(number / 10, 80.0) for number in range(12)]
    unknown = [replace(one, readings=(replace(one.reading, verdict=None),)) for one in unknown]
    by_word, by_number = (
        begun(),
        Examination.begin(Protocol("Test", (ProtocolView("a", quality=60.0, hold_s=1.0),))),
    )
    for one in unknown:
        by_word, by_number = by_word.offered(one), by_number.offered(one)
    assert (by_word.progress.state, by_number.progress.state) == ("open", "saved")


def test_skip_goes_to_the_next_open_view_and_keeps_what_was_saved():
    left = begun().skipped()
    assert (left.views[0].state, left.current) == ("skipped", 1)
    assert fed(left.chosen(0), *[80.0] * 12).views[0].state == "skipped"
    kept = fed(begun(), *[80.0] * 12).skipped()
    assert (kept.views[0].state, kept.current) == ("saved", 1)
    all_left = begun().skipped().skipped().skipped()
    assert all_left.current == 2
    assert [one.state for one in all_left.views] == ["skipped"] * 3


def test_retake_gives_the_picture_up():
    again = fed(begun(), *[80.0] * 12).retaken()
    assert (again.progress.state, again.progress.best) == ("open", None)
    assert begun().skipped().chosen(0).retaken().progress.state == "open"


def test_a_label_keeps_its_printable_letters():
    assert Examination.begin(PROTOCOL, " room\x1b 3\n ").label == "room  3"
    assert len(Examination.begin(PROTOCOL, "x" * 999).label) == 200


steps = st.one_of(
    st.tuples(st.just("offer"), st.floats(0.01, 0.4), st.one_of(st.none(), st.floats(0, 100))),
    st.tuples(st.sampled_from(["skip", "retake", "next", "end"]), st.just(0.0), st.none()),
    st.tuples(st.just("choose"), st.just(0.0), st.integers(-2, 5)),
)


@given(st.lists(steps, max_size=80))
@settings(max_examples=300, deadline=None)
def test_whatever_happens_no_saved_picture_gets_worse_and_the_end_is_the_end(taken):
    now, time_s, states = begun(), 0.0, []
    for what, step_s, value in taken:
        time_s += step_s
        before = now
        match what:
            case "offer":
                now = now.offered(analysis(time_s, value))
                assert now.offered(analysis(time_s, value)).record() == now.record()
                for one, other in zip(before.views, now.views, strict=True):
                    if one.state == "saved":
                        assert other.state == "saved"
                        assert (other.quality or 0) >= (one.quality or 0)
                    if one.state == "skipped":
                        assert other is one
            case "skip":
                now = now.skipped()
            case "retake":
                now = now.retaken()
            case "next":
                now = now.stepped(1)
            case "end":
                now = now.finished()
            case _:
                now = now.chosen(value)
        assert 0 <= now.current < len(now.views)
        assert 0.0 <= now.held_s <= HOLD_S
        assert all(one.quality is not None for one in now.views if one.state == "saved")
        states.append(now)
    for one, other in pairwise(states):
        if one.ended:
            assert other.ended
            assert other.record() == one.record()


def test_the_sink_tells_changes_once_and_names_the_view_of_the_rows():
    kept, names = [], []
    examiner = Examiner(begun(), kept.append, names.append)
    for number in range(12):
        examiner.write(analysis(number / 10, 80.0))
    examiner.change(Examination.skipped)
    examiner.change(Examination.finished)
    examiner.write(analysis(9.0, 99.0))
    assert names == ["a", "b", ""]
    assert [record["views"][0]["state"] for record in kept] == ["open", "open", "saved", "saved"]
    assert [record["ended"] for record in kept] == [False, False, False, True]
    assert examiner.now.views[0].quality == 80.0


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read_and_the_rest_has_defaults(tmp_path):
    protocol = read_protocol(written(tmp_path, GOOD))
    assert protocol.title == "Mine"
    assert protocol.views == (ProtocolView("One"), ProtocolView("Two", quality=55.0, hold_s=3.0))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            GOOD.replace("55", "155"),
            "views[1].quality = 155 is not allowed, but a number at least 0 and at most 100",
        ),
        (
            GOOD.replace("hold_s = 3", "hold_s = 0"),
            "views[1].hold_s = 0 is not allowed, but a number at least 0.2",
        ),
        (
            GOOD.replace("quality = 55", 'reach = "good"'),
            "views[1].reach = 'good' is not allowed, but one of",
        ),
        (GOOD.replace("hold_s", "hold"), "views[1].'hold' is an unknown key"),
        (GOOD.replace("Two", "One"), "'One' is there twice"),
        (GOOD.replace('"Two"', '"a\\nb"'), "views[1].name"),
        ('title = "Empty"\nviews = []\n', "views"),
        ('title = "None"\n', "views"),
        ("title = [", "is not valid TOML"),
    ],
)
def test_a_fault_names_file_key_and_what_is_allowed(tmp_path, text, told):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        read_protocol(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_samples_are_whole_and_say_what_they_are():
    assert len(samples()) == 4
    assert all("sample" in protocol.title and protocol.note for protocol in samples())
    assert samples("fr") == samples()
    german = samples("de")
    assert all("Muster" in protocol.title and protocol.note for protocol in german)
    asked = [[(view.reach, view.hold_s) for view in protocol.views] for protocol in samples()]
    assert asked == [[(view.reach, view.hold_s) for view in protocol.views] for protocol in german]


def test_own_protocols_leave_a_faulty_one_out_and_say_why(tmp_path):
    assert own_protocols(tmp_path / "none") == ([], [])
    written(tmp_path, GOOD)
    (tmp_path / "poor.toml").write_text("views = 3")
    found, faults = own_protocols(tmp_path)
    assert [protocol.title for protocol in found] == ["Mine"]
    assert "poor.toml" in str(faults[0])


def test_the_bound_is_the_word_of_the_bundle_unless_a_number_is_given():
    calibrated = Provenance(thresholds=(40.0, 70.0))
    assert ProtocolView("a").bound(calibrated) == 70.0
    assert ProtocolView("a", "marginal").bound(calibrated) == 40.0
    assert ProtocolView("a", quality=12.0).bound(Provenance()) == 12.0
    assert ProtocolView("a").bound(Provenance()) is None
