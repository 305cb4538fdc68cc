"""The course of a quantity over time in every replicate, from what the file stores of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from entente import estimates, select, times
from entente.errors import UnknownName
from entente.report.asked import STATES, listed_of
from entente.report.courses.condition import in_force
from entente.report.wording import period
from entente.result import Result
from entente.select import flows_of, tie_in

#: Events of this many replicates and variants at most are read for a course.
_MOST_EVENTS = 20_000_000
_COLUMNS = ["time", "kind", "initiator", "target", "status", "success", "value_usd"]


@dataclass(frozen=True)
class Course:
    """A quantity over time: `values` [variant, replicate, time], dates datetime64[ms]."""

    dates: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]


def state_of(result: Result, entry: Mapping[str, Any]) -> xr.DataArray | None:
    """The stored variable [variant, replicate, time] that the quantity is a value of; none if it is not stored."""
    state = next((each for each in STATES if each in entry), None)
    if state is None or "take" in entry or state not in result.data or "point" in result.data.sizes:
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


def course(
    result: Result, written: Mapping[str, Any], entry: Mapping[str, Any], quantity: str, variants: Sequence[str]
) -> Course | None:
    """The quantity by date in these variants: of the trajectories or events, else of the dates of its own curve.

    `written` is the scenario as parsed, `entry` the quantity in it. None if the file has none of these.
    """
    bounded, found = bool({"above", "below"} & set(entry)), None
    if not bounded and (x := state_of(result, entry)) is not None:
        values = x.sel(variant=list(variants)).load().values
        found = Course(times.as_numpy(x["time"].values), values) if np.isfinite(values).any() else None
    elif not bounded and "first" in entry:
        return first_times(result, quantity, variants)
    elif "condition" in entry:
        told = in_force(result, written, entry, quantity, variants)
        found = Course(*told) if told else None
    elif "count" in entry or ("sum" in entry and not bounded):
        found = _counted(result, entry, quantity, variants)
    return found or of_dates(result, quantity, variants)


def of_dates(result: Result, quantity: str, variants: Sequence[str]) -> Course | None:
    """The quantities `quantity@DATE` by date; none if the file has fewer than two."""
    dated = select.curves(result.data).get(quantity, [])
    if len(dated) < 2:
        return None
    values = estimates.ran(result.data)["quantity_value"].sel(
        quantity=[name for name, _ in dated], variant=list(variants)
    )
    dates = np.array([times.moment(date) for _, date in dated])
    return Course(dates, values.transpose("variant", "replicate", "quantity").load().values)


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
    try:
        if "above" in entry:
            out = (out > float(entry["above"])).astype(float)
        if "below" in entry:
            out = (out < float(entry["below"])).astype(float)
    except ValueError:  # an amount with a unit
        return None
    own = good["quantity_value"].sel(quantity=quantity, variant=list(variants)).values
    return Course(dates, out) if np.allclose(out[..., -1], own, rtol=1e-6) else None


def _wanted(log: pd.DataFrame, entry: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Which events the quantity counts, as far as its definition says it by type, tie and actors."""
    kinds = listed_of(entry, "count" if "count" in entry else "kind")
    keep = (log["status"] == "held") & log["kind"].isin(kinds)
    a, b = log["initiator"].astype(object), log["target"].astype(object)
    if "tie" in entry:
        on = np.zeros(len(log), dtype=bool)
        for tie in (each.replace(" ", "") for each in listed_of(entry, "tie")):
            one, two = tie.split("->" if "->" in tie else "-", 1)
            way = (a == one) & (b == two)
            on |= (way if "->" in tie else way | ((a == two) & (b == one))).to_numpy()
        keep &= on
    for key, side in (("initiator", a), ("target", b)):
        if key in entry:
            keep &= side.isin(listed_of(entry, key))
    if entry.get("successful") == "true":
        keep &= log["success"] == 1
    return keep.to_numpy()
