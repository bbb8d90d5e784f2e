"""Every word that depends on a value, in one place and through Qt's translation."""

from PySide6.QtCore import QCoreApplication

from scanmon.core.values import Metric, Reason, TooSlow, Verdict

translate = QCoreApplication.translate


def disclaimer() -> str:
    """Always on the screen."""
    return translate("Texts", "Research use only. Not for diagnosis.")


def verdict_word(verdict: Verdict) -> str:
    return {
        Verdict.ADEQUATE: translate("Texts", "adequate"),
        Verdict.MARGINAL: translate("Texts", "marginal"),
        Verdict.INADEQUATE: translate("Texts", "inadequate"),
    }[verdict]


def metric_name(metric: Metric) -> str:
    return {
        "nrq": translate("Texts", "TinyUSFM-NRQ"),
        "map": translate("Texts", "Severity map"),
    }[metric]


def reason_text(reason: Reason, *, recorded: bool = False) -> tuple[str, str]:
    """Why there is no score, and the way out. `recorded`: of a frame of a recording."""
    if reason is Reason.STALE and recorded:
        return (
            translate("Texts", "this frame was not scored"),
            translate("Texts", "Frames beside it have their scores."),
        )
    return {
        Reason.FROZEN: (
            translate("Texts", "picture is frozen"),
            translate("Texts", "Unfreeze the scanner; scoring goes on by itself."),
        ),
        Reason.NO_SIGNAL: (
            translate("Texts", "no signal"),
            translate("Texts", "Check the video cable and that the scanner is on."),
        ),
        Reason.NOT_B_MODE: (
            translate("Texts", "not B-mode"),
            translate("Texts", "Only B-mode is scored. Leave Doppler, M-mode or the menu to go on."),
        ),
        Reason.STALE: (
            translate("Texts", "score is out of date"),
            translate("Texts", "The next score replaces it by itself."),
        ),
        Reason.TOO_SMALL: (
            translate("Texts", "region too small"),
            translate("Texts", "Draw a larger region (M)."),
        ),
    }[reason]


def slow_text(slow: TooSlow) -> tuple[str, str]:
    """What is the matter with a metric that cannot follow the pictures, as measured; what helps."""
    name, takes = metric_name(slow.metric), figure(f"{slow.round_s:.1f}")
    if slow.windows > 1:
        what = translate(
            "Texts", "{0} takes {1} s here for the {2} windows of one picture; 2 s are the most."
        )
    else:
        what = translate("Texts", "{0} takes {1} s a picture here; 2 s are the most.")
    what = what.format(name, takes, slow.windows)
    if slow.off:
        return what, translate(
            "Texts",
            "It is off, so that it does not lag behind the number. To see it, choose it as the metric,"
            " or use a GPU (Engines, Ctrl+E).",
        )
    helps = []
    if slow.other_ms is not None:
        text = translate("Texts", "{0} takes {1} ms a picture here.")
        helps.append(text.format(metric_name(slow.other), f"{slow.other_ms:.0f}"))
    if slow.fewer is not None:
        text = translate("Texts", "With --stride {0} there are {1} windows, which keep up.")
        helps.append(text.format(*slow.fewer))
    helps.append(translate("Texts", "End other programs, or use a GPU (Engines, Ctrl+E)."))
    return what, " ".join(helps)


def figure(words: str) -> str:
    """A number as Python writes it, maybe per cent, in the language that the window speaks."""
    mark = translate("Texts", ".", "what parts a number from its decimals")
    whole = words.removesuffix("%").replace(".", mark)
    return whole if whole == words.replace(".", mark) else translate("Texts", "{0}%").format(whole)


def hint_text(hint: str) -> str:
    """What helps against the worst kind of fault; for a bundle without kinds, what is likely wrong."""
    return {
        "light": translate("Texts", "raise the gain"),
        "deep_light": translate("Texts", "raise the deep TGC sliders"),
        "contact": translate("Texts", "more gel or pressure"),
        "resolution": translate("Texts", "hold still, set the focus"),
        "noise": translate("Texts", "noise: less gain or depth"),
        "clutter": translate("Texts", "clutter: another angle"),
        "saturation": translate("Texts", "lower the gain"),
        "capture": translate("Texts", "check the grabber"),
        "too_dark": translate("Texts", "too dark"),
        "saturated": translate("Texts", "saturated"),
        "haze": translate("Texts", "haze"),
        "shadow": translate("Texts", "shadow"),
    }[hint]


def part_name(part: str) -> str:
    """One of the parts of a quality, as a page lists them."""
    return {
        "light": translate("Texts", "light"),
        "contact": translate("Texts", "contact"),
        "resolution": translate("Texts", "resolution"),
        "noise": translate("Texts", "noise"),
        "clutter": translate("Texts", "clutter"),
        "saturation": translate("Texts", "saturation"),
        "capture": translate("Texts", "capture"),
    }[part]


def study_reason(reason: str) -> str:
    """In what one of two pictures is better."""
    return {
        "light": translate("Study", "brightness"),
        "contact": translate("Study", "contact"),
        "resolution": translate("Study", "detail"),
        "noise": translate("Study", "less noise"),
        "clutter": translate("Study", "fewer artefacts"),
        "saturation": translate("Study", "less white"),
        "other": translate("Study", "something else"),
    }[reason]


def chapter_text(title: str) -> str:
    """A title of the demo in the language of the user, with its step; other recordings keep their own."""
    name, space, step = title.rpartition(" ") if "/" in title.rpartition(" ")[2] else (title, "", "")
    known = {
        "as recorded": translate("Texts", "as recorded"),
        "gain too low": translate("Texts", "gain too low"),
        "haze from the near field": translate("Texts", "haze from the near field"),
        "out of focus": translate("Texts", "out of focus"),
        "poor contact: a shadow": translate("Texts", "poor contact: a shadow"),
        "electronic noise": translate("Texts", "electronic noise"),
    }
    return f"{known.get(name, name)}{space}{step}"


def seconds(time_s: float) -> str:
    """`m:ss.s`."""
    minutes, rest = divmod(max(0.0, time_s), 60.0)
    if rest >= 59.95:  # would round to 60.0
        minutes, rest = minutes + 1, 0.0
    return figure(f"{int(minutes)}:{rest:04.1f}")
