"""What is scored in a bench: pictures of the simulated scanner, made while no clock runs."""

from collections.abc import Iterator
from itertools import count

from scanmon.core.ports import SourceInfo
from scanmon.core.values import Frame, GrayImage
from scanmon.sources.phantom import PacedLive
from scanmon.sources.phantom_scan import Phantom

_MEMORY_BYTES = 24_000_000  # of the pictures that take turns
_FEWEST, _MOST = 8, 48  # of them
_SEED = 0


def pictures(width: int, height: int, number: int = _FEWEST) -> list[GrayImage]:
    """Consecutive pictures (height, width) of a sector, read-only; the same for every run."""
    return list(_made(width, height, number))


def moving(width: int, height: int, rate_hz: float = 30.0) -> Iterator[Frame]:
    """The pictures round and round, for ever, on a time line; nothing says where the sector is.

    Each is made when it is first asked for.
    """
    stored: list[GrayImage] = []
    for index, picture in enumerate(_made(width, height, _that_fit(width, height))):
        stored.append(picture)
        yield Frame(picture, index, index / rate_hz, index / rate_hz)
    for index in count(len(stored)):
        yield Frame(stored[index % len(stored)], index, index / rate_hz, index / rate_hz)


class LivePictures(PacedLive):
    """The same pictures, each when it is due: a source whose own cost is next to nothing."""

    def __init__(self, width: int, height: int, rate_hz: float) -> None:
        stored = pictures(width, height, _that_fit(width, height))
        info = SourceInfo("bench", width, height, rate_hz, None, "stored pictures")
        super().__init__(info, lambda index: stored[index % len(stored)])


def _that_fit(width: int, height: int) -> int:
    """How many: one that comes again within half a second would be taken for one with text over it."""
    return min(_MOST, max(_FEWEST, _MEMORY_BYTES // (width * height)))


def _made(width: int, height: int, number: int) -> Iterator[GrayImage]:
    scanner = Phantom(_SEED, "sector", width, height, 30.0)  # large: gone with the last picture
    for index in range(number):
        picture = scanner.image(index)
        picture.setflags(write=False)
        yield picture
