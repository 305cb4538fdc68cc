"""`dataset.entente`: the functions of this package on a dataset that xarray opened itself.

    data = xarray.open_dataset("out/central-asia-2026.h5")
    data.entente.fan(["KAZ-USA"])       # entente.plot.fan(data, ["KAZ-USA"])

It only delegates: every function below takes the dataset as its first argument.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import xarray as xr

from entente import plot, select, statistics
from entente.errors import unknown

_FUNCTIONS: dict[str, Any] = {
    function.__name__: function
    for function in (
        plot.difference,
        plot.exceedance,
        plot.fan,
        plot.network,
        plot.network_over_time,
        plot.tornado,
        plot.world,
        select.sel,
        statistics.ran,
    )
}


@xr.register_dataset_accessor("entente")
class Accessor:
    """Functions of `entente.plot`, `entente.select` and `entente.statistics`, their first argument given."""

    def __init__(self, data: xr.Dataset) -> None:
        """For the root group of an output file."""
        self._data = data

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The function `name`, to be called with what remains of its arguments."""
        if name not in _FUNCTIONS:
            raise AttributeError(unknown("function", name, list(_FUNCTIONS)))
        return partial(_FUNCTIONS[name], self._data)

    def __dir__(self) -> list[str]:
        """Names for completion."""
        return list(_FUNCTIONS)
