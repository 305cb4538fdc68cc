"""The network of ties at a date: who is close to whom, and how much they trade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from entente import statistics
from entente.plot.style import COLOURS, FRIENDLY, GREY, HOSTILE, sign, source_line, style

#: Hostile orange, indifferent light grey, friendly blue.
SIGNED = LinearSegmentedColormap.from_list("signed", [HOSTILE, "#d9d9d9", FRIENDLY])

_THIN, _THICK = 0.6, 7.0


def network(
    data: xr.Dataset,
    date: str,
    variant: str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    source: str | None = None,
) -> Figure:
    """Ties at `date` (the stored time nearest to it): mean over replicates of `variant` (default the first).

    Colour is strength (-1 orange to 1 blue), width is the trade of both flows (the square root of USD a
    year). `data` holds `strength` [variant, replicate, time, tie] and, for the widths, `trade` [variant,
    replicate, time, flow]. Actors stand on a circle, in the order of `groups` (name -> members), each with
    the colour of the first group it is in.
    """
    data = statistics.ran(data)
    variant = variant or str(data["variant"].values[0])
    at = data.sel(variant=variant).sel(time=np.datetime64(date), method="nearest")
    strength = at["strength"].mean("replicate").load()
    ties = [str(name) for name in strength["tie"].values]
    trade = (
        _both_flows(at["trade"].mean("replicate").load(), ties)
        if "trade" in at
        else np.full(len(ties), np.nan)
    )
    actors = _ordered({actor for tie in ties for actor in tie.split("-")}, groups or {})
    angle = np.pi / 2 - 2 * np.pi * np.arange(len(actors)) / len(actors)
    place = dict(zip(actors, np.column_stack([np.cos(angle), np.sin(angle)]), strict=True))
    largest = np.nanmax(trade) if np.isfinite(trade).any() else 1.0
    width = _THIN + (_THICK - _THIN) * np.sqrt(np.nan_to_num(trade) / largest)

    # Weak ties first, so that the telling ones lie on top.
    order = np.argsort(np.abs(strength.values))
    segments = [[place[actor] for actor in ties[i].split("-")] for i in order]
    with style():
        figure, axes = plt.subplots(figsize=(7.6, 7.0))
        figure.subplots_adjust(left=0.02, right=0.92, bottom=0.11, top=0.94)
        lines = LineCollection(
            segments,
            cmap=SIGNED,
            norm=Normalize(-1, 1),
            array=strength.values[order],
            linewidths=width[order],
            capstyle="round",
            alpha=np.clip(0.15 + 2.5 * np.abs(strength.values[order]), 0, 1),  # let the telling ones show
            zorder=1,
        )
        axes.add_collection(lines)
        shade = _group_colours(actors, groups or {})
        for actor in actors:
            x, y = place[actor]
            axes.scatter(x, y, s=70, color=shade[actor][1], edgecolor="white", linewidth=1, zorder=2)
            axes.annotate(
                actor,
                (x, y),
                xytext=(15 * x, 13 * y),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=9,
            )
        axes.set_xlim(-1.18, 1.18)
        axes.set_ylim(-1.18, 1.18)
        axes.set_aspect("equal")
        axes.set_axis_off()
        day = np.datetime_as_string(at["time"].values, unit="D")
        axes.set_title(f"Ties on {day}, {variant}: mean of the replicates", loc="left", fontweight="bold")
        bar = figure.colorbar(ScalarMappable(lines.norm, SIGNED), ax=axes, shrink=0.5, pad=0.03)
        bar.set_label("strength (−1 hostile … 1 friendly)")
        bar.outline.set_visible(False)
        handles = [
            Line2D([], [], marker="o", linestyle="", color=colour, label=name)
            for name, colour in dict(shade.values()).items()
            if name
        ]
        if np.isfinite(trade).any():
            handles += [
                Line2D(
                    [],
                    [],
                    color=GREY,
                    linewidth=_THIN + (_THICK - _THIN) * np.sqrt(part),
                    label=f"trade {largest * part / 1e9:.3g} bn USD a year",
                )
                for part in (0.1, 1.0)
            ]
        if handles:
            figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.02, 0.04), ncol=4, fontsize=9)
        sign(figure, source_line(data) if source is None else source)
    return figure


def _both_flows(trade: xr.DataArray, ties: Sequence[str]) -> np.ndarray:
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
