"""Actors that come on the scene by a date or an event, and leave it by one: nothing happens to who is not there."""

from __future__ import annotations

from pathlib import Path

import h5py

import runs

SCENARIO = """\
entente: 1
title: One comes, one goes
period: {start: 2026-01-01, end: 2027-01-01}
actors:
  AAA: {gdp: 100 bn USD}
  BBB: {gdp: 90 bn USD}
  CCC: {gdp: 80 bn USD, from: 2026-03-02}
  DDD: {gdp: 70 bn USD, from: 2026-12-31}
ties: {all: true}
kinds:
  call: {scope: initiator -> target, rate: {per_year: 20}}
  visit: {scope: initiator -> target}
  dissolution: {scope: actor, exits: [initiator]}
  recognition: {scope: initiator -> target, enters: [target]}
calendar:
  - {id: too-early, date: 2026-02-01, kind: visit, initiator: AAA, target: CCC}
  - {id: come, date: 2026-06-30, kind: recognition, initiator: AAA, target: DDD}
  - {id: go, date: 2026-08-29, kind: dissolution, initiator: BBB}
  - {id: too-late, date: 2026-09-01, kind: visit, initiator: AAA, target: BBB}
monte_carlo: {replicates: 20, seed: 3}
output: {every: 30 d, events: true, ties: all}
"""
COMES, ENTERS, GOES = 60, 180, 240  # days from the start


def test_only_who_is_there_takes_part(tmp_path: Path) -> None:
    (tmp_path / "scene.yaml").write_text(SCENARIO)
    runs.run(tmp_path / "scene.yaml", tmp_path / "scene.h5")
    with h5py.File(tmp_path / "scene.h5") as file:
        kinds, actors = (list(file[name].asstr()) for name in ("kind", "actor"))
        log = {name: file[f"events/{name}"][()] for name in ("time", "kind", "initiator", "target", "status")}
    held, cancelled = 0, 2
    assert (log["status"][log["kind"] == kinds.index("visit")] == cancelled).sum() == 2 * 20
    assert (log["status"][log["kind"] == kinds.index("dissolution")] == held).sum() == 20
    assert (log["status"][log["kind"] == kinds.index("recognition")] == held).sum() == 20
    call = log["kind"] == kinds.index("call")
    ends = log["initiator"][call], log["target"][call]
    pairs = {(i, j): log["time"][call][(ends[0] == i) & (ends[1] == j)] for i in range(4) for j in range(4)}
    span = {"AAA": (0, 366), "BBB": (0, GOES), "CCC": (COMES, 366), "DDD": (ENTERS, 366)}
    for (i, j), times in pairs.items():
        first = max(span[actors[i]][0], span[actors[j]][0])
        last = min(span[actors[i]][1], span[actors[j]][1])
        expected = 20 * 20 * (last - first) / 365.2425 if i != j else 0
        assert abs(times.size - expected) <= 5 * expected**0.5
        assert times.size == 0 or (first <= times.min() and times.max() < last)
