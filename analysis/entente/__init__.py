"""entente: results of simulated diplomatic and trade ties as xarray and pandas objects.

    import entente

    result = entente.open("out/central-asia-2026.h5")
    result.data.strength.sel(tie="KAZ-USA")         # [variant, replicate, time], lazy
    result.events(replicate=3)                      # one row an event
    entente.plot.fan(result.data, ["KAZ-USA"])      # a matplotlib figure
    entente.report.write(result, "report.html")     # one page for readers

Strength and alignment lie in [-1, 1]; trade is in USD a year; times are UTC.
"""

from entente import accessor, causes, export, plot, report, statistics
from entente.program import ProgramError, compare, run, sweep
from entente.result import Result, open

__version__ = "0.1.0"
__all__ = [
    "ProgramError",
    "Result",
    "accessor",
    "causes",
    "compare",
    "export",
    "open",
    "plot",
    "report",
    "run",
    "statistics",
    "sweep",
]
