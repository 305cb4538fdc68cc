"""The package and the program together: run, open, compare, on a scenario of three actors."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entente
from entente import program

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

SCENARIO = """\
entente: 1
title: Three actors
period: {start: 2026-01-01, end: 2027-01-01}
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
    rate: {per_year: 4}
    effect: {goldstein: 10, lasting: 0.1}
    excited_by: [{kind: call, relation: reversed, branching: 0.3, half_life: 5 d}]
    then: [{kind: deal, probability: 0.5, delay: {exponential: {mean: 20 d}}}]
  deal:
    scope: dyad
    value: {lognormal: {median: 1 bn USD, sigma: 0.5}}
calendar:
  - {id: first-call, date: 2026-02-01, kind: call, initiator: AAA, target: BBB}
quantities:
  b_strength: {strength: AAA-BBB, at: 2026-12-31, label: "strength: First-Second"}
  calls: {count: call, tie: AAA-BBB}
variants:
  silence: {drop: [first-call]}
uncertain:
  kinds.call.rate.per_year: {uniform: [2, 6]}
monte_carlo: {replicates: 60, seed: 5}
output: {every: 1 week, ties: all}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "three.yaml"
    path.write_text(SCENARIO)
    return path


@pytest.fixture(scope="module")
def result(scenario: Path) -> entente.Result:
    with entente.run(
        scenario, scenario.parent / "out" / "three.h5", variants=["silence"], quiet=True
    ) as opened:
        yield opened


def test_what_was_asked_for_is_there(result: entente.Result) -> None:
    assert result.data.attrs["title"] == "Three actors"
    assert result.variants == ["base", "silence"]
    assert result.data.sizes["replicate"] == 60
    assert list(result.data["tie"].values) == ["AAA-BBB", "AAA-CCC"]
    assert (result.data["status"] == 0).all()
    first = result.data["strength"].sel(variant="base").isel(time=0)
    np.testing.assert_allclose(first, np.tile([0.2, -0.3], (60, 1)), atol=1e-3)


def test_events_match_the_counts(result: entente.Result) -> None:
    for variant in result.variants:
        events = result.events(variant, replicate=None)
        held = events[(events["status"] == "held") & (events["cause"] != "history")]
        counted = result.data["event_count"].sel(variant=variant).to_pandas()
        table = pd.crosstab(held["replicate"], held["kind"]).reindex(
            index=counted.index, columns=counted.columns, fill_value=0
        )
        np.testing.assert_array_equal(table, counted)
    calls = result.events(replicate=None)
    calls = calls[(calls["kind"] == "call") & (calls["cause"] == "calendar")]
    assert len(calls) == 60
    assert set(calls["time"]) == {pd.Timestamp("2026-02-01")}


def test_children_come_after_their_parents(result: entente.Result) -> None:
    seen = 0
    for replicate in range(10):
        for tree in result.causes(replicate=replicate):
            for _, branch in tree.walk():
                for child in branch.children:
                    assert child.event["cause"] in ("excited", "consequence")
                    assert child.event["time"] >= branch.event["time"]
                    assert child.event["kind"] == ("call" if child.event["cause"] == "excited" else "deal")
                    seen += 1
    assert seen > 20


def test_variants_agree_until_the_change(result: entente.Result) -> None:
    before = result.data["strength"].sel(time=slice(None, "2026-01-31"), tie="AAA-BBB")
    np.testing.assert_array_equal(before.sel(variant="base"), before.sel(variant="silence"))
    other = result.data["strength"].sel(tie="AAA-CCC")
    np.testing.assert_array_equal(other.sel(variant="base"), other.sel(variant="silence"))
    gap = entente.estimates.difference(result.data["strength"].sel(tie="AAA-BBB"))
    assert float(gap.sel(time="2026-02-05", method="nearest").mean()) < -0.05


def test_the_summary_is_that_of_the_replicates(result: entente.Result) -> None:
    summary = result.summary()
    assert summary.index.names == ["quantity", "variant"]
    quantities = result.quantities()
    for variant in result.variants:
        one = quantities.loc[variant]
        for name in ("b_strength", "calls"):
            row = summary.loc[(name, variant)]
            assert row["n"] == 60
            assert row["mean"] == pytest.approx(one[name].mean())
            assert row["sd"] == pytest.approx(one[name].std())
            assert row["q5"] == pytest.approx(one[name].quantile(0.05))
            assert row["q95"] == pytest.approx(one[name].quantile(0.95))
    gap = quantities.loc["silence", "b_strength"] - quantities.loc["base", "b_strength"]
    assert summary.loc[("b_strength", "silence"), "difference"] == pytest.approx(gap.mean())
    assert summary.loc[("b_strength", "base"), "label"] == "strength: First-Second"


def test_compare_gives_the_differences(result: entente.Result) -> None:
    table = entente.compare(result, ["b_strength"])
    assert len(table) == 1
    gap = result.quantities()["b_strength"]
    assert table["difference"].iloc[0] == pytest.approx((gap["silence"] - gap["base"]).mean())


def test_draws_and_provenance(result: entente.Result, scenario: Path) -> None:
    drawn = result.parameters()["kinds.call.rate.per_year"]
    assert drawn.between(2, 6).all()
    assert drawn.nunique() == 60
    provenance = result.provenance()
    assert SCENARIO in provenance["files"].values()
    assert provenance["program"].startswith("entente ")
    assert provenance["seed"] == 5


def test_pictures_of_a_real_file(result: entente.Result) -> None:
    figure = result.fan(["AAA-BBB", "AAA-CCC"])
    words = [text.get_text() for text in figure.axes[0].texts]
    assert "1 Feb 2026: call (base only)" in words
    entente.plot.tornado(result.data, "calls")
    entente.plot.network(result.data, "2026-07-01")
    entente.plot.raster(result.events())


def test_settings_and_replicates(scenario: Path, tmp_path: Path) -> None:
    with entente.run(
        scenario,
        tmp_path / "quiet.h5",
        replicates=7,
        seed=3,
        workers=1,
        settings={"kinds.call.effect.goldstein": 0},
        quiet=True,
    ) as still:
        assert still.data.sizes["replicate"] == 7
        strength = still.data["strength"].sel(tie="AAA-BBB")
        np.testing.assert_allclose(strength, 0.2, atol=1e-3)


def test_mistakes_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SCENARIO.replace("relation: reversed", "relation: backwards"))
    with pytest.raises(entente.ProgramError, match=r"wrong\.yaml:\d+:\d+: error") as caught:
        entente.run(wrong, tmp_path / "wrong.h5", quiet=True)
    assert caught.value.code == 65
    assert capfd.readouterr().err == ""
    with pytest.raises(entente.ProgramError):
        entente.run(tmp_path / "missing.yaml", tmp_path / "out.h5")
    assert "missing.yaml" in capfd.readouterr().err


def test_the_program_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ENTENTE")
    other = tmp_path / "entente"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(program, "__file__", str(tmp_path / "a" / "b" / "program.py"))
    assert program.program() == other
    other.unlink()
    with pytest.raises(FileNotFoundError, match="ENTENTE"):
        program.program()


def test_events_left_out_in_turn(scenario: Path) -> None:
    out = scenario.parent / "out" / "left-out.h5"
    with entente.attribute(scenario, out, 40, kinds=True, interactions=2, quiet=True) as left_out:
        assert left_out.variants == ["base", "without:first-call", "without:kind:call"]
        effects = left_out.attribution()
        values = left_out.quantities()["b_strength"]
    calls = effects[effects["quantity"] == "calls"]
    assert list(calls["without"]) == ["kind:call", "first-call"]
    known = calls[calls["effect_low"].notna()]  # of the single call too few replicates carry an interval
    assert list(known["without"]) == ["kind:call"]
    assert (known["effect_low"] <= known["effect"]).all() and (known["effect"] <= known["effect_high"]).all()
    row = effects.set_index(["quantity", "without"]).loc[("b_strength", "first-call")]
    difference = values["base"] - values["without:first-call"]
    assert row["effect"] == pytest.approx(difference.mean()) and row["effect_sd"] == pytest.approx(difference.std())
    assert (scenario.parent / "out" / "left-out-pairs.h5").is_file()
    with pytest.raises(entente.UnknownName, match="calls"):
        left_out.attribution("cals")


def test_a_run_leaves_nothing_out(result: entente.Result) -> None:
    with pytest.raises(entente.NotStored, match="entente attribute"):
        result.attribution()
