"""Checkpoint -> bundle: networks in every wanted precision, each proved against PyTorch before it is kept."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import BundleError, CheckpointError, EngineError, OrganModelError, disk_errors
from scanmon.core.ports import Engine
from scanmon.core.values import GrayImage
from scanmon.inference.gpu import runtime_module
from scanmon.inference.plans import PlanKey, pack
from scanmon.lab.bench.engines import instruction_set
from scanmon.lab.builder.architecture import KNOWN, NORMALISATIONS, Architecture, Normalisation, folded
from scanmon.lab.builder.checkpoint import Checkpoint, check_file, load_checkpoint
from scanmon.lab.builder.graph import Attention, Precision, backbone_graph
from scanmon.lab.builder.plan import compile_plan
from scanmon.scoring.bundle import SCHEMA_VERSION, Bundle
from scanmon.scoring.bundle_folder import check_free, write_bundle
from scanmon.scoring.calibration import provisional
from scanmon.scoring.manifold import Manifolds, OrganModel
from scanmon.scoring.organ_file import load_organs, organ_bytes
from scanmon.scoring.parity import Parity, ReferenceSet, compare
from scanmon.scoring.windows import grid, pad, windows

_SAY_EVERY_S = 2.0
TISSUES = 6
_WINDOWS_PER_PICTURE = 8  # of a user's picture; more would say no more
PARITY_FILE, REPORT_FILE = "parity.npz", "parity.json"

_PROVISIONAL = "provisional, from held-out likelihoods of the organ models: run scanmon calibrate"
_NONE = "none, so quality and verdict are not known: run scanmon calibrate"

OpenEngine = Callable[[bytes, str], Engine]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to build."""

    checkpoint: Path
    out: Path  # a new folder
    organs: Path | None = None  # folder of organ models
    precisions: tuple[Precision, ...] = ("fp32",)  # fp32 is always made
    plain: bool = False  # also graphs of standard operators, for TensorRT and OpenVINO
    images: Sequence[GrayImage] = ()  # the site's own pictures; nothing of them goes into the bundle
    layers: tuple[int, ...] = (3, 5, 7, 11)
    name: str = ""
    licence: str = "as the checkpoint's"
    known: Sequence[Architecture] = KNOWN
    network: str = ""  # which one, where the checkpoint holds several
    normalisation: str = ""  # one of NORMALISATIONS; empty: that of the architecture
    report: Path | None = None  # where the figures of a build that failed go; None: beside `out`
    targets: tuple[str, ...] = ()  # compute capabilities to compile TensorRT-RTX plans for, ahead of time


@dataclass(slots=True)
class _Made:
    files: dict[str, bytes] = field(default_factory=dict)
    variants: dict[str, str] = field(default_factory=dict)
    reports: list[Parity] = field(default_factory=list)


def build(request: Request, open_engine: OpenEngine, progress: Progress) -> Bundle:
    """Make the bundle, or raise and leave none.

    `open_engine` runs an ONNX network on this machine; `progress` gets a line before each step. A network
    outside the bounds of `scanmon.scoring.parity` is a `BundleError`; the figures are then kept beside `out`.
    Also raises `CheckpointError`, `OrganModelError`, `EngineError`.
    """
    check_free(request.out)
    check_file(request.checkpoint)  # a name that is wrong is told at once
    progress("loading PyTorch")
    import torch  # noqa: F401 takes seconds, which are to be seen as what they are

    progress(f"reading {request.checkpoint.name}")
    checkpoint = load_checkpoint(request.checkpoint, request.known, request.network)
    progress(checkpoint.report())
    normalisation = _normalisation(request, checkpoint)
    progress(f"pixels normalised as {normalisation.name}: mean {normalisation.mean}, std {normalisation.std}")
    checkpoint = replace(checkpoint, weights=folded(checkpoint.weights, normalisation))
    network_bytes = sum(array.nbytes for array in checkpoint.weights.values())
    check_free(request.out, len(_wanted(request)) * network_bytes)
    organs = load_organs(request.organs) if request.organs else []
    manifolds = _manifolds(organs, len(request.layers) * checkpoint.architecture.width)
    shipped, own = _references(request, checkpoint, progress)
    made = _Made()
    for name, precision, attention in _wanted(request):
        network = _network(name, precision, attention, checkpoint, request, own or shipped, progress)
        made.files[f"backbone{'' if name == 'fp32' else '.' + name}.onnx"] = network
        if name != "fp32":
            made.variants[name] = f"backbone.{name}.onnx"
        for label, reference in (("phantoms", shipped), ("own pictures", own)):
            if reference is not None:
                progress(f"comparing {name} with PyTorch on {label}")
                made.reports.append(_proved(name, precision, network, reference, manifolds, open_engine))
                progress(made.reports[-1].line())
        if request.targets and attention == "plain":
            _compile_ahead(precision, network, request.targets, made, progress)
    report = _report(checkpoint, made.reports)
    faults = [f"{one.precision}: {fault}" for one in made.reports for fault in one.faults()]
    if faults:
        kept = _keep_report(request, report)
        raise BundleError(
            "does not agree with PyTorch: " + "; ".join(faults), kept, "leave out that precision"
        )
    progress(f"writing {request.out}")
    return _written(request, checkpoint, organs, made, {REPORT_FILE: report, PARITY_FILE: shipped.to_bytes()})


def _normalisation(request: Request, checkpoint: Checkpoint) -> Normalisation:
    given = request.normalisation
    return NORMALISATIONS[given] if given else checkpoint.architecture.normalisation


def _manifolds(organs: Sequence[OrganModel], features: int) -> Manifolds | None:
    if not organs:
        return None
    manifolds = Manifolds(organs)
    if manifolds.features != features:
        raise OrganModelError(
            f"the organ models expect {manifolds.features} features, this backbone gives {features}",
            remedy="use the organ models that were fitted with it",
        )
    return manifolds


def _wanted(request: Request) -> list[tuple[str, Precision, Attention]]:
    """Name in the bundle, precision and form of every network to make."""
    wanted: list[tuple[str, Precision, Attention]] = [("fp32", "fp32", "fused")]
    if request.plain:
        wanted.append(("plain", "fp32", "plain"))
    if "fp16" in request.precisions:
        wanted.append(("plain-fp16", "fp16", "plain"))
    if "int8" in request.precisions:
        wanted.append(("int8", "int8", "fused"))
    return wanted


def _references(
    request: Request, checkpoint: Checkpoint, progress: Progress
) -> tuple[ReferenceSet, ReferenceSet | None]:
    """What PyTorch in single precision says of the phantoms and of the site's own pictures."""
    from scanmon.lab.builder.vit import features, from_weights

    progress("running PyTorch on the reference pictures")
    network, side = from_weights(checkpoint.weights, checkpoint.architecture), checkpoint.architecture.image

    said_s = monotonic()

    def done(windows: int, total: int) -> None:
        nonlocal said_s
        if monotonic() - said_s >= _SAY_EVERY_S:
            said_s = monotonic()
            progress(f"PyTorch: {windows} of {total} windows")

    def reference(pictures: Sequence[GrayImage]) -> ReferenceSet:
        windows, picture = windows_of(pictures, side, side // 2)
        return ReferenceSet(windows, picture, features(network, windows, request.layers, progress=done))

    shipped = reference(phantoms(side))
    if not np.isfinite(shipped.z).all():
        raise CheckpointError("gives NaN", request.checkpoint, "name another checkpoint")
    return shipped, reference(with_faults(request.images)) if request.images else None


def _network(
    name: str,
    precision: Precision,
    attention: Attention,
    checkpoint: Checkpoint,
    request: Request,
    typical: ReferenceSet,
    progress: Progress,
) -> bytes:
    ranges = None
    if precision == "int8":
        from scanmon.lab.builder.vit import activation_ranges, from_weights

        progress("measuring the ranges for int8")
        network = from_weights(checkpoint.weights, checkpoint.architecture)
        ranges = activation_ranges(network, typical.windows, request.layers)
    progress(f"writing the network {name}")
    model = backbone_graph(
        checkpoint.weights, checkpoint.architecture, request.layers, attention, precision, ranges
    )
    data: bytes = model.SerializeToString()
    return data


def _proved(
    name: str,
    precision: Precision,
    network: bytes,
    reference: ReferenceSet,
    manifolds: Manifolds | None,
    open_engine: OpenEngine,
) -> Parity:
    try:
        engine = open_engine(network, precision)
    except EngineError as error:
        raise EngineError(f"{name}: {error.what}", error.where, error.remedy) from error
    try:
        z = engine.run(reference.windows)
        return compare(reference, z, manifolds, backend=engine.backend, precision=precision)
    finally:
        engine.close()


def _compile_ahead(
    precision: Precision, network: bytes, targets: Sequence[str], made: _Made, progress: Progress
) -> None:
    """Add a TensorRT-RTX plan for other machines' GPUs, which only `scanmon check` there can prove."""
    trt = runtime_module("tensorrt-rtx")
    plan = compile_plan(trt, network, targets=targets, progress=progress)
    key = PlanKey.of(network, "tensorrt-rtx", str(trt.__version__), precision, ",".join(targets))
    file = f"plans/tensorrt-rtx-{precision}.plan"
    made.files[file], made.variants[f"plan-tensorrt-rtx-{precision}"] = pack(key, plan), file
    progress(f"plan for {key.capability}, {precision}: {len(plan) / 1e6:.1f} MB, not run on this machine")


def _keep_report(request: Request, report: bytes) -> Path:
    kept = request.report or request.out.with_name(request.out.name + ".report.json")
    with disk_errors(BundleError, "does not agree with PyTorch, and the report cannot be kept", kept):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(report)
    return kept


def _report(checkpoint: Checkpoint, reports: Sequence[Parity]) -> bytes:
    content: dict[str, Any] = {
        "checkpoint_sha256": checkpoint.sha256,
        "architecture": checkpoint.architecture.name,
        "tensors": checkpoint.tensors,
        "left_out": list(checkpoint.left_out),
        "instruction_set": instruction_set(),
        "engines": [report.as_dict() for report in reports],
    }
    return (json.dumps(content, indent=2) + "\n").encode()


def _written(
    request: Request,
    checkpoint: Checkpoint,
    organs: Sequence[OrganModel],
    made: _Made,
    more: dict[str, bytes],
) -> Bundle:
    organ_files = {f"organs/{organ.name}.npz": organ_bytes(organ) for organ in organs}
    nrq: dict[str, Any] = {
        "file": "backbone.onnx",
        "organs": list(organ_files),
        "patch": checkpoint.architecture.image,
        "stride": checkpoint.architecture.image // 2,
        "layers": list(request.layers),
        "precision": "fp32",
    }
    if made.variants:
        nrq["variants"] = made.variants
    scale = provisional(organs)
    if scale is not None:
        nrq["calibration"] = asdict(scale)
    document = {
        "schema_version": SCHEMA_VERSION,
        "name": request.name or request.out.name,
        "version": "1",
        "licence": request.licence,
        "nrq": nrq,
        "provenance": {
            "checkpoint": request.checkpoint.name,
            "checkpoint_sha256": checkpoint.sha256,
            "architecture": checkpoint.architecture.name,
            "normalisation": _normalisation(request, checkpoint).name,
            "calibration_nrq": _PROVISIONAL if scale else _NONE,
        },
    }
    return write_bundle(request.out, document, made.files | organ_files | more)


# Pictures that every build is checked on: seeded B-mode-like phantoms, clean to bad, without data or licence.


def phantoms(side: int) -> list[GrayImage]:
    """Clean and degraded pictures of `side` x 1.5 `side` pixels, four of each tissue, always the same."""
    return with_faults([_tissue(np.random.default_rng(seed), side) for seed in range(TISSUES)])


def with_faults(pictures: Sequence[GrayImage]) -> list[GrayImage]:
    """Each picture and three degraded copies of it: clean ones alone have no range from clean to worst."""
    found: list[GrayImage] = []
    for number, clean in enumerate(pictures):
        found += [clean, *_degraded(clean, np.random.default_rng(100 + number))]
    return found


def windows_of(
    pictures: Iterable[GrayImage], patch: int, stride: int, limit: int = _WINDOWS_PER_PICTURE
) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Windows (n, patch, patch), at most `limit` of each picture, and the picture that each is from (n,)."""
    parts: list[NDArray[np.uint8]] = []
    numbers: list[NDArray[np.intp]] = []
    for number, picture in enumerate(pictures):
        cells = grid(*picture.shape, patch, stride)
        chosen = np.unique(np.linspace(0, len(cells) - 1, min(limit, len(cells))).astype(np.intp))
        parts.append(windows(pad(picture, cells), cells, chosen))
        numbers.append(np.full(len(chosen), number, dtype=np.intp))
    return np.concatenate(parts), np.concatenate(numbers)


def _tissue(rng: np.random.Generator, side: int) -> NDArray[np.uint8]:
    """Layers and cysts under log-compressed speckle that fades with depth."""
    height, width = side, side * 3 // 2
    y, x = np.mgrid[:height, :width] / side
    reflect = 1.0 + 0.6 * np.sin(2 * np.pi * (rng.uniform(2, 6) * y + 0.2 * np.sin(rng.uniform(2, 6) * x)))
    for _ in range(rng.integers(1, 4)):
        centre_y, centre_x, radius = rng.uniform(0.2, 0.8), rng.uniform(0.2, 1.3), rng.uniform(0.05, 0.2)
        reflect[(y - centre_y) ** 2 + (x - centre_x) ** 2 < radius**2] *= 0.03
    waves = rng.normal(size=(2, height, width))
    grain = rng.uniform(1.0, 2.5)
    speckle = np.hypot(*(cv2.GaussianBlur(wave, (0, 0), 1.6 * grain, sigmaY=0.7 * grain) for wave in waves))
    decibel = 20 * np.log10(speckle / speckle.mean() * np.sqrt(reflect + 0.02) + 1e-4) - 12 * y
    return _gray((decibel + 45) / 60)


def _degraded(clean: GrayImage, rng: np.random.Generator) -> Sequence[NDArray[np.uint8]]:
    """Blurred, noisy, and with a shadow and low gain."""
    light = clean / 255.0
    shadow = np.ones(clean.shape[1])
    start = int(rng.integers(0, clean.shape[1] // 2))
    shadow[start : start + clean.shape[1] // 3] = 0.15
    return (
        _gray(np.asarray(cv2.GaussianBlur(light, (0, 0), 4.0), dtype=np.float64)),
        _gray(light + rng.normal(0, 0.12, clean.shape)),
        _gray(0.7 * light * cv2.GaussianBlur(shadow[None], (0, 0), 6.0)),
    )


def _gray(light: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(light * 255, 0, 255).astype(np.uint8)
