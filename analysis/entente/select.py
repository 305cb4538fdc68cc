"""Selects parts of an output file by name: ties in either order, dates of any year, clear errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from entente import times
from entente.errors import NotStored, UnknownName, chosen, unknown

#: Why a dimension may be missing from a file.
_REASONS = {
    "tie": "it stores no trajectories (the scenario's output.ties)",
    "flow": "it stores no trajectories (the scenario's output.ties)",
    "time": "it stores no trajectories (the scenario's output.ties)",
    "quantity": "its scenario names no quantities",
    "parameter": "its scenario has no uncertain parameters",
    "point": "it is a run's, and only a sweep has points",
    "group": "its scenario has no groups",
    "sector": "its scenario has no sectors",
    "metric_time": "it stores no metrics (the scenario's output.metrics)",
}
#: A date of a curve in a quantity's name.
_DATED = re.compile(r"(.+)@(\d{4}-\d\d-\d\d(?:T[\d:]+)?)")


def sel(data: xr.Dataset, **names: Any) -> xr.Dataset:
    """`data.sel(...)` that takes ties in either order, and the stored time nearest to a date.

    sel(data, tie="USA-KAZ", variant="base", time="2026-07-01")

    A list keeps the dimension, a single name drops it. `flow` is "A->B", exports of A to B; "A-B" is both flows of
    that tie. A slice, or any other selection, is passed to xarray unchanged. Raises UnknownName with suggestions, or
    NotStored if the file has no such dimension.
    """
    for dim, wanted in names.items():
        known = stored(data, dim)
        if isinstance(wanted, slice):
            data = data.sel({dim: wanted})
        elif dim == "time" or dim.endswith("_time"):
            single = np.ndim(wanted) == 0
            at = [times.nearest(known, each) for each in np.atleast_1d(np.asarray(wanted, dtype=object))]
            data = data.isel({dim: at[0] if single else at})
        else:
            data = data.sel({dim: _named(data, dim, wanted)})
    return data


def _named(data: xr.Dataset, dim: str, wanted: Any) -> Any:
    """Labels of `dim` for the request: one label, or a list."""
    known = stored(data, dim)
    if dim == "flow" and isinstance(wanted, str) and "->" not in wanted:
        return flows_of(known, wanted)
    by_name = {str(label): label for label in known}

    def one(name: object) -> Any:
        return by_name[tie_in(known, str(name)) if dim == "tie" else chosen(dim, name, known)]

    return one(wanted) if np.ndim(wanted) == 0 else [one(each) for each in wanted]


def stored(data: xr.Dataset | xr.DataArray, dim: str) -> list[Any]:
    """The labels along `dim`; raises NotStored with the reason if the file has none."""
    if dim not in data.sizes or dim not in data.coords:
        if dim not in _REASONS:
            raise UnknownName(unknown("dimension", dim, [str(each) for each in data.sizes]))
        raise NotStored(f"the file has no {dim}: {_REASONS[dim]}")
    return list(data.coords[dim].values)


def names(data: xr.Dataset | xr.DataArray, dim: str) -> list[str]:
    """The labels along `dim` as text; raises NotStored with the reason if there are none."""
    return [str(each) for each in stored(data, dim)]


def parts_of_quantity(name: str) -> tuple[str, str, str]:
    """The parts of a quantity's name, "NAME@DATE>NUMBER": its name, the date of a curve and the threshold, or ""."""
    rest, _, above = name.partition(">")
    found = _DATED.fullmatch(rest)
    return (found[1], found[2], above) if found else (rest, "", above)


def curves(data: xr.Dataset) -> dict[str, list[tuple[str, str]]]:
    """The quantities `NAME@DATE` of a file as (name, date), by the quantity that is the curve, in the file's order."""
    out: dict[str, list[tuple[str, str]]] = {}
    for each in (str(name) for name in data["quantity"].values) if "quantity" in data.coords else ():
        name, date, above = parts_of_quantity(each)
        if date:
            out.setdefault(name + (f">{above}" if above else ""), []).append((each, date))
    return out


def variable(data: xr.Dataset, name: str) -> xr.DataArray:
    """The variable `name`; raises NotStored with the reason if the file has none."""
    if name in data:
        return data[name]
    reasons = {
        "strength": _REASONS["tie"],
        "alignment": _REASONS["tie"],
        "trade": _REASONS["tie"],
        "quantity_value": _REASONS["quantity"],
        "drawn": _REASONS["parameter"],
    }
    if name in reasons:
        raise NotStored(f"the file has no {name}: {reasons[name]}")
    raise UnknownName(unknown("variable", name, [str(each) for each in data.data_vars]))


def of_run(data: xr.Dataset) -> xr.Dataset:
    """`data`; raises an error if it is from a sweep, because a figure of a run needs one point."""
    if "point" in data.sizes:
        last = data["point"].values[-1]
        raise ValueError(f"the file is a sweep's; choose one of its points, such as sel(point=0) (0 to {last})")
    return data


def tie_in(known: Iterable[object], tie: str) -> str:
    """The tie as the file names it, for either order of its actors: "KAZ-USA" for "USA-KAZ"."""
    names = [str(name) for name in known]
    if tie in names:
        return tie
    turned = "-".join(reversed(str(tie).split("-")))
    if turned in names:
        return turned
    raise UnknownName(unknown("tie", tie, names))


def flows_of(known: Iterable[object], tie: str) -> list[str]:
    """Both flows of a tie, in the order of its actors: ["KAZ->USA", "USA->KAZ"]."""
    names = [str(name) for name in known]
    a, dash, b = str(tie).partition("-")
    ways = [f"{a}->{b}", f"{b}->{a}"]
    if not dash or not set(ways) <= set(names):
        raise UnknownName(unknown("tie with trade", tie, [name.replace("->", "-") for name in names[::2]]))
    return sorted(ways)


def pair_of(tie: str) -> frozenset[str]:
    """The actors of a tie "A-B", or of a flow "A->B"."""
    return frozenset(tie.replace("->", "-").split("-"))


def several(names: str | Sequence[str]) -> list[str]:
    """A list, also if a single name is given."""
    return [names] if isinstance(names, str) else [str(name) for name in names]


def check_columns(events: pd.DataFrame, *names: str) -> None:
    """Raise ValueError unless the events have these columns."""
    if lacking := [name for name in names if name not in events]:
        raise ValueError(f"the events lack {', '.join(lacking)}; read them without `columns`, or with these among them")
