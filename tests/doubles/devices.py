"""Capture devices as sysfs tells of them."""

from pathlib import Path


def plug_in(
    system: Path, number: int, place: str, serial: str | None, index: int = 0, usb: bool = True
) -> Path:
    """What sysfs says of a capture device: a node, and the device that it belongs to."""
    device = system / "devices" / place
    interface = device / f"{place}:1.0"
    interface.mkdir(parents=True, exist_ok=True)
    if usb:
        (device / "idVendor").write_text("1164\n")
        (device / "idProduct").write_text("f531\n")
        if serial is not None:
            (device / "serial").write_text(f"{serial}\n")
    node = system / f"video{number}"
    node.mkdir()
    (node / "name").write_text("Grabber\n")
    (node / "index").write_text(f"{index}\n")
    (node / "device").symlink_to(interface)
    return node
