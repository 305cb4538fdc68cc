"""What stands on the calendar of a tie, and its labels above an axis of dates."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from entente.plot.style import GREY


def calendar_marks(events: pd.DataFrame, tie: str, until: pd.Timestamp | None = None) -> pd.DataFrame:
    """Dated events of the calendar that touch `tie`, from the log of one or more replicates.

    `events` as of `Result.events`, over any replicates and variants. A summit counts if both actors came
    in any of them. Returns `time`, `kind`, `variants` (names of those in which it happened), one row a
    kind and day, in order of time. Events of a window, drawn anew in each replicate, are left out: they
    have no date of their own.
    """
    pair = set(tie.split("-"))
    held = events[events["status"] == "held"] if "status" in events else events
    keys = ["variant", "replicate"]
    scheduled = held[held["cause"] == "calendar"]
    touching = [
        frozenset(who) == pair for who in zip(scheduled["initiator"], scheduled["target"], strict=True)
    ]
    direct = scheduled[touching]

    # Who came to a summit has a row of its own that points at the summit's.
    came = held[(held["summit"] >= 0) & held["initiator"].isin(pair)]
    summits = scheduled[[*keys, "time", "kind", "initiator"]].rename_axis("summit").reset_index()
    summits = summits.rename(columns={"initiator": "host"})
    there = came[[*keys, "summit", "initiator"]].merge(
        summits[[*keys, "summit", "host", "kind", "time"]], on=[*keys, "summit"]
    )
    if len(there):
        grouped = there.groupby([*keys, "summit"], observed=True)
        present = grouped["initiator"].agg(set).astype(object)
        first = grouped.first()
        both = [pair <= who | {host} for who, host in zip(present, first["host"], strict=True)]
        hosted = first[both].reset_index()
    else:
        hosted = there
    marks = pd.concat([direct[[*keys, "time", "kind"]], hosted[[*keys, "time", "kind"]]])
    if until is not None:
        marks = marks[marks["time"] <= until]
    if marks.empty:
        return pd.DataFrame({"time": pd.Series(dtype="datetime64[ns]"), "kind": [], "variants": []})

    marks = marks.assign(day=marks["time"].dt.floor("D"), kind=marks["kind"].astype(str))
    replicates = events[keys].drop_duplicates().groupby("variant")["replicate"].nunique()
    rows = []
    for (day, kind), group in marks.groupby(["day", "kind"]):
        seen = group.drop_duplicates(keys)["variant"].value_counts()
        # An event drawn in a window hardly ever falls on the same day twice.
        if (seen / replicates.reindex(seen.index)).max() >= 0.2:
            rows.append((day, kind, tuple(sorted(set(seen.index)))))
    return pd.DataFrame(rows, columns=["time", "kind", "variants"])


def draw_rules(axes: Axes, marks: pd.DataFrame) -> None:
    """Thin lines at the dates of `marks`."""
    for at in mdates.date2num(marks["time"].unique()):
        axes.axvline(at, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)


def draw_marks(axes: Axes, marks: pd.DataFrame, variants: Sequence[str]) -> int:
    """Thin lines at the marks' dates, labels above `axes`; returns how many lines of text they took.

    Marks close to one another share a label. What does not happen in every one of `variants` is named
    with those in which it does.
    """
    if marks.empty:
        return 0
    draw_rules(axes, marks)
    left, right = axes.get_xlim()
    together: list[tuple[float, list[str]]] = []
    for mark in marks.itertuples():
        at = float(mdates.date2num(mark.time))
        text = str(mark.kind).replace("_", " ")
        if not set(variants) <= set(mark.variants):
            text += f" ({', '.join(name for name in variants if name in mark.variants)} only)"
        if together and at - together[-1][0] < (right - left) / 100:
            together[-1][1].append(text)
        else:
            together.append((at, [text]))

    # A label goes on the lowest line where it does not run into the one on its left.
    renderer = axes.figure.canvas.get_renderer()
    ends: list[float] = []
    for at, texts in together:
        label = axes.annotate(
            f"{mdates.num2date(at):%-d %b}: " + ", ".join(dict.fromkeys(texts)),
            xy=(at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right" if at > left + 0.7 * (right - left) else "left",
            va="bottom",
            fontsize=8,
            color="#333333",
            annotation_clip=False,
        )
        box = label.get_window_extent(renderer)
        line = next((i for i, end in enumerate(ends) if end < box.x0), len(ends))
        ends[line:] = [box.x1 + 6, *ends[line + 1 :]]
        label.set_position((0, 3 + height_of(line)))
    return len(ends)


def height_of(lines: int) -> float:
    """Height of so many lines of labels, in points."""
    return 11.5 * lines
