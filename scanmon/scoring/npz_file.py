"""Arrays from the bytes of an .npz file that anybody may have made: bounded, and never a pickle."""

import io
import zipfile

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import BundleError

MAX_BYTES = 256 << 20


def read_arrays(
    data: bytes, what: str, where: object, error_type: type[BundleError], remedy: str
) -> dict[str, NDArray[np.generic]]:
    """All arrays by name. Raises `error_type` where the file is no archive, too large, or holds objects."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise error_type(f"unpacks to too many bytes for {what}", where, remedy)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = {key: arrays[key] for key in arrays.files}
        if not all(isinstance(value, np.ndarray) for value in found.values()):  # NumPy gives others as bytes
            raise error_type(f"is not readable as {what} (a member is no array)", where, remedy)
        return found
    except error_type:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise error_type(f"is not readable as {what} ({reason})", where, remedy) from error
