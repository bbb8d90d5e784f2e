"""What a file shows, seen once from its first to its last frame before anything of it is written."""

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scanmon.app.analyzers import region_finder
from scanmon.core.errors import NoPictureError, SourceError
from scanmon.core.ports import Recording, RegionFinder
from scanmon.core.values import Box, Frame, Region
from scanmon.picture.letters import Cells, TextFinder, TextInCine, blank, mask_of
from scanmon.picture.region import Kind, Looker, region_of
from scanmon.picture.region.look import LOOK_EVERY_S
from scanmon.picture.region.shapes import Rectangle
from scanmon.session.regions import may_be_stored, sector_only

ALIKE = 0.6  # of the image area that is found, which has to lie in the one that a file declares
MOST_MEASURED = 25  # frames of which the share of letters is taken
_SUSPECTED = "letters are suspected elsewhere"
_DECLARED = "the image area is the declared one, none was found"
_OTHER = "the declared image area is kept, another one was found"
_NO_IMAGE = (Kind.NO_SIGNAL, Kind.MENU)


@dataclass(frozen=True, slots=True)
class Survey:
    """Which part of each frame may be kept. `eye`: why a person should look at the result."""

    times_s: tuple[float, ...]
    size: tuple[int, int]  # height, width
    regions: tuple[tuple[Region, ...], ...]  # of each frame; what all of them hold is kept
    own: tuple[bytes, ...]  # letters of each frame, packed
    always: Cells  # letters of the whole file
    masked: float  # share of the image area that letters cover, mean over some frames
    eye: tuple[str, ...]
    error: SourceError | None  # what ended it early

    @property
    def doubtful(self) -> bool:
        """Whether what is kept may still show letters."""
        return _SUSPECTED in self.eye or _DECLARED in self.eye or _OTHER in self.eye

    def kept(self, recording: Recording) -> Iterator[tuple[NDArray[np.uint8], float]]:
        """The frames again, each with its time: black outside the image and where letters are."""
        frames = iter(recording)
        for regions, own in zip(self.regions, self.own, strict=True):
            frame = next(frames, None)
            kept = None if frame is None else sector_only(frame.pixels, regions)
            if frame is None or kept is None:
                raise SourceError("gives other pictures the second time")
            blank(kept, self.always | _unpacked(own, self.always.shape))
            yield kept, frame.time_s


def surveyed(recording: Recording, looker: Looker, finder: TextFinder, option: str) -> Survey:
    """Go through a recording. Raises `SourceError` where there is nothing that may be kept."""
    pass_ = _Pass(looker, finder, region_finder(option, looker), option)
    error: SourceError | None = None
    try:
        for frame in recording:
            pass_.add(frame)
    except NoPictureError:
        raise
    except SourceError as found:
        if not pass_.times_s:
            raise
        error = found
    return pass_.result(error)


class _Pass:
    def __init__(self, looker: Looker, finder: TextFinder, regions: RegionFinder, option: str) -> None:
        self._looker, self._areas, self._option = looker, regions, option
        self._text = TextInCine(finder)
        self.times_s: list[float] = []
        self._size: tuple[int, ...] = ()
        self._found: list[Region] = []
        self._declared: Region | None = None
        self._own: list[bytes] = []
        self._kinds: Counter[Kind] = Counter()
        self._looked_s = float("-inf")

    def add(self, frame: Frame) -> None:
        height, width = frame.pixels.shape
        if self._size not in ((), (height, width)):
            raise SourceError(f"changes its size after {len(self.times_s)} pictures")
        self._size = height, width
        declared = frame.declared
        if isinstance(declared, Box):
            known = self._declared is not None and self._declared.box == declared
            declared = self._declared if known else region_of(Rectangle(declared), height, width, "declared")
        self._declared = declared
        self._found.append(self._areas.find(replace(frame, declared=None)))
        if not self._looked_s <= frame.time_s < self._looked_s + LOOK_EVERY_S:
            self._looked_s = frame.time_s
            look = self._looker.look(frame.pixels, frame.chroma)
            self._kinds[Kind(int(look.kinds.argmax()))] += 1
        cells = self._text.add(frame.pixels, Box(0, 0, width, height) if declared else self._found[-1].box)
        self._own.append(zlib.compress(np.packbits(cells).tobytes(), 1))
        self.times_s.append(frame.time_s)

    def result(self, error: SourceError | None) -> Survey:
        if not self._found:
            raise SourceError("holds no frame")
        eye = [] if error is None else [error.what]
        regions = self._regions(eye)
        kinds = self._kinds.total()
        if self._option in ("auto", "other") and sum(self._kinds[kind] for kind in _NO_IMAGE) > kinds / 2:
            raise SourceError("shows a page, a menu or no signal", remedy="name the image with --region")
        if self._kinds[Kind.B_MODE] < kinds:
            eye.append("not B-mode throughout; colour is not kept")
        always, more = self._text.whole()
        every = range(0, len(regions), -(-len(regions) // MOST_MEASURED))
        masked = float(np.mean([self._share(regions[at], self._own[at], always) for at in every]))
        if masked:
            eye.append("letters were masked")
        if self._share(regions[len(regions) // 2], None, more):  # beside the image there always are some
            eye.append(_SUSPECTED)
        height, width = self._size
        return Survey(
            tuple(self.times_s), (height, width), regions, tuple(self._own), always, masked, tuple(eye), error
        )

    def _regions(self, eye: list[str]) -> tuple[tuple[Region, ...], ...]:
        """Of each frame; frames before the first region have that one."""
        declared, found = self._declared, self._found
        first = next((region for region in found if may_be_stored(region)), None)
        if first is None:
            if declared is None:
                raise SourceError("no image area was found", remedy="name it with --region")
            eye.append(_DECLARED)
            return ((declared,),) * len(found)
        last, known = first, []
        for region in found:
            last = region if may_be_stored(region) else last
            known.append(last)
        if len({id(region) for region in known}) > 1:
            eye.append("the image area changed")
        height, width = self._size
        if any(
            region.box.width * region.box.height == height * width and region.mask is None for region in known
        ):
            eye.append("the image fills the picture: all of it is kept")
        if declared is None:
            return tuple((region,) for region in known)
        both = sector_only(np.full((height, width), 255, np.uint8), (declared, first))
        own = sector_only(np.full((height, width), 255, np.uint8), (first,))
        if both is None or own is None or np.count_nonzero(both) < ALIKE * np.count_nonzero(own):
            eye.append(_OTHER)
            return ((declared,),) * len(found)
        return tuple((declared, region) for region in known)

    def _share(self, regions: tuple[Region, ...], own: bytes | None, always: Cells) -> float:
        """Of the image that letters cover."""
        image = sector_only(np.full(self._size, 255, np.uint8), regions)
        area = np.count_nonzero(image) if image is not None else 0
        cells = always if own is None else always | _unpacked(own, always.shape)
        covered = mask_of(cells, *self._size)
        return float(np.count_nonzero(image[covered]) / area) if image is not None and area else 0.0


def _unpacked(own: bytes, shape: tuple[int, ...]) -> Cells:
    bits = np.frombuffer(zlib.decompress(own), np.uint8)
    return np.unpackbits(bits, count=shape[0] * shape[1]).reshape(shape).view(np.bool_)
