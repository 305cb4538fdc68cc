"""Which output files this session has made, and in which cell: what may be replaced without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entente.progress import cell

#: By output file: the cell that made it, and what stood there afterwards (None: only parts of it).
_MADE: dict[Path, tuple[str, tuple[int, ...] | None]] = {}


def made_here(target: Path) -> bool:
    """Whether the file at `target`, or its parts, are of the cell that now runs; false outside of notebooks."""
    return cell() is not None and _MADE.get(target) == (cell(), _identity(target))


@contextmanager
def making(target: Path) -> Iterator[None]:
    """While this cell makes the file at `target`; one that was there before and stays is not the cell's."""
    before = _identity(target)
    own = before is None or made_here(target)
    try:
        yield
    finally:
        after, here = _identity(target), cell()
        if here is not None and (own or after != before):
            _MADE[target] = (here, after)


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
