"""`igtl://host:18944/NAME`: images from an OpenIGTLink server (PLUS, 3D Slicer)."""

import importlib.util
import socket
import time
from collections.abc import Callable, Generator
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from scanmon.core.errors import SourceError, refusal
from scanmon.core.text import shown
from scanmon.sources.gray import Picture, RunningScale, as_picture
from scanmon.sources.live_source import Arrival, Patience, ReconnectingSource
from scanmon.sources.picture_size import MAX_PIXELS, Size, check_size

DEFAULT_PORT = 18944
_SILENCE_S = 4.0
_MOST_NAMED = 8  # devices that an error lists
_HEADER = 58  # bytes, OpenIGTLink protocol 1 to 3
_LARGEST = MAX_PIXELS * 3 + 4096


def open_igtl(source: str, patience: Patience | None = None) -> ReconnectingSource:
    """Images of one name, or of any name where none is given. Raises `SourceError` for a wrong form."""
    try:
        parts = urlsplit(source)
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        host, port = None, 0
    if not host:
        raise SourceError("is not an OpenIGTLink server", source, f"use igtl://host:{DEFAULT_PORT}/NAME")
    if importlib.util.find_spec("pyigtl") is None:
        raise SourceError("OpenIGTLink needs one more package", source, "pip install 'scanmon[igtl]'")
    address, wanted = (host, port), parts.path.strip("/")
    name = f"igtl://{host}:{port}" + (f"/{wanted}" if wanted else "")

    def connect() -> socket.socket:
        return socket.create_connection(address, timeout=_SILENCE_S)

    return ReconnectingSource(name, lambda: images_from(connect, name, wanted), patience)


def images_from(connect: Callable[[], socket.socket], name: str, wanted: str) -> Generator[Arrival]:
    """Images of the device `wanted`, or of any where that is empty. Raises `SourceError`."""
    from pyigtl.messages import MessageBase  # noqa: PLC0415 - an extra

    try:
        with connect() as link:
            heard_s, others, scale = time.monotonic(), dict[str, None](), RunningScale()
            while True:
                if time.monotonic() - heard_s > _SILENCE_S:
                    raise SourceError(_sends_else(others, wanted), name, "name one of its devices, or none")
                header = MessageBase.parse_header(_receive(link, _HEADER))
                if not 0 <= header["body_size"] <= _LARGEST:
                    raise SourceError("sends no OpenIGTLink", name, "check the port")
                body = _receive(link, int(header["body_size"]))
                kind, device = str(header["message_type"]), str(header["device_name"])
                if kind != "IMAGE" or (wanted and device != wanted):
                    if len(others) < _MOST_NAMED:
                        others[f"{kind} {device}"] = None
                    continue
                came_s = heard_s = time.monotonic()
                message = MessageBase.create_message("IMAGE")
                message.unpack(header, body)
                yield Arrival(
                    _picture(message.image, scale, name), came_s, None, f"IMAGE {message.device_name}"
                )
    except TimeoutError:
        raise SourceError("is silent", name, "check that the server sends images") from None
    except OSError as error:
        raise SourceError(f"is lost ({refusal(error)})", name, "is the server on?") from None
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001 - the parser raises anything on bytes that are no message
        raise SourceError(f"sends no OpenIGTLink ({type(error).__name__})", name, "check the port") from None


def _sends_else(others: dict[str, None], wanted: str) -> str:
    """What comes in place of the images that were asked for."""
    images = [name.removeprefix("IMAGE ") for name in others if name.startswith("IMAGE ")]
    if images:
        return shown(f"sends {', '.join(images)}, not {wanted}")
    return shown(f"sends no images, but {', '.join(others)}")


def _picture(voxels: Any, scale: RunningScale, name: str) -> Picture:
    """(1, H, W) or (1, H, W, components) -> gray."""
    image = np.asarray(voxels)
    if image.ndim not in (3, 4) or image.shape[0] != 1:
        raise SourceError("sends a volume", name, "choose a device that sends single images")
    check_size(Size(image.shape[2], image.shape[1]), name)
    return as_picture(scale(np.ascontiguousarray(image[0]), name))


def _receive(link: socket.socket, count: int) -> bytes:
    data = bytearray(count)
    view, have = memoryview(data), 0
    while have < count:
        got = link.recv_into(view[have:])
        if not got:
            raise ConnectionResetError(0, "the server has closed the connection")
        have += got
    return bytes(data)
