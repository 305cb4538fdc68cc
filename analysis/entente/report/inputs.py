"""The inputs behind the answer: influential parameters, assumptions, provenance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from entente import estimates
from entente.report.scenario import in_words, part, source
from entente.report.wording import Scale, breakable, section, short, text
from entente.result import Result


def matters(result: Result, summary: pd.DataFrame | None, quantity: str) -> str:
    """The eight most influential uncertain parameters for `quantity`."""
    if summary is None or "drawn" not in result.data:
        return ""
    good = estimates.ran(result.data)
    value = good["quantity_value"].sel(quantity=quantity, variant=result.variants[0]).load()
    try:
        effects = estimates.sensitivity(value, good["drawn"].load())
    except ValueError:
        return ""
    if not effects.sizes["parameter"]:
        return ""
    rest = 100 * (1 - float(np.clip(effects["share"].values, 0, None).sum()))
    effects = effects.isel(parameter=slice(8))
    scale = Scale.of(summary.loc[quantity])
    largest = max(float(effects["share"].max()), 1e-9)
    rows = "".join(
        f"<tr><th scope=row><code>{breakable(str(name))}</code></th><td class=strip>{bar(share / largest)}</td>"
        f"<td>{100 * share:.1f} %</td><td>{scale.number(low)} → {scale.number(high)}</td></tr>"
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
            f"A linear function of all of them explains {share:.0f} % of the variance "
            f"(95 % interval {low:.0f} to {high:.0f} %); the rest is chance and nonlinearity."
        )
    else:
        together = f"About {max(rest, 0):.0f} % are chance and other parameters."
    where = " In replicates in which it occurs." if row["n_finite"] < row["n"] else ""
    body = (
        f"<p>The uncertain parameters, ranked by their influence on <b>{label}</b>. The share is the part of its "
        f"variance explained by the parameter; the last column is its expected value at the parameter’s 5th "
        f"and 95th percentile. "
        f"{together}{where}</p><table class=matters><thead><tr><th scope=col>parameter</th><th scope=col>"
        f"<span class=vh>share, drawn</span></th><th scope=col>share</th><th scope=col>low → high{scale.unit}</th>"
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )
    return section("matters", "What matters most", body)


def bar(share: float) -> str:
    """A bar with this share of the width, as SVG."""
    return (
        "<svg viewBox='0 0 100 18' preserveAspectRatio='none' aria-hidden=true class=v0>"
        f"<rect class=in x=0 y=4 height=10 width={min(max(100 * share, 0), 100):.1f} /></svg>"
    )


def assumptions(result: Result, scenario: Mapping[str, Any]) -> str:
    """The uncertain parameters as drawn, with the sources the scenario names."""
    if "drawn" not in result.data:
        return ""
    written = part(scenario, "uncertain")
    drawn = result.parameters()[[str(name) for name in result.data["parameter"].values]]
    q = drawn.quantile([0.05, 0.5, 0.95])
    rows = []
    for name in drawn:
        longer = (x for key, x in written.items() if name.startswith(f"{key}."))
        entry = written.get(name) or next(longer, None)
        entry = dict(entry) if isinstance(entry, dict) else {}
        where, sure = source(str(entry.pop("source", entry.pop("note", ""))))
        law = "; ".join(f"{key} {in_words(value)}" for key, value in entry.items())
        low, middle, high = (float(x) for x in q[name])
        rows.append(
            f"<tr><th scope=row><code>{breakable(name)}</code></th><td>{text(law)}</td>"
            f"<td>{short(middle)} <small>[{short(low)}, {short(high)}]</small></td><td>{text(where)}</td>"
            f"<td>{sure}</td></tr>"
        )
    body = (
        "<p>Uncertain parameters are drawn anew for every replicate. Shown are the median and the 5 and 95 % points "
        "of the "
        "draws, in days, USD or per year. All other numbers are in the scenario’s files, with their sources.</p>"
        "<table class=wide><thead><tr><th scope=col>parameter</th><th scope=col>drawn from</th><th scope=col>drawn</th>"
        "<th scope=col>source</th>"
        f"<th scope=col>confidence</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    return section("assumptions", "Assumptions", body)


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
