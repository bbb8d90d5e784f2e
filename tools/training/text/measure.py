"""How many planted letters are masked, and how much of pictures without any: on pictures that were held back.

    python -m tools.training.text.measure ../shared/data/train [--fonts DIR ...] [--count 400]

A line of letters 8 to 60 pixels high lies somewhere over each picture, shown 480 to 1080 pixels high, stored
as PNG, JPEG or one frame of H.264. A character is masked where 90 % of its ink is.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from scanmon.app.analyzers import new_text_finder
from scanmon.core.values import Box, Mask
from scanmon.picture.letters import TextFinder, mask_of
from scanmon.session.video import Encoder
from tools.training.sector.textures import jpeg
from tools.training.text.letters import Font, Gray, Line, Rng, fonts_in, line, put, words
from tools.training.text.scenes import pictures_in

HEIGHTS = (8, 12, 20, 36, 61)
HIDDEN = 0.9
CONTRASTS = ((30, "contrast below 30"), (60, "contrast 30 to 60"), (256, "contrast 60 and more"))


def planted(rng: Rng, picture: Gray, fonts: list[Font]) -> tuple[Gray, Line, tuple[int, int], str]:
    """The picture as a screen shows it with a line over it; the line, its place, and how it was stored."""
    high = float(np.exp(rng.uniform(np.log(HEIGHTS[0]), np.log(HEIGHTS[-1] - 1))))
    shown = shown_as(rng, picture)
    wanted = rng.random() < 0.65
    some = [font for font in fonts if font.umlauts == wanted] or fonts
    written = line(rng, words(rng), some[rng.integers(len(some))], high)
    height, width = shown.shape
    x = int(rng.integers(0, max(1, width - written.ink.shape[1])))
    y = int(rng.integers(0, max(1, height - written.ink.shape[0])))
    put(rng, shown, written, x, y)
    stored = str(rng.choice(["png", "jpeg", "h264"]))
    return coded(rng, shown, stored), written, (x, y), stored


def contrast(pixels: Gray, written: Line, place: tuple[int, int]) -> float:
    """Levels between the ink of a line and what lies around it, as stored."""
    x, y = place
    part = pixels[y : y + written.ink.shape[0], x : x + written.ink.shape[1]].astype(np.float32)
    ink = written.ink[: part.shape[0], : part.shape[1]]
    return abs(float(part[ink > 100].mean() - part[ink == 0].mean())) if (ink > 100).any() else 0.0


def shown_as(rng: Rng, picture: Gray) -> Gray:
    """The picture in the size of a screen."""
    scale = rng.choice([480, 600, 720, 1080]) * rng.uniform(0.6, 0.9) / len(picture)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def coded(rng: Rng, picture: Gray, stored: str) -> Gray:
    if stored == "jpeg":
        return jpeg(picture, int(rng.integers(40, 96)))
    if stored == "h264":
        import av

        picture = picture[: len(picture) // 2 * 2, : picture.shape[1] // 2 * 2]
        packet = Encoder("h264", picture.shape[1], picture.shape[0])
        packet._context.options = {**packet._context.options, "crf": str(rng.integers(18, 31))}
        decoder = av.CodecContext.create("h264", "r")
        data = packet.encode(picture, 0.0).data
        decoder.extradata = packet._context.extradata
        frames = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
        return np.ascontiguousarray(frames[0].to_ndarray(format="gray")[: len(picture), : picture.shape[1]])
    return picture


def characters(written: Line, place: tuple[int, int], mask: Mask) -> list[float]:
    """The share of the ink of each character that a mask covers."""
    x, y = place
    shares = []
    for start, end, letter in zip(written.edges[:-1], written.edges[1:], written.text, strict=True):
        ink = written.ink[:, start:end] > 100
        part = mask[y : y + ink.shape[0], x + start : x + end]
        ink = ink[: part.shape[0], : part.shape[1]]
        if letter != " " and ink.any():
            shares.append(float(part[ink].mean()))
    return shares


def measure(
    finder: TextFinder, pictures: list[Gray], fonts: list[Font], count: int
) -> dict[str, tuple[int, int]]:
    """Characters masked, and all, by kind of font, height and storage."""
    rng = np.random.default_rng(5)
    pictures = [pictures[at] for at in rng.permutation(len(pictures))]  # so that few are of every organ
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for number in range(count):
        pixels, written, place, stored = planted(rng, pictures[number % len(pictures)].copy(), fonts)
        height, width = pixels.shape
        cells = finder.letters(pixels, Box(0, 0, width, height))
        hidden = [share >= HIDDEN for share in characters(written, place, mask_of(cells, height, width))]
        above = next(limit for limit in HEIGHTS[1:] if written.high < limit)
        levels = next(word for limit, word in CONTRASTS if contrast(pixels, written, place) < limit)
        short = "three characters or fewer" if len(hidden) <= 3 else "longer"
        for kind in ("all", stored, f"up to {above - 1} px", levels, short):
            found[kind] += hidden
    return {kind: (sum(hidden), len(hidden)) for kind, hidden in found.items()}


def clean(finder: TextFinder, pictures: list[Gray]) -> list[float]:
    """The share of each picture without letters that is masked."""
    rng = np.random.default_rng(6)
    shares = []
    for picture in pictures:
        shown = shown_as(rng, picture)
        shares.append(float(finder.letters(shown, Box(0, 0, shown.shape[1], len(shown))).mean()))
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(description="recall on planted letters, and what is masked for nothing")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[Path("/usr/share/fonts")])
    parser.add_argument("--count", type=int, default=400)
    options = parser.parse_args()
    finder, pictures = new_text_finder(), pictures_in(options.folder, held=True)
    for held in (False, True):
        found = measure(finder, pictures, fonts_in(options.fonts, held=held), options.count)
        print("fonts never learned from" if held else "fonts that were learned from")
        for kind, (masked, characters_) in sorted(found.items()):
            print(f"  {kind}: {masked} of {characters_} characters, {masked / characters_:.4f}")
    shares = clean(finder, pictures)
    print(
        f"masked of {len(shares)} pictures without letters: mean {np.mean(shares):.4f}, "
        f"over 1 %: {np.mean(np.array(shares) > 0.01):.3f}, most {max(shares):.3f}"
    )


if __name__ == "__main__":
    main()
