"""Paths as users write them, and files that are written completely or not at all."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from entente.errors import Unwritable

#: How files begin that the package writes itself and may replace.
HTML = (b"<!doctype html>",)
PICTURE = (b"\x89PNG", b"%PDF", b'<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<!DOCTYPE svg')
GRAPHML = (b"<?xml version='1.0' encoding='utf-8'?>\n<graphml",)


def expanded(path: str | os.PathLike[str]) -> Path:
    """`path` with a leading `~` or `~user` replaced by the home folder."""
    return Path(os.path.expanduser(path))


def folder(path: str | os.PathLike[str]) -> Path:
    """The folder `path`, created if it does not exist; raises Unwritable if that fails."""
    out = expanded(path)
    with _creating(out):
        out.mkdir(parents=True, exist_ok=True)
    return out


def check_output(path: Path, reads: Iterable[Path], like: Iterable[bytes]) -> None:
    """Raise Unwritable if `path` is one of the files `reads`, or exists and does not begin with one of `like`."""
    if not path.parent.is_dir():
        raise Unwritable(f"{path}: there is no folder {path.parent}")
    if not path.exists():
        return
    if any(read.exists() and path.samefile(read) for read in reads):
        raise Unwritable(f"{path}: is the input file, which is never overwritten; choose another name")
    if path.is_dir():
        raise Unwritable(f"{path}: is a folder")
    if not path.is_file():
        return  # a pipe, a device
    begins = tuple(like)
    with _creating(path), path.open("rb") as file:
        head = file.read(max(map(len, begins), default=0))
    if head and not head.startswith(begins):
        raise Unwritable(f"{path}: there is a file of another type; remove it or choose another name")


@contextmanager
def replacing(path: Path, reads: Iterable[Path] = (), like: Iterable[bytes] = ()) -> Iterator[Path]:
    """A temporary file to write to; it is renamed to `path` on success and removed on failure.

    Never replaces one of the files `reads`, nor a file that does not begin with one of `like`. Follows a symbolic
    link; writes directly to a pipe or a device. Raises Unwritable if the file cannot be created.
    """
    check_output(path, reads, like)
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with tempfile.TemporaryDirectory() as made:
            whole = Path(made) / f"whole{target.suffix}"
            yield whole
            with target.open("wb") as out:
                out.write(whole.read_bytes())
        return
    temporary = target.with_name(f".{target.stem[:80]}.{secrets.token_hex(4)}{target.suffix}")
    with _creating(path):
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield temporary
        with _creating(path):
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o777)
            os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _creating(path: Path) -> Iterator[None]:
    """Raise errors of the system as Unwritable."""
    try:
        yield
    except OSError as error:
        raise Unwritable(f"{path}: {error.strerror or error}") from error
