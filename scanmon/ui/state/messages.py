"""The states that a person meets, in plain words and with the way out."""

from dataclasses import dataclass

from scanmon.core.values import WITHDRAWN_S, Reason, TooSlow
from scanmon.runtime.snapshot import Snapshot
from scanmon.ui.state.errors import joined_line, parts
from scanmon.ui.state.texts import figure, metric_name, reason_text, slow_text, translate

TOO_LATE_MS = 1000.0  # of half the scores: until the next one comes the number is withdrawn again and again
WONDER_S = 3.0  # what takes longer says how long
SLOWER = 4.0  # times its measured time, after which a metric that is known to be slow is told to hang


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell. `problem`: something does not work; otherwise it will pass by itself."""

    title: str
    text: str = ""
    way_out: str = ""
    problem: bool = False
    offer: str = ""  # words of a button that helps
    command: str = ""  # what that button does


def message_for(snapshot: Snapshot, source: str = "", waited_s: float = 0.0) -> Message | None:
    """What to tell of the state; None while all is well. The most serious comes first.

    `source` as it may be shown: without a password. `waited_s`: since it was asked for.
    """
    by_state = _state_message(snapshot, source, waited_s)
    if by_state is not None:
        return by_state
    if snapshot.scoring == "failed" and snapshot.error is not None:
        what, way_out = parts(snapshot.error)
        return Message(
            translate("Messages", "Scoring stopped; the picture goes on"),
            what,
            way_out or translate("Messages", "Choose another bundle or back end (Ctrl+E)."),
            problem=True,
        )
    slow = snapshot.provenance.slow if snapshot.provenance else None
    expected_s = 0.0 if slow is None or slow.off else SLOWER * slow.round_s
    if snapshot.hangs and snapshot.pass_s > expected_s:
        return Message(
            translate("Messages", "The engine does not answer; the picture goes on"),
            translate("Messages", "No answer for {0} s.").format(int(snapshot.pass_s)),
            translate("Messages", "If it stays so, restart scanmon and choose another back end (Ctrl+E)."),
            problem=True,
        )
    if snapshot.pass_error is not None:
        what, way_out = parts(snapshot.pass_error)
        return Message(
            translate("Messages", "This picture could not be scored; the next one is tried"),
            what,
            way_out,
            problem=True,
        )
    return _no_score(snapshot, slow)


def _no_score(snapshot: Snapshot, slow: TooSlow | None) -> Message | None:
    """Why a picture has no score although all is well; None where it has one."""
    reason = snapshot.analysis.reading.reason if snapshot.analysis else None
    stale = reason is Reason.STALE and (snapshot.frame_age_s or 0.0) <= WITHDRAWN_S  # pictures come
    if slow is not None and not slow.off and (snapshot.late or stale):
        return _too_slow(slow)
    delay = snapshot.capture_to_score
    if snapshot.late and snapshot.playback is None and delay and delay.p50_ms > TOO_LATE_MS:
        text = translate("Messages", "From capture to score {0} s go by here; 2 s are the most.")
        return Message(
            translate("Messages", "No score: this machine is too busy, or too slow"),
            text.format(figure(f"{delay.p50_ms / 1e3:.1f}")),
            translate("Messages", "End other programs, or use a GPU (Engines, Ctrl+E). The picture goes on."),
            problem=True,
        )
    if reason is not None:
        title, way_out = reason_text(reason, recorded=snapshot.playback is not None)
        return Message(translate("Messages", "No score: {0}").format(title), way_out=way_out)
    return None


def _too_slow(slow: TooSlow) -> Message:
    """The metric that makes the number cannot follow the pictures here."""
    what, helps = slow_text(slow)
    offer = ""
    if slow.other_ms is not None:
        offer = translate("Messages", "Score with: {0}").format(metric_name(slow.other))
    return Message(
        translate("Messages", "No score: {0} is too slow on this machine").format(metric_name(slow.metric)),
        what,
        helps,
        problem=True,
        offer=offer,
        command="other_metric" if offer else "",
    )


def held_message() -> Message:
    """A live picture that the user froze."""
    return Message(
        translate("Messages", "Picture held"),
        translate("Messages", "Capture and scoring go on."),
        translate("Messages", "Space shows the live picture again."),
    )


def _state_message(snapshot: Snapshot, source: str, waited_s: float) -> Message | None:
    if snapshot.state == "failed":
        error = snapshot.error
        what, way_out = parts(error) if error is not None else ("", "")
        return Message(
            translate("Messages", "The source gives no picture"),
            what,
            way_out or translate("Messages", "Open another source (Ctrl+O, Ctrl+L)."),
            problem=True,
        )
    if snapshot.state == "idle":
        return Message(
            translate("Messages", "No source"),
            translate("Messages", "Drop a cine loop here, or open one (Ctrl+O)."),
            translate("Messages", "A live source is chosen on the set-up page (Ctrl+L)."),
        )
    if snapshot.state == "reconnecting":
        kept = translate("Messages", "The last picture stays; it is not scored.")
        title = translate("Messages", "Signal lost, trying again")
        return Message(
            f"{title}: {source}" if source else title,
            " ".join(filter(None, (_sentence(snapshot), _waited(snapshot.frame_age_s), kept))),
            translate("Messages", "Check the cable. Nothing else to do: it comes back by itself."),
            problem=True,
        )
    if snapshot.state == "connecting" and snapshot.trouble:
        return Message(
            translate("Messages", "Cannot reach {0}, trying again").format(
                source or translate("Messages", "the source")
            ),
            " ".join(filter(None, (_sentence(snapshot), _waited(waited_s)))),
            translate("Messages", "It goes on by itself; or choose another source (Ctrl+L)."),
            problem=True,
        )
    if snapshot.state == "connecting" or (snapshot.frame is None and snapshot.state == "running"):
        opening = translate("Messages", "Opening {0}…").format(source)
        return Message(opening if source else translate("Messages", "Opening the source…"), _waited(waited_s))
    return None


def _waited(seconds: float | None) -> str:
    """How long there has been no picture, in full seconds, once a person would begin to wonder."""
    if seconds is None or seconds < WONDER_S:
        return ""
    return translate("Messages", "No picture for {0} s.").format(int(seconds))


def _sentence(snapshot: Snapshot) -> str:
    """What a live source says of its own trouble."""
    trouble = joined_line(snapshot.trouble) if snapshot.trouble else ""
    end = "" if trouble.endswith(("?", ".")) else "."
    return f"{trouble[0].upper()}{trouble[1:]}{end}" if trouble else ""
