"""The picture of what each thing changes that was left out: effects ranked, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from entente import select
from entente.errors import chosen
from entente.plot.styling import COLOURS, GREY, clipped, fit, heading, sign, style, width_of

#: Inches of a row, and of a panel besides its rows.
_ROW, _PANEL = 0.27, 0.95


def attribution(
    effects: pd.DataFrame, quantities: str | Sequence[str] = (), most: int = 8, source: str = ""
) -> Figure:
    """What each event left out changes: its effect with the 95 % interval, the largest on top, a panel a quantity.

    `effects` is `Result.attribution()`. The effect is the mean with the event minus the mean without it. `most` rows
    a panel; what changes nothing in any replicate has none. Effects whose interval contains zero are grey. Without
    `quantities` there is a panel for each. An open circle has no interval, because too few replicates carry one.
    """
    there = list(dict.fromkeys(effects["quantity"]))
    names = [chosen("quantity", name, there) for name in select.several(quantities)] or there
    tables = [effects[(effects["quantity"] == name) & _changes(effects)] for name in names]
    shown = [table.head(most) for table in tables]
    heights = [_PANEL + _ROW * max(len(table), 1) for table in shown]
    with style():
        figure, panels = plt.subplots(
            len(names), figsize=(8.0, sum(heights)), squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        widths = [width_of(figure, _short(figure, name), 9) for table in shown for name in table["without"]]
        left = 0.4 + max(widths, default=1.0)
        for axes, table, whole in zip(panels[:, 0], shown, tables, strict=True):
            _panel(figure, axes, table, len(whole) - len(table))
        for axes, name in zip(panels[:, 0], names, strict=True):
            rows = effects[effects["quantity"] == name].iloc[0]
            axes.set_title(clipped(figure, str(rows["label"]) or name, 7.4 - left, 10), loc="left", fontsize=10)
        top = heading(figure, "Effect of each event, left out in turn", 11, "bold") + 0.35
        fit(figure, sum(heights) - 0.5, top, 0.75)
        figure.subplots_adjust(left=left / 8, right=0.96, hspace=_PANEL / np.mean([h - _PANEL for h in heights]))
        sign(figure, source)
    return figure


def _changes(effects: pd.DataFrame) -> pd.Series:
    """Which rows differ from the base in any replicate."""
    return effects["effect"].notna() & ((effects["effect"] != 0) | (effects["effect_sd"] > 0))


def _short(figure: Figure, name: str) -> str:
    return clipped(figure, name, 3.2, 9)


def _panel(figure: Figure, axes: Axes, table: pd.DataFrame, left_out: int) -> None:
    scale, unit = _scale(table)
    y = np.arange(len(table))
    value, low, high = (table[name].to_numpy(dtype=float) * scale for name in ("effect", "effect_low", "effect_high"))
    known, clear = np.isfinite(low) & np.isfinite(high), (low > 0) | (high < 0)
    for chosen_rows, colour in ((clear, COLOURS[0]), (known & ~clear, GREY)):
        axes.errorbar(
            value[chosen_rows], y[chosen_rows], fmt="o", markersize=5, color=colour, elinewidth=1.4, capsize=3,
            xerr=[(value - low)[chosen_rows], (high - value)[chosen_rows]],
        )  # fmt: skip
    axes.plot(value[~known], y[~known], "o", markersize=5, color=GREY, markerfacecolor="none")
    axes.axvline(0, color=GREY, linewidth=1)
    axes.set_yticks(y, [_short(figure, name) for name in table["without"]], fontsize=9)
    axes.set_ylim(max(len(table), 1) - 0.4, -0.6)
    axes.grid(axis="x", color="#e5e5e5", linewidth=0.7)
    axes.set_xlabel(f"with it minus without it{unit}", fontsize=9)
    axes.tick_params(axis="x", labelsize=9)
    if not len(table):
        axes.text(0.5, 0, "no event changes it", transform=axes.get_yaxis_transform(), ha="center", color=GREY)
    if left_out:
        axes.set_title(f"{left_out} with smaller effects", loc="right", fontsize=8, color=GREY)


def _scale(table: pd.DataFrame) -> tuple[float, str]:
    """A factor to draw effects with, and their unit; large sums of USD are drawn in M or bn USD."""
    unit = str(table["unit"].iloc[0]) if len(table) else ""
    largest = np.nanmax(np.abs(table["effect"].to_numpy(dtype=float))) if unit.startswith("USD") else 0
    for size, factor, letters in ((1e8, 1e-9, "bn "), (1e5, 1e-6, "M ")):
        if largest >= size:
            return factor, f" ({letters}{unit})"
    return 1.0, "" if unit in ("", "1") else f" ({unit})"
