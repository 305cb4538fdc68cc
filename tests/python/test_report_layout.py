"""The report in a browser: no text leaves its card or lies on another, on a screen or on a phone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import entente
import odd
from browser import CHROMIUM, browse, dump
from entente import report

pytestmark = [
    pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page with"),
    pytest.mark.long,
]

LOOK = (Path(__file__).parent / "report_layout.js").read_text(encoding="utf-8")
SIZES = ["1280,900", "390,844"]
PAGES = [name for name in odd.FILES if "good" in odd.FILES[name].has]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layout")


def page_of(name: str, folder: Path) -> str:
    made = folder / f"{name}.html"
    if not made.exists():
        with entente.open_result(odd.make(name, folder)) as result:
            report.write(result, made)
    return made.read_text(encoding="utf-8")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_overprints(name: str, size: str, folder: Path, tmp_path: Path) -> None:
    saw = json.loads(browse(page_of(name, folder), tmp_path, LOOK, size))
    assert saw["texts"] > 20
    assert (saw["wrong"], saw["leaving"], saw["overlapping"]) == ([], [], [])
    assert saw["over"] <= 0


@pytest.mark.parametrize("wide", SIZES)
def test_the_check_sees_what_overprints(wide: str, folder: Path, tmp_path: Path) -> None:
    spoilt = page_of("usual", folder)
    for right, wrong in (
        ("small.span { display: block;", "small.span { white-space: nowrap; font-size: 30px !important;"),
        ("h2 { margin: 0 0 .6rem;", "h2 { margin: 0 0 -1.2rem;"),
    ):
        assert right in spoilt
        spoilt = spoilt.replace(right, wrong, 1)
    saw = json.loads(browse(spoilt, tmp_path, LOOK, wide))
    assert saw["leaving"] and saw["overlapping"]


PRINTED = """
addEventListener("load", () => setTimeout(() => {
  const all = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const rules = all.filter((rule) => rule.media && rule.media.mediaText === "print");
  const sheet = document.createElement("style");
  sheet.textContent = rules.flatMap((rule) => [...rule.cssRules].map((own) => own.cssText)).join("\\n");
  document.head.append(sheet);
  dispatchEvent(new Event("beforeprint"));
  const size = (node) => node.getBoundingClientRect().width * node.getBoundingClientRect().height;
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify({
    rules: rules.length,
    handled: [...document.querySelectorAll("select, input, button")].map(size),
    chosen: [...document.querySelectorAll(".printed")].filter(size).map((node) => node.textContent),
    controls: [...document.querySelectorAll(".controls")].map((node) => node.innerText.replace(/\\s+/g, " ").trim()),
    wrong: window.wrong,
  });
  document.body.append(out);
}, 500));
"""


def test_what_is_printed_has_no_controls(folder: Path, tmp_path: Path) -> None:
    """On paper stand the choices that were made, not the menus, the slider and the button."""
    saw = json.loads(browse(page_of("usual", folder), tmp_path, PRINTED))
    assert saw["wrong"] == [] and saw["rules"] == 1
    assert len(saw["handled"]) == 6 and not any(saw["handled"])
    assert saw["chosen"] == ["strength", "silence", "base, replicate 0", "base"]
    fans, futures, network = saw["controls"]
    assert fans == "Shown strength base against silence"
    assert futures == "Shown base, replicate 0"
    assert network == "Variant base Date 1 Jul 2026"


def test_only_the_pages_own_scripts_run(folder: Path, tmp_path: Path) -> None:
    """Its policy knows them by their hashes: whatever else gets into a page is not run."""
    page = page_of("usual", folder)
    planted = "<script>document.documentElement.dataset.pwned = 1</script><img src=x onerror='document.title = 1'>"
    for name, text in (("own", page), ("planted", page.replace("<main>", f"<main>{planted}", 1))):
        made = tmp_path / f"{name}.html"
        made.write_text(text, encoding="utf-8")
        shown, said = dump(made.as_uri(), tmp_path)
        assert 'data-ready="yes"' in shown  # the charts are drawn
        assert "data-pwned" not in shown
        assert ("Content Security Policy" in said) == (name == "planted")
