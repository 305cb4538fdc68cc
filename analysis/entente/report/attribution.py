"""The sections of the report on an attribution: what each event changes that was left out in turn."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from entente.report.context import Context
from entente.report.contrast import Contrast
from entente.report.inputs import bar
from entente.report.wording import Scale, breakable, section, text
from entente.result import WITHOUT

#: Events told of each quantity, and the smallest effect beside the largest.
_MOST, _LEAST = 10, 0.001


def answer(context: Context, effects: pd.DataFrame, summary: pd.DataFrame) -> str:
    """The event with the largest effect on the quantity of the answer, and the next ones."""
    result, rows = context.result, _ranked(effects, context.about)
    base = summary.loc[(context.about, result.variants[0])]
    scale = Scale.of(summary.loc[[context.about]])
    label = f"<em>{text(context.label)}</em>"
    n = len(result.variants) - 1
    made = (
        f"{n:,} event{'s were' if n != 1 else ' was'} left out in turn, in {result.data.sizes['replicate']:,} "
        f"pairs of simulated futures. With all of them the mean is {scale.number(base['mean'])}{scale.unit}. The "
        "effect of an event is the mean with it minus the mean without it; effects do not add up."
    )
    if rows.empty:
        lead = f'<p class="said">None of the events changes {label} in any simulated future.</p>'
        return section("answer", "The answer", f"{lead}<p>{made}</p>")
    first, *others = rows.head(4).to_dict("records")
    body = f'<p class="said">{_said(context, first, scale, label)}</p><p>{made}</p>'
    if others:
        items = "".join(f"<li>{_said(context, row, scale, 'it')}</li>" for row in others)
        body += f"<ul class=others>{items}</ul>"
    return section("answer", "The answer", body)


def _said(context: Context, row: dict[str, Any], scale: Scale, label: str) -> str:
    """An event's effect in a sentence, its interval small."""
    event = text(context.names.entry(str(row["without"])))
    verb = "adds {} to" if row["effect"] > 0 else "takes {} from"
    size = f"{scale.effect(abs(row['effect']))}{scale.unit}"
    event = event[:1].upper() + event[1:]
    return f"{event}: {verb.format(size)} {label} <small>({_meaning(row, scale)})</small>."


def matters(context: Context, effects: pd.DataFrame, summary: pd.DataFrame) -> str:
    """The events ranked for each quantity, the one that is asked about first."""
    asked = context.about
    names = [asked, *(name for name in context.quantities if name != asked)]
    shown, *folded = [_table(context, effects, summary, name) for name in names]
    body = (
        "<p>Each event was left out in turn. The effect is the mean with it minus the mean without it, over paired "
        f"replicates, with its 95 % interval; those that cannot be distinguished from zero are pale.</p>{shown}"
    )
    if folded:
        body += f"<details><summary>The other quantities</summary>{''.join(folded)}</details>"
    return section("calendar-matters", "What on the calendar matters", body)


def largest(context: Context, effects: pd.DataFrame) -> Contrast | None:
    """The comparison with the largest effect on the quantity of the answer; none if nothing changes it."""
    rows = _ranked(effects, context.about)
    name = f"{WITHOUT}{rows['without'].iloc[0]}" if len(rows) else ""
    return next((each for each in context.contrasts if each.variant == name), None)


def _ranked(effects: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """The rows of what changes the quantity, the largest effect first."""
    of = effects["quantity"] == quantity
    return effects[of & ((effects["effect"] != 0) | (effects["effect_sd"] > 0)) & effects["effect"].notna()]


def _meaning(row: dict[str, Any], scale: Scale) -> str:
    low, high = row["effect_low"], row["effect_high"]
    if math.isfinite(low) and math.isfinite(high):
        return f"Monte Carlo 95 % interval {scale.gap_span(low, high)}{scale.unit}"
    return "too few simulated futures for an interval"


def _table(context: Context, effects: pd.DataFrame, summary: pd.DataFrame, quantity: str) -> str:
    rows, all_rows = _ranked(effects, quantity), effects[effects["quantity"] == quantity]
    scale = Scale.of(summary.loc[[quantity]])
    title = text(context.label_of(quantity))
    unit = f" <small>{scale.unit.strip()}</small>" if scale.unit else ""
    if rows.empty:
        return f"<h3>{title}</h3><p>No event changes it in any replicate.</p>"
    largest = float(rows["effect"].abs().max())
    shown = rows[rows["effect"].abs() >= _LEAST * largest].head(_MOST)
    lines = "".join(_row(context, row, largest, scale) for row in shown.to_dict("records"))
    idle, smaller = len(all_rows) - len(rows), len(rows) - len(shown)
    said = [f"{smaller} more have smaller effects"] * (smaller > 0) + [f"{idle} change it in no replicate"] * (idle > 0)
    rest = f"<p class=note>{'; '.join(said)}.</p>" if said else ""
    return (
        f"<h3>{title}{unit}</h3><table class=matters><thead><tr><th scope=col>event</th><th scope=col><span class=vh>"
        f"size, drawn</span></th><th scope=col>effect</th><th scope=col>95 % interval</th></tr></thead><tbody>{lines}"
        f"</tbody></table>{rest}"
    )


def _row(context: Context, row: dict[str, Any], largest: float, scale: Scale) -> str:
    value, low, high = row["effect"], row["effect_low"], row["effect_high"]
    known = math.isfinite(low) and math.isfinite(high)
    pale = " class=pale" if known and low <= 0 <= high else ""
    interval = scale.gap_span(low, high) if known else "too few replicates"
    number = scale.gap(value, low, high) if known else scale.effect(value, "+")
    return (
        f"<tr><th scope=row>{text(context.names.entry(str(row['without'])))}"
        f"<small class=path><code>{breakable(str(row['without']))}</code></small></th>"
        f"<td class=strip>{bar(abs(value) / largest)}</td>"
        f"<td><span{pale}>{number}</span></td><td>{interval}</td></tr>"
    )
