from dataclasses import replace

import numpy as np
import pytest

from scanmon.core.errors import BundleError, SourceError
from scanmon.core.values import Analysis, Box, EngineName, Provenance, Reason, TooSlow, Verdict
from scanmon.runtime.snapshot import Counts, Latency, Snapshot
from scanmon.ui.monitor.playback_commands import Marks
from scanmon.ui.state.messages import Message
from scanmon.ui.state.meter_state import MeterState
from scanmon.ui.state.texts import chapter_text
from scanmon.ui.state.view_state import Mark, ViewOptions, ViewState, view_state
from tests.doubles.states import INFO, PROVENANCE, analysis, live, picture, playing, reading, replaying, trace


def told(snapshot: Snapshot, **values: object) -> Message:
    message = view_state(snapshot, **values).message
    assert message is not None
    return message


def test_a_scored_frame_reads_as_number_word_and_metric():
    meter = view_state(replaying()).meter
    assert (meter.number, meter.word, meter.metric) == ("82", "adequate", "Severity map")
    assert meter.verdict is Verdict.ADEQUATE
    assert meter.thresholds == (40.0, 70.0)
    assert meter.reason == ""


def test_without_calibration_the_raw_score_is_shown_and_said_to_be_uncalibrated():
    frame = picture(30)
    plain = replace(
        analysis(frame), readings=(replace(reading(frame), quality=None, steady=None, verdict=None),)
    )
    provenance = Provenance("cine", "default 1", (EngineName("onnxruntime", "fp32"),))
    state = view_state(replaying(analysis=plain, provenance=provenance))
    assert (state.meter.number, state.meter.word) == ("-0.2", "not calibrated")
    assert state.meter.reason == "for 0 to 100 and a word: scanmon calibrate"
    assert state.trace.thresholds is None


def test_a_picture_unlike_all_that_the_engine_knows_keeps_its_number_and_gets_no_word():
    frame = picture(30)
    strange = replace(analysis(frame), readings=(replace(reading(frame), verdict=None, familiar=0.1),))
    meter = view_state(replaying(analysis=strange)).meter
    assert (meter.number, meter.word, meter.verdict) == ("82", "not familiar", None)
    assert meter.reason == "unlike what the engine knows; for a word: scanmon calibrate"


def test_a_scale_that_saw_no_picture_of_a_site_is_named_beside_the_metric():
    provenance = replace(PROVENANCE, details={"calibration": "provisional"})
    assert view_state(replaying(provenance=provenance)).meter.metric == "Severity map, provisional scale"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_for_no_score_is_named_with_a_way_out(reason):
    frame = picture(30)
    state = view_state(live(frame=frame, analysis=analysis(frame, reason=reason)))
    assert state.meter.number == "–"
    assert state.meter.word == "no score"
    assert state.meter.reason
    assert state.message.way_out
    assert state.overlay.opacity == 0
    assert state.overlay.worst is None


def test_the_heatmap_fades_from_half_a_second_and_is_gone_after_one():
    shown = picture(60)  # 2.0 s
    opacities = []
    for index in (60, 46, 37, 30, 20):  # 0, 0.47, 0.77, 1.0, 1.33 s behind
        state = view_state(live(frame=shown, analysis=analysis(picture(index))), ViewOptions(strength=0.5))
        opacities.append(round(state.overlay.opacity, 3))
    assert opacities == [0.5, 0.5, 0.233, 0.0, 0.0]


def test_a_number_that_lags_is_dimmed_and_one_older_than_two_seconds_is_withdrawn():
    shown = picture(90)  # 3.0 s
    fresh, lagging, old = (
        view_state(live(frame=shown, analysis=analysis(picture(i)))).meter for i in (85, 60, 25)
    )
    assert (fresh.number, fresh.dim) == ("82", False)
    assert (lagging.number, lagging.dim) == ("82", True)
    assert (old.number, old.reason) == ("–", "score is out of date")


def test_an_overlay_of_another_picture_size_is_not_drawn():
    state = view_state(live(frame=picture(31, size=(576, 768)), analysis=analysis(picture(30))))
    assert state.overlay.region is None
    assert state.overlay.opacity == 0


def test_overlays_off_leaves_the_picture_alone():
    state = view_state(replaying(), ViewOptions(overlays=False))
    assert state.overlay.outline == ()
    assert state.overlay.worst is None
    assert state.overlay.opacity == 0


def test_heatmap_off_keeps_the_worst_region():
    state = view_state(replaying(), ViewOptions(heatmap=False))
    assert state.overlay.opacity == 0
    assert state.overlay.worst == Box(300, 220, 120, 120)


def test_the_size_is_that_of_the_picture_that_is_shown():
    frame = picture(30, size=(240, 320))
    assert view_state(replaying(frame=frame)).status.source == "cine  320×240"
    assert view_state(replaying(frame=None)).status.source == "cine  640×480"


def test_a_hint_is_put_into_words():
    assert view_state(replaying(), hint="too_dark").overlay.worst_text == "too dark"


def test_both_metrics_are_told_apart_by_name():
    frame = picture(30)
    one = analysis(frame)
    both = replace(one, readings=(one.reading, replace(reading(frame, 64.0), metric="nrq")))
    meter = view_state(replaying(analysis=both)).meter
    assert meter.metric == "Severity map"
    assert meter.second == "TinyUSFM-NRQ 64"


def with_second(oldest_s: float, index: int = 30) -> Snapshot:
    frame = picture(30)
    one = analysis(picture(index))
    other = replace(reading(frame, 64.0), metric="nrq", oldest_s=oldest_s, coverage=0.5)
    return live(frame=frame, analysis=replace(one, readings=(one.reading, other)))


@pytest.mark.parametrize(
    ("oldest_s", "text", "dim"),
    [(0.4, "TinyUSFM-NRQ 64", False), (0.6, "TinyUSFM-NRQ 64", True), (2.1, "", False), (12.0, "", False)],
)
def test_a_second_metric_that_lags_is_dimmed_and_then_withdrawn(oldest_s, text, dim):
    meter = view_state(with_second(oldest_s)).meter
    assert (meter.second, meter.second_dim) == (text, dim)
    assert meter.number == "82"


def test_the_age_of_the_picture_counts_for_the_second_metric_too():
    meter = view_state(with_second(1.7, index=18)).meter  # scored 0.4 s ago
    assert (meter.number, meter.dim, meter.second) == ("82", False, "")


def test_a_metric_that_was_switched_off_is_told():
    provenance = replace(PROVENANCE, slow=TooSlow("nrq", 10, 7.25, off=True))
    meter = view_state(live(provenance=provenance)).meter
    assert (meter.number, meter.second) == ("82", "TinyUSFM-NRQ: too slow here")
    assert meter.tooltip.startswith("TinyUSFM-NRQ takes 7.2 s here for the 10 windows of one picture")
    assert "choose it as the metric" in meter.tooltip
    assert (view_state(live()).meter.tooltip, view_state(live()).meter.second) == ("", "")


def test_a_metric_that_is_too_slow_to_make_the_number_says_so_and_offers_what_is_fast_enough():
    slow = TooSlow("nrq", 10, 7.25, off=False, other_ms=24.6, fewer=(168, 7))
    provenance = replace(PROVENANCE, slow=slow)
    message = view_state(
        live(provenance=provenance, analysis=analysis(picture(30), reason=Reason.STALE))
    ).message
    assert message.title == "No score: TinyUSFM-NRQ is too slow on this machine"
    assert "7.2 s" in message.text and "10 windows" in message.text
    for helps in ("Severity map takes 25 ms", "--stride 168 there are 7 windows", "GPU"):
        assert helps in message.way_out
    assert (message.offer, message.command) == ("Score with: Severity map", "other_metric")
    alone = replace(provenance, slow=replace(slow, metric="map", windows=1, other_ms=None, fewer=None))
    message = view_state(live(provenance=alone, analysis=analysis(picture(30), reason=Reason.STALE))).message
    assert (message.offer, message.command) == ("", "")
    assert message.text == "Severity map takes 7.2 s a picture here; 2 s are the most."
    assert view_state(live(provenance=provenance)).message is None  # while there is a number


def test_a_machine_that_is_too_busy_to_score_in_time_says_so():
    behind = live(
        frame=picture(120), analysis=analysis(picture(30)), capture_to_score=Latency(5350, 6000, 6100)
    )
    message = view_state(behind).message
    assert message.title == "No score: this machine is too busy, or too slow"
    assert "5.3 s" in message.text or "5.4 s" in message.text
    once = live(frame=picture(120), analysis=analysis(picture(30)), capture_to_score=Latency(90, 6000, 6100))
    assert view_state(once).message is None  # it was held up once


def lagging_word(index: int = 30) -> Analysis:
    """A poor picture just after good ones: the smoothed quality and the word have not followed yet."""
    one = analysis(picture(index))
    poor = replace(one.reading, quality=12.0, steady=71.0, pending=Verdict.INADEQUATE)
    return replace(one, readings=(poor,))


def test_a_picture_that_stands_has_its_own_number_and_word():
    stands = replaying(analysis=lagging_word(), playback=playing(30, playing=False))
    meter = view_state(stands).meter
    assert (meter.number, meter.word, meter.quality) == ("12", "inadequate", 12.0)
    assert meter.beside == "smoothed 71"
    held = view_state(live(analysis=lagging_word()), held=True).meter
    assert (held.number, held.word) == ("12", "inadequate")


def test_a_word_that_is_about_to_change_is_shown_beside_the_one_that_holds():
    meter = view_state(replaying(analysis=lagging_word())).meter
    assert (meter.number, meter.word, meter.beside) == ("71", "adequate", "→ inadequate")
    assert view_state(replaying()).meter.beside == ""


def test_an_unfamiliar_picture_that_stands_still_gets_no_word():
    one = analysis(picture(30))
    strange = replace(one, readings=(replace(one.reading, verdict=None, familiar=0.1),))
    meter = view_state(replaying(analysis=strange, playback=playing(30, playing=False))).meter
    assert (meter.number, meter.word) == ("82", "not familiar")


def test_a_still_never_shows_what_was_measured_on_its_neighbour():
    stills = replace(INFO, rate_hz=None)
    paused = playing(30, playing=False)
    own = view_state(replaying(info=stills, playback=paused))
    other = view_state(replaying(info=stills, playback=paused, analysis=analysis(picture(29))))
    assert own.meter.number == "82"
    assert own.overlay.heatmap is not None
    assert (other.meter.number, other.meter.verdict) == ("–", None)
    assert other.overlay.heatmap is None
    assert other.overlay.worst is None


def test_a_cine_that_stands_has_its_own_number_and_heatmap_or_none():
    paused = playing(30, playing=False)
    other = view_state(replaying(playback=paused, analysis=analysis(picture(29))))
    assert (other.meter.number, other.overlay.heatmap) == ("–", None)
    assert view_state(replaying(playback=paused)).meter.number == "82"


def scenes_apart(shown: float, analysed: float, lag_s: float, **values: object) -> ViewState:
    """A picture of one level, and the analysis of one of another level some time before."""
    before, now = picture(0), picture(round(30 * lag_s))
    pixels, former = (np.full((480, 640), level, np.uint8) for level in (shown, analysed))
    analysed_frame = replace(before, pixels=former)
    return view_state(live(frame=replace(now, pixels=pixels), analysis=analysis(analysed_frame), **values))


def test_a_picture_that_stands_and_has_no_score_yet_says_so():
    paused = replaying(45, playback=playing(45, playing=False), analysis=analysis(picture(44)))
    meter = view_state(paused).meter
    assert (meter.number, meter.word, meter.reason) == ("–", "no score yet", "this picture is being scored")
    assert view_state(replace(paused, pass_error=ValueError("broken"))).meter.word == "no score"
    tried = view_state(replace(paused, given_up=True)).meter
    assert (tried.word, tried.reason) == ("no score", "this frame was not scored")


def test_a_number_that_rests_on_what_is_no_longer_there_is_dimmed_and_withdrawn():
    def state(oldest_s: float, coverage: float, *, playing_on: bool = True, of: int = 45) -> ViewState:
        found = analysis(picture(of))
        found = replace(found, readings=(replace(found.reading, oldest_s=oldest_s, coverage=coverage),))
        return view_state(replaying(45, playback=playing(45, playing=playing_on), analysis=found))

    def shown(oldest_s: float, coverage: float, *, playing_on: bool = True) -> MeterState:
        return state(oldest_s, coverage, playing_on=playing_on).meter

    assert shown(1.0, 0.5).number == shown(5.0, 1.0).number == "82"
    assert (shown(2.5, 0.5).number, shown(2.5, 0.5).reason) == ("–", "score is out of date")
    assert state(2.5, 1.0).overlay.opacity > 0.0
    assert (state(2.5, 0.5).overlay.opacity, state(2.5, 0.5).overlay.worst) == (0.0, None)
    behind = state(1.6, 0.5, of=30)  # half a second, and what it rests on
    assert (behind.meter.number, behind.overlay.opacity) == ("–", 0.0)
    assert shown(0.5, 0.5, playing_on=False).dim
    assert not shown(0.5, 1.0, playing_on=False).dim


def test_a_picture_that_has_changed_gets_no_number_and_no_heatmap_of_the_one_before():
    alike, doubtful, other = (scenes_apart(level, 60, 0.3) for level in (66, 100, 200))
    assert (alike.meter.number, alike.meter.dim, alike.overlay.opacity) == ("82", False, 0.6)
    assert (doubtful.meter.number, doubtful.meter.dim) == ("82", True)
    assert 0.0 < doubtful.overlay.opacity < 0.6
    assert (other.meter.number, other.meter.word, other.overlay.opacity) == ("–", "no score", 0.0)
    assert scenes_apart(200, 60, 0.1).meter.number == "82"  # three pictures: nobody reads so quickly


def test_another_part_of_a_recording_has_no_number_of_the_part_before():
    info = replace(INFO, chapters=((0.0, "as recorded"), (0.9, "haze 1/4")))
    states = [view_state(replaying(30, info=info, analysis=analysis(picture(index)))) for index in (26, 28)]
    assert [state.meter.number for state in states] == ["–", "82"]


def test_a_frame_of_a_recording_that_was_not_scored_says_so():
    frame = picture(30)
    state = view_state(replaying(frame=frame, analysis=analysis(frame, reason=Reason.STALE)))
    assert state.meter.reason == "this frame was not scored"


@pytest.mark.parametrize(("age_s", "warns"), [(0.119, False), (0.121, True)])
def test_the_age_of_a_live_picture_warns_above_120_ms(age_s, warns):
    status = view_state(live(age_s)).status
    assert status.age == f"picture {age_s * 1e3:.0f} ms old"
    assert status.age_warns is warns


def test_a_recording_has_no_age_but_a_position():
    state = view_state(replaying(45))
    assert state.status.age == ""
    assert (state.transport.position, state.transport.frame) == ("0:01.5 / 0:04.0", "46 / 120")


def test_the_status_of_a_recording_names_engine_cost_and_frames_that_were_not_scored():
    status = view_state(replaying(trace=trace(120, scored=80), counts=Counts(45, 45, 0, 2))).status
    assert status.engine == "default 1 · onnxruntime fp32"
    assert status.counts == "40 not scored"
    assert status.rate == "14 ms a score"
    assert view_state(replaying(counts=Counts(100, 100, 100))).status.counts == ""


def test_the_status_of_a_live_source_gives_both_delays_and_all_numbers_of_frames():
    delays = {"capture_to_display": Latency(8.4, 22.0, 35.6), "capture_to_score": Latency(41.0, 70.0, 98.0)}
    status = view_state(live(counts=Counts(100, 98, 60, 40), **delays)).status
    assert status.counts == "40 % not scored · 100 captured, 98 shown, 60 scored, 40 not scored"
    assert status.rate == "display 8/22/36 ms · score 41/70/98 ms"
    assert "p50/p95/p99" in status.rate_tooltip
    nothing = view_state(live(counts=Counts(), analysis=None, frame=None)).status
    assert (nothing.rate, nothing.counts) == ("", "")


def test_the_live_trace_shows_the_last_minute_and_a_recording_all_of_it():
    late = picture(30 * 90)
    state = view_state(live(frame=late, analysis=analysis(late))).trace
    assert (state.start_s, state.end_s, state.seekable) == (30.0, 90.0, False)
    state = view_state(replaying(30)).trace
    assert (state.start_s, state.end_s) == (0.0, pytest.approx(119 / 30))
    assert state.cursor_s == pytest.approx(1.0)


def test_a_still_has_a_part_of_the_time_line_and_a_picture_of_a_cine_has_none():
    state = view_state(replaying(30, info=replace(INFO, rate_hz=None))).trace
    assert state.each_s == pytest.approx(1 / 30)
    assert state.end_s == pytest.approx(120 / 30)
    assert view_state(replaying(30)).trace.each_s is None


def test_loop_marks_become_times():
    state = view_state(replaying(30, playback=playing(30, loop=(15, 60)), trace=trace()))
    assert state.trace.loop_s == pytest.approx((0.5, 2.0))


@pytest.mark.parametrize(
    ("snapshot", "title", "problem"),
    [
        (Snapshot(), "No source", False),
        (Snapshot(state="connecting"), "Opening the source…", False),
        (Snapshot(state="running"), "Opening the source…", False),
        (live(state="reconnecting"), "Signal lost, trying again", True),
        (
            Snapshot(state="failed", error=SourceError("is empty", "a.mp4", "choose another")),
            "The source gives no picture",
            True,
        ),
        (
            live(scoring="failed", analysis=None, error=BundleError("wrong sha256", "b.onnx")),
            "Scoring stopped; the picture goes on",
            True,
        ),
    ],
)
def test_each_state_is_told_in_plain_words_with_a_way_out(snapshot, title, problem):
    message = told(snapshot)
    assert (message.title, message.problem) == (title, problem)
    if problem:
        assert message.way_out


@pytest.mark.parametrize("state", ["connecting", "reconnecting"])
def test_what_a_live_source_lacks_is_said(state):
    message = told(live(state=state, trouble="is silent; check cable and device"))
    assert message.text.startswith("Is silent; check cable and device.")


def test_who_waits_for_a_source_is_told_for_which_and_how_long():
    address = "http://scanner:8090/x.mjpg"
    message = told(Snapshot(state="connecting"), source=address, waited_s=12.7)
    assert (message.title, message.text) == (f"Opening {address}…", "No picture for 12 s.")
    unreachable = Snapshot(state="connecting", trouble="is lost; is the server on?")
    message = told(unreachable, source=address, waited_s=12.7)
    assert message.text == "Is lost; is the server on? No picture for 12 s."
    message = told(live(60.0, state="reconnecting"))
    assert "No picture for 60 s." in message.text


def test_an_error_is_shown_with_its_file_and_remedy():
    error = SourceError("is empty", "a.mp4", "choose another")
    message = told(Snapshot(state="failed", error=error))
    assert (message.text, message.way_out) == ("a.mp4: is empty", "choose another")


def test_video_stays_when_scoring_fails():
    state = view_state(live(scoring="failed", analysis=None, error=BundleError("wrong sha256")))
    assert state.picture is not None
    assert (state.meter.word, state.meter.reason) == ("no score", "engine failed")
    assert view_state(replaying(scoring="failed", analysis=None, share_scored=0.1)).status.counts == ""


def test_a_loading_engine_is_said_and_nothing_is_told_while_all_is_well():
    state = view_state(live(scoring="loading", analysis=None, provenance=None))
    assert (state.meter.word, state.meter.reason) == ("no score yet", "the engine is loading")
    state = view_state(live(scoring="loading", analysis=None, provenance=None, opening_s=12.7))
    assert state.meter.reason == "the engine has been loading for 12 s"
    assert view_state(replaying()).message is None


def test_marks_note_bookmarks_and_the_begin_of_each_freeze_once():
    marks = Marks()
    marks.bookmark(0.5)
    for index in range(30, 34):
        frame = picture(index)
        marks.watch(live(frame=frame, analysis=analysis(frame, reason=Reason.FROZEN)))
    marks.watch(live(frame=picture(40), analysis=analysis(picture(40))))
    assert marks.all == (Mark(0.5, "bookmark"), Mark(1.0, "frozen"))
    marks.bookmark(0.5)
    assert marks.all == (Mark(1.0, "frozen"),)


def test_the_part_of_a_recording_is_named():
    info = replace(INFO, chapters=((0.0, "as recorded"), (2.0, "haze 1/4")))
    assert view_state(replaying(30, info=info)).transport.chapter == "as recorded"
    later = view_state(replaying(60, info=info))
    assert later.transport.chapter == "haze 1/4"
    assert later.trace.chapters_s == (0.0, 2.0)


def test_a_picture_that_the_engine_failed_on_is_told_while_scoring_goes_on():
    counts = Counts(100, 100, 98, 0, failed=2)
    state = view_state(live(pass_error=RuntimeError("kernel launch failed"), counts=counts))
    assert state.message.problem
    assert "kernel launch failed" in state.message.text
    assert state.meter.number == "82"  # of the picture before, and not for long
    assert state.status.counts.endswith("2 failed")


def test_an_engine_that_does_not_answer_is_told_after_a_while():
    assert view_state(live(pass_s=4.9)).message is None
    for scoring in ("ready", "loading"):  # another one was asked for, and cannot be opened
        message = told(live(pass_s=7.4, scoring=scoring))
        assert message.problem
        assert message.text == "No answer for 7 s."
        assert "Ctrl+E" in message.way_out
    assert live(pass_s=7.4).figures.endswith("; no answer of the engine for 7 s")


def test_how_much_of_a_recording_is_scored_is_told_until_it_is_whole():
    part, whole = view_state(replaying(share_scored=0.256)), view_state(replaying(share_scored=1.0))
    assert part.status.counts == "25 % scored in order"
    assert part.trace.scored_to == 0.256
    assert whole.status.counts == ""
    assert whole.trace.scored_to is None


def test_an_address_that_cannot_be_reached_is_named_while_it_is_tried():
    snapshot = Snapshot(state="connecting", trouble="cannot be opened (Connection refused)")
    message = told(snapshot, source="http://scanner:8090/x.mjpg")
    assert message.title == "Cannot reach http://scanner:8090/x.mjpg, trying again"
    assert "Connection refused" in message.text
    assert message.problem


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "good"),
        ({"age_s": 0.2}, "slow"),
        ({"capture_to_score": Latency(300, 700, 900)}, "slow"),
        ({"age_s": 2.0}, "failing"),
        ({"state": "reconnecting"}, "failing"),
        ({"scoring": "failed", "analysis": None}, "failing"),
    ],
)
def test_one_word_says_how_capture_and_scores_of_a_live_source_do(values, word):
    assert view_state(live(counts=Counts(100, 100, 100), **values)).status.health == word


def test_nothing_fails_while_the_engine_loads():
    state = live(counts=Counts(9, 9, 0, 8), scoring="loading", analysis=None)
    assert view_state(state).status.health == ""
    assert view_state(state).status.counts.startswith("89 % not scored")


def test_time_runs_on_while_the_source_is_silent():
    """The last score moves away from now; it is none of now."""
    fresh, silent = view_state(live(0.02)).trace, view_state(live(10.0)).trace
    assert silent.end_s - fresh.end_s == pytest.approx(9.5)


def test_a_step_of_the_demo_is_named_in_the_language_of_the_user():
    assert chapter_text("gain too low 1/4") == "gain too low 1/4"
    assert chapter_text("liver, 2/7 of the way") == "liver, 2/7 of the way"
