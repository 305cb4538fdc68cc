"""Pictures of results, with matplotlib; each function takes xarray or pandas objects and returns a figure.

Colours are those of Okabe and Ito, which people with any usual kind of colour vision can tell apart.
"""

from entente.plot.checks import calibration, predictive, qq, reliability
from entente.plot.fan import difference, fan
from entente.plot.happenings import cause_tree, raster
from entente.plot.marks import calendar_marks
from entente.plot.network import network, network_over_time
from entente.plot.outcomes import exceedance, tornado
from entente.plot.sensitivity import sensitivity
from entente.plot.style import source_line
from entente.plot.world import world

__all__ = [
    "calendar_marks",
    "calibration",
    "cause_tree",
    "difference",
    "exceedance",
    "fan",
    "network",
    "network_over_time",
    "predictive",
    "qq",
    "raster",
    "reliability",
    "sensitivity",
    "source_line",
    "tornado",
    "world",
]
