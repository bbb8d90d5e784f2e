"""What an engine bundle says of itself: `bundle.toml`, read and checked once.

A bundle is a folder with `bundle.toml`, the networks, the organ models and a model card. Every file that is
used is named with its sha256 in `[files]`; nothing else in the folder is ever opened.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from scanmon.core.errors import BundleError
from scanmon.scoring.calibration import Calibration
from scanmon.scoring.heads import PUBLISHED, parse_head

SCHEMA_VERSION = 1
MANIFEST = "bundle.toml"
MAX_MANIFEST_BYTES = 1 << 20
_REBUILD = "restore the bundle or build it again with scanmon build"


@dataclass(frozen=True, slots=True)
class NrqPart:
    """TinyUSFM-NRQ: the backbone and the organ models on top of it."""

    file: str  # ONNX: uint8 (n, patch, patch) -> float32 z (n, dim)
    organs: tuple[str, ...]  # .npz files
    calibration: Calibration | None = None
    patch: int = 224  # pixels
    stride: int = 112  # pixels
    layers: tuple[int, ...] = (3, 5, 7, 11)
    topk_frac: float = 0.15
    head: str = "nrq"
    precision: str = "fp32"
    # the same network for other runtimes and precisions: fp16, int8, plain, plain-fp16 -> file
    variants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MapPart:
    """The severity map: one fully convolutional network."""

    file: str  # ONNX: uint8 (1, H, W) -> float32 severity (1, h, w), 0 = clean
    calibration: Calibration | None = None
    stride: int = 16  # pixels of the view per cell of the map
    topk_frac: float = 0.15
    mean_weight: float = 0.0  # share of the mean over all cells in the score; the rest is the worst cells'
    precision: str = "fp32"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened, checked bundle."""

    folder: Path
    name: str
    version: str
    licence: str
    sha256: str  # of bundle.toml, which names the sha256 of all else
    working_height_px: int  # 0: native scale
    nrq: NrqPart | None
    map: MapPart | None
    files: dict[str, str] = field(default_factory=dict)  # relative name -> sha256
    provenance: dict[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """The file `name` of this bundle. Raises `BundleError` where the manifest does not list it."""
        if name not in self.files:
            raise BundleError(f"{name} is not listed in [files]", self.folder / MANIFEST, _REBUILD)
        return self.folder / name

    def read(self, name: str) -> bytes:
        """Bytes of a listed file, their sha256 checked. Raises `BundleError`."""
        path = self.path(name)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BundleError(f"cannot be read ({error.strerror})", path, _REBUILD) from error
        if hashlib.sha256(data).hexdigest() != self.files[name]:
            raise BundleError("does not have the sha256 that the bundle states", path, _REBUILD)
        return data


def default_bundle() -> Path:
    """Folder of the bundle that ships with scanmon: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "engines" / "default"
    return installed if installed.is_dir() else package.parent / "engines" / "default"


def open_bundle(folder: Path) -> Bundle:
    """Read and check `bundle.toml`; files are checked when they are read.

    Raises `BundleError` for a missing, malformed or unknown manifest.
    """
    manifest = folder / MANIFEST
    try:
        if manifest.stat().st_size > MAX_MANIFEST_BYTES:
            raise BundleError("is too large to be a manifest", manifest, _REBUILD)
        data = manifest.read_bytes()
        document = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise BundleError(
            f"no engine bundle here ({error.strerror})", manifest, "name a folder with bundle.toml"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BundleError(f"is not valid TOML ({error})", manifest, _REBUILD) from error
    try:
        return _bundle(folder, document, hashlib.sha256(data).hexdigest())
    except (KeyError, TypeError, ValueError) as error:
        reason = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise BundleError(f"manifest {reason}", manifest, _REBUILD) from error
    except BundleError as error:
        raise BundleError(error.what, error.where or manifest, error.remedy or _REBUILD) from error


def _bundle(folder: Path, document: dict[str, Any], sha256: str) -> Bundle:
    version = document["schema_version"]
    if version != SCHEMA_VERSION:
        raise BundleError(
            f"schema_version {version} is not {SCHEMA_VERSION}",
            remedy="update scanmon or build the bundle again",
        )
    files = {_inside(name): _digest(digest) for name, digest in document["files"].items()}
    nrq = _nrq(document["nrq"]) if "nrq" in document else None
    severity = _map(document["map"]) if "map" in document else None
    if nrq is None and severity is None:
        raise BundleError("has neither [nrq] nor [map]")
    for name in [
        *(nrq.organs if nrq else ()),
        *([nrq.file, *nrq.variants.values()] if nrq else []),
        *([severity.file] if severity else []),
    ]:
        if name not in files:
            raise BundleError(f"{name} is not listed in [files]")
    return Bundle(
        folder=folder,
        name=str(document["name"]),
        version=str(document["version"]),
        licence=str(document["licence"]),
        sha256=sha256,
        working_height_px=_between(int(document.get("working_height_px", 0)), 0, 4096, "working_height_px"),
        nrq=nrq,
        map=severity,
        files=files,
        provenance={str(k): str(v) for k, v in document.get("provenance", {}).items()},
    )


def _nrq(part: dict[str, Any]) -> NrqPart:
    head = str(part.get("head", PUBLISHED))
    parse_head(head)
    layers = tuple(int(layer) for layer in part.get("layers", (3, 5, 7, 11)))
    if not layers or min(layers) < 1 or list(layers) != sorted(set(layers)):
        raise BundleError("layers must be growing block numbers from 1 on")
    organs = tuple(_inside(name) for name in part["organs"])  # none yet: scanmon fit adds them
    return NrqPart(
        file=_inside(part["file"]),
        organs=organs,
        calibration=_calibration(part.get("calibration")),
        patch=_between(int(part.get("patch", 224)), 16, 1024, "patch"),
        stride=_between(int(part.get("stride", 112)), 1, 1024, "stride"),
        layers=layers,
        topk_frac=_fraction(part.get("topk_frac", 0.15), "topk_frac"),
        head=head,
        precision=str(part.get("precision", "fp32")),
        variants={str(name): _inside(file) for name, file in part.get("variants", {}).items()},
    )


def _map(part: dict[str, Any]) -> MapPart:
    return MapPart(
        file=_inside(part["file"]),
        calibration=_calibration(part.get("calibration")),
        stride=_between(int(part.get("stride", 16)), 1, 64, "stride"),
        topk_frac=_fraction(part.get("topk_frac", 0.15), "topk_frac"),
        mean_weight=float(part.get("mean_weight", 0.0)),
        precision=str(part.get("precision", "fp32")),
    )


def _calibration(part: dict[str, Any] | None) -> Calibration | None:
    if part is None:
        return None
    return Calibration(
        scores=tuple(float(value) for value in part["scores"]),
        qualities=tuple(float(value) for value in part["qualities"]),
        marginal=float(part.get("marginal", 40.0)),
        adequate=float(part.get("adequate", 70.0)),
        provisional=bool(part.get("provisional", False)),
    )


def _inside(name: object) -> str:
    """A relative name that stays inside the bundle, as it stands."""
    path = PurePosixPath(str(name))
    if (
        not isinstance(name, str)
        or path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or not path.parts
    ):
        raise BundleError(f"names a file outside the bundle: {name!r}")
    return name


def _digest(digest: object) -> str:
    if not isinstance(digest, str) or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise BundleError(f"has a sha256 that is none: {digest!r}")
    return digest


def _between(value: int, low: int, high: int, name: str) -> int:
    if not low <= value <= high:
        raise BundleError(f"{name} must be {low}..{high}, not {value}")
    return value


def _fraction(value: object, name: str) -> float:
    number = float(value)  # type: ignore[arg-type]
    if not 0 < number <= 1:
        raise BundleError(f"{name} must be above 0 and at most 1, not {number}")
    return number
