"""The sections of the report on a run, each as HTML; empty where the file has nothing for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from entente.report.scenario import note
from entente.report.wording import Scale, is_chance, named, percent, section, text
from entente.result import Result


def answer(result: Result, summary: pd.DataFrame | None, quantity: str) -> str:
    """The effects of the other variants on `quantity`, the interval first."""
    if summary is None:
        return section(
            "answer",
            "The answer",
            '<p class="lead">The scenario names no quantities, so there is no answer in numbers.</p><p>What is asked '
            "for stands under <code>quantities</code> in a scenario; below is how the ties may develop.</p>",
        )
    variants = result.variants
    base = summary.loc[(quantity, variants[0])]
    scale = Scale.of(summary.loc[quantity])
    label = text(base["label"] or quantity)
    spread = _spread(result, base, quantity, scale)
    if len(variants) < 2:
        low, high = base["mean_low"], base["mean_high"]
        sure = math.isfinite(low) and math.isfinite(high)
        number = scale.span(low, high) if sure else scale.number(base["mean"])
        return section(
            "answer",
            "The answer",
            f'<p class="big">{number}{scale.unit}</p>'
            f'<p class="lead">is the {"95 % interval of the " if sure else ""}mean of <b>{label}</b>. {spread}</p>',
        )
    first, *others = [
        (number, said) for number, said in (_change(result, summary, quantity, name, scale) for name in variants[1:])
    ]
    body = f'<p class="big">{first[0]}</p><p class="lead">{first[1]}</p><p>{spread}</p>'
    if others:
        items = "".join(f"<li><b class=num>{number}</b> {said}</li>" for number, said in others)
        body += f"<ul class=others>{items}</ul>"
    body += (
        "<p class=note>A replicate is one simulated future. A 95 % interval is a Monte Carlo confidence interval of a "
        "mean: it narrows with more replicates. A 90 % prediction interval is the range of the outcome under the "
        "model: "
        'it does not narrow. Both depend on <a href="#assumptions">the assumptions</a>.</p>'
    )
    return section("answer", "The answer", body)


def _spread(result: Result, base: pd.Series, quantity: str, scale: Scale) -> str:
    """The first variant's value, in a sentence or two."""
    mean = f"{scale.number(base['mean'])}{scale.unit} on average"
    interval = f"({_interval(base, scale)})"
    where = f"<b>{named(result.variants[0])}</b>"
    if base["n_finite"] == 0:
        return f"In {where} it occurs in no replicate."
    if base["n_finite"] < base["n"]:
        share = percent(base["n_finite"] / base["n"])
        return (
            f"In {where} it occurs in {share} of the replicates; if the end counts for the others it is {mean} {interval}."
        )
    said = f"In {where} it is {mean} {interval}"
    if is_chance(result, quantity):
        return f"{said}."
    return f"{said}; the 90 % prediction interval is {scale.number(base['q5'])} to {scale.number(base['q95'])}."


def _interval(row: pd.Series, scale: Scale) -> str:
    """The interval of a variant's mean, or why there is none."""
    low, high = row["mean_low"], row["mean_high"]
    if math.isfinite(low) and math.isfinite(high):
        return f"95 % interval {scale.span(low, high)}"
    return "the same in every replicate" if row["sd"] == 0 else "too few replicates for an interval"


def _change(
    result: Result, summary: pd.DataFrame, quantity: str, variant: str, scale: Scale
) -> tuple[str, str]:
    """The effect of a variant: the number, and a sentence."""
    first = result.variants[0]
    row, base = summary.loc[(quantity, variant)], summary.loc[(quantity, first)]
    label = text(row["label"] or quantity)
    low, high, mean = row["difference_low"], row["difference_high"], row["difference"]
    shares = ""
    if min(row["n_finite"], base["n_finite"]) < row["n"]:
        here, there = (percent(each["n_finite"] / each["n"]) for each in (row, base))
        shares = (
            f" It occurs in {here} of the replicates in <b>{named(variant)}</b> and in {there} in {named(first)}; the"
            " difference counts the end of the period where it does not."
        )
    if not math.isfinite(mean):
        return (
            "No difference is defined",
            f"for <b>{named(variant)}</b>: too few replicates have a value in both.{shares}",
        )
    sure = math.isfinite(low) and math.isfinite(high)
    number = (scale.gap_span(low, high) if sure else scale.gap(mean, low, high)) + scale.unit
    if _same(row):
        number = f"0{scale.unit}"
        said = (
            f"No difference: <b>{label}</b> is the same in <b>{named(variant)}</b> as in {named(first)}, in every "
            "replicate."
        )
    elif not sure and row["difference_sd"] == 0:
        said = f"is the effect of <b>{named(variant)}</b> on <b>{label}</b>, the same in every replicate."
    elif not sure:
        said = (
            f"is the mean difference in <b>{label}</b> between <b>{named(variant)}</b> and {named(first)}, but too few"
            f" replicates decide it for an interval: {int(row['n_differ']):,} of {int(row['n']):,} differ."
        )
    elif low <= 0 <= high:
        said = (
            f"The interval contains zero: {int(row['n']):,} replicates do not show whether <b>{label}</b> differs in "
            f"<b>{named(variant)}</b> from {named(first)}."
        )
    else:
        said = (
            f"is the effect of <b>{named(variant)}</b> on <b>{label}</b>: "
            f"{'higher' if mean > 0 else 'lower'} than in {named(first)} (95 % interval; best estimate "
            f"{scale.gap(mean, low, high)}{scale.unit})."
        )
    return number, said + shares


def fans(data: Mapping[str, Any]) -> str:
    """The place for the fan charts, which the page's script draws."""
    if not data["series"]:
        return ""
    against = (
        "The other variant is dashed: its median and its 90 % prediction interval. "
        if len(data["variants"]) > 1
        else ""
    )
    body = (
        f'<p><span id="fan-note">{text(data["series"][0]["note"])}</span> The line is the median of the replicates; '
        f"half of them lie in the dark band; the light band is the 90 % prediction interval. {against}Point at a "
        f"chart, or select it "
        "and press ← →, to read values; dotted lines are dates of the calendar.</p>"
        '<div class="controls" id="fan-controls"></div><div class="grid" id="fan-charts"></div>'
    )
    return section("fans", "Possible courses", body)


def side_by_side(
    result: Result, summary: pd.DataFrame | None, names: Sequence[str], scenario: Mapping[str, Any]
) -> str:
    """Every quantity in every variant: mean, spread, difference."""
    if summary is None:
        return ""
    variants = result.variants
    about = [note(scenario, name) for name in variants]
    about[0] = about[0] or "The scenario as written."
    notes = "".join(
        f"<dt class=v{i % 6}>{named(name)}</dt><dd>{text(about[i])}</dd>"
        for i, name in enumerate(variants)
    )
    cards = "".join(_card(summary.loc[name], name, variants, is_chance(result, name)) for name in names)
    others = (
        f" Differences from {named(variants[0])} are over paired replicates, with their 95 % interval below; those "
        f"that "
        "cannot be distinguished from zero are pale."
        if len(variants) > 1
        else ""
    )
    body = (
        f"<dl class=legend>{notes}</dl><p>The tick is the mean; the bars are the 50 % and 90 % prediction "
        f"intervals, for a probability its 95 % interval.{others}</p><div class=grid>{cards}</div>"
    )
    return section("variants", "The variants side by side", body)


def _card(rows: pd.DataFrame, name: str, variants: Sequence[str], chance: bool) -> str:
    scale = Scale.of(rows)
    shown = ["mean_low", "mean_high"] if chance else ["q5", "q95", "mean"]
    edge = [float(x) for x in rows[shown].to_numpy().ravel() if math.isfinite(x)]
    low, high = (min(edge), max(edge)) if edge else (0.0, 1.0)
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
            f"<tr><th scope=row>{named(variant)}</th><td class=strip>{_strip(row, low, high, i, chance)}</td>"
            f"<td>{mean}</td><td>{_difference(row, scale) if i else ''}</td></tr>"
        )
    label = text(rows["label"].iloc[0] or name)
    unit = f" <small>{scale.unit.strip()}</small>" if scale.unit else ""
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
        f"<figure class=card><figcaption>{label}{unit}</figcaption><table><thead><tr><th scope=col><span class=vh>"
        "variant</span></th><th scope=col><span class=vh>spread</span></th><th scope=col>mean</th><th scope=col>"
        f"{head}</th></tr></thead><tbody>{''.join(body)}{axis}</tbody></table>{remark}</figure>"
    )


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
        "actors in one replicate, a single draw and not a forecast. Point at a mark, or select the "
        "chart and press "
        "← →.</p>"
        '<div class="controls" id="time-controls"></div><div id="timeline-chart"></div>'
        '<p class="readout" id="time-readout" aria-live="polite"></p>'
        '<details><summary>The same as a list</summary><ol id="time-list" tabindex="0" '
        'aria-label="Events of this replicate"></ol></details>'
    )
    return section("timeline", "Events", body)


def network(data: Mapping[str, Any]) -> str:
    """The place for the network and its slider."""
    if not data["network"]:
        return ""
    body = (
        "<p>Median strength of the ties stored in the file: blue friendly, orange hostile and dashed; wider "
        "lines have more trade.</p>"
        '<div class="controls" id="net-controls"></div><div id="network-chart"></div>'
        '<details><summary>The same as a table</summary><table id="net-table"></table></details>'
    )
    return section("network", "The network over time", body)
