"""What a grabber does in real life, on the driver `vivid`; runs inside the guest of tools/vivid_guest.sh.

Listing, negotiation, in use, unplugged and plugged in again while pictures come. Needs root and a machine
whose capture device may be unplugged. Prints one JSON object; exit code 1 where a check failed.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scanmon.core.values import Frame
from scanmon.sources.devices import list_devices
from scanmon.sources.grabber import open_grabber
from scanmon.sources.live_source import ReconnectingSource

_DRIVER = Path("/sys/bus/platform/drivers/vivid")
_PATIENCE_S = 120.0  # everything is emulated


class Watcher:
    """Counts what a source gives, on a thread."""

    def __init__(self, source: ReconnectingSource) -> None:
        self.source = source
        self.frames = 0
        self.last: Frame | None = None
        self._thread = threading.Thread(target=self._run, name="watcher")
        self._thread.start()

    def until(self, fact: Callable[[], bool]) -> bool:
        end_s, pause = time.monotonic() + _PATIENCE_S, threading.Event()
        while not fact() and time.monotonic() < end_s:
            pause.wait(0.05)
        return fact()

    def more(self, count: int) -> bool:
        wanted = self.frames + count
        return self.until(lambda: self.frames >= wanted)

    def close(self) -> None:
        self.source.close()
        self._thread.join()

    def _run(self) -> None:
        for frame in self.source:
            self.last = frame
            self.frames += 1


def main() -> int:
    """All checks, in the order of a day at the scanner."""
    facts: dict[str, object] = {}
    checks: dict[str, bool] = {}
    devices = [device for device in list_devices() if "vivid" in device.name]
    facts["devices"] = [(device.id, device.name, device.address, len(device.modes)) for device in devices]
    checks["a device is listed with its formats"] = bool(devices) and bool(devices[0].modes)
    if not devices:
        print(json.dumps({"facts": facts, "checks": checks}))
        return 1
    device = devices[0]
    facts["some formats"] = [
        f"{mode.format_name} {mode.width}x{mode.height} {mode.rates_hz}" for mode in device.modes[:6]
    ]

    watcher = Watcher(open_grabber(f"grabber:{device.id}?size=333x222&rate=15&format=yuyv422"))
    checks["pictures come at a size that the device does not have"] = watcher.more(2)
    facts["asked for 333x222"] = watcher.source.info.details if watcher.source.info else None
    checks["and it is said"] = "was asked for" in str(facts["asked for 333x222"])
    watcher.close()

    watcher = Watcher(open_grabber(f"grabber:{device.id}?size=320x180&rate=15&format=yuyv422"))
    checks["pictures come"] = watcher.more(5)
    facts["negotiated"] = watcher.source.info.details if watcher.source.info else None
    checks["the picture is not black"] = watcher.last is not None and int(watcher.last.pixels.max()) > 100
    checks["colour is seen"] = watcher.last is not None and watcher.last.chroma is not None
    busy = [found for found in list_devices() if found.id == device.id]
    checks["in use is said, and it is left alone"] = len(busy) == 1 and busy[0].in_use and not busy[0].modes

    before = watcher.frames
    name = next(entry.name for entry in _DRIVER.iterdir() if entry.name.startswith("vivid."))
    (_DRIVER / "unbind").write_text(name)
    checks["unplugging is noticed"] = watcher.until(lambda: watcher.source.state == "reconnecting")
    facts["trouble"] = watcher.source.trouble
    checks["the gap is counted"] = watcher.source.gaps == 1
    (_DRIVER / "bind").write_text(name)
    checks["plugged in again, pictures come by themselves"] = watcher.more(5)
    again = [found for found in list_devices() if found.id == device.id]
    facts["address before and after"] = [device.address, again[0].address if again else None]
    checks["the id is the same"] = len(again) == 1
    checks["one gap in all"] = watcher.source.gaps == 1
    facts["frames before, after"] = [before, watcher.frames - before]
    watcher.close()

    print(json.dumps({"facts": facts, "checks": checks}, indent=1))
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
