"""Configuration of the generator, Sphinx; tools/site/build.py gathers the pages and starts it."""

import os
import re

from entente import Scenario
from entente.commands import Command

project = "entente"
author = "The entente developers"
copyright = author
version = release = os.environ.get("ENTENTE_VERSION", "")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
root_doc = "index"
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
default_role = "code"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
highlight_language = "none"
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
exclude_patterns = ["files"]

smartquotes = False  # they change the dashes of options

html_theme = "furo"
html_title = f"entente {version}".strip()
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False


def as_rst(app, what, name, obj, options, lines):
    """Docstrings are plain text with `code` and indented examples, in the marks of the generator's language."""
    out = []
    for i, line in enumerate(lines):
        indented = line.startswith("    ")
        begins = indented and i and not lines[i - 1].strip()
        if begins and not any(before.startswith("    ") for before in lines[max(0, i - 2) : i]):
            out += ["::", ""]
        parts = re.split(r"(`[^`]+`)", line)
        marked = (part if j % 2 else re.sub(r"([*|\\]|(?<=\w)_(?!\w))", r"\\\1", part) for j, part in enumerate(parts))
        out.append(line if indented else "".join(marked))
    lines[:] = out


def setup(app):
    # Commands of a scenario are descriptors; the generator reads the methods that they hold.
    for name, command in list(vars(Scenario).items()):
        if isinstance(command, Command):
            setattr(Scenario, name, command.__wrapped__)
    app.connect("autodoc-process-docstring", as_rst)
