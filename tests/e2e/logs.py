"""A result file as lists of events, for tests that follow single replicates."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np


class Event(NamedTuple):
    row: int
    time: float
    kind: str
    initiator: str
    target: str
    role: str
    status: str
    success: bool
    summit: int
    parent: int
    strength: float


class Result:
    def __init__(self, path: Path) -> None:
        with h5py.File(path) as file:
            events = file["events"]
            names = {of: np.array([*(text.decode() for text in file[of]), ""], dtype=object)
                     for of in ("kind", "actor")}
            words = {of: np.array(events[of].attrs["flag_meanings"].decode().split(), object)
                     for of in ("role", "status")}
            columns = {name: events[name][()] for name in Event._fields[1:]}
            columns["kind"] = names["kind"][columns["kind"]]
            for of in ("initiator", "target"):
                columns[of] = names["actor"][columns[of]]
            for of in ("role", "status"):
                columns[of] = words[of][columns[of]]
            self.rows = list(zip(*(columns[name].tolist() for name in Event._fields[1:]), strict=True))
            self.offset, self.count = events["offset"][()], events["count"][()]
            self.variants = [text.decode() for text in file["variant"]]
            self.names = [text.decode() for text in file["quantity"]]
            self.values = file["quantity_value"][()]
        self.replicates = self.offset.shape[1]

    def logs(self, variant: str) -> list[list[Event]]:
        """One list for each replicate."""
        v = self.variants.index(variant)
        return [
            [Event(n, *row) for n, row in enumerate(self.rows[at : at + n_rows])]
            for at, n_rows in zip(self.offset[v], self.count[v], strict=True)
        ]

    def quantity(self, name: str, variant: str) -> np.ndarray:
        return self.values[self.variants.index(variant), :, self.names.index(name)]
