"""The opening of the report on a run: the answer, a size one knows, how sure, and the effect over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from entente import estimates, times
from entente.report.asked import definition
from entente.report.context import Context
from entente.report.contrast import Contrast
from entente.report.effect import FIRST_TIME, MEAN, PROBABILITY, Effect, Span, effect, sort_of, stored
from entente.report.labels import listed
from entente.report.measure import Known, known_sizes
from entente.report.standing import largest
from entente.report.wording import Scale, capital, count, edges, of_a_hundred, section, text

#: Writes both ends of a range with so many digits, and their unit.
Write = Callable[[Span, int], str]


def answer(context: Context, course: Mapping[str, Any] | None) -> str:
    """The answer in a sentence, and what it is worth; `course` is what the page draws of it over time."""
    if context.summary is None:
        return section("answer", "The answer", _unasked(context))
    if not context.contrasts:
        return section("answer", "The answer", _level(context) + _chart(context, course))
    first, *others = context.contrasts
    found = effect(context.result, context.summary, context.about, first)
    scale = Scale.of(context.summary.loc[context.about])
    body = f'<p class="said">{sentence(found, first, scale, context.label)}</p>'
    body += _explained(context) + _frequencies(context, found, first)
    body += _measure(context, found, first, scale) + _sure(found, scale) + _chart(context, course)
    if others:
        body += _others(context, others, scale)
    body += (
        '<p class="note">A simulated future is one run of the scenario. Each is simulated again with the change, with '
        "the same random numbers for the same events; the two are a pair. All of this follows from "
        '<a href="#assumptions">the assumptions</a>; it is no forecast.</p>'
    )
    return section("answer", "The answer", body)


def sentence(found: Effect, contrast: Contrast, scale: Scale, label: str) -> str:
    """The effect in a sentence, as HTML."""
    subject, name = text(contrast.subject), f"<em>{text(label)}</em>"
    cap = capital(subject)
    if found.nothing:
        return f"{cap} {contrast.does('changes')} nothing here: {name} is the same in every pair of simulated futures."
    first, second = text(contrast.first), text(contrast.second)
    if found.sort != MEAN:
        here, there, gap, of = of_a_hundred(found.first, found.second)
        comes = "it happens within the period in" if found.sort == FIRST_TIME else "in"
        change = f"{abs(gap):,} {'more' if gap > 0 else 'fewer'}" if gap and found.clear else "no clear difference"
        return f"{capital(name)}: {comes} {here:,} of {of:,} futures {first}, in {there:,} {second}: {change}."
    if not math.isfinite(found.effect):
        return f"Too few simulated futures have a value in both to compare {name} {first} and {second}."
    means = f"{scale.number(found.first)}{scale.unit} {first}, {scale.number(found.second)} {second}, on average"
    if not found.clear:
        return f"No clear effect of {subject.rstrip(',')} on {name}: {means}."
    size = f"{scale.effect(abs(found.effect))}{scale.unit}"
    does = f"{contrast.does('adds')} {size} to" if found.effect > 0 else f"{contrast.does('takes')} {size} from"
    return f"{cap} {does} {name}: {means}."


def _explained(context: Context) -> str:
    said = context.explained(context.about)
    return f'<p class="note">{text(said)}.</p>' if said else ""


def _frequencies(context: Context, found: Effect, contrast: Contrast) -> str:
    """The pairs of futures in which it is higher, the same, lower."""
    if found.nothing:
        return ""
    more, less = found.higher, found.lower
    first = text(contrast.first)
    if found.sort == MEAN:
        higher, lower = count(more, 100), count(less, 100)
        said = (
            f"In {higher} of 100 pairs of futures it is higher {first} than {text(contrast.second)}, in {lower} "
            f"lower, in {max(100 - higher - lower, 0)} the same."
        )
        return f"<p>{said}</p>"
    only, none, _, of = of_a_hundred(more, less)
    second = "without it" if contrast.second == "without" else text(contrast.second)
    said = f"Pair by pair: {only:,} of {of:,} have it only {first}, {none:,} only {second}."
    if found.sort == FIRST_TIME and found.sooner:
        days = f"{abs(found.sooner):,.3g} days {'sooner' if found.sooner > 0 else 'later'}"
        said += f" It comes {days} {first} on average, if the end of the period counts where it does not come."
    return f"{_futures(context, found, contrast)}<p>{said}</p>"


def _futures(context: Context, found: Effect, contrast: Contrast) -> str:
    """A hundred futures of each side, drawn, those in which it happens filled."""
    parts, chosen = [], ' class="yes"'
    shares = (found.first, contrast.first), (found.second, contrast.second)
    for variant, (share, where) in zip(contrast.sides, shares, strict=True):
        n, i = count(share, 100), context.result.variants.index(variant) % 6
        dots = "".join(
            f'<circle cx="{10 * (k % 20) + 5}" cy="{10 * (k // 20) + 5}" r="3.6"{chosen if k < n else ""}/>'
            for k in range(100)
        )
        parts.append(
            f'<div><svg class="dots v{i}" viewBox="0 0 200 50" aria-hidden="true">{dots}</svg>'
            f"<span>about {n} of 100 {text(where)}</span></div>"
        )
    return f'<div class="futures">{"".join(parts)}</div>'


def _measure(context: Context, found: Effect, contrast: Contrast, scale: Scale) -> str:
    """The effect beside sizes that a reader knows."""
    if found.sort != MEAN or found.nothing or not math.isfinite(found.effect):
        return ""
    assert context.summary is not None
    entry = definition(context.written, context.about)
    mean = float(context.summary.loc[(context.about, contrast.base), "mean"])
    apart = context.names.dropped(context.written, contrast.variant)
    known = known_sizes(context.result, entry, context.names, mean, apart, found.effect)
    return _row("A size to compare", _compared(found, known, scale)) if known else ""


def _compared(found: Effect, known: Sequence[Known], scale: Scale) -> str:
    sizes = "; ".join(each.what.format(f"{scale.effect(each.size)}{scale.unit}") for each in known)
    ratios = [f"{_times(abs(found.effect) / each.size)} {text(each.thing)}" for each in known]
    return f"{text(sizes[:1].upper() + sizes[1:])}. The effect is {listed(ratios)}."


def _times(ratio: float) -> str:
    if 0.95 <= ratio <= 1.05:
        return "as large as"
    return f"{ratio:,.2g} times" if ratio < 100 else f"{ratio:,.0f} times"


def _sure(found: Effect, scale: Scale) -> str:
    """How sure the answer is: in words, and as the two ranges."""
    if found.nothing or not math.isfinite(found.effect):
        return ""
    spans = []
    if found.parameters and found.parameters[0] < found.parameters[1]:
        spans.append(("Depends on parameters we do not know", "par", found.parameters))
    if found.chance and found.sort == MEAN and not found.constant:
        spans.append(("Chance in the world", "cha", found.chance))
    write = _writer(found, scale)
    ranges = _ranges(spans, found.effect, write) if spans else ""
    digits = _computed(found, write)
    return _row("How sure", f"{_in_words(found)}{ranges}{digits}")


def _writer(found: Effect, scale: Scale) -> Write:
    """Writes the ends of a range of effects; a change of a probability in futures of 100."""
    of = Scale("", 1) if found.sort != MEAN else scale
    factor, unit = (100, " in 100") if found.sort != MEAN else (1, scale.unit)

    def write(span: Span, digits: int) -> str:
        ends = dict.fromkeys(of.effect(factor * x, "+", digits) for x in span)  # once where they are written alike
        return f"{' to '.join(ends)}{unit}"

    return write


def _in_words(found: Effect) -> str:
    if not found.clear:
        few = f"only {found.n_differ:,} of {found.n:,} pairs of futures differ, too few to tell how large the effect is"
        why = f"{found.n:,} pairs of futures do not tell the average effect from zero"
        return f"<p>Not sure: {few if found.interval is None else why}. More simulated futures may show it.</p>"
    toward = found.higher if found.effect > 0 else found.lower
    said = ["The direction is clear on average under the scenario’s assumptions."]
    if found.parameters:
        low, high = found.parameters
        if low == high:
            said.append("These futures do not show that its size depends on the uncertain parameters.")
        elif low < 0 < high:
            said = ["The direction depends on parameters that nobody knows well."]
        else:
            said.append(_size_in_words(*sorted((abs(low), abs(high)))))
    if found.sort == MEAN and not found.constant:
        often = "almost always" if toward >= 0.95 else "usually" if toward >= 0.75 else "in some futures only"
        said.append(f"In a single future, chance decides how large it is; it goes this way {often}.")
    return f"<p>{' '.join(said)}</p>"


def _size_in_words(small: float, large: float) -> str:
    """How far the size of an effect of one direction depends on the parameters, by the ends of its range."""
    if large < 1.3 * small:
        return "The size depends little on the uncertain parameters."
    ends = (
        f"{large / small:.2g} times as large at one end of its range as at the other"
        if large < 20 * small
        else "next to nothing at one end of its range"
    )
    return f"The size is not: over the parameters that nobody knows well, the average effect may be {ends}."


def _ranges(spans: Sequence[tuple[str, str, Span]], middle: float, write: Write) -> str:
    """Each range as words, numbers and a bar on one common axis that contains zero."""
    ends = [0.0, middle, *(x for _, _, span in spans for x in span)]
    low, high = min(ends), max(ends)
    wide = (high - low) or 1.0

    def x(value: float) -> float:
        return round(2 + 96 * (value - low) / wide, 2)

    rows = []
    for words, kind, (a, b) in spans:
        bar = (
            f'<svg class="{kind}" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">'
            f'<line class="zero" x1="{x(0)}" x2="{x(0)}" y1="0" y2="14"/>'
            f'<rect x="{x(a)}" y="3" width="{max(round(x(b) - x(a), 2), 0.6)}" height="8"/>'
            f'<rect class="mean" x="{round(x(middle) - 0.4, 2)}" y="0" width="0.8" height="14"/></svg>'
        )
        rows.append(f"<dt>{words}</dt><dd>{bar}<span>{write((a, b), 2)}</span></dd>")
    meaning = "Nine in ten lie in each range. The tick is the average effect, the thin line is no effect."
    if any(kind == "cha" for _, kind, _ in spans):
        meaning += " The range of chance is that of a single pair; it depends on the pairing, which no data can show."
    return f'<dl class="ranges">{"".join(rows)}</dl><p class="note">{meaning}</p>'


def _computed(found: Effect, write: Write) -> str:
    """The Monte Carlo interval, small, and named as what it is."""
    if found.constant:
        return f'<p class="note">It is the same in each of the {found.n:,} pairs.</p>'
    if found.interval is None:
        said = "Too few futures to tell the numerical precision of the average (Monte Carlo interval)."
        return f'<p class="note">{said}</p>'
    return (
        f'<p class="note">Computed to: Monte Carlo 95 % interval {write(found.interval, 3)}, from {found.n:,} pairs. '
        "This is the numerical precision of the average; more simulated futures make it as narrow as one likes, and "
        f"it does not describe the world.{_ends(found, write)}</p>"
    )


def _ends(found: Effect, write: Write) -> str:
    """The Monte Carlo intervals of the ends of the range of chance, in a sentence."""
    if found.ends is None or found.sort != MEAN:
        return ""
    low, high = found.ends
    if " to " not in write(low, 2) + write(high, 2):
        return ""
    return f" The ends of the range of chance are computed to {write(low, 2)} and {write(high, 2)}."


def _row(head: str, body: str) -> str:
    return f'<div class="row"><h3>{head}</h3><div>{body}</div></div>'


def _chart(context: Context, course: Mapping[str, Any] | None) -> str:
    """The place for the curve over time, and what it shows in words."""
    if course is None:
        return _row("Over time", f"<p class=note>{keys}</p>") if (keys := _keys(context)) else ""
    body = '<div class="controls" id="course-controls"></div><div id="course-chart"></div>'
    if "effects" in course:
        n = estimates.ran(context.result.data).sizes["replicate"]
        body = f"<p>{_when(context, course)}</p>{body}"
        body += (
            '<p class="note">The line is the average effect, the band its 90 % range over the pairs of futures: chance '
            f"and parameters together. {edges(n, 'pairs', 'band')}"
            f"{'The dotted line is the date asked for.' if course['asked'] else ''}</p>"
        )
    else:
        of = "The probability by each date, in futures of 100" if course["unit"] == "share" else "The average by date"
        each = f'{of}{", for each variant" if context.contrasts else ""}'
        body += f'<p class="note">{each}; the band is the Monte Carlo 95 % interval of each point.</p>'
    return _row("Over time", body)


def _keys(context: Context) -> str:
    """What the scenario needs so that the page can show the quantity over time; empty where no key helps."""
    entry = definition(context.written, context.about)
    if not entry or "dates" in entry:
        return ""
    at = f"<code>dates: 1 month</code> under <code>quantities.{text(context.about)}</code>"
    return f"The file does not tell this quantity at other dates. With {at} the scenario stores its curve."


def _when(context: Context, course: Mapping[str, Any]) -> str:
    """When the effect is largest, and how large it is at other times."""
    mean = np.array([math.nan if x is None else x for x in course["effects"][0]["mean"]])
    unit = f" {course['unit']}" if course["unit"] else ""
    if not np.nanmax(np.abs(mean)) > 0:
        return "There is no effect at any date."
    scale = Scale("", 1.0)
    at = int(np.nanargmax(np.abs(mean)))
    day = times.text(np.datetime64(int(course["time"][at]), "s"), "%-d %B %Y")
    middle = float(np.nanmedian(np.abs(mean)))
    half = f"{scale.effect(middle)}{unit}" if middle else "0"
    most = text(scale.effect(mean[at], "+") + unit)
    if middle > 0.9 * abs(mean[at]):
        return f"The effect is largest on {day}, {most}, and close to that on half of all dates."
    return (
        f"The effect changes with the date. It is largest on {day}, {most}; on half of all dates it is smaller than "
        f"{text(half)}, up or down."
    )


def _others(context: Context, others: Sequence[Contrast], scale: Scale) -> str:
    """The other variants, a sentence each."""
    assert context.summary is not None
    items = []
    for each in others:
        found = effect(context.result, context.summary, context.about, each)
        said = sentence(found, each, scale, context.label)
        items.append(f"<li>{said}{f' <small>{text(each.note)}</small>' if each.note else ''}</li>")
    return _row("The other variants", f"<ul class=others>{''.join(items)}</ul>")


def _level(context: Context) -> str:
    """The answer of a run without other variants: the level and its ranges."""
    assert context.summary is not None
    row = context.summary.loc[(context.about, context.result.variants[0])]
    values = context.result.data["quantity_value"].sel(quantity=context.about, variant=context.result.variants[0])
    scale, name = Scale.of(context.summary.loc[context.about]), f"<em>{text(context.label)}</em>"
    sort = sort_of(values, str(row["unit"]))
    if row["n"] == 0 or not (math.isfinite(row["mean"]) or row["n_finite"] < row["n"]):
        return f'<p class="said">No simulated future has a value of {name}.</p>'
    n = int(row["n"])
    if sort != MEAN:
        share = float(row["mean"]) if sort == PROBABILITY else float(row["n_finite"] / row["n"])
        comes = "in" if sort == PROBABILITY else "it happens within the period in"
        of = next((of for of in (100, 1000) if share in (0, 1) or min(share, 1 - share) * of >= 0.995), 10_000)
        said = f'<p class="said">{capital(name)}: {comes} {count(share, of):,} of {of:,} simulated futures.</p>'
    else:
        said = f'<p class="said">{name} is {scale.number(row["mean"])}{scale.unit} on average.</p>'
    body = said + _explained(context)
    if sort == MEAN and n > 1 and row["sd"] > 0:
        both = "Chance in the world and parameters" if "drawn" in context.result.data else "Chance in the world"
        spans = [(both, "cha", (float(row["q5"]), float(row["q95"])))]
        known = stored(row, "parameters")
        if known and known[0] < known[1]:
            chance = stored(row, "chance") or spans[0][2]
            spans = [("Depends on parameters we do not know", "par", known), ("Chance in the world", "cha", chance)]
        words = "; ".join(f"{head.lower()}: {scale.number(a)} to {scale.number(b)}" for head, _, (a, b) in spans)
        said = f"Nine in ten futures lie in each range. {capital(words)}{scale.unit}."
        ends = [stored(row, q) for q in ("q5", "q95")]
        if all(ends):
            told = f"{' and '.join(scale.span(*end) for end in ends if end)}{scale.unit}"
            said += f" The ends of the range of chance are computed to {told} (Monte Carlo 95 % intervals)."
        body += _row("How sure", f"<p>{said}</p>")
    low, high = row["mean_low"], row["mean_high"]
    if math.isfinite(low) and math.isfinite(high):
        body += (
            f'<p class="note">Computed to: Monte Carlo 95 % interval of the mean {scale.span(low, high)}{scale.unit}, '
            f"from {n:,} simulated future{'s' if n != 1 else ''}.</p>"
        )
    elif row["sd"] == 0:
        body += f'<p class="note">It is the same in each of the {n:,} simulated futures.</p>'
    else:
        body += f'<p class="note">Too few simulated futures for a Monte Carlo interval of the mean ({n:,}).</p>'
    return body


def _unasked(context: Context) -> str:
    """What the page says if the scenario asks for no number."""
    found = largest(context)
    more = ", and which of them change" if context.contrasts else ""
    return (
        f'<p class="said">{found or "The scenario asks for no number."}</p><p>The scenario asks for no number; '
        f"its section <code>quantities</code> names what is asked for. Below is how the ties may develop{more}.</p>"
    )

