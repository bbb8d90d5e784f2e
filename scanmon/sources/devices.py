"""Capture devices with ids that survive a replug, listed without touching those in use.

On Linux ids come from sysfs, formats from the driver; elsewhere FFmpeg lists them.
"""

import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scanmon.core.errors import SourceError

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
_SYSTEM: Final = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class Mode:
    """A format that a device offers."""

    format_name: str  # FFmpeg's name: mjpeg, yuyv422, nv12
    width: int
    height: int
    rates_hz: tuple[float, ...]  # fastest first; empty where the device does not say
    scales: bool = False  # smaller sizes are offered as well, this is the largest


@dataclass(frozen=True, slots=True)
class Device:
    """A capture device."""

    id: str  # what stands behind `grabber:`
    name: str
    address: str  # what the system opens at present; changes with the order of plugging
    in_use: bool = False  # by some program: then nothing more is known of it
    modes: tuple[Mode, ...] = ()


def input_format() -> str:
    """FFmpeg's name of this system's capture interface."""
    if sys.platform == "win32":
        return "dshow"
    return "avfoundation" if sys.platform == "darwin" else "v4l2"


def list_devices() -> tuple[Device, ...]:
    """All capture devices of this machine; empty where there are none."""
    if sys.platform == "linux":
        return v4l2_devices()
    import av  # noqa: PLC0415 - slow to load; the window lists devices when it is asked to
    import av.device  # noqa: PLC0415

    kind = input_format()
    try:
        found = av.device.enumerate_input_devices(kind)
    except (av.FFmpegError, ValueError):
        return ()
    # both list microphones as well
    return tuple(
        Device(_portable_id(kind, info.name, info.description), info.description or info.name, info.name)
        for info in found
        if "video" in (getattr(info, "media_types", None) or ["video"])
    )


def find_device(device_id: str) -> Device:
    """The device with this id (or address) where it is plugged in now. Raises `SourceError`."""
    devices = list_devices()
    for device in devices:
        if device_id in (device.id, device.address):
            return device
    known = ", ".join(device.id for device in devices) or "none at all"
    raise SourceError("this capture device is not plugged in", device_id, f"there is: {known}")


def lasting_id(device_id: str) -> str:
    """The id of a device that was named by its address, while it is there; any other name as it is."""
    if sys.platform == "linux":
        node = _SYSTEM / Path(device_id).name
        if device_id == f"/dev/{node.name}" and node.is_dir():
            return stable_id(node)
    return device_id


def best_mode(modes: tuple[Mode, ...]) -> Mode | None:
    """The largest picture at 24 frames a second or more, uncompressed where it costs no size and no speed.

    A grabber's own default is often a quarter of what the scanner sends.
    """

    def merit(mode: Mode) -> tuple[bool, int, float, bool]:
        rate_hz = max(mode.rates_hz, default=0.0)
        fluent = rate_hz >= 24 or not mode.rates_hz
        return fluent, mode.width * mode.height, min(rate_hz, 60.0), mode.format_name != "mjpeg"

    return max(modes, key=merit, default=None)


def nearest_size(modes: tuple[Mode, ...], width: int, height: int) -> tuple[int, int]:
    """The size to ask a device for when this one is wanted.

    A driver that is asked for a size that it does not have takes another one, and FFmpeg 8 then reads its
    pictures with the wrong width.
    """
    if not modes or any(mode.scales and mode.width >= width and mode.height >= height for mode in modes):
        return width, height
    best = min(modes, key=lambda mode: abs(mode.width - width) + abs(mode.height - height))
    return best.width, best.height


def _portable_id(kind: str, name: str, description: str) -> str:
    """DirectShow's name is the device's path; AVFoundation's is its number, so there the title counts."""
    return name if kind == "dshow" else description or name


def v4l2_devices(system: Path = _SYSTEM) -> tuple[Device, ...]:
    """Every capture node of Video4Linux; one that some process holds open is listed by its name alone."""
    nodes = sorted(system.glob("video*"), key=lambda node: (len(node.name), node.name))
    busy = _held_open()
    return tuple(device for node in nodes for device in _device(node, busy))


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
    import fcntl  # noqa: PLC0415 - only Linux has it

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
