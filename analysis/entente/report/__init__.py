"""One page for readers who do not program: the question, the answer and how sure it is, and the assumptions.

`write(result, "report.html")` makes a single HTML file that loads nothing: it contains data, charts and styles.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd

from entente import plot, times
from entente.errors import chosen
from entente.files import HTML, expanded, replacing
from entente.report import attribution, choosing, facts, inputs, opening, scenario, sections, standing, sweep
from entente.report.context import Context
from entente.report.data import chart_data
from entente.report.wording import period, text
from entente.result import WITHOUT, Result

_ASSETS = {
    "css": "report.css",
    "js": "report.js",
    "uplot_js": "uPlot.iife.min.js",
    "uplot_css": "uPlot.min.css",
    "uplot_licence": "uPlot.LICENSE",
}


def write(result: Result, path: str | os.PathLike[str], quantity: str | None = None) -> Path:
    """Write the report on `result`, from a run, a sweep or an attribution, to `path` and return the path.

    `quantity` names the outcome that the answer concerns; by default it is the scenario's first. Replaces an earlier
    page, but never the input or a file of another type (Unwritable).
    """
    out = expanded(path)
    with replacing(out, [result.path], HTML) as temporary:
        temporary.write_text(page(result, quantity), encoding="utf-8")
    return out


def page(result: Result, quantity: str | None = None) -> str:
    """The report as HTML text (see `write`)."""
    provenance = result.provenance()
    written = scenario.parsed(provenance)
    names = [str(name) for name in result.data["quantity"].values] if "quantity" in result.data.dims else []
    about = chosen("quantity", quantity or (names[0] if names else ""), names) if quantity or names else ""
    summary = result.summary() if names else None
    context = Context.of(result, provenance, written, summary, about)
    if "point" in result.data.dims:
        charts, parts = _no_charts(context), _of_sweep(context)
    elif summary is not None and _is_attribution(result):
        charts, parts = _no_charts(context), _of_attribution(context, summary)
    else:
        charts = chart_data(context)
        parts = [
            opening.answer(context, charts["course"]),
            sections.by_date(context, charts),
            standing.gains(context),
            sections.fans(context, charts),
            sections.network(charts),
            sections.side_by_side(context),
            sections.timeline(charts),
            inputs.matters(context),
            choosing.choice(context),
        ]
    parts += [inputs.assumptions(context), facts.facts(context), inputs.made(provenance)]
    assets = files("entente") / "assets"
    read = {name: (assets / file).read_text(encoding="utf-8") for name, file in _ASSETS.items()}
    start, end = (times.text(day, "%-d %B %Y") for day in period(result.data))
    replicates = result.data.sizes["replicate"] * result.data.sizes.get("point", 1)
    return Template((assets / "report.html").read_text(encoding="utf-8")).substitute(
        read,
        scripts=" ".join(_hash(read[name]) for name in ("uplot_js", "js")),
        title=text(result.data.attrs.get("title", result.path.stem)),
        kicker=f"{start} to {end} · {replicates:,} simulated future{'' if replicates == 1 else 's'}",
        question=text(scenario.question(provenance, written, result.variants, context.names.variant)),
        sections="\n".join(part for part in parts if part),
        data=json.dumps(charts, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        source=text(plot.source_line(result.data, provenance)),
    )


def _is_attribution(result: Result) -> bool:
    others = result.variants[1:]
    return len(others) > 0 and all(name.startswith(WITHOUT) for name in others)


def _no_charts(context: Context) -> dict[str, Any]:
    """The data of a page without charts."""
    empty: dict[str, Any] = {name: [] for name in ("contrasts", "series", "curves", "untold")}
    return {**empty, "variants": context.result.variants, "network": None}


def _of_attribution(context: Context, summary: pd.DataFrame) -> list[str]:
    effects = context.result.attribution()
    return [
        attribution.answer(context, effects, summary),
        attribution.matters(context, effects, summary),
        inputs.matters(context, attribution.largest(context, effects)),
    ]


def _of_sweep(context: Context) -> list[str]:
    indices = None if context.summary is None else context.result.sensitivity()
    parts = [sweep.answer(context, indices), sweep.matters(context, indices)]
    return [*parts, choosing.choice(context), sweep.swept(context)]


def _hash(script: str) -> str:
    """The hash by which the page's security policy allows a script; the browser runs no other script in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
