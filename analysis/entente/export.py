"""Results for other tools: tables as Parquet or CSV, the network of a date as GraphML."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from entente import files, times
from entente.graphs import network
from entente.result import Result

#: Replicates whose events are read at a time.
_BLOCK = 200

#: A cell of text that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

#: What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tables(result: Result, folder: str | os.PathLike[str], format: str | None = None) -> list[Path]:
    """Write the contents of the file as tables into `folder`, and return their paths.

    The tables are `summary`, `quantities`, `parameters` (drawn, and in a sweep swept), `table` (parameters and
    quantities together, a row a variant and replicate), `sensitivity` of a sweep, and
    `events` of all replicates and variants, if the file has them, with columns and units as `Result` gives them.
    `format` is "parquet" or "csv"; by default Parquet where pyarrow is installed, else CSV. Events are read in blocks,
    so CSV needs little memory. The tables of an earlier export are replaced together when all new ones are complete; a
    file of another type is not replaced (Unwritable). In CSV a text that begins with = + - @ or a tab gets an
    apostrophe before it, so that no spreadsheet takes it for a formula; numbers are unchanged. Dates outside 1678 to
    2261 are text.
    """
    parquet = importlib.util.find_spec("pyarrow") is not None
    kind = format or ("parquet" if parquet else "csv")
    if kind not in ("parquet", "csv"):
        raise ValueError(f"no format {kind!r}; there are parquet and csv")
    if kind == "parquet" and not parquet:
        raise ValueError("Parquet needs pyarrow, which is not installed; csv does not need it")
    out = files.folder(folder)
    blocks = _all(result)
    written = [out / f"{name}.{kind}" for name in blocks]
    like = [b"PAR1"] if kind == "parquet" else [f"{column},".encode() for column in _FIRST_COLUMNS]
    for path in written:
        files.check_output(path, [result.path], like)
    with ExitStack() as stack:  # the tables take their names when the last is written
        for path, read in zip(written, blocks.values(), strict=True):
            temporary = stack.enter_context(files.replacing(path, [result.path], like))
            _write(read(), temporary, kind)
    return written


#: With which column a table of each kind may begin.
_FIRST_COLUMNS = ("point", "quantity", "variant", "replicate", "row")


def _all(result: Result) -> dict[str, Callable[[], Iterable[pd.DataFrame]]]:
    """For each table that the file has, a function that reads it in blocks of rows."""
    out: dict[str, Callable[[], Iterable[pd.DataFrame]]] = {}
    asked = "quantity" in result.data.dims
    if asked:
        out["summary"] = lambda: [result.summary().reset_index()]
        out["quantities"] = lambda: [result.quantities().reset_index()]
        out["table"] = lambda: [result.table()]
    if "drawn" in result.data or result.swept:
        out["parameters"] = lambda: [result.parameters().reset_index()]
    if asked and "point" in result.data.sizes:
        along = ["quantity", "variant", "swept"]
        out["sensitivity"] = lambda: [result.sensitivity().to_dataframe(along).reset_index()]
    if result.has_events:
        out["events"] = lambda: _events(result)
    return out


def _events(result: Result) -> Iterator[pd.DataFrame]:
    replicates = [int(r) for r in result.data["replicate"].values]
    points = [int(p) for p in result.data["point"].values] if "point" in result.data.sizes else [0]
    for point in points:
        for variant in result.variants:
            for first in range(0, len(replicates), _BLOCK):
                some = replicates[first : first + _BLOCK]
                yield result.events(variant, some, point=point).reset_index()


def _write(blocks: Iterable[pd.DataFrame], path: Path, kind: str) -> None:
    if kind == "parquet":
        pd.concat([_plain_dates(block) for block in blocks], ignore_index=True).to_parquet(path, index=False)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        for i, block in enumerate(blocks):
            _without_formulas(_plain_dates(block)).to_csv(file, index=False, header=i == 0)


def _plain_dates(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with those dates as text for which pandas has no type."""
    odd = [name for name in table if name == "time" and table[name].dtype == object]
    return table.assign(**{name: times.iso(table[name].to_numpy()) for name in odd}) if odd else table


def _without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with an apostrophe before each text, names of columns included, that a spreadsheet would run."""
    safe = []
    for _, column in table.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            if any(_harmless(each) != each for each in column.cat.categories):
                column = column.astype(object)
        if column.dtype == object:
            column = column.map(_harmless, na_action="ignore")
        safe.append(column)
    return pd.concat(safe, axis=1).set_axis([_harmless(name) for name in table], axis=1)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def graphml(result: Result, path: str | os.PathLike[str], date: str, variant: str | None = None) -> Path:
    """Write the ties at `date` (the stored time nearest to it) as an undirected graph, and return `path`.

    Nodes have `label`; edges have `strength`, the mean over replicates of `variant` (default the first) in
    [-1, 1], and, where trade is stored, `trade_usd`, the mean of both flows in USD a year. igraph, networkx,
    Gephi and Cytoscape read it. A character that XML cannot hold becomes U+FFFD.
    """
    net = network(result.data, date, variant)
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
    _attribute(graph, "date", times.text(net.time, "%Y-%m-%dT%H:%M:%S"))
    _attribute(graph, "variant", net.variant)
    for actor, label in net.nodes["label"].items():
        _attribute(ElementTree.SubElement(graph, "node", id=_xml(str(actor))), "label", label)
    for row in net.edges.itertuples():
        edge = ElementTree.SubElement(graph, "edge", source=_xml(row.a), target=_xml(row.b))
        _attribute(edge, "strength", repr(round(row.strength, 6)))
        if np.isfinite(row.trade_usd):
            _attribute(edge, "trade_usd", f"{row.trade_usd:.6g}")
    ElementTree.indent(root)
    out = files.expanded(path)
    with files.replacing(out, [result.path], files.GRAPHML) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)
    return out


def _attribute(element: ElementTree.Element, key: str, value: str) -> None:
    ElementTree.SubElement(element, "data", key=key).text = _xml(value)


def _xml(text: str) -> str:
    """`text` with a replacement character for what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
