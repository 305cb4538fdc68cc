"""The ties on a map: capitals, great circles between them, and the land behind."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from entente.plot import projection
from entente.plot.network_chart import colour_bar, draw_ties, ties_at, width_keys
from entente.plot.styling import fit, heading, legend_below, sign, source_line, style

Array = np.ndarray[Any, Any]


def world(
    data: xr.Dataset,
    places: pd.DataFrame,
    date: Any,
    variant: str | None = None,
    source: str | None = None,
) -> Figure:
    """The ties at `date` on a map, as `network` draws them on a circle: colour is strength, width trade.

    `places` [actor] x [lat, lon] are the actors' capitals in degrees, as of `Result.places`; ties with an actor that
    has no place are left out. The map is Lambert's equal-area projection about the middle of the actors. The land is
    from Natural Earth, 1:110m; borders are not drawn.
    """
    if not {"lat", "lon"} <= set(places.columns):
        raise ValueError(f"places needs the columns lat and lon, not {', '.join(map(str, places.columns)) or 'none'}")
    ties = ties_at(data, date, variant)
    known = [i for i, tie in enumerate(ties.names) if all(actor in places.index for actor in tie.split("-"))]
    if not known:
        raise ValueError("no tie has a place for both of its actors")
    ties = ties._replace(
        names=[ties.names[i] for i in known], strength=ties.strength[known], trade=ties.trade[known]
    )
    actors = sorted({actor for tie in ties.names for actor in tie.split("-")})
    points = projection.unit(places.loc[actors, "lat"].to_numpy(float), places.loc[actors, "lon"].to_numpy(float))
    middle = projection.middle(points)
    of = dict(zip(actors, points, strict=True))
    paths = {
        tie: projection.flat(projection.great_circle(*(of[actor] for actor in tie.split("-"))), middle)
        for tie in ties.names
    }
    spots = projection.flat(points, middle)
    seen = np.concatenate([spots, *paths.values()])
    low, high = seen.min(axis=0), seen.max(axis=0)
    margin = 0.12 * max(high - low) + 0.02
    low, high = low - margin, high + margin
    wide, tall = high - low
    with style():
        drawn = 6.9 * tall / wide  # beside the map there is the bar of colours
        drawn = min(max(drawn, 3.0), 7.5)
        figure, axes = plt.subplots(figsize=(8.4, drawn + 1.2))
        figure.subplots_adjust(left=0.01, right=0.99)
        land = [projection.flat(ring, middle) for ring in projection.land() if (ring @ middle).min() > -0.95]
        axes.add_collection(PolyCollection(land, facecolor="#eceae4", edgecolor="#cfccc3", linewidth=0.4, zorder=0))
        grid = [projection.flat(arc, middle) for arc in projection.graticule()]
        axes.add_collection(LineCollection(grid, color="#dfe5ea", linewidth=0.5, zorder=-1))
        draw_ties(axes, ties, paths, ties.largest)
        axes.scatter(*spots.T, s=26, color="#222222", edgecolor="white", linewidth=0.8, zorder=2)
        for actor, (x, y), side in zip(actors, spots, _sides(spots, wide), strict=True):
            axes.annotate(
                actor,
                (x, y),
                xytext=(6 * side, 0),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=9,
                fontweight="bold",
                bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "alpha": 0.7, "linewidth": 0},
                zorder=3,
            )
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[1], high[1])
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(True)
            spine.set_color("#cccccc")
        top = heading(figure, f"Ties on {ties.day}, {ties.variant}: mean of the replicates", 11, "bold") + 0.1
        colour_bar(figure, axes, shrink=0.6, pad=0.02)
        foot = legend_below(figure, width_keys(ties.largest)) + 0.1
        fit(figure, drawn, top, foot)
        line = source_line(data) if source is None else source
        sign(figure, f"{line}. Land: Natural Earth" if line else "Land: Natural Earth")
    return figure


def _sides(spots: Array, wide: float) -> list[int]:
    """On which side of its point each label stands: right, unless another point is close on the right."""
    out = []
    for x, y in spots:
        dx, dy = spots[:, 0] - x, np.abs(spots[:, 1] - y)
        crowded = ((dx > 1e-9) & (dx < 0.09 * wide) & (dy < 0.025 * wide)).any()
        out.append(-1 if crowded else 1)
    return out
