"""One output file of the program, opened lazily."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure

from entente import cards, conditions, contrasted, estimates, event_table, graphs, plot, read, seal, select, times
from entente.causes import Tree, forest
from entente.errors import NotStored, chosen
from entente.files import expanded
from entente.plot import animation as film

#: What the names of variants begin with that leave something out.
WITHOUT = "without:"
#: Replicates whose calendars give a fan's marks: in each the same events, but for those left to chance.
MARKED = 200
#: Major version of the output format this package reads.
SCHEMA = "2"


def open_result(path: str | os.PathLike[str], whole: bool = False) -> Result:
    """Open the output file at `path` for reading; only its coordinates are read at once.

    Raises ValueError if the file differs from what the program wrote (see `entente.seal.check`); with `whole`, every
    byte is compared, also in a large file.
    """
    return Result(path, whole)


class Result:
    """An output file. Use it as a context manager, or call `close`, to close it.

    `data` is the root group as an `xarray.Dataset`, lazy: `strength`, `alignment` [variant, replicate, time, tie] in
    [-1, 1]; `trade` [variant, replicate, time, flow] in USD a year; `quantity_value` [variant, replicate, quantity];
    `event_count` [variant, replicate, kind]; `drawn` [replicate, parameter]; `status` [variant, replicate]; in a
    sweep, all of them by `point` first. docs/output-format.md lists all variables. Times are datetime64[ns], or
    objects of `cftime.DatetimeProlepticGregorian` if the period reaches beyond the years 1678 to 2261.
    """

    def __init__(self, path: str | os.PathLike[str], whole: bool = False) -> None:
        """Open the file at `path`; a leading `~` is the home folder."""
        self.path = expanded(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"no such file: {self.path}")
        seal.check(self.path, whole)
        self._identity = _identity(self.path)
        with _readable(self.path), h5py.File(self.path) as file:
            attributes = {name: read.plain(value) for name, value in file.attrs.items()}
            lacks = [name for name in ("variant", "replicate") if name not in file]
        schema = str(attributes.get("entente_schema", "none"))
        if schema.split(".")[0] != SCHEMA:
            raise ValueError(
                f"{self.path} is no output file of entente {SCHEMA}.x (entente_schema: {schema})"
            )
        if lacks:
            raise ValueError(f"{self.path} is damaged: it lacks {' and '.join(lacks)}")
        with _readable(self.path):
            self.data: xr.Dataset = xr.open_dataset(self.path, engine="h5netcdf", **_decoding(attributes))

    def __enter__(self) -> Result:
        """Return this object."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; values that were not read yet can no longer be read."""
        self.data.close()

    def __repr__(self) -> str:
        """File, title and contents."""
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
        """Whether the file contains the log of events."""
        with self._file() as file:
            return "events" in file

    def sel(self, **names: Any) -> xr.Dataset:
        """The part of `data` with these names: ties in either order, dates as text (see `entente.select.sel`).

        result.sel(tie="USA-KAZ", variant="base", time="2026-07-01").strength
        """
        return select.sel(self.data, **names)

    def events(
        self,
        variant: str = "base",
        replicate: int | Sequence[int] | None = 0,
        columns: Sequence[str] | None = None,
        point: int = 0,
        participants: bool = False,
    ) -> pd.DataFrame:
        """The log of events in order of time; the index is the row in the replicate's log.

        An event of a group has a row, followed by one for each participant (`role` member or guest, `summit` the
        event's row). With `participants` there is one row an event, whose column `participants` lists who took part,
        and `parent` is missing where there is none.

        `replicate` is one, several, or None for all; the columns `variant` and `replicate` identify them. `columns`
        limits the columns that are read; `point` is the point of a sweep (`entente sweep --everything`). `time` is a
        date (see the class), `kind`, `initiator`, `target` and so on are names (categories; missing where there is
        none), `value_usd` is in USD, `effect` is the change of strength on the tie at the event, `strength` that after
        it; `parent` and `summit` are rows, or -1. Raises NotStored if the file has no log, and UnknownName for an
        unknown variant, replicate, column or point.
        """
        if participants and columns is not None:
            raise ValueError("participants=True reads all columns; choose among them afterwards")
        with self._file() as file:
            table = read.events(file, self.data, variant, replicate, columns, point)
        return event_table.one_row(table) if participants else table

    def conditions(
        self, variant: str = "base", replicates: int | None = None, date: Any = None, share: bool = False
    ) -> Any:
        """Which standing conditions were in force, when, and on which tie or actor: one row a spell.

        `variant`, `replicate`, `condition`, `place` (a tie "KAZ-USA", or an actor), `start` and `end`; a spell that
        lasts beyond the period has no `end`. With `date` only those that are in force then. With `share` instead the
        share of the replicates in which each is in force, at the stored times (or at `date`): an array [spell, time].
        The file does not store conditions: the program simulates the first `replicates` (default: all) again, from the
        scenario in the file, which takes as long as the run did. Raises NotStored for a sweep.
        """
        from entente import program  # which opens results

        if "point" in self.data.sizes:
            raise NotStored(f"{self.path} is a sweep; conditions are listed of a run")
        chosen("variant", variant, self.variants)
        most = self.data.sizes["replicate"]
        n = most if replicates is None else min(replicates, most)
        self._check()
        words = ["trace", "--conditions", f"--variant={variant}", f"--replicates={n}"]
        table = conditions.spells(program.call([*words, program.positional(self.path)]), variant)
        if share:
            moments = [times.moment(date)] if date is not None else self.data["time"].values
            return conditions.shares(table, moments, n)
        return table if date is None else conditions.at(table, date)

    def compare(self, other: Result, quantities: str | Sequence[str] = ()) -> pd.DataFrame:
        """`other` minus this file, as `entente compare OLD.h5 NEW.h5` gives it, for the variants that both have.

        One row for each quantity and variant (`of` "level", and "change" against the first variant): `old` here and
        `new` there, their `difference` with its 95 % interval (missing where too few replicates differ), and of `n`
        replicates the `n_differ` that do. If both have the same seed, their replicates are paired by number
        (`attrs["paired"]`); else the interval is that of independent samples. `attrs["differing"]` lists what differs
        between the scenarios by section, `attrs["parameters"]` their numeric parameters. Of runs, not of sweeps.
        """
        from entente import program  # which opens results

        for each in (self, other):
            if "point" in each.data.sizes:
                raise NotStored(f"{each.path} is a sweep; choose runs to compare")
        ours, theirs = ([str(name) for name in each.quantities().columns] for each in (self, other))
        names = [chosen("quantity", name, ours) for name in select.several(quantities)] or ours
        there = [name for name in names if name in theirs]
        if not there:
            raise NotStored(f"{self.path} and {other.path} have no such quantity in common")
        paths = [program.positional(each.path) for each in (self, other)]
        return contrasted.compared(program.call(["compare", "--json", *paths, *there]), self, other)

    def animation(self, variant: str | None = None, **options: Any) -> FuncAnimation:
        """The network of ties as a film over the stored times (see `entente.plot.animation.animation`)."""
        return film.animation(select.of_run(self.data), variant, **options)

    def causes(self, variant: str = "base", replicate: int = 0, point: int = 0) -> list[Tree]:
        """The events of one replicate as trees of causes (see `entente.causes`)."""
        return forest(self.events(variant, replicate, point=point))

    def parameters(self) -> pd.DataFrame:
        """The inputs: the drawn uncertain parameters, [replicate] x [parameter], each in its own unit.

        For a sweep the rows are [point, replicate], and the columns are the swept parameters followed by those that
        are drawn in each replicate. Without swept or uncertain parameters there are rows and no columns.
        """
        rows = [dim for dim in ("point", "replicate") if dim in self.data.sizes]
        index = pd.MultiIndex.from_product([self.data[dim].values for dim in rows], names=rows)
        names = [str(name) for name in self.data["parameter"].values] if "drawn" in self.data else []
        # A variable of the file cannot have a blank or a slash in its name.
        full = {name.replace(" ", "_").replace("/", "_"): name for name in names}
        table: dict[str, np.ndarray] = {}
        for name in self.swept:
            table[full.get(name, name)] = np.repeat(self.data[name].values, self.data.sizes["replicate"])
        if names:
            drawn = self.data["drawn"].transpose(*rows, "parameter").values.reshape(len(index), -1)
            table |= {name: drawn[:, i] for i, name in enumerate(names) if name not in table}
        frame = pd.DataFrame(table, index=index if len(rows) > 1 else index.get_level_values(0))
        return frame.rename_axis(columns="parameter")

    def table(self) -> pd.DataFrame:
        """Inputs and outputs together, a row a variant and replicate (of a sweep: and point): parameters, quantities.

        Each parameter is in its own unit, the same in all variants; a variant's own changes are not in it.
        """
        keys = [dim for dim in ("point", "variant", "replicate") if dim in self.data.sizes]
        inputs = self.parameters()
        if "quantity" not in self.data.sizes:
            return inputs.rename_axis(columns=None).reset_index()
        own = self.quantities().rename_axis(columns=None).reset_index()
        on = [key for key in keys if key != "variant"]
        table = own[keys].join(inputs.rename_axis(columns=None), on=on)
        return table.join(own.drop(columns=keys), rsuffix=" (quantity)")

    def to_networkx(self, date: Any, variant: str | None = None, replicate: int | None = None) -> Any:
        """The ties at the stored time nearest to `date` as a `networkx.Graph` (see `entente.graphs.network`)."""
        return graphs.to_networkx(graphs.network(self.data, date, variant, replicate))

    def to_igraph(self, date: Any, variant: str | None = None, replicate: int | None = None) -> Any:
        """The ties at the stored time nearest to `date` as an `igraph.Graph` (see `entente.graphs.network`)."""
        return graphs.to_igraph(graphs.network(self.data, date, variant, replicate))

    def to_arviz(self) -> Any:
        """The drawn parameters and the quantities as `arviz.InferenceData`, by chain and draw.

        The parameters, drawn from their assumed distributions, are the group `prior`, the quantities
        `prior_predictive`, by variant; of a sweep by point too.
        """
        data = estimates.ran(self.data)
        drawn = {}
        if "drawn" in data:
            names = select.names(data, "parameter")
            drawn = {name: data["drawn"].isel(parameter=i, drop=True) for i, name in enumerate(names)}
        return graphs.to_arviz(data, drawn)

    def _repr_html_(self) -> str:
        return cards.html(self)

    @property
    def swept(self) -> list[str]:
        """The swept parameters of a sweep, as `data` names them: coordinates along `point`."""
        return [str(name) for name, x in self.data.coords.items() if x.dims == ("point",) and name != "point"]

    def places(self) -> pd.DataFrame:
        """Coordinates of the actors' capitals, as far as the scenario gives them: [actor] x [lat, lon] in degrees."""
        parameters = self.provenance().get("parameters", {})
        actors = [str(name) for name in self.data["actor"].values] if "actor" in self.data else []
        table = pd.DataFrame(
            {axis: [parameters.get(f"actors.{actor}.{axis}", np.nan) for actor in actors] for axis in ("lat", "lon")},
            index=pd.Index(actors, name="actor"),
        )
        return table.dropna()

    def quantities(self) -> pd.DataFrame:
        """Every quantity of every replicate: rows [variant, replicate], columns [quantity]; a sweep's by point first.

        Raises NotStored if the scenario names none.
        """
        table = select.variable(self.data, "quantity_value").reset_coords(drop=True).to_series().unstack("quantity")
        return table.reindex(columns=self.data["quantity"].values)

    def summary(self) -> pd.DataFrame:
        """The program's summary of each quantity: rows [quantity, variant], for a sweep [point, quantity, variant].

        `mean` with its Monte Carlo 95 % interval `mean_low`, `mean_high`; `sd` between replicates; quantiles `q5` to
        `q95` (`q5` and `q95` are the ends of the 90 % prediction interval), each with its 95 % interval `q5_low`,
        `q5_high` (not for a sweep; missing where the replicates are too few); `difference` from the first variant,
        paired, with its interval, and the `variance_reduction` by common random numbers; all in `unit`. An interval is
        missing where too few replicates carry it: `mean_carriers` and `difference_carriers` count those that carry the
        variance, `n_differ` the replicates whose value is not that of the first variant. `chance_low` and `chance_high`
        are `q5` and `q95`; `difference_chance_low`, `difference_chance_high` the same of the paired differences, whose
        quantiles and their intervals are `difference_q5`, `difference_q5_low` and so on. With
        uncertain parameters, `parameters_low`, `parameters_high` are the 5 % and 95 % quantiles of the mean given them,
        and `share` is the share of variance that this mean carries, with its interval; `difference_parameters_low`,
        `difference_share` and so on are those of the paired difference. Raises NotStored if the scenario names no
        quantities.
        """
        self._check()
        with _readable(self.path):
            return read.summary(self.path)

    def curves(self, quantities: str | Sequence[str] = ()) -> pd.DataFrame:
        """The quantities with `dates` over time: one row a quantity, variant and date (in a sweep and point).

        `time` is the date, in the type of the file's times; `mean`, its Monte Carlo 95 % interval `mean_low`,
        `mean_high`, the 90 % prediction interval `q5`, `q95` with the 95 % interval of each end, `q5_low`, `q5_high`
        and so on (not for a sweep), and the paired `difference` from the first variant with
        its interval, in `unit`. Of a first time the mean is the probability that it has come before the date.
        `quantities` limits the rows; a threshold's curve is "NAME>NUMBER". Raises NotStored if the file has no curve.
        """
        known = select.curves(self.data)
        if not known:
            raise NotStored(f"{self.path} has no curve: no quantity of its scenario has `dates`")
        names = [chosen("curve", name, list(known)) for name in select.several(quantities)] or list(known)
        dated = {each: (name, date) for name in names for each, date in known[name]}
        table = self.summary().reset_index()
        table = table[table["quantity"].isin(list(dated))].copy()
        moments = np.array([times.moment(dated[each][1]) for each in table["quantity"]])
        table.insert(list(table).index("variant") + 1, "time", times.for_users(moments))
        table["quantity"] = [dated[each][0] for each in table["quantity"]]
        ends = ["mean", "mean_low", "mean_high", "difference", "difference_low", "difference_high"]
        quantiles = [f"{q}{end}" for q in ("q5", "q95") for end in ("", "_low", "_high")]
        shown = [*ends[:3], *(name for name in quantiles if name in table), *ends[3:], "unit"]
        keys = [name for name in ("point", "quantity", "variant", "time") if name in table]
        order = {name: i for i, name in enumerate(names)}
        return table[keys + shown].sort_values("quantity", key=lambda x: x.map(order), kind="stable", ignore_index=True)

    def sensitivity(self) -> xr.Dataset:
        """Sensitivity of a sweep, as computed by the program: measures [variant, quantity, swept] with `_low`, `_high`.

        The measures are those of the design: `total` and `first` (Sobol' indices) or `mu_star`, `mu`, `sigma` (Morris,
        in `quantity_unit`), and `regression`; `noise` [variant, quantity] is the share of the variance between points
        that is replicate noise. In the first variant the outcome is the quantity, in another variant its paired
        difference from the first. Swept values are coordinates of `data` along `point`. Raises NotStored if the file
        is from a run, or its scenario names no quantities.
        """
        self._check()
        with self._file() as file:
            there = "sensitivity" in file and "quantity" in file["sensitivity"]
        if not there:
            why = "its scenario names no quantities" if "point" in self.data.sizes else "it is a run's, not a sweep's"
            raise NotStored(f"{self.path} has no sensitivity table: {why}")
        with _readable(self.path):
            with xr.open_dataset(self.path, group="sensitivity", engine="h5netcdf", decode_times=False) as indices:
                return indices.load()

    def attribution(self, quantities: str | Sequence[str] = ()) -> pd.DataFrame:
        """What each thing changes that `entente attribute` left out: a row a quantity and thing, the largest first.

        `effect` is the mean with the thing minus the mean without it, over paired replicates, with its 95 % interval
        `effect_low`, `effect_high` and the standard deviation between replicates, `effect_sd`, in `unit`; `base_mean`
        and `mean` are the means with and without it. `quantities` limits the rows. Raises NotStored if no variant
        leaves anything out, or the scenario names no quantities.
        """
        left_out = [name for name in self.variants if name.startswith(WITHOUT)]
        if not left_out or "point" in self.data.sizes:
            raise NotStored(f"{self.path} has no variants {WITHOUT}NAME: it was not made by `entente attribute`")
        summary = self.summary()
        there = list(dict.fromkeys(summary.index.get_level_values("quantity")))
        names = [chosen("quantity", name, there) for name in select.several(quantities)] or there
        return pd.concat([_effects(summary, name, left_out) for name in names], ignore_index=True)

    def calendar(self, point: int = 0, most: int | None = None) -> pd.DataFrame:
        """The scheduled events and the participants of all variants, with the columns of `events`.

        Of the first `most` replicates (None: of all). `entente.plot.fan` takes its calendar marks from it. Empty if the
        file has no log of events.
        """
        with self._file() as file:
            if "events" not in file:
                return pd.DataFrame({name: [] for name in plot.annotations.COLUMNS})
            return read.calendar(file, self.data, point, most)

    def fan(self, ties: str | Sequence[str] = (), variable: str = "strength", point: int | None = None) -> Figure:
        """The fan chart of `ties`, with calendar marks and source (see `entente.plot.fan`).

        The marks are those of the first 200 replicates. Draws the first two ties if none are named. For a sweep,
        `point` selects the point.
        """
        if point is None:
            data = select.of_run(self.data)
        else:
            data = select.sel(self.data, point=point)
        named = select.several(ties) or [str(name) for name in select.stored(data, "tie")[:2]]
        source = plot.source_line(data, self.provenance())
        return plot.fan(data, named, variable, self.calendar(point or 0, MARKED), source=source)

    def provenance(self) -> dict[str, Any]:
        """How the file was made: program, build, command line, seed, times, ...; `files` has the text of the scenario
        and its tables by path, `parameters` every numeric parameter by path.
        """
        with self._file() as file:
            return read.provenance(file)

    def _check(self) -> None:
        """Raise ValueError if another file has taken the place of the one that was opened."""
        if not self.path.is_file() or _identity(self.path) != self._identity:
            raise ValueError(f"{self.path} was replaced or removed since it was opened; open it again")

    @contextmanager
    def _file(self) -> Iterator[h5py.File]:
        self._check()
        with _readable(self.path), h5py.File(self.path) as file:
            yield file


def _effects(summary: pd.DataFrame, quantity: str, variants: Sequence[str]) -> pd.DataFrame:
    """The effects on one quantity, the largest first."""
    rows = summary.loc[quantity]
    of = rows.loc[list(variants)]
    table = pd.DataFrame(
        {
            "quantity": quantity,
            "label": of["label"].to_numpy(),
            "unit": of["unit"].to_numpy(),
            "without": [name.removeprefix(WITHOUT) for name in variants],
            "n": of["n"].to_numpy(),
            "base_mean": rows["mean"].iloc[0],
            "mean": of["mean"].to_numpy(),
            "effect": -of["difference"].to_numpy(),
            "effect_low": -of["difference_high"].to_numpy(),
            "effect_high": -of["difference_low"].to_numpy(),
            "effect_sd": of["difference_sd"].to_numpy(),
        }
    )
    return table.sort_values("effect", key=lambda x: -x.abs(), kind="stable", na_position="last")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise any error of HDF5 and its readers over a damaged file as a ValueError that names the file."""
    try:
        yield
    except (PermissionError, ValueError):
        raise
    except OSError as error:
        raise ValueError(f"{path} is no HDF5 file, or was not written to its end ({error})") from error
    except Exception as error:
        raise ValueError(f"{path} is damaged: {error or type(error).__name__}") from error


def _identity(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)


def _decoding(attributes: dict[str, Any]) -> dict[str, Any]:
    """How xarray is to decode times, for the root's attributes: as cftime objects where datetime64[ns] ends."""
    if not {"start", "horizon_days"} <= set(attributes):
        return {}
    period = times.of_days([0.0, float(attributes["horizon_days"])], str(attributes["start"]))
    if times.fits(period):
        return {}
    if hasattr(xr, "coders"):  # xarray 2025.1 on
        return {"decode_times": xr.coders.CFDatetimeCoder(use_cftime=True)}
    return {"use_cftime": True}
