"""Exports hold what the file holds."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

import entente
import synthetic
from entente import estimates, export
from entente.__main__ import main
from test_report import SCENARIO


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> entente.Result:
    with entente.open_result(synthetic.write(tmp_path_factory.mktemp("out") / "synthetic.h5")) as opened:
        yield opened


def test_graph_of_a_date(result: entente.Result, tmp_path: Path) -> None:
    path = export.graphml(result, tmp_path / "ties.graphml", "2026-12-31", "no_invitation")
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    root = ElementTree.parse(path).getroot()
    found = root.iterfind(".//g:node", space)
    nodes = {node.get("id"): node.findtext("g:data", None, space) for node in found}
    assert nodes == {"KAZ": "Kazakhstan", "USA": "United States", "UZB": "Uzbekistan"}
    found = root.iterfind(".//g:edge", space)
    edges = {f"{edge.get('source')}-{edge.get('target')}": edge for edge in found}
    assert list(edges) == synthetic.TIES
    at = estimates.ran(result.data).sel(variant="no_invitation").isel(time=-1)
    for tie, edge in edges.items():
        values = {item.get("key"): float(item.text) for item in edge.iterfind("g:data", space)}
        assert values["strength"] == pytest.approx(float(at["strength"].sel(tie=tie).mean()), abs=1e-5)
        a, b = tie.split("-")
        flows = at["trade"].sel(flow=[f"{a}->{b}", f"{b}->{a}"]).mean("replicate").sum()
        assert values["trade_usd"] == pytest.approx(float(flows), rel=1e-4)
    with pytest.raises(entente.UnknownName, match="no_invitation"):
        export.graphml(result, tmp_path / "no.graphml", "2026-12-31", "nothing")


@pytest.mark.skipif(importlib.util.find_spec("networkx") is None, reason="no networkx")
def test_networkx_reads_it(result: entente.Result, tmp_path: Path) -> None:
    import networkx

    graph = networkx.read_graphml(export.graphml(result, tmp_path / "ties.graphml", "2026-06-01"))
    assert set(graph.nodes) == set(synthetic.ACTORS)
    assert -1 <= graph.edges["KAZ", "USA"]["strength"] <= 1


def test_tables(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    (tmp_path / "two.yaml").write_text(SCENARIO)
    with entente.run(tmp_path / "two.yaml", tmp_path / "two.h5", replicates=6, quiet=True) as made:
        written = export.tables(made, tmp_path / "tables", "csv")
        assert [path.name for path in written] == [
            "summary.csv", "quantities.csv", "table.csv", "parameters.csv", "events.csv",
        ]  # fmt: skip
        events = pd.read_csv(tmp_path / "tables" / "events.csv", parse_dates=["time"])
        assert len(events) == sum(len(made.events(variant, None)) for variant in made.variants)
        own = made.events("silence", 2)
        same = events[(events["variant"] == "silence") & (events["replicate"] == 2)]
        assert list(same["kind"]) == list(own["kind"].astype(str))
        assert (same["time"].to_numpy() == own["time"].to_numpy()).all()
        quantities = pd.read_csv(tmp_path / "tables" / "quantities.csv").set_index(["variant", "replicate"])
        pd.testing.assert_frame_equal(
            quantities, made.quantities().loc[quantities.index], check_names=False, check_dtype=False
        )
        with pytest.raises(ValueError, match="parquet and csv"):
            export.tables(made, tmp_path / "tables", "xls")
    assert main(["export", str(tmp_path / "two.h5"), "-o", str(tmp_path / "more"), "--format", "csv"]) == 0
    assert (tmp_path / "more" / "summary.csv").read_text().startswith("quantity,variant,")
    assert main(["export", str(tmp_path / "two.h5"), "-o", str(tmp_path / "two.h5"), "--format", "csv"]) == 73


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="pyarrow is there")
def test_parquet_needs_pyarrow(result: entente.Result, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pyarrow"):
        export.tables(result, tmp_path, "parquet")
