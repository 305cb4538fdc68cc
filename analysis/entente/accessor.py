"""`dataset.entente`: the functions of this package on a dataset that xarray opened itself.

    data = xarray.open_dataset("out/central-asia-2026.h5")
    data.entente.fan(["KAZ-USA"])       # entente.plot.fan(data, ["KAZ-USA"])

It only delegates: every function below takes the dataset as its first argument.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import xarray as xr

from entente import estimates, plot, select
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
        estimates.ran,
    )
}


@xr.register_dataset_accessor("entente")
class Accessor:
    """Functions of `entente.plot`, `entente.select` and `entente.estimates`, with the dataset as first argument."""

    def __init__(self, data: xr.Dataset) -> None:
        """For the root group of an output file."""
        self._data = data

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Raise an error for an unknown function."""
        raise AttributeError(unknown("function", name, list(_FUNCTIONS)))

    def __dir__(self) -> list[str]:
        """Names for completion."""
        return list(_FUNCTIONS)


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as a method: its signature and help, with the accessor for the dataset."""

    @wraps(function)
    def method(self: Accessor, *arguments: Any, **named: Any) -> Any:
        return function(self._data, *arguments, **named)

    signature = inspect.signature(function)
    rest = list(signature.parameters.values())[1:]
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    method.__signature__ = signature.replace(parameters=[own, *rest])  # type: ignore[attr-defined]
    return method


for _name, _function in _FUNCTIONS.items():
    setattr(Accessor, _name, _method(_function))
