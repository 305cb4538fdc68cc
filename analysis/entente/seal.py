"""Checks by its seal whether an output file is as the program wrote it (docs/output-format.md, "Seal")."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

#: Files up to this size, in bytes, are compared with their seal to the last byte.
WHOLE_BYTES = 64 << 20

_BLOCK = 65_536
_ENTRY = struct.Struct("<II")  # checksum of a block, whether its bytes carry checksums of their own
_FOOTER = struct.Struct("<8sQII")  # mark, bytes sealed, bytes a block, checksum of the entries and of these


def check(path: str | os.PathLike[str], whole: bool = False) -> None:
    """Raise ValueError unless the file at `path` is as it was written.

    In a file of more than `WHOLE_BYTES`, and unless `whole`, blocks that contain only compressed chunks of data are
    not compared: gzip has a checksum of each chunk, which is compared when the chunk is read.
    """
    with Path(path).open("rb") as file:
        end = file.seek(0, os.SEEK_END) - _FOOTER.size
        file.seek(max(end, 0))
        mark, size, block, checksum = _FOOTER.unpack(file.read().ljust(_FOOTER.size, b"\0"))
        n = -(-size // _BLOCK)
        if mark != b"ENTSEAL1" or block != _BLOCK or size + n * _ENTRY.size != end:
            raise ValueError(
                f"{path} has no seal: it is not an output file of entente 2.x, is incomplete, or was changed "
                "by another program"
            )
        file.seek(size)
        seal = file.read(end - size + _FOOTER.size - 4)
        if zlib.crc32(seal) != checksum:
            raise ValueError(f"{path} is damaged: its seal is not as it was written")
        whole = whole or size <= WHOLE_BYTES
        for i, (wanted, own) in enumerate(_ENTRY.iter_unpack(seal[: n * _ENTRY.size])):
            if own and not whole:
                continue
            file.seek(i * _BLOCK)
            if zlib.crc32(file.read(min(_BLOCK, size - i * _BLOCK))) != wanted:
                raise ValueError(
                    f"{path} is damaged: bytes {i * _BLOCK} to {min((i + 1) * _BLOCK, size) - 1} are not as they "
                    "were written"
                )
