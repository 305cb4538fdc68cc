"""One page for readers who do not code: the question, the answer with its interval, and what stands behind.

`write(result, "report.html")` makes a single HTML file that loads nothing: data, charts and styles are in it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import yaml

from entente import plot
from entente.report import sections
from entente.report.data import chart_data
from entente.report.words import period, text
from entente.result import Result


def write(result: Result, path: str | os.PathLike[str], quantity: str | None = None) -> Path:
    """Write the report on `result` to `path` and return it.

    `quantity` names the outcome the answer is about; by default it is the scenario's first.
    """
    out = Path(path)
    out.write_text(page(result, quantity), encoding="utf-8")
    return out


def page(result: Result, quantity: str | None = None) -> str:
    """The report as HTML text (see `write`)."""
    if "point" in result.data.dims:
        raise ValueError(f"{result.path} is a sweep's file; a report is about one run")
    if "quantity" not in result.data.dims:
        raise ValueError(f"{result.path} has no quantities to report on; name some in the scenario")
    provenance = result.provenance()
    scenario = _scenario(provenance)
    summary = result.summary()
    names = [str(name) for name in result.data["quantity"].values]
    chosen = quantity or names[0]
    if chosen not in names:
        raise KeyError(f"no quantity {chosen!r} in the file; there are {', '.join(names)}")
    charts = chart_data(result, scenario)
    parts = [
        sections.answer(result, summary, chosen),
        sections.fans(charts),
        sections.side_by_side(result, summary, names, scenario),
        sections.timeline(charts),
        sections.network(charts),
        sections.matters(result, chosen),
        sections.assumptions(result, scenario),
        sections.made(provenance),
    ]
    assets = files("entente") / "assets"
    read = {
        name: (assets / file).read_text(encoding="utf-8")
        for name, file in {
            "css": "report.css",
            "js": "report.js",
            "uplot_js": "uPlot.iife.min.js",
            "uplot_css": "uPlot.min.css",
            "uplot_licence": "uPlot.LICENSE",
        }.items()
    }
    start, end = period(result.data)
    replicates = result.data.sizes["replicate"]
    return Template((assets / "report.html").read_text(encoding="utf-8")).substitute(
        read,
        title=text(result.data.attrs.get("title", result.path.stem)),
        kicker=f"{start:%-d %B %Y} to {end:%-d %B %Y} · {replicates:,} simulated futures",
        question=text(_question(provenance, scenario, result.variants)),
        sections="\n".join(part for part in parts if part),
        data=json.dumps(charts, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        source=text(plot.source_line(result.data, provenance)),
    )


def _scenario(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario's own file as parsed, every scalar a string; empty if it cannot be read."""
    texts = list(provenance.get("files", {}).values())
    try:
        parsed = yaml.load(texts[0], Loader=yaml.BaseLoader) if texts else {}
    except yaml.YAMLError:
        parsed = {}
    return parsed if isinstance(parsed, dict) else {}


def _question(provenance: Mapping[str, Any], scenario: Mapping[str, Any], variants: Sequence[str]) -> str:
    """The paragraph "The question: ..." of the scenario's first comment, else what its variants ask."""
    texts = list(provenance.get("files", {}).values())
    head = re.match(r"(?:[ \t]*#[^\n]*\n|[ \t]*\n)*", texts[0] if texts else "")
    comment = re.sub(r"(?m)^[ \t]*# ?", "", head.group(0) if head else "")
    if found := re.search(r"(?s)The question: (.*?)(?:\n\s*\n|\Z)", comment):
        asked = re.sub(r"\s+", " ", found.group(1)).strip()
        return asked[:1].upper() + asked[1:]
    notes = [sections.note(scenario, name).rstrip(".") for name in variants[1:]]
    if notes:
        return "What changes? " + "; ".join(
            note or name.replace("_", " ") for note, name in zip(notes, variants[1:], strict=True)
        )
    return "How may it go?"
