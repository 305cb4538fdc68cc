"""What `entente check` finds in a scenario: a list that prints, and that a notebook shows with the places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from entente.program import ProgramError

#: Exit code for an invalid scenario (EX_DATAERR of sysexits.h).
INVALID = 65

_STYLE = (
    "<style>.entente-problems td{text-align:left!important;vertical-align:top;white-space:normal}"
    ".entente-problems code{white-space:pre;display:block;text-align:left;opacity:.75}"
    ".entente-problems mark{background:#D55E00;color:#fff;padding:0 .15em;border-radius:2px}"
    ".entente-error{color:#D55E00;font-weight:600}.entente-warning{color:#8a6d00;font-weight:600}</style>"
)


@dataclass(frozen=True)
class Problem:
    """One problem: `severity` is error or warning; `line` and `column` count from 1; `source` is the line's text."""

    severity: str
    file: str
    line: int
    column: int
    text: str
    source: str = ""

    def __str__(self) -> str:
        """As the program prints it: the place, the text, and the line with a mark below the place."""
        head = f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.text}"
        if not self.source:
            return head
        return f"{head}\n  {self.line:4} | {self.source}\n       | {' ' * (self.column - 1)}^"

    def _repr_html_(self) -> str:
        return Problems([self])._repr_html_()


class Problems(list[Problem]):
    """The problems of a scenario; true if there is any. `left_out` lists what libraries left out, with the reason."""

    def __init__(self, problems: Iterable[Problem] = (), left_out: Iterable[Mapping[str, Any]] = ()) -> None:
        """From its problems, in the order of their places."""
        super().__init__(problems)
        self.left_out = list(left_out)

    @property
    def errors(self) -> list[Problem]:
        """The problems with which the scenario cannot be run."""
        return [each for each in self if each.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """The problems with which it can be run, but hardly does what is meant."""
        return [each for each in self if each.severity != "error"]

    def __str__(self) -> str:
        """All of them, and their number."""
        return "\n".join([*map(str, self), self.tally])

    def __repr__(self) -> str:
        """All of them, and their number."""
        return str(self)

    @property
    def tally(self) -> str:
        """How many there are: "2 errors, 1 warning"."""
        found = [(len(self.errors), "error"), (len(self.warnings), "warning")]
        return ", ".join(f"{n} {what}{'s' * (n != 1)}" for n, what in found if n) or "no problems"

    def _repr_html_(self) -> str:
        if not self:
            return "<p>✓ no problems</p>"
        rows = "".join(_row(each) for each in self)
        return f'{_STYLE}<table class="entente-problems">{rows}</table><p>{self.tally}</p>'


def _row(problem: Problem) -> str:
    place = escape(f"{problem.file}:{problem.line}:{problem.column}")
    source = f"<code>{_marked(problem)}</code>" if problem.source else ""
    return (
        f'<tr><td class="entente-{escape(problem.severity)}">{escape(problem.severity)}</td><td>{place}</td>'
        f"<td>{escape(problem.text)}{source}</td></tr>"
    )


def _marked(problem: Problem) -> str:
    """The line with the word at the place marked."""
    at = max(problem.column - 1, 0)
    rest = problem.source[at:]
    n = next((i for i, c in enumerate(rest) if i and not (c.isalnum() or c in "_-.")), len(rest))
    return f"{escape(problem.source[:at])}<mark>{escape(rest[:n] or ' ')}</mark>{escape(rest[n:])}"


class InvalidScenario(ProgramError):
    """The scenario has errors: `problems` lists them, and `str` has all of them with their places."""

    def __init__(self, problems: Problems) -> None:
        """With the problems that `check` found."""
        super().__init__(INVALID, str(problems))
        self.problems = problems

    def _repr_html_(self) -> str:
        return self.problems._repr_html_()
