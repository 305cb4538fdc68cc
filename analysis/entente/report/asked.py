"""What a quantity is, in words, by its definition in the scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from entente import select
from entente.report.labels import Names, day_of, listed
from entente.report.scenario import part

STATES = ("strength", "alignment", "trade")
_SCALES = {
    "strength": "from −1 (hostile) to 1 (friendly)",
    "alignment": "the level to which strength returns, from −1 (opposed) to 1 (aligned)",
    "trade": "exports of both to each other, in USD a year",
}
#: Keys of a quantity whose meaning this page knows, and those of them that may be lists.
_KEYS = {
    *STATES, "label", "note", "delivered", "condition", "count", "first", "sum", "kind", "tie", "initiator", "target",
    "successful", "at", "from", "until", "above", "below", "thresholds", "combine", "take", "every", "by", "dates",
}  # fmt: skip
_LISTS = {"count", "first", "kind", "tie", "initiator", "target", "thresholds", "combine", "dates"}
#: What is taken of a state over a window, and of several quantities.
_OF_WINDOW = {"mean": "Average", "min": "Lowest", "max": "Highest"}
_OF_PARTS = {
    "sum": "The sum of {}", "mean": "The average of {}", "min": "The smallest of {}", "max": "The largest of {}",
}  # fmt: skip
_OF_CHANCES = {"max": "Whether at least one holds of {}", "min": "Whether all hold of {}"}

Labels = Callable[[str], str]


def definition(scenario: Mapping[str, Any], quantity: str) -> dict[str, Any]:
    """The quantity's entry in the scenario; of a threshold or a date of a curve, that of its quantity with these.

    Empty if there is none, or if it has keys or lists that the words and courses here do not know.
    """
    name, date, above = select.parts_of_quantity(quantity)
    entry = part(scenario, "quantities").get(name)
    if not isinstance(entry, dict) or set(entry) - _KEYS:
        return {}
    if any(isinstance(value, (list, dict)) for key, value in entry.items() if key not in _LISTS):
        return {}
    out = {**entry, **({"above": above} if above else {})}
    if date:
        out.pop("dates", None)
        out["by_date" if "first" in entry else "until" if _over_window(entry) else "at"] = date
    return out


def _over_window(entry: Mapping[str, Any]) -> bool:
    return bool({"count", "sum"} & set(entry)) or ("take" in entry and "combine" not in entry)


def listed_of(entry: Mapping[str, Any], key: str) -> list[str]:
    """The names under a key that takes one or several."""
    value = entry.get(key, [])
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def explained(entry: Mapping[str, Any], names: Names, end: str, label: Labels = str, chance: bool = False) -> str:
    """What a quantity is, in a sentence without a full stop; empty where its definition is not known.

    `end` is the last day of the period, `label` gives the label of another quantity, and `chance` says whether the
    quantity is 0 or 1 in each replicate.
    """
    if "combine" in entry:
        return _combined(entry, label, chance)
    at = f"on {day_of(entry['at'])}" if "at" in entry else f"on {end}"
    window = f"from {_day(entry, 'from', 'the start')} until {_day(entry, 'until', end)}"
    for state, scale in _SCALES.items():
        if state in entry:
            tie = str(entry[state])
            scale = "exports of one to the other, in USD a year" if "->" in tie else scale
            what = f"{state} of the tie {names.tie(tie)}"
            taken = _OF_WINDOW.get(str(entry.get("take", "")))
            what = f"{taken} {what} {window}" if taken else f"{what[:1].upper()}{what[1:]} {at}"
            return f"{what}, {scale}{_bound(entry)}"
    where = f" between {_ties(entry, names)}" if "tie" in entry else ""
    if "condition" in entry:
        return _of_condition(entry, f"the condition “{names.condition(entry['condition'])}”", where, at, window)
    if "delivered" in entry:
        said = f"USD delivered by deals between {names.pair(str(entry['delivered']))} until {at.removeprefix('on ')}"
        return said + _bound(entry)
    return _of_events(entry, names, where)


def _of_condition(entry: Mapping[str, Any], what: str, where: str, at: str, window: str) -> str:
    """A condition at a date or over a window; that it is below 1 means that it is not in force."""
    take = str(entry.get("take", ""))
    if take == "days":
        return f"Days on which {what} is in force{where}, {window}{_bound(entry)}"
    if take == "mean":
        return f"Share of the time in which {what} is in force{where}, {window}{_bound(entry)}"
    negative = "below" in entry
    when = {"max": f"at any time {window}", "min": f"all the time {window}"}.get(take, at)
    return f"Whether {what} is {'not ' if negative else ''}in force{where} {when}"


def _of_events(entry: Mapping[str, Any], names: Names, where: str) -> str:
    """Events counted, their first one, or the sum of their values."""
    who = where + _who(entry, names)
    which = " that succeeds" if entry.get("successful") == "true" else ""
    if "count" in entry:
        kinds = names.kinds(entry["count"])
        if entry.get("by") == "trip":
            trips = "Number of trips (events whose days overlap count once, as a summit and the meetings at its side)"
            return f"{trips} with an event of the type {kinds}{which}{who}{_window(entry)}{_bound(entry)}"
        return f"Number of events of the type {kinds}{which}{who}{_window(entry)}{_bound(entry)}"
    if "first" in entry:
        kinds = names.kinds(entry["first"])
        if "by_date" in entry:
            return f"Whether an event of the type {kinds}{which}{who} comes before {day_of(entry['by_date'])}"
        return f"Days from the start to the first event of the type {kinds}{which}{who}{_window(entry)}{_bound(entry)}"
    if "sum" in entry:
        kinds = names.kinds(entry.get("kind", []))
        return f"Total value of {kinds}{which}{who}, in USD{_window(entry)}{_bound(entry)}"
    return ""


def _combined(entry: Mapping[str, Any], label: Labels, chance: bool) -> str:
    parts = [f"“{label(each)}”" for each in listed_of(entry, "combine")]
    take, bounded = str(entry.get("take", "sum")), bool({"above", "below"} & set(entry))
    if take == "difference":
        said = f"{parts[0]} minus {listed(parts[1:])}"
    elif take == "ratio":
        said = " divided by ".join(parts)
    elif chance and not bounded and take in _OF_CHANCES:
        said = _OF_CHANCES[take].format(listed(parts))
    else:
        said = _OF_PARTS[take].format(listed(parts)) if take in _OF_PARTS else ""
    when = f", on {day_of(entry['at'])}" if said and "at" in entry else ""
    return f"{said}{when}{_bound(entry) if said else ''}"


def brief(entry: Mapping[str, Any], names: Names, label: Labels = str) -> str:
    """A label for a quantity that has none; empty where its definition is not known."""
    state = next((each for each in (*STATES, "delivered") if each in entry), None)
    at = f", {day_of(entry['at'])}" if "at" in entry else ""
    where = f": {' or '.join(names.tie(tie) for tie in listed_of(entry, 'tie'))}" if "tie" in entry else ""
    ends = f"{_window(entry)}{_bound(entry)}"
    taken = _OF_WINDOW.get(str(entry.get("take", "")), "").lower()
    if "combine" in entry:
        parts = [label(each) for each in listed_of(entry, "combine")]
        between = {"difference": " minus ", "ratio": " divided by ", "sum": " plus "}.get(str(entry.get("take", "sum")))
        said = between.join(parts) if between else f"{entry['take']} of {listed(parts)}"
        return said + at + _bound(entry)
    if state:
        return f"{taken} {state}{at}: {names.tie(str(entry[state]))}{ends}".strip()
    if "condition" in entry:
        of = {"days": "days of ", "mean": "share of the time in "}.get(str(entry.get("take", "")), "")
        negative = "no longer " if "below" in entry and not of else ""
        return f"{of}{negative}{names.condition(entry['condition'])}{at}{where}{_window(entry)}"
    if "by_date" in entry:
        return f"{names.kinds(entry['first'])} before {day_of(entry['by_date'])}{where}"
    forms = (("count", "events: {}"), ("first", "days to the first {}"), ("sum", "value of {}"))
    for key, what in forms:
        if key in entry:
            kinds = entry.get("kind", []) if key == "sum" else entry[key]
            what = "trips: {}" if entry.get("by") == "trip" else what
            return what.format(names.kinds(kinds)) + where + _who(entry, names) + ends
    return ""


def _ties(entry: Mapping[str, Any], names: Names) -> str:
    return " or ".join(names.pair(tie) for tie in listed_of(entry, "tie"))


def _day(entry: Mapping[str, Any], key: str, otherwise: str) -> str:
    return day_of(entry[key]) if key in entry else otherwise


def _window(entry: Mapping[str, Any]) -> str:
    return "".join(f" {word} {day_of(entry[word])}" for word in ("from", "until") if word in entry)


def _bound(entry: Mapping[str, Any]) -> str:
    said = [f"{word} {entry[word]}" for word in ("above", "below") if word in entry]
    return f": whether it is {' and '.join(said)}" if said else ""


def _who(entry: Mapping[str, Any], names: Names) -> str:
    ends = []
    for key, word in (("initiator", "by"), ("target", "to")):
        if key in entry:
            ends.append(f" {word} {' or '.join(names.actor(each) for each in listed_of(entry, key))}")
    return "".join(ends)
