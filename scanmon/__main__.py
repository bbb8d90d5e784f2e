"""`python -m scanmon`, and the program `scanmon`: what runs before anything slow is imported."""

import sys


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

        return run()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
