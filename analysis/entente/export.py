"""Results for other tools: tables as Parquet or CSV, the network of a date as GraphML."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from entente import statistics
from entente.plot.style import actor_labels
from entente.result import Result

#: Replicates whose events are read at a time.
_BLOCK = 200


def tables(result: Result, folder: str | os.PathLike[str], format: str | None = None) -> list[Path]:
    """Write what the file holds as tables into `folder`, and return their paths.

    `summary`, `quantities`, `parameters` and `events` of all replicates and variants, as far as the file has
    them, with columns and units as `Result` gives them. `format` is "parquet" or "csv"; by default Parquet
    where pyarrow is installed, else CSV. Events are read in blocks, so CSV needs little memory.
    """
    parquet = importlib.util.find_spec("pyarrow") is not None
    kind = format or ("parquet" if parquet else "csv")
    if kind not in ("parquet", "csv"):
        raise ValueError(f"no format {kind!r}; there are parquet and csv")
    if kind == "parquet" and not parquet:
        raise ValueError("Parquet needs pyarrow, which is not installed; csv does without")
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    if "quantity" in result.data.dims:
        written += [_write(result.summary().reset_index(), out / "summary", kind)]
        written += [_write(result.quantities().reset_index(), out / "quantities", kind)]
    if "drawn" in result.data:
        written += [_write(result.parameters().reset_index(), out / "parameters", kind)]
    if result.has_events:
        blocks = _blocks(result)
        if kind == "parquet":
            written += [_write(pd.concat(blocks, ignore_index=True), out / "events", kind)]
        else:
            path = out / "events.csv"
            for i, block in enumerate(blocks):
                block.to_csv(path, index=False, mode="a" if i else "w", header=i == 0)
            written += [path]
    return written


def graphml(result: Result, path: str | os.PathLike[str], date: str, variant: str | None = None) -> Path:
    """Write the ties at `date` (the stored time nearest to it) as an undirected graph, and return `path`.

    Nodes have `label`; edges have `strength`, the mean over replicates of `variant` (default the first) in
    [-1, 1], and, where trade is stored, `trade_usd`, the mean of both flows in USD a year. igraph, networkx,
    Gephi and Cytoscape read it.
    """
    if "strength" not in result.data:
        raise ValueError(f"{result.path} stores no trajectories (the scenario's output.ties)")
    name = variant or result.variants[0]
    if name not in result.variants:
        raise KeyError(f"no variant {name!r}; there are {', '.join(result.variants)}")
    at = statistics.ran(result.data).sel(variant=name).sel(time=np.datetime64(date), method="nearest")
    strength = at["strength"].mean("replicate").load()
    trade: dict[str, float] = {}
    if "trade" in at:
        flows = at["trade"].mean("replicate").load()
        trade = {str(f): float(x) for f, x in zip(flows["flow"].values, flows.values, strict=True)}

    root = ElementTree.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    for key, of, sort in (
        ("label", "node", "string"),
        ("strength", "edge", "double"),
        ("trade_usd", "edge", "double"),
        ("date", "graph", "string"),
        ("variant", "graph", "string"),
    ):
        ElementTree.SubElement(root, "key", {"id": key, "for": of, "attr.name": key, "attr.type": sort})
    graph = ElementTree.SubElement(root, "graph", id="ties", edgedefault="undirected")
    _attribute(graph, "date", str(np.datetime_as_string(at["time"].values, unit="s")))
    _attribute(graph, "variant", name)
    labels = actor_labels(result.data)
    ties = [str(tie) for tie in strength["tie"].values]
    for actor in sorted({actor for tie in ties for actor in tie.split("-")}):
        _attribute(ElementTree.SubElement(graph, "node", id=actor), "label", labels.get(actor, actor))
    for tie, value in zip(ties, strength.values, strict=True):
        a, b = tie.split("-")
        edge = ElementTree.SubElement(graph, "edge", source=a, target=b)
        _attribute(edge, "strength", repr(round(float(value), 6)))
        both = [trade[flow] for flow in (f"{a}->{b}", f"{b}->{a}") if np.isfinite(trade.get(flow, np.nan))]
        if both:
            _attribute(edge, "trade_usd", f"{sum(both):.6g}")
    ElementTree.indent(root)
    out = Path(path)
    ElementTree.ElementTree(root).write(out, encoding="utf-8", xml_declaration=True)
    return out


def _attribute(element: ElementTree.Element, key: str, value: str) -> None:
    ElementTree.SubElement(element, "data", key=key).text = value


def _blocks(result: Result) -> Iterator[pd.DataFrame]:
    replicates = [int(r) for r in result.data["replicate"].values]
    for variant in result.variants:
        for first in range(0, len(replicates), _BLOCK):
            yield result.events(variant, replicates[first : first + _BLOCK]).reset_index()


def _write(table: pd.DataFrame, stem: Path, kind: str) -> Path:
    path = stem.with_suffix(f".{kind}")
    if kind == "parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False)
    return path
