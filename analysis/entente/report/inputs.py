"""The inputs behind the answer: influential parameters, assumptions, provenance."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import xarray as xr

from entente.report.context import Context
from entente.report.contrast import Contrast
from entente.report.effect import MEAN, reasons, sort_of, stored
from entente.report.scenario import in_words, part, source
from entente.report.wording import Scale, breakable, percent, section, short, text

#: Parameters in the ranking.
_MOST = 8


def matters(context: Context, about: Contrast | None = None) -> str:
    """The uncertain parameters ranked by how far they move the answer: the effect, or without variants the level.

    The effect is that of the contrast `about`, by default of the first one.
    """
    if context.summary is None:
        return ""
    contrast = context.contrasts[0] if about is None and context.contrasts else about
    effects, of = reasons(context.result, context.about, contrast), "effect"
    if effects is None or contrast is None:
        effects, of = reasons(context.result, context.about, None), "level"
    if effects is None:
        return ""
    rest = 100 * (1 - float(np.clip(effects["share"].values, 0, None).sum()))
    shown = np.flatnonzero(told_from_noise(effects))[:_MOST]
    if not shown.size:
        return section("matters", "What matters most", "<p>These futures are too few to tell which parameters.</p>")
    others = effects.sizes["parameter"] - shown.size
    effects = effects.isel(parameter=shown)
    scale = Scale.of(context.summary.loc[context.about])
    sort = sort_of(_values(context), str(context.summary.loc[context.about, "unit"].iloc[0]))
    factor, unit = (1.0, scale.unit) if sort == MEAN else (100.0, " in 100")
    sign = "+" if of == "effect" else "-"
    own = scale if sort == MEAN else Scale("", 1)
    largest = max(float(effects["share"].max()), 1e-9)
    rows = "".join(
        f"<tr><th scope=row>{named(context, str(name))}</th><td class=strip>{bar(share / largest)}</td>"
        f"<td>{percent(max(float(share), 0.0))}</td><td>{own.effect(factor * float(low), sign)} → "
        f"{own.effect(factor * float(high), sign)}{unit}</td></tr>"
        for name, share, low, high in zip(
            effects["parameter"].values,
            effects["share"].values,
            effects["low"].values,
            effects["high"].values,
            strict=True,
        )
    )
    moved = contrast if of == "effect" else None
    label = f"<em>{text(context.label)}</em>"
    whose = f"what {text(moved.subject)} changes in {label}" if moved else label
    body = (
        f"<p>The uncertain parameters, ranked by how much they move {whose}. The share is the part of its variance "
        f"that the parameter explains; the last column is its expected value with the parameter low (5th percentile) "
        f"and high (95th). {_together(context, moved, max(rest, 0))}</p><table class=matters><thead><tr><th scope=col>"
        "parameter</th><th scope=col><span class=vh>share, drawn</span></th><th scope=col>share</th><th scope=col>low "
        f"→ high</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    if others:
        many = "1 parameter moves" if others == 1 else f"{others} parameters move"
        body += f"<p class=note>{many} it less, or not so that these futures could tell.</p>"
    return section("matters", "What matters most", body)


def told_from_noise(effects: xr.Dataset) -> np.ndarray[Any, Any]:
    """Which parameters the replicates tell from none, at 5 % for all of them together (Bonferroni)."""
    limit = NormalDist().inv_cdf(1 - 0.025 / max(effects.sizes["parameter"], 1))
    moved = np.abs(effects["high"] - effects["low"])
    return (moved > limit * effects["standard_error"]).values


def _values(context: Context) -> xr.DataArray:
    return context.result.data["quantity_value"].sel(quantity=context.about)


def _together(context: Context, contrast: Contrast | None, rest: float) -> str:
    """What all parameters explain together."""
    assert context.summary is not None
    variant = contrast.variant if contrast else context.result.variants[0]
    name = "difference_share" if contrast else "share"
    row = context.summary.loc[(context.about, variant)]
    share = 100 * float(row.get(name, math.nan))
    if not math.isfinite(share):
        return f"About {rest:.0f} % is chance, and what no single parameter explains."
    low, high = stored(row, name) or (share / 100, share / 100)
    return (
        f"All of them together carry about {max(share, 0):.0f} % of the variance (95 % interval {100 * low:.0f} to "
        f"{100 * high:.0f} %); the rest is chance."
    )


def named(context: Context, path: str) -> str:
    """A parameter in words, with its path below, as HTML."""
    return f"{text(context.names.parameter(path))}<small class=path><code>{breakable(path)}</code></small>"


def bar(share: float) -> str:
    """A bar with this share of the width, as SVG."""
    return (
        "<svg viewBox='0 0 100 18' preserveAspectRatio='none' aria-hidden=true class=v0>"
        f"<rect class=in x=0 y=4 height=10 width={min(max(100 * share, 0), 100):.1f} /></svg>"
    )


def assumptions(context: Context) -> str:
    """The uncertain parameters as drawn, with the sources the scenario names."""
    result = context.result
    if "drawn" not in result.data:
        body = "<p>No parameter is uncertain. All numbers are in the scenario’s files, with their sources.</p>"
        return section("assumptions", "What was assumed", body)
    written = part(context.written, "uncertain")
    drawn = result.parameters()[[str(name) for name in result.data["parameter"].values]]
    q = drawn.quantile([0.05, 0.5, 0.95])
    joints = result.data["parameter_joint"].to_series().to_dict() if "parameter_joint" in result.data else {}
    rows = []
    for name in drawn:
        longer = (x for key, x in written.items() if name.startswith(f"{key}."))
        entry = written.get(name) or next(longer, None)
        entry = dict(entry) if isinstance(entry, dict) else {}
        where, sure = source(str(entry.pop("source", entry.pop("note", ""))))
        law = "; ".join(f"{key} {in_words(value)}" for key, value in entry.items())
        if joint := joints.get(str(name)):
            law = f"{law or 'rows of a table'}; jointly ({joint})"
            of_joint = written.get("joint", {}).get(joint)
            where = where or (source(str(of_joint.get("source", "")))[0] if isinstance(of_joint, dict) else "")
        low, middle, high = (float(x) for x in q[name])
        unit = unit_of(name, law)
        cells = [
            ("drawn from", text(law)),
            ("drawn", f"{short(middle)}{unit} <small>[{short(low)}, {short(high)}]</small>"),
            ("source", text(where) or "none given"),
            ("confidence", f"<span class=num>{sure}</span>"),
        ]
        data = "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in cells)
        rows.append(f"<tr><th scope=row>{named(context, str(name))}</th>{data}</tr>")
    body = (
        "<p>Uncertain parameters are drawn anew for every simulated future. Shown are the median and, in brackets, "
        "the 5 and 95 % points of the draws; a number without a unit is a pure number. Shifts and shocks of trade are "
        "in log units: −1.15 makes it 0.32 times as large. All other numbers are in the scenario’s "
        "files, with their sources.</p>"
        "<table class='wide stack'><thead><tr><th scope=col>parameter</th><th scope=col>drawn from</th><th scope=col>"
        "drawn</th><th scope=col>source</th>"
        f"<th scope=col>confidence</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    return section("assumptions", "What was assumed", body)


def unit_of(path: str, law: str) -> str:
    """The canonical unit of a parameter, by its path and by how the scenario writes its values; may be empty."""
    if path.endswith("per_year"):
        return " a year"
    if "USD" in law:
        return " USD"
    return " days" if re.search(r"\d (?:s|min|h|d|weeks?|months?|y)\b", law) else ""


def made(provenance: Mapping[str, Any]) -> str:
    """Provenance: program, command and input files."""
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
        f"contains all of "
        "these texts; <code>entente run OUT.h5</code> repeats the run from them.</p>"
    )
    return section("made", "How this was made", body)
