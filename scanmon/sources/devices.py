"""Capture devices with ids that survive a replug, listed without touching those in use."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from scanmon.core.errors import SourceError


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
        from scanmon.sources.v4l2 import v4l2_devices  # noqa: PLC0415 - needs what only Linux has

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
        from scanmon.sources.v4l2 import id_at  # noqa: PLC0415 - needs what only Linux has

        return id_at(device_id) or device_id
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
