"""What is fuzzed: a parser of bytes from outside, and small sound files to begin with."""

import io
import socket
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scanmon.app.settings import Settings, load_settings
from scanmon.core.documents import read_toml, toml_text
from scanmon.core.errors import ScanmonError
from scanmon.core.schema import TABLE
from scanmon.examination.protocol import read_protocol
from scanmon.inference.onnx_check import check_network
from scanmon.inference.plans import PlanKey, pack, read_key
from scanmon.lab.builder.architecture import Architecture, random_weights
from scanmon.lab.builder.checkpoint import load_checkpoint
from scanmon.lab.builder.graph import backbone_graph
from scanmon.picture.region.given import shape_from
from scanmon.scoring.bundle import MANIFEST, default_bundle, open_bundle
from scanmon.scoring.familiar import parse_familiar
from scanmon.scoring.organ_file import organ_bytes, organ_model, parse_organ
from scanmon.scoring.parity import ReferenceSet
from scanmon.session import layout
from scanmon.session.parquet import ParquetError, read_table, write_table
from scanmon.session.reader import read_session
from scanmon.session.recorder import Recorder
from scanmon.session.store import About
from scanmon.sources.igtl import images_from
from scanmon.sources.opening import is_trusted, open_file, open_recording
from scanmon.sources.pyav_live import arrivals
from tests.doubles.recordings import write_dicom, write_video

_PICTURES = np.random.default_rng(0).integers(0, 256, (3, 32, 48), dtype=np.uint8)
_SMALL = Architecture("small", width=12, depth=2, heads=2, image=32)
_RTP_BYTES = 7 * 188  # of a packet, without its head
_ARRIVALS = 2  # of a stream: fewer than a sound one holds, as its end is an error
_FRAMES = 4  # of a mutant that are decoded


@dataclass(frozen=True, slots=True)
class Target:
    """`parse` may raise `ScanmonError` alone."""

    seeds: list[bytes]
    parse: Callable[[bytes], object]


@contextmanager
def _file(name: str, make: Callable[[Path], list[bytes]], read: Callable[[Path], object]) -> Iterator[Target]:
    """A parser of a file with this name."""
    with tempfile.TemporaryDirectory(prefix="scanmon-fuzz-") as folder:
        seeds, path = make(Path(folder)), Path(folder) / name

        def parse(data: bytes) -> None:
            path.write_bytes(data)
            read(path)

        yield Target(seeds, parse)


@contextmanager
def _bytes(make: Callable[[], list[bytes]], parse: Callable[[bytes], object]) -> Iterator[Target]:
    yield Target(make(), parse)


def _frames(path: Path) -> None:
    with closing(open_file(path)) as recording:  # in this process, to see what it raises
        for _ in islice(recording, _FRAMES):
            pass


def _plain(path: Path) -> None:
    """As `_frames` what this process reads itself; the rest is read with limits, which nothing here has."""
    if is_trusted(path):
        _frames(path)


def _limited(path: Path) -> None:
    """As `_frames`, once a process with limits has ended: on some files HDF5 never does."""
    try:
        with closing(open_recording(str(path))) as recording:
            list(islice(recording, _FRAMES))
    except ScanmonError as error:
        if "takes too long" in str(error):
            raise
    _frames(path)


def _image(ending: str, folder: Path) -> list[bytes]:
    pictures = [_PICTURES[0], _PICTURES.transpose(1, 2, 0)] if ending != ".pgm" else [_PICTURES[0]]
    found = [cv2.imencode(ending, picture)[1].tobytes() for picture in pictures]
    if ending == ".tif":
        found.append(cv2.imencodemulti(".tif", list(_PICTURES))[1].tobytes())
    return found


def _dicom(folder: Path) -> list[bytes]:
    from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, RLELossless

    path, syntaxes = (
        folder / "seed.dcm",
        (ExplicitVRLittleEndian, RLELossless, DeflatedExplicitVRLittleEndian),
    )
    return [write_dicom(path, _PICTURES, syntax, FrameTime=40).read_bytes() for syntax in syntaxes]


def _video(ending: str, codec: str, folder: Path) -> list[bytes]:
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    return [write_video(folder / f"seed{ending}", 12, codec, pixels).read_bytes()]


def _mha(folder: Path) -> list[bytes]:
    head = (
        "ObjectType = Image\nNDims = 3\nCompressedData = False\nTransformMatrix = 1 0 0 0 1 0 0 0 1\n"
        "DimSize = 48 32 3\nElementType = MET_UCHAR\nUltrasoundImageOrientation = MN\n"
        "Seq_Frame0000_Timestamp = 0\nSeq_Frame0001_Timestamp = 0.1\nElementDataFile = LOCAL\n"
    )
    return [head.encode() + _PICTURES.tobytes()]


def _nrrd(folder: Path) -> list[bytes]:
    import nrrd

    for encoding in ("gzip", "raw"):
        header = {"kinds": ["domain", "domain", "list"], "encoding": encoding}
        nrrd.write(str(folder / f"{encoding}.nrrd"), _PICTURES.transpose(2, 1, 0), header)
    return [(folder / f"{encoding}.nrrd").read_bytes() for encoding in ("gzip", "raw")]


def _nifti(folder: Path) -> list[bytes]:
    import nibabel

    image: Any = nibabel.Nifti1Image  # not annotated
    nibabel.save(image(_PICTURES.transpose(2, 1, 0), np.eye(4)), folder / "seed.nii")
    return [(folder / "seed.nii").read_bytes()]


def _mat(folder: Path) -> list[bytes]:
    from scipy import io as matlab

    matlab.savemat(folder / "seed.mat", {"x": _PICTURES.transpose(1, 2, 0)}, do_compression=True)
    return [(folder / "seed.mat").read_bytes()]


def _hdf5(folder: Path) -> list[bytes]:
    import h5py

    with h5py.File(folder / "seed.h5", "w") as file:
        file.create_dataset("a/x", data=_PICTURES, chunks=(1, 32, 48), compression="gzip")
    return [(folder / "seed.h5").read_bytes()]


def _npy(folder: Path) -> list[bytes]:
    np.save(folder / "seed.npy", _PICTURES)
    return [(folder / "seed.npy").read_bytes()]


def _npz(**arrays: Any) -> list[bytes]:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return [file.getvalue()]


def _manifest(folder: Path) -> list[bytes]:
    return [(default_bundle() / MANIFEST).read_bytes()]


def _settings(folder: Path) -> list[bytes]:
    return [toml_text(asdict(Settings())).encode()]


def _region(folder: Path) -> list[bytes]:
    return [
        b'kind = "box"\nbox = [1, 2, 30, 40]\n',
        b'kind = "slanted"\ncorners = [[0, 0], [9, 0], [9.5, 9], [0, 9]]\nwindow = [0, 0, 9, 9]\n',
    ]


def _store(folder: Path) -> list[bytes]:
    recorder = Recorder(folder / "sessions", About("video"))
    recorder.start()
    recorder.close()
    (session,) = (folder / "sessions").iterdir()
    return [(session / layout.STORE).read_bytes()]


def _plan(folder: Path) -> list[bytes]:
    return [pack(PlanKey(**{field.name: "1.2" for field in fields(PlanKey)}), bytes(64))]


def _network() -> list[bytes]:
    network: bytes = backbone_graph(random_weights(_SMALL, 0), _SMALL, (1, 2)).SerializeToString()
    return [network]


def _organ() -> list[bytes]:
    model = organ_model("a", np.zeros(4), np.eye(3, 4), np.full(2, 0.5), np.zeros((2, 3)), np.ones((2, 3)))
    return [organ_bytes(model)]


def _checkpoint(folder: Path) -> list[bytes]:
    import torch

    path, weights = folder / "seed.pth", random_weights(_SMALL, 0)
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    found = []
    for content, zipped in (({"model": state, "epoch": 3}, True), (state, False)):
        torch.save(content, path, _use_new_zipfile_serialization=zipped)
        found.append(path.read_bytes())
    return found


def _safetensors(folder: Path) -> list[bytes]:
    from safetensors.numpy import save

    return [save(dict(random_weights(_SMALL, 0)))]


def _parquet(folder: Path) -> list[bytes]:
    (folder / "lines").write_text(
        '{"source": "a", "frame": 1, "quality": 50.5, "region": [1, 2, 3, 4]}\n' * 9
    )
    write_table(folder / "lines", TABLE, folder / "seed.parquet")
    return [(folder / "seed.parquet").read_bytes()]


def _rows(path: Path) -> None:
    with suppress(OSError, ParquetError):  # which whoever reads a table puts into words
        list(read_table(path, TABLE))


def _multipart(folder: Path) -> list[bytes]:
    coded = cv2.imencode(".jpg", _PICTURES[0])[1].tobytes()
    part = b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(coded), coded)
    return [part * 3]


def _arrived(format_name: str, path: Path) -> None:
    list(islice(arrivals("a stream", str(path), format_name=format_name), _ARRIVALS))


def _rtp(folder: Path) -> list[bytes]:
    """Packets of one length, MPEG-TS in RTP (RFC 2250)."""
    stream = _video(".ts", "mpeg2video", folder)[0]
    pieces = [stream[at : at + _RTP_BYTES] for at in range(0, len(stream), _RTP_BYTES)]
    heads = (struct.pack(">BBHII", 0x80, 33, number, 3600 * number, 7) for number in range(len(pieces)))
    return [
        b"".join(head + piece.ljust(_RTP_BYTES, b"\xff") for head, piece in zip(heads, pieces, strict=True))
    ]


def _broadcast(path: Path) -> None:
    """Sent to a port again and again until the one who listens there has had enough.

    From the second time on the packets are numbered on: those of one number twice are thrown away.
    """
    data, enough = path.read_bytes(), threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.bind(("127.0.0.1", 0))
        address = near.getsockname()

    def send() -> None:
        packets = [data[at : at + _RTP_BYTES + 12] for at in range(0, len(data), _RTP_BYTES + 12)]
        sent = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
            while not enough.wait(0.01):
                for packet in packets:
                    number = struct.pack(">H", sent & 0xFFFF) if sent >= len(packets) else packet[2:4]
                    with suppress(OSError):  # nobody listens yet, or any more
                        far.sendto(packet[:2] + number + packet[4:], address)
                    sent += 1

    thread = threading.Thread(target=send)
    thread.start()
    try:
        url = f"rtp://127.0.0.1:{address[1]}"
        list(islice(arrivals("a stream", url, timeouts_s=(6.0, 3.0), undecodable_s=1.0), 1))
    finally:
        enough.set()
        thread.join()


def _igtl() -> list[bytes]:
    import pyigtl

    image: Any = pyigtl.ImageMessage(_PICTURES[:1], device_name="Image")
    return [image.pack() * 2]


def _served(data: bytes) -> None:
    near, far = socket.socketpair()
    with far:
        far.settimeout(5)
        thread = threading.Thread(target=_send, args=(near, data))
        thread.start()
        try:
            list(islice(images_from(lambda: far, "igtl://a", ""), _ARRIVALS))
        finally:
            far.close()
            thread.join()


def _send(link: socket.socket, data: bytes) -> None:
    with link, suppress(OSError):
        link.sendall(data)


def _protocol(folder: Path) -> list[bytes]:
    return [
        b'title = "Thyroid"\nnote = "a"\n[[views]]\nname = "left"\nreach = "marginal"\nhold_s = 1.5\n'
        b'[[views]]\nname = "right"\nquality = 70.5\n'
    ]


Made = Callable[[], AbstractContextManager[Target]]
TARGETS: dict[str, Made] = {
    **{
        f"image-{ending[1:]}": partial(
            _file, f"a{ending}", partial(_image, ending), _plain if ending == ".png" else _frames
        )
        for ending in (".png", ".jpg", ".tif", ".bmp", ".webp", ".jp2", ".pgm")
    },
    **{
        f"video-{ending[1:]}": partial(_file, f"a{ending}", partial(_video, ending, codec), _frames)
        for ending, codec in ((".mp4", "libx264"), (".mkv", "ffv1"), (".ts", "mpeg2video"), (".avi", "mjpeg"))
    },
    "dicom": partial(_file, "a.dcm", _dicom, _frames),
    "mha": partial(_file, "a.mha", _mha, _frames),
    "nrrd": partial(_file, "a.nrrd", _nrrd, _frames),
    "nifti": partial(_file, "a.nii", _nifti, _frames),
    "mat": partial(_file, "a.mat", _mat, _frames),
    "hdf5": partial(_file, "a.h5", _hdf5, _limited),
    "npy": partial(_file, "a.npy", _npy, _frames),
    "npz": partial(_file, "a.npz", lambda folder: _npz(x=_PICTURES, y=np.arange(3)), _frames),
    "settings": partial(_file, "a.toml", _settings, load_settings),
    "region": partial(_file, "a.toml", _region, lambda path: shape_from(read_toml(path), path)),
    "manifest": partial(_file, MANIFEST, _manifest, lambda path: open_bundle(path.parent)),
    "session": partial(_file, layout.STORE, _store, lambda path: read_session(path.parent)),
    "organ": partial(_bytes, _organ, lambda data: parse_organ(data, "a", "a")),
    "familiar": partial(
        _bytes,
        lambda: _npz(
            centre=np.zeros(4, np.float32),
            axes=np.ones((4, 3), np.float32),
            bank=np.zeros((5, 3), np.float16),
            radius=np.ones(5, np.float32),
            reach=np.array([1.0, 2.0]),
        ),
        parse_familiar,
    ),
    "parity": partial(
        _bytes,
        lambda: _npz(windows=_PICTURES, picture=np.arange(3), z=np.zeros((3, 4))),
        ReferenceSet.from_bytes,
    ),
    "network": partial(_bytes, _network, lambda data: check_network(data, "a")),
    "checkpoint": partial(_file, "a.pth", _checkpoint, partial(load_checkpoint, known=(_SMALL,))),
    "safetensors": partial(_file, "a.safetensors", _safetensors, partial(load_checkpoint, known=(_SMALL,))),
    "parquet": partial(_file, "a.parquet", _parquet, _rows),
    "protocol": partial(_file, "a.toml", _protocol, read_protocol),
    "stream-mpjpeg": partial(_file, "a", _multipart, partial(_arrived, "mpjpeg")),
    "stream-mjpeg": partial(_file, "a", _multipart, partial(_arrived, "mjpeg")),
    "stream-mpegts": partial(_file, "a", partial(_video, ".ts", "mpeg2video"), partial(_arrived, "mpegts")),
    "stream-rtp": partial(_file, "a", _rtp, _broadcast),
    "stream-igtl": partial(_bytes, _igtl, _served),
    "plan": partial(_file, "a.plan", _plan, lambda path: read_key(path.read_bytes(), path)),
}
