"""X servers without a screen."""

import os
import select
import subprocess
from itertools import count, islice

from tests.doubles.scenes import PATIENCE_S

# Not the lowest free one, as X servers choose by themselves: two that start at once would choose the same,
# and one that comes back would find its number taken.
_NUMBERS = count(1_000 + os.getpid() * 89 % 20_000)


class Display:
    """An X server that runs until `end`; `number` is for one that comes back."""

    def __init__(self, screen: str, *options: str, number: int | None = None) -> None:
        for tried in islice(_NUMBERS, 20) if number is None else [number]:
            self.number = tried
            # without `-noreset` a server whose last client goes starts anew: it forgets what was drawn, and
            # turns away who comes meanwhile
            if self._starts(["-screen", "0", screen, "-nolisten", "tcp", "-noreset", *options]):
                return
        raise AssertionError("Xvfb does not start")

    @property
    def name(self) -> str:
        """As `DISPLAY` has it."""
        return f":{self.number}"

    def end(self) -> None:
        """Ask it to end, and wait; killed, it would leave a socket in the way of the next one."""
        self._process.terminate()
        self._process.wait()

    def _starts(self, options: list[str]) -> bool:
        """False where the number is taken, or nothing comes up in time."""
        ready, tell = os.pipe()
        self._process = subprocess.Popen(
            ["Xvfb", self.name, "-displayfd", str(tell), *options],
            pass_fds=(tell,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(tell)
        told = b""
        # it tells its number in two parts, and gives up where nobody reads the second
        while select.select([ready], [], [], PATIENCE_S)[0] and (part := os.read(ready, 20)):
            told += part
            if told.endswith(b"\n"):
                break
        os.close(ready)
        if not told.endswith(b"\n"):
            self.end()
        return told.endswith(b"\n")
