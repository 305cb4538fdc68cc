"""Data of the report's interactive charts, for the script of the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import numpy as np
import pandas as pd
import xarray as xr

from entente import plot, statistics
from entente.plot.marks import calendar_marks
from entente.plot.style import tie_label
from entente.report.words import period
from entente.result import Result

#: Ties that get a fan, and ties that the network can hold.
MOST_FANS, MOST_TIES_DRAWN = 8, 300
#: Futures whose events the page holds, and events shown of each.
FUTURES, MOST_EVENTS = 3, 400


def chart_data(result: Result, scenario: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script draws: times in seconds since 1970, strength in [-1, 1], trade in USD a year."""
    data = result.data
    out: dict[str, Any] = {
        "variants": [name.replace("_", " ") for name in result.variants],
        "fans": [],
        "network": None,
        "calendar": [],
        "futures": [],
    }
    start, end = period(data)
    out["period"] = [start.timestamp(), end.timestamp()]
    ties: list[str] = []
    if "tie" in data.dims:
        trajectories = _trajectories(result)
        if trajectories is not None:
            strength, trade = trajectories
            time = [int(t) for t in strength["time"].values.astype("datetime64[s]").astype(int)]
            ties = _asked_first([str(name) for name in strength["tie"].values], scenario)
            out["time"] = time
            out["fans"] = [
                {
                    "tie": tie,
                    "label": tie_label(data, tie),
                    "q": [_rounded(strength.sel(tie=tie, variant=name).values) for name in result.variants],
                }
                for tie in ties[:MOST_FANS]
            ]
            out["network"] = _network_data(data, strength.sel(tie=ties), trade, ties)
    if result.has_events:
        _events(result, ties[:MOST_FANS], out)
    return out


def _asked_first(ties: Sequence[str], scenario: Mapping[str, Any]) -> list[str]:
    """`ties`, those that the scenario's quantities are about before the others."""
    quantities = scenario.get("quantities")
    named: dict[str, None] = {}
    for entry in quantities.values() if isinstance(quantities, dict) else ():
        for value in entry.values() if isinstance(entry, dict) else ():
            if isinstance(value, str) and (tie := "-".join(sorted(value.split("-")))) in ties:
                named[tie] = None
    return list(dict.fromkeys([*named, *ties]))


def _trajectories(result: Result) -> tuple[xr.DataArray, xr.DataArray | None] | None:
    """Quantiles of strength [probability, variant, time, tie] and mean trade [variant, time, flow]."""
    with h5py.File(result.path) as file:
        summarised = "summary" in file and "strength_quantiles" in file["summary"]
    if summarised:
        with xr.open_dataset(result.path, group="summary", engine="h5netcdf") as summary:
            trade = summary["trade_mean"].load() if "trade_mean" in summary else None
            quantiles = summary["strength_quantiles"].load()
        return quantiles.transpose("probability", "variant", "time", "tie"), trade
    if "strength" not in result.data or not 1 <= result.data.sizes["tie"] <= MOST_TIES_DRAWN:
        return None
    good = statistics.ran(result.data)
    quantiles = statistics.bands(good["strength"].load()).rename(quantile="probability")
    trade = good["trade"].mean("replicate").load() if "trade" in good else None
    return quantiles.transpose("probability", "variant", "time", "tie"), trade


def _network_data(
    data: xr.Dataset, strength: xr.DataArray, trade: xr.DataArray | None, ties: Sequence[str]
) -> dict[str, Any] | None:
    if not ties or len(ties) > MOST_TIES_DRAWN:
        return None
    labels = plot.style.actor_labels(data)
    degree: dict[str, int] = {}
    for tie in ties:
        for actor in tie.split("-"):
            degree[actor] = degree.get(actor, 0) + 1
    actors = sorted(degree, key=lambda name: (-degree[name], name))
    step = max(1, strength.sizes["time"] // 60)
    flows = {} if trade is None else {str(name): i for i, name in enumerate(trade["flow"].values)}

    def both(tie: str) -> list[list[float | None]]:
        a, b = tie.split("-")
        there = [flows[f] for f in (f"{a}->{b}", f"{b}->{a}") if f in flows]
        if trade is None or not there:
            return []
        total = np.nansum(trade.isel(flow=there).transpose("flow", "variant", "time").values, axis=0)
        return [_rounded(row[::step], 4) for row in total]

    median = strength.isel(probability=2).transpose("variant", "tie", "time").values
    return {
        "actors": [[name, labels.get(name, name)] for name in actors],
        "ties": [[actors.index(actor) for actor in tie.split("-")] for tie in ties],
        "step": step,
        "strength": [[_rounded(row[::step]) for row in variant] for variant in median],
        "trade": [both(tie) for tie in ties],
    }


def _events(result: Result, ties: Sequence[str], out: dict[str, Any]) -> None:
    """Calendar marks of `ties`, and the events between their actors in some futures of every variant."""
    start, end = period(result.data)
    calendar = result.calendar(10)
    pairs = {frozenset(tie.split("-")) for tie in ties}
    if not pairs:
        pairs = {
            frozenset(pair)
            for pair in zip(calendar["initiator"].astype(str), calendar["target"].astype(str), strict=True)
        }
    marks: dict[tuple[pd.Timestamp, str], dict[str, Any]] = {}
    for tie in ties:
        for mark in calendar_marks(calendar, tie, end).itertuples():
            if mark.time < start.floor("D"):
                continue
            entry = marks.setdefault((mark.time, str(mark.kind)), {"ties": [], "variants": set()})
            entry["ties"].append(tie)
            entry["variants"] |= set(mark.variants)
    out["calendar"] = [
        {
            "t": int(time.timestamp()),
            "kind": kind.replace("_", " "),
            "ties": entry["ties"],
            "variants": [i for i, name in enumerate(result.variants) if name in entry["variants"]],
        }
        for (time, kind), entry in sorted(marks.items())
    ]
    some = [int(r) for r in result.data["replicate"].values[:FUTURES]]
    for v, variant in enumerate(result.variants):
        log = result.events(variant, some)
        pair = [frozenset(p) in pairs for p in zip(log["initiator"], log["target"], strict=True)]
        log = log[pair & (log["time"] >= start) & (log["time"] <= end) & (log["cause"] != "calendar")]
        log = log[log["status"] == "held"]
        for replicate in some:
            rows = log[log["replicate"] == replicate].head(MOST_EVENTS)
            out["futures"].append(
                {
                    "variant": v,
                    "replicate": replicate,
                    "events": [
                        [
                            int(row.time.timestamp()),
                            str(row.kind).replace("_", " "),
                            str(row.initiator),
                            str(row.target),
                            str(row.cause),
                            None if not np.isfinite(row.value_usd) else float(f"{row.value_usd:.3g}"),
                        ]
                        for row in rows.itertuples()
                    ],
                }
            )


def _rounded(values: np.ndarray, digits: int = 0) -> Any:
    """Numbers for the page: three decimals, or `digits` significant ones; null for what is not finite."""
    if values.ndim > 1:
        return [_rounded(row, digits) for row in values]
    return [
        None if not math.isfinite(x) else float(f"{x:.{digits}g}") if digits else round(float(x), 3)
        for x in values
    ]
