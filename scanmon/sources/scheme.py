"""What tells an address from a path; apart from the opening of sources, which loads more."""

import re

# a letter and a colon are a drive of Windows, not a scheme
_URI = re.compile(r"^([a-z][a-z0-9+.-]+):", re.IGNORECASE)


def scheme_of(source: str) -> str | None:
    """`rtsp` of `rtsp://host`, None for a path."""
    found = _URI.match(source)
    return found[1].lower() if found else None
