"""The dated facts of the scenario with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entente.report.context import Context
from entente.report.scenario import entries_of, source
from entente.report.wording import section, text

#: Facts that the page lists at most.
_MOST = 200
#: Columns whose words are not broken.
_WHOLE = {"confidence": " class=num"}
_SECTIONS = {"history": "before the start", "ongoing": "in force at the start", "calendar": "on the calendar"}


def facts(context: Context) -> str:
    """A table of the dated entries of the scenario; empty if it has none."""
    rows: list[str] = []
    for name, when in _SECTIONS.items():
        rows += [_row(context, entry, when) for entry in entries_of(context.written, name)]
    for each in entries_of(context.written, "interventions"):
        rows += _of_intervention(context, each)
    if not rows:
        return ""
    more = f'<p class="note">{len(rows) - _MOST:,} more are in the scenario.</p>' if len(rows) > _MOST else ""
    body = (
        "<p>What the scenario takes as given, and who says so. A window means that each simulated future draws its "
        "own date.</p>"
        '<table class="wide stack"><thead><tr><th scope=col>date</th><th scope=col>event</th><th scope=col>place in '
        "the scenario</th><th scope=col>source</th><th scope=col>confidence</th></tr></thead>"
        f"<tbody>{''.join(rows[:_MOST])}</tbody></table>{more}"
    )
    return section("facts", "Dated facts and their sources", body)


def _of_intervention(context: Context, entry: Mapping[str, Any]) -> list[str]:
    """What an intervention is, in the words of its note, and the entries that it adds."""
    names, name = context.names, str(entry.get("id", "intervention"))
    day = names.day({"at": entry["at"]} if "at" in entry else {}) or "when its rule holds"
    rows = [_line(day, str(entry.get("note") or names.words(name)), "an intervention", str(entry.get("source", "")))]
    for each in entries_of(entry, "add"):
        rows.append(_row(context, each, "added by that intervention", f"{each.get('after', '')} later".strip()))
    return rows


def _row(context: Context, entry: Mapping[str, Any], when: str, day: str = "") -> str:
    names = context.names
    what = names.kind(entry["kind"]) if "kind" in entry else names.condition(entry.get("condition", "event"))
    who = names.who(entry)
    chance = f" (chance {_percent(str(entry['probability']))})" if "probability" in entry else ""
    event = f"{what} {who}".strip() + chance
    return _line(day or names.day(entry) or "no date", event, when, str(entry.get("source", "")))


def _line(day: str, event: str, when: str, said: str) -> str:
    where, sure = source(said)
    cells = [
        ("event", event),
        ("in the scenario", when),
        ("source", where or "none given"),
        ("confidence", sure),
    ]
    data = "".join(
        f'<td data-head="{head}"><span{_WHOLE.get(head, "")}>{text(cell)}</span></td>' for head, cell in cells
    )
    return f"<tr><th scope=row>{text(day)}</th>{data}</tr>"


def _percent(written: str) -> str:
    """A probability of the scenario in percent; as it is written where it is no number."""
    try:
        return f"{100 * float(written):.3g} %"
    except ValueError:
        return written
