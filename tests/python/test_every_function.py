"""Every public function on every unusual file: it works, or says in words what the file lacks.

A new public function must stand in the table below, or `test_every_function_stands_in_the_table` fails.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
import xarray as xr
from matplotlib import pyplot as plt

import entente
import odd
from entente import accessor, causes, estimates, export, plot, report, select
from entente.__main__ import main

pytestmark = [
    pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program"),
    pytest.mark.filterwarnings("error"),
    pytest.mark.filterwarnings("ignore:Glyph"),  # no font has everything
    pytest.mark.filterwarnings("ignore:numpy.ndarray size changed"),
]


class Use(NamedTuple):
    """A public function, what a file must have for it to work, and a call that draws on the result."""

    name: str
    needs: set[str] | None  #: None if it does not look at a file: one call is enough
    call: Callable[[entente.Result, Path], object]


def tie(result: entente.Result) -> str:
    """The first tie, in the other order than the file has it."""
    return "-".join(reversed(str(select.stored(result.data, "tie")[0]).split("-")))


def tree(result: entente.Result) -> causes.Tree:
    """The first event and what followed; a replicate that stopped early has none."""
    for found in result.causes():
        return found
    raise ValueError("replicate 0 has no events")


def quantity(result: entente.Result) -> str:
    return str(select.stored(result.data, "quantity")[0])


def quantities(result: entente.Result, variant: int = 0) -> xr.DataArray:
    values = select.variable(result.data, "quantity_value").isel(quantity=0)
    return values if variant < 0 else values.isel(variant=variant)


def stored(result: entente.Result, **names: Any) -> xr.DataArray:
    return select.variable(result.sel(**names), "strength").load()


def end(result: entente.Result) -> Any:
    return select.stored(result.data, "time")[-1]


def needing(package: str, call: Callable[..., object], *arguments: object) -> object:
    """The call, which names the package if that is not installed."""
    if importlib.util.find_spec(package):
        return call(*arguments)
    with pytest.raises(ModuleNotFoundError, match=f"pip install {package}"):
        call(*arguments)
    return None


#: What the functions of the package do with a file, by module and name.
USES = [
    # Result
    Use("Result.events", {"events"}, lambda r, _: r.events(replicate=None).iloc[:2]),
    Use("Result.events of groups", {"events"}, lambda r, _: r.events(replicate=None, participants=True)),
    Use("Result.conditions", {"run"}, lambda r, _: r.conditions(replicates=1)),
    Use("Result.compare", {"run", "quantities"}, lambda r, _: r.compare(r)["difference"]),
    Use("Result.animation", {"run", "good", "ties"}, lambda r, _: r.animation(frames=1).to_jshtml()),
    Use("Result.causes", {"events"}, lambda r, _: [tree.size for tree in r.causes()]),
    Use("Result.calendar", set(), lambda r, _: r.calendar()),
    Use("Result.parameters", set(), lambda r, _: r.parameters()),
    Use("Result.table", set(), lambda r, _: r.table()),
    Use("Result.to_networkx", {"run", "good", "ties"}, lambda r, _: needing("networkx", r.to_networkx, end(r))),
    Use("Result.to_igraph", {"run", "good", "ties"}, lambda r, _: needing("igraph", r.to_igraph, end(r))),
    Use("Result.to_arviz", None, lambda r, _: needing("arviz", r.to_arviz)),
    Use("Result._repr_html_", set(), lambda r, _: r._repr_html_()),
    Use("Result.places", set(), lambda r, _: r.places()),
    Use("Result.quantities", {"quantities"}, lambda r, _: r.quantities().iloc[0]),
    Use("Result.summary", {"quantities"}, lambda r, _: r.summary().iloc[0]),
    Use("Result.provenance", set(), lambda r, _: r.provenance()["program"]),
    Use("Result.fan", {"run", "good", "ties"}, lambda r, _: r.fan(tie(r))),
    Use("Result.sel", {"ties"}, lambda r, _: stored(r, tie=tie(r), time=end(r))),
    Use("Result.swept", set(), lambda r, _: r.swept),
    Use("Result.variants", set(), lambda r, _: r.variants[0]),
    Use("Result.has_events", set(), lambda r, _: r.has_events),
    Use("Result.curves", {"curves"}, lambda r, _: r.curves()),
    Use("Result.sensitivity", {"sweep", "quantities"}, lambda r, _: r.sensitivity()["mean"]),
    Use("Result.attribution", {"left out", "quantities"}, lambda r, _: r.attribution(quantity(r))["effect"]),
    Use("Result.close", set(), lambda r, _: entente.open_result(r.path).close()),
    # the package
    Use("open_result", set(), lambda r, _: repr(entente.open_result(r.path))),
    Use("run", None, lambda r, _: entente.run),  # by test_program
    Use("sweep", None, lambda r, _: entente.sweep),
    Use("attribute", None, lambda r, _: entente.attribute),
    Use("explore", None, lambda r, _: entente.explore),  # by test_explore
    Use("merge", None, lambda r, _: entente.merge),
    Use("compare", {"quantities", "compared"}, lambda r, _: entente.compare(r).iloc[:1]),
    Use("choose", {"good", "quantities", "variants"}, lambda r, _: entente.choose(r, quantity(r))),
    Use("discover", {"good", "quantities", "limits"}, lambda r, _: entente.discover(r, quantity(r))),
    Use("rare", None, lambda r, _: entente.rare),  # by test_decisions
    Use("report.page", {"good"}, lambda r, _: report.page(r)),
    Use("report.write", None, lambda r, folder: report.write(r, folder / "page.html")),
    Use("export.tables", set(), lambda r, folder: export.tables(r, folder / "tables", "csv")),
    Use("export.graphml", {"run", "good", "ties"}, lambda r, folder: export.graphml(r, folder / "a.graphml", end(r))),
    # causes
    Use("causes.forest", {"events"}, lambda r, _: causes.forest(r.events())),
    Use("causes.find", {"events", "rows"}, lambda r, _: causes.find(r.causes(), 0)),
    Use("causes.title", {"events", "rows"}, lambda r, _: causes.title(tree(r).event)),
    Use("causes.outline", {"events", "rows"}, lambda r, _: causes.outline(tree(r))),
    # select
    Use("select.sel", {"ties"}, lambda r, _: select.sel(r.data, tie=[tie(r)], variant="base", replicate=[0])),
    Use("select.stored", {"ties"}, lambda r, _: select.stored(r.data, "tie")),
    Use("select.names", {"quantities"}, lambda r, _: select.names(r.data, "quantity")),
    Use("select.variable", {"drawn"}, lambda r, _: select.variable(r.data, "drawn")),
    Use("select.of_run", {"run"}, lambda r, _: select.of_run(r.data)),
    Use("select.tie_in", {"ties"}, lambda r, _: select.tie_in(select.stored(r.data, "tie"), tie(r))),
    Use("select.flows_of", {"ties"}, lambda r, _: select.flows_of(select.stored(r.data, "flow"), tie(r))),
    Use("select.pair_of", None, lambda r, _: select.pair_of("B-A")),
    Use("select.several", None, lambda r, _: select.several("A-B")),
    Use("select.parts_of_quantity", None, lambda r, _: select.parts_of_quantity("a@2026-01-01>3")),
    Use("select.curves", set(), lambda r, _: select.curves(r.data)),
    Use("select.check_columns", {"events"}, lambda r, _: select.check_columns(r.events(), "time")),
    # estimates
    Use("estimates.ran", {"good"}, lambda r, _: estimates.ran(r.data)),
    Use("estimates.bands", {"ties"}, lambda r, _: estimates.bands(stored(r, tie=tie(r)))),
    Use("estimates.difference", {"quantities"}, lambda r, _: estimates.difference(quantities(r, -1))),
    Use("estimates.interval", {"quantities"}, lambda r, _: estimates.interval(quantities(r))),
    Use("estimates.quantile_ranks", set(), lambda r, _: estimates.quantile_ranks(100, 0.5)),
    Use("estimates.variance_reduction", {"quantities", "replicates"},
        lambda r, _: estimates.variance_reduction(quantities(r, -1))),
    Use("estimates.exceedance", {"quantities"}, lambda r, _: estimates.exceedance(quantities(r))),
    Use("estimates.sensitivity", {"run", "good", "quantities", "drawn", "replicates"},
        lambda r, _: estimates.sensitivity(quantities(r), select.variable(r.data, "drawn"))),
    Use("estimates.tango", None, lambda r, _: estimates.tango(0.3, 0.1, 10)),
    Use("estimates.wilson", None, lambda r, _: estimates.wilson(0.3, 10)),
    Use("estimates.reliability", None, lambda r, _: estimates.reliability([0.2, 0.8], [0, 1])),
    Use("estimates.against_exponential", None, lambda r, _: estimates.against_exponential([1.0, 2.0])),
    # plot
    Use("plot.fan", {"run", "good", "ties"}, lambda r, _: plot.fan(r.data, [tie(r)], "alignment", r.calendar())),
    Use("plot.fan of trade", {"run", "good", "ties", "trade"}, lambda r, _: plot.fan(r.data, tie(r), "trade")),
    Use("plot.difference", {"run", "good", "ties", "variants"}, lambda r, _: plot.difference(r.data, [tie(r)])),
    Use("plot.network", {"run", "good", "ties"}, lambda r, _: plot.network(r.data, end(r))),
    Use("plot.network_over_time", {"run", "good", "ties"}, lambda r, _: plot.network_over_time(r.data)),
    Use("plot.world", {"run", "good", "ties", "places"}, lambda r, _: plot.world(r.data, r.places(), end(r))),
    Use("plot.raster", {"events", "rows"}, lambda r, _: plot.raster(r.events())),
    Use("plot.cause_tree", {"events", "rows"}, lambda r, _: plot.cause_tree(tree(r))),
    Use("plot.calendar_marks", set(), lambda r, _: plot.calendar_marks(r.calendar(), "BBB-AAA")),
    Use("plot.exceedance", {"run", "good", "quantities"}, lambda r, _: plot.exceedance(r.data, quantity(r))),
    Use("plot.tornado", {"run", "good", "quantities", "drawn", "replicates"},
        lambda r, _: plot.tornado(r.data, quantity(r))),
    Use("plot.sensitivity", {"sweep", "quantities", "ranked"},
        lambda r, _: plot.sensitivity(r.sensitivity(), quantity(r))),
    Use("plot.attribution", {"left out", "quantities"}, lambda r, _: plot.attribution(r.attribution())),
    Use("plot.source_line", set(), lambda r, _: plot.source_line(r.data, r.provenance())),
    Use("plot.reliability", None, lambda r, _: plot.reliability({"$x$": [0.1, 0.9]}, [0, 1])),
    Use("plot.calibration", None, lambda r, _: plot.calibration({"$x$": [0.1, 0.9]})),
    Use("plot.qq", None, lambda r, _: plot.qq({"$x$": [0.1, 0.9]})),
    Use("plot.predictive", None, lambda r, _: plot.predictive(pd.DataFrame(
        [("$k$", "events", 1.0, 1.0, 0.5, 1.5, 0.5)],
        columns=["kind", "figure", "observed", "mean", "low", "high", "p"]))),
    # the accessor
    Use("accessor.Accessor", {"good"}, lambda r, _: accessor.Accessor(r.data).ran()),
    # the command line
    Use("figure", {"figure"}, lambda r, folder: shell("figure", r, folder / "a.png")),
    Use("report", {"good"}, lambda r, folder: shell("report", r, folder / "b.html")),
    Use("export", set(), lambda r, folder: shell("export", r, folder / "c", "--format", "csv")),
]  # fmt: skip


def shell(command: str, result: entente.Result, out: Path, *more: str) -> None:
    code = main([command, str(result.path), "-o", str(out), *more])
    if code == 65:
        raise entente.NotStored("told on standard error")
    assert code == 0


def features(name: str) -> set[str]:
    """What the file of that name has, also in the table's own words."""
    has = set(odd.FILES[name].has)
    if odd.FILES[name].sweep:
        has.add("sweep")
    if odd.FILES[name].attribute:
        has.add("left out")
    if name != "sweep_of_one_point":
        has.add("ranked")
    if {"sweep", "ranked"} <= has or {"drawn", "good"} <= has:
        has.add("limits")
    if {"sweep", "quantities", "ranked"} <= has or {"run", "good", "ties"} <= has:
        has.add("figure")
    if "sweep" in has or "variants" in has:
        has.add("compared")
    return has


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd")


@pytest.fixture(scope="session")
def opened(folder: Path) -> Iterator[Callable[[str], entente.Result]]:
    """Opens a file by its name; made when it is first asked for."""
    known: dict[str, entente.Result] = {}

    def get(name: str) -> entente.Result:
        if name not in known:
            known[name] = entente.open_result(odd.make(name, folder))
        return known[name]

    yield get
    for result in known.values():
        result.close()


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


CASES = [(use, name) for use in USES for name in (odd.FILES if use.needs is not None else ["usual"])]


@pytest.mark.parametrize(("use", "name"), CASES, ids=[f"{use.name}-{name}" for use, name in CASES])
def test_it_works_or_says_why_not(
    use: Use, name: str, opened: Callable[[str], entente.Result], tmp_path: Path
) -> None:
    result = opened(name)
    if (use.needs or set()) <= features(name):
        made = use.call(result, tmp_path)
        if isinstance(made, plt.Figure):
            made.canvas.draw()  # texts are set only when a figure is drawn
        return
    try:
        use.call(result, tmp_path)
    except ValueError as error:
        assert len(str(error)) > 15, error  # words, not a bare name
    except entente.ProgramError as error:
        assert error.code == 65
    assert not [path for path in tmp_path.rglob("*") if path.is_file()], "nothing is left behind"


#: Modules of the package whose public functions are for users, and how the table names these.
MODULES = {
    "": entente, "plot.": plot, "estimates.": estimates, "select.": select, "causes.": causes, "export.": export,
    "report.": report, "accessor.": accessor,
}  # fmt: skip


def public(module: Any) -> list[str]:
    """The functions that a module defines, or of a package those it offers."""
    names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    own = {name: getattr(module, name) for name in names}
    offered = hasattr(module, "__all__")
    return [
        name
        for name, each in own.items()
        if inspect.isfunction(each) and (offered or each.__module__ == module.__name__)
    ]


def test_every_function_stands_in_the_table() -> None:
    wanted = {f"{prefix}{name}" for prefix, module in MODULES.items() for name in public(module)}
    wanted |= {f"Result.{name}" for name in vars(entente.Result) if not name.startswith("_")}
    wanted |= {"accessor.Accessor", "figure", "report", "export"}
    assert {"plot.fan", "estimates.ran", "export.tables", "Result.events", "run", "causes.find"} <= wanted
    assert wanted - {use.name for use in USES} == set()


def test_what_the_accessor_offers_stands_in_the_table(opened: Callable[[str], entente.Result]) -> None:
    names = {use.name for use in USES}
    offered = dir(accessor.Accessor(opened("usual").data))
    assert "fan" in offered and "sel" in offered
    for name in offered:
        assert {f"plot.{name}", f"estimates.{name}", f"select.{name}"} & names, name
