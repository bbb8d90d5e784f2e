"""What of settings and names may be written into a session: nothing that tells who, where or which file."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9 _.,:+=%()-]{0,80}")
_ADDRESS: Final = re.compile(r"://|\d+\.\d+\.\d+\.\d+|\.[A-Za-z]{2,5}$")


def plain(value: str) -> bool:
    """Whether a text is a word of ours rather than a path, an address or a file name."""
    return _PLAIN.fullmatch(value) is not None and _ADDRESS.search(value) is None


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers, plain texts, and tables of them; anything else is left out."""
    kept: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            kept[key] = plain_values(value)
        elif (
            isinstance(value, bool | int)
            or (isinstance(value, float) and math.isfinite(value))
            or (isinstance(value, str) and plain(value))
        ):
            kept[key] = value
    return kept
