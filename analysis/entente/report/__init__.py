"""One page for readers who do not program: the question, the answer with its interval, and the assumptions.

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
from entente.report import attribution, inputs, scenario, sections, sweep, wording
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
    summary = wording.told(result) if names else None
    if "point" in result.data.dims:
        charts: dict[str, Any] = {"variants": result.variants, "series": [], "network": None}
        parts = _of_sweep(result, summary, about)
    elif summary is not None and _is_attribution(result):
        charts = {"variants": result.variants, "series": [], "network": None}
        parts = _of_attribution(result, summary, about)
    else:
        charts = chart_data(result, written)
        parts = [
            sections.answer(result, summary, about),
            sections.fans(charts),
            sections.side_by_side(result, summary, names, written),
            sections.timeline(charts),
            sections.network(charts),
            inputs.matters(result, summary, about),
        ]
    parts += [inputs.assumptions(result, written), inputs.made(provenance)]
    assets = files("entente") / "assets"
    read = {name: (assets / file).read_text(encoding="utf-8") for name, file in _ASSETS.items()}
    start, end = (times.text(day, "%-d %B %Y") for day in period(result.data))
    replicates = result.data.sizes["replicate"] * result.data.sizes.get("point", 1)
    return Template((assets / "report.html").read_text(encoding="utf-8")).substitute(
        read,
        scripts=" ".join(_hash(read[name]) for name in ("uplot_js", "js")),
        title=text(result.data.attrs.get("title", result.path.stem)),
        kicker=f"{start} to {end} · {replicates:,} simulated future{'' if replicates == 1 else 's'}",
        question=text(scenario.question(provenance, written, result.variants)),
        sections="\n".join(part for part in parts if part),
        data=json.dumps(charts, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        source=text(plot.source_line(result.data, provenance)),
    )


def _is_attribution(result: Result) -> bool:
    others = result.variants[1:]
    return len(others) > 0 and all(name.startswith(WITHOUT) for name in others)


def _of_attribution(result: Result, summary: pd.DataFrame, about: str) -> list[str]:
    effects = result.attribution()
    return [
        attribution.answer(result, effects, summary, about),
        attribution.matters(effects, summary, about),
        inputs.matters(result, summary, about),
    ]


def _of_sweep(result: Result, summary: pd.DataFrame | None, about: str) -> list[str]:
    indices = None if summary is None else result.sensitivity()
    return [
        sweep.answer(result, summary, indices, about),
        sweep.matters(result, indices, about),
        sweep.swept(result),
    ]


def _hash(script: str) -> str:
    """The hash by which the page's security policy allows a script; the browser runs no other script in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
