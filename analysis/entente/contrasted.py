"""Two output files compared: their quantities, and what went into them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from entente.errors import NotStored

if TYPE_CHECKING:
    from entente.result import Result

#: Standard errors either side of a mean that make a 95 % interval.
_HALF = 1.959964


def compared(a: Result, b: Result, names: list[str]) -> pd.DataFrame:
    """Means of `names` in both files and `b` minus `a`, by quantity and variant (see `Result.compare`)."""
    ours, theirs = a.quantities(), b.quantities()
    variants = [name for name in a.variants if name in b.variants]
    if not variants:
        raise NotStored(f"{a.path} and {b.path} have no variant in common")
    paired = a.provenance().get("seed") == b.provenance().get("seed")
    rows = []
    for name in names:
        for variant in variants:
            x, y = ours[name].loc[variant].dropna(), theirs[name].loc[variant].dropna()
            rows.append({"quantity": name, "variant": variant} | _difference(x, y, paired))
    table = pd.DataFrame(rows)
    table.attrs = {"paired": paired, "parameters": changed(a, b)}
    return table


def _difference(x: pd.Series, y: pd.Series, paired: bool) -> dict[str, float]:
    both = x.index.intersection(y.index)
    with np.errstate(invalid="ignore"):  # of infinite first times there is no difference
        if paired and len(both) > 1:
            gap = y[both] - x[both]
            mean, error = gap.mean(), gap.std() / np.sqrt(len(gap))
        else:
            mean, error = y.mean() - x.mean(), math.nan
            if min(len(x), len(y)) > 1:
                error = np.sqrt(x.var() / len(x) + y.var() / len(y))
    return {
        "mean": x.mean(), "mean_other": y.mean(), "difference": mean,
        "difference_low": mean - _HALF * error, "difference_high": mean + _HALF * error,
    }  # fmt: skip


def changed(a: Result, b: Result) -> pd.DataFrame:
    """The numeric parameters of the scenarios that differ, or that one of them lacks: [path] x [value, other]."""
    ours, theirs = (pd.Series(each.provenance()["parameters"], dtype=float) for each in (a, b))
    both = pd.concat({"value": ours, "other": theirs}, axis=1).rename_axis("parameter")
    same = (both["value"] == both["other"]) | both.isna().all(axis=1)
    return both[~same]
