"""The log of events with one row an event: who took part stands in the row."""

from __future__ import annotations

import numpy as np
import pandas as pd

from entente.select import check_columns

#: Columns that identify a replicate, as far as a frame has them.
_OF = ("point", "variant", "replicate")


def one_row(events: pd.DataFrame) -> pd.DataFrame:
    """`events` (as of `Result.events`) without the rows of participants, whose names are a list in their event's row.

    `participants` has everybody who took part, the host or initiator first. `parent` is missing where no event caused
    it, `value_usd` where nothing was paid.
    """
    check_columns(events, "role", "summit", "initiator", "target", "parent")
    own = events["summit"].to_numpy() < 0
    keys = [name for name in _OF if name in events]
    table = events[own].drop(columns=["summit", "role"]).copy()
    table["parent"] = events["parent"][own].astype("Int32").where(events["parent"][own] >= 0)
    here = pd.MultiIndex.from_frame(events[own][keys].assign(row=events.index[own]))
    members = events[~own]
    at = here.get_indexer(pd.MultiIndex.from_frame(members[keys].assign(row=members["summit"].to_numpy())))
    people: list[list[str]] = [
        [str(name) for name in pair if isinstance(name, str)]
        for pair in zip(table["initiator"].astype(object), table["target"].astype(object), strict=True)
    ]
    for i, name in zip(at, members["initiator"].astype(object), strict=True):
        if i >= 0 and isinstance(name, str) and name not in people[i]:
            people[i].append(name)
    table.insert(int(np.flatnonzero(table.columns == "target")[0]) + 1, "participants", people)
    return table
