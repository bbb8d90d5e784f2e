"""What an engine bundle says of itself: `bundle.toml`, read and checked once.

A bundle is a folder with `bundle.toml`, the networks, the organ models and a model card. Every file that is
used is named with its sha256 in `[files]`; nothing else in the folder is ever opened.
"""

import hashlib
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from msgspec import Meta

from scanmon.core.documents import checked, read_toml
from scanmon.core.errors import BundleError, SettingsError, disk_errors
from scanmon.core.values import Metric
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.heads import PUBLISHED, parse_head

SCHEMA_VERSION = 1
MANIFEST = "bundle.toml"
MAX_WORKING_HEIGHT_PX = 2160
MAX_FILE_BYTES = 1 << 30
MIN_SIDE_PX = 32  # a region below this is too small to be judged, whatever the bundle
_REBUILD = "restore the bundle or build it again with scanmon build"

Text = Annotated[str, Meta(max_length=4096)]
Share = Annotated[float, Meta(gt=0, le=1)]
Pixels = Annotated[int, Meta(ge=1, le=1024)]


@dataclass(frozen=True, slots=True)
class NrqPart:
    """TinyUSFM-NRQ: the backbone and the organ models on top of it."""

    file: Text  # ONNX: uint8 (n, patch, patch) -> float32 z (n, dim)
    organs: tuple[Text, ...]  # .npz files; none yet: scanmon fit adds them
    calibration: Calibration | None = None
    patch: Annotated[int, Meta(ge=16, le=1024)] = 224  # pixels
    stride: Pixels = 112
    layers: tuple[Annotated[int, Meta(ge=1, le=1000)], ...] = (3, 5, 7, 11)
    topk_frac: Share = 0.15
    head: Text = PUBLISHED
    precision: Text = "fp32"
    # the same network for other runtimes and precisions: fp16, int8, plain, plain-fp16 -> file
    variants: dict[str, Text] = field(default_factory=dict)
    familiar: Text | None = None  # .npz: the pictures that the bundle knows, by the mean of their windows
    word_from: Annotated[float, Meta(ge=0, le=1)] = 0.25  # familiarity below this: no verdict

    @property
    def names(self) -> tuple[str, ...]:
        """Every file of this part."""
        known = (self.familiar,) if self.familiar else ()
        return (self.file, *self.organs, *self.variants.values(), *known)


@dataclass(frozen=True, slots=True)
class MapPart:
    """The severity map: one fully convolutional network."""

    # ONNX: uint8 (1, H, W) -> float32 severity (1, h, w), 0 = clean; or (1, c, h, w): the total, the seven
    # kinds of Parts, and then what the picture looks like
    file: Text
    calibration: Calibration | None = None
    stride: Annotated[int, Meta(ge=1, le=64)] = 16  # pixels of the view per cell of the map
    topk_frac: Share = 0.15
    # share of the mean over all cells in the score; the rest is the worst cells'
    mean_weight: Annotated[float, Meta(ge=0, le=1)] = 0.0
    precision: Text = "fp32"
    black_level: bool = False  # whether the network wants the black level taken off
    # whether too little light and white, by the gray levels alone, are added to what the network says
    exposure: bool = False
    # whether other kinds than light and contact count on in a picture whose total is high already
    kinds_beside: bool = False
    # whether a second picture, woven lines and blocks, which are measured without the network, are added
    marks: bool = False
    familiar: Text | None = None  # .npz: the pictures that the bundle knows
    word_from: Annotated[float, Meta(ge=0, le=1)] = 0.25  # familiarity below this: no verdict

    @property
    def names(self) -> tuple[str, ...]:
        """Every file of this part."""
        return (self.file, self.familiar) if self.familiar else (self.file,)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """`bundle.toml` as it is written."""

    name: Text
    version: Text
    licence: Text
    files: dict[Text, Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]]  # relative name -> sha256
    working_height_px: Annotated[int, Meta(ge=0, le=4096)] = 0  # 0: native scale
    smallest_px: Annotated[int, Meta(ge=1, le=4096)] = MIN_SIDE_PX  # a shorter side is too small to be judged
    nrq: NrqPart | None = None
    map: MapPart | None = None
    provenance: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(_Manifest):
    """An opened, checked bundle."""

    folder: Path
    sha256: str  # of bundle.toml, which names the sha256 of all else

    @property
    def parts(self) -> dict[Metric, NrqPart | MapPart]:
        """The metrics of this bundle: one or both."""
        parts: dict[Metric, NrqPart | MapPart | None] = {"nrq": self.nrq, "map": self.map}
        return {metric: part for metric, part in parts.items() if part is not None}

    def metric(self, asked: str) -> Metric:
        """The metric that makes the number. `auto`: the map where the bundle has one, else nrq.

        Raises `SettingsError` where the bundle lacks the metric that was asked for.
        """
        parts = self.parts
        if asked == "auto":
            return "map" if "map" in parts else "nrq"
        for metric in parts:
            if metric == asked:
                return metric
        has = " or ".join(parts)
        raise SettingsError(f"this bundle has no {asked}", self.folder, f"use --metric {has}")

    @property
    def scale_text(self) -> str:
        """One line: what quality and verdicts of nrq rest on, and what to do about it."""
        part = self.nrq
        if part is None or not part.organs:
            return "no organ models: make some with scanmon fit, nrq gives no score without"
        if part.calibration is None:
            return (
                "not calibrated: the window shows the raw score and the worst region, but no quality, word "
                "or heatmap; run scanmon calibrate with 20 accepted pictures"
            )
        if part.calibration.provisional:
            return (
                "provisional scale, from the organ models alone: run scanmon calibrate with your own pictures"
            )
        by = self.provenance.get("calibration_nrq")
        return f"calibrated: {by}" if by else "calibrated by the maker of the bundle"

    def region(self, metric: Metric, *, still: bool) -> str:
        """What `--region` means where it was not given.

        The published metric scores stored pictures whole and at native scale; so does a bundle of that scale.
        """
        return "full" if metric == "nrq" and self.working_height_px == 0 and still else "auto"

    def path(self, name: str) -> Path:
        """The file `name` of this bundle. Raises `BundleError` where the manifest does not list it."""
        if name not in self.files:
            raise BundleError(f"{name} is not listed in [files]", self.folder / MANIFEST, _REBUILD)
        return self.folder / name

    def read(self, name: str) -> bytes:
        """Bytes of a listed file, their sha256 checked. Raises `BundleError`."""
        path = self.path(name)
        with disk_errors(BundleError, "cannot be read", path, _REBUILD):
            if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
                raise BundleError("is no file that a bundle holds", path, _REBUILD)
            data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != self.files[name]:
            raise BundleError("does not have the sha256 that the bundle states", path, _REBUILD)
        return data


def height_of(scale: str) -> int | None:
    """The working height that `--scale` means; 0: as the region is, None: the bundle's own.

    Raises `SettingsError`.
    """
    if scale == "auto":
        return None
    if scale == "native":
        return 0
    if not scale.isdecimal() or not 64 <= int(scale) <= MAX_WORKING_HEIGHT_PX:
        allowed = f"use native, auto or a height of 64 to {MAX_WORKING_HEIGHT_PX} px"
        raise SettingsError(f"--scale {scale}", remedy=allowed)
    return int(scale)


def default_bundle() -> Path:
    """Folder of the bundle that ships with scanmon: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "engines" / "default"
    return installed if installed.is_dir() else package.parent / "engines" / "default"


def find_bundle(name: str) -> Path:
    """Folder of a bundle: `default`, or a folder. Raises `SettingsError`."""
    if name == "default":
        return default_bundle()
    folder = Path(name)
    if not folder.is_dir():
        raise SettingsError("no such bundle", name, "name a folder with bundle.toml, or default")
    return folder


def open_named_bundle(name: str) -> Bundle:
    """`default`, or a folder. Raises `SettingsError`, `BundleError`."""
    folder = find_bundle(name)
    return open_bundle(folder)


def open_bundle(folder: Path) -> Bundle:
    """Read and check `bundle.toml`; files are checked when they are read.

    Raises `BundleError` for a missing, malformed or unknown manifest.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise BundleError("no engine bundle here", manifest, "name a folder with bundle.toml")
    document = read_toml(manifest, BundleError, _REBUILD)
    version = document.pop("schema_version", None)
    if version != SCHEMA_VERSION:
        raise BundleError(
            f"schema_version {version!r:.20} is not {SCHEMA_VERSION}",
            manifest,
            "update scanmon or build the bundle again",
        )
    try:
        found = checked(_Manifest, document, manifest, BundleError, _REBUILD, others=True)
        _check(found)
        sha256 = hashlib.sha256(manifest.read_bytes()).hexdigest()
    except BundleError as error:
        raise BundleError(error.what, error.where or manifest, error.remedy or _REBUILD) from error
    written = {entry.name: getattr(found, entry.name) for entry in fields(found)}
    return Bundle(**written, folder=folder, sha256=sha256)


def _check(manifest: _Manifest) -> None:
    """What the types do not say."""
    if manifest.nrq is None and manifest.map is None:
        raise BundleError("has neither [nrq] nor [map]")
    for name in manifest.files:
        _refuse_outside(name)
    for part in (manifest.nrq, manifest.map):
        for name in part.names if part else ():
            _refuse_outside(name)
            if name not in manifest.files:
                raise BundleError(f"{name} is not listed in [files]")
    if manifest.nrq is not None:
        parse_head(manifest.nrq.head)
        layers = list(manifest.nrq.layers)
        if not layers or layers != sorted(set(layers)):
            raise BundleError("layers must be growing block numbers from 1 on")


def _refuse_outside(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise BundleError(f"names a file outside the bundle: {name!r}")
