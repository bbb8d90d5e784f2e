"""The pictures of a data set, whatever files they come in: stills, frames of cine loops, DICOM, sessions.

A file that cannot be read costs itself alone: it is named in the log and counted, and the study goes on.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from scanmon.app.analyzers import region_finder
from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.ports import Recording
from scanmon.core.values import Frame, Region
from scanmon.lab.evaluate.plan import Picture
from scanmon.picture.region import AutoRegion
from scanmon.sources.material import IMAGES, material_in
from scanmon.sources.opening import open_recording

_log = logging.getLogger(__name__)

_SETTLING_FRAMES = 150  # of a cine, at most: by then its motion has shown where the sector is


@dataclass(frozen=True, slots=True)
class Sample:
    """A file of a data set laid out as DATA/<organ>/*."""

    path: Path
    organ: str
    name: str  # organ and the path below its folder: unique in the data set


def patterns(given: Sequence[str]) -> tuple[str, ...]:
    """Patterns of `--leave-out`; `@FILE` stands for the lines of a file, empty ones and # comments apart.

    Raises `SettingsError`.
    """
    found: list[str] = []
    for one in given:
        if not one.startswith("@"):
            found.append(one)
            continue
        try:
            lines = Path(one[1:]).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError("the list of what to leave out cannot be read", one[1:]) from error
        found += [text for line in lines if (text := line.partition("#")[0].strip())]
    return tuple(found)


def samples(root: Path, leave_out: Sequence[str] = ()) -> dict[str, list[Sample]]:
    """Files of every organ, sorted; those whose `organ/file` matches a pattern of `leave_out` are not there.

    A folder without folders in it counts as one organ of its own name; folders below the organs' are walked.
    Raises `SourceError`.
    """
    if not root.is_dir():
        raise SourceError("is not a folder", root, "name a folder with one folder for each organ")
    folders = sorted(
        folder for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith(".")
    )
    found: dict[str, list[Sample]] = {}
    for folder in folders or [root]:
        every = [
            Sample(path, folder.name, f"{folder.name}/{path.relative_to(folder).as_posix()}")
            for path in material_in(folder)
        ]
        kept = [sample for sample in every if not any(fnmatch(sample.name, pattern) for pattern in leave_out)]
        if kept:
            found[folder.name] = kept
    if not found:
        raise SourceError("every file is left out", root, "give other patterns")
    return found


def frames_in(path: Path, limit: int) -> int:
    """How many frames a file gives. Only a cine has to be opened to know. Raises `SourceError`."""
    if limit == 1 or path.suffix.lower() in IMAGES:
        return 1
    recording = open_recording(str(path))
    with closing(recording):
        return min(limit, len(recording.times_s))


def evenly(count: int, most: int) -> list[int]:
    """At most `most` of `count` places: the middle of each of as many equal parts."""
    taken = min(most, count)
    return [(2 * part + 1) * count // (2 * taken) for part in range(taken)]


def spread(recording: Recording, limit: int) -> Iterator[Frame]:
    """At most `limit` frames: the middle of each of as many equal parts."""
    if limit < 1:
        raise SettingsError("no frames of a cine loop", f"{limit}", "give a number above 0")
    for index in evenly(len(recording.times_s), limit):
        yield next(iter(recording.frames_from(index)))


class Regions:
    """The regions of unrelated files, one at a time."""

    def __init__(self, option: str) -> None:
        self.option = option
        self._finder = region_finder(option)

    def of(self, frame: Frame) -> Region:
        """The region of `frame`, whatever came before."""
        self._finder.reset()
        return self._finder.find(frame)

    def of_stills(self, path: Path, limit: int) -> Iterator[tuple[Frame, Region]]:
        """At most `limit` frames of a file, evenly spread, with their regions.

        All frames of a cine share one region: the one that the file states, otherwise the one that the finder
        has settled on after watching the first 150 frames, as in a live picture.
        """
        recording = open_recording(str(path))
        with closing(recording):
            settled: Region | None = None
            cine = recording.info.rate_hz is not None and len(recording.times_s) > 1
            for frame in spread(recording, limit):
                if settled is None and cine and isinstance(self._finder, AutoRegion):
                    settled = self._settled(recording)
                yield frame, settled or self.of(frame)

    def _settled(self, recording: Recording) -> Region | None:
        self._finder.reset()
        region = None
        for frame in islice(recording, _SETTLING_FRAMES):
            region = self._finder.find(frame)
        return region


@dataclass(slots=True)
class Skipped:
    """The files that could not be read in a study."""

    names: list[str] = field(default_factory=list)

    def add(self, name: str, error: SourceError) -> None:
        if name not in self.names:  # it may be read once for each metric
            _log.warning("%s is passed over: %s", name, error.what)
            self.names.append(name)

    def refuse_if_all(self, root: Path, read: int) -> None:
        """Raise `SourceError` where nothing at all could be read."""
        if not read and self.names:
            raise SourceError(f"none of {len(self.names)} files can be read", root, "see the lines above")


class CleanPictures:
    """The pictures of an evaluation, read anew each time; what cannot be read goes to `skipped`."""

    def __init__(self, chosen: Sequence[Sample], region: str, frames_per_cine: int, skipped: Skipped) -> None:
        self._chosen, self._regions, self._limit = chosen, Regions(region), frames_per_cine
        self._skipped = skipped
        self.organs: dict[str, str] = {}  # of every picture that was read so far

    def __iter__(self) -> Iterator[Picture]:
        for sample in self._chosen:
            try:
                for frame, region in self._regions.of_stills(sample.path, self._limit):
                    one = self._limit == 1 or sample.path.suffix.lower() in IMAGES
                    name = sample.name if one else f"{sample.name}#{frame.index}"
                    self.organs[name] = sample.organ
                    yield Picture(name, sample.organ, frame.pixels, region)
            except SourceError as error:
                self._skipped.add(sample.name, error)

    def count(self) -> int:
        return sum(_frames(sample.path, self._limit) for sample in self._chosen)


def _frames(path: Path, limit: int) -> int:
    try:
        return frames_in(path, limit)
    except SourceError:
        return 0  # it is named when it is its turn
