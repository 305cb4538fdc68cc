"""Bands of trade against later years: 2016 from the figures of 2006, 2023 from those of 2016.

The noise is the one of the shipped scenarios. The source tables do not come with the program: without them the test
is skipped.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

from runs import ENTENTE

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
DATA = Path(os.environ.get("ENTENTE_DATA", ROOT / "../shared/data"))
SOURCES = ["actors/gravity_2006.csv", "actors/bilateral_trade_2016_distance.csv", "world/trade_2023.csv"]
pytestmark = pytest.mark.skipif(
    not all((DATA / source).exists() for source in SOURCES),
    reason="the source tables are not there: set ENTENTE_DATA to the folder that contains actors/ and world/",
)

Flows = dict[tuple[str, str], float]
DOLLARS = {2006: 1.61, 2016: 1.37}  # of 2023, in one of 2006; in one of 2010, which the figures of 2016 are in (BEA)

SCENARIO = """
entente: 1
title: Trade alone
period: {{start: {start}-07-01, end: {end}-07-01}}
refresh: 1 y
actors: {{{actors}}}
ties: {{from: ties.csv}}
trade: {{base_year: {start}, noise: {noise}}}
monte_carlo: {{replicates: 500, seed: 7}}
kinds: {{}}
output: {{every: {years} y, ties: all}}
"""


def read(source: str) -> list[dict[str, str]]:
    with open(DATA / source, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def figures(year: int) -> Flows:
    """Positive flows, USD of 2023."""
    if year == 2006:
        rows = [(row["iso_o"], row["iso_d"], row["flow"] and float(row["flow"]) * 1e6) for row in read(SOURCES[0])]
    elif year == 2016:
        rows = [(row["exporter"], row["importer"], row["trade_2016_usd2010"]) for row in read(SOURCES[1])]
    else:
        baci = [row for row in read(SOURCES[2]) if row["source"] == "baci2023"]
        rows = [(row["exporter"], row["importer"], row["usd"]) for row in baci]
    return {(i, j): float(usd) * DOLLARS.get(year, 1) for i, j, usd in rows if usd and float(usd) > 0 and i != j}


def shipped_noise() -> str:
    found = re.search(r"^  noise: (\{.*\})", (ROOT / "scenarios/central-asia-2026.yaml").read_text(), re.M)
    assert found
    return found[1]


def bands(folder: Path, start: int, end: int, noise: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each flow that both years have: the year's figure, and the 5 % and 95 % quantiles of the replicates."""
    then, later = figures(start), figures(end)
    both = sorted(then.keys() & later.keys())
    names = sorted({name for pair in both for name in pair})
    with open(folder / "ties.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "trade_ab_usd", "trade_ba_usd"])
        for a, b in sorted({(min(pair), max(pair)) for pair in both}):
            writer.writerow([a, b, then.get((a, b), "") if (a, b) in later else "",
                             then.get((b, a), "") if (b, a) in later else ""])
    actors = ", ".join(f"{name}: {{}}" for name in names)
    (folder / "s.yaml").write_text(SCENARIO.format(start=start, end=end, years=end - start, actors=actors, noise=noise))
    subprocess.run([ENTENTE, "run", "-q", "s.yaml", "-o", "s.h5"], cwd=folder, check=True, timeout=300)
    with h5py.File(folder / "s.h5") as file:
        pairs = [tuple(name.decode().split("->")) for name in file["flow"][:]]
        last = file["trade"][0, :, -1, :]
    found = [pairs.index(pair) for pair in both]
    low, high = np.quantile(last[:, found], [0.05, 0.95], axis=0)
    return np.array([later[pair] for pair in both]), low, high


@pytest.mark.long
@pytest.mark.parametrize(("start", "end"), [(2006, 2016), (2016, 2023)])
def test_nine_flows_in_ten_are_within_their_band(tmp_path: Path, start: int, end: int) -> None:
    figure, low, high = bands(tmp_path, start, end, shipped_noise())
    covered = np.mean((low <= figure) & (figure <= high))
    assert len(figure) > 2000
    assert 0.85 <= covered <= 0.95, f"{covered:.3f} of {len(figure)} flows"


def test_half_the_noise_covers_too_few(tmp_path: Path) -> None:
    figure, low, high = bands(tmp_path, 2016, 2023, "{flow: {sd: 0.4, half_life: 2 y, size: -0.15}}")
    assert np.mean((low <= figure) & (figure <= high)) < 0.8
