#!/usr/bin/env python3
"""Builds the documentation as a site that works without a network: build/docs/html/index.html.

    make docs
    ENTENTE=build/release/entente python3 tools/site/build.py [--notebooks run|plain] [--out build/docs]

Guides are the pages of docs/; the rest is made of the program's help, the schema, docstrings, headers and notebooks.
`--notebooks run` (the default) runs the notebooks that have changed since the last time, which takes minutes;
`plain` shows those that ran before with their outputs and the others without. Ends with 1 if the generator warns.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tools"), str(ROOT / "analysis")]

import made  # noqa: E402
import notebooks as runner  # noqa: E402
from pages import Pages, of_reference, redirected, split_reference  # noqa: E402


def gather(source: Path, entente: str, executed: Path) -> None:
    """Write every page into `source`."""
    pages = Pages(source)
    shutil.copytree(ROOT / "docs" / "images", source / "images")
    texts = {page: pages.text(name) for name, page in pages.at.items() if name.endswith(".md")}
    manual, reference = split_reference(texts.pop("scenario-format.md"))
    moved = of_reference(manual, reference)
    for page, text in texts.items():
        pages.write(page, redirected(text, moved, "scenario-reference.md", frm="scenario-format.md"))
    pages.write("scenario-format.md", manual)
    pages.write("scenario-reference.md", reference)
    with (source / "index.md").open("a", encoding="utf-8") as index:
        index.write("\n" + made.navigation(pages))
    made.commands(pages, entente)
    made.headers(pages)
    made.scenarios(pages)
    made.notebooks(pages, executed)
    made.python(pages)


def run_notebooks(executed: Path, entente: str) -> None:
    """Keep an executed copy of each notebook, newer than the notebook, the program and the package."""
    executed.mkdir(parents=True, exist_ok=True)
    inputs = [Path(entente), *(ROOT / "analysis" / "entente").rglob("*.py")]
    newest = max(path.stat().st_mtime for path in inputs)
    for notebook in runner.notebooks():
        copy = executed / notebook.name
        if copy.exists() and copy.stat().st_mtime > max(newest, notebook.stat().st_mtime):
            continue
        print(f"docs: running {notebook.name}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            runner.execute(notebook, Path(folder))
            shutil.copyfile(Path(folder) / "notebooks" / notebook.name, copy)


def mend_theme(styles: Path) -> None:
    """Complete the theme as Debian 12 compiles it: one style sheet is a web server's, and no page is dark by itself."""
    text = styles.read_text(encoding="utf-8")
    lent = re.match(r"@import url\((/javascript/[^)]+)\);\n", text)
    if lent:
        text = Path(f"/usr/share{lent[1]}").read_text(encoding="utf-8") + text[lent.end() :]
    dark = re.search(r'body\[data-theme="dark"\] \{([^}]*)\}', text)
    if dark and "prefers-color-scheme" not in text:
        text += f"\n@media screen and (prefers-color-scheme: dark) {{ body[data-theme=\"auto\"] {{{dark[1]}}} }}\n"
    styles.write_text(text, encoding="utf-8")


def main() -> int:
    """Build what the command line says."""
    parser = argparse.ArgumentParser(description="Builds the documentation as a site.")
    parser.add_argument("--notebooks", choices=["run", "plain"], default="run", help="default: run")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "docs", help="default: build/docs")
    options = parser.parse_args()
    entente = os.environ.get("ENTENTE") or str(ROOT / "build" / "release" / "entente")
    executed, source = options.out / "notebooks", options.out / "source"
    if options.notebooks == "run":
        run_notebooks(executed, entente)
    for folder in (source, options.out / "html"):
        shutil.rmtree(folder, ignore_errors=True)
    source.mkdir(parents=True)
    gather(source, entente, executed)
    version = subprocess.run([entente, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-c", HERE]
    command += ["-d", options.out / "doctrees", source, options.out / "html"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "analysis"), "ENTENTE": entente, "ENTENTE_VERSION": version}
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode == 0:
        mend_theme(options.out / "html" / "_static" / "styles" / "furo.css")
        print(options.out / "html" / "index.html")
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
