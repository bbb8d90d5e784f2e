"""The kinds of columns, and their names in the format (apache/parquet-format, parquet.thrift)."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Kind = Literal["integer", "number", "text", "boolean", "integers"]

BOOLEAN: Final = 0
INT32: Final = 1
INT64: Final = 2
DOUBLE: Final = 5
BYTE_ARRAY: Final = 6

PHYSICAL: Final[dict[Kind, int]] = {
    "integer": INT64,
    "number": DOUBLE,
    "text": BYTE_ARRAY,
    "boolean": BOOLEAN,
    "integers": INT32,
}

REQUIRED: Final = 0
OPTIONAL: Final = 1
REPEATED: Final = 2

UTF8: Final = 0  # converted type
LIST: Final = 3  # converted type

PLAIN: Final = 0  # encoding
RLE: Final = 3  # encoding of levels

UNCOMPRESSED: Final = 0
GZIP: Final = 2

DATA_PAGE: Final = 0
MAGIC: Final = b"PAR1"


class Column(NamedTuple):
    """A column; every value may be None. `integers` holds a list of whole numbers in each row."""

    name: str
    kind: Kind
