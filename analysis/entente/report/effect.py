"""The numbers behind an answer: means of both sides, their difference, and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from entente import estimates
from entente.report.contrast import Contrast
from entente.result import Result

Span = tuple[float, float]

#: Pairs that must differ in one direction, none in the other.
_ONE_WAY = 10

MEAN, PROBABILITY, FIRST_TIME = "mean", "probability", "first time"


@dataclass(frozen=True)
class Effect:
    """The change of a quantity from the second side of a contrast to the first, over paired replicates.

    For a first time, `effect`, `first` and `second` are probabilities that it comes by the end of the period, and
    `sooner` is how many days earlier it comes on average, the end counted where it does not come.
    """

    sort: str  #: MEAN, PROBABILITY or FIRST_TIME
    effect: float
    interval: Span | None  #: Monte Carlo 95 % interval of `effect`; none if too few replicates carry one
    first: float
    second: float
    parameters: Span | None  #: 90 % range of the mean effect over the uncertain parameters, where the file has it
    chance: Span | None  #: 90 % range of the effect in one pair
    higher: float  #: share of the pairs in which the quantity is higher on the first side
    lower: float
    n: int
    n_differ: int
    constant: bool = False  #: whether it is the same in every pair
    sooner: float = math.nan
    ends: tuple[Span, Span] | None = None  #: Monte Carlo 95 % intervals of both ends of `chance`

    @property
    def nothing(self) -> bool:
        """Whether the quantity is the same in every pair."""
        return self.n_differ == 0 or (self.effect == 0 and self.higher == self.lower == 0)

    @property
    def clear(self) -> bool:
        """Whether the simulation tells the effect from zero: by its interval, or without one by enough pairs that all
        differ in one direction."""
        if self.interval is not None:
            return self.interval[0] > 0 or self.interval[1] < 0
        return min(self.higher, self.lower) == 0 and max(self.higher, self.lower) * self.n >= _ONE_WAY


def sort_of(values: xr.DataArray, unit: str) -> str:
    """What a quantity is, by its values [variant, replicate] and unit."""
    if unit == "probability":
        return PROBABILITY
    return FIRST_TIME if np.isinf(values.values).any() else MEAN


def effect(result: Result, summary: pd.DataFrame, quantity: str, contrast: Contrast) -> Effect:
    """The effect on `quantity`, from the file's summary and its replicates."""
    row, base = summary.loc[(quantity, contrast.variant)], summary.loc[(quantity, contrast.base)]
    values = estimates.ran(result.data)["quantity_value"].sel(quantity=quantity).load()
    sort = sort_of(values, str(row["unit"]))
    there, here = (values.sel(variant=name).values.astype(float) for name in contrast.sides)
    first, second = (row, base) if contrast.sign > 0 else (base, row)
    higher, lower = float((there > here).mean()), float((there < here).mean())
    if sort == FIRST_TIME:
        return _of_first_time(row, there, here, contrast.sign)
    gap = there - here
    spread = (float(np.quantile(gap, 0.05)), float(np.quantile(gap, 0.95))) if gap.size > 1 else None
    return Effect(
        sort=sort,
        effect=contrast.sign * float(row["difference"]),
        interval=_turned((float(row["difference_low"]), float(row["difference_high"])), contrast.sign),
        first=float(first["mean"]),
        second=float(second["mean"]),
        parameters=_turned(stored(row, "difference_parameters"), contrast.sign),
        chance=_turned(stored(row, "difference_chance"), contrast.sign) or spread,
        higher=higher,
        lower=lower,
        n=int(row["n"]),
        n_differ=int(row["n_differ"]),
        constant=bool(row["difference_sd"] == 0),
        ends=_ends(row, contrast.sign),
    )


def _ends(row: pd.Series, sign: int) -> tuple[Span, Span] | None:
    """The intervals of both ends of the range of single pairs; none if the replicates are too few."""
    low, high = (_turned(stored(row, f"difference_{q}"), sign) for q in ("q5", "q95"))
    if low is None or high is None:
        return None
    return (low, high) if sign > 0 else (high, low)


def _of_first_time(row: pd.Series, there: np.ndarray, here: np.ndarray, sign: int) -> Effect:
    """By the end of the period: the difference of the shares in which it comes."""
    came, comes = np.isfinite(here), np.isfinite(there)
    n, only, none = came.size, int((comes & ~came).sum()), int((came & ~comes).sum())
    return Effect(
        sort=FIRST_TIME,
        effect=(only - none) / n,
        interval=estimates.tango(only / n, none / n, n),
        first=float(comes.mean()),
        second=float(came.mean()),
        parameters=None,
        chance=None,
        higher=only / n,
        lower=none / n,
        n=n,
        n_differ=int(row["n_differ"]),
        sooner=-sign * float(row["difference"]),
    )


def stored(row: pd.Series, name: str) -> Span | None:
    """The ends `name`_low and `name`_high of a range in the file's summary; none if the file has no such range."""
    low, high = (float(row.get(f"{name}{end}", math.nan)) for end in ("_low", "_high"))
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _turned(span: Span | None, sign: int) -> Span | None:
    if span is None or not (math.isfinite(span[0]) and math.isfinite(span[1])):
        return None
    return span if sign > 0 else (-span[1], -span[0])


def reasons(result: Result, quantity: str, contrast: Contrast | None) -> xr.Dataset | None:
    """The uncertain parameters ranked by how far they move the effect, or without a contrast the level.

    As of `estimates.sensitivity`; none if nothing is drawn or too few replicates differ.
    """
    if "drawn" not in result.data or "point" in result.data.sizes:
        return None
    good = estimates.ran(result.data)
    values = good["quantity_value"].sel(quantity=quantity).load()
    sort = sort_of(values, str(result.data["quantity_unit"].sel(quantity=quantity).values))
    if sort == FIRST_TIME:
        values = xr.where(np.isfinite(values), 1.0, 0.0)
    if contrast is None:
        y = values.sel(variant=result.variants[0], drop=True)
    else:
        there, here = (values.sel(variant=name, drop=True) for name in contrast.sides)
        y = there - here
    if y.size < 20 or not float(y.std()) > 0 or min((y != y.values[0]).sum().item(), y.size) < 20:
        return None
    ranked = estimates.sensitivity(y, good["drawn"].load())
    if not ranked.sizes["parameter"]:
        return None
    if sort != MEAN:  # nothing that a change of probabilities could not be
        least = 0.0 if contrast is None else -1.0
        ranked = ranked.assign(low=ranked["low"].clip(least, 1.0), high=ranked["high"].clip(least, 1.0))
    return ranked
