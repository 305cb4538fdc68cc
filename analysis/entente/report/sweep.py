"""The sections of the report on a sweep: the range of the outcome, and the influential swept parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from entente.report.inputs import bar
from entente.report.wording import Scale, breakable, named, percent, section, short, text
from entente.result import Result

#: By design: the measure that ranks, its name, what it is.
_MEASURES = {
    "saltelli": (
        "total",
        "total index",
        "the share of the variance between points that the parameter explains, alone and together with others (total "
        "Sobol’ index)",
    ),
    "morris": ("mu_star", "mean effect", "the mean absolute effect of the parameter over its range (Morris’s µ*)"),
}
_REGRESSION = ("regression", "coefficient", "the standardised regression coefficient, from −1 to 1")

#: Parameters told of each quantity.
_MOST = 8


def answer(result: Result, summary: pd.DataFrame | None, indices: xr.Dataset | None, quantity: str) -> str:
    """The range of the outcome over the points, by variant, and the most influential parameter."""
    points, replicates = result.data.sizes["point"], result.data.sizes["replicate"]
    n = len(result.swept)
    made = (
        f"The sweep varies {n:,} parameter{'s' if n != 1 else ''} over {points:,} point{'s' if points != 1 else ''}, "
        f"with {replicates:,} replicate{'s' if replicates != 1 else ''} at each."
    )
    if summary is None or indices is None:
        lead = "The scenario names no quantities, so the sweep has no sensitivity table."
        return section("answer", "The answer", f'<p class="lead">{lead}</p><p>{made}</p>')
    first, *others = [_range(result, summary, indices, quantity, variant) for variant in result.variants]
    body = f'<p class="big">{first[0]}</p><p class="lead">{first[1]}</p><p>{made}</p>'
    if others:
        body += "<ul class=others>" + "".join(f"<li><b class=num>{a}</b> {b}</li>" for a, b in others) + "</ul>"
    return section("answer", "The answer", body)


def _range(
    result: Result, summary: pd.DataFrame, indices: xr.Dataset, quantity: str, variant: str
) -> tuple[str, str]:
    """Lowest and highest mean over the points (for a later variant, of its differences), and the sentence about
    them."""
    first = result.variants[0]
    rows = summary.xs((quantity, variant), level=("quantity", "variant"))
    scale = Scale.of(summary.xs(quantity, level="quantity"))
    label = f"<b>{text(rows['label'].iloc[0] or quantity)}</b>"
    values = rows["mean" if variant == first else "difference"].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    if not values.size:
        return "No value", f"of {label} in <b>{named(variant)}</b> at any point."
    low, high = float(values.min()), float(values.max())
    if variant == first:
        number, what = f"{scale.number(low)} to {scale.number(high)}{scale.unit}", f"of {label} over the points"
    else:
        number = scale.gap_span(low, high) + scale.unit
        what = f"of the effect of <b>{named(variant)}</b> on {label}, over the points"
    told = indices.sel(quantity=quantity, variant=variant)
    noise = float(told["noise"])
    drives = ""
    main, _, _ = _MEASURES.get(str(indices.attrs.get("design")), _REGRESSION)
    ranked = _ranked(told, main)
    if ranked:
        drives = f" <code>{breakable(ranked[0])}</code> has the largest influence."
    if np.isfinite(noise):
        drives += f" {percent(min(max(noise, 0.0), 1.0))} of the variance between points is replicate noise."
    return number, f"is the range of the mean {what}.{drives}"


def _ranked(told: xr.Dataset, main: str) -> list[str]:
    """The swept parameters with a known measure, the largest first."""
    if main not in told:
        return []
    size = np.abs(told[main].values)
    order = [i for i in np.argsort(-np.where(np.isfinite(size), size, -1), kind="stable") if np.isfinite(size[i])]
    return [str(told["swept"].values[i]) for i in order]


def matters(result: Result, indices: xr.Dataset | None, quantity: str) -> str:
    """The swept parameters ranked for each quantity and variant, the quantity of the answer first."""
    if indices is None:
        return ""
    main, head, meaning = _MEASURES.get(str(indices.attrs.get("design")), _REGRESSION)
    names = [quantity, *(str(name) for name in indices["quantity"].values if str(name) != quantity)]
    shown, *folded = [_tables(indices, name, result.variants, main, head) for name in names]
    body = (
        f"<p>The swept parameters ranked by influence, with 95 % intervals: {meaning}. For another variant, the "
        f"influence "
        f"on its difference from {named(result.variants[0])}.</p>{shown}"
    )
    if folded:
        body += f"<details><summary>The other quantities</summary>{''.join(folded)}</details>"
    return section("matters", "What matters most", body)


def _tables(indices: xr.Dataset, quantity: str, variants: Sequence[str], main: str, head: str) -> str:
    out = []
    for variant in variants:
        told = indices.sel(quantity=quantity, variant=variant)
        label = str(told["quantity_label"].values) or quantity
        title = text(label) if variant == variants[0] else f"{text(label)}: {named(variant)} − {named(variants[0])}"
        unit = Scale(str(told["quantity_unit"].values), 1.0).unit if main == "mu_star" else ""
        ranked = _ranked(told, main)[:_MOST]
        if not ranked:
            out.append(f"<h3>{title}</h3><p>It is the same at every point, or there are too few points.</p>")
            continue
        sizes = (abs(float(told[main].sel(swept=name))) for name in ranked)
        largest = max((size for size in sizes if main != "total" or size <= 1), default=0.0) or 1.0
        rows = "".join(_row(told.sel(swept=name), name, main, largest) for name in ranked)
        out.append(
            f"<h3>{title}</h3><table class=matters><thead><tr><th scope=col>parameter</th><th scope=col>"
            f"<span class=vh>size, drawn</span></th><th scope=col>{head}{unit}</th><th scope=col>95 % interval</th>"
            f"</tr></thead><tbody>{rows}</tbody></table>"
        )
    return "".join(out)


def _row(told: xr.Dataset, name: str, main: str, largest: float) -> str:
    ends = (f"{main}{end}" for end in ("", "_low", "_high"))
    value, low, high = (float(told[end]) if end in told else np.nan for end in ends)
    interval = f"{short(low)} to {short(high)}" if np.isfinite(low) and np.isfinite(high) else "–"
    number, size = short(value), abs(value) / largest
    if main == "total" and not 0 <= value <= 1:  # an estimate of a share that cannot be one
        number, size, interval = "–", 0.0, "too few points"
    return (
        f"<tr><th scope=row><code>{breakable(name)}</code></th><td class=strip>{bar(size)}</td>"
        f"<td>{number}</td><td>{interval}</td></tr>"
    )


def swept(result: Result) -> str:
    """The range over which each parameter was varied."""
    rows = "".join(
        f"<tr><th scope=row><code>{breakable(name)}</code></th><td>{short(float(x.min()))}</td>"
        f"<td>{short(float(x.max()))}</td><td>{np.unique(x).size:,}</td></tr>"
        for name, x in ((name, np.asarray(result.data[name].values, dtype=float)) for name in result.swept)
    )
    body = (
        "<p>What was varied from point to point, each in its own unit: days, USD and per year where there is one.</p>"
        "<table class=wide><thead><tr><th scope=col>parameter</th><th scope=col>lowest</th><th scope=col>highest</th>"
        f"<th scope=col>values</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    return section("swept", "What was varied", body) if rows else ""
