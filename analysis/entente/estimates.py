"""Estimates from a set of replicates: quantiles, paired differences, intervals, exceedance, sensitivity.

Plain functions on xarray objects. Replicates that stopped early are left out of every variant (see `ran`),
so that differences stay paired.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from entente.errors import chosen

#: Ends of the 90 % and the 50 % prediction interval, and the median.
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)


def ran(data: xr.Dataset) -> xr.Dataset:
    """`data` with the replicates that reached the end of the period in every variant, and at every point of a sweep.

    Reads `status` [variant, replicate] (0 = ran to the end); everything else stays lazy. Raises ValueError if no
    replicate did.
    """
    if "status" not in data:
        return data
    others = tuple(i for i, dim in enumerate(data["status"].dims) if dim != "replicate")
    good = (data["status"].values == 0).all(axis=others)
    if not good.any():
        where = "in every variant" + (" at every point; choose one, sel(point=...)" if "point" in data.sizes else "")
        raise ValueError(f"no replicate ran to the end of the period {where}")
    return data if good.all() else data.isel(replicate=np.flatnonzero(good))


def bands(x: xr.DataArray, probabilities: Sequence[float] = FAN) -> xr.DataArray:
    """Quantiles of `x` [..., replicate, ...] over replicates: [quantile, ...], in the unit of `x`.

    A stored value may be rounded (attributes `absolute_error` and `relative_error`). Equal rounded values count as
    spread evenly over the interval that is rounded to them, as for quantiles of grouped data, so that the quantiles
    change smoothly over time. If all replicates have the same value, the quantiles are that value.
    """
    _check(x, "replicate")
    spread = _unrounded(x)
    missing = bool(spread.isnull().any())  # quantiles that leave values out take several times longer
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN")  # a flow without trade has no quantiles
        out = spread.quantile(list(probabilities), dim="replicate", keep_attrs=True, skipna=missing)
    return out.rename(x.name)


def _unrounded(x: xr.DataArray) -> xr.DataArray:
    """`x` sorted along replicate, equal values spread over the interval that is rounded to them."""
    if not {"absolute_error", "relative_error"} & set(x.attrs):
        return x
    axis = x.get_axis_num("replicate")
    values = np.sort(np.moveaxis(x.values, axis, 0).astype(float), axis=0)
    if "absolute_error" in x.attrs:
        step = np.full_like(values, 2 * float(x.attrs["absolute_error"]))
    else:  # a mantissa of fewer bits
        step = float(x.attrs["relative_error"]) * np.exp2(np.frexp(values)[1])
    place = np.arange(values.shape[0]).reshape(-1, *[1] * (values.ndim - 1))
    begins = np.ones(values.shape, dtype=bool)
    begins[1:] = values[1:] != values[:-1]
    ends = np.roll(begins, -1, axis=0)
    ends[-1] = True
    first = np.maximum.accumulate(np.where(begins, place, 0), axis=0)
    last = np.minimum.accumulate(np.where(ends, place, values.shape[0])[::-1], axis=0)[::-1]
    within = (place - first + 0.5) / (last - first + 1) - 0.5
    agree = values[:1] == values[-1:]
    return x.copy(data=np.moveaxis(np.where(agree, values, values + step * within), 0, axis))


def quantile_ranks(n: int, probability: float, level: float = 0.95) -> tuple[int, int] | None:
    """Ranks, from 0, of the two order statistics of `n` values that hold the quantile with at least `level`.

    Exact for every distribution, by the binomial distribution of how many values lie below the quantile; each side
    misses with half of the rest at most. None if `n` is too small. As `summary/quantiles_low` of an output file.
    """
    k = np.arange(n + 1)
    lgamma = np.vectorize(math.lgamma, otypes=[float])
    log = math.lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    below = np.cumsum(np.exp(log + k * math.log(probability) + (n - k) * math.log1p(-probability)))
    rest = (1 - level) / 2
    low, high = int(np.searchsorted(below, rest, side="right")) - 1, int(np.searchsorted(below, 1 - rest))
    return (low, high) if low >= 0 and high < n else None


def difference(x: xr.DataArray, base: str | None = None) -> xr.DataArray:
    """Every other variant minus `base` (the first one by default), replicate by replicate.

    `x` [variant, replicate, ...]; returns [variant without base, replicate, ...] in the unit of `x`. Replicate r has
    common random numbers in all variants, so most of the noise cancels.
    """
    base, others = _base_and_others(x, base)
    out = x.sel(variant=others) - x.sel(variant=base, drop=True)
    out.attrs = {name: value for name, value in x.attrs.items() if not name.endswith("_error")}
    return out.rename(x.name)


def _base_and_others(x: xr.DataArray, base: str | None) -> tuple[str, list[object]]:
    _check(x, "variant", "replicate")
    names = list(x["variant"].values)
    known = chosen("variant", names[0] if base is None else base, names)
    return known, [name for name in names if str(name) != known]


def _check(x: xr.DataArray, *dims: str) -> None:
    """Raise ValueError unless `x` has these dimensions and none is empty."""
    lacking = [dim for dim in dims if not x.sizes.get(dim)]
    if lacking:
        there = ", ".join(str(dim) for dim in x.dims) or "none"
        raise ValueError(f"an array with {' and '.join(dims)} is required; this one has the dimensions {there}")


def interval(x: xr.DataArray, level: float = 0.95) -> xr.Dataset:
    """Mean over replicates and its Monte Carlo interval.

    Returns `mean`, `low`, `high`, `sd` [...] in the unit of `x`. The interval is the numerical error of the mean,
    which more replicates reduce. It is not the spread of the replicates: for that, see `bands`.
    """
    _check(x, "replicate")
    n = x.notnull().sum("replicate")
    mean = x.mean("replicate")
    sd = np.sqrt(_variance(x))
    half = NormalDist().inv_cdf(0.5 + level / 2) * sd / np.sqrt(n)
    out = xr.Dataset({"mean": mean, "low": mean - half, "high": mean + half, "sd": sd})
    for name in out.data_vars:
        out[name].attrs = dict(x.attrs)
    return out


def variance_reduction(x: xr.DataArray, base: str | None = None) -> xr.DataArray:
    """How many times more replicates an unpaired comparison would need for the same interval.

    `x` [variant, replicate, ...]; returns [variant without base, ...], a ratio of variances.
    """
    base, names = _base_and_others(x, base)
    others = x.sel(variant=names)
    unpaired = _variance(others) + _variance(x.sel(variant=base, drop=True))
    paired = _variance(difference(x, base))
    with np.errstate(divide="ignore", invalid="ignore"):  # pairs that differ by a constant: infinity
        return (unpaired / paired).rename("variance_reduction")


def _variance(x: xr.DataArray) -> xr.DataArray:
    """Over replicates, with n - 1; missing where there are fewer than two values."""
    n = x.notnull().sum("replicate")
    return ((x - x.mean("replicate")) ** 2).sum("replicate") / (n - 1).where(n > 1)


def exceedance(x: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted values of `x` [replicate] and the share of replicates at or above each of them.

    `wilson` gives the Monte Carlo interval of such a share.
    """
    values = np.sort(np.asarray(x.values, dtype=float).ravel())
    values = values[~np.isnan(values)]
    return values, 1.0 - np.arange(values.size) / max(values.size, 1)


def sensitivity(
    quantity: xr.DataArray, drawn: xr.DataArray, low: float = 0.05, high: float = 0.95
) -> xr.Dataset:
    """The effect of each uncertain parameter on a quantity, from the draws of one run.

    `quantity` [replicate], `drawn` [replicate, parameter]. The function regresses the quantity on the rank of each
    parameter, one at a time: of parameters that are drawn jointly, the effect of one includes what it tells about the
    others, and their shares overlap. It uses least squares, or logistic regression if the
    quantity is 0 or 1 in every replicate, so that all probabilities lie in [0, 1]. Returns, along `parameter`: `low`
    and `high`, the expected quantity with the parameter at its 5th and 95th percentile; `standard_error` of their
    difference; `share`, the share of the quantity's variance that the rank explains linearly (0 to 1). Parameters that
    did not vary are left out. The result is sorted by share, the largest first.
    """
    _check(quantity, "replicate")
    _check(drawn, "replicate", "parameter")
    y = np.asarray(quantity.values, dtype=float)
    table = np.asarray(drawn.transpose("replicate", "parameter").values, dtype=float)
    keep = np.isfinite(y) & np.isfinite(table).all(axis=1)
    y, table = y[keep], table[keep]
    varies = np.ptp(table, axis=0) > 0 if y.size else np.zeros(table.shape[1], dtype=bool)
    names = drawn["parameter"].values[varies]
    if y.size < 3:
        raise ValueError(f"sensitivity needs three replicates or more, there are {y.size}")

    ranks = (table[:, varies].argsort(axis=0).argsort(axis=0) + 0.5) / y.size
    centred = ranks - 0.5
    residual = y - y.mean()
    slope = centred.T @ residual / (centred**2).sum(axis=0)
    rest = residual[:, None] - centred * slope
    total = (residual**2).sum()
    share = 1 - (rest**2).sum(axis=0) / total if total > 0 else np.zeros(names.size)
    if total > 0 and np.isin(y, (0.0, 1.0)).all():
        ends = [_logistic(y, column, low - 0.5, high - 0.5) for column in centred.T]
        at_low, at_high, error = np.array(ends).reshape(-1, 3).T
    else:
        at_low, at_high = (y.mean() + slope * (end - 0.5) for end in (low, high))
        error = (high - low) * np.sqrt((rest**2).sum(axis=0) / (y.size - 2) / (centred**2).sum(axis=0))
    order = np.argsort(-share, kind="stable")
    columns = {"low": at_low, "high": at_high, "standard_error": error, "share": share}
    out = xr.Dataset(
        {name: ("parameter", values[order]) for name, values in columns.items()},
        coords={"parameter": names[order]},
    )
    out.attrs = {"mean": float(y.mean()), **quantity.attrs}
    return out


def _logistic(y: np.ndarray, x: np.ndarray, low: float, high: float) -> tuple[float, float, float]:
    """Probabilities of `y` = 1 at `x` = `low` and `high`, and the standard error of their difference.

    Logistic regression with Firth's penalty (1993), which is finite for rare and for separated outcomes too.
    """
    design = np.column_stack([np.ones_like(x), x])
    beta, cov = np.zeros(2), np.eye(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-design @ beta))
        weight = p * (1 - p)
        cov = np.linalg.inv(design.T @ (design * weight[:, None]) + 1e-9 * np.eye(2))
        leverage = weight * np.einsum("ij,jk,ik->i", design, cov, design)
        step = cov @ (design.T @ (y - p + leverage * (0.5 - p)))
        beta = beta + step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    at = np.array([[1.0, low], [1.0, high]])
    p = 1 / (1 + np.exp(-at @ beta))
    slope = (p * (1 - p))[:, None] * at
    gap = slope[1] - slope[0]
    return float(p[0]), float(p[1]), float(np.sqrt(gap @ cov @ gap))


#: The Kolmogorov-Smirnov distance times the root of n that is exceeded in 5 % of large samples.
KOLMOGOROV = 1.358


def wilson(share: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Ends of Wilson's 95 % interval of a probability, for a `share` of `n` cases; they lie in [0, 1]."""
    p, count = np.asarray(share, dtype=float), np.asarray(n, dtype=float)
    z = NormalDist().inv_cdf(0.975)
    middle = (p + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(p * (1 - p) / count + z**2 / (4 * count**2))
    return np.minimum(middle - half, p), np.maximum(middle + half, p)


def tango(rises: float, falls: float, n: int) -> tuple[float, float]:
    """Ends of Tango's 95 % interval of `rises` - `falls`, the shares of `n` pairs that differ one way and the other.

    It is the interval that the program gives differences of probabilities (`sim/stats/interval.h`).
    """
    z, gap = NormalDist().inv_cdf(0.975), rises - falls

    def score(difference: float) -> float:
        free = difference * (1 - difference)
        b = (2 - gap) * difference - rises - falls
        share = (math.sqrt(max(b * b + 8 * falls * free, 0.0)) - b) / 4
        return (gap - difference) * math.sqrt(n) / math.sqrt(max(2 * share + free, 1e-300))

    def at(level: float, high: float, low: float) -> float:
        for _ in range(53):
            middle = (high + low) / 2
            high, low = (middle, low) if score(middle) > level else (high, middle)
        return (high + low) / 2

    return at(z, -1.0, gap), at(-z, gap, 1.0)


def reliability(forecast: ArrayLike, outcome: ArrayLike, bins: int = 10) -> xr.Dataset:
    """Observed frequency of an event by its forecast probability (calibration).

    `forecast` [case] in [0, 1], `outcome` [case] 0 or 1. Cases are sorted by forecast and divided into `bins` of equal
    number; cases with the same forecast stay together. Returns, along `bin`: `n`; `forecast`, the mean forecast;
    `observed`, the share of cases with the event, with its 95 % interval `low`, `high` (Wilson's).
    """
    p, y = np.asarray(forecast, dtype=float), np.asarray(outcome, dtype=float)
    if p.shape != y.shape or p.ndim != 1 or p.size == 0:
        raise ValueError(f"reliability needs as many outcomes as forecasts, not {p.shape} and {y.shape}")
    if not (((p >= 0) & (p <= 1)).all() and np.isin(y, (0, 1)).all()):
        raise ValueError("reliability needs probabilities from 0 to 1, and outcomes that are 0 or 1")
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]))
    index = np.unique(np.searchsorted(edges, p), return_inverse=True)[1]
    n = np.bincount(index)
    share = np.bincount(index, y) / n
    low, high = wilson(share, n)
    return xr.Dataset(
        {
            "n": ("bin", n),
            "forecast": ("bin", np.bincount(index, p) / n),
            "observed": ("bin", share),
            "low": ("bin", low),
            "high": ("bin", high),
        }
    )


def against_exponential(residuals: ArrayLike) -> xr.Dataset:
    """Residuals [event] and their expectation under the exponential distribution with mean 1.

    Returns, along `order`: the sorted residuals as `observed`; `expected`, the means of the order statistics; `low`
    and `high`, an interval that contains each order statistic in 95 % of such samples (by simulation with a fixed
    seed). The attribute `distance` is the Kolmogorov-Smirnov distance times the root of n.
    """
    x = np.sort(np.asarray(residuals, dtype=float))
    if x.size < 2 or not (np.isfinite(x) & (x >= 0)).all():
        raise ValueError("residuals are two numbers or more, none of them negative")
    n = x.size
    expected = np.cumsum(1 / np.arange(n, 0, -1))
    # Gaps between exponential order statistics are exponential too: no sorting is needed.
    draws = np.random.default_rng(1).exponential(size=(max(200, min(1000, 2_000_000 // n)), n))
    low, high = np.quantile(np.cumsum(draws / np.arange(n, 0, -1), axis=1), [0.025, 0.975], axis=0)
    law, step = 1 - np.exp(-x), np.arange(n + 1) / n
    distance = np.sqrt(n) * max((step[1:] - law).max(), (law - step[:-1]).max())
    columns = {"observed": x, "expected": expected, "low": low, "high": high}
    return xr.Dataset({name: ("order", values) for name, values in columns.items()}, attrs={"distance": distance})
