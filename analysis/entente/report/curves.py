"""Curves over time for the page's script: the effect on the quantity of the answer, and probabilities by date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from entente import times
from entente.report.asked import brief, definition
from entente.report.context import Context
from entente.report.course import Course, course, first_times, of_dates
from entente.report.effect import FIRST_TIME, MEAN, sort_of
from entente.report.wording import Scale, rounded

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
        return {**_shares(context, found), "label": _undated(context, context.about, entry)}
    if not context.contrasts:
        return {**_means(context, found, unit), "label": _undated(context, context.about, entry)}
    places = {name: i for i, name in enumerate(result.variants)}
    largest = float(np.nanmax(np.abs(found.values))) if np.isfinite(found.values).any() else 1.0
    scale = Scale(unit, largest)
    effects = []
    for each in context.contrasts:
        first, second = (found.values[places[name]] for name in each.sides)
        gap = scale.factor * (first - second)
        effects.append(
            {
                "name": f"what {each.subject} {each.does('changes')}".replace(",", ""),
                "mean": rounded(gap.mean(axis=0), 4),
                "low": rounded(np.quantile(gap, 0.05, axis=0), 4),
                "high": rounded(np.quantile(gap, 0.95, axis=0), 4),
            }
        )
    undated = {key: value for key, value in entry.items() if key != "at"}
    label = f"effect on {brief(undated, context.names, context.label_of) or context.label}"
    time = times.seconds(found.dates)
    return {"label": label, "unit": scale.plain, "time": time, "effects": effects, "asked": _asked(entry)}


def _asked(entry: Mapping[str, Any]) -> list[int]:
    """The date that the quantity asks for, in seconds since 1970, if it names one."""
    try:
        return times.seconds(times.moment(str(entry["at"]))) if "at" in entry else []
    except ValueError:
        return []


def curves_data(context: Context) -> list[dict[str, Any]]:
    """By date, in each variant: the probability of each first time, and the curves that the scenario asks for.

    Without the quantity of the answer, whose curve stands there.
    """
    result, out = context.result, []
    if context.summary is None or "point" in result.data.sizes:
        return []
    for name in (each for each in context.quantities if each != context.about):
        values = result.data["quantity_value"].sel(quantity=name)
        unit = str(result.data["quantity_unit"].sel(quantity=name).values)
        entry, sort = definition(context.written, name), sort_of(values, unit)
        bound = {"above", "below"} & set(entry)
        found = of_dates(result, name, result.variants)
        if not bound and ("first" in entry or (sort == FIRST_TIME and found is None)):
            found, sort = first_times(result, name, result.variants), FIRST_TIME
        if found is not None:
            curve = _means(context, found, unit) if sort == MEAN else _shares(context, found)
            out.append({**curve, "label": _undated(context, name, entry)})
    return out[:_MOST_CURVES]


def _undated(context: Context, quantity: str, entry: Mapping[str, Any]) -> str:
    """The label of a curve: that of its quantity, without the date or the unit that do not hold along it."""
    label = context.label_of(quantity)
    if label == brief(entry, context.names, context.label_of):
        label = brief({key: value for key, value in entry.items() if key != "at"}, context.names, context.label_of)
    return re.sub(r"^(?:days (?:to|until) (?:the first )?|events: )", "", label)


def _shares(context: Context, found: Course) -> dict[str, Any]:
    return {**_means(context, found, ""), "unit": "share"}


def _means(context: Context, found: Course, unit: str) -> dict[str, Any]:
    """The mean by date in each variant."""
    means = found.values.mean(axis=1)
    scale = Scale(unit, float(np.nanmax(np.abs(means))) if np.isfinite(means).any() else 1.0)
    lines = [rounded(scale.factor * means[v], 4) for v in range(len(context.result.variants))]
    return {"unit": scale.plain, "time": times.seconds(found.dates), "lines": lines}
