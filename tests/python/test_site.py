"""The documentation as a site: every link leads somewhere, nothing is loaded from elsewhere, search works."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import browser

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "tools" / "site"))

import pages  # noqa: E402

GENERATOR = ("sphinx", "myst_parser", "furo", "sphinx_copybutton")
MISSING = [name for name in GENERATOR if not importlib.util.find_spec(name)]
needs_program = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")


class Links(HTMLParser):
    """Names of a page, where its links lead, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.names |= {str(found[key]) for key in ("id", "name") if found.get(key)}
        if tag == "a" and found.get("href"):
            self.targets.append(str(found["href"]))
        elif tag in ("img", "script", "iframe") and found.get("src"):
            self.loaded.append(str(found["src"]))
        elif tag == "link" and found.get("rel") != "canonical":
            self.loaded.append(str(found["href"]))


def wrong(site: Path) -> list[str]:
    """What a page links to or loads and is not there."""
    read = {path: Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    out = []
    for path, page in read.items():
        for target in page.targets + page.loaded:
            parts = urlsplit(target)
            if parts.scheme in ("http", "https", "mailto") and target not in page.loaded:
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if parts.scheme == "data":
                continue
            if parts.scheme or not there.is_file() or (anchor and there in read and anchor not in read[there].names):
                out.append(f"{path.relative_to(site)}: {target}")
    return out


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, with notebooks as they are stored."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, ROOT / "tools" / "site" / "build.py", "--notebooks", "plain", "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "html"


@pytest.mark.long
@pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)}; make deps-docs installs them")
@needs_program
def test_every_link_leads_somewhere(site: Path) -> None:
    assert wrong(site) == []
    assert len(list(site.rglob("*.html"))) > 80


@pytest.mark.long
@pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)}; make deps-docs installs them")
@needs_program
def test_style_sheets_load_nothing_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert "@import" not in text and "url(http" not in text and "url(//" not in text, path


@pytest.mark.long
@pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)}; make deps-docs installs them")
@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium")
@needs_program
def test_it_can_be_searched_from_the_disk(site: Path, tmp_path: Path) -> None:
    shown, _ = browser.dump(f"{(site / 'search.html').as_uri()}?q=precision", tmp_path)
    assert "commands/run.html" in shown and "page(s) matching" in shown


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    links = '<a href="#two">y</a><a href="b.html">z</a><a href="#one">o</a>'
    (tmp_path / "a.html").write_text(f'<h1 id="one">x</h1>{links}')
    assert wrong(tmp_path) == ["a.html: #two", "a.html: b.html"]


def test_anchors_of_the_documents_are_there() -> None:
    """In the sources, without building the site."""
    every = {name: page for name, page in pages.Pages(ROOT).at.items() if name.endswith(".md")}
    for name in every:
        text = (ROOT / name).read_text(encoding="utf-8")
        for link in pages.LINK.finditer(pages.fenced(text)):
            target, _, anchor = link[2].partition("#")
            there = (ROOT / name).parent / target if target else ROOT / name
            if anchor and "://" not in target:
                assert anchor in pages.headings(there.read_text(encoding="utf-8")), f"{name}: {link[2]}"
