"""Conditions over time: when each was in force on which tie or actor, in each replicate."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from entente import times


def spells(text: str, variant: str) -> pd.DataFrame:
    """What `entente trace --conditions` printed, a row a spell: `variant`, `replicate`, `condition`, `place`, `start`,
    `end`.

    `place` is a tie, "KAZ-USA", of a directed condition "USA -> RUS", or an actor. A spell that lasts beyond the period has no `end`.
    """
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    out = pd.DataFrame({"variant": variant, "replicate": table["replicate"].astype("int64")})
    out[["condition", "place"]] = table[["condition", "place"]]
    for name, column in (("start", "from"), ("end", "until")):
        out[name] = times.for_users(np.array([times.moment(each or None) for each in table[column]], "datetime64[ms]"))
    return out


def at(table: pd.DataFrame, date: Any) -> pd.DataFrame:
    """The rows of `table` that are in force at `date`."""
    moment = times.moment(date)
    start, end = (times.as_numpy(table[name].to_numpy()) for name in ("start", "end"))
    return table[(start <= moment) & (np.isnat(end) | (end > moment))]


def shares(table: pd.DataFrame, moments: Any, replicates: int) -> xr.DataArray:
    """Share of `replicates` replicates in which each condition is in force: [condition and place, time].

    The first dimension, `spell`, is named "CONDITION PLACE".
    """
    dates = times.as_numpy(moments)
    named = (table["condition"] + " " + table["place"]).to_numpy(dtype=object)
    names = list(dict.fromkeys(named))
    share = np.zeros((len(names), len(dates)))
    start, end = (times.as_numpy(table[name].to_numpy()) for name in ("start", "end"))
    for i, name in enumerate(names):
        own = named == name
        holds = (start[own, None] <= dates) & (np.isnat(end[own, None]) | (end[own, None] > dates))
        share[i] = holds.sum(axis=0) / replicates
    coordinates = {"spell": names, "time": times.for_users(dates)}
    return xr.DataArray(share, dims=("spell", "time"), coords=coordinates, name="share of replicates")
