"""What differs between versions of PyAV."""

from __future__ import annotations

from typing import Any, Final

import av

ODD_METADATA: Final[dict[str, Any]] = (
    {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
)
"""For `av.open`: text that is no UTF-8 is no reason to refuse a file. From version 19 on it never is."""
