"""What stands on the calendar of a tie, and its labels above an axis of dates."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from entente.plot.style import GREY

_SIZE = 8.0  # of a label, points


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
    together: list[tuple[float, list[str]]] = []  # first day, what happens
    last: list[float] = []  # and last day
    for mark in marks.itertuples():
        at = float(mdates.date2num(mark.time))
        text = str(mark.kind).replace("_", " ") + _exception(mark.variants, variants)
        if together and at - last[-1] < (right - left) / 100:
            together[-1][1].append(text)
            last[-1] = at
        else:
            together.append((at, [text]))
            last.append(at)

    # A label goes as low as it can without running into those on its left.
    renderer = axes.figure.canvas.get_renderer()
    room = int(axes.get_window_extent(renderer).width / axes.figure.dpi * 72 / _SIZE / 0.56)
    ends: list[float] = []
    for (at, texts), until in zip(together, last, strict=True):
        words = f"{_days(at, until)}: " + ", ".join(dict.fromkeys(texts))
        rows = textwrap.wrap(words, max(room, 20), break_long_words=False)
        label = axes.annotate(
            "\n".join(rows),
            xy=(at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right" if at > left + 0.5 * (right - left) else "left",
            va="bottom",
            fontsize=_SIZE,
            linespacing=1.15,
            color="#333333",
            annotation_clip=False,
        )
        box = label.get_window_extent(renderer)
        line = 0
        while any(end > box.x0 for end in ends[line : line + len(rows)]):
            line += 1
        ends += [0.0] * (line + len(rows) - len(ends))
        for i in range(line, line + len(rows)):
            ends[i] = box.x1 + 6
        label.set_position((0, 3 + height_of(line)))
    return len(ends)


def height_of(lines: int) -> float:
    """Height of so many lines of labels, in points."""
    return 11.0 * lines


def _days(first: float, last: float) -> str:
    """23 Dec 2025, or 23–30 Dec 2025 for days that share a label."""
    a, b = mdates.num2date(first), mdates.num2date(last)
    if a.date() == b.date():
        return f"{a:%-d %b %Y}"
    if (a.year, a.month) == (b.year, b.month):
        return f"{a:%-d}–{b:%-d %b %Y}"
    return f"{a:%-d %b %Y} – {b:%-d %b %Y}"


def _exception(seen: Sequence[str], variants: Sequence[str]) -> str:
    """In which of `variants` it happens, if not in all: " (base only)", " (not in no_summit)"."""
    missing = [name for name in variants if name not in seen]
    if not missing:
        return ""
    if len(missing) == 1 and len(variants) > 2:
        return f" (not in {missing[0]})"
    return f" ({', '.join(name for name in variants if name in seen)} only)"
