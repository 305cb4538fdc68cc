"""Curves over time for the page's script: the effect on the quantity of the answer, and probabilities by date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from entente import estimates, times
from entente.report.asked import brief, definition
from entente.report.context import Context
from entente.report.courses.course import Course, course, first_times, of_dates
from entente.report.effect import FIRST_TIME, MEAN, sort_of
from entente.report.wording import Scale, rounded

#: Probability curves on the page.
_MOST_CURVES = 12
#: Replicates that must carry the variance of a mean for its interval: their number divided by the kurtosis.
_CARRIERS = 10


def course_data(context: Context) -> dict[str, Any] | None:
    """The quantity of the answer over time: the effect of each other variant, or the probability in each variant.

    An effect has its mean and the ends of its 90 % range over the pairs. None if the file does not have the course.
    """
    result = context.result
    if context.summary is None:
        return None
    entry = definition(context.written, context.about)
    found = course(result, context.written, entry, context.about, result.variants)
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


def curves_data(context: Context) -> tuple[list[dict[str, Any]], list[str]]:
    """By date, in each variant: the probability of each first time and condition, the curves that a scenario asks for.

    Without the quantity of the answer, whose curve stands there. And the conditions that the file does not tell.
    """
    result, out, untold = context.result, [], []
    if context.summary is None or "point" in result.data.sizes:
        return [], []
    for name in (each for each in context.quantities if each != context.about):
        values = result.data["quantity_value"].sel(quantity=name)
        unit = str(result.data["quantity_unit"].sel(quantity=name).values)
        entry, sort = definition(context.written, name), sort_of(values, unit)
        bound = {"above", "below"} & set(entry)
        found = of_dates(result, name, result.variants)
        if found is None and "condition" in entry:
            found = course(result, context.written, entry, name, result.variants)
        if not bound and ("first" in entry or (sort == FIRST_TIME and found is None)):
            found, sort = first_times(result, name, result.variants), FIRST_TIME
        if found is not None:
            curve = _means(context, found, unit) if sort == MEAN else _shares(context, found)
            out.append({**curve, "label": _undated(context, name, entry)})
        elif "condition" in entry:
            untold.append(name)
    return out[:_MOST_CURVES], untold


def _undated(context: Context, quantity: str, entry: Mapping[str, Any]) -> str:
    """The label of a curve: that of its quantity, without the date or the unit that do not hold along it."""
    label = context.label_of(quantity)
    if label == brief(entry, context.names, context.label_of):
        label = brief({key: value for key, value in entry.items() if key != "at"}, context.names, context.label_of)
    label = re.sub(r"^(?:days (?:to|until) (?:the first )?|events: )", "", label)
    return re.sub(r"(?:,| at| by)(?: the)? end of (?:the )?(?:\d{4}|period|year)", "", label)


def _shares(context: Context, found: Course) -> dict[str, Any]:
    """The probability by date in each variant, with its Monte Carlo 95 % interval (Wilson's)."""
    share, n = found.values.mean(axis=1), found.values.shape[1]
    low, high = estimates.wilson(share, n)
    return {**_lines(context, found, {"lines": share, "low": low, "high": high}, 1.0), "unit": "share"}


def _means(context: Context, found: Course, unit: str) -> dict[str, Any]:
    """The mean by date in each variant, with its Monte Carlo 95 % interval where enough replicates carry it."""
    means = found.values.mean(axis=1)
    scale = Scale(unit, float(np.nanmax(np.abs(means))) if np.isfinite(means).any() else 1.0)
    low, high = _interval(found.values)
    return {**_lines(context, found, {"lines": means, "low": low, "high": high}, scale.factor), "unit": scale.plain}


def _interval(values: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Of the mean over replicates [variant, replicate, time]; missing where few of them carry the variance."""
    n = values.shape[1]
    mean = values.mean(axis=1, keepdims=True)
    square = ((values - mean) ** 2).mean(axis=1)
    fourth = ((values - mean) ** 4).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        carriers = n * square**2 / fourth
    half = np.where((carriers >= _CARRIERS) & (n > 1), 1.96 * np.sqrt(square / max(n - 1, 1)), np.nan)
    return mean[:, 0] - half, mean[:, 0] + half


def _lines(context: Context, found: Course, lines: Mapping[str, Any], factor: float) -> dict[str, Any]:
    n = len(context.result.variants)
    return {
        "time": times.seconds(found.dates),
        **{name: [rounded(factor * values[v], 4) for v in range(n)] for name, values in lines.items()},
    }
