"""Formats of research: the same pictures in the same order and the same way up, whatever they are kept in."""

import gzip
import io
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import nibabel
import nrrd
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import io as matlab

from scanmon.core.errors import NoPictureError, SourceError
from scanmon.sources.material import material_in
from scanmon.sources.opening import open_recording
from tests.doubles.memory import forget_peak, memory_mb, needs_proc

N, H, W = 5, 40, 60
PICTURES = np.random.default_rng(0).integers(0, 256, (N, H, W), dtype=np.uint8)
Bytes = NDArray[np.uint8]


def shown(path: Path) -> NDArray[Any]:
    recording = open_recording(str(path))
    try:
        return np.stack([frame.pixels for frame in recording])
    finally:
        recording.close()


def meta(pictures: NDArray[Any], kind: str = "MET_UCHAR", *, packed: bool = False, more: str = "") -> bytes:
    data = pictures.tobytes()
    sizes = " ".join(map(str, pictures.shape[::-1]))
    return (
        (
            f"ObjectType = Image\nNDims = {pictures.ndim}\nBinaryDataByteOrderMSB = False\n"
            f"CompressedData = {packed}\n{more}DimSize = {sizes}\nElementType = {kind}\n"
        ).encode()
        + b"ElementDataFile = LOCAL\n"
        + (zlib.compress(data) if packed else data)
    )


def _mha(path: Path) -> None:
    path.write_bytes(meta(PICTURES))


def _mha_packed(path: Path) -> None:
    path.write_bytes(meta(PICTURES, packed=True))


def _mhd(path: Path) -> None:
    path.write_bytes(meta(PICTURES[:0]).replace(b"60 40 0", b"60 40 5").replace(b"LOCAL", b"data.raw"))
    path.with_name("data.raw").write_bytes(PICTURES.tobytes())


def _nrrd(path: Path) -> None:
    header = {"space": "left-posterior-superior", "space directions": np.eye(3), "space origin": [0, 0, 0]}
    nrrd.write(str(path), PICTURES.transpose(2, 1, 0), header)


def _nrrd_raw(path: Path) -> None:
    nrrd.write(str(path), PICTURES.transpose(2, 1, 0), {"encoding": "raw"})


def _nrrd_plus(path: Path) -> None:
    nrrd.write(str(path), PICTURES.transpose(2, 1, 0), {"kinds": ["domain", "domain", "list"]})


def _nrrd_slicer_list_first(path: Path) -> None:
    nrrd.write(str(path), PICTURES.transpose(0, 2, 1)[..., None], {"kinds": ["list", *["domain"] * 3]})


def _nii(path: Path) -> None:
    # RAS: the first axis to the patient's left, the second to the back, as the screen has them
    nibabel.save(nibabel.Nifti1Image(PICTURES.transpose(2, 1, 0), np.diag([-1, -1, 1, 1])), path)


def _nii_4d(path: Path) -> None:
    image = nibabel.Nifti1Image(PICTURES.transpose(2, 1, 0)[:, :, None], np.diag([-1, -1, 1, 1]))
    image.header.set_zooms((1, 1, 1, 0.05))
    nibabel.save(image, path)


def _npz(path: Path) -> None:
    np.savez_compressed(path, small=np.arange(3), cine=PICTURES)


def _h5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["scan/cine"] = PICTURES
        file["scan/times"] = np.arange(N)


def _mat(path: Path) -> None:
    matlab.savemat(path, {"cine": PICTURES.transpose(1, 2, 0), "fs": 40e6})


def _mat73(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        file["cine"] = PICTURES.transpose(0, 2, 1)  # MATLAB keeps the first index fastest
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")


WRITERS: dict[str, Callable[[Path], None]] = {
    "a.mha": _mha,
    "packed.mha": _mha_packed,
    "a.mhd": _mhd,
    "a.nrrd": _nrrd,
    "raw.nrrd": _nrrd_raw,
    "plus.nrrd": _nrrd_plus,
    "a.seq.nrrd": _nrrd_slicer_list_first,
    "a.nii": _nii,
    "a.nii.gz": _nii,
    "time.nii": _nii_4d,
    "a.npy": lambda path: np.save(path, PICTURES),
    "fortran.npy": lambda path: np.save(path, np.asfortranarray(PICTURES)),
    "a.npz": _npz,
    "a.h5": _h5,
    "a.mat": _mat,
    "seven.mat": _mat73,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_form_gives_the_same_pictures(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    np.testing.assert_array_equal(shown(tmp_path / name), PICTURES)
    assert tmp_path / name in list(material_in(tmp_path))


@pytest.mark.parametrize(
    ("first", "second", "turned"),
    [
        ((1, 0, 0), (0, 1, 0), lambda p: p),
        ((-1, 0, 0), (0, 1, 0), lambda p: p[:, ::-1]),
        ((1, 0, 0), (0, -1, 0), lambda p: p[::-1]),
        ((1, 0, 0), (0, 0, -1), lambda p: p),  # coronal: superior is up
        ((1, 0, 0), (0, 0, 1), lambda p: p[::-1]),
        ((0, 1, 0), (0, 0, -1), lambda p: p),  # sagittal
        ((0, 1, 0), (1, 0, 0), lambda p: p.T),
    ],
)
def test_axes_are_shown_as_slicer_shows_them(first, second, turned, tmp_path) -> None:
    third = np.cross(first, second)
    lps = np.array([first, second, third], float)
    header = {"space": "left-posterior-superior", "space directions": lps, "space origin": [0, 0, 0]}
    nrrd.write(str(tmp_path / "a.nrrd"), PICTURES[:1].transpose(2, 1, 0), header)
    affine = np.eye(4)
    affine[:3, :3] = (lps * [-1, -1, 1]).T
    nibabel.save(nibabel.Nifti1Image(PICTURES[:1].transpose(2, 1, 0), affine), tmp_path / "a.nii")
    matrix = " ".join(f"{value:g}" for value in lps.ravel())
    (tmp_path / "a.mha").write_bytes(meta(PICTURES[:1], more=f"TransformMatrix = {matrix}\n"))
    for name in ("a.nrrd", "a.nii", "a.mha"):
        np.testing.assert_array_equal(shown(tmp_path / name)[0], turned(PICTURES[0]), err_msg=name)


@pytest.mark.parametrize(
    ("letters", "turned"),
    [("MF", lambda p: p), ("UF", lambda p: p[:, ::-1]), ("MN", lambda p: p[::-1]), ("FM", lambda p: p.T)],
)
def test_plus_says_where_the_probe_is_and_when(letters, turned, tmp_path) -> None:
    times = "".join(f"Seq_Frame{k:04}_Timestamp = {10 + k / 20}\n" for k in range(N))
    path = tmp_path / "plus.igs.mha"
    path.write_bytes(meta(PICTURES, more=f"UltrasoundImageOrientation = {letters}\n{times}"))
    np.testing.assert_array_equal(shown(path)[1], turned(PICTURES[1]))
    assert open_recording(str(path)).times_s == pytest.approx(np.arange(N) / 20)


@pytest.mark.parametrize(
    ("samples", "white"),
    [
        (PICTURES.astype(np.float32) / 255, 1.0),
        (PICTURES.astype(np.float64), 255.0),
        (PICTURES.astype(np.uint16) * 16, 4095.0),
    ],
)
def test_deep_samples_have_one_scale_for_the_whole_file(samples, white, tmp_path) -> None:
    np.save(tmp_path / "a.npy", samples)
    want = np.rint(samples.astype(float) * 255 / white)
    assert np.abs(shown(tmp_path / "a.npy") - want).max() <= 1


def test_decibels_are_shown_from_the_darkest_to_the_brightest(tmp_path: Path) -> None:
    matlab.savemat(tmp_path / "a.mat", {"db": (PICTURES / 255.0 * 60 - 60).transpose(1, 2, 0)})
    assert np.abs(shown(tmp_path / "a.mat").astype(int) - PICTURES).max() <= 1


@pytest.mark.parametrize("value", [-1e30, -0.5, 300.5, 0.0])
def test_a_file_of_one_value_has_a_gray_level(value: float, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.full((2, H, W), value))
    assert len(np.unique(shown(tmp_path / "a.npy"))) == 1


def test_kinds_that_are_too_few_say_nothing(tmp_path: Path) -> None:
    head = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 60 40 5\nkinds: domain list\nencoding: raw\n\n"
    (tmp_path / "a.nrrd").write_bytes(head + PICTURES.tobytes())
    np.testing.assert_array_equal(shown(tmp_path / "a.nrrd"), PICTURES)


def test_colours_are_made_gray(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.repeat(PICTURES[..., None], 3, axis=3))
    matlab.savemat(tmp_path / "a.mat", {"rgb": np.repeat(PICTURES[0][..., None], 3, axis=2)})
    np.testing.assert_array_equal(shown(tmp_path / "a.npy"), PICTURES)
    np.testing.assert_array_equal(shown(tmp_path / "a.mat"), PICTURES[:1])


HOSTILE: dict[str, bytes] = {
    "huge.mha": meta(PICTURES[:1], packed=True).replace(b"60 40 1", b"60000 60000 100"),
    "lie.mha": meta(PICTURES).replace(b"60 40 5", b"60 40 500"),
    "other.mhd": meta(PICTURES[:0]).replace(b"LOCAL", b"/etc/passwd").replace(b"60 40 0", b"60 40 5"),
    "up.mhd": meta(PICTURES[:0]).replace(b"LOCAL", b"../data.raw").replace(b"60 40 0", b"60 40 5"),
    "bomb.mha": meta(np.zeros((1, 40, 60), np.uint8))
    .split(b"ElementDataFile")[0]
    .replace(b"CompressedData = False", b"CompressedData = True")
    + b"ElementDataFile = LOCAL\n"
    + zlib.compress(bytes(50_000_000)),
    "bomb.nrrd": b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 60 40\nencoding: gzip\n\n"
    + gzip.compress(bytes(50_000_000)),
    "huge.nrrd": b"NRRD0004\ntype: double\ndimension: 3\nsizes: 60000 60000 9\nencoding: gzip\n\n",
    "else.nrrd": b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 60 40\nencoding: raw\n"
    b"data file: /etc/passwd\n\n",
    "text.nrrd": b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 60 40\nencoding: ascii\n\n1 2",
    "empty.nii": bytes(400),
    "cut.nii.gz": gzip.compress(bytes(200)),
    "token.npy": b"\x93NUMPY\x01\x00\x10\x00{'descr': (((((((",
    "object.npy": b"",
    "huge.npy": b"",
    "cut.npz": b"PK\x03\x04",
    "cut.h5": b"\x89HDF\r\n\x1a\n" + bytes(50),
    "cut.mat": b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + bytes(20),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_lies_is_cut_off_or_reaches_elsewhere_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    data = HOSTILE[name]
    if name in ("object.npy", "huge.npy"):
        file = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            file,
            {"descr": "|O" if name == "object.npy" else "<f8", "fortran_order": False, "shape": (10**6,) * 3},
        )
        data = file.getvalue()
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError) as caught:
        shown(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_arrays_that_are_no_pictures_are_passed_over(tmp_path: Path) -> None:
    np.save(tmp_path / "table.npy", np.arange(12.0).reshape(3, 4))
    np.savez(tmp_path / "model.npz", a=np.arange(5))
    matlab.savemat(tmp_path / "table.mat", {"x": 1.0})
    with h5py.File(tmp_path / "table.h5", "w") as file:
        file["x"] = [1, 2]
    for name in ("table.npy", "model.npz", "table.mat", "table.h5"):
        with pytest.raises(NoPictureError):
            shown(tmp_path / name)


@needs_proc
@pytest.mark.parametrize("name", ["long.npy", "long.mha", "long.h5"])
def test_a_long_file_is_read_as_it_is_needed(name: str, tmp_path: Path) -> None:
    pictures = np.zeros((150, 1000, 1000), np.uint8)
    path = tmp_path / name
    if name.endswith("npy"):
        np.save(path, pictures)
    elif name.endswith("mha"):
        path.write_bytes(meta(pictures))
    else:
        with h5py.File(path, "w") as file:
            file.create_dataset("x", data=pictures, chunks=(1, 1000, 1000))
    assert math.prod(pictures.shape) == path.stat().st_size // 10**6 * 10**6
    del pictures
    before = memory_mb("VmRSS")
    forget_peak()
    recording = open_recording(str(path))
    next(iter(recording))
    recording.close()
    assert memory_mb("VmHWM") - before < 100


def test_published_case_of_plus(shared: Path) -> None:
    path = shared / "cases" / "plus.igs.mha"
    if not path.is_file():
        pytest.skip("the case is not there")
    recording = open_recording(str(path))
    assert (recording.info.frames, recording.info.width, recording.info.height) == (12, 362, 284)
    assert recording.times_s[1] == pytest.approx(0.04)
