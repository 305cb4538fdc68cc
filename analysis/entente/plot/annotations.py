"""The calendar dates of a tie, and their labels above an axis of dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from entente import times
from entente.plot.styling import GREY, wrapped
from entente.select import check_columns, pair_of

#: The columns of the log that marks are made of.
COLUMNS = ("variant", "replicate", "time", "kind", "initiator", "target", "status", "cause", "summit")

_SIZE = 8.0  # of a label, points


def calendar_marks(events: pd.DataFrame, tie: str, until: Any = None) -> pd.DataFrame:
    """Dated events of the calendar that concern `tie` ("A-B", in either order), from the log of some replicates.

    `events` as of `Result.calendar`, or of `Result.events` over any replicates and variants. A summit counts if both
    actors attended it in any of these replicates. Returns one row for each event type and day, in order of time:
    `time`, the day; `kind`; `variants`, the names of the variants in which the event concerns the tie; `held`, the
    names of those in which the event takes place on that day, whoever attends. Events with a `window` are left out:
    each replicate draws their date.
    """
    check_columns(events, *COLUMNS)
    pair = pair_of(tie)
    held = events[events["status"] == "held"]
    keys = ["variant", "replicate"]
    scheduled = held[held["cause"] == "calendar"]
    direct = scheduled[_between(scheduled, pair)]

    # Who came to a summit has a row of its own that points at the summit's.
    came = held[(held["summit"] >= 0) & held["initiator"].isin(pair)]
    summits = scheduled[[*keys, "time", "kind", "initiator"]].rename_axis("summit").reset_index()
    summits = summits.rename(columns={"initiator": "host"})
    there = came[[*keys, "summit", "initiator"]].merge(
        summits[[*keys, "summit", "host", "kind", "time"]], on=[*keys, "summit"]
    )
    there = there.astype({"initiator": object, "host": object})
    # The host has no row of its own; each of the pair who is not the host must have one.
    of_pair = there[there["initiator"] != there["host"]].drop_duplicates([*keys, "summit", "initiator"])
    guests = of_pair.groupby([*keys, "summit"], observed=True)["initiator"].transform("size")
    hosted = of_pair[guests + of_pair["host"].isin(pair) == len(pair)].drop_duplicates([*keys, "summit"])

    marks = _days(pd.concat([direct[[*keys, "time", "kind"]], hosted[[*keys, "time", "kind"]]]), until)
    # Where one of the pair stays away, only an event with participants takes place all the same.
    whoever = pd.concat([direct, scheduled[scheduled["target"].isna()]])
    on_day = _days(whoever[[*keys, "time", "kind"]], until).groupby(["day", "kind"])["variant"].unique()
    replicates = events[keys].drop_duplicates().groupby("variant", observed=True)["replicate"].nunique()
    rows = []
    for (day, kind), group in marks.groupby(["day", "kind"]):
        seen = group.drop_duplicates(keys)["variant"].value_counts()
        # An event drawn in a window hardly ever falls on the same day twice.
        if (seen / replicates.reindex(seen.index)).max() >= 0.2:
            rows.append((day, kind, tuple(sorted(seen.index)), tuple(sorted(on_day[day, kind]))))
    table = pd.DataFrame(rows, columns=["time", "kind", "variants", "held"])
    return table.assign(time=times.for_users(np.array(table["time"], dtype="datetime64[D]").astype("datetime64[ms]")))


def _between(events: pd.DataFrame, pair: frozenset[str]) -> Any:
    """Which events are from one of `pair` to the other."""
    return events["initiator"].isin(pair) & events["target"].isin(pair) & (
        events["initiator"].astype(object) != events["target"].astype(object)
    )


def _days(marks: pd.DataFrame, until: Any) -> pd.DataFrame:
    """`marks` with the day of each as text that sorts, those after `until` left out."""
    at = times.as_numpy(marks["time"].to_numpy())
    kept = np.ones(at.size, dtype=bool) if until is None else at <= times.moment(until)
    out = pd.DataFrame({name: marks[name].astype(str if name != "replicate" else int) for name in marks.columns[:2]})
    return out.assign(day=at.astype("datetime64[D]").astype(str), kind=marks["kind"].astype(str))[kept]


def draw_rules(axes: Axes, marks: pd.DataFrame) -> None:
    """Thin lines at the dates of `marks`."""
    for at in np.unique(mdates.date2num(times.as_numpy(marks["time"].to_numpy()))):
        axes.axvline(at, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)


def draw_marks(axes: Axes, marks: pd.DataFrame, variants: Sequence[str]) -> int:
    """Thin lines at the marks' dates, labels above `axes`; returns how many lines of text they took.

    Marks close to one another share a label. The label of an event that does not happen in all `variants` names those
    in which it does.
    """
    if marks.empty:
        return 0
    draw_rules(axes, marks)
    left, right = axes.get_xlim()
    together: list[tuple[float, list[str]]] = []  # first day, what happens
    last: list[float] = []  # and last day
    for mark, at in zip(marks.itertuples(), mdates.date2num(times.as_numpy(marks["time"].to_numpy())), strict=True):
        text = str(mark.kind).replace("_", " ") + exception(mark.variants, mark.held, variants)
        if together and at - last[-1] < (right - left) / 100:
            together[-1][1].append(text)
            last[-1] = at
        else:
            together.append((float(at), [text]))
            last.append(at)

    # A label goes as low as it can without running into those on its left.
    renderer = axes.figure.canvas.get_renderer()
    wide = axes.get_window_extent(renderer).width / axes.figure.dpi
    ends: list[float] = []
    for (at, texts), until in zip(together, last, strict=True):
        words = f"{_span(at, until)}: " + ", ".join(dict.fromkeys(texts))
        part = (at - left) / (right - left)
        rows = wrapped(axes.figure, words, wide * max(part, 1 - part), _SIZE)
        label = axes.annotate(
            "\n".join(rows),
            xy=(at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right" if part > 0.5 else "left",
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
    """Height of this number of lines of labels, in points."""
    return 11.0 * lines


def _span(first: float, last: float) -> str:
    """23 Dec 2025, or 23–30 Dec 2025 for days that share a label."""
    a, b = mdates.num2date(first), mdates.num2date(last)
    if a.date() == b.date():
        return f"{a:%-d %b %Y}"
    if (a.year, a.month) == (b.year, b.month):
        return f"{a:%-d}–{b:%-d %b %Y}"
    return f"{a:%-d %b %Y} – {b:%-d %b %Y}"


def exception(
    touches: Sequence[str], held: Sequence[str], variants: Sequence[str], name: Callable[[str], str] = str
) -> str:
    """The variants in which it happens, or in which both actors attend, if not all: " (base only)".

    `name` writes a variant. Where an event takes place without one of the two, this says that both are not there.
    """
    said = []
    missing = [each for each in variants if each not in held]
    if missing:
        said.append(_variants(missing, variants, "", "not in ", name))
    away = [each for each in variants if each in held and each not in touches]
    if away:
        among = [each for each in variants if each in held]
        said.append(_variants(away, among, "both there in ", "not both there in ", name))
    return f" ({'; '.join(said)})" if said else ""


def _variants(missing: Sequence[str], among: Sequence[str], only: str, but: str, name: Callable[[str], str]) -> str:
    """`missing` of the variants `among`, or the others if these are fewer."""
    there = [each for each in among if each not in missing]
    if there and len(there) <= len(missing):
        return f"{only}{', '.join(map(name, there))} only"
    return f"{but}{', '.join(map(name, missing))}"
