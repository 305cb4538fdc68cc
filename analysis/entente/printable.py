"""Text for a terminal without control characters, wherever it comes from (paths, names, titles of a file)."""

from __future__ import annotations

from typing import Any, TextIO

#: Control characters but newline and tab, what turns a line's direction, and bytes of a path that are no text.
_OBEYED = [*range(9), *range(11, 32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A),
           *range(0xD800, 0xE000)]  # fmt: skip
_TABLE = dict.fromkeys(_OBEYED, "?")


def printable(text: str) -> str:
    """Return the text with "?" for each such character, as the program prints it."""
    return text.translate(_TABLE)


class Printable:
    """A stream that makes all text printable."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text, made printable."""
        return self._stream.write(printable(text))

    def __getattr__(self, name: str) -> Any:
        """Delegate everything else to the stream."""
        return getattr(self._stream, name)
