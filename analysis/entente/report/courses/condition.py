"""Whether a standing condition is in force, by date, from what the file stores: the log of events.

What starts and ends a condition is read from the scenario's texts: `ongoing`, the events that start or end it, dated
interventions. A course made so counts only if it has the file's own values of the quantity in every replicate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from entente import estimates, select, times
from entente.report.asked import listed_of
from entente.report.scenario import entries_of, part, trees
from entente.report.wording import period
from entente.result import Result

_COLUMNS = ["time", "kind", "initiator", "target", "status", "success"]
_GRID = 81


class Change(NamedTuple):
    """The condition begins (`on`) or ends at a date."""

    at: np.datetime64
    on: bool


def in_force(
    result: Result, written: Mapping[str, Any], entry: Mapping[str, Any], quantity: str, variants: Sequence[str]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
    """Dates, and 1 or 0 [variant, replicate, date]; none if the file does not tell."""
    ties = listed_of(entry, "tie")
    if not result.has_events or "point" in result.data.sizes or len(ties) != 1 or "take" in entry or "->" in ties[0]:
        return None
    name, pair = str(entry["condition"]), frozenset(each.strip() for each in ties[0].split("-"))
    documents = trees(result.provenance())
    starting, ending = _kinds(documents, name, "starts"), _kinds(documents, name, "ends")
    if starting is None or ending is None or _has_duration(documents, name):
        return None
    start, end = period(result.data)
    known = {quantity: times.moment(str(entry["at"])) if "at" in entry else end}
    known |= {name: times.moment(date) for name, date in select.curves(result.data).get(quantity, [])}
    dates = np.unique(np.append(start + np.linspace(0, 1, _GRID) * (end - start), list(known.values())))
    good = estimates.ran(result.data)
    values = np.zeros((len(variants), good.sizes["replicate"], dates.size))
    first = any(_concerns(each, name, pair) for each in entries_of(written, "ongoing"))
    for v, variant in enumerate(variants):
        fixed = _interventions(written, variant, name, pair)
        if fixed is None:
            return None
        log = result.events(variant, None, columns=_COLUMNS)
        log = log[(log["status"] == "held") & (log["success"] != 0) & log["kind"].isin(starting | ending)]
        sides = zip(log["initiator"].astype(str), log["target"].astype(str), strict=True)
        log = log[np.array([frozenset(each) == pair for each in sides], dtype=bool)]
        moments = times.as_numpy(log["time"].to_numpy())
        rows = zip(log["replicate"], moments, log["kind"].isin(starting), strict=True)
        by_replicate: dict[int, list[Change]] = {}
        for replicate, moment, on in rows:
            if moment >= start:
                by_replicate.setdefault(int(replicate), []).append(Change(moment, bool(on)))
        for i, replicate in enumerate(int(each) for each in good["replicate"].values):
            changes = sorted([*fixed, *by_replicate.get(replicate, [])], key=lambda change: change.at)
            values[v, i] = _states(dates, first, changes)
    values = 1 - values if "below" in entry else values
    own = good["quantity_value"].sel(variant=list(variants))
    told = (
        np.array_equal(values[..., int(np.searchsorted(dates, at))], own.sel(quantity=name).values)
        for name, at in known.items()
    )
    return (dates, values) if all(told) else None


def _states(dates: np.ndarray[Any, Any], first: bool, changes: Sequence[Change]) -> np.ndarray[Any, Any]:
    out = np.full(dates.size, float(first))
    for change in changes:
        out[dates >= change.at] = change.on
    return out


def _concerns(change: object, name: str, pair: frozenset[str]) -> bool:
    """Whether an entry with a condition and a tie is about this condition of this tie."""
    if not isinstance(change, dict) or change.get("condition") != name:
        return False
    return frozenset(each.strip() for each in str(change.get("tie", "")).split("-")) == pair


def _interventions(
    written: Mapping[str, Any], variant: str, name: str, pair: frozenset[str]
) -> list[Change] | None:
    """What dated interventions do to the condition in a variant; none if a rule decides when."""
    own = part(written, "variants").get(variant)
    switched = own.get("interventions", []) if isinstance(own, dict) else []
    switched = switched if isinstance(switched, list) else [switched]
    there = [
        each
        for each in entries_of(written, "interventions")
        if str(each.get("only_in_variants")) != "true" or each.get("id") in switched
    ]
    out = []
    for each in (*there, *(each for each in switched if isinstance(each, dict))):
        for key, on in (("open", True), ("close", False)):
            listed = each.get(key, [])
            if not any(_concerns(change, name, pair) for change in (listed if isinstance(listed, list) else [])):
                continue
            if "at" not in each:
                return None
            out.append(Change(times.moment(str(each["at"])), on))
    return out


def _kinds(documents: Iterable[Mapping[str, Any]], name: str, key: str) -> set[str] | None:
    """The event types that start or end the condition on their tie; none if one does it to an actor."""
    out = set()
    for document in documents:
        for kind, entry in part(document, "kinds").items():
            listed = entry.get(key, []) if isinstance(entry, dict) else []
            for each in listed if isinstance(listed, list) else [listed]:
                if isinstance(each, dict) and each.get("condition") == name:
                    return None
                if each == name:
                    out.add(kind)
    return out


def _has_duration(documents: Iterable[Mapping[str, Any]], name: str) -> bool:
    """Whether the condition may end by itself, at a time that no event tells."""
    own = (part(document, "conditions").get(name) for document in documents)
    return any("duration" in entry for entry in own if isinstance(entry, dict))
