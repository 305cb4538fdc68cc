"""A mediator of an event of two: who takes part, whose ties move the chance of success, and the shipped example.

A share of replicates lies within five standard errors of the probability worked out by hand.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import h5py
import numpy as np

import runs
from logs import Result

START = """\
entente: 1
title: Mediation
period: {start: 2026-01-01, end: 2026-03-01}
actors: {AAA: {}, BBB: {}, CCC: {}, DDD: {}}
ties:
  AAA-BBB: {strength: -0.3, alignment: -0.3}
  AAA-CCC: {strength: 0.4, alignment: 0.4}
  BBB-CCC: {strength: 0.1, alignment: 0.1}
  AAA-DDD: {strength: -0.2, alignment: -0.2}
  BBB-DDD: {strength: 0.6, alignment: 0.6}
kinds:
  talks:
    scope: initiator -> target
    success: {probability: 0.3, log_odds: {mediator_strength: {coefficient: 4, reference: 0.1}, mediator_bias: -1}}
    effect: {goldstein: 5, failure: 1, pairs: {initiator-mediator: 0.5, target-mediator: -1}}
    then: [{kind: thanks, when: success, initiator: target, target: mediator}]
  thanks: {scope: initiator -> target}
calendar:
  - {id: round, date: 2026-02-01, kind: talks, initiator: AAA, target: BBB, mediator: CCC}
quantities: {done: {count: talks, successful: true}, thanked: {count: thanks, target: CCC}}
variants:
  other:
    drop: [round]
    add: [{id: instead, in_place_of: round, date: 2026-02-01, kind: talks, initiator: AAA, target: BBB, mediator: DDD}]
  alone:
    drop: [round]
    add: [{id: direct, in_place_of: round, date: 2026-02-01, kind: talks, initiator: AAA, target: BBB}]
output: {events: true, every: 1 d, ties: all, precision: {strength: 0}}
"""
N = 1000


def chance(probability: float, log_odds: float) -> float:
    odds = probability / (1 - probability) * math.exp(log_odds)
    return odds / (1 + odds)


def near(share: float, wanted: float, n: int) -> bool:
    return abs(share - wanted) < 5 * math.sqrt(wanted * (1 - wanted) / n)


def test_ties_of_the_mediator_move_the_chance(tmp_path: Path) -> None:
    runs.run(runs.write_scenario(tmp_path, START), tmp_path / "out.h5", "-n", N)
    result = Result(tmp_path / "out.h5")
    wanted = {
        "base": chance(0.3, 4 * (0.25 - 0.1) - 0.3), "other": chance(0.3, 4 * (0.2 - 0.1) - 0.8), "alone": 0.3,
    }
    assert wanted["base"] - wanted["other"] > 0.1
    shares = {name: float(result.quantity("done", name).mean()) for name in wanted}
    for name, share in shares.items():
        assert near(share, wanted[name], N), (name, share)
    done = {name: result.quantity("done", name) for name in wanted}
    assert (done["base"] >= done["other"]).all() and (done["base"] >= done["alone"]).all()  # the same random numbers
    assert np.array_equal(result.quantity("thanked", "base"), done["base"])


def test_who_takes_part_and_what_it_moves(tmp_path: Path) -> None:
    runs.run(runs.write_scenario(tmp_path, START), tmp_path / "out.h5", "-n", 2)
    with h5py.File(tmp_path / "out.h5") as file:
        actors = [name.decode() for name in file["actor"]]
        log = {name: file[f"events/{name}"][()] for name in ("initiator", "target", "role", "summit", "kind")}
        meanings = file["events/role"].attrs["flag_meanings"].decode().split()
        ties = [name.decode() for name in file["tie"]]
        strength = file["strength"][()]
        days = file["time"][()]
    mediators = np.flatnonzero(log["summit"] >= 0)
    named = {(actors[log["initiator"][r]], actors[log["target"][r]], meanings[log["role"][r]]) for r in mediators}
    assert named == {("CCC", "AAA", "mediator"), ("DDD", "AAA", "mediator")} and len(mediators) == 4
    day = int(np.flatnonzero(days == 31)[0])
    gain = 5 / 100 * 0.4  # of an official's event; its talks are at midnight, before the day's value is read
    moved = strength[0, 0, day] - strength[0, 0, day - 1]
    by_tie = {tie: float(moved[n]) for n, tie in enumerate(ties)}
    main = by_tie["AAA-BBB"]
    assert main > 0.5 * gain and abs(by_tie["AAA-DDD"]) < 1e-6
    bumps = {tie: by_tie[tie] for tie in ("AAA-CCC", "BBB-CCC")}
    assert bumps["AAA-CCC"] > 0 > bumps["BBB-CCC"], bumps


def test_mediators_of_consequences_and_of_event_types(tmp_path: Path) -> None:
    """A second round with the same mediator, talks at their own rate with a usual one, none with one of the two."""
    text = START.replace(
        "    then: [{kind: thanks",
        "    then: [{kind: round, mediator: mediator, delay: 1 d}, "
        "{kind: round, id: other, mediator: DDD}, {kind: thanks",
    )
    text = text.replace("calendar:", """  round: {scope: initiator -> target}
  contact:
    scope: initiator -> target
    mediator: CCC
    rate: {per_year: 30}
    success: {probability: 0.3, log_odds: {mediator_strength: {coefficient: 4, reference: 0.1}}}
calendar:""", 1)
    runs.run(runs.write_scenario(tmp_path, text), tmp_path / "out.h5", "-n", 200)
    result = Result(tmp_path / "out.h5")
    mediators: dict[str, set[str]] = {}
    tried = done = 0
    for log in result.logs("base"):
        present = {e.summit: e.initiator for e in log if e.role == "mediator"}
        for event in (e for e in log if e.role == "initiator" and e.status == "held"):
            mediators.setdefault(event.kind, set()).add(present.get(event.row, ""))
            assert present.get(event.row) not in (event.initiator, event.target)
            if event.kind == "contact" and {event.initiator, event.target} == {"AAA", "DDD"}:
                tried, done = tried + 1, done + event.success
    assert mediators["round"] == {"CCC", "DDD"} and mediators["contact"] == {"CCC", ""}
    assert tried > 500 and near(done / tried, 0.3, tried)  # CCC and DDD have no tie: as at the reference
    wrong = text.replace("kinds:", "kinds:\n  vote: {scope: actor, mediator: CCC, rate: {per_year: 1}}", 1)
    told = runs.entente("check", runs.write_scenario(tmp_path, wrong))
    assert told.returncode == 65 and "has no two sides" in told.stderr, told.stderr


def test_what_cannot_act_is_told(tmp_path: Path) -> None:
    idle = START.replace(", mediator: CCC", "").replace(", mediator: DDD", "")
    told = runs.entente("check", runs.write_scenario(tmp_path, idle)).stderr
    assert told.count("no entry of this type names a mediator") >= 4, told
    rate = START.replace("{scope: initiator -> target}", "{scope: initiator -> target, rate: {per_year: 1, "
                         "log_effects: {mediator_strength: 1}}}")
    told = runs.entente("check", runs.write_scenario(tmp_path, rate)).stderr
    assert "only an event that happens has a mediator" in told
    for wrong, message in (
        ("mediator: AAA", "the mediator is one of the two"),
        ("mediator: ZZZ", "ZZZ"),
    ):
        told = runs.entente("check", runs.write_scenario(tmp_path, START.replace("mediator: CCC", wrong)))
        assert told.returncode == 65 and message in told.stderr, told.stderr
    pairs = START.replace("target-mediator: -1", "member-mediator: 1")
    told = runs.entente("check", runs.write_scenario(tmp_path, pairs))
    assert told.returncode == 65 and "a mediator's pairs are" in told.stderr


def test_an_absent_mediator_cancels_the_talks(tmp_path: Path) -> None:
    absent = START.replace("CCC: {}", "CCC: {until: 2026-01-15}")
    runs.run(runs.write_scenario(tmp_path, absent), tmp_path / "out.h5", "-n", 20)
    result = Result(tmp_path / "out.h5")
    assert not result.quantity("done", "base").any()
    assert result.quantity("done", "alone").any()


def test_the_example_of_a_mediation(tmp_path: Path) -> None:
    """China's ties with both sides make its talks likelier to succeed than Iraq's; the United States' hardly can."""
    scenario = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios" / "examples" / "saudi-iran.yaml"
    told = runs.entente("check", scenario)
    assert told.returncode == 0 and "warning" not in told.stderr, told.stderr
    runs.run(scenario, tmp_path / "out.h5", "-q", "-n", N, "--fixed")
    result = Result(tmp_path / "out.h5")
    ties = {"base": (0.4, 0.35), "no_mediation": (0.15, 0.35), "american": (0.2, -0.6)}
    agreed = {name: result.quantity("agreed", name) for name in ties}
    for name, (saudi, iran) in ties.items():
        wanted = chance(0.2, 5 * ((saudi + iran) / 2 - 0.2) - 2 * abs(saudi - iran))
        assert near(float(agreed[name].mean()), wanted, N), (name, float(agreed[name].mean()), wanted)
    assert float(agreed["base"].mean()) > 1.5 * float(agreed["no_mediation"].mean())
    assert (agreed["base"] >= agreed["american"]).all()
    restored = {name: result.quantity("restored", name) for name in ties}
    assert (restored["base"] <= agreed["base"]).all()
    assert float(restored["base"].mean()) > 1.3 * float(restored["no_mediation"].mean())
