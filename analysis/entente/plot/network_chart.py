"""The network of ties at one or several dates: strength as colour, trade as width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from entente import estimates, select, times
from entente.errors import chosen
from entente.plot.styling import COLOURS, FRIENDLY, GREY, HOSTILE, fit, heading, legend_below, sign, source_line, style

#: Hostile orange, indifferent grey, friendly blue.
SIGNED = LinearSegmentedColormap.from_list("signed", [HOSTILE, "#bdbdbd", FRIENDLY])

_THIN, _THICK = 0.6, 7.0
_SCALE = Normalize(-1, 1)


class Ties(NamedTuple):
    """The ties of one variant at one stored time, means over replicates."""

    day: str  #: YYYY-MM-DD
    variant: str
    names: list[str]
    strength: np.ndarray[Any, Any]  #: [tie], in [-1, 1]
    trade: np.ndarray[Any, Any]  #: [tie], both flows in USD a year; NaN where there is none

    @property
    def largest(self) -> float:
        """The largest trade, USD a year; 0 if none is known."""
        return float(np.nanmax(self.trade)) if np.isfinite(self.trade).any() else 0.0


def ties_at(data: xr.Dataset, date: Any, variant: str | None = None) -> Ties:
    """The ties of `data` at the stored time nearest to `date`, in `variant` (default the first)."""
    select.variable(select.of_run(data), "strength")
    variants = select.names(data, "variant")
    variant = chosen("variant", variants[0] if variant is None else variant, variants)
    at = select.sel(estimates.ran(data), variant=variant, time=date)
    strength = at["strength"].mean("replicate").load()
    names = [str(name) for name in strength["tie"].values]
    trade = np.full(len(names), np.nan)
    if "trade" in at:
        trade = _both_flows(at["trade"].mean("replicate").load(), names)
    return Ties(times.text(at["time"].values), variant, names, strength.values, trade)


def draw_ties(axes: Axes, ties: Ties, paths: Mapping[str, np.ndarray[Any, Any]], largest: float) -> LineCollection:
    """Ties as lines along `paths` (tie -> [point, xy]): strength as colour, trade up to `largest` as width."""
    order = np.argsort(np.abs(ties.strength))  # weak ones first, so that the telling ones lie on top
    strength, trade = ties.strength[order], ties.trade[order]
    lines = LineCollection(
        [paths[ties.names[i]] for i in order],
        cmap=SIGNED,
        norm=_SCALE,
        array=strength,
        linewidths=_THIN + (_THICK - _THIN) * np.sqrt(np.nan_to_num(trade) / (largest or 1.0)),
        capstyle="round",
        alpha=np.clip(0.4 + 2.5 * np.abs(strength), 0, 1),
        zorder=1,
    )
    axes.add_collection(lines)
    return lines


def colour_bar(figure: Figure, axes: Axes | Sequence[Axes], **options: Any) -> None:
    """Draw the colour scale of the ties."""
    bar = figure.colorbar(ScalarMappable(_SCALE, SIGNED), ax=axes, **options)
    bar.set_label("strength (−1 hostile … 1 friendly)")
    bar.outline.set_visible(False)


def width_keys(largest: float) -> list[Artist]:
    """Legend of the widths, for trade up to `largest` USD a year; none if no trade is known."""
    return [
        Line2D(
            [],
            [],
            color=GREY,
            linewidth=_THIN + (_THICK - _THIN) * np.sqrt(part),
            label=f"trade {largest * part / 1e9:.3g} bn USD a year",
        )
        for part in ((0.1, 1.0) if largest else ())
    ]


def network(
    data: xr.Dataset,
    date: Any,
    variant: str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    source: str | None = None,
) -> Figure:
    """Ties at `date` (the stored time nearest to it): mean over replicates of `variant` (default the first).

    Colour is strength (-1 orange to 1 blue), width is the trade of both flows (the square root of USD a year). `data`
    has `strength` [variant, replicate, time, tie] and, for the widths, `trade` [variant, replicate, time, flow].
    Actors are on a circle, in the order of `groups` (name -> members), each with the colour of its first group.
    """
    ties = ties_at(data, date, variant)
    with style():
        figure, axes = plt.subplots(figsize=(7.6, 7.0))
        figure.subplots_adjust(left=0.02, right=0.92)
        keys = draw_circle(axes, ties, groups or {}, ties.largest, 9)
        top = heading(figure, f"Ties on {ties.day}, {ties.variant}: mean of the replicates", 11, "bold")
        colour_bar(figure, axes, shrink=0.5, pad=0.03)
        foot = legend_below(figure, keys + width_keys(ties.largest))
        fit(figure, 6.2, top, foot)
        sign(figure, source_line(data) if source is None else source)
    return figure


def network_over_time(
    data: xr.Dataset,
    dates: str | Sequence[Any] | None = None,
    variant: str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    source: str | None = None,
) -> Figure:
    """The network at several dates side by side, each as `network` draws it, with the same scales.

    Without `dates` there are six, evenly spaced from the first to the last stored time.
    """
    if dates is None:
        stored = select.stored(data, "time")
        dates = [stored[i] for i in np.unique(np.linspace(0, len(stored) - 1, 6).round().astype(int))]
    moments = [ties_at(data, date, variant) for date in ([dates] if isinstance(dates, str) else dates)]
    if not moments:
        raise ValueError("no date is named")
    largest = max(ties.largest for ties in moments)
    columns = min(len(moments), 3)
    rows = -(-len(moments) // columns)
    with style():
        figure, grid = plt.subplots(rows, columns, figsize=(3.3 * columns + 1, 3.3 * rows + 1.2), squeeze=False)
        width = figure.get_figwidth()
        keys: list[Artist] = []
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, ties in zip(grid.flat, moments, strict=False):
            keys = draw_circle(axes, ties, groups or {}, largest, 8)
            axes.set_title(ties.day, loc="center", fontsize=10)
        top = heading(figure, f"Ties over time, {moments[0].variant}: mean of the replicates", 11, "bold") + 0.3
        foot = legend_below(figure, keys + width_keys(largest))
        figure.subplots_adjust(left=0.1 / width, right=1 - 0.15 / width, wspace=0.08, hspace=0.16)
        fit(figure, 3.3 * rows, top, foot)
        colour_bar(figure, list(grid.flat), shrink=0.6, pad=0.03)
        sign(figure, source_line(data) if source is None else source)
    return figure


def draw_circle(
    axes: Axes, ties: Ties, groups: Mapping[str, Sequence[str]], largest: float, size: float
) -> list[Artist]:
    """Actors on a circle and the ties between them; returns the legend of the groups."""
    actors = _ordered({actor for tie in ties.names for actor in tie.split("-")}, groups)
    angle = np.pi / 2 - 2 * np.pi * np.arange(len(actors)) / len(actors)
    place = dict(zip(actors, np.column_stack([np.cos(angle), np.sin(angle)]), strict=True))
    paths = {tie: np.array([place[actor] for actor in tie.split("-")]) for tie in ties.names}
    draw_ties(axes, ties, paths, largest)
    shade = _group_colours(actors, groups)
    for actor in actors:
        x, y = place[actor]
        axes.scatter(x, y, s=70, color=shade[actor][1], edgecolor="white", linewidth=1, zorder=2)
        axes.annotate(
            actor,
            (x, y),
            xytext=(17 * x, 14 * y),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=size,
        )
    axes.set_xlim(-1.3, 1.3)
    axes.set_ylim(-1.2, 1.2)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return [
        Line2D([], [], marker="o", linestyle="", color=colour, label=name)
        for name, colour in dict(shade.values()).items()
        if name
    ]


def _both_flows(trade: xr.DataArray, ties: Sequence[str]) -> np.ndarray[Any, Any]:
    """Sum of the two flows of each tie, USD a year; NaN where there is none."""
    flow = {str(name): float(value) for name, value in zip(trade["flow"].values, trade.values, strict=True)}
    sums = []
    for tie in ties:
        a, b = tie.split("-")
        known = [flow[name] for name in (f"{a}->{b}", f"{b}->{a}") if np.isfinite(flow.get(name, np.nan))]
        sums.append(sum(known) if known else np.nan)
    return np.array(sums)


def _ordered(actors: set[str], groups: Mapping[str, Sequence[str]]) -> list[str]:
    """Members of the first group, of the second, ..., then the others by name."""
    placed = [actor for members in groups.values() for actor in members if actor in actors]
    return list(dict.fromkeys([*placed, *sorted(actors)]))


def _group_colours(actors: Sequence[str], groups: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """Name and colour of the first group of each actor; ("", grey) for those in none."""
    out = {}
    for actor in actors:
        index = next((i for i, members in enumerate(groups.values()) if actor in members), None)
        # Blue and orange say how close a tie is; groups take the colours that are left.
        out[actor] = ("", GREY) if index is None else (list(groups)[index], COLOURS[2:][index % 4])
    return out
