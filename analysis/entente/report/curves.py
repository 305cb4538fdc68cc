"""Curves over time for the page's script: the effect on the quantity of the answer, and probabilities by date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from entente import times
from entente.report.asked import Course, brief, course, definition, first_times
from entente.report.context import Context
from entente.report.effect import FIRST_TIME, MEAN, sort_of
from entente.report.wording import Scale, rounded
from entente.result import Result

#: Probability curves on the page.
_MOST_CURVES = 12


def course_data(context: Context) -> dict[str, Any] | None:
    """The quantity of the answer over time: the effect of each other variant, or the probability in each variant.

    An effect has its mean and the ends of its 90 % range over the pairs. None if the file does not have the course.
    """
    result = context.result
    if context.summary is None:
        return None
    entry = definition(context.written, context.about)
    found = course(result, entry, context.about, result.variants)
    if found is None:
        return None
    values = result.data["quantity_value"].sel(quantity=context.about)
    unit = str(result.data["quantity_unit"].sel(quantity=context.about).values)
    sort = sort_of(values, unit)
    if sort != MEAN:
        return _shares(context, found)
    if not context.contrasts:
        return None
    places = {name: i for i, name in enumerate(result.variants)}
    largest = float(np.nanmax(np.abs(found.values))) if np.isfinite(found.values).any() else 1.0
    scale = Scale(unit, largest)
    effects = []
    for each in context.contrasts:
        first, second = (found.values[places[name]] for name in each.sides)
        gap = scale.factor * (first - second)
        effects.append(
            {
                "name": f"what {each.subject} changes".replace(",", ""),
                "mean": rounded(gap.mean(axis=0), 4),
                "low": rounded(np.quantile(gap, 0.05, axis=0), 4),
                "high": rounded(np.quantile(gap, 0.95, axis=0), 4),
            }
        )
    undated = {key: value for key, value in entry.items() if key != "at"}
    label = f"effect on {brief(undated, context.names) or context.label}"
    time = times.seconds(found.dates)
    return {"label": label, "unit": scale.plain, "time": time, "effects": effects, "asked": _asked(entry)}


def _asked(entry: Mapping[str, Any]) -> list[int]:
    """The date that the quantity asks for, in seconds since 1970, if it names one."""
    try:
        return times.seconds(times.moment(str(entry["at"]))) if "at" in entry else []
    except ValueError:
        return []


def curves_data(context: Context) -> list[dict[str, Any]]:
    """The probability by date of each first time that the scenario asks for, in each variant.

    Without the quantity of the answer, whose curve stands there.
    """
    result: Result = context.result
    if context.summary is None or "point" in result.data.sizes:
        return []
    out = []
    for name in (str(each) for each in result.data["quantity"].values if str(each) != context.about):
        values = result.data["quantity_value"].sel(quantity=name)
        unit = str(result.data["quantity_unit"].sel(quantity=name).values)
        entry = definition(context.written, name)
        bound = {"above", "below"} & set(entry)
        if ("first" in entry and not bound) or (not bound and sort_of(values, unit) == FIRST_TIME):
            curve = _shares(context, first_times(result, name, result.variants))
            out.append({**curve, "label": context.label_of(name)})
    return out[:_MOST_CURVES]


def _shares(context: Context, found: Course) -> dict[str, Any]:
    lines = [rounded(found.values[v].mean(axis=0), 4) for v in range(len(context.result.variants))]
    return {"label": context.label, "unit": "share", "time": times.seconds(found.dates), "shares": lines}
