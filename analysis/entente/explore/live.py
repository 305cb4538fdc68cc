"""A scenario that is simulated again for each position of the knobs."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from entente import read, select, times
from entente.errors import NotStored, chosen
from entente.explore.knobs import Knob, knobs
from entente.scenario import Scenario

_BANDS = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Answers that are kept: a slider often goes back.
_KEPT = 64


class Live:
    """A scenario and its knobs; `answer` simulates and gives what is drawn, as plain lists and numbers."""

    def __init__(self, scenario: Any, parameters: Any = None, n: int = 200) -> None:
        """For a `Scenario` or a path; raises InvalidScenario if it has errors, NotStored if it stores no ties."""
        self.scenario = scenario if isinstance(scenario, Scenario) else Scenario.from_yaml(scenario)
        self.n = n
        self.knobs: list[Knob] = knobs(self.scenario, parameters)
        self._lock = threading.Lock()
        self._kept: dict[Any, dict[str, Any]] = {}
        first = self.answer({})
        self.ties: list[str] = first["ties"]
        self.variants: list[str] = [each["name"] for each in first["fan"]]
        self.title = str(self.scenario.document.get("title", self.scenario.name))

    def answer(self, values: Mapping[str, float], tie: str | None = None) -> dict[str, Any]:
        """The fan of `tie` (by default the first) and the quantities with these values of knobs.

        A knob that is not in `values` is as in the scenario: an uncertain parameter stays so. Raises ValueError for a
        value outside of the knob's range.
        """
        settings = self._settings(values)
        with self._lock:  # one simulation at a time uses all processors
            key = (tuple(sorted(settings.items())), tie)
            if key not in self._kept:
                if len(self._kept) >= _KEPT:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[key] = self._simulate(settings, tie)
            return self._kept[key]

    def _settings(self, values: Mapping[str, float]) -> dict[str, str]:
        known = {knob.path: knob for knob in self.knobs}
        out = {}
        for path, value in values.items():
            knob = known[chosen("parameter", path, known)]
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not knob.low <= value <= knob.high:
                raise ValueError(f"{path} is {value!r}; the slider goes from {knob.low:g} to {knob.high:g}")
            out[path] = knob.setting(float(value))
        return out

    def _simulate(self, settings: dict[str, str], tie: str | None) -> dict[str, Any]:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "live.h5"
            self.scenario.write("run", path, {"replicates": self.n, "settings": settings})
            with h5py.File(path) as file:  # read without xarray, which takes longer than the simulation
                out = _drawn(file, tie)
        return out | {"seconds": time.monotonic() - begun}


def _drawn(file: h5py.File, tie: str | None) -> dict[str, Any]:
    if "strength" not in file:
        raise NotStored("the scenario stores no trajectories (its output.ties), so there is no fan to draw")
    ties, names = _texts(file["tie"]), _texts(file["variant"])
    i = ties.index(select.tie_in(ties, tie)) if tie else 0
    ran = (file["status"][()] == 0).all(axis=0)
    if not ran.any():
        raise NotStored("no replicate ran to the end of the period in every variant")
    strength = file["strength"][:, :, :, i][:, ran]
    bands = np.round(np.quantile(strength, _BANDS, axis=1), 4)
    change = strength - strength[:1]
    mean = change.mean(axis=1)
    error = 1.96 * change.std(axis=1, ddof=1 if ran.sum() > 1 else 0) / np.sqrt(ran.sum())
    fan = [{"name": name, "bands": bands[:, v].tolist()} for v, name in enumerate(names)]
    changes = [
        {"name": name, "bands": np.round([mean[v] - error[v], mean[v], mean[v] + error[v]], 5).tolist()}
        for v, name in enumerate(names) if v
    ]  # fmt: skip
    at = times.seconds(times.of_days(file["time"][()], read.plain(file["time"].attrs["units"])))
    return {"tie": ties[i], "ties": ties, "time": at, "fan": fan, "change": changes, "table": _table(file)}


def _table(file: h5py.File) -> list[dict[str, Any]]:
    """The quantities: mean of the first variant, and the paired change with its interval by the others."""
    if "quantity" not in file:
        return []
    columns = {"mean": "mean", "change": "difference", "low": "difference_low", "high": "difference_high"}
    stored = {name: file["summary"][column][()] for name, column in columns.items()}  # [variant, quantity]
    texts = zip(*(_texts(file[name]) for name in ("quantity", "quantity_label", "quantity_unit")), strict=True)
    return [
        {"name": name, "label": label or name, "unit": unit, "cells": [
            {column: _finite(values[v, q]) for column, values in stored.items()} for v in range(len(stored["mean"]))
        ]}
        for q, (name, label, unit) in enumerate(texts)
    ]  # fmt: skip


def _texts(stored: h5py.Dataset) -> list[str]:
    return [str(name) for name in stored.asstr()[()]]


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
