"""The report in a browser: no text leaves its card or lies on another, on a screen or on a phone."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import entente
import odd
from browser import CHROMIUM, browse, browse_frames, dump
from entente import program, report
from stories import STORIES, make

pytestmark = [
    pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page with"),
    pytest.mark.long,
]

LOOK = (Path(__file__).parent / "report_layout.js").read_text(encoding="utf-8")
#: A wide window, a phone, and a sheet of A4.
FRAMES = {"1280": 1280, "390": 390, "print": 718}
PAGES = [name for name in odd.FILES if "good" in odd.FILES[name].has]
ROOT = Path(__file__).parents[2]
FOUND = {path.stem: path for part in ("", "examples") for path in (ROOT / "scenarios" / part).glob("*.yaml")}
SHIPPED = sorted(FOUND)
#: A range that is written with one number at both ends, a number without a word, a share of no unit.
SPOILT = (r"([+−]?\d*\.?\d*[1-9]\d*) to \1(?![\d.])", r"\bnan\b", r"\bNone\b", r"\binf\b", r" of 1\)")
SWEEP = "summit-effect"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layout")


def page_of(name: str, folder: Path) -> str:
    made = folder / f"{name}.html"
    if not made.exists():
        with entente.open_result(file_of(name, folder)) as result:
            report.write(result, made)
    return made.read_text(encoding="utf-8")


def file_of(name: str, folder: Path) -> Path:
    """The output file of a scenario: an odd one, a story, a shipped one or a shipped sweep with few replicates."""
    if name in odd.FILES:
        return odd.make(name, folder)
    if name in STORIES:
        return make(name, folder)
    out = folder / f"{name}.h5"
    if name == SWEEP:
        sweep = f"@{ROOT / 'scenarios' / 'sweeps' / SWEEP}.sweep"
        program.call(["sweep", sweep, "--points=8", "-n4", "-q", "-o", str(out)])
    else:
        program.call(["run", str(FOUND[name]), "-n60", "-q", "-o", str(out)])
    return out


@pytest.mark.parametrize(
    ("name", "dark"), [(n, False) for n in PAGES] + [(n, d) for n in [*SHIPPED, SWEEP, *STORIES] for d in (False, True)]
)
def test_nothing_overprints(name: str, dark: bool, folder: Path, tmp_path: Path) -> None:
    """Nothing leaves its card, no text lies on another, and every number has a name: on a screen, a phone, paper."""
    saw = browse_frames(page_of(name, folder), tmp_path, LOOK, FRAMES, dark)
    assert set(saw) == set(FRAMES)
    for each in saw.values():
        assert each["texts"] > 20
        assert (each["wrong"], each["leaving"], each["overlapping"], each["unnamed"]) == ([], [], [], [])
        assert each["over"] <= 0


@pytest.mark.parametrize("name", [*PAGES, *SHIPPED, SWEEP, *STORIES])
def test_nothing_is_written_badly(name: str, folder: Path) -> None:
    """What eyes found on these pages: ranges of one number, numbers that Python left."""
    shown = re.sub(r"(?s)<(script|style|details|pre)\b.*?</\1>|<dl class=made>.*?</dl>", " ", page_of(name, folder))
    shown = html.unescape(re.sub(r"<[^>]+>", " ", shown))
    for pattern in SPOILT:
        assert not (found := re.search(pattern, shown)), shown[found.start() - 60 : found.end() + 20]


AXE_VERSION = "4.10.2"
#: Posts what axe-core finds: its rule and the first place of each.
AXE_RUN = """
addEventListener("load", () => setTimeout(async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  const list = found.violations.map(({id, nodes: [at]}) => [id, at.html.slice(0, 120), at.failureSummary]);
  parent.postMessage(JSON.stringify([location.hash.slice(1), JSON.stringify({list, rules: found.passes.length})]), "*");
}, 500));
"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, which looks for what keeps people from reading a page; from npm, kept in `build`."""
    home = ROOT / "build" / "axe"
    script = home / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("no npm to get axe-core with")
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", home, f"axe-core@{AXE_VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            pytest.skip(f"npm cannot install axe-core: {done.stderr.strip()[-200:]}")
    return script.read_text(encoding="utf-8") + AXE_RUN


@pytest.mark.parametrize(
    ("name", "dark"), [(n, False) for n in PAGES] + [(n, d) for n in [*SHIPPED, SWEEP, *STORIES] for d in (False, True)]
)
def test_everybody_can_read_it(name: str, dark: bool, folder: Path, tmp_path: Path, axe: str) -> None:
    """Contrast, names, order of headings, tables, keyboard: axe-core finds nothing, on a screen and on a phone."""
    saw = browse_frames(page_of(name, folder), tmp_path, axe, {"1280": 1280, "390": 390}, dark)
    for each in saw.values():
        assert each["list"] == [] and each["rules"] > 15


def test_axe_sees_what_cannot_be_read(folder: Path, tmp_path: Path, axe: str) -> None:
    planted = '<p style="color:#ddd;background:#fff">pale</p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    spoilt = page_of("usual", folder).replace("<main>", f"<main>{planted}", 1)
    saw = browse_frames(spoilt, tmp_path, axe, {"1280": 1280})
    assert {"color-contrast", "image-alt"} <= {rule for rule, *_ in saw["1280"]["list"]}


def test_the_check_sees_what_overprints(folder: Path, tmp_path: Path) -> None:
    spoilt = page_of("usual", folder)
    for right, wrong in (
        ("small.span { display: block;", "small.span { white-space: nowrap; font-size: 30px !important;"),
        ("h2 { margin: 0 0 .6rem;", "h2 { margin: 0 0 -1.2rem;"),
        ('<p class="said">', '<div>17.3</div><p class="said">'),
    ):
        assert right in spoilt
        spoilt = spoilt.replace(right, wrong, 1)
    for each in browse_frames(spoilt, tmp_path, LOOK, FRAMES).values():
        assert each["leaving"] and each["overlapping"] and len(each["unnamed"]) == 1


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
    assert len(saw["handled"]) == 7 and not any(saw["handled"])
    changed = "what the scenario as written against “silence” changes"
    assert saw["chosen"] == ["strength", "silence", changed, "map", "as written, future 0"]
    course, gains, fans, network, futures = saw["controls"]
    assert (course, gains) == ("", "")  # there is one other variant
    assert fans == "Shown strength as written against silence"
    assert futures == "Shown as written, future 0"
    assert network == f"Shown {changed} Drawn as map Date 1 Jul 2026"


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
