"""`rtsp://`, `http://` (MJPEG), `udp://` and `tcp://` (MPEG-TS) as live sources."""

from __future__ import annotations

from collections.abc import Generator
from urllib.parse import urlsplit

from scanmon.core.errors import SourceError
from scanmon.sources.live_source import Arrival, Patience, ReconnectingSource
from scanmon.sources.material import STREAMS
from scanmon.sources.pyav_live import LOW_DELAY, TIMEOUTS_S, UNDECODABLE_S, arrivals

# who listens calls nobody, and must not miss the first packets: they hold the only key frame for a while
_LISTENING = Patience(first_retry_s=0.02, retry_s=0.05, longest_retry_s=0.25)

# nothing local, whatever a playlist or a session description says
_NETWORK_ONLY = {"protocol_whitelist": "tcp,udp,rtp,rtsp,rtsps,http,https,tls,crypto,httpproxy"}
_SHORT_PROBE = {"probesize": "32768", "analyzeduration": "0"}
_OF_SCHEME = {
    "rtsp": {"rtsp_transport": "tcp"},  # one connection, nothing lost on the way
    "rtsps": {"rtsp_transport": "tcp"},
    "udp": {"fifo_size": "65536", "overrun_nonfatal": "1", "buffer_size": "1048576"},
    "http": {"multiple_requests": "0", "reconnect": "0"},
    "https": {"multiple_requests": "0", "reconnect": "0"},
    "tcp": {"tcp_nodelay": "1"},
}


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
    if scheme not in STREAMS or not parts.netloc or (scheme in {"udp", "tcp"} and port is None):
        raise SourceError("is not an address", url.partition("@")[2] or url, f"use {scheme}://host:port/path")
    name = f"{scheme}://{parts.hostname or ''}" + (f":{port}" if port else "")
    options = {**LOW_DELAY, **_NETWORK_ONLY, **_SHORT_PROBE, **_OF_SCHEME[scheme]}
    format_name = "mpegts" if scheme in {"udp", "tcp"} else None
    if scheme == "udp":
        timeouts_s, patience = (2.0, 1.2), patience or _LISTENING

    def feed() -> Generator[Arrival]:
        return arrivals(
            name,
            url,
            format_name=format_name,
            options=options,
            timeouts_s=timeouts_s,
            undecodable_s=undecodable_s,
        )

    return ReconnectingSource(name, feed, patience)
