"""Lambert's equal-area projection of points, great circles and the land, for maps."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def unit(lat: Array, lon: Array) -> Array:
    """Points of the unit sphere [point, xyz] for degrees [point]."""
    a, b = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])


def middle(points: Array) -> Array:
    """The middle of points of the unit sphere [point, xyz]; the first of them where they cancel out."""
    mean = points.mean(axis=0)
    length = np.linalg.norm(mean)
    return np.asarray(mean / length if length > 1e-6 else points[0])


def flat(points: Array, middle: Array) -> Array:
    """Lambert's azimuthal equal-area projection about `middle`: [point, xyz] to [point, xy], north up."""
    east = np.cross([0.0, 0.0, 1.0], middle)
    east = east / np.linalg.norm(east) if np.linalg.norm(east) > 1e-9 else np.array([0.0, 1.0, 0.0])
    north = np.cross(middle, east)
    stretch = np.sqrt(2 / np.maximum(1 + points @ middle, 1e-6))
    return np.column_stack([points @ east, points @ north]) * stretch[:, None]


def great_circle(a: Array, b: Array, steps: int = 60) -> Array:
    """The shortest way from `a` to `b` on the unit sphere, [step, xyz]."""
    angle = np.arccos(np.clip(a @ b, -1, 1))
    t = np.linspace(0, 1, steps)[:, None]
    if angle < 1e-9:
        return np.repeat(a[None], steps, axis=0)
    way: Array = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
    return way


def graticule() -> list[Array]:
    """Meridians and parallels every 30 degrees, on the unit sphere."""
    fine = np.linspace(-180, 180, 181)
    arcs = [unit(np.linspace(-90, 90, 91), np.full(91, lon)) for lon in range(-180, 180, 30)]
    return arcs + [unit(np.full(fine.size, lat), fine) for lat in range(-60, 90, 30)]


def land() -> list[Array]:
    """The outer rings of the land [point, xyz], from the TopoJSON among the package's assets."""
    text = (files("entente") / "assets" / "land-110m.json").read_text(encoding="utf-8")
    topology = json.loads(text)
    scale, shift = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in topology["arcs"]]
    rings = []
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in polygon[0]]
            ring = np.concatenate(parts)
            rings.append(unit(ring[:, 1], ring[:, 0]))
    return rings
