"""Reads the groups of an output file that xarray does not open with its root: events, summary, provenance."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import product
from typing import Any

import h5py
import numpy as np
import pandas as pd
import xarray as xr

from entente import times
from entente.errors import NotStored, UnknownName, chosen, unknown
from entente.select import several

Array = np.ndarray[Any, Any]

# Where the names of a column of ids stand: a coordinate of the file's root.
_NAMES = {"kind": "kind", "initiator": "actor", "target": "actor", "group": "group", "sector": "sector"}

#: The columns that tell what is on a calendar.
_CALENDAR = ("time", "kind", "initiator", "target", "group", "role", "status", "cause", "parent", "summit")

#: Events that are looked at together.
_BLOCK = 4_000_000


def events(
    file: h5py.File,
    data: xr.Dataset,
    variant: str = "base",
    replicate: int | Sequence[int] | None = 0,
    columns: Sequence[str] | None = None,
    point: int = 0,
) -> pd.DataFrame:
    """The events of some replicates of one variant, at one point of a sweep (see `Result.events`)."""
    log = _log(file)
    v = _position("variant", variant, data)
    wanted = _replicates(data, replicate)
    place = _place(data, v, point)
    offset, count = log["offset"][place][wanted], log["count"][place][wanted]
    spans = _spans(offset, count)
    table: dict[str, Any] = {"point": point} if "point" in data.sizes else {}
    table |= {"variant": str(variant), "replicate": np.repeat(data["replicate"].values[wanted], count)}
    for name in _columns(log, columns):
        table[name] = _decoded(_read(log[name], spans), name, log[name].attrs, data)
    return pd.DataFrame(table, index=pd.Index(_rows(count), name="row"))


def calendar(file: h5py.File, data: xr.Dataset, point: int = 0, most: int | None = None) -> pd.DataFrame:
    """The scheduled events of the first `most` replicates, and the participants (see `Result.calendar`)."""
    log = _log(file)
    scheduled = plain(log["cause"].attrs["flag_meanings"]).split().index("calendar")
    place = _place(data, slice(None), point)
    offsets, counts = log["offset"][place][:, :most], log["count"][place][:, :most]
    shape, offset, count = offsets.shape, offsets.ravel(), counts.ravel()
    order = np.argsort(offset, kind="stable")
    columns = _columns(log, _CALENDAR)
    raw: dict[str, list[Array]] = {name: [] for name in ("owner", "row", *columns)}
    for some in _blocks(count[order]):
        own = order[some]
        spans = _spans(offset[own], count[own])
        hit = np.flatnonzero((_read(log["cause"], spans) == scheduled) | (_read(log["summit"], spans) >= 0))
        raw["owner"].append(np.repeat(own, count[own])[hit])
        raw["row"].append(_rows(count[own])[hit])
        for name in columns:
            raw[name].append(_read(log[name], spans)[hit])
    whole = {name: np.concatenate(parts) for name, parts in raw.items()}
    order = np.lexsort((whole["row"], whole["owner"]))  # variant by variant, replicate by replicate
    v, r = np.unravel_index(whole["owner"][order], shape)
    variants = np.array([str(name) for name in data["variant"].values], dtype=object)
    table = {"variant": variants[v], "replicate": data["replicate"].values[r]}
    table |= {name: _decoded(whole[name][order], name, log[name].attrs, data) for name in columns}
    return pd.DataFrame(table, index=pd.Index(whole["row"][order], name="row"))


def summary(path: str | os.PathLike[str]) -> pd.DataFrame:
    """The summary of quantities in the file at `path` (see `Result.summary`)."""
    with xr.open_dataset(path, group="summary", engine="h5netcdf", decode_times=False) as stored:
        if "quantity" not in stored.sizes:
            raise NotStored(f"{path} has no quantities: its scenario names none")
        along = [dim for dim in ("point", "quantity", "variant") if dim in stored.sizes]
        table = xr.Dataset({name: x for name, x in stored.items() if set(x.dims) == set(along)})
        for probability in stored["probability"].values:
            for of, end in product(("", "difference_"), ("", "_low", "_high")):
                if f"{of}quantiles{end}" in stored:
                    one = stored[f"{of}quantiles{end}"].sel(probability=probability, drop=True)
                    table[f"{of}q{100 * probability:g}{end}"] = one
        frame = table.to_dataframe(dim_order=along)
        for name in ("unit", "label"):
            texts = stored[f"quantity_{name}"].to_series()
            frame.insert(0, name, texts.reindex(frame.index.get_level_values("quantity")).to_numpy())
    return frame


def provenance(file: h5py.File) -> dict[str, Any]:
    """How the file was made (see `Result.provenance`)."""
    if "provenance" not in file:
        return {}
    group = file["provenance"]
    out: dict[str, Any] = {name: plain(value) for name, value in group.attrs.items()}
    texts = {name: plain(item[()]) for name, item in group.items() if isinstance(item, h5py.Dataset)}
    for name, keys, values in (
        ("files", "file", "file_text"),
        ("parameters", "parameter", "parameter_value"),
    ):
        if keys in texts and values in texts:
            out[name] = dict(zip(texts.pop(keys), texts.pop(values), strict=False))
    return out | texts


def _log(file: h5py.File) -> h5py.Group:
    if "events" not in file:
        raise NotStored(
            f"{file.filename} holds no events: the scenario's output.events is off, or it is a sweep's without"
            " --everything"
        )
    return file["events"]


def _position(dim: str, name: object, data: xr.Dataset) -> int:
    names = [str(each) for each in data[dim].values]
    return names.index(chosen(dim, name, names))


def _place(data: xr.Dataset, variant: int | slice, point: int) -> tuple[int | slice, ...]:
    """Positions of replicates in `offset` and `count`: those of a variant, or of a slice of variants."""
    if "point" in data.sizes:
        return (_position("point", point, data), variant)
    if point:
        raise UnknownName(f"no point {point!r}: the file is a run's, and only a sweep has points")
    return (variant,)


def _replicates(data: xr.Dataset, replicate: int | Sequence[int] | None) -> Array:
    """Positions of the requested replicates."""
    known = data["replicate"].values
    if replicate is None:
        return np.arange(known.size)
    asked = np.atleast_1d(np.asarray(replicate))
    if asked.dtype.kind not in "iu":
        raise UnknownName(f"no replicate {replicate!r}; there are {known[0]} to {known[-1]}")
    wanted = np.flatnonzero(np.isin(known, asked))
    if wanted.size != np.unique(asked).size:
        raise UnknownName(f"no replicate {replicate}; there are {known[0]} to {known[-1]}")
    return wanted


def _columns(log: h5py.Group, asked: Sequence[str] | None) -> list[str]:
    """The requested columns of the log, in the file's order."""
    length = log["time"].shape
    known = [name for name, column in log.items() if column.shape == length and name != "event"]
    if asked is None:
        return known
    for name in several(asked):
        if name not in known:
            raise UnknownName(unknown("column", name, known))
    return [name for name in known if name in several(asked)]


def _spans(offset: Array, count: Array) -> list[slice]:
    """The rows from each `offset` on, `count` of them; neighbours are read at once."""
    spans: list[slice] = []
    for first, n in zip(offset.tolist(), count.tolist(), strict=True):
        if spans and spans[-1].stop == first:
            spans[-1] = slice(spans[-1].start, first + n)
        else:
            spans.append(slice(first, first + n))
    return spans


def _read(column: h5py.Dataset, spans: Sequence[slice]) -> Array:
    """The values in all of `spans`; if two are close to each other, reads the values between them too."""
    if not spans:
        return column[:0]
    low, high = min(span.start for span in spans), max(span.stop for span in spans)
    if len(spans) > 1 and high - low <= 16 * sum(span.stop - span.start for span in spans):
        between = column[low:high]
        return np.concatenate([between[span.start - low : span.stop - low] for span in spans])
    return np.concatenate([column[span] for span in spans])


def _rows(count: Array) -> Array:
    """Row of each event in the log of its replicate."""
    return np.concatenate([np.arange(n) for n in count]) if count.size else np.arange(0)


def _blocks(count: Array) -> list[Array]:
    """Positions of replicates, in blocks of about _BLOCK events."""
    return np.split(np.arange(count.size), np.flatnonzero(np.diff(np.cumsum(count) // _BLOCK)) + 1)


def _decoded(values: Array, column: str, attributes: h5py.AttributeManager, data: xr.Dataset) -> Any:
    """Values of a column of the log: names for ids, dates for days."""
    if column in _NAMES:
        names: Any = data[_NAMES[column]].values if _NAMES[column] in data.coords else ()
        return pd.Categorical.from_codes(values, [str(name) for name in names])
    if "flag_meanings" in attributes:
        return pd.Categorical.from_codes(values, plain(attributes["flag_meanings"]).split())
    units = str(plain(attributes.get("units", "")))
    if units.startswith("days since "):
        return times.for_users(times.of_days(values, units))
    return values


def plain(value: Any) -> Any:
    """A value of HDF5 as Python has it: str for bytes, int and float for scalars, lists for arrays."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value] if value.dtype == object else value.tolist()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value.item() if isinstance(value, np.generic) else value
