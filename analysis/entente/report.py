"""One page for readers who do not code: the question, the answer with its interval, and what stands behind it.

`write(result, "report.html")` makes a single HTML file that loads nothing: data, charts and styles are in it.
"""

from __future__ import annotations

import html
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import h5py
import numpy as np
import pandas as pd
import xarray as xr
import yaml

from entente import plot, statistics
from entente.plot.marks import calendar_marks
from entente.plot.style import tie_label
from entente.result import Result

#: Ties that get a fan, and actors that fit on the circle of the network.
MOST_FANS, MOST_TIES_DRAWN = 8, 300
#: Futures whose events the page holds, and events shown of each.
FUTURES, MOST_EVENTS = 3, 400
_SURE = {"m": "measured", "e": "estimated", "a": "assumed"}


def write(result: Result, path: str | os.PathLike[str], quantity: str | None = None) -> Path:
    """Write the report on `result` to `path` and return it.

    `quantity` names the outcome the answer is about; by default it is the scenario's first.
    """
    out = Path(path)
    out.write_text(page(result, quantity), encoding="utf-8")
    return out


def page(result: Result, quantity: str | None = None) -> str:
    """The report as HTML text (see `write`)."""
    if "point" in result.data.dims:
        raise ValueError(f"{result.path} is a sweep's file; a report is about one run")
    if "quantity" not in result.data.dims:
        raise ValueError(f"{result.path} has no quantities to report on; name some in the scenario")
    provenance = result.provenance()
    scenario = _scenario(provenance)
    summary = result.summary()
    names = [str(name) for name in result.data["quantity"].values]
    chosen = quantity or names[0]
    if chosen not in names:
        raise KeyError(f"no quantity {chosen!r} in the file; there are {', '.join(names)}")
    data = _data(result, scenario)
    sections = [
        _answer(result, summary, chosen),
        _fans(data),
        _side_by_side(result, summary, names, scenario),
        _timeline(data),
        _network(data),
        _matters(result, chosen),
        _assumptions(result, scenario),
        _made(provenance),
    ]
    assets = files("entente") / "assets"
    text = {
        name: (assets / file).read_text(encoding="utf-8")
        for name, file in {
            "css": "report.css",
            "js": "report.js",
            "uplot_js": "uPlot.iife.min.js",
            "uplot_css": "uPlot.min.css",
            "uplot_licence": "uPlot.LICENSE",
        }.items()
    }
    start, end = _period(result.data)
    return Template((assets / "report.html").read_text(encoding="utf-8")).substitute(
        text,
        title=_text(result.data.attrs.get("title", result.path.stem)),
        kicker=f"{start:%-d %B %Y} to {end:%-d %B %Y} · {result.data.sizes['replicate']:,} simulated futures",
        question=_text(_question(provenance, scenario, result.variants)),
        sections="\n".join(section for section in sections if section),
        data=json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        source=_text(plot.source_line(result.data, provenance)),
    )


# ---- what the scenario says of itself


def _scenario(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario's own file as parsed, every scalar a string; empty if it cannot be read."""
    texts = list(provenance.get("files", {}).values())
    try:
        parsed = yaml.load(texts[0], Loader=yaml.BaseLoader) if texts else {}
    except yaml.YAMLError:
        parsed = {}
    return parsed if isinstance(parsed, dict) else {}


def _question(provenance: Mapping[str, Any], scenario: Mapping[str, Any], variants: Sequence[str]) -> str:
    """The paragraph "The question: ..." of the comment that opens the scenario, else what its variants ask."""
    texts = list(provenance.get("files", {}).values())
    head = re.match(r"(?:[ \t]*#[^\n]*\n|[ \t]*\n)*", texts[0] if texts else "")
    comment = re.sub(r"(?m)^[ \t]*# ?", "", head.group(0) if head else "")
    if found := re.search(r"(?s)The question: (.*?)(?:\n\s*\n|\Z)", comment):
        asked = re.sub(r"\s+", " ", found.group(1)).strip()
        return asked[:1].upper() + asked[1:]
    notes = [_note(scenario, name).rstrip(".") for name in variants[1:]]
    if notes:
        return "What changes? " + "; ".join(
            note or name.replace("_", " ") for note, name in zip(notes, variants[1:], strict=True)
        )
    return "How may it go?"


def _note(scenario: Mapping[str, Any], variant: str) -> str:
    variants = scenario.get("variants")
    entry = variants.get(variant) if isinstance(variants, dict) else None
    return str(entry.get("note", "")) if isinstance(entry, dict) else ""


# ---- sections


def _answer(result: Result, summary: pd.DataFrame, quantity: str) -> str:
    variants = result.variants
    base = summary.loc[(quantity, variants[0])]
    scale = Scale.of(summary.loc[quantity])
    label = _text(base["label"] or quantity)
    chance = _is_chance(result, quantity)
    spread = (
        f"By itself, in <b>{_name(variants[0])}</b>, it is {scale.number(base['mean'])}{scale.unit} in the mean"
        f" (interval {scale.span(base['mean_low'], base['mean_high'])})"
    )
    spread += (
        "."
        if chance
        else f"; nine futures in ten lie between {scale.number(base['q5'])} and {scale.number(base['q95'])}."
    )
    if len(variants) < 2:
        return _section(
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
        if low == high == 0:
            said = f"No difference: <b>{label}</b> is the same in <b>{_name(variant)}</b> as in {_name(variants[0])}, future by future."
        elif low <= 0 <= high:
            said = (
                f"The interval holds zero: {int(row['n']):,} futures do not tell whether <b>{label}</b> differs"
                f" in <b>{_name(variant)}</b> from {_name(variants[0])}."
            )
        else:
            way = "higher" if mean > 0 else "lower"
            said = (
                f"is the difference that <b>{_name(variant)}</b> makes to <b>{label}</b>: {way} than in"
                f" {_name(variants[0])} (95 % interval; best estimate {scale.gap(mean, low, high)}{scale.unit})."
            )
        lines.append((variant, scale.gap_span(low, high) + scale.unit, said))
    first, *others = lines
    body = f'<p class="big">{first[1]}</p><p class="lead">{first[2]}</p><p>{spread}</p>'
    if others:
        items = "".join(f"<li><b class=num>{number}</b> {said}</li>" for _, number, said in others)
        body += f"<ul class=others>{items}</ul>"
    body += (
        "<p class=note>An interval says how well the model’s answer is computed; it narrows with more futures. The "
        "range that holds nine futures in ten says how uncertain the model finds the world; it does not. Both rest on "
        '<a href="#assumptions">the assumptions</a>.</p>'
    )
    return _section("answer", "The answer", body)


def _fans(data: Mapping[str, Any]) -> str:
    if not data["fans"]:
        return ""
    against = (
        "The other variant is dashed: its median, and the edges between which nine in ten lie. "
        if len(data["variants"]) > 1
        else ""
    )
    body = (
        "<p>Strength of each tie, from −1 hostile to 1 friendly. The line is the median of the futures, half of them "
        f"lie in the dark band, nine in ten in the light one. {against}Point at a chart, or select it and press ← →, to read "
        "values; dotted lines are dates of the calendar.</p>"
        '<div class="controls" id="fan-controls"></div><div class="grid" id="fan-charts"></div>'
    )
    return _section("fans", "What may come", body)


def _side_by_side(
    result: Result, summary: pd.DataFrame, names: Sequence[str], scenario: Mapping[str, Any]
) -> str:
    variants = result.variants
    notes = "".join(
        f"<dt class=v{i % 6}>{_name(name)}</dt><dd>{_text(_note(scenario, name)) or ('As the scenario has it.' if i == 0 else '')}</dd>"
        for i, name in enumerate(variants)
    )
    cards = "".join(_card(summary.loc[name], name, variants, _is_chance(result, name)) for name in names)
    body = (
        f"<dl class=legend>{notes}</dl><p>The tick is the mean, the bars the ranges that hold half and nine in ten of "
        f"the futures. Differences are to {_name(variants[0])}, future by future, with their 95 % interval; those that "
        f"can be told from zero are bold.</p><div class=grid>{cards}</div>"
    )
    return _section("variants", "The variants side by side", body)


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
            same = row["difference_low"] == row["difference_high"] == 0
            number = scale.gap(row["difference"], row["difference_low"], row["difference_high"])
            gap = f"{number} <small>[{scale.gap_span(row['difference_low'], row['difference_high'])}]</small>"
            gap = "<small>the same</small>" if same else f"<b>{gap}</b>" if told else gap
        else:
            gap = "–"
        body.append(
            f"<tr><th scope=row>{_name(variant)}</th><td class=strip>{_strip(row, low, high, i, chance)}</td>"
            f"<td>{scale.number(row['mean'])}</td><td>{gap}</td></tr>"
        )
    label = _text(rows["label"].iloc[0] or name)
    unit = f" <small>{scale.unit.strip()}</small>" if scale.unit else ""
    axis = (
        f"<tr class=axis><td></td><td class=strip><span>{scale.number(low)}</span><span>{scale.number(high)}</span>"
        "</td><td></td><td></td></tr>"
    )
    return (
        f"<figure class=card><figcaption>{label}{unit}</figcaption><table><thead><tr><th scope=col><span class=vh>"
        "variant</span></th><th scope=col><span class=vh>spread</span></th><th scope=col>mean</th><th scope=col>"
        f"{'difference' if len(variants) > 1 else '<span class=vh>difference</span>'}</th></tr></thead><tbody>"
        f"{''.join(body)}{axis}</tbody></table></figure>"
    )


def _strip(row: pd.Series, low: float, high: float, index: int, chance: bool) -> str:
    """Ranges and mean of one variant on the line from `low` to `high`, as SVG."""

    def x(value: float) -> float:
        return round(2 + 96 * (value - low) / (high - low), 2)

    bars = []
    for a, b, cls in [("mean_low", "mean_high", "in")] if chance else [("q5", "q95", "out"), ("q25", "q75", "in")]:
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


def _timeline(data: Mapping[str, Any]) -> str:
    if not data["calendar"] and not data["futures"]:
        return ""
    body = (
        "<p>Above, what stands on the calendar for the ties shown here. Below, what else happened between the same "
        "actors in one of the futures: a single draw, not a forecast. Point at a mark, or select the chart and press "
        "← →.</p>"
        '<div class="controls" id="time-controls"></div><div id="timeline-chart"></div>'
        '<p class="readout" id="time-readout" aria-live="polite"></p>'
        '<details><summary>The same as a list</summary><ol id="time-list" tabindex="0" aria-label="Events of this future"></ol></details>'
    )
    return _section("timeline", "What happens", body)


def _network(data: Mapping[str, Any]) -> str:
    if not data["network"]:
        return ""
    body = (
        "<p>Median strength of the ties stored in the file: blue friendly, orange hostile and dashed; the wider, the more "
        "mean trade.</p>"
        '<div class="controls" id="net-controls"></div><div id="network-chart"></div>'
        '<details><summary>The same as a table</summary><table id="net-table"></table></details>'
    )
    return _section("network", "The network over time", body)


def _matters(result: Result, quantity: str) -> str:
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
    scale = Scale.of(result.summary().loc[quantity])
    largest = max(float(effects["share"].max()), 1e-9)
    rows = "".join(
        f"<tr><th scope=row><code>{_breakable(str(name))}</code></th><td class=strip><svg viewBox='0 0 100 18' "
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
    label = _text(result.summary().loc[(quantity, result.variants[0]), "label"] or quantity)
    rest = 100 * (1 - float(np.clip(effects["share"].values, 0, None).sum()))
    body = (
        f"<p>Which of the uncertain parameters moves <b>{label}</b> most. The share is the part of its variance that "
        f"goes with the parameter; the last column is what to expect at its 5th and its 95th percentile. About "
        f"{max(rest, 0):.0f} % are chance and other parameters.</p><table class=matters><thead><tr><th scope=col>"
        "parameter</th><th scope=col><span class=vh>share, drawn</span></th><th scope=col>share</th>"
        f"<th scope=col>low → high{_text(scale.unit)}</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    return _section("matters", "What matters most", body)


def _assumptions(result: Result, scenario: Mapping[str, Any]) -> str:
    """The uncertain parameters as drawn, with the sources the scenario names."""
    if "drawn" not in result.data:
        return ""
    written = scenario.get("uncertain")
    written = written if isinstance(written, dict) else {}
    q = result.data["drawn"].load().quantile([0.05, 0.5, 0.95], "replicate")
    rows = []
    for name in (str(name) for name in result.data["parameter"].values):
        entry = written.get(name) or next((x for key, x in written.items() if name.startswith(f"{key}.")), None)
        entry = dict(entry) if isinstance(entry, dict) else {}
        source, sure = _source(str(entry.pop("source", entry.pop("note", ""))))
        law = "; ".join(f"{key} {_flow(value)}" for key, value in entry.items())
        low, middle, high = (float(x) for x in q.sel(parameter=name).values)
        rows.append(
            f"<tr><th scope=row><code>{_breakable(name)}</code></th><td>{_text(law)}</td>"
            f"<td>{_short(middle)} <small>[{_short(low)}, {_short(high)}]</small></td><td>{_text(source)}</td>"
            f"<td>{sure}</td></tr>"
        )
    body = (
        "<p>What is uncertain is drawn anew for every future. Median and nine in ten of the draws; days, USD and per "
        "year where there is a unit. All other numbers stand in the scenario’s files, with their sources.</p>"
        "<table class=wide><thead><tr>"
        "<th scope=col>parameter</th><th scope=col>drawn from</th><th scope=col>drawn</th><th scope=col>source</th>"
        f"<th scope=col>how sure</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    return _section("assumptions", "What is assumed", body)


def _source(text: str) -> tuple[str, str]:
    """The source without its mark of confidence, and the mark in full: "... (a)" is assumed."""
    found = re.search(r"\s*\(([mea])\b[^)]*\)\s*$", text)
    if not found:
        return text, "assumed" if not text or text.startswith("assumed") else ""
    return text[: found.start()], _SURE[found.group(1)]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flow(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_flow(item) for item in value)
    return str(value)


def _made(provenance: Mapping[str, Any]) -> str:
    shown = ["program", "git", "build", "command", "scenario", "seed", "workers", "start", "end", "system", "machine"]
    shown += sorted(name for name in provenance if name.startswith("library_"))
    rows = "".join(
        f"<dt>{_text(name.removeprefix('library_').replace('_', ' '))}</dt><dd>{_text(str(provenance[name]))}</dd>"
        for name in shown
        if str(provenance.get(name, "")) != ""
    )
    texts = list(provenance.get("files", {}).items())
    read = "".join(f"<li><code>{_text(name)}</code>, {len(text):,} characters</li>" for name, text in texts)
    own = (
        f"<details><summary>The scenario’s own text</summary><pre tabindex=0>{_text(texts[0][1])}</pre></details>"
        if texts
        else ""
    )
    body = (
        f"<dl class=made>{rows}</dl><h3>Files read</h3><ul>{read}</ul>{own}<p class=note>The output file holds all of "
        "these texts; <code>entente run OUT.h5</code> makes it again from them.</p>"
    )
    return _section("made", "How this was made", body)


# ---- data of the interactive charts


def _data(result: Result, scenario: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script draws: times in seconds since 1970, strength in [-1, 1], trade in USD a year."""
    data = result.data
    out: dict[str, Any] = {
        "variants": [name.replace("_", " ") for name in result.variants],
        "fans": [],
        "network": None,
        "calendar": [],
        "futures": [],
    }
    start, end = _period(data)
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
    if _has_events(result):
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
        there = [trade.isel(flow=flows[f]) for f in (f"{a}->{b}", f"{b}->{a}") if f in flows]
        if not there:
            return []
        total = np.nansum(np.stack([x.transpose("variant", "time").values for x in there]), axis=0)
        return [_rounded(row[::step], 4) for row in total]

    median = strength.isel(probability=2).transpose("variant", "tie", "time").values
    return {
        "actors": [[name, labels.get(name, name)] for name in actors],
        "ties": [[actors.index(actor) for actor in tie.split("-")] for tie in ties],
        "step": step,
        "strength": [[_rounded(row[::step]) for row in variant] for variant in median],
        "trade": [both(tie) for tie in ties],
    }


def _has_events(result: Result) -> bool:
    with h5py.File(result.path) as file:
        return "events" in file


def _events(result: Result, ties: Sequence[str], out: dict[str, Any]) -> None:
    """Calendar marks of `ties`, and the events between their actors in some futures of every variant."""
    start, end = _period(result.data)
    calendar = result.calendar(10)
    actors = {actor for tie in ties for actor in tie.split("-")}
    pairs = {frozenset(tie.split("-")) for tie in ties}
    if not pairs:
        pairs = {
            frozenset(pair)
            for pair in zip(calendar["initiator"].astype(str), calendar["target"].astype(str), strict=True)
        }
        actors = set().union(*pairs) - {"nan"} if pairs else set()
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


# ---- small things


class Scale:
    """How the numbers of a quantity are written: its unit, large USD in m or bn."""

    def __init__(self, unit: str, largest: float) -> None:
        """For values of `unit` up to `largest`."""
        self.factor, prefix = 1.0, ""
        if unit.startswith("USD"):
            for self.factor, prefix in ((1e-9, "bn "), (1e-6, "m "), (1.0, "")):
                if largest * self.factor >= 1:
                    break
        self.unit = "" if unit in ("", "1") else f" {prefix}{unit.replace('/year', ' a year')}"
        self.digits = _decimals(largest * self.factor, 3)

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Scale:
        """For the summary of one quantity [variant]."""
        values = np.abs(rows[["q95", "mean"]].to_numpy(dtype=float))
        finite = values[np.isfinite(values)]
        return cls(str(rows["unit"].iloc[0]), float(finite.max()) if finite.size else 1.0)

    def number(self, value: float) -> str:
        """A value, without its unit."""
        if math.isinf(value):
            return "never"
        return "–" if math.isnan(value) else _fixed(value * self.factor, self.digits)

    def span(self, low: float, high: float) -> str:
        """An interval of a mean."""
        digits = self._fine(low, high)
        return f"{_fixed(low * self.factor, digits)} to {_fixed(high * self.factor, digits)}"

    def gap(self, value: float, low: float, high: float) -> str:
        """A difference, with its sign and as many digits as its interval supports."""
        return _fixed(value * self.factor, self._fine(low, high), "+")

    def gap_span(self, low: float, high: float) -> str:
        """The interval of a difference."""
        digits = self._fine(low, high)
        return f"{_fixed(low * self.factor, digits, '+')} to {_fixed(high * self.factor, digits, '+')}"

    def _fine(self, low: float, high: float) -> int:
        """Decimals an interval deserves: one digit of its half width, two where that begins with a 1."""
        half = abs(high - low) / 2 * self.factor
        if not half > 0 or not math.isfinite(half):
            return self.digits
        return _decimals(half, 2 if half / 10 ** math.floor(math.log10(half)) < 1.5 else 1)


def _decimals(size: float, digits: int) -> int:
    """Decimals that show `digits` digits of a number of that size."""
    return 2 if size <= 0 or not math.isfinite(size) else min(max(digits - 1 - math.floor(math.log10(size)), 0), 6)


def _fixed(value: float, decimals: int, sign: str = "-") -> str:
    text = f"{value:{sign},.{decimals}f}"
    return (text.lstrip("+-") if float(text.replace(",", "")) == 0 else text).replace("-", "−")


def _short(value: float) -> str:
    for size, letter in ((1e12, " tn"), (1e9, " bn"), (1e6, " m")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def _rounded(values: np.ndarray, digits: int = 0) -> Any:
    """Numbers for the page: three decimals, or `digits` significant ones; null for what is not finite."""
    if values.ndim > 1:
        return [_rounded(row, digits) for row in values]
    return [
        None if not math.isfinite(x) else float(f"{x:.{digits}g}") if digits else round(float(x), 3) for x in values
    ]


def _is_chance(result: Result, quantity: str) -> bool:
    """Whether a quantity is 0 or 1 in every future, so that its mean is a probability."""
    values = result.data["quantity_value"].sel(quantity=quantity).values
    return bool(np.isin(values[np.isfinite(values)], (0.0, 1.0)).all())


def _period(data: xr.Dataset) -> tuple[pd.Timestamp, pd.Timestamp]:
    start = pd.Timestamp(str(data.attrs["start"]))
    return start, start + pd.Timedelta(days=float(data.attrs["horizon_days"]))


def _section(name: str, title: str, body: str) -> str:
    return f'<section id="{name}" aria-labelledby="h-{name}"><h2 id="h-{name}">{title}</h2>{body}</section>'


def _breakable(path: str) -> str:
    """A parameter's path that may break after its dots and underscores."""
    return re.sub(r"([._])", r"\1<wbr>", _text(path))


def _name(variant: str) -> str:
    return _text(variant.replace("_", " "))


def _text(value: object) -> str:
    return html.escape(str(value))
