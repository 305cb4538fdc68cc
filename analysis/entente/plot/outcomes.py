"""Pictures of named quantities: how likely a value is exceeded, and which assumption moves it."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from entente import statistics
from entente.plot.style import COLOURS, GREY, colours, sign, source_line, style


def exceedance(data: xr.Dataset, quantity: str, source: str | None = None) -> Figure:
    """For each value of `quantity`, the share of replicates at or above it, by variant.

    `data` holds `quantity_value` [variant, replicate, quantity] in the quantity's unit.
    """
    x = _quantity(data, quantity)
    scale, unit = _scaled(x, quantity, data)
    with style():
        figure, axes = plt.subplots(figsize=(6.4, 4.2))
        figure.subplots_adjust(left=0.12, right=0.96, bottom=0.19, top=0.9)
        for i, (name, colour) in enumerate(colours([str(v) for v in x["variant"].values]).items()):
            values, share = statistics.exceedance(x.sel(variant=name))
            width = 1.4 if i else 3.0  # where variants agree, the first shows beneath the others
            axes.step(values * scale, 100 * share, where="pre", color=colour, linewidth=width, label=name)
        axes.set_ylim(0, 102)
        axes.set_xlabel(f"{quantity} ({unit})")
        axes.set_ylabel("replicates at or above (%)")
        axes.set_title(_label(data, quantity), loc="left", fontweight="bold")
        axes.grid(axis="y", color="#e5e5e5", linewidth=0.7)
        axes.legend(loc="upper right")
        sign(figure, source_line(data) if source is None else source)
    return figure


def tornado(
    data: xr.Dataset,
    quantity: str,
    variant: str | None = None,
    most: int = 12,
    source: str | None = None,
) -> Figure:
    """How far each uncertain parameter moves `quantity`: from its 5th to its 95th percentile.

    A bar a parameter (`statistics.sensitivity`), the largest share of variance on top, `most` of them; the
    whisker is the 95 % interval of the bar's length. Blue ends are the quantity where the parameter is
    high, orange where it is low.
    """
    if "drawn" not in data:
        raise ValueError("the scenario has no uncertain parameters")
    good = statistics.ran(data)
    x = _quantity(good, quantity)
    variant = variant or str(x["variant"].values[0])
    effects = statistics.sensitivity(x.sel(variant=variant), good["drawn"].load())
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
        _, height = figure.get_size_inches()
        left = 0.04 + 0.0088 * max(len(name) for name in names)
        figure.subplots_adjust(left=left, right=0.88, bottom=1.1 / height, top=1 - 0.65 / height)
        axes.barh(
            y, low - mean, left=mean, height=0.55, color=COLOURS[1], label="parameter low (5th percentile)"
        )
        axes.barh(
            y, high - mean, left=mean, height=0.55, color=COLOURS[0], label="parameter high (95th percentile)"
        )
        half = 1.96 * effects["standard_error"].values * scale
        axes.errorbar(high, y, xerr=half, fmt="none", ecolor="#333333", elinewidth=1, capsize=3)
        axes.axvline(mean, color=GREY, linewidth=1)
        axes.set_yticks(y)
        axes.set_yticklabels(names, fontsize=9)
        axes.set_ylim(len(names) - 0.4, -0.6)
        for row, share in zip(y, effects["share"].values, strict=True):
            axes.annotate(
                f"{100 * share:.1f} %",
                (1.02, row),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=9,
            )
        axes.annotate("of variance", (1.02, 1.02), xycoords="axes fraction", fontsize=8, color=GREY)
        axes.set_xlabel(f"mean ({unit})")
        if left_out:
            axes.annotate(
                f"{left_out} more move it less",
                (1, 0),
                (0, 4),
                "axes fraction",
                "offset points",
                fontsize=8,
                color=GREY,
                ha="right",
            )
        figure.suptitle(
            f"{_label(data, quantity)}, {variant}",
            x=0.02,
            y=1 - 0.06 / height,
            ha="left",
            fontsize=11,
            fontweight="bold",
        )
        figure.legend(loc="lower left", bbox_to_anchor=(0, 0.25 / height), ncol=2, fontsize=9)
        sign(figure, source_line(data) if source is None else source)
    return figure


def _quantity(data: xr.Dataset, quantity: str) -> xr.DataArray:
    known = [str(name) for name in data["quantity"].values]
    if quantity not in known:
        raise KeyError(f"no quantity {quantity!r} in the file; there are {', '.join(known)}")
    return statistics.ran(data)["quantity_value"].sel(quantity=quantity).load()


def _label(data: xr.Dataset, quantity: str) -> str:
    """The quantity's label, or its name."""
    if "quantity_label" not in data:
        return quantity
    return str(data["quantity_label"].sel(quantity=quantity).values)


def _scaled(x: xr.DataArray, quantity: str, data: xr.Dataset) -> tuple[float, str]:
    """A factor to draw `quantity` with, and its unit; large sums of USD are drawn in bn USD."""
    unit = str(data["quantity_unit"].sel(quantity=quantity).values) if "quantity_unit" in data else ""
    if unit.startswith("USD") and np.nanmax(np.abs(x.values)) >= 1e8:
        return 1e-9, "bn " + unit
    return 1.0, "no unit" if unit in ("", "1") else unit
