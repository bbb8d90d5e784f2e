"""`python -m scanmon` is the command `scanmon`."""

import sys

from scanmon.cli import main

if __name__ == "__main__":
    sys.exit(main())
