"""Is a bundle whole, does it run here, does it agree with what was proved when it was built?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import BundleError, ScanmonError
from scanmon.inference.engines import open_named, parsed
from scanmon.inference.networks import network_of
from scanmon.inference.onnx import OnnxEngine
from scanmon.scoring.bundle import Bundle, MapPart, NrqPart
from scanmon.scoring.manifold import Manifolds
from scanmon.scoring.organ_file import organs_of
from scanmon.scoring.parity import ReferenceSet, compare

PARITY_FILE = "parity.npz"
_PICTURES = 12  # where the bundle holds no comparison
_MAP_SIDE = 20  # cells of the picture that a map network is tried on


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check."""

    ok: bool
    text: str
    backend: str | None = None  # NAME:PRECISION, of the findings about an engine of nrq
    ms_per_window: float | None = None
    here: bool = True  # False: this machine lacks the runtime or the device, so nothing was found out


def warm_ms(run: Callable[[], object], budget_s: float = 1.0) -> float:
    """Median time of a call once it is warm: what a runtime compiles or captures first does not count.

    Two calls to warm up, then three to twenty within `budget_s`.
    """
    taken: list[float] = []
    end = perf_counter() + budget_s
    while len(taken) < 5 or (len(taken) < 22 and perf_counter() < end):
        started = perf_counter()
        run()
        taken.append((perf_counter() - started) * 1e3)
    return float(np.median(taken[2:]))


def check(bundle: Bundle, engines: Sequence[str], device: str = "auto") -> Iterator[Finding]:
    """Findings in order: files, organ models, `engines` (NAME:PRECISION) on `device`, then the map."""
    yield from _files(bundle)
    if bundle.nrq is not None:
        try:
            organs = organs_of(bundle, bundle.nrq)
            manifolds = Manifolds(organs) if organs else None
            reference = _reference(bundle, bundle.nrq)
        except ScanmonError as error:
            yield Finding(False, str(error))
            return
        yield Finding(True, f"{len(organs)} organ models")
        for backend in engines:
            yield _engine(bundle, bundle.nrq, backend, device, reference, manifolds)
    if bundle.map is not None:
        yield _map(bundle, bundle.map)


def _files(bundle: Bundle) -> Iterator[Finding]:
    faults = []
    for name in bundle.files:
        try:
            bundle.read(name)
        except ScanmonError as error:
            faults.append(Finding(False, str(error)))
    yield from faults
    if not faults:
        yield Finding(True, f"{len(bundle.files)} files are whole")


def _reference(bundle: Bundle, part: NrqPart) -> ReferenceSet:
    """What PyTorch said at the build; else what the bundle's own network gives on the processor."""
    if PARITY_FILE in bundle.files:
        return ReferenceSet.from_bytes(bundle.read(PARITY_FILE))
    windows, picture = _speckle(part.patch)
    return ReferenceSet(windows, picture, OnnxEngine(network_of(bundle, part), part.precision).run(windows))


def _speckle(side: int) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Two windows of each of twelve seeded pictures, from fine and light to coarse and dark."""
    rng, windows = np.random.default_rng(0), []
    for number in range(_PICTURES):
        for _ in range(2):
            noise = cv2.GaussianBlur(rng.normal(size=(side, side)), (0, 0), 1 + number / 3)
            windows.append((110 + 50 * noise / noise.std()) * (1 - number / 24))
    return np.clip(windows, 0, 255).astype(np.uint8), np.arange(_PICTURES).repeat(2)


def _engine(
    bundle: Bundle,
    part: NrqPart,
    backend: str,
    device: str,
    reference: ReferenceSet,
    manifolds: Manifolds | None,
) -> Finding:
    windows, (name, _) = reference.windows, parsed(backend)
    try:
        engine = open_named(bundle, part, backend, device, strict=True)
        try:
            z = engine.run(windows)
            ms = warm_ms(lambda: engine.run(windows)) / len(windows)
            if engine.backend != name:
                return Finding(
                    False, f"{backend}: failed while it ran, {engine.backend} took its place", backend
                )
        finally:
            engine.close()
    except BundleError as error:
        return Finding(False, f"{backend}: {error}", backend)
    except ScanmonError as error:
        return Finding(False, f"{backend}: {error}", backend, here=name == "onnxruntime")
    parity = compare(
        reference,
        z,
        manifolds,
        backend=engine.backend,
        precision=engine.precision,
        calibration=part.calibration,
        topk_frac=part.topk_frac,
    )
    faults = parity.faults()
    return Finding(not faults, "; ".join([parity.line(ms), *faults]), backend, ms)


def _map(bundle: Bundle, part: MapPart) -> Finding:
    side = part.stride * _MAP_SIDE
    picture = np.tile(np.arange(side, dtype=np.float64) * 255 / side, (side, 1)).astype(np.uint8)
    try:
        engine = open_named(bundle, part, "onnxruntime")
        started = perf_counter()
        try:
            severity = engine.run(picture[None])
        finally:
            engine.close()
    except ScanmonError as error:
        return Finding(False, f"map: {error}")
    ms = (perf_counter() - started) * 1e3
    sides = (severity.shape[0], *severity.shape[-2:])
    whole = sides == (1, _MAP_SIDE, _MAP_SIDE) and bool(np.isfinite(severity).all())
    said = f"runs, {ms:.1f} ms for {side} x {side} px" if whole else f"gives {severity.shape} or NaN"
    return Finding(whole, f"map, {engine.backend} {engine.precision}: {said}")
