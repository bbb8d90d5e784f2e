"""A scanner's screen in motion, and what can befall it: for the tests of region and signal state."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import av
import cv2
import numpy as np

from scanmon.core.values import Box, Frame, GrayImage, Region
from scanmon.picture.region import Rectangle, Sector, Shape, region_of
from tools.synthetic_screens import paint, speckle

HEIGHT, WIDTH, RATE_HZ = 480, 640, 30.0
CONVEX = Sector(300.0, -20.0, 90.0, 430.0, -35.0, 35.0)
LINEAR = Rectangle(Box(150, 60, 320, 360))
Change = Callable[[GrayImage], GrayImage]


def screen_without_image(level: int = 0) -> GrayImage:
    """Header, text and a gray wedge."""
    canvas = np.full((HEIGHT, WIDTH), level, np.uint8)
    canvas[:24] = 60
    for row, words in enumerate(("FR 31 Hz", "Gn 64", "DR 66", "D 12 cm")):
        cv2.putText(canvas, words, (545, 120 + 24 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 220, 1, cv2.LINE_AA)
    canvas[200:300, 12:26] = np.linspace(255, 0, 100).astype(np.uint8)[:, None]
    return canvas


@lru_cache(maxsize=8)
def live(count: int, shape: Shape = CONVEX, seed: int = 1) -> tuple[GrayImage, ...]:
    """`count` pictures of a probe that slides: tissue moves sideways, and its speckle changes."""
    rng = np.random.default_rng(seed)
    first, second = speckle(rng), speckle(rng)
    pictures = []
    for number in range(count):
        share = 0.5 - 0.5 * np.cos(0.15 * number)
        tissue = cv2.addWeighted(first, 1 - share, second, share, 0)
        noise = rng.integers(2, 14, tissue.shape).astype(
            np.uint8
        )  # of the receiver: seen where echoes are faint
        canvas = screen_without_image()
        paint(canvas, shape, np.maximum(np.roll(tissue, 2 * number, axis=1), noise))
        pictures.append(canvas)
    return tuple(pictures)


def still(picture: GrayImage, count: int, noise: float = 0.0, seed: int = 5) -> list[GrayImage]:
    """The same picture again and again, with a clock that ticks outside and the noise of a cable."""
    rng = np.random.default_rng(seed)
    pictures = []
    for number in range(count):
        copy = picture.copy()
        cv2.putText(copy, f"12:{number:02d}", (8, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 255, 1)
        noisy = copy + rng.normal(0, noise, copy.shape) if noise else copy
        pictures.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return pictures


def through_h264(pictures: Iterable[GrayImage], crf: int = 27, gop: int = 12) -> list[GrayImage]:
    """What a real encoder makes of the pictures: lossy, with a key frame every `gop` pictures."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.framerate = int(RATE_HZ)
    # two slices on every machine: as many as processors, and a freeze is told a frame sooner or later
    encoder.options = {"crf": str(crf), "g": str(gop), "tune": "zerolatency", "threads": "2"}
    decoder = av.CodecContext.create("h264", "r")
    result: list[GrayImage] = []
    packets = [
        packet
        for picture in pictures
        for packet in encoder.encode(
            av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
        )
    ]
    for packet in [*packets, *encoder.encode(None), None]:
        for frame in decoder.decode(packet):
            result.append(frame.to_ndarray(format="gray"))
    return result


def frames(pictures: Iterable[GrayImage], start: int = 0, chroma: GrayImage | None = None) -> Iterator[Frame]:
    """The pictures as frames at 30 Hz, counted from `start`."""
    for number, picture in enumerate(pictures, start):
        yield Frame(picture, number, number / RATE_HZ, 0.0, chroma)


def in_the_image(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Alters echoes and leaves the user interface as it is."""

    def apply(picture: GrayImage) -> GrayImage:
        image = picture != screen_without_image()
        altered = np.clip(change(picture.astype(np.float32)), 0, 255).astype(np.uint8)
        return np.where(image, altered, picture)

    return apply


def mask_overlap(found: Region, shape: Shape) -> float:
    one, other = (region.inside(HEIGHT, WIDTH) for region in (found, region_of(shape, HEIGHT, WIDTH)))
    return float((one & other).sum() / (one | other).sum())
