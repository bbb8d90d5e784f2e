"""`scanmon compare`, put together: pictures, cine loops, sessions or folders of them against references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from scanmon.app.settings import Settings
from scanmon.core.errors import ScanmonError, SettingsError, SinkError, SourceError, disk_errors
from scanmon.core.ports import Recording
from scanmon.core.records import Row
from scanmon.core.values import Box, Frame, GrayImage
from scanmon.core.write_atomic import write_atomic
from scanmon.lab.compare.full_reference import Floats
from scanmon.lab.compare.measures import Measures, Options
from scanmon.lab.pictures import Regions, evenly
from scanmon.session.reader import is_session
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording

_SHARE = 0.6  # of the colour, where the distance is that of `top`
By = Literal["time", "number"]


@dataclass(frozen=True, slots=True)
class CompareStudy:
    """What is compared with what, and how; see the command's help."""

    reference: Path
    image: Path
    options: Options = field(default_factory=Options)
    frames_by: By = "time"
    frames: int = 0  # of a cine at most, evenly spread; 0: all
    maps: Path | None = None  # folder for distance maps
    map_top: float | None = None  # the distance of the last colour; None: each picture's own largest


class Comparison:
    """Opened once, before anything is read. Raises `ScanmonError`."""

    def __init__(self, study: CompareStudy, settings: Settings) -> None:
        if study.maps is not None and "ulpips" not in study.options.measures:
            raise SettingsError("the map is one of uLPIPS", "--map", "add ulpips to --metrics")
        self._study, self._region = study, settings.scoring.region or "full"
        self.files: FilePairs = file_pairs(study.reference, study.image)
        self._measures = Measures(study.options, settings.scoring.bundle)
        self.failed = 0

    def rows(self) -> Iterator[Row]:
        """One a pair of frames. Among several files, one that fails gives a row with `error`."""
        for pair in self.files.pairs:
            try:
                yield from self._rows(pair)
            except ScanmonError as error:
                if len(self.files.pairs) == 1:
                    raise
                self.failed += 1
                yield {"reference": str(pair.reference), "image": str(pair.image), "error": str(error)}

    def _rows(self, pair: FilePair) -> Iterator[Row]:
        with (
            closing(open_recording(str(pair.reference))) as reference,
            closing(open_recording(str(pair.image))) as image,
        ):
            stills = [len(recording.times_s) == 1 for recording in (reference, image)]
            if stills == [False, True]:  # which frame is meant?
                raise SettingsError(
                    f"has {len(reference.times_s)} frames, {pair.image.name} one",
                    pair.reference,
                    "name one picture as the reference",
                )
            chosen = frame_pairs(reference, image, self._study.frames_by, self._study.frames)
            both = zip(
                frames_at(reference, [ours for ours, _ in chosen]),
                frames_at(image, [theirs for _, theirs in chosen]),
                strict=True,
            )
            box = None
            for ours, theirs in both:
                _check_sizes(ours, theirs, pair.image)
                box = box or self._box(pair.reference, ours)
                timed = theirs if stills[0] else ours  # a picture has no time of the loop it is compared with
                yield self._row(pair, ours, theirs, box, None if all(stills) else timed.time_s)

    def _box(self, file: Path, frame: Frame) -> Box:
        """The region of the reference; one for all frames of a cine. Without `--region` the whole picture."""
        if self._region == "full":
            height, width = frame.pixels.shape
            return Box(0, 0, width, height)
        return next(Regions(self._region).of_stills(file, 1))[1].box

    def _row(self, pair: FilePair, ours: Frame, theirs: Frame, box: Box, time_s: float | None) -> Row:
        """`time_s` None: of two pictures."""
        one, other = (np.ascontiguousarray(frame.pixels[box.rows, box.columns]) for frame in (ours, theirs))
        measured = self._measures(one, other)
        row: Row = {"reference": str(pair.reference), "image": str(pair.image)}
        if time_s is not None:
            row |= {"reference_frame": ours.index, "frame": theirs.index, "time_s": time_s}
        row |= measured.values
        if self._study.maps is not None and measured.map is not None:
            top = self._study.map_top or float(measured.map.max())
            ending = ".png" if time_s is None else f".{theirs.index:06d}.png"
            file = self._study.maps / (pair.name + ending)
            write_map(file, other, measured.map, top)
            row |= {"map": str(file), "map_top": top}
        if self._measures.bundle is not None:
            row["bundle"] = self._measures.bundle
        return row


def _check_sizes(ours: Frame, theirs: Frame, image: Path) -> None:
    """uLPIPS squeezes both pictures to a square and would compare any two."""
    sizes = [f"{frame.pixels.shape[1]}x{frame.pixels.shape[0]}" for frame in (ours, theirs)]
    if sizes[0] != sizes[1]:
        raise SettingsError(f"is {sizes[1]} px, its reference {sizes[0]}", image, "give pictures of one size")


def write_map(path: Path, image: GrayImage, distances: Floats, top: float) -> None:
    """Inferno over the gray picture, from 0, which leaves it as it is, to `top` and above.

    Raises `SinkError`.
    """
    height, width = image.shape
    level = np.clip(distances / top, 0.0, 1.0) if top > 0 else np.zeros_like(distances)
    spread = cv2.resize(level.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    colours = cv2.applyColorMap(np.rint(255 * spread).astype(np.uint8), cv2.COLORMAP_INFERNO)
    share = _SHARE * spread[:, :, None]
    mixed = image[:, :, None] * (1.0 - share) + colours * share
    png = cv2.imencode(".png", np.rint(mixed).astype(np.uint8))[1].tobytes()
    with disk_errors(SinkError, "cannot be written", path, "choose a folder with space that is yours"):
        write_atomic(path, png)


@dataclass(frozen=True, slots=True)
class FilePair:
    """A file and its reference; `name` is unique in a run and says where its map goes."""

    reference: Path
    image: Path
    name: str


@dataclass(frozen=True, slots=True)
class FilePairs:
    """The pairs of two folders, and the files that have no partner."""

    pairs: tuple[FilePair, ...]
    alone: tuple[Path, ...] = ()


def file_pairs(reference: Path, image: Path) -> FilePairs:
    """Two files or sessions make one pair; of two folders, the files of one name below them do; a reference
    belongs to every file of a folder.

    The ending may differ where only one file on each side has the name. Raises `SettingsError` and
    `SourceError`.
    """
    folders = [path.is_dir() and not is_session(path) for path in (reference, image)]
    if not any(folders):
        return FilePairs((FilePair(reference, image, image.name),))
    if folders == [False, True]:
        images = [path for path in material_in(image) if path.resolve() != reference.resolve()]
        if not images:
            raise SourceError("holds no picture but the reference", image, "name a folder with others")
        return FilePairs(tuple(FilePair(reference, one, one.relative_to(image).as_posix()) for one in images))
    if not all(folders):
        raise SettingsError(
            "a folder of references needs a folder of pictures", image, "name a folder, or one reference"
        )
    ours, theirs = (
        {path.relative_to(folder): path for path in material_in(folder)} for folder in (reference, image)
    )
    partners = {name: name for name in ours if name in theirs}
    left, right = _by_stem(ours, partners), _by_stem(theirs, partners)
    partners |= {name: right[stem] for stem, name in left.items() if stem in right}
    pairs = [FilePair(ours[a], theirs[b], b.as_posix()) for a, b in sorted(partners.items())]
    if not pairs:
        raise SourceError("holds no file with the name of one in the other folder", f"{image}; {reference}")
    taken = set(partners.values())
    alone = [ours[a] for a in ours if a not in partners] + [theirs[b] for b in theirs if b not in taken]
    return FilePairs(tuple(pairs), tuple(alone))


def _by_stem(files: dict[Path, Path], done: dict[Path, Path]) -> dict[Path, Path]:
    """Names without their ending, of the files that have no partner yet and share it with no other."""
    left = [name for name in files if name not in done]
    counts = Counter(name.with_suffix("") for name in left)
    return {name.with_suffix(""): name for name in left if counts[name.with_suffix("")] == 1}


def frame_pairs(reference: Recording, image: Recording, by: By, most: int) -> list[tuple[int, int]]:
    """Indices of the frames to compare, `most` of them evenly spread (0: all).

    By time, a frame's partner is the nearest one within half the usual interval of the reference. Frames
    without a partner are left out. One picture is the reference of every frame. By number, both have as many
    frames. Raises `SettingsError` where there is no pair.
    """
    ours, theirs = reference.times_s, image.times_s
    if by == "number":
        if len(ours) != len(theirs):
            raise SettingsError(
                f"has {len(theirs)} frames, its reference {len(ours)}", "--frames-by", "pair by time"
            )
        pairs = [(index, index) for index in range(len(ours))]
    elif len(ours) == 1:
        pairs = [(0, index) for index in range(len(theirs))]
    else:
        after = np.searchsorted(theirs, ours).clip(1, max(1, len(theirs) - 1))
        nearest = np.where(
            np.abs(theirs[after - 1] - ours) <= np.abs(theirs[after % len(theirs)] - ours), after - 1, after
        )
        reach = float(np.median(np.diff(ours))) / 2 if len(ours) > 1 else 0.0
        near = np.abs(theirs[nearest] - ours) <= reach + 1e-6
        pairs = [(int(index), int(nearest[index])) for index in np.flatnonzero(near)]
    if not pairs:
        raise SettingsError("no frames of the same time", "--frames-by", "pair by number")
    return [pairs[place] for place in evenly(len(pairs), most or len(pairs))]


def frames_at(recording: Recording, indices: Sequence[int]) -> Iterator[Frame]:
    """The frames of growing indices, which may repeat; neighbours are decoded in one go."""
    stream: Iterator[Frame] = iter(())
    at, frame = -2, None
    for index in indices:
        if frame is None or index != at:
            if index != at + 1:
                stream = recording.frames_from(index)
            frame, at = next(stream), index
        yield frame
