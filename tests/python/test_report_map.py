"""The map of the report: where its points stand, and what it does where places are missing."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from entente.plot import projection
from entente.report.world import map_data

PLACES = pd.DataFrame({"lat": [51.2, 41.3, 38.9], "lon": [71.4, 69.3, -77.0]}, index=["KAZ", "UZB", "USA"])
TIES = [[0, 1], [0, 2], [0, 3]]


def test_the_map_has_the_places_and_the_ways_between_them() -> None:
    made = map_data(PLACES, ["KAZ", "UZB", "USA", "XXX"], TIES)
    assert made is not None
    wide, tall = made["size"]
    kaz, uzb, usa, lost = made["spots"]
    assert lost is None and made["ways"][2] is None
    assert all(0 < x < wide and 0 < y < tall for x, y in (kaz, uzb, usa))
    for (a, b), way in zip([(kaz, uzb), (kaz, usa)], made["ways"], strict=False):
        assert (way[0], way[-1]) == (a, b)
    assert 0.4 * wide < tall < 0.65 * wide
    # Equal areas: a small square of the globe has the same area on the map wherever it lies.
    def area(lat: float, lon: float) -> float:
        middle = projection.middle(projection.unit(PLACES["lat"].to_numpy(), PLACES["lon"].to_numpy()))
        around = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)]) / 10
        side = 1 / np.cos(np.radians(lat))
        x, y = projection.flat(projection.unit(lat + around[:, 0], lon + side * around[:, 1]), middle).T
        return 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))

    assert area(0, 20) == pytest.approx(area(60, -100), rel=1e-3)
    land = [list(map(float, pair.split())) for pair in re.findall(r"[-\d.]+ [-\d.]+", made["land"])]
    assert len(land) > 200 and made["grid"].startswith("M")


def test_no_tie_with_two_places_no_map() -> None:
    assert map_data(PLACES, ["KAZ", "XXX"], [[0, 1]]) is None
    assert map_data(PLACES.iloc[:0], ["KAZ", "UZB"], [[0, 1]]) is None


@pytest.mark.parametrize("places", [[(0, 0), (0, 180)], [(90, 0), (-90, 0)], [(10, 10), (10, 10)]])
def test_places_at_the_ends_of_the_globe(places: list[tuple[float, float]]) -> None:
    """Opposite capitals and equal ones have a map of finite size."""
    table = pd.DataFrame(places, columns=["lat", "lon"], index=["A", "B"], dtype=float)
    made = map_data(table, ["A", "B"], [[0, 1]])
    assert made is not None and np.isfinite(np.array(made["ways"][0], dtype=float)).all()
    assert 0 < made["size"][1] <= 650
