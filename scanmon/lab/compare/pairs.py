"""What is compared with what: files by their names, frames of cine loops by their times or numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from scanmon.core.errors import SettingsError, SourceError
from scanmon.core.ports import Recording
from scanmon.core.values import Frame
from scanmon.session.reader import is_session
from scanmon.sources.material import material_in

By = Literal["time", "number"]


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
    """Two files or sessions make one pair; of two folders, the files of one name below them do.

    The ending may differ where only one file on each side has the name. Raises `SettingsError` and
    `SourceError`.
    """
    folders = [path.is_dir() and not is_session(path) for path in (reference, image)]
    if not any(folders):
        return FilePairs((FilePair(reference, image, image.name),))
    if not all(folders):
        raise SettingsError(
            "a folder can be compared with a folder alone",
            (reference, image)[folders.index(True)],
            "name two",
        )
    ours, theirs = (
        {path.relative_to(folder): path for path in material_in(folder)} for folder in (reference, image)
    )
    partners = {name: name for name in ours if name in theirs}
    left, right = _by_stem(ours, partners), _by_stem(theirs, partners)
    partners |= {name: right[stem] for stem, name in left.items() if stem in right}
    pairs = [FilePair(ours[a], theirs[b], b.as_posix()) for a, b in sorted(partners.items())]
    if not pairs:
        raise SourceError("holds no file with the name of one in the other folder", image, str(reference))
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
    without a partner are left out. Raises `SettingsError` where there is no pair.
    """
    ours, theirs = reference.times_s, image.times_s
    if len(ours) == 1 and len(theirs) == 1:
        return [(0, 0)]
    if by == "number":
        if len(ours) != len(theirs):
            raise SettingsError(
                f"has {len(theirs)} frames, its reference {len(ours)}", "--frames-by", "pair by time"
            )
        pairs = [(index, index) for index in range(len(ours))]
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
    count = min(most or len(pairs), len(pairs))
    return [pairs[(2 * part + 1) * len(pairs) // (2 * count)] for part in range(count)]


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
