"""Common to all figures: colours, long names, room for headings and legends, and the source line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import matplotlib as mpl
import matplotlib.dates as mdates
import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import ScaledTranslation

from entente import times

#: Of Okabe and Ito (2008); the first is the base variant's.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
#: Once all colours of the other variants are taken, lines differ by their dashes too.
DASHES = ("solid", (0, (5, 1.5)), (0, (1.5, 1)), (0, (5, 1.5, 1, 1.5)))
GREY = "#6b6b6b"
#: Ends of the scale of strength: hostile, friendly.
HOSTILE, FRIENDLY = "#D55E00", "#0072B2"

#: Height of the source line with its margins, inches.
_FOOT = 0.28

_RC = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "axes.grid": False,
    "figure.dpi": 110,
    "savefig.dpi": 160,
    "legend.frameon": False,
    # Names, labels and titles are the scenario's: a dollar sign in them is one.
    "text.parse_math": False,
    "text.usetex": False,
    "axes.formatter.use_mathtext": False,
}


def style() -> Any:
    """A context in which figures are drawn; it leaves the caller's matplotlib settings alone."""
    return mpl.rc_context(_RC)


def colours(variants: Sequence[str]) -> dict[str, str]:
    """A colour for each variant, in their order; the first, with which others are compared, is blue."""
    others = variants[1:]
    return {variants[0]: COLOURS[0]} | {
        name: COLOURS[1 + i % (len(COLOURS) - 1)] for i, name in enumerate(others)
    }


def dash_of(index: int) -> Any:
    """The line style of the variant at that position: solid until the colours repeat."""
    return DASHES[max(index - 1, 0) // (len(COLOURS) - 1) % len(DASHES)]


def base_of(shades: Mapping[str, str]) -> str:
    """The variant with which the others are compared: the first."""
    return next(iter(shades))


def tie_label(data: xr.Dataset, tie: str) -> str:
    """The tie by the names of its actors: "Kazakhstan – United States"; its short name where unknown."""
    labels = actor_labels(data)
    return " – ".join(labels.get(actor, actor) for actor in tie.split("-"))


def flow_label(data: xr.Dataset, flow: str) -> str:
    """The flow by the names of its actors: "Kazakhstan → United States"; of "A-B", both ways."""
    labels = actor_labels(data)
    if "->" not in flow:
        return " ↔ ".join(labels.get(actor, actor) for actor in flow.split("-"))
    return " → ".join(labels.get(actor, actor) for actor in flow.split("->"))


def actor_labels(data: xr.Dataset) -> dict[str, str]:
    """Long names by short ones, as far as the file gives them."""
    if "actor_label" not in data:
        return {}
    return {str(a): str(b) for a, b in zip(data["actor"].values, data["actor_label"].values, strict=True)}


def labels_of(data: xr.Dataset, of: str) -> dict[str, str]:
    """What to call each variant, parameter or event type (`of`): its label, or its name where it has none."""
    names = [str(name) for name in data[of].values]
    labels = [str(label) for label in data[f"{of}_label"].values] if f"{of}_label" in data else names
    return {name: label or name for name, label in zip(names, labels, strict=True)}


def source_line(data: xr.Dataset, provenance: Mapping[str, Any] | None = None) -> str:
    """The source line at the foot of a figure: program, scenario, replicates and seed."""
    known = {**data.attrs, **(provenance or {})}
    parts = [f"Simulated by {known.get('program', 'entente')}"]
    if "scenario" in known:
        parts.append(PurePath(str(known["scenario"])).name)
    if "point" in data.sizes:
        parts.append(f"{data.sizes['point']:,} points")
    if "replicate" in data.sizes:
        parts.append(f"{data.sizes['replicate']:,} replicates")
    if "seed" in known:
        parts.append(f"seed {known['seed']}")
    return ", ".join(parts)


def dates(axes: Axes, time: Any) -> None:
    """An axis of dates from the first to the last of `time`: months, the year below the first of each."""
    locator = mdates.AutoDateLocator(minticks=4, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    formatter = mdates.ConciseDateFormatter(
        locator,
        formats=["%Y", "%b", "%-d %b", "%H:%M", "%H:%M", "%S"],
        zero_formats=["", "%b\n%Y", "%-d %b", "%-d %b", "%H:%M", "%H:%M"],
        show_offset=False,
    )
    axes.xaxis.set_major_formatter(formatter)
    ends = times.as_numpy(np.asarray(time)[[0, -1]])
    axes.set_xlim(ends[0], ends[1])
    axes.set_xlabel("date (UTC)")


def width_of(figure: Figure, words: str, size: float, weight: str = "normal") -> float:
    """How wide `words` are in letters of `size` points, in inches."""
    font = FontProperties(size=size, weight=weight)
    return float(figure.canvas.get_renderer().get_text_width_height_descent(words, font, False)[0] / figure.dpi)


def wrapped(figure: Figure, words: str, inches: float, size: float, weight: str = "normal") -> list[str]:
    """`words` in lines of at most this width in inches; a word that is wider than a line is cut."""
    lines: list[str] = []
    for word in words.split():
        whole = clipped(figure, word, inches, size, weight)
        if lines and width_of(figure, f"{lines[-1]} {whole}", size, weight) <= inches:
            lines[-1] += f" {whole}"
        else:
            lines.append(whole)
    return lines


def clipped(figure: Figure, words: str, inches: float, size: float, weight: str = "normal") -> str:
    """`words`, cut with an ellipsis if they are wider than this number of inches; unprintable characters become
    blanks."""
    words = "".join(c if c.isprintable() else " " for c in words)
    if width_of(figure, words, size, weight) <= inches:
        return words
    fits, most = 1, len(words)
    while most - fits > 1:
        middle = (fits + most) // 2
        wide = width_of(figure, words[:middle] + "…", size, weight) > inches
        fits, most = (fits, middle) if wide else (middle, most)
    return words[:fits].rstrip() + "…"


def names_at(figure: Figure, axes: Axes, names: Sequence[str], right: float, size: float = 9) -> None:
    """Names of rows from the top down, left of `axes`, which take what these leave of the width up to `right`."""
    width = figure.get_figwidth()
    shown = [clipped(figure, name, 0.55 * width, size) for name in names]
    figure.subplots_adjust(left=0.25 / width + max(width_of(figure, name, size) for name in shown) / width, right=right)
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels(shown, fontsize=size)
    axes.set_ylim(len(names) - 0.4, -0.6)


def heading(figure: Figure, words: str, size: float = 13, weight: str = "normal") -> float:
    """Put `words` at the top of `figure`, on as many lines as they need; their height in inches."""
    if not words.strip():
        return 0.1
    lines = wrapped(figure, words, figure.get_figwidth() - 0.2, size, weight)
    corner = figure.transFigure + ScaledTranslation(0.08, -0.1, figure.dpi_scale_trans)
    figure.suptitle(
        "\n".join(lines), x=0, y=1, ha="left", va="top", fontsize=size, fontweight=weight, transform=corner
    )
    return 0.1 + len(lines) * size * 1.25 / 72


def fit(figure: Figure, drawn: float, top: float, foot: float) -> None:
    """Give `figure` the height for what is drawn between a heading of `top` and a legend of `foot` inches."""
    height = top + drawn + foot
    figure.set_figheight(height)
    figure.subplots_adjust(bottom=foot / height, top=1 - top / height)


def corner_note(axes: Axes, words: str) -> None:
    """A remark in the lower right corner of `axes`."""
    place = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right"}
    axes.annotate(words, (1, 0), (0, 4), fontsize=8, color=GREY, **place)


def legend_below(figure: Figure, handles: Sequence[Artist], size: float = 9) -> float:
    """Put a legend at the foot of `figure`, above the source line, in as many columns as fit; return its upper end,
    inches.

    All entries are shown: those that do not fit beside the others go to another line. Draw the panels above the
    returned height.
    """
    if not handles:
        return _FOOT
    renderer = figure.canvas.get_renderer()
    for columns in range(len(handles), 0, -1):
        legend = figure.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0, _FOOT), bbox_transform=figure.dpi_scale_trans,
            ncol=columns, fontsize=size, handlelength=2, columnspacing=1.4, borderaxespad=0.2,
        )  # fmt: skip
        box = legend.get_window_extent(renderer)
        if box.x1 <= figure.bbox.x1 or columns == 1:
            break
        legend.remove()
    return float(box.y1 / figure.dpi)


def sign(figure: Figure, source: str) -> None:
    """Put the source line at the foot of `figure`, below what is drawn."""
    if source:
        width = figure.get_figwidth()
        size = max(5.0, min(8.0, 8 * (width - 0.16) / width_of(figure, source, 8)))
        shown = clipped(figure, source, width - 0.16, size)
        figure.text(
            0.08, 0.06, shown, fontsize=size, color=GREY, ha="left", va="bottom", transform=figure.dpi_scale_trans
        )
