"""Puts the seal behind a file that the program has not written (docs/output-format.md, "Seal")."""

from __future__ import annotations

import itertools
import struct
import zlib
from pathlib import Path

import h5py
import numpy as np

BLOCK = 65_536
FOOTER = struct.Struct("<8sQII")


def size_of_content(path: Path) -> int:
    """Bytes before the seal, or all of them if there is none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - FOOTER.size))
        footer = file.read().ljust(FOOTER.size, b"\0")
    mark, content, _, _ = FOOTER.unpack(footer)
    return content if mark == b"ENTSEAL1" and content < size else size


def chunk_bytes(path: Path) -> np.ndarray:
    """How many bytes of each block lie in compressed chunks."""
    covered = np.zeros(path.stat().st_size // BLOCK + 1, dtype=int)

    def visit(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset) and item.chunks and item.compression:
            for place in itertools.product(*(range(0, n, c) for n, c in zip(item.shape, item.chunks, strict=True))):
                chunk = item.id.get_chunk_info_by_coord(place)
                at, end = chunk.byte_offset, chunk.byte_offset + chunk.size
                for block in range(at // BLOCK, -(-end // BLOCK)):
                    covered[block] += min(end, (block + 1) * BLOCK) - max(at, block * BLOCK)

    with h5py.File(path) as file:
        file.visititems(visit)
    return covered


def seal(path: Path, chunks: bool = False) -> Path:
    """Seal the file at `path`, its old seal gone. `chunks`: which blocks are chunks alone is found out and told."""
    size = size_of_content(path)
    covered = chunk_bytes(path) if chunks else None
    entries = b""
    with path.open("r+b") as file:
        for i, at in enumerate(range(0, size, BLOCK)):
            block = file.read(min(BLOCK, size - at))
            own = int(covered is not None and covered[i] == len(block))
            entries += struct.pack("<II", zlib.crc32(block), own)
        footer = struct.pack("<8sQI", b"ENTSEAL1", size, BLOCK)
        file.write(entries + footer + struct.pack("<I", zlib.crc32(entries + footer)))
        file.truncate()
    return path
