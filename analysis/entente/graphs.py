"""The network of a date as nodes and edges, and as an object of networkx or igraph."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from entente import estimates, select, times
from entente.errors import chosen
from entente.plot.styling import actor_labels


class Network(NamedTuple):
    """Ties at a time: `nodes` [actor] x [label], `edges` [row] x [a, b, strength, trade_usd]."""

    nodes: pd.DataFrame
    edges: pd.DataFrame
    time: Any
    variant: str


def network(data: xr.Dataset, date: Any, variant: str | None = None, replicate: int | None = None) -> Network:
    """The ties at the stored time nearest to `date`: the mean over replicates, or those of one replicate.

    `variant` is by default the first. `strength` is in [-1, 1], `trade_usd` both flows in USD a year (missing where
    there is no trade).
    """
    select.variable(data, "strength")
    variants = select.names(data, "variant")
    name = chosen("variant", variant or variants[0], variants)
    at = estimates.ran(select.of_run(data)).sel(variant=name)
    at = at.isel(time=times.nearest(at["time"].values, date))
    if replicate is None:
        at = at[[each for each in ("strength", "trade") if each in at]].mean("replicate")
    else:
        at = select.sel(at, replicate=replicate)
    trade = at["trade"].to_series().to_dict() if "trade" in at else {}
    labels = actor_labels(data)
    edges = []
    for tie, strength in at["strength"].to_series().items():
        a, b = str(tie).split("-")
        both = [trade[flow] for flow in (f"{a}->{b}", f"{b}->{a}") if np.isfinite(trade.get(flow, np.nan))]
        edges.append((a, b, float(strength), sum(map(float, both)) if both else np.nan))
    table = pd.DataFrame(edges, columns=["a", "b", "strength", "trade_usd"])
    actors = sorted({*table["a"], *table["b"]})
    nodes = pd.Series({actor: labels.get(actor, actor) for actor in actors}, name="label").rename_axis("actor")
    return Network(nodes.to_frame(), table, at["time"].values, name)


def to_networkx(net: Network) -> Any:
    """The network as a `networkx.Graph`; edges without trade have no `trade_usd`."""
    networkx = needed("networkx")
    graph = networkx.Graph(**_about(net))
    graph.add_nodes_from((actor, {"label": label}) for actor, label in net.nodes["label"].items())
    graph.add_edges_from((row.a, row.b, _weights(row)) for row in net.edges.itertuples())
    return graph


def to_igraph(net: Network) -> Any:
    """The network as an `igraph.Graph`, undirected; vertices have `name` and `label`."""
    igraph = needed("igraph")
    graph = igraph.Graph()
    graph.add_vertices(list(net.nodes.index), {"label": list(net.nodes["label"])})
    graph.add_edges(list(zip(net.edges["a"], net.edges["b"], strict=True)))
    graph.es["strength"] = list(net.edges["strength"])
    if net.edges["trade_usd"].notna().any():
        graph.es["trade_usd"] = [None if np.isnan(x) else float(x) for x in net.edges["trade_usd"]]
    for name, value in _about(net).items():
        graph[name] = value
    return graph


def to_arviz(data: xr.Dataset, parameters: Mapping[str, xr.DataArray]) -> Any:
    """Draws by chain and draw, as `arviz.InferenceData`: `prior` the parameters, `prior_predictive` the quantities.

    A run has one chain; its draws are the replicates that ran to the end in every variant.
    """
    arviz = needed("arviz")
    groups = {"prior": dict(parameters)}
    if "quantity_value" in data:
        values = data["quantity_value"]
        names = select.names(data, "quantity")
        groups["prior_predictive"] = {name: values.isel(quantity=i, drop=True) for i, name in enumerate(names)}
    made = {
        group: xr.Dataset(variables).rename(replicate="draw").expand_dims(chain=[0]).transpose("chain", "draw", ...)
        for group, variables in groups.items() if variables
    }  # fmt: skip
    return arviz.InferenceData(**made)


def needed(package: str) -> Any:
    """The optional package of that name; raises ModuleNotFoundError with the way to get it if it is absent."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ModuleNotFoundError(
            f"this needs the package {package}, which is not installed: pip install {package}"
            + ("" if package == "arviz" else f", or on Debian and Ubuntu apt install python3-{package}"),
            name=package,
        ) from error


def _about(net: Network) -> dict[str, str]:
    return {"date": times.text(net.time, "%Y-%m-%dT%H:%M:%S"), "variant": net.variant}


def _weights(row: Any) -> dict[str, float]:
    return {"strength": row.strength} | ({} if np.isnan(row.trade_usd) else {"trade_usd": row.trade_usd})
