"""`grabber:ID`: a frame grabber or camera through V4L2, DirectShow or AVFoundation."""

import re
from collections.abc import Generator
from dataclasses import replace
from urllib.parse import parse_qsl

from scanmon.core.errors import SourceError
from scanmon.sources.devices import Device, best_mode, find_device, input_format, lasting_id, nearest_size
from scanmon.sources.live_source import Arrival, Patience, ReconnectingSource
from scanmon.sources.pyav_live import LOW_DELAY, arrivals

_FORM = (
    "use grabber:ID or grabber:ID?size=1920x1080&rate=60&format=mjpeg&range=full; "
    "scanmon devices lists the ids"
)
_VALUES = {
    "size": r"\d{2,5}x\d{2,5}",
    "rate": r"\d{1,3}(\.\d+)?",
    "format": r"[a-z0-9_]+",
    "range": "full|limited",
}
_OPTIONS = {"size": "video_size", "rate": "framerate", "format": "input_format"}


def open_grabber(source: str, patience: Patience | None = None) -> ReconnectingSource:
    """A capture device, found anew by its id after each interruption. Raises `SourceError` for a wrong form.

    Without a wish the largest fluent format is asked for. `range=full|limited` says how gray levels are
    stored, whatever the device says of it. What was really negotiated stands in `info`.
    """
    device_id, _, query = source.partition(":")[2].partition("?")
    wishes = dict(parse_qsl(query, keep_blank_values=True))
    wrong = [name for name, value in wishes.items() if not re.fullmatch(_VALUES.get(name, "(?!)"), value)]
    if not device_id or wrong:
        raise SourceError("is not a capture device", source, _FORM)
    device_id = lasting_id(device_id)
    stated = wishes.pop("range", None)

    def feed() -> Generator[Arrival]:
        nonlocal device_id
        device = find_device(device_id)
        device_id = device.id  # another one that has this address later is not meant
        return _feed(device, wishes, None if stated is None else stated == "full")

    return ReconnectingSource(f"grabber:{device_id}", feed, patience)


def _feed(device: Device, wishes: dict[str, str], full: bool | None) -> Generator[Arrival]:
    mode = None if wishes else best_mode(device.modes)
    if mode is not None:
        wishes = {"size": f"{mode.width}x{mode.height}", "format": mode.format_name}
        if mode.rates_hz:
            wishes["rate"] = f"{mode.rates_hz[0]:g}"
    size = wishes.get("size")
    if size:
        fitting = tuple(mode for mode in device.modes if mode.format_name == wishes.get("format"))
        width, height = nearest_size(fitting or device.modes, *(int(side) for side in size.split("x")))
        wishes = {**wishes, "size": f"{width}x{height}"}
    kind = input_format()
    options = {_OPTIONS[name]: value for name, value in wishes.items()}
    if kind != "v4l2":  # both others choose the packing themselves
        options.pop("input_format", None)
    address = {"dshow": f"video={device.address}", "avfoundation": f"{device.address}:none"}
    for arrival in arrivals(
        f"grabber:{device.id}",
        address.get(kind, device.address),
        format_name=kind,
        options={**LOW_DELAY, **options},
        device=device.address if kind == "v4l2" else None,
        full=full,
    ):
        height, width = arrival.picture.gray.shape
        got = f"{width}x{height}"
        note = f", {size} was asked for" if size and size != got else ""
        yield replace(arrival, details=f"{device.name}, {arrival.details} {got}{note}")
