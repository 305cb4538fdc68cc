"""The report on unusual files: what it says of what is not there, and what a made-up file cannot do to it."""

from __future__ import annotations

import html
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

import entente
import odd
import sealing
import stories
from entente import report, select
from entente.report import opening, scenario, wording
from entente.report.asked import definition, explained
from entente.report.contrast import contrast
from entente.report.labels import Names
from test_report import Page

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], entente.Result]]:
    folder = tmp_path_factory.mktemp("odd")
    known: dict[str, entente.Result] = {}

    def get(name: str) -> entente.Result:
        if name not in known:
            known[name] = entente.open_result(odd.make(name, folder))
        return known[name]

    yield get
    for result in known.values():
        result.close()


def charts(text: str) -> dict:
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(data)


def card(text: str, label: str) -> str:
    """The card of a quantity as HTML."""
    (found,) = [each for each in re.findall(r"<figure class=card>.*?</figure>", text, re.DOTALL) if label in each]
    return found


def test_the_questions_are_found(opened: Callable[[str], entente.Result]) -> None:
    """"The questions:" as well as "The question:", in the first comment or in the scenario's note."""
    assert "What does the call change?" in Page(report.page(opened("usual"))).texts["header"]
    asked = scenario.question({"files": {"a": "entente: 1\n"}}, {"note": "More.\n\nThe question: who\ncalls?\n\nx"}, [])
    assert asked == "Who calls?"
    head = {"files": {"a": "# x\n#\n# The questions: one? two?\n#\n# y\nentente: 1\n# The question: not this\n"}}
    assert scenario.question(head, {}, ["base"]) == "One? two?"
    assert scenario.question({}, {"variants": {"v": {"note": "It ends."}}}, ["base", "v"]) == "What changes? It ends"


@pytest.mark.parametrize(
    ("name", "sections", "others"),
    [
        ("no_trade", ["answer", "by-date", "gains", "fans", "network", "variants", "timeline"], []),
        ("no_calendar", ["answer", "fans", "network", "variants", "timeline"], ["gains", "facts"]),
        ("no_events", ["answer", "gains", "fans", "network", "variants", "facts"], ["timeline"]),
        ("no_trajectories", ["answer", "by-date", "fans", "variants", "timeline"], ["gains"]),
        ("no_quantities", ["answer", "gains", "fans", "network", "timeline"], ["by-date", "variants", "matters"]),
        ("one_pair", ["answer", "fans", "network", "variants", "assumptions"], ["gains", "matters", "facts"]),
        ("year_1618", ["answer", "by-date", "gains", "fans", "network", "variants", "timeline"], []),
        ("sweep", ["answer", "matters", "swept", "assumptions", "made"], ["fans", "gains", "variants", "timeline"]),
        ("sweep_no_quantities", ["answer", "swept", "assumptions", "made"], ["matters", "fans"]),
    ],
)
def test_what_is_there_is_shown(
    opened: Callable[[str], entente.Result], name: str, sections: list[str], others: list[str]
) -> None:
    text = report.page(opened(name))
    page = Page(text)
    assert [each for each in page.texts if each in sections] == sections
    assert not set(others) & set(page.texts)
    names = [series["name"] for series in charts(text)["series"]]
    assert ("trade" in names) == (name in ("no_calendar", "no_events", "no_quantities", "year_1618"))
    if name == "no_quantities":
        assert "The scenario asks for no number" in page.texts["answer"]
        assert re.search(r"adds 0\.\d+ to the strength of First – Second .*the largest change", page.texts["answer"])


def test_a_sweeps_report_has_the_programs_numbers(opened: Callable[[str], entente.Result]) -> None:
    result = opened("sweep_everything")
    page = Page(report.page(result, "calls"))
    means = result.summary().xs(("calls", "base"), level=("quantity", "variant"))["mean"]
    scale = wording.Scale.of(result.summary().xs("calls", level="quantity"))
    assert f"{scale.number(means.min())} to {scale.number(means.max())} events" in page.texts["answer"]
    points = result.data.sizes["point"]
    assert f"varies 1 parameter over {points} points, with 4 simulated futures at each" in page.texts["answer"]
    assert "effects.gain_divisor" in page.texts["swept"]
    low, high = (wording.short(float(f(result.data["effects.gain_divisor"]))) for f in (np.min, np.max))
    assert f"{low}{high}" in page.texts["swept"]
    with pytest.raises(entente.UnknownName, match="did you mean calls"):
        report.page(result, "call")


def test_a_sweeps_shares_and_signs(opened: Callable[[str], entente.Result]) -> None:
    """No share and no end of its interval leaves 0 to 1; the coefficient of an effect has the sign of the effect."""
    said = Page(report.page(opened("sweep_everything"))).texts["matters"]
    ends = [float(x) for pair in re.findall(r"(\d[.\d]*) to (\d[.\d]*)(?=\D|$)", said) for x in pair]
    assert all(0 <= x <= 1 for x in ends)
    result = opened("sweep")
    coefficient = float(result.sensitivity()["regression"].sel(quantity="strength", variant="silence").values[0])
    page = report.page(result)
    shown = page[page.index("<h3>What the scenario as written, against “silence”, changes in") :]
    assert f"<td>{wording.short(-coefficient)}</td>" in shown[: shown.index("</table>")]


def test_words_are_made_of_names(opened: Callable[[str], entente.Result]) -> None:
    result = opened("usual")
    written = {
        "calendar": [{"id": "meet-aaa", "kind": "g20_summit", "host": "AAA", "date": "2026-02-01", "repeat": "x"}],
        "variants": {"no_call": {"drop": ["meet-aaa"]}, "quiet": {"drop": ["a"]}, "more": {"interventions": ["b"]}},
    }
    names = Names(result.data, written)
    assert names.kind("g20_summit") == "G20 summit" and names.words("no_december-eu") == "no December EU"
    assert names.words("we_can_meet-aaa") == "we can meet First"
    assert names.entry("meet-aaa/2") == "G20 summit hosted by First, 1 February 2026, number 2"
    assert names.entry("kind:leader_visit+call") == "every leader visit and call"
    assert names.parameter("kinds.call.rate.per_year") == "call: how often it happens by itself, a year"
    assert names.parameter("kinds.a.then.b_c.probability") == "a: chance that it leads to b c"
    assert names.parameter("ties.AAA-BBB.baseline") == "First – Second: long-run level"
    assert names.parameter("some.new_path.x") == "some: new path: x"
    found = {name: contrast(written, names, name, "base") for name in ("no_call", "quiet", "more", "without:meet-aaa")}
    assert {name: each.sign for name, each in found.items()} == {
        "no_call": -1, "quiet": -1, "more": 1, "without:meet-aaa": -1,
    }  # fmt: skip
    assert (found["no_call"].subject, found["no_call"].first) == ("the call", "with the call")
    assert found["more"].sides == ("more", "base") and found["no_call"].sides == ("base", "no_call")
    assert found["no_call"].named_in("what if he calls?") and not found["no_call"].named_in("a recall")
    assert names.dropped(written, "no_call") == {"g20_summit"}
    assert [found[name].does("adds") for name in found] == ["adds"] * 4


def test_names_that_several_sections_use(opened: Callable[[str], entente.Result]) -> None:
    """A condition, an event type and an entry of one name; a group's event; a part without a date; what is added."""
    vote = {"id": "vote", "kind": "decision", "host": "AAA", "group": "Club", "target": "BBB", "guests": ["CCC"]}
    written = {
        "calendar": [
            {"id": "sanctions", "kind": "sanctions", "initiator": "AAA", "target": "BBB", "date": "2026-02-01"},
            {**vote, "date": "2026-03-01"}, {"id": "after", "kind": "call", "initiator": "AAA", "part_of": "vote"},
        ],
        "interventions": [{"add": [{"id": "reply", "kind": "call", "initiator": "BBB", "target": "AAA"}]}],
        "variants": {"no_sanctions": {"drop": ["sanctions"]}, "no_crisis": {"drop": ["vote"]}},
    }  # fmt: skip
    names = Names(opened("usual").data, written)
    assert names.parameter("conditions.sanctions.trade.shift") == "sanctions: its effect on trade"
    assert names.parameter("conditions.sanctions.trade.tail").startswith("sanctions: time until")
    assert names.parameter("conditions.sanctions.duration.mean") == "conditions: sanctions: duration: mean"
    assert names.parameter("kinds.sanctions.effect.lasting") == "sanctions: share of its effect that lasts"
    assert names.parameter("calendar.sanctions.probability").startswith("sanctions First → ")
    assert names.parameter("calendar.reply.probability") == "call Second → First: chance that it takes place"
    assert names.fact(vote) == "decision of Club, hosted by First, about Second, with Third"
    assert names.day(written["calendar"][2]) == "1 March 2026"
    plural, singular = (contrast(written, names, name, "base") for name in ("no_sanctions", "no_crisis"))
    assert (plural.does("takes"), singular.does("takes")) == ("take", "takes")


def test_the_size_of_an_effect_in_words() -> None:
    assert "next to nothing at one end" in opening._size_in_words(0.0, 19.0)
    assert "next to nothing at one end" in opening._size_in_words(0.1, 19.0)
    assert "2 times as large" in opening._size_in_words(3.0, 6.0)
    assert opening._size_in_words(5.0, 6.0) == "The size depends little on the uncertain parameters."


def test_rounded_numbers_of_futures_agree() -> None:
    """Both numbers and their difference: 77 and 48 would differ by 29 where the shares differ by 0.3."""
    assert wording.of_a_hundred(0.7749, 0.4751) == (775, 475, 300, 1000)
    assert wording.of_a_hundred(0.77, 0.48) == (77, 48, 29, 100)
    rng = np.random.default_rng(3)
    for a, b in rng.uniform(size=(300, 2)):
        here, there, gap, of = wording.of_a_hundred(a, b)
        assert gap == here - there and (abs(gap - (a - b) * of) <= 0.5 or of == 10_000)


def test_what_interventions_do_is_a_fact(tmp_path: Path) -> None:
    """Their notes, and the entries that they add with their sources; nothing of the calendar is without a date."""
    example = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios" / "examples" / "niger-2023.yaml"
    result = entente.Scenario.from_yaml(example).run(30, tmp_path / "niger.h5", quiet=True)
    assert isinstance(result, entente.Result)
    said = Page(report.page(result)).texts["facts"]
    assert "decision of ECOWAS, hosted by Nigeria, about Niger" in said
    assert "ECOWAS may lift the sanctions to win the three back." in said and "27 d later" in said
    assert "no date" not in said
    assert "The sanctions take" in Page(report.page(result, "trade")).texts["answer"]


#: Definitions of quantities and what the page says of them.
SAID = {
    "now": ({"strength": "AAA-BBB", "at": "2026-02-01"}, "Strength of the tie First – BBB on 1 February 2026, "),
    "now@2026-03-01": (None, "Strength of the tie First – BBB on 1 March 2026, from −1 "),
    "now>0.3": (None, "Strength of the tie First – BBB on 1 February 2026, from −1 (hostile) to 1 (friendly): whether"),
    "mean": (
        {"strength": "AAA-BBB", "take": "mean", "from": "2026-01-01"},
        "Average strength of the tie First – BBB from 1 January 2026 until 31 December 2026, ",
    ),
    "mean@2026-03-01": (None, "Average strength of the tie First – BBB from 1 January 2026 until 1 March 2026, "),
    "war": (
        {"condition": "war", "tie": "AAA-BBB", "take": "days"},
        "Days on which the condition “war” is in force between First and BBB, ",
    ),
    "share": ({"condition": "war", "take": "mean"}, "Share of the time in which the condition “war” is in force, "),
    "ever": ({"condition": "war", "take": "max"}, "Whether the condition “war” is in force at any time "),
    "over": ({"condition": "war", "below": "0.5", "at": "2026-02-01"}, "Whether the condition “war” is not in force"),
    "either": (
        {"count": "call", "tie": ["AAA-BBB", "AAA-CCC"], "by": "trip", "initiator": ["AAA", "BBB"]},
        "Number of trips (events whose days overlap count once, as a summit and the meetings at its side) with an "
        "event of the type call between First and BBB or First and CCC by First or BBB",
    ),
    "first": ({"first": "call", "dates": "1 month"}, "Days from the start to the first event of the type call"),
    "first@2026-03-01": (None, "Whether an event of the type call comes before 1 March 2026"),
    "gap": ({"combine": ["now", "mean"], "take": "difference", "above": "0"}, "“NOW” minus “MEAN”: whether it is"),
    "ratio": ({"combine": ["now", "mean"], "take": "ratio"}, "“NOW” divided by “MEAN”"),
    "any": ({"combine": ["over", "ever"], "take": "max"}, "Whether at least one holds of “OVER” and “EVER”"),
    "odd": ("text", ""),
    "new": ({"strength": "AAA-BBB", "some_key": "1"}, ""),
}


@pytest.mark.parametrize("name", SAID)
def test_what_a_quantity_is(name: str) -> None:
    """A sentence for every sort of quantity; none for a definition that the report does not know."""
    written = {"quantities": {key: entry for key, (entry, _) in SAID.items() if entry is not None}}
    names = Names(xr.Dataset(), {})
    names._actors = {"AAA": "First"}
    told = explained(definition(written, name), names, "31 December 2026", str.upper, name == "any")
    assert told.startswith(SAID[name][1]) and bool(told) == bool(SAID[name][1])


def test_curves_are_drawn_as_curves(tmp_path: Path) -> None:
    """The dates of a curve have no card of their own; what stands in the curve is what the file has."""
    result = entente.open_result(stories.make("sorts", tmp_path))
    text = report.page(result)
    drawn = charts(text)
    assert "@" not in html.unescape(Page(text).texts["variants"])
    labels = [each["label"] for each in drawn["curves"]]
    assert labels[:2] == ["peace talks: Arcadia – Borduria", "call: Arcadia – Borduria"]
    assert labels[2:] == ["strength: Arcadia – Borduria", "strength: Arcadia – Borduria: whether it is above 0"]
    dated = select.curves(result.data)["level"]
    values = result.data["quantity_value"].sel(quantity=[name for name, _ in dated]).mean("replicate")
    level = drawn["curves"][2]
    assert len(level["time"]) == len(dated) == 12 and level["unit"] == ""
    for v, variant in enumerate(result.variants):
        assert level["lines"][v] == pytest.approx(values.sel(variant=variant).values, rel=1e-3)
    course = drawn["course"]
    assert course["unit"] == "share" and len(course["lines"]) == len(result.variants) == 6
    name, date = select.curves(result.data)["war"][3]
    war = result.data["quantity_value"].sel(quantity=name, variant="with_mediation")
    at = course["time"].index(int(np.datetime64(date, "s").astype(int)))
    assert course["lines"][1][at] == pytest.approx(float(war.mean()), rel=1e-3)


def test_first_times_say_in_how_many_futures(opened: Callable[[str], entente.Result]) -> None:
    result = opened("six_variants")
    text = report.page(result, "first_call")
    summary = result.summary().loc["first_call"]
    assert 0 < summary["n_finite"].min() < summary["n"].max()
    values = result.data["quantity_value"].sel(quantity="first_call")
    shown = html.unescape(card(text, "days to the first call"))
    for variant in result.variants:
        share = float(np.isfinite(values.sel(variant=variant)).mean())
        assert f"in {wording.percent(share)}<" in shown
    assert "means and differences count the end of the period for the others" in shown
    said = Page(text).texts["answer"]
    here, there = (float(np.isfinite(values.sel(variant=v)).mean()) for v in ("fewer", "base"))
    a, b, _, of = wording.of_a_hundred(here, there)
    assert f"it happens within the period in {a} of {of} futures in “fewer”, in {b} in the scenario as written" in said
    assert "if the end of the period counts where it does not come" in said
    dots = [each.count('class="yes"') for each in re.findall(r'<svg class="dots.*?</svg>', text, re.DOTALL)]
    assert dots == [wording.count(here, 100), wording.count(there, 100)]
    drawn = charts(text)
    assert [each["label"] for each in drawn["curves"]] == ["a treaty that nobody signs"]
    assert [line[-1] for line in drawn["course"]["lines"]] == pytest.approx(
        [float(np.isfinite(values.sel(variant=v)).mean()) for v in result.variants], abs=1e-3
    )
    never = card(text, "days to a treaty that nobody signs")
    assert "never" in never and "in 0 %" in never and "nan" not in never
    assert "changes nothing here" in Page(report.page(result, "treaty")).texts["answer"]


def test_shares_are_never_rounded_to_none_or_all() -> None:
    assert [wording.percent(x) for x in (0, 0.0004, 0.004, 0.0949, 0.12, 0.9951, 0.9999, 1)] == [
        "0 %", "0.1 %", "0.4 %", "9.5 %", "12 %", "99.5 %", "99.9 %", "100 %",
    ]  # fmt: skip


def test_no_probability_leaves_its_range(opened: Callable[[str], entente.Result]) -> None:
    """Neither what to expect at a parameter's ends, nor an interval of what is 0 or 1 in every future."""
    for name in ("usual", "six_variants", "one_replicate"):
        result = opened(name)
        told = result.summary()
        for quantity in result.data["quantity"].values:
            if not wording.is_chance(result, quantity):
                continue
            rows = told.loc[quantity][["mean", "mean_low", "mean_high"]].to_numpy(dtype=float)
            known = rows[np.isfinite(rows)]
            assert known.size and ((known >= 0) & (known <= 1)).all(), quantity
            page = Page(report.page(result, quantity))
            matters, answer = page.texts.get("matters", ""), page.texts["answer"]
            pairs = re.findall(r"([+−]?[\d.]+) → ([+−]?[\d.]+) in 100", matters)
            ends = [float(x.replace("−", "-")) for pair in pairs for x in pair]
            ranked = bool(matters) and "too few to tell" not in matters
            assert all(-100 <= x <= 100 for x in ends) and (len(ends) > 0) == ranked
            told_of = [(int(a), int(b)) for a, b in re.findall(r"in ([\d,]+) of ([\d]+) ", answer)]
            assert all(0 <= a <= b for a, b in told_of)
            assert told_of or "changes nothing" in answer
    result = opened("usual")
    assert wording.is_chance(result, "calls>3") and not wording.is_chance(result, "treaty")


def test_nothing_is_bold_because_it_is_computed_precisely(opened: Callable[[str], entente.Result]) -> None:
    for name in ("usual", "six_variants"):
        cards = re.findall(r"<figure class=card>.*?</figure>", report.page(opened(name)), re.DOTALL)
        assert cards and not any("<b>" in each for each in cards)
        assert any("class=pale" in each for each in cards)


def test_the_charts_of_trade_are_no_staircases(tmp_path: Path) -> None:
    """Stored trade has few digits: its median stands still most of the time. What is drawn moves on."""
    law = "trade: {relax: 3 y, alignment_effect: 0.9}\ngroups:"
    (tmp_path / "a.yaml").write_text(odd.scenario(replicates="200", end="2027-01-01").replace("groups:", law))
    with entente.run(tmp_path / "a.yaml", tmp_path / "a.h5", quiet=True) as result:
        stored = result.sel(flow="AAA->BBB", variant="base")["trade"].median("replicate").values
        trade = next(series for series in charts(report.page(result))["series"] if series["name"] == "trade")
    drawn = trade["fans"][0]["q"][0][2]
    assert (np.diff(stored) == 0).mean() > 0.5
    assert (np.diff(drawn) == 0).mean() < 0.2
    np.testing.assert_allclose(drawn, stored, rtol=1e-3)


def test_calendar_marks_say_in_which_variants(opened: Callable[[str], entente.Result]) -> None:
    marks = {mark["kind"]: mark for mark in charts(report.page(opened("usual")))["calendar"]}
    assert marks["call"]["where"] == [" (as written only)"]
    assert set(marks["summit"]["where"]) == {""} and set(marks["summit"]["ties"]) == {"AAA-BBB", "AAA-CCC"}


def spoilt(
    opened: Callable[[str], entente.Result], folder: Path, change: Callable[[h5py.File], None]
) -> entente.Result:
    """A copy of the usual file with something changed in it."""
    path = folder / "made-up.h5"
    path.write_bytes(opened("usual").path.read_bytes())
    with h5py.File(path, "r+") as file:
        change(file)
    return entente.open_result(sealing.seal(path))


TEXTS = ("quantity_unit", "quantity_label", "actor_label", "file", "file_text", "parameter")


def texts_of(file: h5py.File) -> None:
    """Every text of the file that is no name of something becomes hostile."""

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and h5py.check_string_dtype(item.dtype) and item.shape:
            if name.split("/")[-1] in TEXTS:
                item[...] = [f"{HOSTILE}{i}" for i in range(item.shape[0])]

    file.visititems(visit)
    for where in (file, file["provenance"]):
        for key in where.attrs:
            if key in ("title", "program", "git", "build", "command", "host", "system", "machine", "scenario"):
                where.attrs[key] = HOSTILE
    file["provenance"].attrs[f"library_{HOSTILE[:20]}"] = HOSTILE


def test_no_text_of_a_file_becomes_part_of_the_page(opened: Callable[[str], entente.Result], tmp_path: Path) -> None:
    with spoilt(opened, tmp_path, texts_of) as result:
        assert str(result.data["quantity_unit"].values[0]).startswith("<img")
        text = report.page(result)
    assert "<img" not in text and "<script>alert" not in text
    assert html.escape(HOSTILE) in text and "\\u003cimg" in text
    # The policy of the page knows its two scripts, and lets nothing else run.
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", policy)) == 2
    sweep = opened("quoted")
    assert "<img src=x" not in report.page(sweep) and "<script>alert" not in report.page(sweep)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    "written",
    [
        "entente: 1\nuncertain:\n  kinds.call.rate.per_year: {uniform: *i}\n".join([BOMB, ""]),
        f"{BOMB}uncertain: {{kinds.call.rate.per_year: *i}}\nquantities: *h\n",
        "uncertain: &u {kinds.call.rate.per_year: *u}\n",
        "[" * 100_000,
        "a: " + "{b: " * 5000,
        "x" * 5_000_000,
        "uncertain: {kinds.call.rate.per_year: {source: '" + "(m " * 200_000 + "'}}",
        "# The question: " + "\n" * 200_000,
        "- just\n- a list\n",
        "uncertain: [1, 2]\nvariants: {silence: nobody}\nquantities: {calls: 3}\n",
        "\x00\xff not: [yaml",
    ],
    ids=["bomb", "in use", "itself", "deep", "deep maps", "long", "marks", "empty lines", "list", "sorts", "bytes"],
)
def test_the_scenarios_text_cannot_keep_the_report_busy(
    written: str, opened: Callable[[str], entente.Result], tmp_path: Path
) -> None:
    def change(file: h5py.File) -> None:
        texts = [each.decode() for each in file["provenance/file_text"][()]]
        file["provenance/file_text"][...] = [written.replace("\x00", "\ufffd"), *texts[1:]]

    with spoilt(opened, tmp_path, change) as result:
        begun = time.monotonic()
        page = Page(report.page(result))
        assert time.monotonic() - begun < 60  # without limits: for ever
    assert {"answer", "variants", "assumptions", "made"} <= set(page.texts)


def test_what_is_parsed_is_limited_by_what_aliases_stand_for() -> None:
    def parsed(text: str) -> dict:
        return scenario.parsed({"files": {"own.yaml": text}})

    assert parsed("a: &x {b: 1}\nc: *x\n") == {"a": {"b": "1"}, "c": {"b": "1"}}
    assert parsed(BOMB) == {} and parsed("a: &a [*a]\n") == {} and parsed("") == {} and parsed("[1]") == {}
    assert scenario.source("a study (e)") == ("a study", "estimated")
    assert scenario.source("x" * 5000 + " (m, 2020)") == ("x" * 5000, "measured")
