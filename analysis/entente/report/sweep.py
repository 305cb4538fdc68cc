"""The sections of the report on a sweep: the range of the outcome, and the influential swept parameters."""

from __future__ import annotations

import numpy as np
import xarray as xr

from entente.report.context import Context
from entente.report.contrast import Contrast
from entente.report.inputs import bar, named
from entente.report.wording import Scale, percent, section, short, text

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


def answer(context: Context, indices: xr.Dataset | None) -> str:
    """The range of the outcome over the points, by variant, and the most influential parameter."""
    result = context.result
    points, replicates = result.data.sizes["point"], result.data.sizes["replicate"]
    n = len(result.swept)
    made = (
        f"The sweep varies {n:,} parameter{'s' if n != 1 else ''} over {points:,} point{'s' if points != 1 else ''}, "
        f"with {replicates:,} simulated future{'s' if replicates != 1 else ''} at each."
    )
    if context.summary is None or indices is None:
        lead = "The scenario names no quantities, so the sweep has no sensitivity table."
        return section("answer", "The answer", f'<p class="said">{lead}</p><p>{made}</p>')
    level = _range(context, indices, None)
    (first, why), *others = [*(_range(context, indices, each) for each in context.contrasts), level]
    body = f'<p class="said">{first}</p><p>{f"{why} " if why else ""}{made}</p>'
    if others:
        body += "<ul class=others>" + "".join(f"<li>{' '.join(each)}</li>" for each in others) + "</ul>"
    return section("answer", "The answer", body)


def _range(context: Context, indices: xr.Dataset, contrast: Contrast | None) -> tuple[str, str]:
    """Lowest and highest mean effect of a variant over the points, in a sentence; without one, of the base's mean.

    Beside it, what the range depends on.
    """
    assert context.summary is not None
    variant = contrast.variant if contrast else context.result.variants[0]
    rows = context.summary.xs((context.about, variant), level=("quantity", "variant"))
    scale = Scale.of(context.summary.xs(context.about, level="quantity"))
    label = f"<em>{text(context.label)}</em>"
    column, sign = ("difference", contrast.sign) if contrast else ("mean", 1)
    values = sign * rows[column].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    what = f"The mean of {label}"
    if contrast:
        what = f"What {text(contrast.subject)} {contrast.does('changes')} in {label}"
    if not values.size:
        return f"{what} has no value at any point.", ""
    low, high = float(values.min()), float(values.max())
    if contrast:
        span = f"{scale.effect(low, '+')} to {scale.effect(high, '+')}{scale.unit}"
    else:
        span = f"{scale.number(low)} to {scale.number(high)}{scale.unit}"
    told = indices.sel(quantity=context.about, variant=variant)
    main, _, _ = _MEASURES.get(str(indices.attrs.get("design")), _REGRESSION)
    drives = ""
    if ranked := _ranked(told, main):
        drives = f"The parameter with the largest influence is “{text(context.names.parameter(ranked[0]))}”."
    noise = float(told["noise"])
    if np.isfinite(noise):
        drives += f" {percent(min(max(noise, 0.0), 1.0))} of the variance between points is chance in the simulation."
    return f"{what} is {span}, depending on the parameters.", drives.strip()


def _ranked(told: xr.Dataset, main: str) -> list[str]:
    """The swept parameters with a known measure, the largest first."""
    if main not in told:
        return []
    size = np.abs(told[main].values)
    order = [i for i in np.argsort(-np.where(np.isfinite(size), size, -1), kind="stable") if np.isfinite(size[i])]
    return [str(told["swept"].values[i]) for i in order]


def matters(context: Context, indices: xr.Dataset | None) -> str:
    """The swept parameters ranked for each quantity and variant, the quantity of the answer first."""
    if indices is None:
        return ""
    main, head, meaning = _MEASURES.get(str(indices.attrs.get("design")), _REGRESSION)
    names = [context.about, *(name for name in context.quantities if name != context.about)]
    shown, *folded = [_tables(context, indices, name, main, head) for name in names]
    body = (
        f"<p>The swept parameters ranked by influence, with 95 % intervals: {meaning}. For another variant, the "
        f"influence "
        f"on its effect.</p>{shown}"
    )
    if folded:
        body += f"<details><summary>The other quantities</summary>{''.join(folded)}</details>"
    return section("matters", "What matters most", body)


def _tables(context: Context, indices: xr.Dataset, quantity: str, main: str, head: str) -> str:
    out = []
    for each in (None, *context.contrasts):
        told = indices.sel(quantity=quantity, variant=each.variant if each else context.result.variants[0])
        label = text(context.label_of(quantity))
        title = f"What {text(each.subject)} {each.does('changes')} in {label}" if each else label
        unit = Scale(str(told["quantity_unit"].values), 1.0).unit if main == "mu_star" else ""
        ranked = _ranked(told, main)[:_MOST]
        if not ranked:
            out.append(f"<h3>{title}</h3><p>It is the same at every point, or there are too few points.</p>")
            continue
        sizes = (abs(float(told[main].sel(swept=name))) for name in ranked)
        largest = 1.0 if main == "total" else max(sizes, default=0.0) or 1.0  # a total index is a share
        measure = (main, each.sign if each else 1)
        rows = "".join(_row(context, told.sel(swept=name), name, largest, measure) for name in ranked)
        out.append(
            f"<h3>{title}</h3><table class=matters><thead><tr><th scope=col>parameter</th><th scope=col>"
            f"<span class=vh>size, drawn</span></th><th scope=col>{head}{unit}</th><th scope=col>95 % interval</th>"
            f"</tr></thead><tbody>{rows}</tbody></table>"
        )
    return "".join(out)


def _row(context: Context, told: xr.Dataset, name: str, largest: float, measure: tuple[str, int]) -> str:
    """A parameter's row: its measure, a signed one times the sign of the effect."""
    main, sign = measure
    ends = (f"{main}{end}" for end in ("", "_low", "_high"))
    value, low, high = (float(told[end]) if end in told else np.nan for end in ends)
    if main == "regression" and sign < 0:
        value, low, high = -value, -high, -low
    if main in ("total", "regression"):  # a share, a standardised coefficient: their intervals end where they can
        low, high = max(low, 0.0 if main == "total" else -1.0), min(high, 1.0)
    interval = f"{short(low)} to {short(high)}" if np.isfinite(low) and np.isfinite(high) else "–"
    number, size = short(value), abs(value) / largest
    if main == "total" and not 0 <= value <= 1:  # an estimate of a share that cannot be one
        number, size, interval = "–", 0.0, "too few points"
    return (
        f"<tr><th scope=row>{named(context, name)}</th><td class=strip>{bar(size)}</td>"
        f"<td>{number}</td><td>{interval}</td></tr>"
    )


def swept(context: Context) -> str:
    """The range over which each parameter was varied."""
    result = context.result
    rows = "".join(
        f"<tr><th scope=row>{named(context, name)}</th><td data-head=lowest>{short(float(x.min()))}</td>"
        f"<td data-head=highest>{short(float(x.max()))}</td><td data-head=values>{np.unique(x).size:,}</td></tr>"
        for name, x in ((name, np.asarray(result.data[name].values, dtype=float)) for name in result.swept)
    )
    body = (
        "<p>What was varied from point to point, each in its own unit: days, USD and per year where there is one.</p>"
        "<table class='wide stack'><thead><tr><th scope=col>parameter</th><th scope=col>lowest</th><th "
        f"scope=col>highest</th><th scope=col>values</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    return section("swept", "What was varied", body) if rows else ""
