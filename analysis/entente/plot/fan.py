"""Fan chart: how a tie may develop in each variant, and the paired difference beneath."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from entente import statistics
from entente.plot.marks import calendar_marks, draw_marks, draw_rules, height_of
from entente.plot.style import GREY, base_of, colours, dates, flow_label, sign, source_line, style, tie_label

_DASHES = {"50 %": (0, (4, 2)), "90 %": (0, (1, 1.5))}
_SCALE = {"strength": 1.0, "alignment": 1.0, "trade": 1e-9}
_LABEL = {
    "strength": "strength\n(−1 hostile … 1 friendly)",
    "alignment": "alignment\n(−1 opposed … 1 aligned)",
    "trade": "trade\n(bn USD a year)",
}
_UNIT = {"strength": "strength", "alignment": "alignment", "trade": "bn USD a year"}


def fan(
    data: xr.Dataset,
    ties: Sequence[str],
    variable: str = "strength",
    events: pd.DataFrame | None = None,
    source: str | None = None,
) -> Figure:
    """Median, 50 % and 90 % band of `variable` on each of `ties`, by variant; differences beneath.

    `data` is the root of an output file: `strength` or `alignment` [variant, replicate, time, tie] in
    [-1, 1], or `trade` [variant, replicate, time, flow] in USD a year (drawn in bn USD; `ties` are then
    flows such as "KAZ->USA"). With `events`, the log of a few replicates of every variant, what stands on
    the calendar of a tie is marked (see `calendar_marks`). The panels beneath show each variant minus the
    first one, replicate by replicate, as `difference` does. `source` replaces the line at the foot.
    """
    x = _chosen(data, ties, variable)
    along = x.dims[-1]
    variants = [str(name) for name in x["variant"].values]
    shades = colours(variants)
    paired = len(variants) > 1

    with style():
        figure, grid = plt.subplots(
            2 if paired else 1,
            len(ties),
            figsize=(1.2 + 5.2 * len(ties), 7 if paired else 4.6),
            sharex=True,
            sharey="row",
            squeeze=False,
            gridspec_kw={"height_ratios": [2.1, 1.2], "hspace": 0.22} if paired else None,
        )
        width, height = figure.get_size_inches()
        figure.subplots_adjust(left=1.15 / width, right=1 - 0.25 / width, bottom=1.2 / height, wspace=0.07)
        lines = 0
        for column, tie in enumerate(ties):
            one = x.isel({along: column})
            _draw_bands(grid[0, column], one, shades)
            if paired:
                _draw_difference(grid[1, column], one, shades)
            dates(grid[-1, column], one["time"].values)
            if events is not None:
                until = pd.Timestamp(x["time"].values[-1])
                marks = calendar_marks(events, tie.replace("->", "-"), until)
                lines = max(lines, draw_marks(grid[0, column], marks, variants))
                for axes in grid[1:, column]:
                    draw_rules(axes, marks)
        head = 0.45 if "title" in data.attrs else 0.1
        figure.subplots_adjust(top=1 - (head + 0.3 + height_of(lines) / 72) / height)
        for column, tie in enumerate(ties):
            title = flow_label(data, tie) if along == "flow" else tie_label(data, tie)
            grid[0, column].set_title(title, loc="left", pad=6 + height_of(lines), fontweight="bold")
        grid[0, 0].set_ylabel(_LABEL[variable])
        if paired:
            grid[1, 0].set_ylabel(f"difference from {variants[0]}\n({_UNIT[variable]})")
            for axes in grid[1]:
                axes.set_title(_difference_key(shades), loc="left", fontsize=8, pad=3)
        figure.align_ylabels()
        figure.legend(
            handles=_keys(shades),
            loc="lower left",
            bbox_to_anchor=(0, 0.28 / height),
            ncol=2 + 2 * len(variants) if len(ties) > 1 else 3,
            fontsize=9,
            handlelength=2,
            columnspacing=1.4,
        )
        if "title" in data.attrs:
            figure.suptitle(data.attrs["title"], x=0.08 / width, y=1 - 0.1 / height, ha="left", fontsize=13)
        sign(figure, source_line(data) if source is None else source)
    return figure


def difference(
    data: xr.Dataset, ties: Sequence[str], variable: str = "strength", source: str | None = None
) -> Figure:
    """Each variant minus the first one, replicate by replicate, on each of `ties`; arguments as of `fan`.

    The line is the mean, the dark band its Monte Carlo 95 % interval (how well it is computed), the light
    band holds 90 % of the replicates' differences (how far apart two futures may be that differ in
    nothing else).
    """
    x = _chosen(data, ties, variable)
    along = x.dims[-1]
    variants = [str(name) for name in x["variant"].values]
    if len(variants) < 2:
        raise ValueError(f"a difference needs two variants, the file has only {variants[0]!r}")
    shades = colours(variants)
    with style():
        figure, grid = plt.subplots(
            1, len(ties), figsize=(1.2 + 5.2 * len(ties), 3.9), sharey=True, squeeze=False
        )
        width, height = figure.get_size_inches()
        figure.subplots_adjust(left=1.15 / width, right=1 - 0.25 / width, bottom=1.1 / height, wspace=0.07)
        for column, tie in enumerate(ties):
            axes = grid[0, column]
            _draw_difference(axes, x.isel({along: column}), shades)
            dates(axes, x["time"].values)
            title = flow_label(data, tie) if along == "flow" else tie_label(data, tie)
            axes.set_title(title, loc="left", fontweight="bold")
        grid[0, 0].set_ylabel(f"difference from {variants[0]}\n({_UNIT[variable]})")
        figure.text(0.08 / width, 0.34 / height, _difference_key(shades), fontsize=9)
        sign(figure, source_line(data) if source is None else source)
    return figure


def _chosen(data: xr.Dataset, ties: Sequence[str], variable: str) -> xr.DataArray:
    """`variable` on `ties`, of the replicates that ran, in the unit it is drawn in; the tie comes last."""
    if variable not in _SCALE:
        raise ValueError(f"no picture of {variable!r}; there are {', '.join(_SCALE)}")
    if variable not in data:
        raise KeyError(
            f"the file holds no trajectories of {variable} (the scenario's output.trajectories is off)"
        )
    along = "flow" if variable == "trade" else "tie"
    known = [str(name) for name in data[along].values]
    for tie in ties:
        if tie not in known:
            raise KeyError(f"no {along} {tie!r} in the file; there are {', '.join(known)}")
    x = statistics.ran(data)[variable].sel({along: list(ties)}).load()
    return x.transpose("variant", "replicate", "time", along) * _SCALE[variable]


def _draw_bands(axes: Axes, x: xr.DataArray, shades: dict[str, str]) -> None:
    """Medians and bands of `x` [variant, replicate, time]: the first variant's filled, others' as lines."""
    time = x["time"].values
    base = base_of(shades)
    for name, colour in shades.items():
        q = statistics.bands(x.sel(variant=name)).values
        if name == base:
            axes.fill_between(time, q[0], q[4], color=colour, alpha=0.15, linewidth=0, label="90 %")
            axes.fill_between(time, q[1], q[3], color=colour, alpha=0.30, linewidth=0, label="50 %")
        else:
            for label, edges in (("90 %", (0, 4)), ("50 %", (1, 3))):
                axes.plot(
                    time, q[list(edges)].T, color=colour, linewidth=0.9, linestyle=_DASHES[label], label="_"
                )
        axes.plot(time, q[2], color=colour, linewidth=2.4 if name == base else 1.6, label=name)
    low, high = axes.get_ylim()
    if low < 0 < high:
        axes.axhline(0, color=GREY, linewidth=0.6, zorder=0.4)


def _draw_difference(axes: Axes, x: xr.DataArray, shades: dict[str, str]) -> None:
    """Mean, its interval and the 90 % range of variant minus base, for `x` [variant, replicate, time]."""
    base = base_of(shades)
    gap = statistics.difference(x, base)
    mean = statistics.interval(gap)
    ends = statistics.bands(gap, (0.05, 0.95)).values
    time = x["time"].values
    axes.axhline(0, color=shades[base], linewidth=1.4, zorder=1)
    for i, name in enumerate(gap["variant"].values):
        colour = shades[str(name)]
        axes.fill_between(time, ends[0, i], ends[1, i], color=colour, alpha=0.15, linewidth=0)
        low, high = mean["low"].values[i], mean["high"].values[i]
        axes.fill_between(time, low, high, color=colour, alpha=0.45, linewidth=0)
        axes.plot(time, mean["mean"].values[i], color=colour, linewidth=1.6, label=f"{name} − {base}")


def _difference_key(shades: dict[str, str]) -> str:
    base = base_of(shades)
    what = ", ".join(f"{name} − {base}" for name in shades if name != base)
    return f"{what}: mean, its 95 % interval (dark), 90 % of replicates (light)"


def _keys(shades: dict[str, str]) -> list[Line2D | Patch]:
    """The legend: for each variant its median and bands."""
    base = base_of(shades)
    handles: list[Line2D | Patch] = []
    for name, colour in shades.items():
        handles.append(
            Line2D([], [], color=colour, linewidth=2.4 if name == base else 1.6, label=f"{name}, median")
        )
        if name == base:
            handles.append(Patch(facecolor=colour, alpha=0.45, label="50 % of replicates"))
            handles.append(Patch(facecolor=colour, alpha=0.15, label="90 % of replicates"))
        else:
            for label, dash in _DASHES.items():
                handles.append(
                    Line2D(
                        [], [], color=colour, linewidth=0.9, linestyle=dash, label=f"{label} of replicates"
                    )
                )
    return handles
