"""`scanmon devices`: capture devices with stable ids, without opening those in use."""

import argparse
import json
import sys
from dataclasses import asdict

from scanmon.sources.devices import Device, list_devices


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object for each device")


def run(args: argparse.Namespace) -> int:
    """One line for each device on stdout, its formats indented below."""
    devices = list_devices()
    for device in devices:
        if args.json:
            print(json.dumps(asdict(device)))
        else:
            print("\n".join(_lines(device)))
    if not devices:
        print("no capture device found", file=sys.stderr)
    return 0


def _lines(device: Device) -> list[str]:
    state = "\tin use" if device.in_use else ""
    lines = [f"grabber:{device.id}\t{device.name}\t{device.address}{state}"]
    for mode in device.modes:
        rates = ", ".join(f"{rate:g}" for rate in mode.rates_hz)
        lines.append(f"    {mode.width}x{mode.height} {mode.format_name} {rates}".rstrip())
    return lines
