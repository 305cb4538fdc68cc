"""Two output files compared by the program, as a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from entente.result import Result


def compared(text: str, old: Result, new: Result) -> pd.DataFrame:
    """What `entente compare --json OLD.h5 NEW.h5` tells (see `Result.compare`)."""
    told = json.loads(text)
    table = pd.DataFrame(told["quantities"])
    numbers = ["old", "new", "difference", "difference_low", "difference_high"]
    table = table.astype(dict.fromkeys(numbers, float))
    differing = pd.DataFrame(told["differing"], columns=["name", "what", "old", "new"])
    table.attrs = {"paired": told["paired"], "differing": differing, "parameters": changed(old, new)}
    return table


def changed(old: Result, new: Result) -> pd.DataFrame:
    """The numeric parameters of the scenarios that differ, or that one of them lacks: [path] x [old, new]."""
    ours, theirs = (pd.Series(each.provenance()["parameters"], dtype=float) for each in (old, new))
    both = pd.concat({"old": ours, "new": theirs}, axis=1).rename_axis("parameter")
    same = (both["old"] == both["new"]) | both.isna().all(axis=1)
    return both[~same]
