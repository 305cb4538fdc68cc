"""Pictures of what happened in one replicate: the raster of its events, the tree of one cause."""

from __future__ import annotations

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from entente.causes import Tree, title
from entente.plot.style import COLOURS, GREY, dates, sign, style

#: Colour of an event by its cause.
CAUSE_COLOURS = {
    "history": GREY,
    "calendar": "#000000",
    "intervention": COLOURS[3],
    "spontaneous": COLOURS[0],
    "excited": COLOURS[4],
    "consequence": COLOURS[2],
}


def raster(
    events: pd.DataFrame, tie: str | None = None, actor: str | None = None, source: str = ""
) -> Figure:
    """Every event of a replicate as a tick: a row a kind, time along, colour by cause.

    `events` as of `Result.events` (one replicate); those before the start are left out, with `tie`
    ("KAZ-USA") all that are not between its two actors, and with `actor` all that do not touch it.
    """
    past = events["cause"] == "history"
    past |= events["summit"].isin(events.index[past])  # who came to a summit before the start
    shown = events[~past]
    if "status" in shown:
        shown = shown[shown["status"] == "held"]
    if tie is not None:
        pair = set(tie.split("-"))
        shown = shown[[{a, b} == pair for a, b in zip(shown["initiator"], shown["target"], strict=True)]]
    if actor is not None:
        shown = shown[(shown["initiator"] == actor) | (shown["target"] == actor)]
    of = (f" between {tie.replace('-', ' and ')}" if tie else "") + (f" of {actor}" if actor else "")
    if shown.empty:
        raise ValueError(f"no events to draw{of}")
    counts = shown["kind"].astype(str).value_counts()
    kinds = list(counts.index)
    with style():
        figure, axes = plt.subplots(figsize=(8.5, 1.75 + 0.3 * len(kinds)))
        _, height = figure.get_size_inches()
        figure.subplots_adjust(left=0.24, right=0.97, bottom=1.2 / height, top=1 - 0.4 / height)
        for cause, group in shown.groupby(shown["cause"].astype(str)):
            rows = group["kind"].astype(str).map(kinds.index)
            axes.vlines(
                group["time"],
                rows - 0.38,
                rows + 0.38,
                color=CAUSE_COLOURS[str(cause)],
                linewidth=1.1,
                label=cause,
            )
        axes.set_yticks(range(len(kinds)))
        axes.set_yticklabels([f"{kind.replace('_', ' ')} ({counts[kind]:,})" for kind in kinds])
        axes.set_ylim(len(kinds) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        first, last = shown["time"].min(), shown["time"].max()
        margin = 0.01 * max(last - first, pd.Timedelta(days=7))  # or the first tick lies on the frame
        dates(axes, pd.DatetimeIndex([first - margin, last + margin]).values)
        what = f"Events{of}" if of else "All events"
        replicate = shown["replicate"].iloc[0]
        axes.set_title(
            f"{what} in replicate {replicate}, {shown['variant'].iloc[0]}", loc="left", fontweight="bold"
        )
        _cause_legend(figure, set(shown["cause"].astype(str)), "|")
        sign(figure, source)
    return figure


def cause_tree(tree: Tree, source: str = "") -> Figure:
    """One event and all that came of it: time along, a line an event, joined to what caused it.

    Dot and label have the colour of the cause: excited by, or a consequence of, the event they hang on.
    """
    branches = list(tree.walk())
    line = {branch.row: i for i, (_, branch) in enumerate(branches)}
    with style():
        figure, axes = plt.subplots(figsize=(8.5, 1.75 + 0.28 * len(branches)))
        _, height = figure.get_size_inches()
        figure.subplots_adjust(left=0.04, right=0.97, bottom=1.2 / height, top=1 - 0.4 / height)
        first, last = (f(b.event["time"] for _, b in branches) for f in (min, max))
        reach = max(last - first, pd.Timedelta(days=7))
        for _, branch in branches:
            at, y = branch.event["time"], line[branch.row]
            for child in branch.children:
                axes.plot(
                    [at, at, child.event["time"]],
                    [y, line[child.row], line[child.row]],
                    color="#b5b5b5",
                    linewidth=1,
                    zorder=1,
                )
            colour = CAUSE_COLOURS[str(branch.event["cause"])]
            axes.plot(at, y, marker="o", markersize=6, color=colour, linestyle="", zorder=2)
            axes.annotate(
                f"{title(branch.event).replace('_', ' ').replace('->', '→')}, {at:%-d %b}",
                (mdates.date2num(at), y),
                xytext=(7, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
            )
        dates(axes, pd.DatetimeIndex([first - 0.03 * reach, last + 0.38 * reach]).values)
        axes.set_ylim(len(branches) - 0.4, -0.6)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_title(
            f"What came of: {title(tree.event).replace('_', ' ').replace('->', '→')}, "
            f"{tree.event['time']:%-d %B %Y}",
            loc="left",
            fontweight="bold",
        )
        _cause_legend(figure, {str(branch.event["cause"]) for _, branch in branches}, "o")
        sign(figure, source)
    return figure


def _cause_legend(figure: Figure, causes: set[str], marker: str) -> None:
    _, height = figure.get_size_inches()
    size = {"markersize": 11.0, "markeredgewidth": 2.0} if marker == "|" else {"markersize": 6.0}
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="", label=cause, **size)
        for cause, colour in CAUSE_COLOURS.items()
        if cause in causes
    ]
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 0.25 / height), ncol=len(handles), fontsize=9
    )
