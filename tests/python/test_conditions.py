"""Conditions over time, two files compared, and the network as a film."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entente

pytestmark = [
    pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program"),
    pytest.mark.filterwarnings("ignore:numpy.ndarray size changed"),
]

#: Sanctions begin on 1 March in every replicate and end after 30 days; the variant has none. A truce may follow.
SCENARIO = """\
entente: 1
title: Sanctions that end
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {}, BBB: {}, CCC: {}}
ties: {AAA-BBB: {strength: 0.2, alignment: 0.2}, AAA-CCC: {}}
conditions:
  sanctions: {duration: 30 d}
  pact: {}
kinds:
  imposed: {scope: initiator -> target, level: leader, effect: {goldstein: -5}, starts: [sanctions]}
  signed: {scope: initiator -> target, level: leader, rate: {per_year: 0.5}, effect: {goldstein: 3}, starts: [pact]}
calendar:
  - {id: march, date: 2026-03-01, kind: imposed, initiator: AAA, target: BBB}
quantities:
  strength: {strength: AAA-BBB, at: 2026-12-31}
  imposed: {count: imposed, tie: AAA-BBB}
variants:
  without: {drop: [march]}
monte_carlo: {replicates: 40, seed: 4}
"""


@pytest.fixture(scope="module")
def scenario() -> entente.Scenario:
    return entente.Scenario.from_text(SCENARIO, name="sanctions")


@pytest.fixture(scope="module")
def result(scenario: entente.Scenario, tmp_path_factory: pytest.TempPathFactory) -> entente.Result:
    return scenario.run(output=tmp_path_factory.mktemp("conditions") / "a.h5", quiet=True)


def test_spells(result: entente.Result) -> None:
    table = result.conditions()
    sanctions = table[table["condition"] == "sanctions"]
    assert list(sanctions["replicate"]) == list(range(40)) and set(sanctions["place"]) == {"AAA-BBB"}
    assert set(sanctions["start"]) == {pd.Timestamp("2026-03-01")}
    assert set(sanctions["end"]) == {pd.Timestamp("2026-03-31")}
    pacts = table[table["condition"] == "pact"]
    assert pacts["end"].isna().all() and len(pacts) > 20
    without = result.conditions("without")
    assert set(without["condition"]) == {"pact"} and set(without["variant"]) == {"without"}


def test_spells_agree_with_the_log(result: entente.Result) -> None:
    """The first event that starts a condition on a tie is where its spell begins, to the minute."""
    events = result.events(replicate=None)
    signed = events[events["kind"] == "signed"].copy()
    pair = [sorted(names) for names in zip(signed["initiator"], signed["target"], strict=True)]
    signed["place"] = ["-".join(names) for names in pair]
    first = signed.groupby(["replicate", "place"], observed=True)["time"].min()
    pacts = result.conditions().query("condition == 'pact'").set_index(["replicate", "place"])["start"]
    late = first - pacts.reindex(first.index)
    assert len(pacts) == len(first) and late.abs().max() <= pd.Timedelta("1min")


def test_at_a_date_and_as_shares(result: entente.Result) -> None:
    march = result.conditions(date="2026-03-15", replicates=5)
    assert set(march.query("condition == 'sanctions'")["replicate"]) == {0, 1, 2, 3, 4}
    assert "sanctions" not in set(result.conditions(date="2026-03-31")["condition"])
    share = result.conditions(share=True)
    assert share.dims == ("spell", "time") and share.sizes["time"] == result.data.sizes["time"]
    sanctions = share.sel(spell="sanctions AAA-BBB")
    inside = (share["time"] >= np.datetime64("2026-03-01")) & (share["time"] < np.datetime64("2026-03-31"))
    assert (sanctions == inside).all()
    assert float(share.sel(spell="pact AAA-CCC")[-1]) == pytest.approx(
        result.conditions(date="2026-12-31").query("condition == 'pact' and place == 'AAA-CCC'").shape[0] / 40, abs=0.05
    )
    with pytest.raises(entente.UnknownName):
        result.conditions("wthout")


def test_a_sweep_has_none(scenario: entente.Scenario, tmp_path: Path) -> None:
    swept = scenario.sweep({"kinds.signed.rate.per_year": "0:2"}, points=2, n=2, output=tmp_path / "s.h5", quiet=True)
    with pytest.raises(entente.NotStored, match="a sweep"):
        swept.conditions()
    with pytest.raises(entente.NotStored, match="a sweep"):
        swept.compare(swept)


def test_two_files(scenario: entente.Scenario, tmp_path: Path) -> None:
    """The same seed pairs replicates; with another one the difference is that of independent samples."""
    # It changes all replicates; a few would not carry an interval.
    changed = scenario.copy().set("ties.AAA-BBB.alignment", 0.25)
    result = scenario.run(n=200, output=tmp_path / "a.h5", quiet=True)
    other = changed.run(n=200, output=tmp_path / "b.h5", quiet=True)
    apart = changed.run(n=200, output=tmp_path / "c.h5", seed=5, quiet=True)
    table = result.compare(other)
    assert list(table["quantity"]) == ["strength"] * 3 + ["imposed"] * 3 and table.attrs["paired"]
    assert list(table["of"]) == ["level", "level", "change"] * 2
    assert list(table.attrs["differing"]["name"]) == ["ties"]
    assert list(table.attrs["parameters"].loc["ties.AAA-BBB.alignment"]) == [0.2, 0.25]
    assert (table.query("quantity == 'imposed'")["difference"] == 0).all()
    unpaired = result.compare(apart, "strength")
    assert not unpaired.attrs["paired"]
    paired, apart_by = table.iloc[0], unpaired.iloc[0]
    assert paired["n"] == paired["n_differ"] == 200
    assert apart_by["difference_low"] < paired["difference"] < apart_by["difference_high"]
    assert abs(apart_by["difference"] - paired["difference"]) > 1e-9  # other futures
    np.testing.assert_allclose(table["difference"], table["new"] - table["old"], atol=1e-12)
    assert entente.compare(result, other).equals(table)
    assert result.compare(result)["difference"].abs().max() == 0


def test_film(result: entente.Result, tmp_path: Path) -> None:
    film = result.animation("without", frames=3)
    film.save(tmp_path / "ties.gif", writer="pillow")
    from PIL import Image

    with Image.open(tmp_path / "ties.gif") as image:
        assert image.n_frames == 3 and image.width > 300
    with pytest.raises(ValueError, match="at least 1"):
        result.animation(frames=0)
