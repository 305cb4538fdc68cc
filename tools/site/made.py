"""The pages of the site that are made: commands from their help, C headers, scenarios, notebooks, Python."""

from __future__ import annotations

import base64
import importlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from pages import ROOT, Pages

#: A heading of the navigation and its pages; guides that stand nowhere else follow those of "Guides".
SECTIONS = {
    "Start": ["tutorial", "which-command", "install", "guides"],
    "Guides": ["scenario-format", "running", "model", "mechanisms", "trade", "parameters", "scenarios/world",
               "analysis", "r", "cluster", "fitting", "validation", "scoring",
               "forecasting", "coverage", "performance", "glossary"],
    "Examples": ["gallery", "notebooks/index", "scenarios/index"],
    "Reference": ["commands/index", "scenario-reference", "output-format", "python/index", "headers/index",
                  "contributing", "changelog"],
}  # fmt: skip

#: The Python package, a page a topic: module, objects (none: all of the module).
PYTHON = {
    "result": ("Results", "entente", ["open_result", "Result", "UnknownName", "NotStored"]),
    "scenario": ("Scenarios", "entente", ["Scenario", "Problems", "Problem", "InvalidScenario"]),
    "program": ("Run the program", "entente",
                ["run", "sweep", "attribute", "merge", "compare", "choose", "discover", "rare", "explore",
                 "ProgramError"]),
    "plot": ("entente.plot", "entente.plot", []),
    "estimates": ("entente.estimates", "entente.estimates", []),
    "causes": ("entente.causes", "entente.causes", []),
    "select": ("entente.select", "entente.select", []),
    "export": ("entente.export", "entente.export", []),
    "report": ("entente.report", "entente.report", []),
}  # fmt: skip


def toctree(pages: list[str], caption: str = "", hidden: bool = False) -> str:
    options = (f":caption: {caption}\n" if caption else "") + (":hidden:\n" if hidden else "") + ":maxdepth: 1\n"
    return f"```{{toctree}}\n{options}\n" + "\n".join(pages) + "\n```\n"


def navigation(pages: Pages) -> str:
    """The lists of pages at the side, for the first page."""
    listed = {page for section in SECTIONS.values() for page in section}
    sections = {**SECTIONS, "Guides": SECTIONS["Guides"] + [page for page in pages.guides() if page not in listed]}
    return "\n".join(toctree(section, caption, hidden=True) for caption, section in sections.items())


def plain(text: str) -> str:
    """Text as Markdown shows it as it is; what stands between backticks stays code."""
    parts = re.split(r"(`[^`\n]+`)", text)
    return "".join(part if i % 2 else re.sub(r"([\\*_<>\[\]#|$`])", r"\\\1", part) for i, part in enumerate(parts))


# ---- commands ---------------------------------------------------------------------------------------


def commands(pages: Pages, entente: str) -> None:
    """A page for each command, from its help."""
    told = help_of(entente)
    names = re.findall(r"^  ([a-z][a-z-]*) ", told.split("Commands:")[1].split("\n\n")[0], re.M)
    for name in names:
        pages.write(f"commands/{name}.md", command(name, help_of(entente, name)))
    index = f"# The command line\n\n```text\n{told.rstrip()}\n```\n\n" + toctree(names)
    pages.write("commands/index.md", index)


def help_of(entente: str, *command: str) -> str:
    return subprocess.run([entente, *command, "--help"], capture_output=True, text=True, check=True).stdout


def command(name: str, told: str) -> str:
    """The page of a command: usage and purpose, each option with an anchor of its own, what follows them."""
    for before, after in (("usage: ", "Usage: "), ("\noptions:\n", "\n"), ("\npositional arguments:\n", "\n")):
        told = told.replace(before, after, 1)
    usage, *paragraphs = re.split(r"\n(?=\S)", told, maxsplit=1)
    lines = (paragraphs[0] if paragraphs else "").split("\n")
    first = next((i for i, line in enumerate(lines) if re.match(r" {2,6}-", line)), len(lines))
    last = max((i for i, line in enumerate(lines) if re.match(r" {2,6}-", line) or line.startswith(" " * 20)),
               default=first - 1)  # fmt: skip
    out = [f"# entente {name}\n", f"```text\n{usage.strip()}\n```\n", plain("\n".join(lines[:first])).strip() + "\n"]
    out.append(f"```{{program}} entente {name}\n```\n")
    out += [f"```{{option}} {flags}\n{plain(text)}\n```\n" for flags, text in options(lines[first : last + 1])]
    rest = "\n".join(lines[last + 1 :])
    rest = re.sub(r"Mandatory or optional arguments to long options.*?options\.\n", "", rest, flags=re.S)
    return "\n".join([*out, plain(rest).strip() + "\n"])


def options(lines: list[str]) -> list[tuple[str, str]]:
    """Of each option its spellings and its text, of the lines of a help."""
    found: list[list[str]] = []
    for line in lines:
        start = re.match(r" {2,6}(-.*?)(?:  +(.*)|$)", line)
        if start:
            found.append([start[1], start[2] or ""])
        elif found and line.strip():
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
    return [(flags, text) for flags, text in found]


# ---- C headers --------------------------------------------------------------------------------------


def headers(pages: Pages) -> None:
    """A page for each layer: every header that other layers may include, purpose first."""
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    layers = re.findall(r"^\| `sim/(\w+)` \| (.*?) \|", told, re.M)
    for layer, contents in layers:
        parts = [f"# sim/{layer}\n\n{contents[0].upper()}{contents[1:].rstrip('.')}.\n"]
        for path in sorted((ROOT / "sim" / layer).rglob("*.h")):
            if path.name != "internal.h":
                parts.append(header(path))
        pages.write(f"headers/{layer}.md", "\n".join(parts))
    intro = "# C headers\n\nThe header is the manual: purpose, invariants, units, ownership and errors stand in it. A "
    intro += "layer uses those that [CONTRIBUTING](../contributing.md) names. The program installs no C library.\n\n"
    pages.write("headers/index.md", intro + toctree([layer for layer, _ in layers]))


def header(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    purpose = re.match(r"/\*(.*?)\*/\s*", text, re.S)
    about = re.sub(r"^ \* ?", "", purpose[1], flags=re.M).strip() if purpose else ""
    rest = re.sub(r"\A#ifndef (\w+)\n#define \1\n|#endif\s*\Z", "", text[purpose.end() if purpose else 0 :]).strip()
    name = path.relative_to(ROOT / "sim")
    return f"## {name}\n\n```text\n{about}\n```\n\n````c\n{rest}\n````\n"


# ---- scenarios ----------------------------------------------------------------------------------------


def scenarios(pages: Pages) -> None:
    """A page for each file of the library, and their list."""
    rows = []
    for name, page in pages.at.items():
        if not (name.startswith("scenarios/") and name.endswith(".yaml")):
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        read = yaml.load(text, yaml.BaseLoader)
        title = str(read.get("title", f"Library {name.removeprefix('scenarios/')}"))
        pages.write(page, f"# {plain(title)}\n\n`{name}`\n\n````yaml\n{text.rstrip()}\n````\n")
        rows.append((page.removeprefix("scenarios/"), name, title))
    table = ["| file | title |", "|---|---|"]
    table += [f"| [{name}]({page}) | {plain(title)} |" for page, name, title in rows]
    told = ["tables", "world", "fitted", "forecasts", "forecasts/2026-g20-miami"]
    listed = [page.removesuffix(".md") for page, _, _ in rows]
    others = [page for page in told if page != "world"]
    pages.write(
        "scenarios/index.md",
        "# Shipped scenarios\n\n" + "\n".join(table) + "\n\nData and their sources:\n\n" + toctree(others)
        + toctree(listed, hidden=True),
    )  # fmt: skip


# ---- notebooks ------------------------------------------------------------------------------------------


def notebooks(pages: Pages, folder: Path | None) -> None:
    """A page for each notebook, with its outputs where `folder` has an executed copy."""
    names = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        executed = folder / path.name if folder else path
        pages.write(f"notebooks/{path.stem}.md", notebook(pages, executed if executed.exists() else path))
        names.append(path.stem)
    intro = "# Notebooks\n\n`make notebooks` runs all of them; start Jupyter with\n"
    intro += "`PYTHONPATH=$PWD/analysis jupyter lab notebooks`.\n\n"
    pages.write("notebooks/index.md", intro + toctree(names))


def notebook(pages: Pages, path: Path) -> str:
    out = []
    for i, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        text = "".join(cell["source"]).rstrip()
        if cell["cell_type"] == "markdown":
            out.append(pages.moved(text, f"notebooks/{path.name}"))
            continue
        out.append(f"````python\n{text}\n````")
        for j, output in enumerate(cell.get("outputs", [])):
            out.append(shown(pages, output, f"notebooks/{path.stem}-{i}-{j}.png"))
    return "\n\n".join(filter(None, out)) + "\n"


def shown(pages: Pages, output: dict[str, Any], picture: str) -> str:
    """An output of a cell; progress, on standard error, is left out."""
    data = output.get("data", {})
    if "image/png" in data:
        (pages.source / picture).parent.mkdir(parents=True, exist_ok=True)
        (pages.source / picture).write_bytes(base64.b64decode("".join(data["image/png"])))
        return f"```{{image}} {Path(picture).name}\n:alt: Output of the cell above.\n```"
    if "text/html" in data:
        return "````{raw} html\n<div class=\"output\">\n" + "".join(data["text/html"]) + "\n</div>\n````"
    if output.get("name") == "stderr":
        return ""
    text = "".join(data.get("text/plain", output.get("text", [])))
    return f"````{{code-block}} text\n:class: output\n\n{text.rstrip()}\n````" if text.strip() else ""


# ---- Python ---------------------------------------------------------------------------------------------


def python(pages: Pages) -> None:
    """Pages from docstrings."""
    for name, (title, module, objects) in PYTHON.items():
        body = "\n".join(described(module, item) for item in objects) or automodule(module)
        pages.write(f"python/{name}.md", f"# {title}\n\n```{{eval-rst}}\n.. currentmodule:: {module}\n\n{body}\n```\n")
    intro = "# Python\n\nThe public functions and classes, from their docstrings. "
    intro += "[analysis](../analysis.md) is the guide.\n\n"
    pages.write("python/index.md", intro + toctree(list(PYTHON)))


def described(module: str, item: str) -> str:
    found = getattr(importlib.import_module(module), item)
    if not isinstance(found, type):
        return f".. autofunction:: {module}.{item}\n"
    if issubclass(found, Exception):
        return f".. autoexception:: {module}.{item}\n"
    return f".. autoclass:: {module}.{item}\n   :members:\n"


def automodule(module: str) -> str:
    names = getattr(importlib.import_module(module), "__all__", None)
    if names is None:
        return f".. automodule:: {module}\n   :members:\n"
    own = [name for name in names if getattr(importlib.import_module(module), name).__module__.startswith(module)]
    listed = "\n".join(f".. autofunction:: {module}.{name}\n" for name in own)
    return f".. automodule:: {module}\n\n{listed}"
