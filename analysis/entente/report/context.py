"""What all sections of a report share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from entente import times
from entente.report.asked import brief, definition, explained
from entente.report.contrast import Contrast, contrast
from entente.report.labels import Names
from entente.report.scenario import question
from entente.report.wording import is_chance, period
from entente.result import Result
from entente.select import curves


@dataclass(frozen=True)
class Context:
    """A file, what its scenario says, and what the report is about."""

    result: Result
    provenance: Mapping[str, Any]
    written: Mapping[str, Any]  #: the scenario as parsed
    summary: pd.DataFrame | None  #: of quantities; none if the scenario names none
    about: str  #: the quantity of the answer; empty without one
    names: Names
    contrasts: tuple[Contrast, ...]  #: of each other variant with the first; those that the question names first

    @classmethod
    def of(
        cls,
        result: Result,
        provenance: Mapping[str, Any],
        written: Mapping[str, Any],
        summary: pd.DataFrame | None,
        about: str,
    ) -> Context:
        """For a file and the quantity that the answer concerns."""
        names = Names(result.data, written)
        base, *others = result.variants
        contrasts = [contrast(written, names, each, base) for each in others]
        asked = question(provenance, written, result.variants).casefold()
        contrasts.sort(key=lambda each: not each.named_in(asked))  # stable: the first that the question names
        return cls(result, provenance, written, summary, about, names, tuple(contrasts))

    @property
    def label(self) -> str:
        """The label of the quantity that the answer concerns."""
        return self.label_of(self.about)

    def label_of(self, quantity: str) -> str:
        """A quantity's label; words made of its name where the scenario gives none."""
        if self.summary is None:
            return ""
        row = self.summary.xs(quantity, level="quantity").iloc[0]
        given = str(row["label"] or "")
        if given not in ("", quantity):
            return given
        entry = definition(self.written, quantity)
        return brief(entry, self.names, self.label_of) or self.names.words(quantity)

    def explained(self, quantity: str) -> str:
        """What a quantity is, in a sentence without a full stop; empty where the page does not know it."""
        chance = is_chance(self.result, quantity)
        return explained(definition(self.written, quantity), self.names, self.end, self.label_of, chance)

    @property
    def quantities(self) -> list[str]:
        """The quantities of the file without the dates of curves, which are drawn as curves."""
        names = [str(name) for name in self.result.data["quantity"].values] if self.summary is not None else []
        dated = {name for points in curves(self.result.data).values() for name, _ in points}
        return [name for name in names if name not in dated]

    @property
    def end(self) -> str:
        """The last day of the period in words."""
        return times.text(period(self.result.data)[1], "%-d %B %Y")
