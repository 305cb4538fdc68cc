"""How far a command is: a bar in a notebook, the program's own lines elsewhere."""

from __future__ import annotations

import json
import re
import sys
from html import escape
from typing import Any

_WARNINGS = re.compile(r"\d+ warnings?\n?")


def in_notebook() -> bool:
    """Whether the code runs in a kernel of Jupyter, which shows HTML."""
    return getattr(_shell(), "kernel", None) is not None


def cell() -> str | None:
    """A name of the cell that runs: its id where the front end tells it, else one for the whole session.

    None outside of notebooks.
    """
    if not in_notebook():
        return None
    try:
        return str(_shell().get_parent()["metadata"]["cellId"])
    except (AttributeError, KeyError, TypeError):
        return "session"


def _shell() -> Any:
    """The shell of IPython, if that is what runs the code; it is not imported for this."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


class Lines:
    """Shows the program's messages as they are, on standard error."""

    #: Options with which the program writes what this shows.
    options: tuple[str, ...] = ()

    def line(self, text: str) -> None:
        """One line of the program's messages."""
        print(text, end="", file=sys.stderr, flush=True)

    def end(self, ok: bool) -> None:
        """The command has ended, well if `ok`."""


class Silent(Lines):
    """Shows nothing."""

    def line(self, text: str) -> None:
        """Nothing."""


class Bar(Lines):
    """One bar below the cell, from the program's progress as JSON lines. Of warnings it has the number."""

    options = ("--json",)

    def __init__(self, title: str) -> None:
        """With what is being done."""
        from IPython.display import HTML, display  # only in a notebook, which has it

        self._noted = ""
        self._html, self._title, self._last = HTML, title, {"done": 0, "total": 0}
        self._handle = display(self._html(self._page("starts")), display_id=True)

    def line(self, text: str) -> None:
        """Move the bar if it is progress; errors are for the exception, which has all of them."""
        if _WARNINGS.fullmatch(text):
            self._noted = f"; {text.strip()}"
        if not text.startswith('{"done"'):
            return
        self._last = json.loads(text)
        left = self._last.get("seconds_left", -1)
        self._show(f"{self._last['per_second']:.0f} a second" + (f", {left:.0f} s left" if left >= 0 else ""))

    def end(self, ok: bool) -> None:
        """Fill the bar, or say that the command has stopped."""
        if ok:
            self._last = self._last | {"done": self._last["total"]}
        self._show("done" if ok else "stopped; finished parts are kept")

    def _show(self, said: str) -> None:
        if self._handle is not None:
            self._handle.update(self._html(self._page(said)))

    def _page(self, said: str) -> str:
        done, total = int(self._last["done"]), int(self._last["total"])
        share = done / total if total else float(said == "done")
        count = f"{done:,} of {total:,}, " if total else ""
        return (
            '<div style="display:flex;gap:.8em;align-items:center;font:13px sans-serif">'
            f"<span>{escape(self._title)}</span>"
            '<span style="flex:0 0 16em;height:.7em;border-radius:.35em;background:rgba(127,127,127,.25)">'
            f'<span style="display:block;height:100%;width:{100 * share:.1f}%;border-radius:.35em;background:#0072B2">'
            f'</span></span><span style="opacity:.75">{count}{escape(said + self._noted)}</span></div>'
        )


def shower(title: str, quiet: bool = False, bar: bool = True) -> Lines:
    """What shows the progress of a command here; `bar` if the command writes progress as JSON."""
    return Silent() if quiet else Bar(title) if bar and in_notebook() else Lines()
