"""`rtsp://`, `rtmp://`, `rtp://`, `http://` (MJPEG), `udp://`, `tcp://`, `srt://` (MPEG-TS), SDP files."""

import errno
import io
import os
import re
import socket
import time
from collections.abc import Generator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from scanmon.core.errors import SourceError, disk_errors
from scanmon.sources.live_source import Arrival, Patience, ReconnectingSource
from scanmon.sources.material import STREAMS
from scanmon.sources.pyav_live import LOW_DELAY, TIMEOUTS_S, UNDECODABLE_S, StreamEnded, arrivals

# who listens calls nobody, and must not miss the first packets: they hold the only key frame for a while
_LISTENING = Patience(first_retry_s=0.02, retry_s=0.05, longest_retry_s=0.25)
_SNAPSHOT_EVERY_S = 0.1  # of an address that gives one picture a request

# nothing local, whatever a playlist or a session description says
_NETWORK_ONLY = {
    "protocol_whitelist": "tcp,udp,rtp,rtsp,rtsps,rtmp,rtmps,srt,http,https,tls,crypto,httpproxy"
}
_SHORT_PROBE = {"probesize": "32768", "analyzeduration": "0"}
_OF_SCHEME = {
    "udp": {"fifo_size": "65536", "overrun_nonfatal": "1", "buffer_size": "1048576"},
    "http": {"multiple_requests": "0", "reconnect": "0"},
    "https": {"multiple_requests": "0", "reconnect": "0"},
    "tcp": {"tcp_nodelay": "1"},
}
_DESCRIPTION_BYTES = 1 << 14
_DESCRIBED_HEAD = ("v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=-", "t=0 0")
_CONNECTION = re.compile(r"c=IN IP[46] ([0-9A-Fa-f.:]+)(?:/\d+){0,2}")
_VIDEO = re.compile(r"m=video \d+ RTP/AVPF?(?: \d+)+")
_CODING = re.compile(r"a=(?:rtpmap|fmtp|framerate):[ -~]+")
_MPEG_TS = frozenset({"udp", "tcp", "srt"})
_NEEDS_PORT = frozenset({"udp", "tcp", "rtp", "srt"})


_Way = tuple[str | None, dict[str, str]]  # to open an address: name of the format, options


def _ways(scheme: str, query: str) -> list[_Way]:
    """Tried in turn until one of them gives a picture."""
    if scheme in {"rtsp", "rtsps"}:
        asked = parse_qs(query).get("rtsp_transport", [""])[0]
        # one connection, nothing lost on the way; then the transport that some cameras have alone
        names = [asked] if asked in {"tcp", "udp"} else ["tcp", "udp"]
        return [(None, {"rtsp_transport": name}) for name in names]
    if scheme in {"http", "https"}:
        # cameras leave out the first boundary or name their parts oddly; the pictures themselves are sound.
        # `nobuffer` would throw away what was read to find out what comes: of a snapshot, all of it
        return [(None, {}), ("mjpeg", {"fflags": "genpts"})]
    return [("mpegts" if scheme in _MPEG_TS else None, {})]


def open_stream(
    url: str,
    patience: Patience | None = None,
    *,
    timeouts_s: tuple[float, float] = TIMEOUTS_S,
    undecodable_s: float = UNDECODABLE_S,
) -> ReconnectingSource:
    """A stream; one that is not there yet is waited for. Raises `SourceError` for a wrong form.

    `udp://:5000` listens on port 5000. User and password of the address are used and never shown.
    """
    scheme = url.partition(":")[0].lower()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SourceError("is not an address", scheme, "use for instance rtsp://host:554/path") from None
    if scheme not in STREAMS or not parts.netloc or (scheme in _NEEDS_PORT and port is None):
        raise SourceError("is not an address", url.partition("@")[2] or url, f"use {scheme}://host:port/path")
    name = f"{scheme}://{parts.hostname or ''}" + (f":{port}" if port else "")
    ways, number = _ways(scheme, parts.query), 0
    if scheme == "udp":
        timeouts_s, patience = (2.0, 1.2), patience or _LISTENING

    def opened(way: _Way) -> Generator[Arrival]:
        form, own = way
        options = {**LOW_DELAY, **_NETWORK_ONLY, **_SHORT_PROBE, **_OF_SCHEME.get(scheme, {}), **own}
        return arrivals(
            name,
            url,
            format_name=form,
            options=options,
            timeouts_s=timeouts_s,
            undecodable_s=undecodable_s,
        )

    def feed() -> Generator[Arrival]:
        nonlocal number
        while True:
            came = 0
            try:
                for arrival in opened(ways[number % len(ways)]):
                    came += 1
                    yield arrival
            except StreamEnded:
                if came != 1 or scheme not in {"http", "https"}:
                    number += not came
                    if not came and scheme in {"http", "https"}:
                        remedy = "open it in a browser: it may be a page, or want a login"
                        raise StreamEnded("ends without a picture", name, remedy) from None
                    raise
                time.sleep(_SNAPSHOT_EVERY_S)  # one picture a request: ask for the next one
            except SourceError:
                number += not came
                raise

    return ReconnectingSource(name, feed, patience)


def open_description(file: str, patience: Patience | None = None) -> ReconnectingSource:
    """RTP as its sender describes it in a file (SDP, RFC 8866): address, port, how the pictures are coded.

    Raises `SourceError`.
    """
    with disk_errors(SourceError, "cannot be read", file, "check the path and its rights"):
        if not Path(file).is_file():  # reading a pipe may never end
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
        with Path(file).open("rb") as opened:
            read = opened.read(_DESCRIPTION_BYTES + 1)
    data = _described(
        read.decode("utf-8", "replace") if len(read) <= _DESCRIPTION_BYTES else "", file
    ).encode()
    name = Path(file).name
    options = {**LOW_DELAY, **_SHORT_PROBE, "protocol_whitelist": "rtp,udp", "buffer_size": "1048576"}

    def feed() -> Generator[Arrival]:
        yield from arrivals(name, io.BytesIO(data), format_name="sdp", options=options)

    return ReconnectingSource(name, feed, patience or _LISTENING)


def _described(text: str, file: str) -> str:
    """What libav is given of a description: what was understood of its video here, and nothing else.

    Who receives RTP sends reports to the address that is named. It must be this machine or a group, so that
    no file makes scanmon send to others.
    """
    kept, video, wanted = list(_DESCRIBED_HEAD), False, True
    for line in map(str.strip, text.replace("\r", "\n").split("\n")):
        if line.startswith("m="):
            wanted = _VIDEO.fullmatch(line) is not None and not video
            video = video or wanted
        if not wanted:
            continue
        if line.startswith("c="):
            found = _CONNECTION.fullmatch(line)
            if found is None or not _is_here(found[1]):
                remedy = "after c=IN IP4 put 0.0.0.0, or the address of the group"
                raise SourceError(f"names another computer ({line[2:]})", file, remedy)
        elif not _VIDEO.fullmatch(line) and not _CODING.fullmatch(line):
            continue
        kept.append(line)
    if not video or not any(line.startswith("c=") for line in kept):
        raise SourceError("describes no video", file, "ask the sender for its SDP file again")
    return "\n".join([*kept, ""])


def _is_here(address: str) -> bool:
    """A group, any address of this machine, or one of them."""
    try:
        known = ip_address(address)
    except ValueError:
        return False
    if known.is_multicast or known.is_unspecified:
        return True
    family = socket.AF_INET6 if known.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:  # another's, or a machine without IPv6
        return False
    return True
