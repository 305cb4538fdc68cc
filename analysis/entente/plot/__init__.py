"""Figures of results, with matplotlib; each function takes xarray or pandas objects and returns a figure.

The colours are those of Okabe and Ito, which people with the usual forms of colour blindness can distinguish.
"""

from entente.plot.annotations import calendar_marks
from entente.plot.attribution_chart import attribution
from entente.plot.checks import calibration, predictive, qq, reliability
from entente.plot.event_charts import cause_tree, raster
from entente.plot.fan_chart import difference, fan
from entente.plot.network_chart import network, network_over_time
from entente.plot.outcomes import exceedance, tornado
from entente.plot.sensitivity_chart import sensitivity
from entente.plot.styling import source_line
from entente.plot.world_map import world

__all__ = [
    "attribution",
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
