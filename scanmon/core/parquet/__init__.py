"""Parquet tables as bytes: enough of the format for the tables of scanmon, without a library of 170 MB.

docs/decisions/0050-parquet.md says why. Every other reader opens what is written here; what other writers
make is read by other readers.
"""

from scanmon.core.parquet.columns import Column, Kind
from scanmon.core.parquet.read import ParquetError, read_table
from scanmon.core.parquet.write import ParquetEncoder

__all__ = ["Column", "Kind", "ParquetEncoder", "ParquetError", "read_table"]
