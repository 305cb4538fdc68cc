"""Spectral radius and expected events a year, as `entente check` tells them, against what can be worked out by
hand and against simulated logs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

SCENARIOS = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios"

# A -> B calls 10 a year; each call brings 0.25 calls in return and half a letter, each letter 0.1 letters
# three times over. Two directed dyads, one dated letter in a year of 365.2425 days.
SMALL = """\
entente: 1
title: Small
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {gdp: 1 bn USD}, BBB: {gdp: 1 bn USD}}
ties: {AAA-BBB: {strength: 0.1}}
kinds:
  call:
    scope: initiator -> target
    rate: {per_year: 10}
    excited_by: [{kind: call, relation: reversed, branching: 0.25, half_life: 1 d}]
    then: [{kind: letter, probability: 0.5, delay: {constant: 1 d}}]
  letter:
    scope: initiator -> target
    then: [{kind: letter, probability: 0.1, count: 3, delay: {constant: 1 d}}]
calendar:
  - {id: dated, date: 2026-02-01, kind: letter, initiator: AAA, target: BBB, probability: 0.5}
"""


def stability(path: Path) -> dict:
    done = runs.entente("check", "--stability", "--json", path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0]["stability"]


def test_by_hand(tmp_path: Path) -> None:
    path = runs.write_scenario(tmp_path, SMALL)
    found = stability(path)
    year = 365.2425 / 365
    calls = 20 / (1 - 0.25)
    assert found["spectral_radius"] == pytest.approx(0.3, abs=1e-6)
    assert found["events_a_year"]["call"] == pytest.approx(
        {"baseline": 20, "calendar": 0, "total": calls, "offspring": 0.75}
    )
    assert found["events_a_year"]["letter"] == pytest.approx(
        {"baseline": 0, "calendar": 0.5 * year, "total": (0.5 * year + 0.5 * calls) / (1 - 0.3), "offspring": 0.3}
    )
    plain = runs.entente("check", "--stability", path)
    assert "spectral radius 0.3, at most 46.4 events a year" in plain.stdout
    assert any(line.split() == ["call", "20", "0", "26.7", "0.75"] for line in plain.stdout.splitlines())


def test_without_end_nothing_is_expected(tmp_path: Path) -> None:
    path = runs.write_scenario(tmp_path, SMALL.replace("branching: 0.25", "branching: 1.25"))
    found = stability(path)
    assert found["spectral_radius"] == pytest.approx(1.25)
    assert found["events_a_year"]["call"]["total"] is None
    plain = runs.entente("check", path)
    assert "the number of events can grow without bound" in plain.stderr and "; spectral radius 1.2\n" in plain.stdout


def test_shipped_scenario_stays_near_it(tmp_path: Path) -> None:
    """What is simulated is at most what is expected at most, give or take a drift of the state and chance."""
    scenario = SCENARIOS / "central-asia-2026.yaml"
    found = stability(scenario)
    assert 0.5 < found["spectral_radius"] < 0.8
    runs.run(scenario, tmp_path / "out.h5", "--fixed", "--variant", "base", "-n", 10, "-q")
    with h5py.File(tmp_path / "out.h5") as file:
        years = file.attrs["horizon_days"] / 365.2425
        counts = file["event_count"][0].mean(axis=0) / years
        names = [name.decode() for name in file["kind"]]
    expected = found["events_a_year"]
    total = sum(kind["total"] for kind in expected.values())
    assert 0.8 * total < counts.sum() < 1.05 * total
    for name, count in zip(names, counts, strict=True):
        if expected[name]["total"] > 50:
            drift = 1.4 if name == "memorandum" else 1.25  # its inertia: no memorandum yet at the start
            assert count < drift * expected[name]["total"], name
            assert count > 0.9 * expected[name]["baseline"], name
    assert np.all(counts >= 0)
