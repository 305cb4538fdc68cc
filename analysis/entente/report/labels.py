"""Words for the names of a file: its own labels, or words made of an identifier.

Everything here is plain text, which `wording.text` escapes for the page.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from entente import times
from entente.plot.styling import actor_labels
from entente.report.scenario import entries_of, part
from entente.result import WITHOUT

_CAPITALS = {"us", "uk", "un", "eu", "nato", "wto", "gdp", "usd", "imf", "osce", "brics"}
#: Words that are also short names of actors, such as Canada's.
_WORDS = {"can", "are", "and", "in", "at", "it", "is", "no", "to", "be", "as", "per", "for", "guy", "cod", "bra"}

#: What a parameter's path says, in words; the first pattern that fits the whole path counts.
_PATHS = [
    (r"kinds\.{k}\.rate\.per_year", "{0}: how often it happens by itself, a year"),
    (r"kinds\.{k}\.rate\.log_effects\.{k}(?:\.coefficient)?", "{0}: how far {1} raises its rate"),
    (r"kinds\.{k}\.rate\..*", "{0}: its rate"),
    (r"kinds\.{k}\.effect\.lasting", "{0}: share of its effect that lasts"),
    (r"kinds\.{k}\.effect\.goldstein", "{0}: size of its effect (Goldstein weight)"),
    (r"kinds\.{k}\.effect\.spillover", "{0}: share of its effect that passes to third parties"),
    (r"kinds\.{k}\.effect\.trade\.shock", "{0}: its effect on trade"),
    (r"kinds\.{k}\.reply\.accept(?:\.probability)?", "{0}: chance that it is accepted"),
    (r"kinds\.{k}\.success(?:\.probability)?", "{0}: chance of success"),
    (r"kinds\.{k}\.success\.log_odds\.{k}(?:\.coefficient)?", "{0}: how far {1} raises the chance of success"),
    (r"kinds\.{k}\.then\.{k}\.probability", "{0}: chance that it leads to {1}"),
    (r"kinds\.{k}\.then\.{k}\.delay.*", "{0}: time until {1} follows"),
    (r"kinds\.{k}\.excited_by\.{k}\.branching", "{0}: further ones set off by each {1}"),
    (r"kinds\.{k}\.excited_by\.{k}\.half_life", "{0}: how long {1} sets it off"),
    (r"kinds\.{k}\.value\.lognormal\.median", "{0}: its median value"),
    (r"kinds\.{k}\.value\..*", "{0}: its value"),
    (r"kinds\.{k}\.deal\.delivered.*", "{0}: share of it that is delivered"),
    (r"kinds\.{k}\.summit\.attendance(?:\.probability)?", "{0}: chance that a member attends"),
    (r"ties\.relax\.{k}", "half-life of the {0} of ties"),
    (r"ties\.{t}\.baseline", "{0}: long-run level"),
    (r"ties\.{t}\.(?:attributes\.)?{k}", "{0}: {1}"),
    (r"trade\.relax", "half-life of the response of trade"),
    (r"trade\.alignment_effect", "trade: how far alignment raises it"),
    (r"trade\.atmosphere_effect", "trade: how far strength raises it"),
    (r"effects\.gain_divisor", "divisor of every event’s effect on a tie"),
    (r"conditions\.{k}\.alignment_shift", "{0}: its effect on alignment"),
    (r"conditions\.{k}\.trade\.shift", "{0}: its effect on trade"),
    (r"conditions\.{k}\.trade\.phase_in", "{0}: time until its full effect on trade"),
    (r"conditions\.{k}\.trade\.tail", "{0}: time until its effect on trade has faded after its end"),
    (r"calendar\.{c}\.probability", "{0}: chance that it takes place"),
]


class Names:
    """Labels for the actors, ties, event types, calendar entries and parameters of one file."""

    def __init__(self, data: xr.Dataset, scenario: Mapping[str, Any]) -> None:
        """For the root of the file, and the scenario as parsed (see `scenario.parsed`)."""
        self._actors = {short: full or short for short, full in actor_labels(data).items()}
        self._groups = {str(g).casefold(): str(g) for g in data["group"].values} if "group" in data.coords else {}
        entries = [entry for name in ("history", "calendar") for entry in entries_of(scenario, name)]
        adding = [*entries_of(scenario, "interventions"), *part(scenario, "variants").values()]
        entries += [entry for each in adding if isinstance(each, dict) for entry in entries_of(each, "add")]
        self._entries = {str(entry["id"]): entry for entry in entries if "id" in entry}
        self._kinds = _stored(data, "kind") or _labels(part(scenario, "kinds"))
        self._conditions = _labels(part(scenario, "conditions"))
        self._variants = _stored(data, "variant") or _labels(part(scenario, "variants"))
        self._parameters = _stored(data, "parameter")
        self._groups |= {name.casefold(): label for name, label in _labels(part(scenario, "groups")).items()}
        interventions = {str(each["id"]): each for each in entries_of(scenario, "interventions") if "id" in each}
        self._interventions = _labels(interventions)

    def actor(self, name: object) -> str:
        """The actor's name in full."""
        return self._actors.get(str(name), str(name))

    def tie(self, name: str) -> str:
        """Both actors of "A-B" or "A->B" by their names in full."""
        mark, between = ("->", " → ") if "->" in name else ("-", " – ")
        return between.join(self.actor(each.strip()) for each in name.split(mark))

    def pair(self, name: str) -> str:
        """Both actors of a tie, in a sentence: "A and B"."""
        return self.tie(name).replace(" – ", " and ").replace(" → ", " and ")

    def kind(self, name: object) -> str:
        """An event type in words."""
        return self._kinds.get(str(name)) or self.words(name)

    def condition(self, name: object) -> str:
        """A standing condition in words."""
        return self._conditions.get(str(name)) or self.words(name)

    def kinds(self, names: object) -> str:
        """One event type or several in words."""
        several = names if isinstance(names, list) else [names]
        return " or ".join(self.kind(each) for each in several)

    def words(self, name: object) -> str:
        """Words made of an identifier: "G20 summit" of g20_summit, "invite Kazakhstan" of invite-kaz."""
        return " ".join(self._word(each) for each in re.split(r"[_\s]+|(?<=\w)-(?=\w)", str(name)) if each)

    def _word(self, word: str) -> str:
        if word.casefold() in self._groups:
            return self._groups[word.casefold()]
        if len(word) > 1 and word.upper() in self._actors and word not in _WORDS:
            return self._actors[word.upper()]
        if word.capitalize() in calendar.month_name:
            return word.capitalize()
        capital = word in _CAPITALS or re.fullmatch(r"[a-z]\d+", word)
        return word.upper() if capital else word

    def entry(self, name: str) -> str:
        """An entry of the calendar, or what `entente attribute` left out: type, actors and date."""
        return " and ".join(self._entry(each) for each in name.split("+"))

    def _entry(self, name: str) -> str:
        sort, colon, rest = name.partition(":")
        if not colon or sort not in ("history", "kind", "condition", "intervention"):
            sort, rest = "", name
        if sort == "kind":
            return f"every {self.kind(rest)}"
        if sort == "condition":
            condition, _, where = rest.partition("@")
            return f"{self.condition(condition)}, {self.tie(where) if '-' in where else self.actor(where)}"
        if sort == "intervention" and rest in self._interventions:
            return self._interventions[rest]
        name, _, turn = rest.partition("/")  # of an entry that repeats
        entry = self._entries.get(name)
        return (self.fact(entry) if entry is not None else self.words(name)) + (f", number {turn}" if turn else "")

    def dropped(self, scenario: Mapping[str, Any], variant: str) -> set[str]:
        """The event types of what a variant leaves out of the calendar."""
        entry = part(scenario, "variants").get(variant)
        out = [variant.removeprefix(WITHOUT)] if variant.startswith(WITHOUT) else []
        for key in ("drop", "decline", "cancel"):
            named = entry.get(key, []) if isinstance(entry, dict) else []
            out += named if isinstance(named, list) else [named]
        return {str(self._entries[name].get("kind")) for name in map(str, out) if name in self._entries}

    def fact(self, entry: Mapping[str, Any]) -> str:
        """A dated entry of the scenario in words: type, actors and date."""
        if "label" in entry:
            return str(entry["label"])
        who, day = self.who(entry), self.day(entry)
        return self.kind(entry.get("kind", "event")) + (f" {who}" if who else "") + (f", {day}" if day else "")

    def who(self, entry: Mapping[str, Any]) -> str:
        """The actors of a dated entry."""
        if "tie" not in entry and ("group" in entry or "host" in entry):
            return self._of_group(entry)
        first = entry.get("initiator") or entry.get("host")
        second = entry.get("target") or entry.get("targets") or entry.get("attend") or entry.get("group")
        if tie := entry.get("tie"):
            return self.tie(str(tie))
        others = second if isinstance(second, list) else [second] if second else []
        shown = ", ".join(self.actor(each) for each in others[:6]) + (", …" if len(others) > 6 else "")
        return " → ".join(each for each in (self.actor(first) if first else "", shown) if each)

    def _of_group(self, entry: Mapping[str, Any]) -> str:
        """Who takes part in a group's event: "of ECOWAS, hosted by Nigeria, about Niger"."""
        words = {"group": "of", "host": "hosted by", "initiator": "hosted by", "target": "about", "guests": "with"}
        said = []
        for key, word in words.items():
            named = entry.get(key)
            several = [self.actor(each) for each in (named if isinstance(named, list) else [named] if named else [])]
            more = [", …"] if len(several) > 6 else []
            if several:
                said.append(f"{word} {listed(several[:6])}{''.join(more)}")
        return ", ".join(said)

    def day(self, entry: Mapping[str, Any]) -> str:
        """The date of a dated entry, or its window; of a part without one that of the whole, as far as it is known."""
        whole = self._entries.get(str(entry.get("part_of")))
        if whole is not None and whole is not entry and not {"date", "window"} & set(entry):
            return self.day({key: whole[key] for key in ("date", "window") if key in whole})
        written = entry.get("date") or entry.get("since") or entry.get("at") or entry.get("window")
        days = [day_of(each) for each in (written if isinstance(written, list) else [written] if written else [])]
        return " to ".join(days)

    def variant(self, name: str) -> str:
        """A variant in words."""
        if name.startswith(WITHOUT):
            return f"without {self.entry(name.removeprefix(WITHOUT))}"
        return "as written" if name == "base" else self._variants.get(name) or self.words(name)

    def parameter(self, path: str) -> str:
        """A parameter's label, or its path in words."""
        if path in self._parameters:
            return self._parameters[path]
        for pattern, form in _PATHS:
            whole = pattern.replace("{k}", r"([^.]+)").replace("{t}", r"([^.]+-[^.]+)").replace("{c}", r"([^.]+)")
            if found := re.fullmatch(whole, path):
                of_entry = path.startswith("calendar.")
                return form.format(*(self._part(each, of_entry and not n) for n, each in enumerate(found.groups())))
        parts = path.split(".")
        return ": ".join(self._part(each, parts[0] == "calendar" and n == 1) for n, each in enumerate(parts))

    def _part(self, name: str, of_entry: bool) -> str:
        """A part of a path; the name of an entry of the calendar where `of_entry`, which others may have too."""
        if of_entry and name in self._entries:
            return self.fact(self._entries[name])
        ends = name.split("-")
        if len(ends) == 2 and set(ends) <= set(self._actors):
            return self.tie(name)
        return self.actor(name) if name in self._actors else self.kind(name)


def _stored(data: xr.Dataset, of: str) -> dict[str, str]:
    """The labels that the file has of some names of a dimension."""
    if f"{of}_label" not in data:
        return {}
    pairs = zip(data[of].values, data[f"{of}_label"].values, strict=True)
    return {str(name): str(label) for name, label in pairs if str(label)}


def _labels(mapping: Mapping[str, Any]) -> dict[str, str]:
    """The labels in a section of the scenario."""
    labelled = (pair for pair in mapping.items() if isinstance(pair[1], dict) and "label" in pair[1])
    return {str(name): str(item["label"]) for name, item in labelled}


def day_of(written: object) -> str:
    """A date of the scenario as a day; as it is written where it is none."""
    try:
        return times.text(str(written)[:16], "%-d %B %Y")
    except ValueError:
        return str(written)


def listed(words: Sequence[str]) -> str:
    """Words one after the other: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
