"""`entente choose` and `entente discover` on sweeps whose answers follow by hand."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import runs

# The strength at the start is the swept parameter, 0.45, or half the parameter; the rate does not matter.
KNOWN = """\
entente: 1
title: Known choice
period: {start: 2026-01-01, end: 2026-02-01}
actors: {AAA: {}, BBB: {}}
ties: {all: true, AAA-BBB: {strength: 0.5}}
kinds:
  call: {scope: initiator -> target, rate: {per_year: 3}}
quantities:
  start: {strength: AAA-BBB, at: 2026-01-01}
  calls: {count: call}
variants:
  fixed: {set: {ties.AAA-BBB.strength: 0.45}}
  less: {set: {ties.AAA-BBB.strength: x 0.5}}
sweep:
  design: grid
  points: 10
  parameters:
    ties.AAA-BBB.strength: {uniform: [0, 0.9]}
    kinds.call.rate.per_year: {values: [1, 2, 3]}
"""
STRENGTH = "ties.AAA-BBB.strength"
SWEPT = np.linspace(0, 0.9, 10)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("choose")
    scenario, out = runs.write_scenario(folder, KNOWN), folder / "sweep.h5"
    done = runs.entente("sweep", scenario, "-n", 2, "-o", out, "-q")
    assert done.returncode == 0, done.stderr
    return out


def told(command: str, *arguments: object) -> object:
    done = runs.entente(command, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_regret(sweep: Path) -> None:
    for aim, sign in (("start", 1), ("start:min", -1)):
        rows = {row["option"]: row for row in told("choose", sweep, aim)}
        values = {"base": sign * SWEPT, "fixed": sign * np.full(10, 0.45), "less": sign * SWEPT / 2}
        best = np.max(list(values.values()), axis=0)
        for option, row in rows.items():
            regret = best - values[option]
            assert row["n"] == 30
            assert row["regret"] == pytest.approx(regret.mean(), abs=1e-12)
            assert row["regret_90"] == pytest.approx(np.quantile(np.repeat(regret, 3), 0.9), abs=1e-12)
            assert row["regret_largest"] == pytest.approx(regret.max(), abs=1e-12)
            assert row["best"] == pytest.approx((regret < 1e-12).mean())
    assert rows["base"]["dominated_by"] == "less"
    assert rows["less"]["dominated_by"] is None


def test_worst_box_and_choice_of_two(sweep: Path) -> None:
    rows = {row["option"]: row for row in told("choose", sweep, "start", "--options", "base,fixed")}
    assert list(rows) == ["base", "fixed"]
    assert rows["base"]["dominated_by"] is None
    assert rows["base"]["worst_box"] == {
        "n": 3, "regret": pytest.approx(0.45), "limits": {STRENGTH: {"low": None, "high": pytest.approx(0.05)}}}
    assert rows["fixed"]["worst_box"]["limits"] == {STRENGTH: {"low": pytest.approx(0.85), "high": None}}


def test_discovers_where_a_variant_helps(sweep: Path) -> None:
    found = told("discover", sweep, "start:fixed")
    assert (found["n"], found["n_beyond"]) == (30, 15)
    assert found["boxes"] == [{"n": 15, "coverage": 1.0, "density": 1.0,
                               "limits": {STRENGTH: {"low": None, "high": pytest.approx(0.45)}}}]
    found = told("discover", sweep, "start", "--below", "0.25")
    assert found["boxes"][0]["limits"] == {STRENGTH: {"low": None, "high": pytest.approx(0.25)}}
    found = told("discover", sweep, "start:less", "--above", "0.5")
    assert (found["n_beyond"], found["boxes"]) == (0, [])
    text = runs.entente("discover", sweep, "start:fixed").stdout
    assert "100 % of all there are (coverage)" in text
    assert f"    {STRENGTH} below 0.45\n" in text


def test_a_tree(sweep: Path) -> None:
    """Of 300 points the tree has a leaf where the variant helps, the same as the box; of few points it says so."""
    found = told("discover", sweep, "start:fixed", "--method", "cart")
    assert found["method"] == "cart"
    limit = pytest.approx(0.45)
    assert found["boxes"] == [
        {"n": 15, "coverage": 1.0, "density": 1.0, "limits": {STRENGTH: {"low": None, "high": limit}}},
        {"n": 15, "coverage": 0.0, "density": 0.0, "limits": {STRENGTH: {"low": limit, "high": None}}},
    ]
    assert found["tree"] == {
        "n": 30, "density": 0.5, "parameter": STRENGTH, "limit": limit,
        "below": {"n": 15, "density": 1.0}, "above": {"n": 15, "density": 0.0}}
    text = runs.entente("discover", sweep, "start:fixed", "--method", "cart").stdout
    assert text.endswith(f"  {STRENGTH} below 0.45: 15 of 15 (100 %)\n  {STRENGTH} above 0.45: 0 of 15 (0 %)\n")
    few = told("discover", sweep, "start", "--below", "0.25", "--method", "cart")
    assert (few["n_beyond"], few["boxes"], few["tree"]) == (9, [], None)
    text = runs.entente("discover", sweep, "start", "--below", "0.25", "--method", "cart").stdout
    assert "too few for a tree: it needs 10 of them, and 10 others" in text


DECLARED = "choose: {options: [base, fixed], max: start, min: calls}\n"


def declared(folder: Path, declaration: str = DECLARED) -> Path:
    text = KNOWN[:KNOWN.index("sweep:")] + f"uncertain: {{{STRENGTH}: {{uniform: [0, 0.9]}}}}\n"
    return runs.write_scenario(folder, text + declaration)


def test_what_the_scenario_declares(tmp_path: Path) -> None:
    """`choose` needs no options then, `compare --why` values knowledge for the same choice."""
    out = tmp_path / "run.h5"
    runs.run(declared(tmp_path), out, "-n", 400)
    rows = told("choose", out)
    assert [(row["quantity"], row["aim"], row["option"]) for row in rows] == [
        ("start", "max", "base"), ("start", "max", "fixed"), ("calls", "min", "base"), ("calls", "min", "fixed")]
    assert rows[:2] == told("choose", out, "start", "--options", "base,fixed")
    assert told("choose", out, "calls")[0]["aim"] == "min"
    assert told("choose", out, "calls:max")[0]["aim"] == "max"
    assert [row["option"] for row in told("choose", out, "start", "--options", "base,less")] == ["base", "less"]
    choices = {row["quantity"]: row["choice"] for row in told("compare", out, "--why")}
    assert choices["start"]["options"] == ["base", "fixed"]
    assert choices["start"]["evpi_parameters"] == pytest.approx(0.45 / 4, abs=0.03)  # as the regret of `fixed`
    assert choices["calls"]["aim"] == "min"
    other = told("compare", out, "start", "--why", "--choose", "start:min")[0]["choice"]
    assert (other["aim"], {other["best"], choices["start"]["best"]}) == ("min", {"base", "fixed"})
    text = runs.entente("compare", out, "start", "--why").stdout
    assert f"choice of the most between base, fixed: {choices['start']['best']} is the best on average" in text


def test_a_choice_is_no_part_of_a_run(tmp_path: Path) -> None:
    """Declared later or otherwise: nothing is simulated again, and the file has the new choice."""
    out, again = tmp_path / "run.h5", tmp_path / "again.h5"
    runs.run(declared(tmp_path, ""), out, "-n", 20)
    assert "the quantity is missing" in refused("choose", out).stderr
    for declaration in (DECLARED, "choose: {max: calls}\n", DECLARED):
        done = runs.run(declared(tmp_path, declaration), out, "-n", 20)
        assert done.returncode == 0
        runs.run(declared(tmp_path, declaration), again, "-n", 20, "--restart")
        assert runs.differences(out, again) == ""
        assert len(told("choose", out)) == (4 if declaration == DECLARED else 3)
    runs.run(declared(tmp_path), tmp_path / "one.h5", "-n", 20, "--variant", "less")  # one of the options: no choice
    assert "the quantity is missing" in refused("choose", tmp_path / "one.h5").stderr


def test_of_a_run(tmp_path: Path) -> None:
    """The replicates are the states, their draws the parameters."""
    text = KNOWN[:KNOWN.index("sweep:")] + f"uncertain: {{{STRENGTH}: {{uniform: [0, 0.9]}}}}\n"
    scenario, out = runs.write_scenario(tmp_path, text), tmp_path / "run.h5"
    runs.run(scenario, out, "-n", 400)
    found = told("discover", out, "start:fixed")
    assert found["states"] == "replicates"
    assert found["boxes"][0]["coverage"] > 0.95
    assert found["boxes"][0]["density"] > 0.95
    assert found["boxes"][0]["limits"][STRENGTH]["high"] == pytest.approx(0.45, abs=0.03)
    rows = {row["option"]: row for row in told("choose", out, "start")}
    assert rows["fixed"]["regret"] == pytest.approx(0.45 / 4, abs=0.03)  # E max(U - 0.45, 0), U on (0, 0.9)
    assert "hindsight" in runs.entente("choose", out, "start").stdout
    runs.run(runs.write_scenario(tmp_path, text[:text.index("uncertain:")]), tmp_path / "plain.h5", "-n", 3)
    assert refused("discover", tmp_path / "plain.h5", "start").returncode == 65


def refused(*arguments: object) -> subprocess.CompletedProcess[str]:
    done = runs.entente(*arguments)
    assert done.returncode != 0
    assert done.stdout == ""
    return done


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("choose", "stat"), 64, 'no quantity "stat" in this file; did you mean start?'),
        (("choose", "start:most"), 64, ":min or :max is expected"),
        (("choose", "start", "calls:mni"), 64, ":min or :max is expected"),
        (("choose", "start", "--options", "base"), 64, "two options"),
        (("choose", "start", "--options", "base,base"), 64, "base is given a second time"),
        (("choose", "start", "--options", "base,fxed"), 64, 'no variant "fxed" in this file; did you mean fixed?'),
        (("choose",), 64, "the quantity is missing"),
        (("discover",), 64, "the outcome is missing"),
        (("discover", "start:base"), 64, "the variant that the others are compared with"),
        (("discover", "start:fxed"), 64, "did you mean fixed?"),
        (("discover", "start", "--above", "much"), 64, "a number is expected"),
        (("discover", "start", "--above", "1", "--below", "2"), 64, "either --above or --below"),
        (("discover", "start", "--method", "tree"), 64, "prim or cart is expected"),
        (("discover", "start", "--method", "cart", "--boxes", "2"), 64, "--boxes goes with --method prim"),
    ],
)
def test_refuses(sweep: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    done = refused(arguments[0], sweep, *arguments[1:])
    assert done.returncode == code, done.stderr
    assert message in done.stderr


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("{options: [base, fxed], max: start}", 'choose.options: no variant is called "fxed"; did you mean "fixed"?'),
        ("{max: stat}", 'choose.max: no quantity is called "stat"; did you mean "start"?'),
        ("{options: [base, base], max: start}", "choose.options: base is given a second time"),
        ("{options: base, max: start}", "two options are needed to choose between"),
        ("{max: start, min: [calls, start]}", "choose.min: start is given a second time"),
        ("{options: [base, less]}", "quantities under `max` or `min` are needed"),
        ("{aim: max}", 'unknown key "aim" in choose'),
    ],
)
def test_invalid_declarations(tmp_path: Path, declaration: str, message: str) -> None:
    done = runs.entente("check", declared(tmp_path, f"choose: {declaration}\n"))
    assert done.returncode == 65
    assert message in done.stderr + done.stdout
