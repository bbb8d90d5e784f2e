"""How near a picture is to those that a bundle was made from: the distance to its nearest neighbours.

The pictures are clean ones and faulty ones, so that a fault makes nothing strange: a shadow in a known organ
is known, a good picture of an organ that nobody showed is not.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import BundleError
from scanmon.scoring.npz_file import read_arrays

NEIGHBOURS = 3
_REMEDY = "restore the bundle, or make it again with scanmon calibrate"
_SHAPES = {"centre": 1, "axes": 2, "bank": 2, "radius": 1, "reach": 1}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Familiar:
    """Features (D,) of a picture -> 0..1.

    `centre` (D,) and `axes` (D, d) bring features to where distances count; `bank` (n, d) are the pictures
    there, and `radius` (n,) how far each of them reaches: distances are counted in it. `reach`: the distances
    at which the answer leaves 1 and at which it is 0.
    """

    centre: Floats
    axes: Floats
    bank: Floats
    radius: Floats
    reach: tuple[float, float]

    def of(self, features: NDArray[np.floating]) -> float:
        """0 (nothing like it) to 1 (as near as the pictures are to one another)."""
        near, far = self.reach
        distance = float(distances(self.bank, self.radius, self.placed(features[None]))[0])
        return float(np.clip((far - distance) / (far - near), 0.0, 1.0))

    def placed(self, features: NDArray[np.floating]) -> Floats:
        """Features (n, D) -> (n, d)."""
        return np.asarray((features.astype(np.float64) - self.centre) @ self.axes, np.float64)

    def with_pictures(self, features: NDArray[np.floating], radius: float = 1.0) -> Familiar:
        """The same with more pictures (n, D) in the bank."""
        radii = np.concatenate([self.radius, np.full(len(features), radius)])
        return replace(self, bank=np.concatenate([self.bank, self.placed(features)]), radius=radii)


def distances(bank: Floats, radius: Floats, asked: Floats, *, themselves: bool = False) -> Floats:
    """Mean distance (n,) of each of `asked` (n, d) to its nearest in `bank`; `themselves`: it is in there."""
    between = np.linalg.norm(asked[:, None, :] - bank[None, :, :], axis=2) / radius
    between.sort(axis=1)
    first = int(themselves)
    return np.asarray(between[:, first : first + NEIGHBOURS].mean(axis=1), np.float64)


def parse_familiar(data: bytes, where: object = "") -> Familiar:
    """Check the bytes of the file. Raises `BundleError`."""
    content = read_arrays(data, "a list of known pictures", where, BundleError, _REMEDY)
    found: dict[str, Floats] = {}
    for key, axes in _SHAPES.items():
        array = content.get(key)
        if array is None or array.dtype.kind != "f" or array.ndim != axes or not array.size:
            raise BundleError(f"key {key} is missing or has a wrong shape", where, _REMEDY)
        found[key] = np.array(array, np.float64)
        if not np.isfinite(found[key]).all():
            raise BundleError(f"key {key} holds NaN or infinity", where, _REMEDY)
        found[key].setflags(write=False)
    reach = tuple(float(value) for value in found.pop("reach"))
    wide, narrow = found["axes"].shape
    fits = found["centre"].shape == (wide,) and found["bank"].shape[1] == narrow
    if not fits or len(reach) != 2 or not 0.0 <= reach[0] < reach[1]:
        raise BundleError("its arrays do not fit together", where, _REMEDY)
    if found["radius"].shape != found["bank"].shape[:1] or (found["radius"] <= 0).any():
        raise BundleError("key radius does not belong to bank, or is not positive", where, _REMEDY)
    if len(found["bank"]) < NEIGHBOURS:
        raise BundleError(f"knows fewer than {NEIGHBOURS} pictures", where, _REMEDY)
    return Familiar(**found, reach=(reach[0], reach[1]))


def familiar_bytes(familiar: Familiar) -> bytes:
    """The file's content, in half precision where that suffices."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        centre=familiar.centre.astype(np.float32),
        axes=familiar.axes.astype(np.float32),
        bank=familiar.bank.astype(np.float16),
        radius=familiar.radius.astype(np.float32),
        reach=np.asarray(familiar.reach, np.float64),
    )
    return buffer.getvalue()
