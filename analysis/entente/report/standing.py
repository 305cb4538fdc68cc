"""Who gains and who loses: the change of every stored tie, and of every actor where the file has it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from entente import estimates, select, times
from entente.report.asked import definition
from entente.report.context import Context
from entente.report.contrast import Contrast
from entente.report.wording import Scale, capital, section, text

#: Rows that are shown at once; the others are folded.
_MOST = 12


class Row(NamedTuple):
    """A tie or an actor at the date: its level on the second side, and how the first side changes it."""

    name: str
    level: float
    change: float
    spread: tuple[float, float]  #: 90 % range of the change over the pairs
    trade: float  #: both flows on the second side, USD a year; NaN without trade
    trade_change: float


def gains(context: Context) -> str:
    """The tables, one for each other variant; empty if the file stores no trajectories or has one variant."""
    data = context.result.data
    if "strength" not in data or not context.contrasts or "point" in data.sizes:
        return ""
    at, day = _date(context)
    good = estimates.ran(data)
    strength = good["strength"].isel(time=at).load()
    trade = good["trade"].isel(time=at).load() if "trade" in good else None
    money_first = "trade" in definition(context.written, context.about)
    parts = []
    for i, each in enumerate(context.contrasts):
        rows = _ties(context, each, strength, trade)
        if money_first:
            rows.sort(key=lambda row: -abs(row.trade_change) if math.isfinite(row.trade_change) else 0.0)
        actors = _actors(context, each, strength.time.values[()]) or _of_ties(context, each, strength, trade)
        title = text(each.subject[:1].upper() + each.subject[1:].rstrip(","))
        parts.append(
            f'<div class="choice" data-name="{title}"{"" if not i else " hidden"}>'
            f"<h3>{title}</h3>{_table(rows, 'tie', each)}{actors}</div>"
        )
    n, money = strength.sizes["tie"], trade is not None and bool(trade.notnull().any())
    body = (
        f"<p>The {f'{n:,} ties' if n != 1 else 'tie'} that the file stores, on {day}; the largest change of "
        f"{'trade' if money_first else 'strength'} first. Strength goes from −1 (hostile) to 1 (friendly)"
        f"{', trade is both flows together' if money else ''}. "
        "The range has the change in nine of ten pairs of futures. Ties that never change are left out.</p>"
        f'<div class="controls" id="gains-controls"></div>{"".join(parts)}'
    )
    return section("gains", "Who gains and who loses", body)


def largest(context: Context) -> str:
    """The tie whose strength the first other variant changes most, in a sentence as HTML; empty without one."""
    data = context.result.data
    if "strength" not in data or not context.contrasts or "point" in data.sizes:
        return ""
    at, day = _date(context)
    strength = estimates.ran(data)["strength"].isel(time=at).load()
    first = context.contrasts[0]
    row = _ties(context, first, strength, None)[0]
    if not row.change:
        return ""
    size = f"{first.does('adds' if row.change > 0 else 'takes')} {Scale('', 1).effect(abs(row.change))}"
    way = "to" if row.change > 0 else "from"
    return (
        f"{capital(text(first.subject))} {size} {way} the strength of <em>{text(row.name)}</em> on {day}, the largest "
        "change of any stored tie."
    )


def _date(context: Context) -> tuple[int, str]:
    """The stored time of the answer's date, else the last one."""
    stored = context.result.data["time"].values
    entry, at = definition(context.written, context.about), len(stored) - 1
    if "at" in entry:
        try:
            at = times.nearest(stored, str(entry["at"]))
        except ValueError:
            pass
    return at, times.text(stored[at], "%-d %B %Y")


def _sides(x: xr.DataArray, contrast: Contrast) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """`x` [variant, replicate] on the first and on the second side."""
    first, second = (x.sel(variant=name).values.astype(float) for name in contrast.sides)
    return first, second


def _ties(context: Context, contrast: Contrast, strength: xr.DataArray, trade: xr.DataArray | None) -> list[Row]:
    rows = []
    flows = {str(name) for name in trade["flow"].values} if trade is not None else set()
    for tie in (str(name) for name in strength["tie"].values):
        first, second = _sides(strength.sel(tie=tie), contrast)
        level = change = math.nan
        a, b = tie.split("-") if tie.count("-") == 1 else (tie, "")
        if trade is not None and {f"{a}->{b}", f"{b}->{a}"} <= flows:
            both = trade.sel(flow=select.flows_of(flows, tie)).sum("flow", min_count=1)
            there, here = _sides(both, contrast)
            level, change = float(here.mean()), float((there - here).mean())
        rows.append(_row(context.names.tie(tie), first, second, level, change))
    return sorted(rows, key=lambda row: (-abs(row.change), -abs(row.trade_change)))


def _row(
    name: str, first: np.ndarray[Any, Any], second: np.ndarray[Any, Any], trade: float, trade_change: float
) -> Row:
    gap = first - second
    low, high = (float(x) for x in np.quantile(gap, (0.05, 0.95)))
    return Row(name, float(second.mean()), float(gap.mean()), (low, high), trade, trade_change)


def _actors(context: Context, contrast: Contrast, date: Any) -> str:
    """The actors by the sum of the strengths of their ties when the file first has them from `date` on."""
    good = estimates.ran(context.result.data)
    if "metric_weighted_degree" not in good:
        return ""
    dates = times.as_numpy(good["metric_time"].values)
    at = min(int(np.searchsorted(dates, times.moment(date))), dates.size - 1)
    last = good["metric_weighted_degree"].isel(metric_time=at).load()
    rows = []
    for actor in (str(name) for name in last["actor"].values):
        first, second = _sides(last.sel(actor=actor), contrast)
        if np.isfinite(first).all() and np.isfinite(second).all():
            rows.append(_row(context.names.actor(actor), first, second, math.nan, math.nan))
    rows.sort(key=lambda row: -abs(row.change))
    day = times.text(dates[at], "%-d %B %Y")
    told = f"<p>The actors, by the sum of the strengths of all their ties, on {day}.</p>"
    return told + _table(rows, "actor", contrast) if rows else ""


def _of_ties(context: Context, contrast: Contrast, strength: xr.DataArray, trade: xr.DataArray | None) -> str:
    """The actors by the sums over those of their ties that the file stores."""
    ties: dict[str, list[str]] = {}
    for tie in (str(name) for name in strength["tie"].values):
        for actor in tie.split("-"):
            ties.setdefault(actor, []).append(tie)
    if strength.sizes["tie"] < 2:
        return ""
    rows = []
    for actor, own in ties.items():
        first, second = _sides(strength.sel(tie=own).sum("tie"), contrast)
        level = change = math.nan
        known = () if trade is None else (str(flow) for flow in trade["flow"].values)
        flows = [flow for flow in known if actor in flow.split("->")]
        if trade is not None and flows:
            there, here = _sides(trade.sel(flow=flows).sum("flow", min_count=1), contrast)
            level, change = float(here.mean()), float((there - here).mean())
        rows.append(_row(context.names.actor(actor), first, second, level, change))
    rows.sort(key=lambda row: (-abs(row.change), -abs(row.trade_change)))
    told = "<p>The actors, by the sums over those of their ties that the file stores.</p>"
    return told + _table(rows, "actor", contrast)


def _table(rows: list[Row], what: str, contrast: Contrast) -> str:
    moved = [row for row in rows if row.change or row.spread != (0.0, 0.0) or abs(row.trade_change) > 0]
    same = len(rows) - len(moved)
    if not moved:
        return f"<p>No {what} changes in any pair of futures.</p>"
    money = [abs(row.trade) for row in rows if math.isfinite(row.trade)]
    trade = Scale("USD/year", max(money)) if money else None
    shown, rest = moved[:_MOST], moved[_MOST:]
    body = _lines(shown, what, trade, contrast)
    if rest:
        more = f"{len(rest):,} more {what}{'s' if len(rest) != 1 else ''}, with smaller changes"
        body += f"<details><summary>{more}</summary>{_lines(rest, what, trade, contrast)}</details>"
    if same:
        body += f'<p class="note">{same:,} {what}{"s do" if same != 1 else " does"} not change in any pair.</p>'
    return body


def _lines(rows: Iterable[Row], what: str, trade: Scale | None, contrast: Contrast) -> str:
    scale = Scale("1", 1.0)
    strength, second = "strength" if what == "tie" else "sum of strengths", text(contrast.second)
    heads = [f"{strength} {second}", f"change of {strength}", "range of the change"]
    units = ["", "", ""]
    if trade:
        heads += [f"trade {second}", "change of trade"]
        units += [trade.unit, " %"]
    wide = (f"<th scope=col>{head}{unit and ',' + unit}</th>" for head, unit in zip(heads, units, strict=True))
    head = f"<th scope=col>{what}</th>{''.join(wide)}"
    lines = []
    for row in rows:
        cells = [scale.number(row.level), _sized(row.change), f"{_end(row.spread[0])} to {_end(row.spread[1])}"]
        if trade:
            part = row.trade_change / row.trade if row.trade else math.nan
            little = 0 < abs(row.trade) * trade.factor < 0.01
            cells += ["under 0.01" if little else trade.effect(row.trade), _sized(100 * part, 0.01)]
        data = "".join(
            f'<td data-head="{name}" data-unit="{unit if cell != "–" else ""}">{cell}</td>'
            for cell, name, unit in zip(cells, heads, units, strict=True)
        )
        lines.append(f"<tr><th scope=row>{text(row.name)}</th>{data}</tr>")
    return f'<table class="wide stack"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _end(value: float) -> str:
    """The end of a range with its sign in two digits."""
    return Scale("", 1).effect(value, "+")


def _sized(value: float, least: float = 0.001) -> str:
    """A change with its sign in two digits; of one smaller than `least` only its direction."""
    if not math.isfinite(value):
        return "–"
    if 0 < abs(value) < least:
        return f"{'up' if value > 0 else 'down'} by under {least:g}"
    return Scale("", 1).effect(value, "+")
