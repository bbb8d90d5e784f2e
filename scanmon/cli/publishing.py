"""`--publish-igtl` and `--publish-metrics`: results on a port. Nothing listens unless it is asked for."""

from __future__ import annotations

import argparse

from scanmon.app.run import Address, Publish

_LOOPBACK = "127.0.0.1"
_IGTL_PORT, _METRICS_PORT = 18944, 9108


def add_publish_options(parser: argparse.ArgumentParser) -> None:
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


def publish_of(args: argparse.Namespace) -> Publish:
    return Publish(args.publish_igtl, args.publish_metrics)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not [HOST:]PORT")
    return host.strip("[]") or _LOOPBACK, int(port)
