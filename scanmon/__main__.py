"""`python -m scanmon`, and the program `scanmon`: what runs before anything slow is imported."""

import atexit
import os
import sys
import threading
from contextlib import suppress


def main() -> int:
    """An interrupt ends with one word also while the command's libraries are being loaded."""
    try:
        if getattr(sys, "frozen", False):  # a worker of this program is the program again
            import multiprocessing

            multiprocessing.freeze_support()
            if sys.argv[1:2] == ["-m"] and sys.argv[2].startswith("scanmon."):
                import runpy

                module = sys.argv[2]
                del sys.argv[1:3]
                runpy.run_module(module, run_name="__main__", alter_sys=True)
                return 0
        from scanmon.cli.streams import keep_libraries_out, open_streams

        open_streams()
        if "--debug" not in sys.argv:
            keep_libraries_out()
        from scanmon.cli import main as run

        ended: list[int] = []
        atexit.register(_leave_behind, ended)  # after those of the modules, which wait for what they can
        ended.append(run())
        return ended[0]
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 1


def _leave_behind(ended: list[int]) -> None:
    """Ends at once, with the code of the command, where a thread is still in a driver or in a library.

    The destructors would pull that library from under it, and the process would end as aborted.
    """
    if ended and any(one.daemon and one.name.startswith("scanmon") for one in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # the reader has gone, or there is none
                stream.flush()
        os._exit(ended[0])


if __name__ == "__main__":
    sys.exit(main())
