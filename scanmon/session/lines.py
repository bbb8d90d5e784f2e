"""Files of JSON lines that may end in the middle of a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO


def whole_lines(file: BinaryIO) -> Iterator[dict[str, Any]]:
    """The records of a file, up to the first line that is torn."""
    for line in file:
        record = _record(line)
        if record is None:
            return
        yield record


def whole_size(file: BinaryIO) -> int:
    """Bytes of the lines that `whole_lines` gives."""
    size = 0
    for line in file:
        if _record(line) is None:
            break
        size += len(line)
    return size


def _record(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None  # a power cut can leave a line of zeros
    return record if isinstance(record, dict) else None
