"""Results for other tools: one row an event, one table of inputs and outputs, networks, draws, and the card."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import entente
import stories
from entente import export
from test_program import SCENARIO

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

RATE = "kinds.call.rate.per_year"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tools")


@pytest.fixture(scope="module")
def result(folder: Path) -> Iterator[entente.Result]:
    with entente.open_result(stories.make("sorts", folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def swept(folder: Path) -> Iterator[entente.Result]:
    """A sweep of one parameter whose scenario has another uncertain one, drawn anew in each replicate."""
    text = SCENARIO.replace("uncertain:", "uncertain:\n  effects.gain_divisor: {uniform: [50, 200]}")
    (folder / "two.yaml").write_text(text)
    given: dict[str, Any] = {"design": "grid", "points": 3, "replicates": 4, "quiet": True}
    with entente.sweep(folder / "two.yaml", folder / "swept.h5", {RATE: "2:4"}, **given) as opened:
        yield opened


def test_an_event_has_one_row(result: entente.Result) -> None:
    log = result.events(replicate=[0, 1])
    events = result.events(replicate=[0, 1], participants=True)
    assert len(events) == (log["summit"] < 0).sum() < len(log)
    assert "summit" not in events and "role" not in events
    of = log[log["summit"] >= 0].groupby(["replicate", "summit"], observed=True)["initiator"].agg(set)
    assert len(of)
    for (replicate, row), members in of.items():
        event = events[events["replicate"] == replicate].loc[row]
        assert set(event["participants"]) == members | {event["initiator"]}
    calls = events[events["kind"] == "call"]
    assert [list(pair) for pair in zip(calls["initiator"], calls["target"], strict=True)] == list(calls["participants"])
    parents = log["parent"][log["summit"] < 0]
    assert events["parent"].isna().sum() == (parents < 0).sum() > 0
    assert (events["parent"].dropna() == parents[parents >= 0].to_numpy()).all()
    with pytest.raises(ValueError, match="reads all columns"):
        result.events(columns=["time"], participants=True)


def test_inputs_and_outputs_are_one_table(swept: entente.Result, tmp_path: Path) -> None:
    table = swept.table()
    assert len(table) == 3 * 2 * 4
    assert list(table) == ["point", "variant", "replicate", RATE, "effects.gain_divisor", "b_strength", "calls"]
    for row in table.itertuples(index=False):
        point, variant, replicate, rate, divisor, _, calls = row
        own = swept.data.sel(point=point, replicate=replicate)
        assert rate == float(own[RATE])
        assert divisor == float(own["drawn"].sel(parameter="effects.gain_divisor"))
        assert calls == float(own["quantity_value"].sel(variant=variant, quantity="calls"))
    export.tables(swept, tmp_path / "tables", "csv")
    written = pd.read_csv(tmp_path / "tables" / "table.csv")
    pd.testing.assert_frame_equal(written, table, check_dtype=False)
    assert set(pd.read_csv(tmp_path / "tables" / "parameters.csv")) >= {"point", "replicate", RATE}


def test_the_network_is_that_of_the_ties(result: entente.Result) -> None:
    networkx = pytest.importorskip("networkx")
    at = result.sel(time="2026-06-01", variant="no_call")["strength"]
    graph = result.to_networkx("2026-06-01", "no_call")
    assert isinstance(graph, networkx.Graph) and graph.graph["variant"] == "no_call"
    assert graph.nodes["AAA"]["label"] == "Arcadia"
    for tie in ("AAA-BBB", "BBB-CCC"):
        assert graph.edges[tie.split("-")]["strength"] == pytest.approx(float(at.sel(tie=tie).mean()), abs=1e-6)
    one = result.to_networkx("2026-06-01", replicate=3).edges["BBB", "AAA"]
    own = result.sel(time="2026-06-01", variant="base", replicate=3)
    assert one["strength"] == pytest.approx(float(own["strength"].sel(tie="AAA-BBB")), abs=1e-6)
    assert one["trade_usd"] == pytest.approx(float(own.entente.sel(flow="AAA-BBB")["trade"].sum()), rel=1e-6)


def test_igraph_has_the_same_network(result: entente.Result) -> None:
    pytest.importorskip("igraph")
    graph, other = result.to_igraph("2026-06-01"), result.to_networkx("2026-06-01")
    assert graph.vs["name"] == sorted(other.nodes) and graph["date"] == other.graph["date"]
    for edge in graph.es:
        names = (graph.vs[edge.source]["name"], graph.vs[edge.target]["name"])
        assert edge["strength"] == other.edges[names]["strength"]
        assert edge["trade_usd"] == other.edges[names].get("trade_usd")


def test_draws_have_chain_and_draw(result: entente.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    """The groups that are handed over, whether arviz is there or not."""
    groups: dict[str, xr.Dataset] = {}
    monkeypatch.setitem(sys.modules, "arviz", types.SimpleNamespace(InferenceData=lambda **given: groups.update(given)))
    result.to_arviz()
    assert set(groups) == {"prior", "prior_predictive"}
    assert groups["prior"]["kinds.clash.rate.per_year"].dims == ("chain", "draw")
    levels = groups["prior_predictive"]["ab"]
    assert levels.dims == ("chain", "draw", "variant")
    np.testing.assert_array_equal(levels.sel(chain=0, variant="base"), result.quantities().loc["base", "ab"])


@pytest.mark.parametrize("package", ["networkx", "igraph", "arviz"])
def test_what_is_absent_is_named(result: entente.Result, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    call = getattr(result, f"to_{package}")
    with pytest.raises(ModuleNotFoundError, match=f"package {package}, which is not installed: pip install {package}"):
        call() if package == "arviz" else call("2026-06-01")


def test_the_card_has_the_numbers(result: entente.Result, swept: entente.Result) -> None:
    page = result._repr_html_()
    mean = result.summary().loc[("ab", "base"), "mean"]
    assert f"{mean:.2f}".replace("-", "−") in page and "<svg" in page and "with_mediation" in page
    assert "swept parameter" in swept._repr_html_()
