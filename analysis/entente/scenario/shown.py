"""How a notebook shows a scenario, and completes its paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from entente import program
from entente.cards import STYLE
from entente.report.scenario import in_words, question

if TYPE_CHECKING:
    from entente.scenario.scenario import Scenario

#: Entries of a section that are shown; the others are counted.
_MOST = 8


class Paths(str):
    """A path, below which the tab key lists what there is. It is the text of the path itself."""

    _known: Sequence[str]

    def __new__(cls, known: Sequence[str], path: str = "") -> Paths:
        """The path `path` among those that are `known`."""
        self = super().__new__(cls, path)
        self._known = known
        return self

    def __getattr__(self, name: str) -> Paths:
        """The path one part longer; a part that is no name of Python is in brackets, `s.paths["KAZ-USA"]`."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self._below(name)

    def __getitem__(self, name: Any) -> Any:
        """The path one part longer, or a part of its text."""
        return self._below(name) if isinstance(name, str) else super().__getitem__(name)

    def _below(self, name: str) -> Paths:
        path = f"{self}.{name}" if self else name
        if not any(each == path or each.startswith(f"{path}.") for each in self._known):
            there = ", ".join(self._parts())
            raise AttributeError(f"no path {path!r}; below {str(self) or 'the scenario'} are {there}")
        return Paths(self._known, path)

    def _parts(self) -> list[str]:
        """What there is below this path."""
        start = f"{self}." if self else ""
        return list(dict.fromkeys(each[len(start) :].split(".")[0] for each in self._known if each.startswith(start)))

    def __dir__(self) -> list[str]:
        """What there is below this path."""
        return [part for part in self._parts() if part.isidentifier()]

    def _ipython_key_completions_(self) -> list[str]:
        return self._parts()


def html(scenario: Scenario) -> str:
    """The card of a scenario: its question, what it has, and its problems."""
    contents = scenario.document
    text = str(scenario.to_yaml())
    asked = question({"scenario": "it", "files": {"it": text}}, contents, ["base"])
    period = contents.get("period")
    when = f"{period.get('start', '?')} to {period.get('end', '?')}" if isinstance(period, Mapping) else ""
    parts = [f"<h3>{escape(str(contents.get('title', scenario.name)))}</h3>"]
    if asked != "How may it go?":
        parts.append(f"<p><b>{escape(asked)}</b></p>")
    parts += [f'<p class="n">{escape(when)}{_counted(scenario)}</p>', _contents(contents)]
    listed = f"<details><summary>text</summary><pre>{escape(text)}</pre></details>"
    return f'{STYLE}<div class="entente-card">{"".join(parts)}{listed}</div>'


def _counted(scenario: Scenario) -> str:
    """What the program counts in a valid scenario, or how many problems there are."""
    try:
        problems = scenario.check()
        source = scenario.source()
        said = program.call(["check", source.word], source=source) if not problems.errors else ""
    except (program.ProgramError, FileNotFoundError):
        return ""
    if problems.errors:
        return f' · <span class="entente-bad">{escape(problems.tally)}: <code>check()</code> lists them</span>'
    counts = said.partition(": ok: ")[2].strip().split(";")[0]
    noted = f" · {escape(problems.tally)}: <code>check()</code> lists them" if problems else ""
    return f" · {escape(counts)}{noted}"


def _contents(contents: Mapping[str, Any]) -> str:
    """A table of the parts that make the question."""
    sections = {
        "Calendar": [_entry(each) for each in _items(contents.get("calendar"))],
        "Interventions": [_entry(each) for each in _items(contents.get("interventions"))],
        "Variants": [(name, _noted(each)) for name, each in _pairs(contents.get("variants"))],
        "Quantities": [(name, _noted(each)) for name, each in _pairs(contents.get("quantities"))],
        "Uncertain": [(name, in_words(each)) for name, each in _pairs(contents.get("uncertain"))],
        "Event types": [(name, _noted(each)) for name, each in _pairs(contents.get("kinds"))],
    }
    rows = []
    for title, entries in sections.items():
        for i, (name, said) in enumerate(entries[:_MOST]):
            head = f"{title}" if i == 0 else ""
            cells = f"<td>{escape(str(name))}</td><td class='n'>{escape(_short(said))}</td>"
            rows.append(f"<tr><th>{head}</th>{cells}</tr>")
        if len(entries) > _MOST:
            rows.append(f"<tr><th></th><td class='n' colspan='2'>and {len(entries) - _MOST} more</td></tr>")
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _items(section: Any) -> list[Mapping[str, Any]]:
    return [each for each in section if isinstance(each, Mapping)] if isinstance(section, list) else []


def _pairs(section: Any) -> list[tuple[str, Any]]:
    return [(name, each) for name, each in section.items() if name != "from"] if isinstance(section, Mapping) else []


def _entry(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The name of an entry of the calendar, and what happens when and to whom."""
    if "from" in entry:
        return "from", in_words(entry["from"])
    when = entry.get("date", entry.get("window", entry.get("at", "")))
    who = [str(entry[name]) for name in ("initiator", "host", "target", "group") if name in entry]
    return str(entry.get("id", entry.get("kind", ""))), " · ".join(
        each for each in (in_words(when), str(entry.get("kind", "")), " → ".join(who)) if each
    )


def _noted(entry: Any) -> str:
    """What an entry says of itself: its label or note, else its keys."""
    if isinstance(entry, Mapping):
        return str(entry.get("label") or entry.get("note") or in_words(entry))
    return "" if entry is None else str(entry)


def _short(text: str) -> str:
    return text if len(text) <= 110 else f"{text[:107].rstrip()}..."
