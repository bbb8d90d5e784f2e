"""Where the one-folder build begins."""

import sys

from scanmon.__main__ import main

sys.exit(main())
