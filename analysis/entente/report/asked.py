"""What a quantity is, by its definition in the scenario, and its course over time in every replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from entente import estimates, times
from entente.errors import UnknownName
from entente.report.labels import Names, day_of
from entente.report.scenario import part
from entente.report.wording import period
from entente.result import Result
from entente.select import flows_of, tie_in

_STATES = ("strength", "alignment", "trade")
_SCALES = {
    "strength": "from −1 (hostile) to 1 (friendly)",
    "alignment": "the level to which strength returns, from −1 (opposed) to 1 (aligned)",
    "trade": "exports of both to each other, in USD a year",
}
#: Keys of a quantity whose meaning this page knows.
_KEYS = {
    *_STATES, "label", "note", "delivered", "condition", "count", "first", "sum", "kind", "tie", "initiator", "target",
    "successful", "at", "from", "until", "above", "below", "thresholds",
}  # fmt: skip
#: Events of this many replicates and variants at most are read for a course.
_MOST_EVENTS = 20_000_000
_COLUMNS = ["time", "kind", "initiator", "target", "status", "success", "value_usd"]


@dataclass(frozen=True)
class Course:
    """A quantity over time: `values` [variant, replicate, time], dates datetime64[ms]."""

    dates: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]


def definition(scenario: Mapping[str, Any], quantity: str) -> dict[str, Any]:
    """The quantity's entry in the scenario; of a threshold, that of its quantity.

    Empty if there is none, or if it has keys or lists that the words and courses here do not know.
    """
    name, _, above = quantity.partition(">")
    entry = part(scenario, "quantities").get(name)
    if not isinstance(entry, dict) or set(entry) - _KEYS:
        return {}
    if {"from", "until"} & set(entry) and not {"count", "first", "sum"} & set(entry):
        return {}
    if any(isinstance(entry.get(key), (list, dict)) for key in (*_STATES, "delivered", "tie", "initiator", "target")):
        return {}
    return {**entry, **({"above": above} if above else {})}


def explained(entry: Mapping[str, Any], names: Names, end: str) -> str:
    """What a quantity is, in a sentence without a full stop; empty where its definition is not known."""
    at = f"on {day_of(entry['at'])}" if "at" in entry else f"on {end}"
    for state, scale in _SCALES.items():
        if state in entry:
            tie = str(entry[state])
            what = "exports of one to the other, in USD a year" if "->" in tie else scale
            return f"{state.capitalize()} of the tie {names.tie(tie)} {at}, {what}{_bound(entry)}"
    where = f" between {names.pair(str(entry['tie']))}" if "tie" in entry else ""
    if "condition" in entry:
        return f"Whether {names.words(entry['condition'])} is in force{where} {at}"
    for key, what in (("count", "Number of events"), ("first", "Days from the start to the first event")):
        if key in entry:
            which = " that succeeds" if entry.get("successful") == "true" else ""
            return f"{what} of the type {names.kinds(entry[key])}{which}{where}{_who(entry, names)}{_bound(entry)}"
    if "delivered" in entry:
        return f"USD delivered by deals between {names.pair(str(entry['delivered']))} until {at.removeprefix('on ')}"
    if "sum" in entry:
        return f"Total value of {names.kinds(entry.get('kind', []))}{where}, in USD"
    return ""


def brief(entry: Mapping[str, Any], names: Names) -> str:
    """A label for a quantity that has none; empty where its definition is not known."""
    state = next((each for each in (*_STATES, "delivered") if each in entry), None)
    at = f", {day_of(entry['at'])}" if "at" in entry else ""
    where = f": {names.tie(str(entry['tie']))}" if "tie" in entry else ""
    if state:
        return f"{state}{at}: {names.tie(str(entry[state]))}{_bound(entry)}"
    if "condition" in entry:
        return f"{names.words(entry['condition'])}{at}{where}"
    for key, what in (("count", "events: {}"), ("first", "days to the first {}"), ("sum", "value of {}")):
        if key in entry:
            kinds = entry.get("kind", []) if key == "sum" else entry[key]
            return what.format(names.kinds(kinds)) + where + _bound(entry)
    return ""


def _bound(entry: Mapping[str, Any]) -> str:
    window = "".join(f" {word} {day_of(entry[word])}" for word in ("from", "until") if word in entry)
    said = [f"{word} {entry[word]}" for word in ("above", "below") if word in entry]
    return window + (f": whether it is {' and '.join(said)}" if said else "")


def _who(entry: Mapping[str, Any], names: Names) -> str:
    by = f" by {names.actor(entry['initiator'])}" if "initiator" in entry else ""
    to = f" to {names.actor(entry['target'])}" if "target" in entry else ""
    return by + to


def state_of(result: Result, entry: Mapping[str, Any]) -> xr.DataArray | None:
    """The stored variable [variant, replicate, time] that the quantity is a value of; none if it is not stored."""
    state = next((each for each in _STATES if each in entry), None)
    if state is None or state not in result.data or "point" in result.data.sizes:
        return None
    x, tie = estimates.ran(result.data)[state], str(entry[state]).replace(" ", "")
    try:
        if state != "trade":
            x = x.sel(tie=tie_in(x["tie"].values, tie))
        elif "->" in tie:
            x = x.sel(flow=tie)
        else:
            x = x.sel(flow=flows_of(x["flow"].values, tie)).sum("flow", min_count=1)
    except (UnknownName, KeyError):
        return None
    return x.transpose("variant", "replicate", "time")


def course(result: Result, entry: Mapping[str, Any], quantity: str, variants: Sequence[str]) -> Course | None:
    """The quantity by date in these variants; none if the file does not have it."""
    if "above" in entry or "below" in entry:
        return None if "count" not in entry else _counted(result, entry, quantity, variants)
    x = state_of(result, entry)
    if x is not None:
        values = x.sel(variant=list(variants)).load().values
        return Course(times.as_numpy(x["time"].values), values) if np.isfinite(values).any() else None
    if "first" in entry:
        return first_times(result, quantity, variants)
    return _counted(result, entry, quantity, variants) if {"count", "sum"} & set(entry) else None


def first_times(result: Result, quantity: str, variants: Sequence[str]) -> Course:
    """Whether the first event has come, 1 or 0, by date."""
    days = estimates.ran(result.data)["quantity_value"].sel(quantity=quantity, variant=list(variants)).values
    grid = np.linspace(0, float(result.data.attrs["horizon_days"]), 81)
    dates = times.of_days(grid, str(result.data.attrs["start"]))
    return Course(dates, (days[..., None] <= grid).astype(float))


def _counted(result: Result, entry: Mapping[str, Any], quantity: str, variants: Sequence[str]) -> Course | None:
    """Events or their values summed up to each date; none unless the sums at the end are the file's own values."""
    size = result.data["event_count"].sel(variant=list(variants)).sum().item() if "event_count" in result.data else 0
    if not result.has_events or "point" in result.data.sizes or size > _MOST_EVENTS:
        return None
    good = estimates.ran(result.data)
    start, end = period(result.data)
    dates = start + np.linspace(0, 1, 81) * (end - start)
    out = np.zeros((len(variants), good.sizes["replicate"], dates.size))
    for v, variant in enumerate(variants):
        log = result.events(variant, None, columns=_COLUMNS)
        log = log[_wanted(log, entry)]
        at = times.as_numpy(log["time"].to_numpy())
        log, at = log[at >= start], at[at >= start]
        places = pd.Index(good["replicate"].values).get_indexer(log["replicate"])
        slots = np.searchsorted(dates, at)
        known = (places >= 0) & (slots < dates.size)
        amount = log["value_usd"].fillna(0).to_numpy() if "sum" in entry else np.ones(len(log))
        np.add.at(out[v], (places[known], slots[known]), amount[known])
    out = out.cumsum(axis=-1)
    if "above" in entry:
        out = (out > float(entry["above"])).astype(float)
    if "below" in entry:
        out = (out < float(entry["below"])).astype(float)
    own = good["quantity_value"].sel(quantity=quantity, variant=list(variants)).values
    return Course(dates, out) if np.allclose(out[..., -1], own, rtol=1e-6) else None


def _wanted(log: pd.DataFrame, entry: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Which events the quantity counts, as far as its definition says it by type, tie and actors."""
    kinds = entry.get("count", entry.get("kind", []))
    keep = (log["status"] == "held") & log["kind"].isin(kinds if isinstance(kinds, list) else [kinds])
    a, b = log["initiator"].astype(object), log["target"].astype(object)
    if "tie" in entry:
        tie = str(entry["tie"]).replace(" ", "")
        one, two = tie.split("->" if "->" in tie else "-", 1)
        way = (a == one) & (b == two)
        keep &= way if "->" in tie else way | ((a == two) & (b == one))
    for key, side in (("initiator", a), ("target", b)):
        if key in entry:
            keep &= side == str(entry[key])
    if entry.get("successful") == "true":
        keep &= log["success"] == 1
    return keep.to_numpy()
