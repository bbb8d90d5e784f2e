"""Where this user's machine-made files lie: engine plans and what was found out about back ends."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """`SCANMON_CACHE`, or `scanmon` in the platform's folder for caches. It may not exist yet."""
    named = os.environ.get("SCANMON_CACHE")
    return Path(named) if named else user_cache_path("scanmon", appauthor=False)
