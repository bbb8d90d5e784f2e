"""Faults of the capture chain: lossy compression, lost lines, fields of two moments in one frame."""

import io

import cv2
import numpy as np

from scanmon.degradations.geometry import Changed, Field, Gray, Mask, Rng

_H264_CRF = (20, 48)
_JPEG_QUALITY = (55, 3)


def _levels(gray: Gray) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.clip(np.rint(gray), 0, 255).astype(np.uint8)


def jpeg(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """JPEG at quality 27 down to 3. The generator is not used: compression has no chance in it."""
    best, worst = _JPEG_QUALITY
    quality = round(best * (worst / best) ** level)
    encoded = cv2.imencode(".jpg", _levels(gray), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
    return decoded.astype(np.float32), np.ones_like(gray)


def h264(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """One H.264 key frame through libx264, constant rate factor 27 to 48, 4:2:0 (chroma is flat for gray)."""
    import av  # slow to load, and the demo makes its faults without it

    best, worst = _H264_CRF
    height, width = gray.shape
    even = cv2.copyMakeBorder(_levels(gray), 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = even.shape[1], even.shape[0], "yuv420p"
        stream.options = {
            "crf": str(round(best + (worst - best) * level)),
            "preset": "veryfast",
            "threads": "1",
        }
        frame = av.VideoFrame.from_ndarray(cv2.merge([even] * 3).astype(np.uint8), format="bgr24")
        container.mux([*stream.encode(frame), *stream.encode(None)])
    memory.seek(0)
    with av.open(memory, "r") as container:
        picture = next(container.decode(video=0)).to_ndarray(format="bgr24")
    return picture[:height, :width, 1].astype(np.float32), np.ones_like(gray)


def dropped_lines(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Lines that never arrived, 2 to 45 % of them in short runs: black, or the last good line again.

    The order in which lines are lost is drawn once, so a worse fault loses the same lines and more.
    """
    height = gray.shape[0]
    black = rng.random() < 0.5
    run = int(rng.integers(1, 4))
    order = rng.permutation(-(-height // run))
    lost_runs = order[: max(1, round(0.45 * (0.05 + 0.95 * level**1.5) * order.size))]
    lost = np.zeros(height, bool)
    for start in lost_runs * run:
        lost[start : start + run] = True
    weight = np.repeat(lost[:, None], gray.shape[1], axis=1).astype(np.float32)
    if black:
        return np.where(lost[:, None], np.float32(0.0), gray), weight
    kept = np.where(~lost, np.arange(height), 0)
    return np.asarray(gray[np.maximum.accumulate(kept)]), weight


def interlace_comb(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """Two fields of a moving picture woven into one frame: odd lines lag by up to 2.5 % of the height."""
    sign = 1.0 if rng.random() < 0.5 else -1.0
    lag_px = sign * rng.uniform(0.75, 1.0) * 0.025 * field.height_px * (0.03 + 0.97 * level**1.7)
    moved = cv2.warpAffine(
        gray,
        np.array([[1.0, 0.0, lag_px], [0.0, 1.0, 0.0]], np.float32),
        (gray.shape[1], gray.shape[0]),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    woven = gray.copy()
    woven[1::2] = moved[1::2]
    weight = np.zeros_like(gray)
    weight[1::2] = 1.0
    return woven, weight


def frame_tear(gray: Gray, level: float, rng: Rng, mask: Mask, field: Field) -> Changed:
    """A buffer swapped too early: below one row stands another moment, moved by up to 8 % of the width."""
    row = int(np.searchsorted(field.depth.ravel(), rng.uniform(0.15, 0.5)))
    side = 1.0 if rng.random() < 0.5 else -1.0
    far_px = side * field.width_px * (0.002 + 0.078 * level**1.7)
    deep_px = rng.uniform(-0.5, 0.5) * far_px
    moved = cv2.warpAffine(
        gray,
        np.array([[1.0, 0.0, far_px], [0.0, 1.0, deep_px]], np.float32),
        gray.shape[::-1],
        borderMode=cv2.BORDER_REPLICATE,
    )
    weight = np.zeros_like(gray)
    weight[row:] = 1.0
    return np.where(weight > 0, moved, gray), weight
