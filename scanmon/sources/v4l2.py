"""Video4Linux devices: ids from sysfs, formats from the driver."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from scanmon.sources.devices import Device, Mode

# linux/videodev2.h
_QUERYCAP, _ENUM_FMT = 0x80685600, 0xC0405602
_ENUM_FRAMESIZES, _ENUM_FRAMEINTERVALS = 0xC02C564A, 0xC034564B
_VIDEO_CAPTURE, _DEVICE_CAPS = 0x00000001, 0x80000000
_CAPTURE, _DISCRETE = 1, 1
_LIMIT = 64  # entries of a list; some drivers never say that it has ended
_NAMES = {
    b"YUYV": "yuyv422", b"UYVY": "uyvy422", b"MJPG": "mjpeg", b"JPEG": "mjpeg", b"NV12": "nv12",
    b"YU12": "yuv420p", b"GREY": "gray", b"RGB3": "rgb24", b"BGR3": "bgr24", b"H264": "h264",
}  # fmt: skip


_SYSTEM = Path("/sys/class/video4linux")


def v4l2_devices(system: Path = _SYSTEM) -> tuple[Device, ...]:
    """Every capture node; one that some process holds open is listed by its name alone."""
    nodes = sorted(system.glob("video*"), key=lambda node: (len(node.name), node.name))
    busy = _held_open()
    return tuple(device for node in nodes for device in _device(node, busy))


def id_at(address: str, system: Path = _SYSTEM) -> str | None:
    """The id of what is plugged in at `/dev/videoN` now; None for anything else. Opens nothing."""
    node = system / Path(address).name
    return stable_id(node) if address == f"/dev/{node.name}" and node.is_dir() else None


def stable_id(node: Path) -> str:
    """`usb-VENDOR:PRODUCT-SERIAL`, or the place on the bus where the device has no serial number.

    A number is added for the second and further capture nodes of one device.
    """
    place = (node / "device").resolve()
    usb = next((folder for folder in (place, *place.parents) if (folder / "idVendor").is_file()), None)
    if usb is not None:
        serial = _text(usb / "serial")
        kind = f"usb-{_text(usb / 'idVendor')}:{_text(usb / 'idProduct')}"
        base = f"{kind}-{serial}" if serial else f"{kind}@{usb.name}"
    else:
        base = place.name
    number = _text(node / "index")
    return base if number in ("", "0") else f"{base}.{number}"


def _device(node: Path, busy: frozenset[str]) -> Iterator[Device]:
    address = f"/dev/{node.name}"
    name, device_id = _text(node / "name") or node.name, stable_id(node)
    if address in busy:
        yield Device(device_id, name, address, in_use=True)
        return
    try:
        handle = os.open(address, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return  # no rights, or unplugged at this moment
    try:
        capability = _ask(handle, _QUERYCAP, bytes(104))
        if capability is None:
            return
        general, of_node = struct.unpack_from("<II", capability, 84)
        if (of_node if general & _DEVICE_CAPS else general) & _VIDEO_CAPTURE:
            yield Device(device_id, name, address, modes=tuple(_modes(handle)))
    finally:
        os.close(handle)


def _modes(handle: int) -> Iterator[Mode]:
    for number in range(_LIMIT):
        answer = _ask(handle, _ENUM_FMT, struct.pack("<II56x", number, _CAPTURE))
        if answer is None:
            return
        code = answer[44:48]
        name = _NAMES.get(code)
        if name is None:
            continue
        for width, height, scales in _sizes(handle, code):
            yield Mode(name, width, height, tuple(_rates_hz(handle, code, width, height)), scales)


def _sizes(handle: int, code: bytes) -> Iterator[tuple[int, int, bool]]:
    for number in range(_LIMIT):
        answer = _ask(handle, _ENUM_FRAMESIZES, struct.pack("<I4s36x", number, code))
        if answer is None:
            return
        kind, width, height, _, _, top = struct.unpack_from("<6I", answer, 8)
        if kind == _DISCRETE:
            yield width, height, False
        else:  # a range: (least, largest, step) of width and height; the largest stands for it
            yield height, top, True
            return


def _rates_hz(handle: int, code: bytes, width: int, height: int) -> Iterator[float]:
    rates = []
    for number in range(_LIMIT):
        question = struct.pack("<I4sII36x", number, code, width, height)
        answer = _ask(handle, _ENUM_FRAMEINTERVALS, question)
        if answer is None:
            break
        kind, numerator, denominator = struct.unpack_from("<3I", answer, 16)
        if numerator:  # a device that reports no interval has no rate
            rates.append(round(denominator / numerator, 3))
        if kind != _DISCRETE:
            break
    yield from sorted(rates, reverse=True)


def _ask(handle: int, request: int, question: bytes) -> bytes | None:
    """The driver's answer; None where it has none (the end of a list)."""
    try:
        return bytes(fcntl.ioctl(handle, request, question))
    except OSError:
        return None


def _held_open() -> frozenset[str]:
    """Device files that some process has open, as far as we may look."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue  # the process has ended, or belongs to somebody else
        if target.startswith("/dev/video"):
            found.add(target)
    return frozenset(found)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
