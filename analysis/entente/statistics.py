"""What a set of replicates says: bands, paired differences, intervals, exceedance, sensitivity.

Plain functions on xarray objects. Replicates that stopped early are left out of every variant (see `ran`),
so that differences stay paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

#: Edges of the 90 % and the 50 % band, and the median.
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)


def ran(data: xr.Dataset) -> xr.Dataset:
    """`data` with the replicates that reached the end of the period in every variant.

    Reads `status` [variant, replicate] (0 = ran to the end); everything else stays lazy.
    """
    if "status" not in data:
        return data
    good = (data["status"].values == 0).all(axis=data["status"].get_axis_num("variant"))
    return data if good.all() else data.isel(replicate=np.flatnonzero(good))


def bands(x: xr.DataArray, probabilities: Sequence[float] = FAN) -> xr.DataArray:
    """Quantiles of `x` [..., replicate, ...] over replicates: [quantile, ...], in the unit of `x`."""
    missing = bool(x.isnull().any())  # quantiles that leave values out take several times longer
    out = x.quantile(list(probabilities), dim="replicate", keep_attrs=True, skipna=missing)
    return out.rename(x.name)


def difference(x: xr.DataArray, base: str | None = None) -> xr.DataArray:
    """Every other variant minus `base` (the first one by default), replicate by replicate.

    `x` [variant, replicate, ...]; returns [variant without base, replicate, ...] in the unit of `x`.
    Replicate r of two variants shares its random numbers, so most of the noise cancels.
    """
    base = base or str(x["variant"].values[0])
    others = [name for name in x["variant"].values if name != base]
    out = x.sel(variant=others) - x.sel(variant=base, drop=True)
    out.attrs = dict(x.attrs)
    return out.rename(x.name)


def interval(x: xr.DataArray, level: float = 0.95) -> xr.Dataset:
    """Mean over replicates and its Monte Carlo interval.

    Returns `mean`, `low`, `high`, `sd` [...] in the unit of `x`. The interval says how well the mean is
    computed from so many replicates, not how far apart the futures lie: for that, see `bands`.
    """
    n = x.notnull().sum("replicate")
    mean = x.mean("replicate")
    sd = x.std("replicate", ddof=1)
    half = NormalDist().inv_cdf(0.5 + level / 2) * sd / np.sqrt(n)
    out = xr.Dataset({"mean": mean, "low": mean - half, "high": mean + half, "sd": sd})
    for name in out.data_vars:
        out[name].attrs = dict(x.attrs)
    return out


def variance_reduction(x: xr.DataArray, base: str | None = None) -> xr.DataArray:
    """How many times more replicates an unpaired comparison would need for the same interval.

    `x` [variant, replicate, ...]; returns [variant without base, ...], a ratio of variances.
    """
    base = base or str(x["variant"].values[0])
    others = x.sel(variant=[name for name in x["variant"].values if name != base])
    unpaired = others.var("replicate", ddof=1) + x.sel(variant=base, drop=True).var("replicate", ddof=1)
    paired = difference(x, base).var("replicate", ddof=1)
    return (unpaired / paired).rename("variance_reduction")


def exceedance(x: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted values of `x` [replicate] and the share of replicates at or above each of them."""
    values = np.sort(np.asarray(x.values, dtype=float).ravel())
    values = values[~np.isnan(values)]
    return values, 1.0 - np.arange(values.size) / max(values.size, 1)


def sensitivity(
    quantity: xr.DataArray, drawn: xr.DataArray, low: float = 0.05, high: float = 0.95
) -> xr.Dataset:
    """What each uncertain parameter does to a quantity, from the draws of one run.

    `quantity` [replicate], `drawn` [replicate, parameter]. The quantity is regressed on each parameter's
    rank (parameters are drawn independently of one another). Returns, along `parameter`: `low` and `high`,
    the quantity expected where the parameter is at its 5th and 95th percentile; `standard_error` of their
    difference; `share`, the part of the quantity's variance that goes with the rank (0 to 1). Parameters
    that did not vary are left out; sorted by share, the largest first.
    """
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
    error = np.sqrt((rest**2).sum(axis=0) / (y.size - 2) / (centred**2).sum(axis=0))
    total = (residual**2).sum()
    share = 1 - (rest**2).sum(axis=0) / total if total > 0 else np.zeros(names.size)
    order = np.argsort(-share, kind="stable")
    along = {"parameter": names[order]}
    out = xr.Dataset(
        {
            "low": ("parameter", (y.mean() + slope * (low - 0.5))[order]),
            "high": ("parameter", (y.mean() + slope * (high - 0.5))[order]),
            "standard_error": ("parameter", (error * (high - low))[order]),
            "share": ("parameter", share[order]),
        },
        coords=along,
    )
    out.attrs = {"mean": float(y.mean()), **quantity.attrs}
    return out


#: The Kolmogorov-Smirnov distance times the root of n that is exceeded in 5 % of large samples.
KOLMOGOROV = 1.358


def reliability(forecast: ArrayLike, outcome: ArrayLike, bins: int = 10) -> xr.Dataset:
    """How often it happened, by the probability it was forecast with.

    `forecast` [case] in [0, 1], `outcome` [case] 0 or 1. Cases are sorted by forecast and cut into `bins`
    of equal number; cases with the same forecast stay together. Returns, along `bin`: `n`; `forecast`, the
    mean; `observed`, the share that happened, with its 95 % interval `low`, `high` (Wilson's).
    """
    p, y = np.asarray(forecast, dtype=float), np.asarray(outcome, dtype=float)
    if p.shape != y.shape or p.ndim != 1 or p.size == 0:
        raise ValueError(f"reliability wants as many outcomes as forecasts, not {p.shape} and {y.shape}")
    if not (((p >= 0) & (p <= 1)).all() and np.isin(y, (0, 1)).all()):
        raise ValueError("reliability wants probabilities from 0 to 1, and outcomes that are 0 or 1")
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]))
    index = np.unique(np.searchsorted(edges, p), return_inverse=True)[1]
    n = np.bincount(index)
    share = np.bincount(index, y) / n
    z = NormalDist().inv_cdf(0.975)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return xr.Dataset(
        {
            "n": ("bin", n),
            "forecast": ("bin", np.bincount(index, p) / n),
            "observed": ("bin", share),
            "low": ("bin", np.minimum(middle - half, share)),
            "high": ("bin", np.maximum(middle + half, share)),
        }
    )


def against_exponential(residuals: ArrayLike) -> xr.Dataset:
    """Residuals [event] beside what an exponential law of mean 1 leads to expect.

    Returns, along `order`: the sorted residuals as `observed`; `expected`, the means of the order
    statistics; `low` and `high`, between which each lies in 95 % of such samples (by simulation from a
    fixed seed). The attribute `distance` is the Kolmogorov-Smirnov distance times the root of n.
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
