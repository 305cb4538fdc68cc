"""The network of ties as a film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import xarray as xr
from matplotlib.animation import FuncAnimation

from entente import select
from entente.plot.network_chart import colour_bar, draw_circle, ties_at, width_keys
from entente.plot.styling import heading, legend_below, source_line, style


def animation(
    data: xr.Dataset,
    variant: str | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    frames: int = 60,
    source: str | None = None,
) -> FuncAnimation:
    """The network at up to `frames` stored times from the first to the last, as `entente.plot.network` draws each.

    The scales are the same in all. Save it with `.save("ties.gif", writer="pillow")`, or show it in a notebook with
    `IPython.display.HTML(film.to_jshtml())`.
    """
    stored = select.stored(data, "time")
    if frames < 1:
        raise ValueError(f"frames is {frames}; at least 1 is expected")
    count = min(frames, len(stored))
    step = (len(stored) - 1) / max(count - 1, 1)
    moments = [ties_at(data, stored[round(i * step)], variant) for i in range(count)]
    largest = max(ties.largest for ties in moments)
    with style():
        figure, axes = plt.subplots(figsize=(7.6, 8.0))
        figure.subplots_adjust(left=0.02, right=0.92, top=0.9, bottom=0.12)
        keys = draw_circle(axes, moments[0], groups or {}, largest, 9)
        heading(figure, f"Ties over time, {moments[0].variant}: mean of the replicates", 11, "bold")
        colour_bar(figure, axes, shrink=0.5, pad=0.03)
        legend_below(figure, keys + width_keys(largest))
        figure.text(0.01, 0.005, source_line(data) if source is None else source, fontsize=6, color="#555555")

    def draw(i: int) -> list[Any]:
        axes.clear()
        with style():
            draw_circle(axes, moments[i], groups or {}, largest, 9)
            axes.set_title(moments[i].day, loc="center", fontsize=11)
        return [axes]

    return FuncAnimation(figure, draw, frames=count, interval=150, blit=False)
