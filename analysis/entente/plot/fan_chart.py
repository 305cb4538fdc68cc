"""Fan chart: the prediction intervals of a tie in each variant, and the paired differences below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from entente import estimates, select, times
from entente.errors import chosen
from entente.plot.annotations import calendar_marks, draw_marks, draw_rules, height_of
from entente.plot.styling import (
    GREY,
    base_of,
    clipped,
    colours,
    dash_of,
    dates,
    flow_label,
    heading,
    labels_of,
    legend_below,
    sign,
    source_line,
    style,
    tie_label,
)

_EDGES = {"50 %": (0, (4, 2)), "90 %": (0, (1, 1.5))}
_SCALE = {"strength": 1.0, "alignment": 1.0, "trade": 1e-9}
_LABEL = {
    "strength": "strength\n(−1 hostile … 1 friendly)",
    "alignment": "alignment\n(−1 opposed … 1 aligned)",
    "trade": "trade\n(bn USD a year)",
}
_UNIT = {"strength": "strength", "alignment": "alignment", "trade": "bn USD a year"}

#: Inches: a panel's width, the room left of the first, between panels, below the last row for its dates; the heights
#: of the upper panel, of one of differences alone and of one among several.
_WIDE, _LEFT, _BETWEEN, _DATES = 4.8, 1.15, 0.42, 0.62
_UPPER, _LOWER, _AMONG = 3.2, 1.8, 1.4


def fan(
    data: xr.Dataset,
    ties: str | Sequence[str],
    variable: str = "strength",
    events: pd.DataFrame | None = None,
    source: str | None = None,
) -> Figure:
    """Median, 50 % and 90 % prediction intervals of `variable` on each of `ties`, by variant; differences below.

    `data` is the root of an output file: `strength` or `alignment` [variant, replicate, time, tie] in [-1, 1], or
    `trade` [variant, replicate, time, flow] in USD a year (drawn in bn USD). A tie is named by its actors in either
    order, "USA-KAZ"; its trade is the sum of both flows, "KAZ->USA" is one flow. With `events`, from
    `Result.calendar`, the calendar dates of a tie are marked (see `calendar_marks`). The first variant has filled
    bands. If there is one other variant, the edges of its bands are drawn; of several others only the medians. The
    panels below show each variant minus the first one, replicate by replicate, as `difference` does. `source` replaces
    the line at the foot.
    """
    names = select.several(ties)
    items = _chosen(data, names, variable)
    shades = colours(select.names(data, "variant"))
    variants, others = list(shades), len(shades) - 1
    heights = [_UPPER, *[_LOWER if others == 1 else _AMONG] * others]
    with style():
        figure, grid = _panels(len(names), heights, variable)
        lines = 0
        for column, (tie, item) in enumerate(zip(names, items, strict=True)):
            _draw_bands(grid[0, column], item, shades, variable)
            dates(grid[-1, column], item.x["time"].values)
            if events is not None:
                marks = calendar_marks(events, tie, item.x["time"].values[-1])
                lines = max(lines, draw_marks(grid[0, column], marks, variants))
                for axes in grid[1:, column]:
                    draw_rules(axes, marks)
        for axes, item in zip(grid[0], items, strict=True):
            _widen(axes, 10 * _SCALE[variable] * item.rounding)
            low, high = axes.get_ylim()
            if low < 0 < high:
                axes.axhline(0, color=GREY, linewidth=0.6, zorder=0.4)
        _title_ties(figure, grid[0], [_label(data, tie, variable) for tie in names], height_of(lines))
        grid[0, 0].set_ylabel(_LABEL[variable])
        _draw_differences(figure, grid[1:], items, shades, variable, labels_of(data, "variant"))
        top = heading(figure, str(data.attrs.get("title", ""))) + 0.3 + height_of(lines) / 72
        keys = _keys(shades, labels_of(data, "variant")) + (_difference_keys() if others else [])
        _fit(figure, heights, top, legend_below(figure, keys))
        sign(figure, source_line(data) if source is None else source)
    return figure


def difference(
    data: xr.Dataset, ties: str | Sequence[str], variable: str = "strength", source: str | None = None
) -> Figure:
    """Each variant minus the first one, replicate by replicate, on each of `ties`; arguments as of `fan`.

    One row of panels for each variant. The line is the mean, the dark band its Monte Carlo 95 % confidence interval,
    the light band contains 90 % of the paired differences.
    """
    names = select.several(ties)
    items = _chosen(data, names, variable)
    shades = colours(select.names(data, "variant"))
    if len(shades) < 2:
        raise ValueError(f"a difference needs two variants, the file has only {base_of(shades)!r}")
    rows = len(shades) - 1
    heights = [_LOWER + 0.6 / rows] * rows
    with style():
        figure, grid = _panels(len(names), heights, variable)
        for axes, item in zip(grid[-1], items, strict=True):
            dates(axes, item.x["time"].values)
        _draw_differences(figure, grid, items, shades, variable, labels_of(data, "variant"))
        _title_ties(figure, grid[0], [_label(data, tie, variable) for tie in names], 14)
        _fit(figure, heights, 0.55, legend_below(figure, _difference_keys()))
        sign(figure, source_line(data) if source is None else source)
    return figure


class _Item(NamedTuple):
    """The variable of a column of panels."""

    x: xr.DataArray  #: [variant, replicate, time], of the replicates that ran, in the file's unit
    rounding: float  #: by how much a stored value may be off


def _chosen(data: xr.Dataset, ties: Sequence[str], variable: str) -> list[_Item]:
    """`variable` on each of `ties`."""
    if variable not in _SCALE:
        raise ValueError(f"no picture of {variable!r}; there are {', '.join(_SCALE)}")
    stored = select.variable(estimates.ran(select.of_run(data)), variable)
    if not ties:
        raise ValueError("no tie is named")
    items = []
    for tie in ties:
        x = _trade(stored, tie) if variable == "trade" else _on(stored, tie)
        x = x.load().transpose("variant", "replicate", "time")
        relative = float(stored.attrs.get("relative_error", 0.0)) * float(np.nanmedian(np.abs(x.values)))
        items.append(_Item(x, max(float(stored.attrs.get("absolute_error", 0.0)), relative)))
    return items


def _on(stored: xr.DataArray, tie: str) -> xr.DataArray:
    return stored.sel(tie=select.tie_in(select.names(stored, "tie"), tie), drop=True)


def _trade(stored: xr.DataArray, tie: str) -> xr.DataArray:
    """A flow, or the sum of both flows of a tie."""
    known = select.names(stored, "flow")
    if "->" in tie:
        x = stored.sel(flow=chosen("flow", tie, known), drop=True)
    else:
        x = stored.sel(flow=select.flows_of(known, tie)).sum("flow", min_count=1)
    if not bool(x.isel(replicate=0, time=0).notnull().any()):
        raise ValueError(f"there is no trade on {tie} in the scenario")
    return x


def _label(data: xr.Dataset, tie: str, variable: str) -> str:
    if variable == "trade":
        return flow_label(data, tie)
    return tie_label(data, select.tie_in(select.names(data, "tie"), tie))


def _panels(columns: int, heights: Sequence[float], variable: str) -> tuple[Figure, np.ndarray]:
    """A figure of rows of panels with these heights; panels of trade have separate scales, the others share one."""
    own = variable == "trade"
    between = 0.75 if own else 0.35
    width = _LEFT + columns * _WIDE + (columns - 1) * between + 0.3
    figure, grid = plt.subplots(
        len(heights),
        columns,
        figsize=(width, sum(heights) + 2),
        sharex=True,
        sharey=False if own else "row",
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )
    figure.subplots_adjust(left=_LEFT / width, right=1 - 0.3 / width, wspace=between / _WIDE)
    return figure, grid


def _fit(figure: Figure, heights: Sequence[float], top: float, foot: float) -> None:
    """Give the figure the height that its panels need between `top` and `foot` inches."""
    gap = _BETWEEN * (len(heights) - 1)
    height = top + sum(heights) + gap + _DATES + foot
    figure.set_figheight(height)
    figure.subplots_adjust(
        top=1 - top / height, bottom=(_DATES + foot) / height, hspace=_BETWEEN / (sum(heights) / len(heights))
    )
    figure.align_ylabels()


def _title_ties(figure: Figure, row: Sequence[Axes], labels: Sequence[str], lift: float) -> None:
    for axes, label in zip(row, labels, strict=True):
        words = clipped(figure, label, _WIDE, 11, "bold")
        axes.annotate(
            words, (0, 1), (0, 6 + lift), "axes fraction", "offset points", fontsize=11, fontweight="bold"
        )


def _draw_bands(axes: Axes, item: _Item, shades: dict[str, str], variable: str) -> None:
    """Medians and bands: the first variant's filled, a single other's as lines."""
    time = times.as_numpy(item.x["time"].values)
    base, scale = base_of(shades), _SCALE[variable]
    for i, (name, colour) in enumerate(shades.items()):
        q = scale * estimates.bands(item.x.sel(variant=name)).values
        if name == base:
            axes.fill_between(time, q[0], q[4], color=colour, alpha=0.15, linewidth=0, label="90 %")
            axes.fill_between(time, q[1], q[3], color=colour, alpha=0.30, linewidth=0, label="50 %")
        elif len(shades) == 2:
            for label, edges in (("90 %", (0, 4)), ("50 %", (1, 3))):
                axes.plot(
                    time, q[list(edges)].T, color=colour, linewidth=0.9, linestyle=_EDGES[label], label="_"
                )
        axes.plot(
            time, q[2], color=colour, linewidth=1.6 if i else 2.4, linestyle=dash_of(i), label=name,
            zorder=2 if i else 2.1,
        )  # fmt: skip


def _draw_differences(
    figure: Figure,
    grid: np.ndarray,
    items: Sequence[_Item],
    shades: dict[str, str],
    variable: str,
    called: Mapping[str, str],
) -> None:
    """A row of panels for each variant: mean, its interval and the 90 % range of that variant minus the first."""
    base = base_of(shades)
    for row, name in zip(grid, list(shades)[1:], strict=True):
        row[0].set_ylabel(f"difference\n({_UNIT[variable]})")
        for axes, item in zip(row, items, strict=True):
            gap = _SCALE[variable] * estimates.difference(item.x.sel(variant=[base, name]), base).sel(variant=name)
            mean, ends = estimates.interval(gap), estimates.bands(gap, (0.05, 0.95)).values
            time, colour = times.as_numpy(gap["time"].values), shades[name]
            axes.axhline(0, color=shades[base], linewidth=1.4, zorder=1)
            axes.fill_between(time, ends[0], ends[1], color=colour, alpha=0.15, linewidth=0)
            axes.fill_between(time, mean["low"], mean["high"], color=colour, alpha=0.45, linewidth=0)
            axes.plot(time, mean["mean"], color=colour, linewidth=1.6, label=f"{name} − {base}")
            axes.set_title(clipped(figure, f"{called[name]} − {called[base]}", _WIDE, 9), loc="left", fontsize=9, pad=3)
        for axes, item in zip(row, items, strict=True):
            _widen(axes, 5 * _SCALE[variable] * item.rounding)


def _widen(axes: Axes, least: float) -> None:
    """Let the axis span at least `least` on both sides of its middle: smaller differences are rounding.

    Call it when all panels of a row are drawn, because they may share the axis.
    """
    low, high = axes.get_ylim()
    if high - low < 2 * least:
        axes.set_ylim((low + high) / 2 - least, (low + high) / 2 + least)


def _keys(shades: dict[str, str], called: Mapping[str, str]) -> list[Artist]:
    """The legend of the upper panels: for each variant its median, and what bands are drawn."""
    handles: list[Artist] = []
    for i, (name, colour) in enumerate(shades.items()):
        wide = 1.6 if i else 2.4
        label = called[name] if len(called[name]) <= 40 else called[name][:39] + "…"
        handles.append(
            Line2D([], [], color=colour, linewidth=wide, linestyle=dash_of(i), label=f"{label}, median")
        )
        if i == 0:
            handles.append(Patch(facecolor=colour, alpha=0.45, label="50 % of replicates"))
            handles.append(Patch(facecolor=colour, alpha=0.15, label="90 % of replicates"))
        elif len(shades) == 2:
            handles += [
                Line2D([], [], color=colour, linewidth=0.9, linestyle=dash, label=f"{part} of replicates")
                for part, dash in _EDGES.items()
            ]
    return handles


def _difference_keys() -> list[Artist]:
    return [
        Line2D([], [], color=GREY, linewidth=1.6, label="difference, mean"),
        Patch(facecolor=GREY, alpha=0.45, label="95 % interval of that mean"),
        Patch(facecolor=GREY, alpha=0.15, label="difference in 90 % of replicates"),
    ]
