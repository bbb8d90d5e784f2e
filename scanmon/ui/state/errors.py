"""An error of the package in the language of the user; logs, JSON and commands keep its English.

Errors are raised in English, mostly with something filled in. `tools/error_texts.py` collects their texts,
with holes, into the context `Errors` of the translations. The words of an error are matched against these,
and what was filled in is put into the translation as it is. Words that no text matches stay as they are.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files
from string import Formatter
from typing import NamedTuple
from xml.etree import ElementTree

from scanmon.core.errors import ScanmonError, joined
from scanmon.ui.state.texts import figure, translate

LONGEST = 2000  # letters of what is matched
MOST_PARTS = 20
MOST_COLONS = 20  # in what is taken apart at each
_LINE = re.compile(r"(\[ *[\d.]+ s\] )?((?:ok|FAILED|absent|chosen) +)?(.*)", re.DOTALL)
_COUNTED = re.compile(r"(.+): (\d+) of (\d+)(?:, (.+) left)?")
PREFIX = "error: "  # of what a command says where it fails


def error_text(error: BaseException) -> str:
    """`where: what went wrong; what to do`: one line."""
    what, remedy = parts(error)
    return joined(what, "", remedy)


def parts(error: BaseException) -> tuple[str, str]:
    """Where and what went wrong; what to do about it where the error knows."""
    if isinstance(error, OSError) and error.strerror:
        error = ScanmonError(error.strerror, error.filename or "")
    if isinstance(error, ScanmonError):
        return joined(in_words(error.what), error.where, ""), in_words(error.remedy)
    return translate("Messages", "unexpected error: {0}").format(f"{type(error).__name__}: {error}"), ""


def line_text(line: str) -> str:
    """A line that a command has said: an error, a finding, a step, or what it counts."""
    if line.startswith(PREFIX):
        return translate("Messages", "error: {0}").format(joined_line(line.removeprefix(PREFIX)))
    parted = _LINE.fullmatch(line)
    assert parted is not None, "any line is one"
    time, finding, said = parted.groups("")
    time = figure(time)
    found = {
        "ok": translate("Messages", "ok"),
        "FAILED": translate("Messages", "FAILED"),
        "absent": translate("Messages", "absent"),
        "chosen": translate("Messages", "chosen"),
    }
    if finding:
        time += f"{found[finding.strip()]}: "
    counted = _COUNTED.fullmatch(said)
    if counted is None:
        return time + joined_line(said)
    what, done, total, left = counted.groups()
    if left is None:
        text = translate("Messages", "{0}: {1} of {2}").format(in_words(what), done, total)
    else:
        text = translate("Messages", "{0}: {1} of {2}, {3} left").format(in_words(what), done, total, left)
    return time + text


def joined_line(line: str) -> str:
    """`where: what; what to do`, split where most of it is known."""
    what, where, remedy = _split(line)
    return joined(in_words(what), where, in_words(remedy))


def in_words(words: str) -> str:
    """What went wrong or what to do, without where; also another text that the package says."""
    found = _match(words)
    if found is not None:
        text, filling = found
        filled = (
            figure(one) if number else in_words(one) if said else one
            for one, said, number in zip(filling, text.said, text.numbers, strict=True)
        )
        return translate("Errors", text.source).format(*filled)
    several = words.split("; ")
    return "; ".join(map(in_words, several)) if len(several) > 1 else words


class _Text(NamedTuple):
    source: str
    pieces: tuple[str, ...]  # what stands before, between and behind the holes
    said: tuple[bool, ...]  # of each hole: it is filled with words that may have a translation too
    numbers: tuple[bool, ...]  # of each hole: it is filled with a number that has decimals
    weight: int  # letters of the pieces

    def filling(self, words: str) -> list[str] | None:
        """What stands in the holes; None where the words are not of this text."""
        first, *others = self.pieces
        if not others:
            return [] if words == first else None
        end, at, found = len(words) - len(others[-1]), len(first), list[str]()
        if end < at or not (words.startswith(first) and words.endswith(others[-1])):
            return None
        for piece in others[:-1]:
            there = words.find(piece, at, end)
            if there < 0:
                return None
            found.append(words[at:there])
            at = there + len(piece)
        found.append(words[at:end])
        return found if self._has_its_share(found) else None

    def _has_its_share(self, found: list[str]) -> bool:
        """Whether a sentence at an open end is no longer than the text itself, which else is not of it."""
        return all(
            self.pieces[end] or self.said[end] or " " not in found[end] or _letters(found[end]) <= self.weight
            for end in (0, -1)
        )


def _letters(words: str) -> int:
    return sum(map(str.isalpha, words))


@cache
def _texts() -> tuple[_Text, ...]:
    """Of all errors; those first of which most must be there. The sources are the same in every language."""
    file = files("scanmon.ui") / "translations" / "scanmon_de.ts"
    found = []
    whole = ElementTree.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 - our own file
    for context in whole.iter("context"):
        if context.findtext("name") == "Errors":
            for message in context.iter("message"):
                source = message.findtext("source", "")
                parsed = list(Formatter().parse(source))
                holes = [(form, conversion) for _, name, form, conversion in parsed if name is not None]
                said = tuple(conversion == "s" for _, conversion in holes)
                numbers = tuple(form == "s" for form, _ in holes)
                pieces = tuple(before for before, *_ in parsed)
                pieces += ("",) * (len(said) + 1 - len(pieces))
                found.append(_Text(source, pieces, said, numbers, _letters("".join(pieces))))
    return tuple(sorted(found, key=lambda text: text.weight, reverse=True))


@lru_cache(512)  # a fault that lasts is shown with every picture
def _match(words: str) -> tuple[_Text, list[str]] | None:
    parted = "; " not in words and words.count(": ") <= MOST_COLONS
    for text in _texts() if 0 < len(words) <= LONGEST else ():
        filling = text.filling(words)
        # a text without letters of its own is nothing but what fills it
        if filling is not None and (text.weight or (parted and any(map(_match, filling)))):
            return text, filling
    return None


@lru_cache(64)
def _split(line: str) -> tuple[str, str, str]:
    """What, where, what to do."""
    begins = [0, *(found.end() for found in re.finditer(": ", line))]
    ends = [found.start() for found in re.finditer("; ", line)]
    best, most = (line, "", ""), 0
    if len(line) > LONGEST or len(begins) + len(ends) > MOST_PARTS:
        return best
    for end in (*ends, len(line)):
        remedy = _match(line[end + 2 :])
        if remedy is None and end < len(line):
            continue
        for begin in begins:
            what = _match(line[begin:end]) if begin < end else None
            weight = sum(found[0].weight for found in (what, remedy) if found is not None)
            if what is not None and weight > most:
                best, most = (line[begin:end], line[: max(0, begin - 2)], line[end + 2 :]), weight
    return best
