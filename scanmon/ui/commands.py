"""Everything that can be done with a key: one table from which menus, shortcuts and the help are made."""

from __future__ import annotations

from dataclasses import dataclass

from scanmon.ui.state.texts import translate


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. `keys` in Qt's portable notation, the first one is shown."""

    name: str
    text: str
    keys: tuple[str, ...]
    menu: str  # file | play | mark | view | help
    checkable: bool = False
    needs: str = ""  # "" always | picture | recording


def commands() -> tuple[Command, ...]:
    """All of them, in the order of the menus, in the language of the user."""
    return (
        Command("open", translate("Commands", "Open recording…"), ("Ctrl+O",), "file"),
        Command("open_folder", translate("Commands", "Open folder…"), ("Ctrl+Shift+O",), "file"),
        Command("setup", translate("Commands", "Source and set-up…"), ("Ctrl+L", "F2"), "file"),
        Command("compare", translate("Commands", "Compare with…"), ("Ctrl+D",), "file", needs="recording"),
        Command("export", translate("Commands", "Export session…"), ("Ctrl+S",), "file", needs="recording"),
        Command("engines", translate("Commands", "Engines…"), ("Ctrl+E", "F3"), "file"),
        Command("close", translate("Commands", "Close source"), ("Ctrl+W",), "file", needs="picture"),
        Command("quit", translate("Commands", "Quit"), ("Ctrl+Q",), "file"),
        Command("freeze", translate("Commands", "Freeze / play"), ("Space",), "play", needs="picture"),
        Command("back", translate("Commands", "One frame back"), ("Left",), "play", needs="recording"),
        Command("forward", translate("Commands", "One frame on"), ("Right",), "play", needs="recording"),
        Command(
            "back10", translate("Commands", "Ten frames back"), ("Shift+Left",), "play", needs="recording"
        ),
        Command(
            "forward10", translate("Commands", "Ten frames on"), ("Shift+Right",), "play", needs="recording"
        ),
        Command("first", translate("Commands", "First frame"), ("Home",), "play", needs="recording"),
        Command("last", translate("Commands", "Last frame"), ("End",), "play", needs="recording"),
        Command(
            "next_bad", translate("Commands", "Next inadequate stretch"), ("N",), "play", needs="recording"
        ),
        Command(
            "previous_bad",
            translate("Commands", "Previous inadequate stretch"),
            ("P",),
            "play",
            needs="recording",
        ),
        Command("slower", translate("Commands", "Slower"), ("Down",), "play", needs="recording"),
        Command("faster", translate("Commands", "Faster"), ("Up",), "play", needs="recording"),
        Command("loop", translate("Commands", "Loop: start, end, off"), ("L",), "play", needs="recording"),
        Command("record", translate("Commands", "Record"), ("R",), "mark", needs="picture"),
        Command("snapshot", translate("Commands", "Save this picture"), ("S",), "mark", needs="picture"),
        Command("bookmark", translate("Commands", "Bookmark"), ("B",), "mark", needs="picture"),
        Command("best", translate("Commands", "Save the best picture"), ("G",), "mark", needs="picture"),
        Command("auto_best", translate("Commands", "Save good pictures automatically"), ("A",), "mark", True),
        Command("heatmap", translate("Commands", "Heatmap"), ("H",), "view", checkable=True),
        Command("overlays", translate("Commands", "All overlays"), ("O",), "view", checkable=True),
        Command("weaker", translate("Commands", "Weaker heatmap"), (",",), "view"),
        Command("stronger", translate("Commands", "Stronger heatmap"), (".",), "view"),
        Command("region", translate("Commands", "Region…"), ("M",), "view", needs="picture"),
        Command("lock_region", translate("Commands", "Hold the image area"), ("K",), "view", needs="picture"),
        Command(
            "other_view", translate("Commands", "The other of two images"), ("J",), "view", needs="picture"
        ),
        Command("threshold_up", translate("Commands", "Stricter threshold"), ("+", "="), "view"),
        Command("threshold_down", translate("Commands", "Milder threshold"), ("-",), "view"),
        Command("full_screen", translate("Commands", "Full screen"), ("F11",), "view", checkable=True),
        Command("quiet", translate("Commands", "Quiet: the number only"), ("Q",), "view", checkable=True),
        Command("light", translate("Commands", "Light colours"), (), "view", checkable=True),
        Command("help", translate("Commands", "Keys"), ("F1",), "help"),
        Command("about", translate("Commands", "About scanmon"), (), "help"),
    )


def menu_titles() -> dict[str, str]:
    """Menus in their order."""
    return {
        "file": translate("Commands", "&File"),
        "play": translate("Commands", "&Play"),
        "mark": translate("Commands", "&Record"),
        "view": translate("Commands", "&View"),
        "help": translate("Commands", "&Help"),
    }
