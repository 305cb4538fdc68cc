"""The map of the report's network, for the page's script: the land, the actors' capitals and the ways between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from entente.plot import projection

#: Width of the map in its own units; the narrowest and the tallest that it may be, height over width.
_WIDE, _LEAST, _MOST = 1000, 0.42, 0.62
#: Room about the actors, as a share of the map's width, and points of a way between two of them.
_MARGIN, _STEPS = 0.1, 24


def map_data(places: pd.DataFrame, actors: Sequence[str], ties: Sequence[Sequence[int]]) -> dict[str, Any] | None:
    """The map of `actors` and of `ties`, pairs of their indices; none unless a tie has places for both of its actors.

    `places` [actor] x [lat, lon] are in degrees (`Result.places`). The result has the size of the map, `spots` [actor]
    as points or null, `ways` [tie] as lists of points or null, and `land` and `grid` as paths of SVG; y points down.
    """
    there = [actor in places.index for actor in actors]
    shown = [tie for tie in ties if all(there[end] for end in tie)]
    if not shown:
        return None
    points = {
        i: projection.unit(np.array([places.at[actor, "lat"]]), np.array([places.at[actor, "lon"]]))[0]
        for i, actor in enumerate(actors)
        if there[i]
    }
    middle = projection.middle(np.array(list(points.values())))
    ways = [
        projection.flat(projection.great_circle(points[a], points[b], _STEPS), middle)
        if there[a] and there[b]
        else None
        for a, b in ties
    ]
    spots = {i: projection.flat(point[None], middle)[0] for i, point in points.items()}
    seen = np.concatenate([np.array(list(spots.values())), *(way for way in ways if way is not None)])
    low, size = _view(seen)
    scale = _WIDE / size[0]

    def on_map(xy: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        x, y = (xy - low).T * scale
        return np.column_stack([x, size[1] * scale - y]).round(1)

    high = low + size
    land = [flat for ring in projection.land() if (flat := _near(ring, middle, low, high)) is not None]
    grid = [flat for arc in projection.graticule() if (flat := _near(arc, middle, low, high)) is not None]
    return {
        "size": [_WIDE, round(size[1] * scale)],
        "spots": [on_map(spots[i][None])[0].tolist() if i in spots else None for i in range(len(actors))],
        "ways": [None if way is None else on_map(way).tolist() for way in ways],
        "land": "".join(_path(on_map(ring)) + "Z" for ring in land),
        "grid": "".join(_path(on_map(arc)) for arc in grid),
    }


def _view(seen: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The lower left corner and the size of a view that holds all points and has a bearable shape."""
    low, high = seen.min(axis=0), seen.max(axis=0)
    middle, size = (low + high) / 2, high - low
    size = size + 2 * (_MARGIN * max(size) + 0.02)
    size = np.array([max(size[0], size[1] / _MOST), max(size[1], size[0] * _LEAST)])
    return middle - size / 2, size


def _near(
    line: np.ndarray[Any, Any], middle: np.ndarray[Any, Any], low: np.ndarray[Any, Any], high: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any] | None:
    """A line on the map if it comes into view; none for what lies about the far side of the globe."""
    if (line @ middle).min() < -0.95:
        line = line[line @ middle > -0.95]
    if len(line) < 2:
        return None
    flat = projection.flat(line, middle)
    inside = (flat.max(axis=0) > low).all() and (flat.min(axis=0) < high).all()
    return flat if inside else None


def _path(points: np.ndarray[Any, Any]) -> str:
    """A path through whole points, without those that repeat the one before."""
    points = points.round()
    keep = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points[keep])
