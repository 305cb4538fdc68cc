"""Figures that compare probabilities and a fitted model with observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import ArrayLike

from entente import estimates
from entente.errors import UnknownName, unknown
from entente.plot.styling import COLOURS, GREY, colours, sign, style

_BAND = "#d9dde1"


def _check(given: Mapping[str, object] | pd.DataFrame, what: str) -> None:
    """Raise ValueError if there is nothing to draw."""
    if not len(given):
        raise ValueError(f"no {what} to draw")


def reliability(
    forecasts: Mapping[str, ArrayLike], outcome: ArrayLike, bins: int = 10, source: str = ""
) -> Figure:
    """Observed frequency of an event by its forecast probability.

    `forecasts` are probabilities [case] by name of the forecaster, `outcome` [case] is 1 if it happened, else 0. Cases
    are divided into `bins` of equal number by their forecast. A dot is the share of a bin in which the event happened,
    with its 95 % interval (`estimates.reliability`). Dots on the diagonal mean calibrated forecasts: an event with
    probability 30 % happens three times in ten. The lower panel shows the number of cases by forecast.
    """
    _check(forecasts, "forecasts")
    with style():
        figure, (axes, below) = plt.subplots(
            2, 1, figsize=(5.8, 6.6), sharex=True, gridspec_kw={"height_ratios": [3.6, 1], "hspace": 0.1}
        )
        figure.subplots_adjust(left=0.13, right=0.96, bottom=0.13, top=0.94)
        largest = 0.0
        for name, colour in colours(list(forecasts)).items():
            p = np.asarray(forecasts[name], dtype=float)
            table = estimates.reliability(p, outcome, bins)
            observed = 100 * table["observed"].values
            error = [observed - 100 * table["low"].values, 100 * table["high"].values - observed]
            axes.errorbar(
                100 * table["forecast"].values, observed, error, color=colour, marker="o", markersize=5,
                linewidth=1.2, elinewidth=1, capsize=2, label=name,
            )  # fmt: skip
            largest = max(largest, 100 * float(p.max()), float(100 * table["high"].max()))
            below.hist(100 * p, bins=40, histtype="step", color=colour, linewidth=1.3)
        end = min(100.0, 1.04 * largest)
        axes.plot([0, end], [0, end], color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=0.5, label="perfect")
        axes.set_xlim(0, end)
        axes.set_ylim(0, end)
        axes.set_ylabel("happened (% of cases)")
        axes.set_title("Reliability", loc="left", fontweight="bold")
        axes.legend(loc="upper left", fontsize=9)
        below.set_ylabel("cases")
        below.set_yscale("log")
        below.yaxis.set_major_formatter(lambda count, _: f"{count:g}")  # the usual powers are mathematics
        below.yaxis.set_minor_formatter(NullFormatter())
        below.set_xlabel("forecast probability (%)")
        figure.align_ylabels()
        sign(figure, source)
    return figure


def calibration(pits: Mapping[str, ArrayLike], source: str = "") -> Figure:
    """Whether outcomes fall below the forecasts' quantiles as often as they should.

    `pits` [case] by name of the forecaster: the probability that each forecast gave to values at or below the outcome
    (probability integral transform; drawn uniformly within a jump of a discrete forecast). The line is the share of
    cases at or below each probability. If the forecasts are calibrated, it stays in the band with probability 95 %
    (Kolmogorov). An S shape that begins above the diagonal means forecasts that are too narrow, one that begins below
    means too wide; a bow to one side means too low, or too high.
    """
    _check(pits, "forecasts")
    with style():
        figure, axes = plt.subplots(figsize=(5.6, 5.6))
        figure.subplots_adjust(left=0.13, right=0.96, bottom=0.14, top=0.93)
        fewest = min(np.asarray(pit).size for pit in pits.values())
        half = 100 * estimates.KOLMOGOROV / np.sqrt(fewest)
        axes.fill_between(
            [0, 100], [-half, 100 - half], [half, 100 + half], color=_BAND, linewidth=0,
            label=f"95 % band, {fewest:,} cases",
        )  # fmt: skip
        axes.plot([0, 100], [0, 100], color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        for name, colour in colours(list(pits)).items():
            pit = np.sort(np.asarray(pits[name], dtype=float))
            share = np.arange(pit.size + 1) / pit.size
            axes.step(
                100 * np.concatenate([[0], pit]), 100 * share, where="post", color=colour, linewidth=1.6, label=name
            )
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 100)
        axes.set_aspect("equal")
        axes.set_xlabel("probability of the forecast's quantile (%)")
        axes.set_ylabel("outcomes at or below it (% of cases)")
        axes.set_title("Calibration", loc="left", fontweight="bold")
        axes.legend(loc="upper left", fontsize=9)
        sign(figure, source)
    return figure


def qq(residuals: Mapping[str, Sequence[float] | ArrayLike], source: str = "") -> Figure:
    """Residuals of a point process against the exponential distribution, one panel for each name.

    `residuals` [event] by name, for example by event type: the integral of the total intensity from one event to the
    next, without unit. Under a correct model they are independent and exponential with mean 1 (time rescaling). The
    dots then lie on the diagonal, each in the band with probability 95 %. The figure gives the mean and the
    Kolmogorov-Smirnov distance times the root of n (5 % critical value 1.36; for all dyads as one process under a
    fitted model 1.085).
    """
    _check(residuals, "residuals")
    columns = min(len(residuals), 3)
    rows = -(-len(residuals) // columns)
    with style():
        figure, grid = plt.subplots(
            rows, columns, figsize=(0.6 + 3.4 * columns, 0.9 + 3.5 * rows), squeeze=False
        )
        width, height = figure.get_size_inches()
        figure.subplots_adjust(
            left=0.65 / width,
            right=1 - 0.15 / width,
            bottom=0.85 / height,
            top=1 - 0.5 / height,
            hspace=0.35,
            wspace=0.2,
        )
        for axes in grid.flat[len(residuals) :]:
            axes.set_visible(False)
        for axes, (name, values) in zip(grid.flat, residuals.items(), strict=False):
            check = estimates.against_exponential(values)
            axes.fill_between(check["expected"], check["low"], check["high"], color=_BAND, linewidth=0)
            end = float(check["expected"][-1])
            axes.plot([0, end], [0, end], color=GREY, linewidth=1, linestyle=(0, (4, 3)))
            axes.plot(check["expected"], check["observed"], ".", color=COLOURS[0], markersize=3.5, label=name)
            n, mean = check["observed"].size, float(check["observed"].mean())
            said = f"n = {n:,}, mean {mean:.2f}, D√n = {check.attrs['distance']:.2f}"
            axes.set_title(f"{name.replace('_', ' ')}\n{said}", loc="left", fontsize=9)
            axes.set_xlim(0, None)
            axes.set_ylim(0, None)
        figure.supxlabel("residual expected (exponential, mean 1)", y=0.32 / height, fontsize=10)
        figure.supylabel("residual observed", x=0.08 / width, fontsize=10)
        sign(figure, source)
    return figure


def predictive(table: pd.DataFrame, level: float = 0.01, source: str = "") -> Figure:
    """Statistics of observed events against those of simulated events, one panel for each statistic.

    `table` is that of `entente fit --simulated CSV`: one row for each event type and statistic (`figure`), with
    columns `kind`, `figure`, `observed`, `mean`, `low` and `high` (5 and 95 % of the simulated sets) and `p`. A bar is
    the 90 % prediction interval of the simulated sets, its tick their mean. The dot is the observed value, filled red
    if p is `level` or less: the model is rejected.
    """
    _check(table, "rows")
    for column in ("kind", "figure", "observed", "mean", "low", "high", "p"):
        if column not in table:
            raise UnknownName(unknown("column", column, list(table)))
    kinds = list(dict.fromkeys(table["kind"]))
    figures = list(dict.fromkeys(table["figure"]))
    columns = min(len(figures), 2)
    rows = -(-len(figures) // columns)
    with style():
        figure, grid = plt.subplots(
            rows, columns, figsize=(1.6 + 3.6 * columns, 0.7 + rows * (0.75 + 0.28 * len(kinds))), squeeze=False,
            sharey=True, layout="constrained",
        )  # fmt: skip
        foot = 0.3 / figure.get_figheight()
        figure.get_layout_engine().set(rect=(0, foot, 1, 1 - foot))
        for axes in grid.flat[len(figures) :]:
            axes.set_visible(False)
        for axes, name in zip(grid.flat, figures, strict=False):
            part = table[table["figure"] == name].set_index("kind")
            places = [kinds.index(kind) for kind in part.index]
            axes.hlines(places, part["low"], part["high"], color=_BAND, linewidth=7)
            axes.plot(part["mean"], places, "|", color=GREY, markersize=8)
            missed = (part["p"] <= level).to_numpy()
            for chosen, colour, label in ((~missed, COLOURS[0], "observed"), (missed, COLOURS[1], "rejected")):
                x, y = part["observed"][chosen], np.asarray(places)[chosen]
                axes.plot(x, y, "o", color=colour, markersize=5, label=label)
            axes.set_title(name, loc="left", fontsize=9)
            axes.set_yticks(range(len(kinds)), [kind.replace("_", " ") for kind in kinds])
            axes.set_ylim(len(kinds) - 0.4, -0.6)
        sign(figure, source)
    return figure
