"""The sections of the report, each as HTML; empty where the file has nothing for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from entente import statistics
from entente.report.words import Scale, breakable, is_chance, named, section, short, text
from entente.result import Result

_SURE = {"m": "measured", "e": "estimated", "a": "assumed"}


def answer(result: Result, summary: pd.DataFrame, quantity: str) -> str:
    """What the other variants change about `quantity`, the interval first."""
    variants = result.variants
    base = summary.loc[(quantity, variants[0])]
    scale = Scale.of(summary.loc[quantity])
    label = text(base["label"] or quantity)
    chance = is_chance(result, quantity)
    spread = (
        f"By itself, in <b>{named(variants[0])}</b>, it is {scale.number(base['mean'])}{scale.unit} in "
        f"the mean"
        f" (interval {scale.span(base['mean_low'], base['mean_high'])})"
    )
    spread += (
        "."
        if chance
        else f"; nine futures in ten lie between {scale.number(base['q5'])} and {scale.number(base['q95'])}."
    )
    if len(variants) < 2:
        return section(
            "answer",
            "The answer",
            f'<p class="big">{scale.span(base["mean_low"], base["mean_high"])}{scale.unit}</p>'
            f'<p class="lead">is the 95 % interval of the mean of <b>{label}</b>. {spread}</p>',
        )
    lines = []
    for variant in variants[1:]:
        row = summary.loc[(quantity, variant)]
        low, high, mean = row["difference_low"], row["difference_high"], row["difference"]
        if not all(math.isfinite(x) for x in (low, high, mean)):
            lines.append((variant, "no difference defined", "too few futures have a value in both."))
            continue
        if _same(row):
            said = (
                f"No difference: <b>{label}</b> is the same in <b>{named(variant)}</b> as in"
                f" {named(variants[0])}, future by future."
            )
        elif low <= 0 <= high:
            said = (
                f"The interval holds zero: {int(row['n']):,} futures do not tell whether <b>{label}</b> "
                f"differs"
                f" in <b>{named(variant)}</b> from {named(variants[0])}."
            )
        else:
            way = "higher" if mean > 0 else "lower"
            said = (
                f"is the difference that <b>{named(variant)}</b> makes to <b>{label}</b>: {way} than in"
                f" {named(variants[0])} (95 % interval; best estimate "
                f"{scale.gap(mean, low, high)}{scale.unit})."
            )
        lines.append((variant, scale.gap_span(low, high) + scale.unit, said))
    first, *others = lines
    body = f'<p class="big">{first[1]}</p><p class="lead">{first[2]}</p><p>{spread}</p>'
    if others:
        items = "".join(f"<li><b class=num>{number}</b> {said}</li>" for _, number, said in others)
        body += f"<ul class=others>{items}</ul>"
    body += (
        "<p class=note>An interval says how well the model’s answer is computed; it narrows with more "
        "futures. The "
        "range that holds nine futures in ten says how uncertain the model finds the world; it does not. "
        "Both rest on "
        '<a href="#assumptions">the assumptions</a>.</p>'
    )
    return section("answer", "The answer", body)


def fans(data: Mapping[str, Any]) -> str:
    """Room for the fan charts, which the page's script draws."""
    if not data["series"]:
        return ""
    against = (
        "The other variant is dashed: its median, and the edges between which nine in ten lie. "
        if len(data["variants"]) > 1
        else ""
    )
    body = (
        f'<p><span id="fan-note">{text(data["series"][0]["note"])}</span> The line is the median of the futures, '
        f"half of them lie in the dark band, nine in ten in the light one. {against}Point at a chart, or select it "
        "and press ← →, to read values; dotted lines are dates of the calendar.</p>"
        '<div class="controls" id="fan-controls"></div><div class="grid" id="fan-charts"></div>'
    )
    return section("fans", "What may come", body)


def side_by_side(
    result: Result, summary: pd.DataFrame, names: Sequence[str], scenario: Mapping[str, Any]
) -> str:
    """Every quantity in every variant: mean, spread, difference."""
    variants = result.variants
    about = [note(scenario, name) for name in variants]
    about[0] = about[0] or "As the scenario has it."
    notes = "".join(
        f"<dt class=v{i % 6}>{named(name)}</dt><dd>{text(about[i])}</dd>"
        for i, name in enumerate(variants)
    )
    cards = "".join(_card(summary.loc[name], name, variants, is_chance(result, name)) for name in names)
    body = (
        f"<dl class=legend>{notes}</dl><p>The tick is the mean, the bars the ranges that hold half and "
        f"nine in ten of "
        f"the futures. Differences are to {named(variants[0])}, future by future, with their 95 % "
        f"interval; those that "
        f"can be told from zero are bold.</p><div class=grid>{cards}</div>"
    )
    return section("variants", "The variants side by side", body)


def _card(rows: pd.DataFrame, name: str, variants: Sequence[str], chance: bool) -> str:
    scale = Scale.of(rows)
    shown = ["mean_low", "mean_high"] if chance else ["q5", "q95", "mean"]
    edge = [float(x) for x in rows[shown].to_numpy().ravel() if math.isfinite(x)]
    low, high = (min(edge), max(edge)) if edge else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    body = []
    for i, variant in enumerate(variants):
        row = rows.loc[variant]
        if i == 0:
            gap = ""
        elif all(math.isfinite(row[x]) for x in ("difference", "difference_low", "difference_high")):
            told = not row["difference_low"] <= 0 <= row["difference_high"]
            number = scale.gap(row["difference"], row["difference_low"], row["difference_high"])
            gap = f"{number} <small>[{scale.gap_span(row['difference_low'], row['difference_high'])}]</small>"
            gap = "<small>the same</small>" if _same(row) else f"<b>{gap}</b>" if told else gap
        else:
            gap = "–"
        body.append(
            f"<tr><th scope=row>{named(variant)}</th><td class=strip>{_strip(row, low, high, i, chance)}</td>"
            f"<td>{scale.number(row['mean'])}</td><td>{gap}</td></tr>"
        )
    label = text(rows["label"].iloc[0] or name)
    unit = f" <small>{scale.unit.strip()}</small>" if scale.unit else ""
    axis = (
        f"<tr class=axis><td></td><td "
        f"class=strip><span>{scale.number(low)}</span><span>{scale.number(high)}</span>"
        "</td><td></td><td></td></tr>"
    )
    return (
        f"<figure class=card><figcaption>{label}{unit}</figcaption><table><thead><tr><th scope=col><span "
        f"class=vh>"
        "variant</span></th><th scope=col><span class=vh>spread</span></th><th scope=col>mean</th><th "
        "scope=col>"
        f"{'difference' if len(variants) > 1 else '<span class=vh>difference</span>'}</th></tr></thead><tbody>"
        f"{''.join(body)}{axis}</tbody></table></figure>"
    )


def _same(row: pd.Series) -> bool:
    """Whether a variant has the first one's value in every future."""
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
    """Room for the calendar and the events of some futures."""
    if not data["calendar"] and not data["futures"]:
        return ""
    body = (
        "<p>Above, what stands on the calendar for the ties shown here. Below, what else happened "
        "between the same "
        "actors in one of the futures: a single draw, not a forecast. Point at a mark, or select the "
        "chart and press "
        "← →.</p>"
        '<div class="controls" id="time-controls"></div><div id="timeline-chart"></div>'
        '<p class="readout" id="time-readout" aria-live="polite"></p>'
        '<details><summary>The same as a list</summary><ol id="time-list" tabindex="0" '
        'aria-label="Events of this future"></ol></details>'
    )
    return section("timeline", "What happens", body)


def network(data: Mapping[str, Any]) -> str:
    """Room for the network and its slider."""
    if not data["network"]:
        return ""
    body = (
        "<p>Median strength of the ties stored in the file: blue friendly, orange hostile and dashed; wider "
        "lines trade more.</p>"
        '<div class="controls" id="net-controls"></div><div id="network-chart"></div>'
        '<details><summary>The same as a table</summary><table id="net-table"></table></details>'
    )
    return section("network", "The network over time", body)


def matters(result: Result, quantity: str) -> str:
    """Which uncertain parameters move `quantity`, the first eight."""
    if "drawn" not in result.data:
        return ""
    good = statistics.ran(result.data)
    value = good["quantity_value"].sel(quantity=quantity, variant=result.variants[0]).load()
    try:
        effects = statistics.sensitivity(value, good["drawn"].load()).isel(parameter=slice(8))
    except ValueError:
        return ""
    if not effects.sizes["parameter"]:
        return ""
    summary = result.summary()
    scale = Scale.of(summary.loc[quantity])
    largest = max(float(effects["share"].max()), 1e-9)
    rows = "".join(
        f"<tr><th scope=row><code>{breakable(str(name))}</code></th><td class=strip><svg viewBox='0 0 100 "
        f"18' "
        f"preserveAspectRatio='none' aria-hidden=true class=v0><rect class=in x=0 y=4 height=10 "
        f"width={100 * max(share, 0) / largest:.1f} /></svg></td><td>{100 * share:.1f} %</td>"
        f"<td>{scale.number(low)} → {scale.number(high)}</td></tr>"
        for name, share, low, high in zip(
            effects["parameter"].values,
            effects["share"].values,
            effects["low"].values,
            effects["high"].values,
            strict=True,
        )
    )
    row = summary.loc[(quantity, result.variants[0])]
    label = text(row["label"] or quantity)
    if math.isfinite(row.get("parameter_share", math.nan)):
        share, low, high = (100 * row[f"parameter_share{end}"] for end in ("", "_low", "_high"))
        together = (
            f"All of them together account for {share:.0f} % of it, as far as it follows them in straight lines "
            f"(95 % interval {low:.0f} to {high:.0f} %); the rest is chance."
        )
    else:
        rest = 100 * (1 - float(np.clip(effects["share"].values, 0, None).sum()))
        together = f"About {max(rest, 0):.0f} % are chance and other parameters."
    body = (
        f"<p>Which of the uncertain parameters moves <b>{label}</b> most. The share is the part of its "
        f"variance that "
        f"goes with the parameter; the last column is what to expect at its 5th and its 95th percentile. "
        f"{together}</p><table class=matters><thead><tr><th "
        f"scope=col>"
        "parameter</th><th scope=col><span class=vh>share, drawn</span></th><th scope=col>share</th>"
        f"<th scope=col>low → high{text(scale.unit)}</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    return section("matters", "What matters most", body)


def assumptions(result: Result, scenario: Mapping[str, Any]) -> str:
    """The uncertain parameters as drawn, with the sources the scenario names."""
    if "drawn" not in result.data:
        return ""
    written = scenario.get("uncertain")
    written = written if isinstance(written, dict) else {}
    q = result.data["drawn"].load().quantile([0.05, 0.5, 0.95], "replicate")
    rows = []
    for name in (str(name) for name in result.data["parameter"].values):
        longer = (x for key, x in written.items() if name.startswith(f"{key}."))
        entry = written.get(name) or next(longer, None)
        entry = dict(entry) if isinstance(entry, dict) else {}
        source, sure = _source(str(entry.pop("source", entry.pop("note", ""))))
        law = "; ".join(f"{key} {_flow(value)}" for key, value in entry.items())
        low, middle, high = (float(x) for x in q.sel(parameter=name).values)
        rows.append(
            f"<tr><th scope=row><code>{breakable(name)}</code></th><td>{text(law)}</td>"
            f"<td>{short(middle)} <small>[{short(low)}, {short(high)}]</small></td><td>{text(source)}</td>"
            f"<td>{sure}</td></tr>"
        )
    body = (
        "<p>What is uncertain is drawn anew for every future. Median and nine in ten of the draws; days, "
        "USD and per "
        "year where there is a unit. All other numbers stand in the scenario’s files, with their sources.</p>"
        "<table class=wide><thead><tr>"
        "<th scope=col>parameter</th><th scope=col>drawn from</th><th scope=col>drawn</th><th "
        "scope=col>source</th>"
        f"<th scope=col>how sure</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    return section("assumptions", "What is assumed", body)


def _source(written: str) -> tuple[str, str]:
    """The source without its mark of confidence, and the mark in full: "... (a)" is assumed."""
    found = re.search(r"\s*\(([mea])\b[^)]*\)\s*$", written)
    if not found:
        return written, "assumed" if not written or written.startswith("assumed") else ""
    return written[: found.start()], _SURE[found.group(1)]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flow(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_flow(item) for item in value)
    return str(value)


def made(provenance: Mapping[str, Any]) -> str:
    """Program, command, files read: what made the numbers."""
    shown = ["program", "git", "build", "command", "scenario", "seed", "workers", "start", "end"]
    shown += ["system", "machine"]
    shown += sorted(name for name in provenance if name.startswith("library_"))
    rows = "".join(
        f"<dt>{text(name.removeprefix('library_').replace('_', ' '))}</dt><dd>{text(str(provenance[name]))}</dd>"
        for name in shown
        if str(provenance.get(name, "")) != ""
    )
    texts = list(provenance.get("files", {}).items())
    read = "".join(f"<li><code>{text(name)}</code>, {len(own):,} characters</li>" for name, own in texts)
    own = (
        f"<details><summary>The scenario’s own text</summary><pre "
        f"tabindex=0>{text(texts[0][1])}</pre></details>"
        if texts
        else ""
    )
    body = (
        f"<dl class=made>{rows}</dl><h3>Files read</h3><ul>{read}</ul>{own}<p class=note>The output file "
        f"holds all of "
        "these texts; <code>entente run OUT.h5</code> makes it again from them.</p>"
    )
    return section("made", "How this was made", body)


def note(scenario: Mapping[str, Any], variant: str) -> str:
    """What the scenario says of one of its variants."""
    variants = scenario.get("variants")
    entry = variants.get(variant) if isinstance(variants, dict) else None
    return str(entry.get("note", "")) if isinstance(entry, dict) else ""
