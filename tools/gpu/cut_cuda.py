"""Blank the machine code of other GPU generations in a CUDA library, so that it packs small.

    python cut_cuda.py IN OUT GENERATION

Of the entries of a fat binary, those for GENERATION (90: Hopper) and PTX stay. Offsets stay as they are: only
the payload of an entry is zeroed, since the driver never reads one for another generation. Kernels that exist
for GENERATION alone (of sm_90a: products of mixed precision that no network here uses) go too: their entry
then says that it is for another one, and is never taken.
"""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_MAGIC, _CUBIN, _ELSEWHERE = 0xBA55ED50, 2, 120


def section(raw: bytes, wanted: bytes) -> tuple[int, int]:
    """Offset and size of a section of an ELF file. Raises `StopIteration` where it has none."""
    (table,) = struct.unpack_from("<Q", raw, 0x28)
    width, count, names = struct.unpack_from("<HHH", raw, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", raw, table + index * width) for index in range(count)]
    start = headers[names][4]
    name = {header: raw[start + header[0] : raw.index(b"\0", start + header[0])] for header in headers}
    return next((header[4], header[5]) for header in headers if name[header] == wanted)


def containers(raw: bytes | bytearray, start: int, size: int) -> Iterator[list[tuple[int, int, int, int]]]:
    """Of each container of a fat binary its entries: (offset, kind, bytes of header, bytes of payload)."""
    at, end = start, start + size
    while at + 16 <= end:
        magic, _, header, content = struct.unpack_from("<IHHQ", raw, at)
        if magic != _MAGIC:
            at += 8
            continue
        entries, entry = [], at + header
        while entry < at + header + content:
            kind, _, head, payload = struct.unpack_from("<HHIQ", raw, entry)
            entries.append((entry, kind, head, payload))
            entry += head + payload
        yield entries
        at = (at + header + content + 7) & ~7


def main(source: str, target: str, generation: int) -> None:
    raw = bytearray(Path(source).read_bytes())
    gone = kept = 0
    for entries in containers(raw, *section(bytes(raw), b".nv_fatbin")):
        for at, kind, head, payload in entries:
            (made_for,) = struct.unpack_from("<I", raw, at + 28)
            if kind != _CUBIN or (made_for == generation and len(entries) > 1):
                kept += payload
                continue
            raw[at + head : at + head + payload] = bytes(payload)
            if made_for == generation:
                struct.pack_into("<I", raw, at + 28, _ELSEWHERE)
            gone += payload
    Path(target).write_bytes(raw)
    print(f"blanked {gone / 1e6:.1f} MB, kept {kept / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
