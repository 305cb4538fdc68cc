"""Figures of the events of one replicate: the raster of all, and the tree of one cause."""

from __future__ import annotations

from typing import Any

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from entente import times
from entente.causes import Tree, title
from entente.plot.styling import COLOURS, GREY, dates, fit, heading, legend_below, names_at, sign, style
from entente.select import check_columns, pair_of

#: Colour of an event by its cause.
CAUSE_COLOURS = {
    "history": GREY,
    "calendar": "#000000",
    "intervention": COLOURS[3],
    "baseline": COLOURS[0],
    "excited": COLOURS[4],
    "consequence": COLOURS[2],
}


def raster(
    events: pd.DataFrame, tie: str | None = None, actor: str | None = None, source: str = ""
) -> Figure:
    """Every event of a replicate as a tick: one row for each event type, time to the right, colour by cause.

    `events` as of `Result.events` (one replicate); events before the start are left out. `tie` ("KAZ-USA", in either
    order) keeps only events between its two actors, `actor` only events that involve it.
    """
    check_columns(events, "variant", "replicate", "time", "kind", "initiator", "target", "status", "cause", "summit")
    if events.index.has_duplicates:
        raise ValueError("raster needs the events of one replicate of one variant")
    past = events["cause"] == "history"
    past |= events["summit"].isin(events.index[past])  # who came to a summit before the start
    shown = events[~past]
    shown = shown[shown["status"] == "held"]
    if tie is not None:
        pair = pair_of(tie)
        both = zip(shown["initiator"], shown["target"], strict=True)
        shown = shown[np.array([{a, b} == pair for a, b in both], dtype=bool)]
    if actor is not None:
        shown = shown[(shown["initiator"] == actor) | (shown["target"] == actor)]
    of = (f" between {tie.replace('-', ' and ')}" if tie else "") + (f" of {actor}" if actor else "")
    if shown.empty:
        raise ValueError(f"no events to draw{of}")
    counts = shown["kind"].astype(str).value_counts()
    kinds = list(counts.index)
    at = pd.Series(mdates.date2num(times.as_numpy(shown["time"].to_numpy())), index=shown.index)
    with style():
        figure, axes = plt.subplots(figsize=(8.5, 1.75 + 0.3 * len(kinds)))
        names_at(figure, axes, [f"{kind.replace('_', ' ')} ({counts[kind]:,})" for kind in kinds], right=0.97, size=10)
        for cause, group in shown.groupby(shown["cause"].astype(str)):
            rows = group["kind"].astype(str).map(kinds.index)
            axes.vlines(
                at[group.index],
                rows - 0.38,
                rows + 0.38,
                color=CAUSE_COLOURS[str(cause)],
                linewidth=1.1,
                label=cause,
            )
        axes.tick_params(axis="y", length=0)
        _dates_around(axes, shown["time"].to_numpy(), 0.01, 0.01)  # or the first tick lies on the frame
        what = f"Events{of}" if of else "All events"
        replicate = shown["replicate"].iloc[0]
        top = heading(figure, f"{what} in replicate {replicate}, {shown['variant'].iloc[0]}", 11, "bold") + 0.08
        foot = _cause_legend(figure, set(shown["cause"].astype(str)), "|") + 0.6
        fit(figure, 0.15 + 0.3 * len(kinds), top, foot)
        sign(figure, source)
    return figure


def cause_tree(tree: Tree, source: str = "") -> Figure:
    """One event, its offspring and consequences: time to the right, one line for each event, joined to its cause.

    Dot and label have the colour of the cause: excited by the parent, or a consequence of it.
    """
    branches = [branch for _, branch in tree.walk()]
    line = {branch.row: i for i, branch in enumerate(branches)}
    at = times.as_numpy([branch.event["time"] for branch in branches])
    x = dict(zip(line, mdates.date2num(at), strict=True))
    with style():
        figure, axes = plt.subplots(figsize=(8.5, 1.75 + 0.28 * len(branches)))
        figure.subplots_adjust(left=0.04, right=0.97)
        for branch, when in zip(branches, at, strict=True):
            y = line[branch.row]
            for child in branch.children:
                way = [x[branch.row], x[branch.row], x[child.row]]
                axes.plot(way, [y, line[child.row], line[child.row]], color="#b5b5b5", linewidth=1, zorder=1)
            colour = CAUSE_COLOURS[str(branch.event["cause"])]
            axes.plot(x[branch.row], y, marker="o", markersize=6, color=colour, linestyle="", zorder=2)
            axes.annotate(
                f"{_words(branch)}, {times.text(when, '%-d %b')}",
                (x[branch.row], y),
                xytext=(7, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
            )
        _dates_around(axes, at, 0.03, 0.38)
        axes.set_ylim(len(branches) - 0.4, -0.6)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        what = f"Events caused by: {_words(tree)}, {times.text(tree.event['time'], '%-d %B %Y')}"
        top = heading(figure, what, 11, "bold") + 0.08
        foot = _cause_legend(figure, {str(branch.event["cause"]) for branch in branches}, "o") + 0.6
        fit(figure, 0.15 + 0.28 * len(branches), top, foot)
        sign(figure, source)
    return figure


def _words(tree: Tree) -> str:
    return title(tree.event).replace("_", " ").replace("->", "→")


def _dates_around(axes: Axes, at: Any, before: float, after: float) -> None:
    """An axis of dates from before the first of `at` to after the last, by parts of what lies between."""
    known = times.as_numpy(at)
    first, last = known.min(), known.max()
    reach = max(last - first, np.timedelta64(7 * 86_400_000, "ms"))
    dates(axes, np.array([first - before * reach, last + after * reach]))


def _cause_legend(figure: Figure, causes: set[str], marker: str) -> float:
    """Draw the legend of causes and return its upper end, in inches."""
    size = {"markersize": 11.0, "markeredgewidth": 2.0} if marker == "|" else {"markersize": 6.0}
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="", label=cause, **size)
        for cause, colour in CAUSE_COLOURS.items()
        if cause in causes
    ]
    return legend_below(figure, handles)
