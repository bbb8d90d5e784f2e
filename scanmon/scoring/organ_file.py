"""Organ model files (.npz): every published layout is read, the one with `dim` is written."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import OrganModelError, disk_errors
from scanmon.scoring.bundle import Bundle, NrqPart
from scanmon.scoring.manifold import Floats, OrganModel
from scanmon.scoring.npz_file import MAX_BYTES, read_arrays

FORMAT_VERSION = 1
_ARRAYS = (
    "pca_mean", "pca_components", "gmm_weights", "gmm_means", "gmm_covariances", "log_weights", "log_det",
)  # fmt: skip
_OPTIONAL = ("clean_loglik", "clean_residual")  # (2,) mean and deviation; ours, not published
_REMEDY = "fit the organ model again with scanmon fit"


def load_organ(path: Path) -> OrganModel:
    """Read a published or an own organ model file; its name is the file's. Raises `OrganModelError`."""
    with disk_errors(OrganModelError, "cannot be read", path, _REMEDY):
        if path.stat().st_size > MAX_BYTES:
            raise OrganModelError("is too large to be an organ model", path, _REMEDY)
        data = path.read_bytes()
    return parse_organ(data, path.stem, path)


def parse_organ(data: bytes, name: str, where: object = "") -> OrganModel:
    """Check the bytes of an organ model file and make the model. Raises `OrganModelError`."""
    content = read_arrays(data, "an organ model", where, OrganModelError, _REMEDY)
    return _checked(content, name, where)


def organs_of(bundle: Bundle, part: NrqPart) -> list[OrganModel]:
    """The organ models that a bundle carries. Raises `BundleError` and `OrganModelError`."""
    return [parse_organ(bundle.read(name), Path(name).stem, bundle.folder / name) for name in part.organs]


def load_organs(folder: Path) -> list[OrganModel]:
    """All organ models of a folder, or of its `models` (where the published fit writes), by name."""
    files = sorted(folder.glob("*.npz")) or sorted((folder / "models").glob("*.npz"))
    if not files:
        raise OrganModelError("no organ models (.npz) here", folder, "name the folder that holds them")
    return [load_organ(file) for file in files]


def save_organ(path: Path, model: OrganModel) -> None:
    """Write an organ model file. Raises `OSError`; the caller decides where a half-written file may lie."""
    path.write_bytes(organ_bytes(model))


def organ_bytes(model: OrganModel) -> bytes:
    """The file's content: the layout with `dim` and `format_version`, which the published code reads too."""
    arrays = {key: np.ascontiguousarray(getattr(model, key)) for key in _ARRAYS}
    arrays |= {key: value for key in _OPTIONAL if (value := getattr(model, key)) is not None}
    arrays |= {"format_version": np.array(FORMAT_VERSION, np.int32)}
    arrays |= {"dim": np.array(model.gmm_means.shape[1], np.int32)}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def organ_model(
    name: str, mean: Floats, components: Floats, weights: Floats, means: Floats, variances: Floats
) -> OrganModel:
    """A model from what a PCA and a diagonal Gaussian mixture learned; raises `OrganModelError`."""
    log_det = np.sum(np.log(np.clip(variances, 1e-12, None)), axis=1) + means.shape[1] * np.log(2.0 * np.pi)
    content = {
        "pca_mean": mean,
        "pca_components": components,
        "gmm_weights": weights,
        "gmm_means": means,
        "gmm_covariances": variances,
        "log_weights": np.log(np.clip(weights, 1e-12, 1.0)),
        "log_det": log_det,
        "dim": np.asarray(means.shape[1]),
    }
    return _checked(content, name, name)


def _checked(content: Mapping[str, NDArray[np.generic]], name: str, where: object) -> OrganModel:
    def refuse(key: str, what: str) -> OrganModelError:
        return OrganModelError(f"key {key} {what}", where, _REMEDY)

    arrays: dict[str, Floats] = {}
    for key in _ARRAYS:
        if key not in content:
            raise refuse(key, "is missing")
        if content[key].dtype.kind not in "fiu":
            raise refuse(key, f"holds {content[key].dtype}, not numbers")
        arrays[key] = np.array(content[key], dtype=np.float64)
        if not np.isfinite(arrays[key]).all():
            raise refuse(key, "holds NaN or infinity")
    dims = _dims(content, refuse)
    features, parts = arrays["pca_mean"].size, arrays["gmm_weights"].size
    shapes = {
        "pca_mean": (features,),
        "pca_components": (dims, features),
        "gmm_weights": (parts,),
        "gmm_means": (parts, dims),
        "gmm_covariances": (parts, dims),
        "log_weights": (parts,),
        "log_det": (parts,),
    }
    for key, shape in shapes.items():
        if arrays[key].shape != shape or 0 in shape:
            raise refuse(key, f"has the shape {arrays[key].shape}, expected {shape}")
    if (arrays["gmm_covariances"] <= 0).any():
        raise refuse("gmm_covariances", "is not positive everywhere")
    weights = arrays["gmm_weights"]
    if (weights < 0).any() or abs(float(weights.sum()) - 1.0) > 1e-5:
        raise refuse("gmm_weights", f"sums to {float(weights.sum()):.6g}, not to 1")
    if np.abs(arrays["log_weights"] - np.log(np.clip(weights, 1e-12, 1.0))).max() > 1e-5:
        raise refuse("log_weights", "does not belong to gmm_weights")
    log_det = np.log(np.clip(arrays["gmm_covariances"], 1e-12, None)).sum(axis=1) + dims * np.log(2.0 * np.pi)
    if np.abs(arrays["log_det"] - log_det).max() > 1e-3:
        raise refuse("log_det", "does not belong to gmm_covariances")
    arrays |= {key: _statistic(content[key], key, refuse) for key in _OPTIONAL if key in content}
    for array in arrays.values():
        array.setflags(write=False)
    return OrganModel(name=name, **arrays)


def _statistic(
    values: NDArray[np.generic], key: str, refuse: Callable[[str, str], OrganModelError]
) -> Floats:
    """Mean and a positive standard deviation."""
    if values.shape != (2,) or values.dtype.kind not in "fiu":
        raise refuse(key, "is not a mean and a deviation")
    found = np.array(values, dtype=np.float64)
    if not np.isfinite(found).all() or found[1] <= 0:
        raise refuse(key, "holds no finite mean and positive deviation")
    return found


def _dims(content: Mapping[str, NDArray[np.generic]], refuse: Callable[[str, str], OrganModelError]) -> int:
    """The subspace's dimension: `dim`, or `D` as the published files call it."""
    for key in ("dim", "D"):
        if key in content:
            if content[key].size != 1 or content[key].dtype.kind not in "iuf":
                raise refuse(key, "is not one number")
            return int(content[key].reshape(-1)[0])
    raise refuse("dim", "is missing (and D, its published name, too)")
