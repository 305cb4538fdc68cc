"""One output file of the program, opened lazily."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from entente import plot, seal
from entente.causes import Tree, forest

#: Major version of the output format this package reads.
SCHEMA = "2"

# Where the names of a column of ids stand: a coordinate of the file's root.
_NAMES = {"kind": "kind", "initiator": "actor", "target": "actor", "group": "group", "sector": "sector"}


def open(path: str | os.PathLike[str], whole: bool = False) -> Result:
    """The output file at `path`, opened for reading; nothing but its coordinates is read yet.

    Raises ValueError if the file is not as the program wrote it (see `entente.seal.check`); `whole` has every byte
    of it compared, however large it is.
    """
    return Result(path, whole)


class Result:
    """An output file. Use as a context manager, or call `close`, to let go of it.

    `data` is the root group as an `xarray.Dataset`, lazy: `strength`, `alignment` [variant, replicate,
    time, tie] in [-1, 1]; `trade` [variant, replicate, time, flow] in USD a year; `quantity_value`
    [variant, replicate, quantity]; `event_count` [variant, replicate, kind]; `drawn` [replicate,
    parameter]; `status` [variant, replicate]; in a sweep, all of them by `point` first.
    docs/output-format.md has the whole of it.
    """

    def __init__(self, path: str | os.PathLike[str], whole: bool = False) -> None:
        """Open the file at `path`."""
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"no such file: {self.path}")
        seal.check(self.path, whole)
        try:
            self.data: xr.Dataset = xr.open_dataset(self.path, engine="h5netcdf")
        except OSError as error:
            raise ValueError(f"{self.path} is no HDF5 file, or was not written to its end") from error
        schema = str(self.data.attrs.get("entente_schema", "none"))
        if schema.split(".")[0] != SCHEMA:
            self.data.close()
            raise ValueError(
                f"{self.path} is no output file of entente {SCHEMA}.x (entente_schema: {schema})"
            )

    def __enter__(self) -> Result:
        """Return itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Let go of the file; what was not read yet can no longer be."""
        self.data.close()

    def __repr__(self) -> str:
        """File, title, and what it holds."""
        shown = {
            "point": "points",
            "variant": "variants",
            "replicate": "replicates",
            "time": "times",
            "tie": "ties",
        }
        sizes = ", ".join(
            f"{self.data.sizes[dim]:,} {s}" for dim, s in shown.items() if dim in self.data.sizes
        )
        return f"<entente {self.path}: {self.data.attrs.get('title', '')}; {sizes}>"

    @property
    def variants(self) -> list[str]:
        """Names of the variants, `base` first."""
        return [str(name) for name in self.data["variant"].values]

    @property
    def has_events(self) -> bool:
        """Whether the file holds the log of events."""
        with h5py.File(self.path) as file:
            return "events" in file

    def events(
        self,
        variant: str = "base",
        replicate: int | Sequence[int] | None = 0,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """What happened, one row an event, in order of time; indexed by the row of the replicate's log.

        `replicate` is one, several, or None for all; the columns `variant` and `replicate` tell them apart.
        `columns` limits what is read. `time` is a date, `kind`, `initiator`, `target` and so on are names
        (categories; missing where there is none), `value_usd` is in USD, `effect` is the change of strength
        on the tie at the event, `strength` that after it; `parent` and `summit` are rows, or -1.
        """
        return read_events(self.path, self.data, variant, replicate, columns)

    def causes(self, variant: str = "base", replicate: int = 0) -> list[Tree]:
        """The events of one replicate as trees: what each came from (see `entente.causes`)."""
        return forest(self.events(variant, replicate))

    def parameters(self) -> pd.DataFrame:
        """The uncertain parameters as drawn: [replicate] x [parameter], each in its own unit."""
        if "drawn" not in self.data:
            return pd.DataFrame(index=pd.Index(self.data["replicate"].values, name="replicate"))
        return self.data["drawn"].to_pandas()

    def places(self) -> pd.DataFrame:
        """Where the actors' capitals are, as far as the scenario says: [actor] x [lat, lon] in degrees."""
        parameters = self.provenance().get("parameters", {})
        actors = [str(name) for name in self.data["actor"].values]
        table = pd.DataFrame(
            {axis: [parameters.get(f"actors.{actor}.{axis}", np.nan) for actor in actors] for axis in ("lat", "lon")},
            index=pd.Index(actors, name="actor"),
        )
        return table.dropna()

    def quantities(self) -> pd.DataFrame:
        """Every quantity of every replicate: rows [variant, replicate], columns [quantity]."""
        table = self.data["quantity_value"].to_series().unstack("quantity")
        return table.reindex(columns=self.data["quantity"].values)

    def summary(self) -> pd.DataFrame:
        """What the program says of each quantity: rows [quantity, variant], of a sweep [point, quantity, variant].

        `mean` with its Monte Carlo 95 % interval `mean_low`, `mean_high`; `sd` between replicates; quantiles
        `q5` to `q95` (`q5` and `q95` are the 90 % predictive range); `difference` to the first variant,
        paired, with its interval, and the `variance_reduction` that pairing achieved; all in `unit`.
        With uncertain parameters, `parameter_share` is the share of the variance that follows them linearly.
        """
        return read_summary(self.path)

    def sensitivity(self) -> xr.Dataset:
        """What matters in a sweep, as the program says: measures [variant, quantity, swept] with `_low`, `_high`.

        `total` and `first` (Sobol' indices) or `mu_star`, `mu`, `sigma` (Morris, in `quantity_unit`), and
        `regression`, as the design has them; `noise` [variant, quantity] is the share of the variance between
        points that is noise of replicates. The first variant's outcome is the quantity, another's its paired
        difference to the first. Swept values are coordinates of `data` along `point`.
        """
        try:
            with xr.open_dataset(self.path, group="sensitivity", engine="h5netcdf") as indices:
                return indices.load()
        except OSError as error:
            raise KeyError(f"{self.path} is no sweep's, or its scenario names no quantity") from error

    def calendar(self, replicates: int = 20) -> pd.DataFrame:
        """Events of a few replicates of every variant, enough for the pictures' calendar marks."""
        some = [int(r) for r in self.data["replicate"].values[:replicates]]
        return pd.concat([self.events(variant, some) for variant in self.variants])

    def fan(self, ties: Sequence[str], variable: str = "strength") -> Figure:
        """The fan chart of `ties`, with calendar marks and source (see `entente.plot.fan`)."""
        source = plot.source_line(self.data, self.provenance())
        return plot.fan(self.data, ties, variable, self.calendar(), source=source)

    def provenance(self) -> dict[str, Any]:
        """What made the file: program, build, command line, seed, times, ...; `files` holds the scenario
        and every table it read as text by path, `parameters` every numeric parameter by path.
        """
        return read_provenance(self.path)


def read_events(
    path: str | os.PathLike[str],
    data: xr.Dataset,
    variant: str = "base",
    replicate: int | Sequence[int] | None = 0,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The events of some replicates of one variant (see `Result.events`)."""
    names = [str(name) for name in data["variant"].values]
    if variant not in names:
        raise KeyError(f"no variant {variant!r}; there are {', '.join(names)}")
    replicates = data["replicate"].values
    if replicate is None:
        wanted = np.arange(replicates.size)
    else:
        asked = np.atleast_1d(np.asarray(replicate))
        wanted = np.flatnonzero(np.isin(replicates, asked))
        if wanted.size != np.unique(asked).size:
            raise KeyError(f"no replicate {replicate}; there are {replicates[0]} to {replicates[-1]}")

    with h5py.File(path) as file:
        if "events" not in file:
            raise KeyError(f"{path} holds no events (the scenario's output.events is off)")
        log = file["events"]
        v = names.index(variant)
        offset, count = log["offset"][v][wanted], log["count"][v][wanted]
        spans = _spans(offset, count)
        length = log["time"].shape
        table: dict[str, Any] = {"variant": variant, "replicate": np.repeat(replicates[wanted], count)}
        for name, column in log.items():
            if column.shape == length and name != "event" and (columns is None or name in columns):
                values = np.concatenate([column[span] for span in spans])
                table[name] = _decoded(values, name, column.attrs, data)
    rows = np.concatenate([np.arange(n) for n in count])
    return pd.DataFrame(table, index=pd.Index(rows, name="row"))


def _spans(offset: np.ndarray, count: np.ndarray) -> list[slice]:
    """The rows from each `offset` on, `count` of them; neighbours are read at once."""
    spans: list[slice] = []
    for first, n in zip(offset.tolist(), count.tolist(), strict=True):
        if spans and spans[-1].stop == first:
            spans[-1] = slice(spans[-1].start, first + n)
        else:
            spans.append(slice(first, first + n))
    return spans


def _decoded(values: np.ndarray, column: str, attributes: h5py.AttributeManager, data: xr.Dataset) -> Any:
    """Values of a column of the log: names for ids, dates for days."""
    if _NAMES.get(column) in data.coords:
        return pd.Categorical.from_codes(values, [str(name) for name in data[_NAMES[column]].values])
    if "flag_meanings" in attributes:
        return pd.Categorical.from_codes(values, _plain(attributes["flag_meanings"]).split())
    units = str(_plain(attributes.get("units", "")))
    if units.startswith("days since "):
        start = pd.Timestamp(units.removeprefix("days since "))
        return start + pd.to_timedelta(values, unit="D").round("ms")
    return values


def read_summary(path: str | os.PathLike[str]) -> pd.DataFrame:
    """The summary of quantities in the file at `path` (see `Result.summary`)."""
    with xr.open_dataset(path, group="summary", engine="h5netcdf") as summary:
        along = [dim for dim in ("point", "quantity", "variant") if dim in summary.sizes]
        table = xr.Dataset({name: x for name, x in summary.items() if set(x.dims) == set(along)})
        for probability in summary["probability"].values:
            table[f"q{100 * probability:g}"] = summary["quantiles"].sel(probability=probability, drop=True)
        frame = table.to_dataframe(dim_order=along)
        for name in ("unit", "label"):
            texts = summary[f"quantity_{name}"].to_series()
            frame.insert(0, name, texts.reindex(frame.index.get_level_values("quantity")).to_numpy())
    return frame


def read_provenance(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What made the file at `path` (see `Result.provenance`)."""
    with h5py.File(path) as file:
        if "provenance" not in file:
            return {}
        group = file["provenance"]
        out: dict[str, Any] = {name: _plain(value) for name, value in group.attrs.items()}
        texts = {name: _plain(item[()]) for name, item in group.items() if isinstance(item, h5py.Dataset)}
    for name, keys, values in (
        ("files", "file", "file_text"),
        ("parameters", "parameter", "parameter_value"),
    ):
        if keys in texts and values in texts:
            out[name] = dict(zip(texts.pop(keys), texts.pop(values), strict=True))
    return out | texts


def _plain(value: Any) -> Any:
    """A value of HDF5 as Python has it: str for bytes, int and float for scalars, lists for arrays."""
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value] if value.dtype == object else value.tolist()
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if isinstance(value, np.generic) else value
