"""The figure of a sweep's sensitivity: the swept parameters ranked by influence."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from entente import select
from entente.errors import chosen
from entente.plot.styling import COLOURS, GREY, corner_note, fit, heading, legend_below, names_at, sign, style

#: By design: the measure that ranks, its name, and a second one drawn beneath it.
_MEASURES = {
    "saltelli": ("total", "total index (with interactions)", "first", "first-order index (alone)"),
    "morris": ("mu_star", "mean absolute effect µ*", "sigma", "its spread σ (curvature, interactions)"),
}
_REGRESSION = ("regression", "standardised regression coefficient", "", "")


def sensitivity(
    indices: xr.Dataset,
    quantity: str,
    variant: str | None = None,
    most: int = 12,
    source: str = "",
) -> Figure:
    """The swept parameters ranked by their influence on `quantity`, with 95 % intervals.

    `indices` is `Result.sensitivity()`: measures [variant, quantity, swept]. In the first variant (the default) the
    outcome is the quantity, in another one its paired difference from the first. One bar for each parameter, at most
    `most`: total Sobol' indices with the first-order ones below, Morris's µ* with sigma, or regression coefficients,
    by design. The line above gives the share of the variance between points that is replicate noise; with total
    indices it is also a dotted line.
    """
    if "design" not in indices.attrs:
        raise ValueError("the sensitivity of a sweep is expected, from Result.sensitivity()")
    quantity = chosen("quantity", quantity, select.names(indices, "quantity"))
    variants = select.names(indices, "variant")
    first, variant = variants[0], chosen("variant", variants[0] if variant is None else variant, variants)
    told = indices.sel(quantity=quantity, variant=variant).load()
    main, main_label, second, second_label = _MEASURES.get(str(indices.attrs["design"]), _REGRESSION)
    told = _ranked(told, main)
    left_out = max(told.sizes["swept"] - most, 0)
    told = told.isel(swept=slice(most))
    if not told.sizes["swept"]:
        raise ValueError(
            f"nothing to rank for {quantity!r} in variant {variant!r}: it is the same at every point of the sweep,"
            " or there are too few points"
        )

    scale, unit = _scale(told, main) if main == "mu_star" else (1.0, "")
    names = [str(name) for name in told["swept"].values]
    y = np.arange(len(names))
    with style():
        figure, axes = plt.subplots(figsize=(8.5, 2.3 + 0.42 * len(names)))
        names_at(figure, axes, names, right=0.96)
        _bars(axes, told, main, y - 0.13 if second else y, scale, COLOURS[0], main_label)
        if second and second_label:
            _bars(axes, told, second, y + 0.22, scale, COLOURS[4], second_label, height=0.2)
        axes.axvline(0, color=GREY, linewidth=1)
        noise = float(told["noise"])
        if main == "total" and np.isfinite(noise):
            axes.axvline(noise, color=GREY, linewidth=1, linestyle=":", label="replicate noise")
        axes.set_xlabel(
            {"total": "share of the variance between points", "mu_star": f"effect ({unit})"}.get(main, main_label)
        )
        if left_out:
            corner_note(axes, f"{left_out} more move it less")
        label = str(told["quantity_label"].values) if "quantity_label" in told else quantity
        title = label if variant == first else f"{label}: {variant} − {first}"
        top = heading(figure, title, 11, "bold") + 0.05
        foot = legend_below(figure, axes.get_legend_handles_labels()[0]) + 0.5
        fit(figure, 0.3 + 0.42 * len(names), top + 0.3, foot)
        under = {"va": "top", "fontsize": 9, "color": GREY}
        figure.text(0.08 / 8.5, 1 - top / figure.get_figheight(), _noise_line(noise), **under)
        sign(figure, source)
    return figure


def _ranked(told: xr.Dataset, main: str) -> xr.Dataset:
    """Parameters with a known measure, the largest first."""
    size = np.abs(told[main].values)
    order = np.argsort(-np.where(np.isfinite(size), size, -1), kind="stable")
    return told.isel(swept=order[np.isfinite(size[order])])


def _bars(
    axes: Axes,
    told: xr.Dataset,
    name: str,
    y: np.ndarray,
    scale: float,
    colour: str,
    label: str,
    height: float = 0.4,
) -> None:
    """Bars of one measure with its intervals, where it has any."""
    values = told[name].values * scale
    axes.barh(y, values, height=height, color=colour, label=label)
    if f"{name}_low" in told:
        low, high = told[f"{name}_low"].values * scale, told[f"{name}_high"].values * scale
        if name in ("total", "first"):  # shares, whose intervals have no part outside of 0 to 1
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        half = (high - low) / 2  # a bootstrap interval need not hold the value itself
        axes.errorbar(low + half, y, xerr=half, fmt="none", ecolor="#333333", elinewidth=1, capsize=3)


def _scale(told: xr.Dataset, main: str) -> tuple[float, str]:
    """A factor to draw effects with, and their unit; large sums of USD are drawn in bn USD."""
    unit = str(told["quantity_unit"].values) if "quantity_unit" in told else ""
    if unit.startswith("USD") and np.nanmax(np.abs(told[main].values)) >= 1e8:
        return 1e-9, "bn " + unit
    return 1.0, "no unit" if unit in ("", "1") else unit


def _noise_line(noise: float) -> str:
    if not np.isfinite(noise):
        return "replicate noise unknown"
    return f"{100 * noise:.2g} % of the variance between points is replicate noise"
