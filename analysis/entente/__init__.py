"""entente: results of simulated diplomatic and trade ties as xarray and pandas objects.

    import entente

    scenario = entente.Scenario.from_yaml("scenarios/central-asia-2026.yaml")
    result = scenario.set("kinds.call.rate.per_year", 3).run(n=500)
    result = entente.open_result("out/central-asia-2026.h5")
    result.sel(tie="USA-KAZ").strength              # [variant, replicate, time], lazy; in either order
    result.events(replicate=3)                      # one row an event
    entente.plot.fan(result.data, ["KAZ-USA"])      # a matplotlib figure
    entente.report.write(result, "report.html")     # one page for readers

Strength and alignment lie in [-1, 1]; trade is in USD a year; times are UTC.
"""

from entente import needs

needs.check()

from entente import accessor, causes, estimates, export, plot, report, select  # noqa: E402
from entente.decisions import choose, discover, rare  # noqa: E402
from entente.errors import NotStored, UnknownName  # noqa: E402
from entente.program import ProgramError, attribute, compare, merge, run, sweep  # noqa: E402
from entente.result import Result, open_result  # noqa: E402
from entente.scenario import InvalidScenario, Problem, Problems, Scenario  # noqa: E402

__version__ = "0.1.0"
__all__ = [
    "InvalidScenario",
    "NotStored",
    "Problem",
    "Problems",
    "ProgramError",
    "Result",
    "Scenario",
    "UnknownName",
    "accessor",
    "attribute",
    "causes",
    "choose",
    "compare",
    "discover",
    "estimates",
    "export",
    "merge",
    "open_result",
    "plot",
    "rare",
    "report",
    "run",
    "select",
    "sweep",
]

_RENAMED = {"statistics": "estimates"}


def __getattr__(name: str) -> object:
    """`entente.open` is short for `open_result`. It is not a name of this module, where it would hide Python's `open`.

    A former name raises an error that gives the current one.
    """
    if name == "open":
        return open_result
    if name in _RENAMED:
        raise AttributeError(f"entente.{name} is called entente.{_RENAMED[name]}")
    raise AttributeError(f"module 'entente' has no attribute {name!r}")
