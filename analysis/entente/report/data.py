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
from entente.plot.style import flow_label, tie_label
from entente.report.words import period
from entente.result import Result

#: Ties or flows that get a fan, and ties that the network can hold.
MOST_FANS, MOST_TIES_DRAWN = 8, 300
#: Futures whose events the page holds, and events shown of each.
FUTURES, MOST_EVENTS = 3, 400


def chart_data(result: Result, scenario: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script draws: times in seconds since 1970, strength in [-1, 1], trade in USD a year."""
    data = result.data
    out: dict[str, Any] = {
        "variants": [name.replace("_", " ") for name in result.variants],
        "series": [],
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
            ties = _asked_first([str(name) for name in strength["tie"].values], scenario)
            out["time"] = _seconds(strength["time"])
            out["network"] = _network_data(data, strength.sel(tie=ties), trade, ties)
            out["series"] = _series(result, strength, ties)
    out["series"] += _metrics(result)
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


def _seconds(time: xr.DataArray) -> list[int]:
    return [int(t) for t in time.values.astype("datetime64[s]").astype(int)]


def _series(result: Result, strength: xr.DataArray, ties: Sequence[str]) -> list[dict[str, Any]]:
    """What the fans can show of ties and flows, strength first: each with its name, what it is, its charts."""
    data, shown = result.data, list(ties[:MOST_FANS])
    known = [("strength", "Strength of each tie, from −1 hostile to 1 friendly.", strength)]
    good = statistics.ran(data)
    if "alignment" in data:
        quantiles = statistics.bands(good["alignment"].sel(tie=shown).load()).rename(quantile="probability")
        known += [("alignment", "Alignment of each tie, what strength returns to, from −1 to 1.", quantiles)]
    if "trade" in data:
        flows = [f"{a}->{b}" for a, b in (tie.split("-") for tie in shown)]
        flows = [way for flow in flows for way in (flow, "->".join(reversed(flow.split("->"))))]
        there = data["trade"].isel(variant=0, replicate=0, time=0).load().dropna("flow")["flow"].values
        flows = [flow for flow in flows if flow in there][:MOST_FANS]
        quantiles = statistics.bands(good["trade"].sel(flow=flows).load()).rename(quantile="probability")
        known += [("trade", "Exports of one to the other, in USD a year.", quantiles)] if flows else []
    out = []
    for name, note, x in known:
        along = "flow" if name == "trade" else "tie"
        label = flow_label if name == "trade" else tie_label
        x = x.transpose("variant", along, "probability", "time")
        items = [str(item) for item in x[along].values] if name != "strength" else shown
        out.append(
            {
                "name": name,
                "note": note,
                "money": name == "trade",
                "limits": None if name == "trade" else [-1, 1],
                "time": _seconds(x["time"]),
                "fans": [
                    {
                        "tie": "-".join(sorted(item.split("->"))) if name == "trade" else item,
                        "label": label(data, item),
                        "q": [
                            _rounded(x.sel({along: item, "variant": v}).values, 4 if name == "trade" else 0)
                            for v in result.variants
                        ],
                    }
                    for item in items
                ],
            }
        )
    return out


def _metrics(result: Result) -> list[dict[str, Any]]:
    """The network metrics that are one number at a time, as the last of what the fans can show."""
    along = {"variant", "replicate", "metric_time"}
    names = [str(name) for name, x in result.data.items() if set(x.dims) == along]
    if not names:
        return []
    good = statistics.ran(result.data)
    fans = []
    for name in names:
        quantiles = statistics.bands(good[name].load()).transpose("variant", "quantile", "metric_time")
        label = name.removeprefix("metric_").replace("_", " ")
        fans.append({"tie": "", "label": label, "q": [_rounded(q, 4) for q in quantiles.values]})
    note = "Measures of the whole network; the manual of the model says what each is."
    time = _seconds(result.data["metric_time"])
    return [{"name": "network", "note": note, "money": False, "limits": None, "time": time, "fans": fans}]


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
    calendar = result.calendar()
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
