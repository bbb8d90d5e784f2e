"""Files of JSON lines that may end in the middle of a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO


def whole_lines(file: BinaryIO) -> Iterator[dict[str, Any]]:
    """The records of a file, up to the first line that is torn."""
    for line in file:
        if not line.endswith(b"\n"):
            return
        try:
            record = json.loads(line)
        except ValueError:
            return  # a power cut can leave a line of zeros
        if not isinstance(record, dict):
            return
        yield record
