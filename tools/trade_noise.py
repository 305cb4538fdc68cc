#!/usr/bin/env python3
"""Choose the noise of trade from the changes of flows in one period, and count how many of another it covers.

    tools/trade_noise.py DATA_DIR        prints the tables of docs/trade.md

DATA_DIR holds the source tables (actors/, world/). A log deviation that returns to 0 with a half-life H has after
h years the variance s^2 (1 - 2^(-2 h / H)). It has two parts: one of each actor, on all its flows, and one of the
flow, sd x (figure in bn USD)^size. From the changes of one period follow

    actor  the mean product of the changes of flows that share an exporter (importer), flows above 10 M USD;
    flow   sd and size, so that 90 % of all changes are within their bands (quantile regression of log |change|).

The half-life is not in changes over one number of years. It is the one whose bands cover 90 % of the changes of the
imports of the United States in the one year from 2023 to 2024. Needs NumPy and SciPy.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

SOURCES = {
    2006: "actors/gravity_2006.csv",
    2016: "actors/bilateral_trade_2016_distance.csv",
    2023: "world/trade_2023.csv",
}
IMPORTS_2024 = "world/us_imports_2024_by_country.csv"
# Implicit price deflator of the GDP of the United States, 2017 = 100, mean of the quarters (BEA).
DEFLATOR = {2006: 84.07, 2010: 89.63, 2016: 98.24, 2018: 102.29, 2023: 122.38}
PRICES_OF = {2006: 2006, 2016: 2010, 2023: 2023}  # the dollars in which a year's figures are given
PERIODS = ((2006, 2016), (2016, 2023))
HALF_LIVES = (2, 5, 8, 10, 15)  # years
BAND = 1.6449  # of a standard normal deviation, 90 %
LEAST = 1e5  # USD: smaller flows have the noise of this one
LARGE = 1e7  # USD: flows by which actors' parts are measured

Flows = dict[tuple[str, str], float]


def read(data: Path, source: str) -> list[dict[str, str]]:
    with open(data / source, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def figures(data: Path, year: int) -> Flows:
    """Positive flows of the year, dollars of 2023."""
    rows = read(data, SOURCES[year])
    if year == 2006:
        found = [(row["iso_o"], row["iso_d"], float(row["flow"] or 0) * 1e6) for row in rows]
    elif year == 2016:
        found = [(row["exporter"], row["importer"], float(row["trade_2016_usd2010"] or 0)) for row in rows]
    else:
        found = [(row["exporter"], row["importer"], float(row["usd"])) for row in rows if row["source"] == "baci2023"]
    factor = DEFLATOR[2023] / DEFLATOR[PRICES_OF[year]]
    return {(i, j): usd * factor for i, j, usd in found if usd > 0 and i != j}


@dataclass
class Changes:
    """Of the flows that both years have: their names, figures and log changes after so many years."""

    pairs: list[tuple[str, str]]
    usd: np.ndarray
    log_change: np.ndarray
    years: float


def between(then: Flows, later: Flows, years: float) -> Changes:
    pairs = sorted(then.keys() & later.keys())
    usd = np.array([then[pair] for pair in pairs])
    return Changes(pairs, usd, np.log(np.array([later[pair] for pair in pairs]) / usd), years)


def changes(data: Path, start: int, end: int) -> Changes:
    return between(figures(data, start), figures(data, end), end - start)


def one_year(data: Path) -> Changes:
    """Imports of the United States, 2024 against 2023, beside their median above 1 bn USD: definitions differ."""
    later = {(row["iso3"], "USA"): float(row["us_imports_2024_usd"] or 0) for row in read(data, IMPORTS_2024)}
    found = between(figures(data, 2023), {pair: usd for pair, usd in later.items() if usd > 0}, 1)
    found.log_change -= np.median(found.log_change[found.usd > 1e9])
    return found


@dataclass
class Noise:
    """Long-run standard deviations, and the half-life in years."""

    sd: float
    size: float
    actor: float
    half_life: float

    def grown(self, years: float) -> float:
        return float(np.sqrt(1 - 2 ** (-2 * years / self.half_life)))

    def deviation(self, usd: np.ndarray, years: float) -> np.ndarray:
        flow = self.sd * (np.maximum(usd, LEAST) / 1e9) ** self.size
        return np.sqrt(flow**2 + 2 * self.actor**2) * self.grown(years)

    def covered(self, of: Changes) -> float:
        """The share of changes within their 90 % bands."""
        return float(np.mean(np.abs(of.log_change) <= BAND * self.deviation(of.usd, of.years)))

    def text(self) -> str:
        """As a scenario gives it."""
        life = f"half_life: {self.half_life:g} y"
        flow = f"{{sd: {self.sd:.2f}, {life}, size: {self.size:.2f}}}"
        return f"{{flow: {flow}, actor: {{sd: {self.actor:.2f}, {life}}}}}"


def shared(of: Changes, role: int) -> float:
    """Mean product of the changes of two flows of one exporter (importer)."""
    large = of.usd > LARGE
    change = np.clip(of.log_change - np.median(of.log_change[large]), -3, 3)
    groups: dict[str, list[float]] = defaultdict(list)
    for k in np.flatnonzero(large):
        groups[of.pairs[k][role]].append(change[k])
    products = sum(sum(group) ** 2 - sum(x * x for x in group) for group in groups.values())
    return products / sum(len(group) * (len(group) - 1) for group in groups.values())


def least(loss: Callable[[np.ndarray], float]) -> np.ndarray:
    starts = [(a, b) for a in (-0.5, 0.0) for b in (-0.1, -0.2)]
    options = {"xatol": 1e-5, "fatol": 1e-10, "maxiter": 4000}
    found = [minimize(loss, start, method="Nelder-Mead", options=options) for start in starts]
    return min(found, key=lambda one: one.fun).x


def chosen(by: Changes, half_life: float) -> Noise:
    """The noise that the changes of one period give."""
    noise = Noise(1, 0, 0, half_life)
    grown = noise.grown(by.years)
    noise.actor = float(np.sqrt((shared(by, 0) + shared(by, 1)) / 2)) / grown
    needed = np.log(np.abs(by.log_change) + 1e-12) - np.log(BAND * grown)

    def loss(at: np.ndarray) -> float:
        noise.sd, noise.size = float(np.exp(at[0])), float(at[1])
        rest = needed - np.log(noise.deviation(by.usd, by.years) / grown)
        return float(np.mean(np.maximum(0.9 * rest, -0.1 * rest)))

    best = least(loss)
    noise.sd, noise.size = float(np.exp(best[0])), float(best[1])
    return noise


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        sys.exit(__doc__)
    data = Path(arguments[1])
    of = {period: changes(data, *period) for period in PERIODS}
    year = one_year(data)
    heads = ("half-life", "chosen on", "flow: sd, size", "actor: sd", "covered there", "covered in the other period")
    print(f"| {' | '.join(heads)} | one year |")
    print("|---|---|---|---|---|---|---|")
    for half_life in HALF_LIVES:
        for period, other in (PERIODS, PERIODS[::-1]):
            noise = chosen(of[period], half_life)
            there, held_out, soon = (100 * noise.covered(one) for one in (of[period], of[other], year))
            print(f"| {half_life} y | {period[0]} to {period[1]} | {noise.sd:.2f}, {noise.size:.2f} "
                  f"| {noise.actor:.2f} |"
                  f" {there:.1f} % | {held_out:.1f} % | {soon:.1f} % |")


if __name__ == "__main__":
    main(sys.argv)
