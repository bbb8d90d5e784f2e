"""`--publish-igtl` and `--publish-metrics`: results on a port. Nothing listens unless it is asked for."""

from __future__ import annotations

import argparse

from scanmon.core.ports import Sink
from scanmon.runtime.monitor import Monitor

_LOOPBACK = "127.0.0.1"
_IGTL_PORT, _METRICS_PORT = 18944, 9108


def add_publish_options(parser: argparse.ArgumentParser) -> None:
    """Ports to publish on."""
    group = parser.add_argument_group("publishing (loopback unless a host is named; 0.0.0.0: everybody)")
    group.add_argument(
        "--publish-igtl",
        nargs="?",
        const=(_LOOPBACK, _IGTL_PORT),
        type=_address,
        metavar="[HOST:]PORT",
        help=f"OpenIGTLink server: frame, heatmap and score ({_IGTL_PORT})",
    )
    group.add_argument(
        "--publish-metrics",
        nargs="?",
        const=(_LOOPBACK, _METRICS_PORT),
        type=_address,
        metavar="[HOST:]PORT",
        help=f"numbers for Prometheus ({_METRICS_PORT})",
    )


def publishers(args: argparse.Namespace) -> list[Sink]:
    """The sinks that were asked for. Raises `SinkError` where a port is taken."""
    sinks: list[Sink] = []
    try:
        if args.publish_igtl is not None:
            from scanmon.publish.igtl import IgtlSink

            sinks.append(IgtlSink(*args.publish_igtl))
        if args.publish_metrics is not None:
            from scanmon.publish.prometheus import PrometheusSink

            sinks.append(PrometheusSink(*args.publish_metrics))
    except BaseException:
        for sink in sinks:
            sink.close()
        raise
    return sinks


class WindowPublishing:
    """Publishes the first source that the window opens, as `WindowRecording` records it."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._used = False

    def added(self, monitor: Monitor) -> Monitor:
        """The monitor, with the publishers among its sinks."""
        if not self._used:
            self._used = True
            for sink in publishers(self._args):
                monitor.add_sink(sink)
        return monitor


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not [HOST:]PORT")
    return host.strip("[]") or _LOOPBACK, int(port)
