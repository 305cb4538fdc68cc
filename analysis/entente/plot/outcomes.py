"""Figures of named quantities: exceedance probabilities, and the effects of the uncertain parameters."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from entente import estimates, select
from entente.errors import chosen
from entente.plot.styling import (
    COLOURS,
    GREY,
    clipped,
    colours,
    corner_note,
    dash_of,
    fit,
    heading,
    labels_of,
    legend_below,
    names_at,
    sign,
    source_line,
    style,
)


def exceedance(data: xr.Dataset, quantity: str, source: str | None = None) -> Figure:
    """For each value of `quantity`, the share of replicates at or above it, by variant, with its Monte Carlo interval.

    The band is Wilson's 95 % interval of each share by itself.

    `data` has `quantity_value` [variant, replicate, quantity] in the quantity's unit. If the quantity is the time of a
    first event, replicates without the event are at or above every date: the curve ends at their share.
    """
    x = _quantity(data, quantity)
    scale, unit = _scaled(x, quantity, data)
    called = labels_of(data, "variant")
    with style():
        figure, axes = plt.subplots(figsize=(6.4, 4.2))
        figure.subplots_adjust(left=0.12, right=0.96)
        for i, (name, colour) in enumerate(colours(select.names(x, "variant")).items()):
            values, share = estimates.exceedance(x.sel(variant=name))
            finite = np.isfinite(values)
            low, high = estimates.wilson(share[finite], values.size)
            axes.fill_between(
                values[finite] * scale, 100 * low, 100 * high, step="pre", color=colour, alpha=0.18, linewidth=0
            )
            width = 1.4 if i else 3.0  # where variants agree, the first shows beneath the others
            axes.step(
                values[finite] * scale, 100 * share[finite], where="pre", color=colour, linewidth=width,
                linestyle=dash_of(i), label=clipped(figure, called[name], 2.5, 9),
            )  # fmt: skip
        axes.set_ylim(0, 102)
        never = " where it comes" if np.isinf(x.values).any() else ""
        axes.set_xlabel(clipped(figure, f"{quantity}{never} ({unit})", 5.3, 10))
        axes.set_ylabel("replicates at or above (%)")
        axes.grid(axis="y", color="#e5e5e5", linewidth=0.7)
        top = heading(figure, _label(data, quantity), 11, "bold") + 0.08
        foot = legend_below(figure, axes.get_lines()) + 0.55
        fit(figure, 3.1, top, foot)
        sign(figure, source_line(data) if source is None else source)
    return figure


def tornado(
    data: xr.Dataset,
    quantity: str,
    variant: str | None = None,
    most: int = 12,
    source: str | None = None,
) -> Figure:
    """The change of `quantity` as each uncertain parameter goes from its 5th to its 95th percentile.

    One bar for each parameter (`estimates.sensitivity`), the largest share of variance on top, at most `most`; the
    whisker is the 95 % interval of the bar's length. The blue end is the quantity with a high value of the parameter,
    the orange end with a low value.
    """
    select.variable(data, "drawn")
    good = estimates.ran(select.of_run(data))
    x = _quantity(good, quantity)
    variants = select.names(x, "variant")
    variant = chosen("variant", variants[0] if variant is None else variant, variants)
    effects = estimates.sensitivity(x.sel(variant=variant), good["drawn"].load())
    left_out = max(effects.sizes["parameter"] - most, 0)
    effects = effects.isel(parameter=slice(most))
    scale, unit = _scaled(x, quantity, data)
    names = [str(name) for name in effects["parameter"].values]
    if not names:
        raise ValueError("no uncertain parameter varied")
    mean = effects.attrs["mean"] * scale
    y = np.arange(len(names))
    low, high = effects["low"].values * scale, effects["high"].values * scale
    with style():
        figure, axes = plt.subplots(figsize=(8.5, 2.15 + 0.42 * len(names)))
        called = labels_of(data, "parameter")
        names_at(figure, axes, [called[name] for name in names], right=0.88)
        axes.barh(
            y, low - mean, left=mean, height=0.55, color=COLOURS[1], label="parameter low (5th percentile)"
        )
        axes.barh(
            y, high - mean, left=mean, height=0.55, color=COLOURS[0], label="parameter high (95th percentile)"
        )
        half = 1.96 * effects["standard_error"].values * scale
        if np.isin(x.values, (0.0, 1.0)).all():  # no whisker leaves what a probability can be
            half = np.minimum(half, [high, 1 - high])
        axes.errorbar(high, y, xerr=half, fmt="none", ecolor="#333333", elinewidth=1, capsize=3)
        axes.axvline(mean, color=GREY, linewidth=1)
        for row, share in zip(y, effects["share"].values, strict=True):
            at = ("axes fraction", "data")
            axes.annotate(f"{100 * share:.1f} %", (1.02, row), xycoords=at, va="center", fontsize=9)
        axes.annotate("of variance", (1.02, 1.02), xycoords="axes fraction", fontsize=8, color=GREY)
        axes.set_xlabel(f"mean ({unit})")
        if left_out:
            corner_note(axes, f"{left_out} more move it less")
        top = heading(figure, f"{_label(data, quantity)}, {labels_of(data, 'variant')[variant]}", 11, "bold") + 0.25
        foot = legend_below(figure, axes.containers[:2]) + 0.5
        fit(figure, 0.3 + 0.42 * len(names), top, foot)
        sign(figure, source_line(data) if source is None else source)
    return figure


def _quantity(data: xr.Dataset, quantity: str) -> xr.DataArray:
    chosen("quantity", quantity, select.names(select.of_run(data), "quantity"))
    return estimates.ran(data)["quantity_value"].sel(quantity=quantity).load()


def _label(data: xr.Dataset, quantity: str) -> str:
    """The quantity's label, or its name."""
    if "quantity_label" not in data:
        return quantity
    return str(data["quantity_label"].sel(quantity=quantity).values)


def _scaled(x: xr.DataArray, quantity: str, data: xr.Dataset) -> tuple[float, str]:
    """A factor to draw `quantity` with, and its unit; large sums of USD are drawn in bn USD."""
    unit = str(data["quantity_unit"].sel(quantity=quantity).values) if "quantity_unit" in data else ""
    finite = np.abs(x.values[np.isfinite(x.values)])
    if unit.startswith("USD") and finite.size and finite.max() >= 1e8:
        return 1e-9, "bn " + unit
    return 1.0, "no unit" if unit in ("", "1") else unit
