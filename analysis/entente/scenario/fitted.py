"""What `entente fit` estimates from observed events, as frames and as a scenario."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from entente import times
from entente.program import AnyPath

if TYPE_CHECKING:
    from entente.scenario.scenario import Scenario


class Fit:
    """A fitted scenario: `text` is what the command prints, `estimates` its numbers, `scenario` the scenario.

    `estimates` is the content of `--estimates`: for each event type its estimates with standard errors and intervals.
    """

    def __init__(self, text: str, estimates: dict[str, Any], scenario: Scenario) -> None:
        """From what the command gives."""
        self.text, self.estimates, self.scenario = text, estimates, scenario

    def __repr__(self) -> str:
        """The text."""
        return self.text


def fit(scenario: Scenario, events: AnyPath | pd.DataFrame, given: Mapping[str, Any]) -> Fit:
    """Fit `scenario` to `events` with the options of `entente fit` (see `Scenario.fit`)."""
    with tempfile.TemporaryDirectory() as folder:
        table: Any = events
        if isinstance(events, pd.DataFrame):
            table = Path(folder, "events.csv")
            _plain(events).to_csv(table, index=False)
        estimates, written = Path(folder, "estimates.json"), Path(folder, "fitted.yaml")
        own = {"events": table, "estimates": estimates, "output": written}
        kept = {name: Path(given[name]) for name in ("estimates", "output") if given.get(name)}
        text = scenario._call("fit", dict(given) | own)
        for name, path in kept.items():
            path.expanduser().write_text(Path(own[name]).read_text(encoding="utf-8"), encoding="utf-8")
        fitted = type(scenario).from_text(
            written.read_text(encoding="utf-8"), folder=scenario.folder, name=f"{scenario.name}-fitted"
        )
        text = text.replace(str(written), "the fitted scenario")
        return Fit(text, json.loads(estimates.read_text(encoding="utf-8")), fitted)


def _plain(events: pd.DataFrame) -> pd.DataFrame:
    """Events of a `Result`, or observed ones, with the columns and dates of the plain layout.

    The events of a result without a target (those of groups) and those before its start are left out.
    """
    if "cause" in events:  # a result's
        events = events[events["cause"] != "history"].dropna(subset=["initiator", "target"])
    table = events.rename(columns={"time": "date"} if "date" not in events else {})
    columns = [name for name in ("date", "initiator", "target", "kind", "code") if name in table]
    table = table[columns].copy()
    if "date" in table and table["date"].dtype != object:
        table["date"] = [text.replace(" ", "T") for text in times.iso(table["date"].to_numpy())]
    return table
