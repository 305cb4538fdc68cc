"""What all pictures share: colours, names for people, the line that tells where the numbers come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import matplotlib as mpl
import matplotlib.dates as mdates
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

#: Of Okabe and Ito (2008); the first is the base variant's.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#6b6b6b"
#: Ends of the scale of strength: hostile, friendly.
HOSTILE, FRIENDLY = "#D55E00", "#0072B2"

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
}


def style() -> Any:
    """A context in which figures are drawn; it leaves the caller's matplotlib settings alone."""
    return mpl.rc_context(_RC)


def colours(variants: Sequence[str]) -> dict[str, str]:
    """A colour for each variant, in their order; the first one's, with which others are compared, is blue."""
    others = variants[1:]
    return {variants[0]: COLOURS[0]} | {
        name: COLOURS[1 + i % (len(COLOURS) - 1)] for i, name in enumerate(others)
    }


def base_of(shades: Mapping[str, str]) -> str:
    """The variant with which the others are compared: the first."""
    return next(iter(shades))


def tie_label(data: xr.Dataset, tie: str) -> str:
    """The tie by the names of its actors: "Kazakhstan – United States"; its short name where unknown."""
    labels = actor_labels(data)
    return " – ".join(labels.get(actor, actor) for actor in tie.split("-"))


def flow_label(data: xr.Dataset, flow: str) -> str:
    """The flow by the names of its actors: "Kazakhstan → United States"."""
    labels = actor_labels(data)
    return " → ".join(labels.get(actor, actor) for actor in flow.split("->"))


def actor_labels(data: xr.Dataset) -> dict[str, str]:
    """Long names by short ones, as far as the file gives them."""
    if "actor_label" not in data:
        return {}
    return {str(a): str(b) for a, b in zip(data["actor"].values, data["actor_label"].values, strict=True)}


def source_line(data: xr.Dataset, provenance: Mapping[str, Any] | None = None) -> str:
    """Where the numbers come from: program, scenario, replicates and seed, for the foot of a picture."""
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


def dates(axes: Axes, time: np.ndarray) -> None:
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
    axes.set_xlim(time[0], time[-1])
    axes.set_xlabel("date (UTC)")


def sign(figure: Figure, source: str) -> None:
    """Put the source line at the foot of `figure`, below what is drawn."""
    if source:
        width, height = figure.get_size_inches()
        figure.text(0.08 / width, 0.06 / height, source, fontsize=8, color=GREY, ha="left", va="bottom")
