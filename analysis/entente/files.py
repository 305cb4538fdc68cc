"""Paths as users write them, and files that are there whole or not at all."""

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
    """The folder `path`, made if it is not there; raises Unwritable if it cannot be."""
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
        raise Unwritable(f"{path}: is what was read, and is not overwritten; choose another name")
    if path.is_dir():
        raise Unwritable(f"{path}: is a folder")
    if not path.is_file():
        return  # a pipe, a device
    begins = tuple(like)
    with _creating(path), path.open("rb") as file:
        head = file.read(max(map(len, begins), default=0))
    if head and not head.startswith(begins):
        raise Unwritable(f"{path}: there is a file of another kind; remove it or choose another name")


@contextmanager
def replacing(path: Path, reads: Iterable[Path] = (), like: Iterable[bytes] = ()) -> Iterator[Path]:
    """A temporary name to write to; it becomes `path` when all went well, and is removed when not.

    Never replaces one of the files `reads`, nor a file that does not begin with one of `like`. A symbolic link is
    followed; a pipe or a device is written to. Raises Unwritable if the file cannot be created.
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
    """Errors of the system as Unwritable."""
    try:
        yield
    except OSError as error:
        raise Unwritable(f"{path}: {error.strerror or error}") from error
