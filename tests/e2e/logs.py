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
    group: str
    role: str
    level: str
    success: bool
    status: str
    cause: str
    sector: str
    parent: int
    summit: int
    value_usd: float
    strength: float


#: Columns that are rows of another variable of the file, and columns of words.
NAMES = {"kind": "kind", "initiator": "actor", "target": "actor", "group": "group", "sector": "sector"}
WORDS = ("role", "level", "status", "cause")


def texts(file: h5py.File, variable: str) -> list[str]:
    """Empty where the file does not have it: a scenario without groups, or without sectors."""
    return [text.decode() for text in file[variable]] if variable in file else []


class Result:
    def __init__(self, path: Path) -> None:
        with h5py.File(path) as file:
            events = file["events"]
            columns = {name: events[name][()] for name in Event._fields[1:]}
            for column, of in NAMES.items():
                columns[column] = np.array([*texts(file, of), ""], dtype=object)[columns[column]]
            for column in WORDS:
                words = events[column].attrs["flag_meanings"].decode().split()
                columns[column] = np.array(words, dtype=object)[columns[column]]
            self.rows = list(zip(*(columns[name].tolist() for name in Event._fields[1:]), strict=True))
            self.offset, self.count = events["offset"][()], events["count"][()]
            self.variants = texts(file, "variant")
            self.names = texts(file, "quantity")
            self.values = file["quantity_value"][()]
            assert not file["status"][()].any()
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
