"""Choosing between the options that the scenario declares: regret, dominance, where an option helps."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from entente import decisions
from entente.program import ProgramError, call
from entente.report.context import Context
from entente.report.contrast import Contrast
from entente.report.labels import listed
from entente.report.wording import Scale, capital, percent, section, short, text

#: Below this share of the states on one side of zero an option helps, or not, whatever the parameters are.
_RARE = 0.05


def choice(context: Context) -> str:
    """The table of regret for each quantity, and when the options help; empty if the scenario declares no choice.

    The numbers are the program's (`entente choose`, `discover`, `compare --why`); without it there is no section.
    """
    data = context.result.data
    if "variant_role" not in data or int((data["variant_role"] != "").sum()) < 2:
        return ""
    try:
        table = decisions.choose(context.result)
        why = _why(context, list(dict.fromkeys(table["quantity"])))
        groups = table.groupby("quantity", sort=False)
        parts = [_of_quantity(context, str(name), rows, why) for name, rows in groups]
    except (ProgramError, OSError):
        return ""
    options = [context.names.variant(str(name)) for name in dict.fromkeys(table["option"])]
    of_points = bool((table["states"] == "points").all())
    state = "point of the sweep, by the averages of its futures" if of_points else "simulated future"
    hindsight = "" if of_points else " Regret is therefore that of hindsight: chance is in it."
    body = (
        f"<p>The scenario declares {text(listed([f'“{each}”' for each in options]))} as options. The regret of an "
        f"option is by how much the best option would have been better, in each {state}.{hindsight} An option is "
        f"dominated if another one is nowhere worse and somewhere better.</p>{''.join(parts)}"
    )
    return section("choice", "Choosing between the options", body)


def _why(context: Context, quantities: Sequence[str]) -> list[dict[str, Any]]:
    """What moves each change and what it is worth to know (`entente compare --why`); empty without uncertain draws."""
    if "drawn" not in context.result.data or "point" in context.result.data.sizes:
        return []
    return list(json.loads(call(["compare", "--json", "--why", "--", str(context.result.path), *quantities])))


def _of_quantity(
    context: Context, quantity: str, rows: pd.DataFrame, why: Sequence[Mapping[str, Any]]
) -> str:
    title = f"<h3>{text(context.label_of(quantity))}</h3>"
    if not (rows["regret_largest"] > 0).any():
        return f"{title}<p>All options give the same in every case: there is nothing to choose.</p>"
    least = rows["aim"].iloc[0] == "min"
    best = rows.loc[rows["mean"].idxmin() if least else rows["mean"].idxmax()]
    scale = Scale(str(rows["unit"].iloc[0]), float(rows["mean"].abs().max()))
    states = "points of the sweep" if rows["states"].iloc[0] == "points" else "futures"
    often = f"no option is better in {_of_all(float(best['best']), states)}"
    name = text(context.names.variant(str(best["option"])))
    said = f"The {'smaller' if least else 'larger'} the better. On average “{name}” is the best; {often}."
    return (
        f"{title}<p>{said}{_worth(context, quantity, scale, why)}</p>{_table(context, rows, scale)}"
        f"{_worst(context, rows, scale)}{_helps(context, quantity, rows, scale, least)}"
    )


def _table(context: Context, rows: pd.DataFrame, scale: Scale) -> str:
    unit = f"<small>{scale.unit}</small>" if scale.unit else ""
    heads = [f"average{unit}", f"average regret{unit}", "regret, 90th percentile", "largest regret"]
    heads += ["none is better in", "dominated by"]
    body = []
    for _, row in rows.iterrows():
        over = row["dominated_by"]
        cells = [
            scale.number(row["mean"]),
            *(_small(scale, float(row[name])) for name in ("regret", "regret_90", "regret_largest")),
            percent(float(row["best"])),
            text(context.names.variant(str(over))) if isinstance(over, str) else "none",
        ]
        plain = [head.split("<")[0] for head in heads]
        data = "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in zip(plain, cells, strict=True))
        body.append(f"<tr><th scope=row>{text(context.names.variant(str(row['option'])))}</th>{data}</tr>")
    head = "".join(f"<th scope=col>{each}</th>" for each in ("option", *heads))
    return f"<table class='wide stack'><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _small(scale: Scale, regret: float) -> str:
    """A regret with the decimals of the averages; one that they cannot show as less than the smallest they can."""
    least = 10.0**-scale.digits
    return f"&lt; {least:.{scale.digits}f}" if 0 < regret * scale.factor < least / 2 else scale.number(regret)


def _of_all(share: float, states: str) -> str:
    many = percent(share) if 0 < share < 1 else "none" if share <= 0 else "all"
    return f"{many} of the {states}"


def _worst(context: Context, rows: pd.DataFrame, scale: Scale) -> str:
    """Where the regret of an option is largest, a line an option."""
    items = []
    for _, row in rows.iterrows():
        if not row["worst_box"]:
            continue
        size = f"{scale.effect(float(row['worst_regret']))}{scale.unit}"
        name = text(context.names.variant(str(row["option"])))
        items.append(f"<li>“{name}” gives away most, {size} on average, {_where(context, row['worst_box'])}.</li>")
    return f"<ul class=others>{''.join(items)}</ul>" if items else ""


def _worth(context: Context, quantity: str, scale: Scale, why: Sequence[Mapping[str, Any]]) -> str:
    """What it would be worth to know the uncertain parameters before choosing, in a sentence."""
    rows = [row for row in why if row["quantity"] == quantity and row["choice"]]
    if not rows or rows[0]["choice"]["evpi_parameters"] is None:
        return ""
    worth = float(rows[0]["choice"]["evpi_parameters"])
    if worth * scale.factor < 10.0**-scale.digits / 2:
        return " Nothing that one could learn about the uncertain parameters would visibly change the choice."
    known = {str(one["parameter"]): float(one["evppi"]) for one in rows[0]["why"] if (one["evppi"] or 0) > 0}
    most = max(known, key=lambda name: known[name], default=None)
    alone = ""
    if most is not None:
        of = f"{scale.effect(known[most])}{scale.unit}"
        alone = f", to know “{text(context.names.parameter(most))}” alone {of}"
    return f" To know all uncertain parameters before choosing would be worth {scale.effect(worth)}{scale.unit}{alone}."


def _helps(context: Context, quantity: str, rows: pd.DataFrame, scale: Scale, least: bool) -> str:
    """For each option that is not the base, for which parameters it, or what it leaves out, helps."""
    options = set(rows["option"])
    if context.result.variants[0] not in options:
        return ""
    parts = [
        _help(context, quantity, each, scale, least) for each in context.contrasts if each.variant in options
    ]
    return "".join(parts)


def _beyond(context: Context, outcome: str, value: float, better: float, method: str) -> pd.DataFrame:
    """Where the outcome lies on the better side of the value."""
    if better > 0:
        return decisions.discover(context.result, outcome, above=value, method=method)
    return decisions.discover(context.result, outcome, below=value, method=method)


def _help(context: Context, quantity: str, contrast: Contrast, scale: Scale, least: bool) -> str:
    better = -contrast.sign if least else contrast.sign  # of the variant minus the base, where the first side is better
    found = 0.0
    outcome = f"{quantity}:{contrast.variant}"
    tree = _beyond(context, outcome, 0.0, better, "cart")
    share = tree.attrs["n_beyond"] / tree.attrs["n"]
    states = "points of the sweep" if tree.attrs["states"] == "points" else "futures"
    first = text(contrast.first)
    head, said = f"When is it better {first}?", f"{capital(first)} it is better in {_of_all(share, states)}."
    if share < _RARE:
        few = " These are too few to tell for which parameters." if share > 0 else ""
        return f"<h4>{head}</h4><p>{said}{few}</p>"
    if share > 1 - _RARE:
        assert context.summary is not None
        rows = context.summary.xs((quantity, contrast.variant), level=("quantity", "variant"))
        found = float(rows["difference"].mean())
        if not better * found > 0:
            return f"<h4>{head}</h4><p>{said}</p>"
        tree = _beyond(context, outcome, found, better, "cart")
        size = f"{scale.effect(abs(found))}{scale.unit}"
        much = percent(tree.attrs["n_beyond"] / tree.attrs["n"])
        said += f" It is better by more than the average, {size}, in {much}."
        head = f"When is it much better {first}?"
    boxes = _beyond(context, outcome, found, better, "prim")
    return f"<h4>{head}</h4><p>{said} {_boxes(context, boxes)}</p>{_tree(context, tree)}"


def _boxes(context: Context, boxes: pd.DataFrame) -> str:
    """The boxes of PRIM in sentences."""
    if boxes.empty:
        return "No range of the parameters has clearly more of these than the rest."
    told = []
    for _, rows in boxes.groupby("box"):
        limits = {str(row["parameter"]): (row["low"], row["high"]) for _, row in rows.iterrows()}
        density, coverage = float(rows["density"].iloc[0]), float(rows["coverage"].iloc[0])
        told.append(
            f"{capital(_where(context, limits))} this holds in {percent(density)}; {percent(coverage)} of all such "
            "cases lie there."
        )
    return " ".join(told)


def _where(context: Context, limits: Mapping[str, tuple[float, float]]) -> str:
    return f"where {listed([_limit(context, path, *ends) for path, ends in limits.items()])}"


def _limit(context: Context, path: str, low: float, high: float) -> str:
    name = f"“{text(context.names.parameter(path))}”"
    if math.isinf(low):
        return f"{name} is below {short(high)}"
    return f"{name} is above {short(low)}" if math.isinf(high) else f"{name} is from {short(low)} to {short(high)}"


def _tree(context: Context, table: pd.DataFrame) -> str:
    """The classification tree, folded: its leaves as a table."""
    tree: Mapping[str, Any] | None = table.attrs["tree"]
    if tree is None or "parameter" not in tree:
        return ""
    rows = "".join(
        f"<tr><th scope=row>{capital(_where(context, limits))}</th><td data-head='holds in'>{percent(density)}</td>"
        f"<td data-head=of>{n:,}</td></tr>"
        for limits, n, density in _leaves(tree, {})
    )
    return (
        "<details><summary>The same as a classification tree</summary><table class='wide stack'><thead><tr>"
        "<th scope=col>leaf</th><th scope=col>holds in</th><th scope=col>of</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></details>"
    )


def _leaves(node: Mapping[str, Any], limits: dict[str, tuple[float, float]]) -> list[tuple[dict[str, Any], int, float]]:
    if "parameter" not in node:
        return [(limits, int(node["n"]), float(node["density"]))]
    path, limit = str(node["parameter"]), float(node["limit"])
    low, high = limits.get(path, (-math.inf, math.inf))
    below, above = {**limits, path: (low, limit)}, {**limits, path: (limit, high)}
    return _leaves(node["below"], below) + _leaves(node["above"], above)
