"""The sections of the report on a run, each as HTML; empty where the file has nothing for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from entente import estimates
from entente.report.context import Context
from entente.report.data import MOST_FANS
from entente.report.labels import listed
from entente.report.scenario import note
from entente.report.wording import Scale, edges, is_chance, percent, section, text


def fans(context: Context, data: Mapping[str, Any]) -> str:
    """The place for the fan charts, which the page's script draws."""
    if not data["series"]:
        return ""
    against = (
        "The other variant is dashed: its median and its 90 % prediction interval. "
        if len(data["variants"]) > 1
        else ""
    )
    n, n_ran = data.get("ties", 0), estimates.ran(context.result.data).sizes["replicate"]
    some = (
        f" Of the {n:,} ties that the file stores, {MOST_FANS} are drawn: those of the scenario’s quantities first, "
        "then those that other variants change most."
        if n > MOST_FANS
        else ""
    )
    body = (
        f'<p><span id="fan-note">{text(data["series"][0]["note"])}</span> The line is the median of the simulated '
        f"futures; half of them lie in the dark band, nine in ten in the light one (90 % prediction interval). "
        f"{edges(n_ran, 'futures', 'light band')}{against}Point at a chart, or select it and press ← →, to read "
        f"values; dotted lines are dates of the "
        f"calendar.{some}</p>"
        '<div class="controls" id="fan-controls"></div><div class="grid" id="fan-charts"></div>'
    )
    return section("fans", "Possible courses", body)


def by_date(context: Context, data: Mapping[str, Any]) -> str:
    """The place for the probabilities by date."""
    if not data["curves"]:
        told = _untold(context, data["untold"])
        return section("by-date", "What happens by date", told) if told else ""
    body = (
        "<p>Where the title says futures of 100: in how many of 100 simulated futures it has happened by each date, or "
        "holds then. What ends below 100 does not happen within the period in the others. Elsewhere the curve is the "
        "average by date. The band is the Monte Carlo 95 % interval of each point, in brackets below the chart.</p>"
        f"<div class=grid id=curve-charts></div>{_untold(context, data['untold'])}"
    )
    return section("by-date", "What happens by date", body)


def _untold(context: Context, names: Sequence[str]) -> str:
    """Of conditions without a course: the key of the scenario that stores one."""
    if not names:
        return ""
    listed_names = text(listed([f"“{context.label_of(name)}”" for name in names]))
    return (
        f"<p class=note>The file does not tell {listed_names} at other dates. With <code>dates: 1 month</code> under "
        f"<code>quantities.{text(names[0])}</code> the scenario stores its curve.</p>"
    )


def side_by_side(context: Context) -> str:
    """Every quantity in every variant: mean, spread, difference."""
    if context.summary is None:
        return ""
    variants, names = context.result.variants, context.names
    about = [note(context.written, name) for name in variants]
    about[0] = about[0] or "The base."
    notes = "".join(
        f"<dt class=v{i % 6}>{text(names.variant(name))}</dt><dd>{text(about[i])}</dd>"
        for i, name in enumerate(variants)
    )
    cards = "".join(_card(context, name) for name in context.quantities)
    others = (
        " Differences are each variant minus the scenario as written, over paired replicates, with their "
        "Monte Carlo 95 % interval below; those that cannot be distinguished from zero are pale."
        if len(variants) > 1
        else ""
    )
    body = (
        f"<dl class=legend>{notes}</dl><p>The tick is the mean; the bars are the 50 % and 90 % prediction "
        f"intervals, for a probability its 95 % interval. Thin lines at both ends of the 90 % bar are the Monte Carlo "
        f"95 % intervals of these ends.{others}</p><div class=grid>{cards}</div>"
    )
    return section("variants", "The variants side by side", body)


def _card(context: Context, name: str) -> str:
    assert context.summary is not None
    rows, variants, chance = context.summary.loc[name], context.result.variants, is_chance(context.result, name)
    scale = Scale.of(rows)
    ends = [name for name in ("q5_low", "q95_high") if name in rows]
    shown = ["mean_low", "mean_high"] if chance else ["q5", "q95", "mean", *ends]
    edge = [float(x) for x in rows[shown].to_numpy().ravel() if math.isfinite(x)]
    low, high = (min(edge), max(edge)) if edge else (0.0, 1.0)
    label = text(context.label_of(name))
    unit = f" <small>{scale.unit.strip()}</small>" if scale.unit else ""
    said = context.explained(name)
    told = f"<p class=note>{text(said)}.</p>" if said else ""
    if _never_differs(rows):
        same = f"{scale.number(rows['mean'].iloc[0])}{scale.unit}"
        return (
            f"<figure class=card><figcaption>{label}</figcaption>{told}<p>It is {same} in every simulated future"
            f"{' of every variant' if len(variants) > 1 else ''}.</p></figure>"
        )
    if low == high:
        low, high = low - 0.5, high + 0.5
    partly = bool((rows["n_finite"] < rows["n"]).any())
    body = []
    for i, variant in enumerate(variants):
        row = rows.loc[variant]
        mean = scale.number(row["mean"]) if row["n_finite"] else "never"
        if partly:
            mean += f"<small class=span>in {percent(row['n_finite'] / row['n'])}</small>"
        body.append(
            f"<tr><th scope=row>{text(context.names.variant(variant))}</th>"
            f"<td class=strip>{_strip(row, low, high, i, chance)}</td>"
            f"<td>{mean}</td><td>{_difference(row, scale) if i else ''}</td></tr>"
        )
    axis = (
        f"<tr class=axis><td class=low>{scale.number(low)}</td><td class=strip></td>"
        f"<td class=high>{scale.number(high)}</td><td></td></tr>"
    )
    head = "difference" if len(variants) > 1 else "<span class=vh>difference</span>"
    remark = (
        "<p class=note>The share of the replicates in which it occurs is shown; means and differences count the end of "
        "the period for the others.</p>"
        if partly
        else ""
    )
    return (
        f"<figure class=card><figcaption>{label}{unit}</figcaption>{told}<table><thead><tr><th scope=col>"
        "<span class=vh>variant</span></th><th scope=col><span class=vh>spread</span></th><th scope=col>mean</th>"
        "<th scope=col>"
        f"{head}</th></tr></thead><tbody>{''.join(body)}{axis}</tbody></table>{remark}</figure>"
    )


def _never_differs(rows: pd.DataFrame) -> bool:
    """Whether a quantity is one finite number in every replicate of every variant."""
    finite = bool((rows["n_finite"] == rows["n"]).all() and (rows["n"] > 0).all())
    return finite and bool((rows["sd"] == 0).all()) and rows["mean"].nunique() == 1


def _difference(row: pd.Series, scale: Scale) -> str:
    """A variant's difference from the first, its interval below; pale if it contains zero."""
    value, low, high = row["difference"], row["difference_low"], row["difference_high"]
    if not math.isfinite(value):
        return "–"
    if _same(row):
        return "<small>the same</small>"
    if not (math.isfinite(low) and math.isfinite(high)):
        why = "in all" if row["difference_sd"] == 0 else "too few for an interval"
        return f"{scale.gap(value, low, high)}<small class=span>{why}</small>"
    number = f"{scale.gap(value, low, high)}<small class=span>{scale.gap_span(low, high)}</small>"
    return f"<span class=pale>{number}</span>" if low <= 0 <= high else number


def _same(row: pd.Series) -> bool:
    """Whether a variant has the first one's value in every replicate."""
    return bool(row["difference"] == 0 and row["difference_sd"] == 0)


def _strip(row: pd.Series, low: float, high: float, index: int, chance: bool) -> str:
    """Ranges and mean of one variant on the line from `low` to `high`, as SVG."""

    def x(value: float) -> float:
        return round(2 + 96 * (value - low) / (high - low), 2)

    bars = []
    ranges = [("q5", "q95", "out"), ("q25", "q75", "in")]
    for a, b, cls in [("mean_low", "mean_high", "in")] if chance else ranges:
        if math.isfinite(row[a]) and math.isfinite(row[b]):
            width = max(x(row[b]) - x(row[a]), 0.4)
            bars.append(f'<rect class="{cls}" x="{x(row[a])}" y="5" width="{round(width, 2)}" height="8"/>')
    for q in () if chance else ("q5", "q95"):
        least, most = (float(row.get(f"{q}{end}", math.nan)) for end in ("_low", "_high"))
        if math.isfinite(least) and math.isfinite(most):
            left, right = max(x(max(least, low)), 0.0), min(x(min(most, high)), 100.0)
            wide = round(max(right - left, 0.4), 2)
            bars.append(f'<rect class="end" x="{left}" y="8.4" width="{wide}" height="1.2"/>')
    if math.isfinite(row["mean"]):
        at = min(max(x(row["mean"]), 0.5), 99.5)
        bars.append(f'<rect class="mean" x="{round(at - 0.5, 2)}" y="2" width="1" height="14"/>')
    return (
        f'<svg class="v{index % 6}" viewBox="0 0 100 18" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(bars)}</svg>"
    )


def timeline(data: Mapping[str, Any]) -> str:
    """The place for the calendar and the events of some replicates."""
    if not data["calendar"] and not data["futures"]:
        return ""
    body = (
        "<p>Above: the calendar of the ties shown here. Below: the other events "
        "between the same "
        "actors in one simulated future, a single draw and not a forecast. Point at a mark, or select the "
        "chart and press "
        "← →.</p>"
        '<div class="controls" id="time-controls"></div><div id="timeline-chart"></div>'
        '<p class="readout" id="time-readout" aria-live="polite"></p>'
        '<details><summary>The same as a list</summary><ol id="time-list" tabindex="0" '
        'aria-label="Events of this replicate"></ol></details>'
    )
    return section("timeline", "Events", body)


def network(data: Mapping[str, Any]) -> str:
    """The place for the map or the network, and its slider."""
    if not data["network"]:
        return ""
    change = (
        " “What … changes” is the difference alone: blue is stronger, orange and dashed weaker, and the boldest line "
        "is the largest change of any date."
        if data["contrasts"]
        else ""
    )
    body = (
        "<p>Mean strength of the ties stored in the file: blue friendly, orange hostile and dashed; wider "
        f"lines have more trade.{change}{_placed(data['network'])}</p>"
        '<div class="controls" id="net-controls"></div><div id="network-chart"></div>'
        '<details><summary>The same as a table</summary><table id="net-table"></table></details>'
    )
    title = "Map and network over time" if data["network"]["map"] else "The network over time"
    return section("network", title, body)


def _placed(network: Mapping[str, Any]) -> str:
    """What the map shows, and which actors it lacks."""
    if not network["map"]:
        return ""
    lost = [label for (_, label), spot in zip(network["actors"], network["map"]["spots"], strict=True) if not spot]
    lacks = f" {text(listed(lost))} {'have' if len(lost) > 1 else 'has'} no place on it." if lost else ""
    return f" The map has the capitals where the scenario gives them, and the shortest ways between them.{lacks}"
