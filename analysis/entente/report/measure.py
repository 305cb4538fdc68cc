"""A size one knows, to hold an effect against: one event, or an ordinary month."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, NamedTuple

import numpy as np

from entente import estimates, times
from entente.report.courses.course import state_of
from entente.report.labels import Names
from entente.report.wording import period
from entente.result import Result

#: Replicates whose events are looked at, and events of a type that its mean needs.
_SOME, _ENOUGH = 200, 20
_MONTH = 30.4375
_COLUMNS = ["kind", "initiator", "target", "role", "level", "status", "cause", "effect"]


class Known(NamedTuple):
    """A size from the file, in the quantity's unit."""

    size: float
    what: str  #: what is of that size: "one G20 summit moves it by {}"
    thing: str  #: in a comparison: "one G20 summit"


def known_sizes(
    result: Result, entry: Mapping[str, Any], names: Names, mean: float, apart: Set[str], effect: float
) -> list[Known]:
    """Sizes to hold an effect against; empty where the file has none.

    `mean` is the quantity's in the base. The event type moves it in the direction of `effect`, and is none of those
    `apart`, because the effect is theirs.
    """
    if "point" in result.data.sizes or {"take", "combine"} & set(entry):
        return []
    start, end = period(result.data)
    months = float((end - start) / np.timedelta64(1, "D")) / _MONTH
    if {"count", "sum"} & set(entry) and not {"above", "below", "from", "until"} & set(entry):
        return [Known(abs(mean) / months, "in an ordinary month there are {}", "an ordinary month’s")] if mean else []
    x = state_of(result, entry)
    if x is None or {"above", "below"} & set(entry):
        return []
    found = _largest_event(result, str(entry["strength"]), names, apart, effect) if "strength" in entry else None
    days = (times.as_numpy(x["time"].values) - start) / np.timedelta64(1, "D")
    ahead = np.searchsorted(days, days + _MONTH - 1e-6)
    there = np.flatnonzero(ahead < days.size)
    out = [found] if found else []
    if there.size:
        values = x.isel(variant=0).load().values.astype(float)
        moved = float(np.nanmedian(np.abs(values[:, ahead[there]] - values[:, there])))
        if moved > 0:
            out.append(Known(moved, "in an ordinary month it moves by {}, up or down", "an ordinary month’s movement"))
    return out


def _largest_event(result: Result, tie: str, names: Names, apart: Set[str], effect: float) -> Known | None:
    """The event type that moves the tie most on its day, in the base."""
    if not result.has_events:
        return None
    some = [int(r) for r in estimates.ran(result.data)["replicate"].values[:_SOME]]
    log = result.events(result.variants[0], some, columns=_COLUMNS)
    pair = tie.replace(" ", "").replace("->", "-").split("-")
    log = log[log["initiator"].isin(pair) & log["target"].isin(pair) & (log["status"] == "held")]
    log = log[(log["cause"] != "history") & ~log["kind"].astype(str).isin(list(apart))].reset_index(drop=True)
    # What a reader knows best: a summit, then what leaders do, then anything.
    for known in (log["role"].isin(["member", "guest"]), log["level"] == "leader", log["level"].notna()):
        by_kind = log[known].groupby(log["kind"].astype(str))["effect"].agg(["mean", "size"])
        by_kind = by_kind[(by_kind["size"] >= _ENOUGH) & (by_kind["mean"] * effect > 0)]
        if len(by_kind):
            break
    else:
        return None
    kind = str(by_kind["mean"].abs().idxmax())
    size, name = float(by_kind.loc[kind, "mean"]), names.kind(kind)
    way = "raises" if size > 0 else "lowers"
    one = f"one event of the type “{name}”" if name.endswith("s") else f"one {name}"  # a name may be a plural
    return Known(abs(size), f"{one} {way} it by {{}} on its day", one)
