"""The extras: what each is for, and which library of which package it brings."""

from typing import Final, NamedTuple


class Extra(NamedTuple):
    """`libraries`: package, as pip calls it -> the module that is imported."""

    purpose: str
    libraries: dict[str, str]


_TORCH, _ONNX, _CUDA = {"torch": "torch"}, {"onnx": "onnx"}, {"cuda-python": "cuda"}

EXTRAS: Final = {  # where a library is in several, the first one is named that brings the least
    "build": Extra("building engines from checkpoints", {**_TORCH, **_ONNX, "safetensors": "safetensors"}),
    "openvino": Extra("a second CPU and iGPU runtime", {"openvino": "openvino"}),
    "cuda": Extra("NVIDIA GPUs through ONNX Runtime", {"onnxruntime-gpu": "onnxruntime", **_CUDA, **_ONNX}),
    "webgpu": Extra("GPUs of any maker", {"onnxruntime-ep-webgpu": "onnxruntime_ep_webgpu", **_ONNX}),
    "tensorrt": Extra("NVIDIA GPUs through compiled plans", {"tensorrt": "tensorrt", **_CUDA, **_ONNX}),
    "tensorrt-rtx": Extra(
        "NVIDIA RTX GPUs, and compiling for them without one",
        {"tensorrt-rtx": "tensorrt_rtx", **_CUDA, **_ONNX},
    ),
    "research": Extra(
        "NRRD, NIfTI, HDF5 and MATLAB files",
        {"pynrrd": "nrrd", "nibabel": "nibabel", "h5py": "h5py", "scipy": "scipy"},
    ),
    "parquet": Extra("tables as Parquet, and sessions that scanmon 0.1 ended", {"duckdb": "duckdb"}),
    "htj2k": Extra("High-Throughput JPEG 2000 in DICOM", {"pylibjpeg-openjpeg": "openjpeg"}),
    "dicom": Extra("DICOM reports of sessions", {"highdicom": "highdicom"}),
    "igtl": Extra("OpenIGTLink: PLUS and 3D Slicer", {"pyigtl": "pyigtl"}),
    "site": Extra("organ models of a site", {"scikit-learn": "sklearn"}),
    "evaluate": Extra("plots of evaluate, agree and bench", {"matplotlib": "matplotlib"}),
    "baselines": Extra(
        "BRISQUE and NIQE beside the metrics",
        {"brisque": "brisque", "scikit-video": "skvideo", "scipy": "scipy"},
    ),
    "lpips": Extra("LPIPS in scanmon compare", {"lpips": "lpips", **_TORCH}),
    "cluster": Extra("archives on a Dask cluster", {"distributed": "distributed"}),
}
BASE: Final = frozenset({"onnxruntime"})  # modules that scanmon has without an extra


def extra_with(module: str) -> str | None:
    """The extra that brings a module; None: none does, or scanmon has it anyway."""
    name = module.partition(".")[0]
    if name in BASE:
        return None
    return next((extra for extra, (_, libraries) in EXTRAS.items() if name in libraries.values()), None)
