"""The report: what it says is what the file says, it loads nothing, and its charts work in a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import entente
import odd
from browser import CHROMIUM, browse
from entente import report
from entente.__main__ import main
from entente.report import wording
from entente.report.inputs import told_from_noise

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

SCENARIO = """\
# A story of two.
#
# The question: does the call of February
# bring <First> and Second closer?
#
# More of it.
entente: 1
title: First & Second
period: {start: 2026-01-01, end: 2026-07-01}
actors:
  AAA: {label: First, gdp: 1000 bn USD}
  BBB: {label: Second, gdp: 100 bn USD}
  CCC: {label: Third, gdp: 10 bn USD}
ties:
  AAA-BBB: {strength: 0.2, alignment: 0.2, exports: {AAA: 1 bn USD, BBB: 2 bn USD}}
  AAA-CCC: {strength: -0.3, alignment: -0.3}
kinds:
  call:
    scope: initiator -> target
    level: leader
    rate: {per_year: 6}
    effect: {goldstein: 10, lasting: 0.1}
calendar:
  - {id: first-call, date: 2026-02-01, kind: call, initiator: AAA, target: BBB}
quantities:
  c_calls: {count: call, tie: AAA-CCC, label: calls with Third}
  b_strength: {strength: AAA-BBB, at: 2026-02-10, label: "strength: First-Second"}
  any_call: {count: call, tie: AAA-CCC, above: 0, label: chance of a call}
variants:
  silence: {drop: [first-call], note: Nobody calls.}
  noise: {set: {kinds.call.rate.per_year: 9}}
uncertain:
  kinds.call.rate.per_year: {uniform: [4, 8], source: a guess (a)}
  ties.relax.strength: {triangular: [14 d, 30 d, 60 d], source: "a study, 2020 (e)"}
monte_carlo: {replicates: 80, seed: 5}
output: {every: 1 week, events: true, ties: all, metrics: {of: [density, mean_strength, weighted_degree]}}
"""


class Page(HTMLParser):
    """Ids, headings, addresses and the text of each section."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.texts: dict[str, str] = {}
        self.silent = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.silent = tag in ("script", "style")
        self.ids += [found["id"]] if found.get("id") else []
        self.addresses += [str(found[name]) for name in ("src", "href", "action", "data") if name in found]
        if tag in ("section", "header", "footer"):
            self.open.append(found.get("id") or tag)

    def handle_endtag(self, tag: str) -> None:
        self.silent = False
        if tag in ("section", "header", "footer"):
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and not self.silent:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> entente.Result:
    folder = tmp_path_factory.mktemp("report")
    (folder / "two.yaml").write_text(SCENARIO)
    both = ["silence", "noise"]
    with entente.run(folder / "two.yaml", folder / "two.h5", variants=both, quiet=True) as made:
        yield made


@pytest.fixture(scope="module")
def text(result: entente.Result) -> str:
    return report.page(result, "b_strength")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_it_loads_nothing(text: str, page: Page) -> None:
    assert all(address.startswith("#") for address in page.addresses)
    assert "default-src 'none'" in text
    assert "@import" not in text and "url(" not in text
    assert len(text) < 400_000


def test_sections_stand_in_their_order(page: Page) -> None:
    order = ["answer", "gains", "fans", "network", "variants", "timeline", "matters", "assumptions", "facts", "made"]
    assert [name for name in page.texts if name in order] == order
    assert len(page.ids) == len(set(page.ids))


def test_the_question_is_the_scenarios(page: Page, text: str) -> None:
    assert "Does the call of February bring <First> and Second closer?" in page.texts["header"]
    assert "More of it" not in page.texts["header"]
    assert "<title>First &amp; Second</title>" in text


def test_the_answer_is_a_sentence_signed_as_the_question_is_put(result: entente.Result, page: Page) -> None:
    """The variant leaves the call out: the effect is the base minus the variant."""
    row = result.summary().loc[("b_strength", "silence")]
    said = page.texts["answer"].removeprefix("The answer")
    size = re.match(r"The scenario as written, against “silence”, adds ([\d.]+) to strength: First-Second: ", said)[1]
    assert float(size) == pytest.approx(-row["difference"], rel=0.05)
    assert row["difference"] < 0
    assert "In 100 of 100 pairs of futures it is higher in the scenario as written than in “silence”" in said
    assert "No clear effect of “noise”" in said or "“noise” " in said


def test_the_answer_says_how_sure_it_is(result: entente.Result, page: Page) -> None:
    """The range of chance from the pairs; 100 pairs coupled so closely are too few for a Monte Carlo interval."""
    said = page.texts["answer"]
    assert "The direction is clear on average" in said
    values = result.data["quantity_value"].sel(quantity="b_strength")
    gap = values.sel(variant="base") - values.sel(variant="silence")
    low, high = (wording.Scale("1", 1).effect(float(x), "+") for x in gap.quantile([0.05, 0.95]))
    assert f"Chance in the world{low} to {high}" in said
    assert "Too few futures to tell the numerical precision of the average" in said
    assert "Depends on parameters" not in said  # the file does not have this range


def test_ranges_over_parameters_show_where_the_file_has_them(
    result: entente.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = result.summary()
    own["difference_parameters_low"], own["difference_parameters_high"] = -0.2, -0.05
    own["difference_low"], own["difference_high"] = -0.13, -0.11
    own["difference_chance_low"], own["difference_chance_high"] = -0.3, -0.01
    monkeypatch.setattr(entente.Result, "summary", lambda _: own.copy())
    said = Page(report.page(result, "b_strength")).texts["answer"]
    assert "Depends on parameters we do not know+0.050 to +0.20" in said
    assert "Chance in the world+0.010 to +0.30" in said
    assert "may be 4 times as large" in said
    assert "Monte Carlo 95 % interval +0." in said and "it does not describe the world" in said


def test_an_effect_stands_beside_a_size_one_knows(result: entente.Result, page: Page) -> None:
    strength = result.data["strength"].sel(tie="AAA-BBB", variant="base")
    month = round(30.4375 / 7 + 0.5)
    moved = abs(strength.isel(time=slice(month, None)).values - strength.isel(time=slice(None, -month)).values)
    (said,) = re.findall(r"(?i)in an ordinary month it moves by ([\d.]+), up or down", page.texts["answer"])
    assert float(said) == pytest.approx(float(np.median(moved)), rel=0.1)


def test_what_makes_no_difference_is_said(result: entente.Result) -> None:
    said = Page(report.page(result)).texts["answer"]
    assert "changes nothing here: calls with Third is the same in every pair" in said


def test_who_gains_and_loses(result: entente.Result, page: Page) -> None:
    """Every stored tie that changes, with the change on the day asked about; both variants have a table."""
    said = page.texts["gains"]
    gap = entente.select.sel(result.data, time="2026-02-10")["strength"].mean("replicate")  # the quantity's day
    change = gap.sel(variant="base", tie="AAA-BBB") - gap.sel(variant="silence", tie="AAA-BBB")
    assert wording.Scale("", 1).effect(float(change), "+") in said
    assert "First – Second" in said and "1 tie does not change in any pair." in said
    assert "“noise”" in said and "the sum of the strengths of all their ties, on " in said


def test_dated_facts_have_their_sources(page: Page) -> None:
    assert "1 February 2026" in page.texts["facts"] and "call First → Second" in page.texts["facts"]
    assert "none given" in page.texts["facts"]


def test_variants_stand_side_by_side(page: Page) -> None:
    said = page.texts["variants"]
    for phrase in ("Nobody calls.", "calls with Third", "chance of a call", "the same", "noise"):
        assert phrase in said


def test_what_matters_is_ranked(page: Page, result: entente.Result) -> None:
    """By how far each parameter moves the effect that the answer gives, not the level."""
    said = page.texts["matters"]
    values = result.data["quantity_value"].sel(quantity="b_strength")
    gap = values.sel(variant="base", drop=True) - values.sel(variant="silence", drop=True)
    ranked = entente.estimates.sensitivity(gap, result.data["drawn"])
    told = told_from_noise(ranked)
    assert [str(name) in said for name in ranked["parameter"].values] == told.tolist() and told.any()
    places = [said.index(str(name)) for name in ranked["parameter"].values[told]]
    assert places == sorted(places)
    assert wording.percent(max(float(ranked["share"][0]), 0)) in said
    assert "half-life of the strength of ties" in said or "call: how often it happens by itself, a year" in said


def test_noise_is_not_ranked() -> None:
    """Parameters that move nothing are shown in about 5 % of all runs; one that moves it is shown."""
    rng, told, n, d = np.random.default_rng(7), 0, 400, 6
    for _ in range(n):
        names = {"parameter": list("abcdef")}
        drawn = xr.DataArray(rng.normal(size=(60, d)), dims=("replicate", "parameter"), coords=names)
        quantity = xr.DataArray(rng.choice([-1.0, 0.0, 1.0], size=60), dims="replicate")
        told += bool(told_from_noise(entente.estimates.sensitivity(quantity, drawn)).any())
    assert abs(told / n - 0.05) < 5 * np.sqrt(0.05 * 0.95 / n)
    moved = entente.estimates.sensitivity(quantity + drawn.sel(parameter="c", drop=True), drawn)
    assert moved["parameter"].values[told_from_noise(moved)].tolist() == ["c"]


def test_assumptions_have_their_sources(page: Page) -> None:
    said = page.texts["assumptions"]
    assert "triangular 14 d, 30 d, 60 d" in said
    assert "half-life of the strength of ties" in said and "days [" in said
    assert "a study, 2020estimated" in said
    assert "a guessassumed" in said


def test_provenance(page: Page, result: entente.Result) -> None:
    assert result.provenance()["program"] in page.texts["made"]
    assert "two.yaml" in page.texts["made"]
    assert "seed 5" in page.texts["footer"]


def test_the_charts_have_the_files_numbers(result: entente.Result, text: str) -> None:
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    drawn = json.loads(data)
    # In the order in which they are asked about.
    assert [series["name"] for series in drawn["series"]] == ["strength", "alignment", "trade", "network"]
    strength, alignment, trade, network = (series["fans"] for series in drawn["series"])
    assert [fan["tie"] for fan in strength][:2] == ["AAA-CCC", "AAA-BBB"]
    fan = strength[1]
    median = result.data["strength"].sel(tie="AAA-BBB", variant="silence").median("replicate").values
    assert fan["q"][1][2] == pytest.approx(median, abs=2e-3)
    assert len(drawn["time"]) == median.size
    low = result.data["alignment"].sel(tie="AAA-BBB", variant="base").quantile(0.05, "replicate").values
    assert alignment[1]["q"][0][0] == pytest.approx(low, abs=2e-3)
    ways = [("First → Second", "AAA-BBB"), ("Second → First", "AAA-BBB")]
    assert [(fan["label"], fan["tie"]) for fan in trade] == ways
    median = result.data["trade"].sel(flow="BBB->AAA", variant="base").median("replicate").values
    assert trade[1]["q"][0][2] == pytest.approx(median, rel=2e-3)
    assert [fan["label"] for fan in network] == ["density", "mean strength"]
    mean = result.data["metric_mean_strength"].sel(variant="base").median("replicate").values
    assert network[1]["q"][0][2] == pytest.approx(mean, rel=2e-3)
    assert len(drawn["series"][3]["time"]) == mean.size
    (mark,) = drawn["calendar"]
    assert (mark["kind"], mark["labels"], mark["where"]) == ("call", ["First – Second"], [" (not in silence)"])
    events = result.events("silence", 1)
    future = next(f for f in drawn["futures"] if f["variant"] == 1 and f["replicate"] == 1)
    known = events["initiator"].isin(["AAA", "BBB", "CCC"]) & (events["cause"] != "calendar")
    among = events[known & ~events["target"].isna()]
    pairs = [
        {a, b} in ({"AAA", "BBB"}, {"AAA", "CCC"})
        for a, b in zip(among["initiator"], among["target"], strict=True)
    ]
    assert len(future["events"]) == sum(pairs)
    assert drawn["network"]["strength"][0][1][-1] == pytest.approx(
        float(result.data["strength"].isel(time=-1).sel(tie="AAA-BBB", variant="base").mean()), abs=2e-3
    )
    course = drawn["course"]["effects"][0]
    gap = result.data["strength"].sel(tie="AAA-BBB", variant="base") - result.data["strength"].sel(
        tie="AAA-BBB", variant="silence"
    )
    assert course["mean"] == pytest.approx(gap.mean("replicate").values, abs=1e-4)
    assert course["high"] == pytest.approx(gap.quantile(0.95, "replicate").values, abs=1e-4)


def test_from_the_shell(result: entente.Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "page.html"
    assert main(["report", str(result.path), "-o", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["report", str(result.path), "-o", str(out), "--quantity", "nothing"]) == 65
    assert "c_calls, b_strength, any_call" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "no.h5"), "-o", str(out)]) == 66
    assert main(["report", str(result.path), "-o", str(tmp_path / "no" / "page.html")]) == 73


def test_without_variants_trajectories_or_events(tmp_path: Path) -> None:
    bare = re.sub(r"output: .*", "output: {events: false}", SCENARIO)
    bare = re.sub(r"(?s)variants:.*?(?=uncertain:)", "", bare).replace("# The question", "# The matter")
    (tmp_path / "bare.yaml").write_text(bare)
    with entente.run(tmp_path / "bare.yaml", tmp_path / "bare.h5", replicates=5, quiet=True) as made:
        page = Page(report.page(made, "b_strength"))
    assert re.search(r"strength: First-Second is [\d.]+ on average", page.texts["answer"])
    assert "Too few simulated futures for a Monte Carlo interval" in page.texts["answer"]  # there are five
    assert "How may it go?" in page.texts["header"]
    assert "timeline" not in page.ids


def test_numbers_are_written_as_precisely_as_they_are_known() -> None:
    scale = wording.Scale("USD/year", 4.2e9)
    assert scale.unit == " bn USD a year"
    assert scale.number(2.5e9) == "2.50"
    assert scale.gap(-0.0123456e9, -0.0143e9, -0.0103e9) == "−0.012"
    assert wording.Scale("1", 0.3).gap_span(-0.0001, 0.0001) == "−0.00010 to +0.00010"
    assert wording.Scale("days", 30).number(float("inf")) == "never"


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page with")
@pytest.mark.parametrize("size", ["1280,900", "500,844"])
def test_in_a_browser(text: str, tmp_path: Path, size: str) -> None:
    """A script at the end of the page does what a reader would, and writes what it saw into the page."""
    reader = (Path(__file__).parent / "report_reader.js").read_text()
    saw = json.loads(browse(text, tmp_path, reader, size))
    assert saw["wrong"] == []
    assert (saw["charts"], saw["course"]) == (2, 1)
    assert saw["overflow"] <= 0
    assert saw["hover"][0] != saw["hover"][1]
    assert saw["keys"][0] != saw["keys"][1]
    assert saw["against"][0] != saw["against"][1]
    assert saw["series"][0] != saw["series"][1]
    assert saw["trade"].startswith("Exports of one to the other, in USD a year.")
    assert "bn USD" in saw["trade"]
    assert saw["slider"][0] != saw["slider"][1]
    assert saw["network"][0] != saw["network"][1]
    assert saw["change"][0] != saw["change"][1] and re.search(r"[+−]0\.\d{3}", saw["change"][1])
    assert saw["effect"][0] != saw["effect"][1] and saw["gains"] == [[False, True], [True, False]]
    assert "call" in saw["event"]
    assert saw["futures"][0] != saw["futures"][1]


AXE = "4.14.1"
CHECK = """
addEventListener("load", () => setTimeout(async () => {
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  const found = await axe.run(document, {resultTypes: ["violations"]});
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify({
    dark: matchMedia("(prefers-color-scheme: dark)").matches, passes: found.passes.length,
    violations: found.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.target + ": " + n.failureSummary)]),
  });
  document.body.append(out);
}, 500));
"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The accessibility checks of axe-core, from npm."""
    if CHROMIUM is None:
        pytest.skip("no Chromium to open the page with")
    if shutil.which("npm") is None:
        pytest.skip("no npm to fetch axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), f"axe-core@{AXE}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip("npm does not answer")
    if done.returncode:
        pytest.skip(f"npm cannot fetch axe-core: {done.stderr.strip()[:200]}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize(("size", "dark"), [("1280,900", False), ("1280,900", True), ("500,844", False)])
@pytest.mark.parametrize("name", ["two", "six_variants", "sweep", "attribution"])
def test_nothing_keeps_a_reader_out(
    name: str, text: str, axe: str, tmp_path: Path, size: str, dark: bool
) -> None:
    if name != "two":
        with entente.open_result(odd.make(name, tmp_path)) as result:
            text = report.page(result, "first_call")
    saw = json.loads(browse(text, tmp_path, axe + CHECK, size, dark))
    assert saw["dark"] == dark
    assert saw["passes"] > 20
    assert saw["violations"] == []


@pytest.mark.long
def test_the_check_sees_what_is_wrong(text: str, axe: str, tmp_path: Path) -> None:
    """A page whose text is too pale, and whose slider has no name."""
    spoilt = text
    for right, wrong in (("--soft: #57606a", "--soft: #c7cdd4"), ('el("label", {for: "net-time"}', 'el("div", {}')):
        assert right in spoilt
        spoilt = spoilt.replace(right, wrong, 1)
    saw = json.loads(browse(spoilt, tmp_path, axe + CHECK))
    serious = {v[1] for v in saw["violations"] if v[0] in ("serious", "critical")}
    assert serious >= {"color-contrast", "label"}
