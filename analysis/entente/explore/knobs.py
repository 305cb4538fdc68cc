"""Which parameters a person may turn, and how far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from entente.errors import chosen
from entente.scenario import Scenario

#: Knobs that are offered unless the caller names some.
_MOST = 8
_VALUE = re.compile(r"([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(.*)")
_ALLOWED = re.compile(r"from (-?[\d.]+) to (-?[\d.]+)")


class Knob(NamedTuple):
    """A parameter with the range of its slider; all three in `unit`, which follows the number ("d", "bn USD", "")."""

    path: str
    value: float
    low: float
    high: float
    unit: str

    def setting(self, value: float) -> str:
        """The value as `--set` takes it."""
        return f"{value:.6g} {self.unit}".strip()


def knobs(scenario: Scenario, parameters: Any = None) -> list[Knob]:
    """The knobs for these paths (a mapping gives their ranges), or for what the scenario calls uncertain.

    Raises UnknownName for a path that is no parameter.
    """
    known = scenario.parameters()
    names = list(known.index)
    if parameters is None:
        named = [path for path in _uncertain(scenario) if path in names] or [n for n in names if ".rate." in n]
        return [_knob(path, known.loc[path], _spread(scenario, path)) for path in named[:_MOST]]
    given: Mapping[str, Any] = parameters if isinstance(parameters, Mapping) else dict.fromkeys(_list(parameters))
    return [_knob(chosen("parameter", path, names), known.loc[path], given[path]) for path in given]


def _list(parameters: Iterable[str]) -> list[str]:
    return [parameters] if isinstance(parameters, str) else list(parameters)


def _uncertain(scenario: Scenario) -> list[str]:
    sections = [scenario.document.get("uncertain"), (scenario.document.get("sweep") or {}).get("parameters")]
    return list(dict.fromkeys(str(path) for each in sections if isinstance(each, dict) for path in each))


def _knob(path: str, row: Any, ends: Any) -> Knob:
    found = _VALUE.fullmatch(str(row["value"]))
    if not found:
        raise ValueError(f"{path} is {row['value']!r}, which no slider can show")
    value, unit = float(found[1]), found[2]
    allowed = _ALLOWED.search(str(row["allowed"]))
    least, most = (float(allowed[1]), float(allowed[2])) if allowed else (-float("inf"), float("inf"))
    if ends is not None and all(unit == _parts(end)[1] or not _parts(end)[1] for end in ends):
        low, high = sorted(_parts(end)[0] for end in ends)
    elif allowed and most - least <= 2:
        low, high = least, most
    else:
        low, high = sorted((value / 4, value * 4)) if value else (0.0, 1.0)
    return Knob(path, value, max(min(low, value), least), min(max(high, value), most), unit)


def _spread(scenario: Scenario, path: str) -> Any:
    """The ends of a uniform or triangular distribution of the parameter; None if it has another one."""
    for section in ("uncertain", "sweep"):
        part = scenario.document.get(section) or {}
        law = (part.get("parameters") or {} if section == "sweep" else part).get(path)
        for name in ("uniform", "triangular"):
            if isinstance(law, dict) and isinstance(law.get(name), list):
                return law[name][0], law[name][-1]
    return None


def _parts(value: Any) -> tuple[float, str]:
    found = _VALUE.fullmatch(str(value))
    return (float(found[1]), found[2]) if found else (float("nan"), "?")
