"""A replicate that explodes stops, is flagged with its reason and moment, and is left out of every summary; more
than one in a thousand of them is an error."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

# `feed` sets what goes wrong; the variant `calm` leaves out what sets it off on 1 March.
TEXT = """\
entente: 1
title: Guards
period: {{start: 2026-01-01, end: 2027-01-01}}
actors: {{AAA: {{gdp: 1 bn USD}}, BBB: {{gdp: 1 bn USD}}}}
ties: {{AAA-BBB: {{strength: 0.0, alignment: 0.0}}}}
kinds:
  spark: {{scope: initiator -> target, effect: {{goldstein: 10}}, level: leader}}
  feed: {feed}
calendar:
  - {{id: first, date: 2026-03-01, kind: feed, initiator: AAA, target: BBB}}
  - {{id: spark, date: 2026-03-01, kind: spark, initiator: BBB, target: AAA}}
  - {{id: then, date: 2026-03-02, kind: feed, initiator: AAA, target: BBB}}
quantities: {{strength: {{strength: AAA-BBB, at: 2026-12-31}}}}
variants: {{calm: {{drop: [spark, then]}}}}
monte_carlo: {{replicates: 3, seed: 1, event_cap: {cap}}}
effects: {{gain_divisor: 10}}
"""
CASES = {
    # events that breed: the warning of the branching matrix is given, the cap ends it
    "event_cap_reached": (
        "{scope: initiator -> target, excited_by: [{kind: spark, relation: reversed, branching: 5, half_life: 1 d}, "
        "{kind: feed, relation: same, branching: 3, half_life: 1 d}]}", 2000, 0.0),
    # a chain without delay that is certain once the tie is warm
    "clock_no_longer_advances": (
        "{scope: initiator -> target, then: [{kind: feed, probability: 0.001, log_odds: {strength: 500}, "
        "delay: {constant: 0 d}}]}", 1000000, 60.0),
    # a rate past any bound at a warm tie
    "intensity_is_not_finite": (
        "{scope: initiator -> target, rate: {per_year: 1, log_effects: {strength: 300}}}", 1000000, 59.0),
}


@pytest.mark.parametrize("reason", CASES)
def test_it_stops_with_its_reason(tmp_path: Path, reason: str) -> None:
    feed, cap, earliest = CASES[reason]
    scenario = runs.write_scenario(tmp_path, TEXT.format(feed=feed, cap=cap))
    out = tmp_path / "out.h5"
    done = runs.entente("run", scenario, "-o", out, "-q")
    assert done.returncode == 70, done.stderr
    assert "replicates stopped early" in done.stderr
    with h5py.File(out) as file:
        status, moment = file["status"][()], file["stop_time"][()]
        meanings = file["status"].attrs["flag_meanings"].decode().split()
        assert meanings[status[0, 0]] == reason, [meanings[code] for code in status[0]]
        assert (status[0] != 0).all()
        assert (moment[0] >= earliest).all() and (moment[0] < 365).all()
        if reason != "event_cap_reached":
            assert (status[1] == 0).all() and (moment[1] == 365).all()
        assert np.isnan(file["quantity_value"][0]).all()
        assert (file["summary/n"][()] == 0).all()  # of the calm variant too: pairs are left out together
        assert file["summary"].attrs["failed_replicates"] == 3


def total_events(path: Path) -> np.ndarray:
    with h5py.File(path) as file:
        return file["event_count"][()].sum(axis=(0, 2))


def test_one_in_a_thousand_is_no_error_two_are(tmp_path: Path) -> None:
    feed = (
        "{scope: initiator -> target, rate: {per_year: 5}, "
        "excited_by: [{kind: feed, relation: same, branching: 0.8, half_life: 2 d}]}"
    )
    replicates = 1000

    def run(cap: int, name: str) -> tuple[int, str, Path]:
        scenario = runs.write_scenario(tmp_path, TEXT.format(feed=feed, cap=cap))
        out = tmp_path / name
        done = runs.entente("run", scenario, "-o", out, "-n", replicates, "--variant", "base", "-q")
        return done.returncode, done.stderr, out

    code, _, out = run(1000, "all.h5")
    most = np.sort(total_events(out))[::-1]
    assert code == 0 and most[0] > most[1] > most[2], "choose another rate: the largest counts do not stand out"
    code, said, out = run(int(most[1]), "one.h5")  # which may have so many, and no more
    assert code == 0 and "1 replicates stopped early" in said
    with h5py.File(out) as file:
        assert (file["status"][()] != 0).sum() == 1 and (file["summary/n"][()] == replicates - 1).all()
    code, said, _ = run(int(most[1]) - 1, "two.h5")
    assert code == 70 and "0.1 %" in said
