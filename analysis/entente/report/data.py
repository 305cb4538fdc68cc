"""Data of the report's interactive charts, for the script of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import numpy as np
import xarray as xr

from entente import estimates, plot, times
from entente.plot.annotations import calendar_marks, exception
from entente.plot.styling import flow_label, tie_label
from entente.report.context import Context
from entente.report.courses.curves import course_data, curves_data
from entente.report.labels import Names
from entente.report.scenario import part
from entente.report.wording import period, rounded
from entente.report.world import map_data
from entente.result import Result

#: Ties or flows that get a fan, and ties that the network can hold.
MOST_FANS, MOST_TIES_DRAWN = 8, 300
#: Replicates whose events the page contains, and events shown of each.
FUTURES, MOST_EVENTS = 3, 400


def chart_data(context: Context) -> dict[str, Any]:
    """The data that the page's script draws: times in seconds since 1970, strength in [-1, 1], trade in USD a year."""
    result, data = context.result, context.result.data
    places = {name: i for i, name in enumerate(result.variants)}
    curves, untold = curves_data(context)
    out: dict[str, Any] = {
        "variants": [context.names.variant(name) for name in result.variants],
        "contrasts": [
            {
                "name": f"what {each.subject} {each.does('changes')}".replace(",", ""),
                "first": places[a],
                "second": places[b],
            }
            for each, (a, b) in ((each, each.sides) for each in context.contrasts)
        ],
        "course": course_data(context),
        "curves": curves,
        "untold": untold,
        "series": [],
        "network": None,
        "calendar": [],
        "futures": [],
    }
    out["period"] = times.seconds(period(data))
    ties: list[str] = []
    found = _trajectories(result) if "tie" in data.dims else None
    if found is not None:
        strength, mean, trade = found
        ties = _asked_first([str(name) for name in strength["tie"].values], context.written, mean)
        out["time"] = times.seconds(data["time"].values)
        out["network"] = _network_data(result, mean.sel(tie=ties), trade, ties)
        out["series"] = _series(context, strength, ties)
        out["ties"] = len(ties)
    out["series"] += _metrics(context)
    if result.has_events:
        _events(context, ties[:MOST_FANS], out)
    return out


def _asked_first(ties: Sequence[str], scenario: Mapping[str, Any], mean: xr.DataArray) -> list[str]:
    """`ties`, with those of the scenario's quantities first, then those that other variants change most."""
    named: dict[str, None] = {}
    for entry in part(scenario, "quantities").values():
        for value in entry.values() if isinstance(entry, dict) else ():
            if isinstance(value, str) and (tie := "-".join(sorted(value.split("-")))) in ties:
                named[tie] = None
    others = [str(dim) for dim in mean.dims if dim != "tie"]
    moved = abs(mean - mean.isel(variant=0)).max(others).to_series()
    rest = sorted((tie for tie in ties if tie not in named), key=lambda tie: -float(moved[tie]))
    return [*named, *rest]


def _series(context: Context, strength: xr.DataArray, ties: Sequence[str]) -> list[dict[str, Any]]:
    """The series that the fan charts can show, strength first: each with its name, description and charts."""
    result, data, shown = context.result, context.result.data, list(ties[:MOST_FANS])
    good = estimates.ran(data)
    known = [("strength", "Strength of each tie, from −1 hostile to 1 friendly.", strength.sel(tie=shown))]
    if "strength" in data:
        known[0] = (*known[0][:2], _quantiles(good["strength"].sel(tie=shown)))
    if "alignment" in data:
        note = "Alignment of each tie, the level to which strength returns, from −1 to 1."
        known.append(("alignment", note, _quantiles(good["alignment"].sel(tie=shown))))
    if flows := _flows(data, shown):
        note = "Exports of one to the other, in USD a year."
        known.append(("trade", note, _quantiles(good["trade"].sel(flow=flows))))
    out = []
    for name, note, x in known:
        along = "flow" if name == "trade" else "tie"
        label = flow_label if name == "trade" else tie_label
        fans = [
            {
                "tie": "-".join(sorted(item.split("->"))) if name == "trade" else item,
                "label": label(data, item),
                "q": [rounded(x.sel({along: item, "variant": v}).values, 6) for v in result.variants],
            }
            for item in (str(each) for each in x[along].values)
        ]
        money = name == "trade"
        limits, time = None if money else [-1, 1], times.seconds(data["time"].values)
        out.append({"name": name, "note": note, "money": money, "limits": limits, "time": time, "fans": fans})
    return out


def _quantiles(x: xr.DataArray) -> xr.DataArray:
    """Edges of the bands and the median, [variant, tie or flow, probability, time]."""
    along = next(str(dim) for dim in x.dims if dim in ("tie", "flow"))
    return estimates.bands(x.load()).rename(quantile="probability").transpose("variant", along, "probability", "time")


def _flows(data: xr.Dataset, ties: Sequence[str]) -> list[str]:
    """The flows of `ties` on which there is trade, the first few."""
    if "trade" not in data:
        return []
    at_start = data["trade"].isel(variant=0, replicate=0, time=0).load()
    there = {str(flow) for flow in at_start.dropna("flow")["flow"].values}
    both = [way for a, b in (tie.split("-") for tie in ties) for way in (f"{a}->{b}", f"{b}->{a}")]
    return [flow for flow in both if flow in there][:MOST_FANS]


def _metrics(context: Context) -> list[dict[str, Any]]:
    """The network metrics with one number at each time, as the last series of the fan charts."""
    result, along = context.result, {"variant", "replicate", "metric_time"}
    names = [str(name) for name, x in result.data.items() if set(x.dims) == along]
    if not names:
        return []
    good = estimates.ran(result.data)
    fans = []
    for name in names:
        quantiles = estimates.bands(good[name].load()).transpose("variant", "quantile", "metric_time")
        label = context.names.words(name.removeprefix("metric_"))
        fans.append({"tie": "", "label": label, "q": [rounded(q, 6) for q in quantiles.values]})
    note = "Measures of the whole network; docs/model.md defines each."
    time = times.seconds(result.data["metric_time"].values)
    return [{"name": "network", "note": note, "money": False, "limits": None, "time": time, "fans": fans}]


def _trajectories(result: Result) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray | None] | None:
    """Of strength quantiles [variant, tie, probability, time] and mean [variant, time, tie], and mean trade [variant,
    time, flow]."""
    with h5py.File(result.path) as file:
        summarised = "summary" in file and "strength_quantiles" in file["summary"]
    if summarised:
        with xr.open_dataset(result.path, group="summary", engine="h5netcdf", decode_times=False) as summary:
            trade = summary["trade_mean"].load() if "trade_mean" in summary else None
            quantiles, mean = summary["strength_quantiles"].load(), summary["strength_mean"].load()
        return quantiles.transpose("variant", "tie", "probability", "time"), mean, trade
    if "strength" not in result.data or not 1 <= result.data.sizes["tie"] <= MOST_TIES_DRAWN:
        return None
    good = estimates.ran(result.data)
    trade = good["trade"].mean("replicate").load() if "trade" in good else None
    return _quantiles(good["strength"]), good["strength"].mean("replicate").load(), trade


def _network_data(
    result: Result, mean: xr.DataArray, trade: xr.DataArray | None, ties: Sequence[str]
) -> dict[str, Any] | None:
    """Actors, ties and their values over time in each variant, and the map where the actors have places."""
    if not ties or len(ties) > MOST_TIES_DRAWN:
        return None
    labels = plot.styling.actor_labels(result.data)
    degree: dict[str, int] = {}
    for tie in ties:
        for actor in tie.split("-"):
            degree[actor] = degree.get(actor, 0) + 1
    actors = sorted(degree, key=lambda name: (-degree[name], name))
    step = max(1, mean.sizes["time"] // 60)
    flows = {} if trade is None else {str(name): i for i, name in enumerate(trade["flow"].values)}

    def both(tie: str) -> list[list[float | None]]:
        a, b = tie.split("-")
        there = [flows[f] for f in (f"{a}->{b}", f"{b}->{a}") if f in flows]
        if trade is None or not there:
            return []
        ways = trade.isel(flow=there).dropna("flow", how="all").transpose("flow", "variant", "time").values
        if not len(ways):
            return []
        total = np.nansum(ways, axis=0)
        return [rounded(row[::step], 4) for row in total]

    values = mean.transpose("variant", "tie", "time").values
    pairs = [[actors.index(actor) for actor in tie.split("-")] for tie in ties]
    return {
        "actors": [[name, labels.get(name, name)] for name in actors],
        "ties": pairs,
        "map": map_data(result.places(), actors, pairs),
        "step": step,
        "strength": [[rounded(row[::step], 4) for row in variant] for variant in values],
        "trade": [both(tie) for tie in ties],
    }


def _events(context: Context, ties: Sequence[str], out: dict[str, Any]) -> None:
    """Calendar marks of `ties`, and the events between their actors in some replicates of every variant."""
    result, names = context.result, context.names
    start, end = period(result.data)
    calendar = result.calendar()
    pairs = {frozenset(tie.split("-")) for tie in ties}
    if not pairs:
        both = zip(calendar["initiator"].astype(str), calendar["target"].astype(str), strict=True)
        pairs = {frozenset(pair) for pair in both}
    marks: dict[tuple[int, str], dict[str, Any]] = {}
    for tie in ties:
        found = calendar_marks(calendar, tie, end)
        days = times.as_numpy(found["time"].to_numpy())
        for mark, day in zip(found.itertuples(), days, strict=True):
            if day < start.astype("datetime64[D]"):
                continue
            entry = marks.setdefault((times.seconds(day)[0], str(mark.kind)), {"ties": [], "where": []})
            entry["ties"].append(tie)
            entry["where"].append(exception(mark.variants, mark.held, result.variants, names.variant))
    out["calendar"] = [
        {
            "t": time,
            "kind": names.kind(kind),
            "ties": entry["ties"],
            "labels": [names.tie(tie) for tie in entry["ties"]],
            "where": entry["where"],
        }
        for (time, kind), entry in sorted(marks.items())
    ]
    some = [int(r) for r in result.data["replicate"].values[:FUTURES]]
    for v, variant in enumerate(result.variants):
        log = result.events(variant, some)
        both = zip(log["initiator"], log["target"], strict=True)
        pair = np.array([frozenset(each) in pairs for each in both], dtype=bool)
        at = times.as_numpy(log["time"].to_numpy())
        log = log.assign(seconds=times.seconds(at))
        log = log[pair & (at >= start) & (at <= end) & (log["cause"] != "calendar") & (log["status"] == "held")]
        for replicate in some:
            rows = log[log["replicate"] == replicate].head(MOST_EVENTS)
            events = [_event(row, names) for row in rows.itertuples()]
            out["futures"].append({"variant": v, "replicate": replicate, "events": events})


def _event(row: Any, names: Names) -> list[Any]:
    value = None if not np.isfinite(row.value_usd) else float(f"{row.value_usd:.3g}")
    who = [names.actor(each) for each in (row.initiator, row.target)]
    return [int(row.seconds), names.kind(row.kind), *who, str(row.cause), value]
