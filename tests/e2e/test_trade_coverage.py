"""Bands of trade against later years: the noise is chosen on one period, and its bands are counted in the other.

tools/trade_noise.py chooses it; the program simulates the bands. The source tables do not come with the program:
without them the test is skipped.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from runs import ENTENTE

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
DATA = Path(os.environ.get("ENTENTE_DATA", ROOT / "../shared/data"))
sys.path.insert(0, str(ROOT / "tools"))
pytest.importorskip("scipy")
import trade_noise  # noqa: E402

pytestmark = pytest.mark.skipif(
    not all((DATA / source).exists() for source in [*trade_noise.SOURCES.values(), trade_noise.IMPORTS_2024]),
    reason="the source tables are not there: set ENTENTE_DATA to the folder that contains actors/ and world/",
)
EARLY, LATE = trade_noise.PERIODS
HALF_LIFE = 8  # years
SHIPPED = (
    "central-asia-2026", "c5plus1-2025", "ukraine-talks", "white-house-2018", "world-2027", "examples/us-tariffs",
)  # fmt: skip

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


def noise_of(scenario: str) -> str:
    found = re.search(r"^  noise: (\{.*\})", (ROOT / f"scenarios/{scenario}.yaml").read_text(), re.M)
    assert found, scenario
    return found[1]


def covered(folder: Path, start: int, end: int, noise: str) -> float:
    """The share of flows, of those that both years have, within the 5 % and 95 % quantiles of the replicates."""
    then, later = trade_noise.figures(DATA, start), trade_noise.figures(DATA, end)
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
    figure = np.array([later[pair] for pair in both])
    assert len(figure) > 2000
    return float(np.mean((low <= figure) & (figure <= high)))


@pytest.mark.long
@pytest.mark.parametrize(("by", "held_out"), [(EARLY, LATE), (LATE, EARLY)])
def test_nine_flows_in_ten_are_within_their_band(
    tmp_path: Path, by: tuple[int, int], held_out: tuple[int, int]
) -> None:
    noise = trade_noise.chosen(trade_noise.changes(DATA, *by), HALF_LIFE)
    found = covered(tmp_path, *held_out, noise.text())
    assert 0.85 <= found <= 0.95
    assert found == pytest.approx(noise.covered(trade_noise.changes(DATA, *held_out)), abs=0.02)


def test_half_the_noise_covers_too_few(tmp_path: Path) -> None:
    noise = trade_noise.chosen(trade_noise.changes(DATA, *EARLY), HALF_LIFE)
    noise.sd, noise.actor = noise.sd / 2, noise.actor / 2
    assert covered(tmp_path, *LATE, noise.text()) < 0.75


def test_the_half_life_covers_nine_changes_in_ten_of_one_year() -> None:
    year, by = trade_noise.one_year(DATA), trade_noise.changes(DATA, *EARLY)
    shares = {life: trade_noise.chosen(by, life).covered(year) for life in trade_noise.HALF_LIVES}
    assert abs(shares[HALF_LIFE] - 0.9) == min(abs(share - 0.9) for share in shares.values())
    assert shares[2] > 0.95


def test_the_shipped_noise_is_that_of_the_first_period() -> None:
    chosen = trade_noise.chosen(trade_noise.changes(DATA, *EARLY), HALF_LIFE).text()
    assert {scenario: noise_of(scenario) for scenario in SHIPPED} == dict.fromkeys(SHIPPED, chosen)
