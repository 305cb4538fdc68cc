"""Rules of interventions, calendar entries and consequences: what they let happen, when, and how often."""

import itertools
import math
import os
from pathlib import Path

import numpy as np
import pytest

import runs
from logs import Event, Result

HEAD = """
entente: 1
title: rules
period: {start: 2026-01-01, end: 2027-01-01}
actors:
  AAA: {attributes: {people: 50}}
  BBB: {attributes: {people: 30}}
  CCC: {attributes: {people: 20}}
  DDD: {}
groups: {G: {members: [AAA, BBB, CCC]}}
ties: {all: true, AAA-BBB: {strength: 0.3, alignment: 0.3, exports: {AAA: 1 bn USD, BBB: 2 bn USD}}}
conditions: {accord: {on: tie, trade: {shift: 0.3}}, war: {on: tie, alignment_shift: -0.3}}
monte_carlo: {replicates: 400, seed: 5}
output: {events: true}
"""

KINDS = """
kinds:
  vote: {scope: actor, success: 0.6}
  ratify: {scope: actor, success: 0.7}
  entry_into_force: {scope: dyad}
  meet: {scope: initiator -> target, rate: {per_year: 4}}
"""


def run(tmp_path: Path, text: str, *options: str) -> Result:
    scenario, out = tmp_path / "s.yaml", tmp_path / "out.h5"
    scenario.write_text(HEAD + text)
    runs.run(scenario, out, "-q", *options)
    return Result(out)


def near(count: int, n: int, p: float) -> bool:
    """Within five standard errors."""
    return abs(count - n * p) < 5 * math.sqrt(n * p * (1 - p)) + 1e-9


RATIFY = """
calendar:
  - {id: a, window: [2026-02-01, 2026-06-01], kind: ratify, initiator: AAA}
  - {id: b, window: [2026-02-01, 2026-06-01], kind: ratify, initiator: BBB}
  - {id: c, window: [2026-02-01, 2026-06-01], kind: ratify, initiator: CCC}
interventions:
  - id: force
    when: {members: G, each: {count: ratify, initiator: member, successful: true}, QUORUM}
    open: [{condition: accord, tie: AAA-BBB}]
    add: [{id: force, after: 0 d, kind: entry_into_force, initiator: AAA, target: BBB}]
quantities: {accord: {condition: accord, tie: AAA-BBB, at: 2026-12-31}}
variants: {without_b: {drop: [b]}}
"""
P = 0.7
QUORUMS = {
    "at_least: 2": (P**3 + 3 * P**2 * (1 - P), P**2),
    "share: 0.65, weight: people": (P * (1 - (1 - P) ** 2), P**2),  # AAA and one of the others
    "at_least: 3, share: 0.65, weight: people": (P**3, 0),
    "share: 0.5": (P**3 + 3 * P**2 * (1 - P), P**2),
}


@pytest.mark.parametrize("quorum", QUORUMS)
def test_quorum(tmp_path: Path, quorum: str) -> None:
    """How often it is reached is known; it takes effect at the moment of the vote that reaches it."""
    weights = {"AAA": 50, "BBB": 30, "CCC": 20} if "people" in quorum else {"AAA": 1, "BBB": 1, "CCC": 1}
    result = run(tmp_path, KINDS + RATIFY.replace("QUORUM", quorum))
    for variant, p in zip(["base", "without_b"], QUORUMS[quorum], strict=True):
        assert near(int(result.quantity("accord", variant).sum()), result.replicates, p), variant
        for log in result.logs(variant):
            yes = sorted((e.time, e.initiator) for e in log if e.kind == "ratify" and e.success)
            force = [e.time for e in log if e.kind == "entry_into_force"]
            votes = [sum(weights[who] for _, who in yes[: k + 1]) for k in range(len(yes))]
            reached = [
                time
                for k, (time, _) in enumerate(yes)
                if votes[k] >= (0.65 if "people" in quorum else 0.5) * sum(weights.values()) * ("share" in quorum)
                and k + 1 >= (int(quorum[10]) if "at_least" in quorum else 0)
            ]
            assert force == reached[:1]


TIMES = {
    "{entry: a}": lambda log: [e.time for e in log if e.kind == "vote"][:1],
    "{entry: a, is: succeeded}": lambda log: [e.time for e in log if e.kind == "vote" and e.success],
    "{entry: a, is: failed}": lambda log: [e.time for e in log if e.kind == "vote" and not e.success],
    "{entry: a, is: not_held}": lambda log: [] if any(e.kind == "vote" for e in log) else [60.0],
    "{count: meet, at_least: 5}": lambda log: [e.time for e in log if e.kind == "meet"][4:5],
    "{count: meet, initiator: AAA, target: BBB, from: 2026-04-01}": lambda log: [
        e.time for e in log if (e.kind, e.initiator, e.target) == ("meet", "AAA", "BBB") and e.time >= 90
    ][:1],
    "{count: meet, tie: AAA-BBB, at_least: 2, within: 20 d}": lambda log: second_within(log, 20),
    "{after: 2026-03-05T12:00}": lambda log: [63.5],
    "{not: {before: 2026-03-05}}": lambda log: [63.0],
    "{all: [{after: 2026-03-05}, {count: meet, at_least: 5}]}": lambda log: [
        max(63.0, t) for t in [e.time for e in log if e.kind == "meet"][4:5]
    ],
    "{any: [{after: 2026-03-05}, {count: meet, at_least: 5}]}": lambda log: [
        min([63.0, *[e.time for e in log if e.kind == "meet"][4:5]])
    ],
    "{of: [{entry: a}, {after: 2026-03-05}, {count: meet, at_least: 5}], at_least: 2}": lambda log: second(log),
    "{not: {count: meet, within: 10 d, from: 2025-12-01}}": lambda log: [0.0],
    "{all: [{after: 2026-03-05}, {not: {count: meet, within: 10 d}}]}": lambda log: quiet(log, 63.0, 10),
}


def second_within(log: list[Event], days: float) -> list[float]:
    times = [e.time for e in log if e.kind == "meet" and {e.initiator, e.target} == {"AAA", "BBB"}]
    return [b for a, b in itertools.pairwise(times) if a > b - days][:1]


def second(log: list[Event]) -> list[float]:
    votes = [e.time for e in log if e.kind == "vote"]
    meets = [e.time for e in log if e.kind == "meet"]
    return sorted([*votes[:1], 63.0, *meets[4:5]])[1:2]


def quiet(log: list[Event], start: float, days: float) -> list[float]:
    """The first moment from `start` on without a meeting in the last so many days."""
    moment = start
    for time in [e.time for e in log if e.kind == "meet"]:
        if time <= moment:
            moment = max(moment, time + days) if time + days > moment else moment
    return [moment] if moment < 365 else []


@pytest.mark.parametrize("rule", TIMES)
def test_moment(tmp_path: Path, rule: str) -> None:
    """The intervention acts at the very moment at which the rule begins to hold, to the bit; in variants too."""
    text = KINDS + f"""
calendar:
  - {{id: a, window: [2026-02-01, 2026-03-01], kind: vote, initiator: AAA, probability: 0.7}}
  - {{id: b, date: 2026-03-01, kind: ratify, initiator: AAA}}
interventions:
  - {{id: then, when: {rule}, add: [{{id: then, after: 0 d, kind: entry_into_force, initiator: AAA, target: BBB}}]}}
quantities: {{n: {{count: entry_into_force}}}}
variants: {{other: {{drop: [b]}}}}
"""
    result = run(tmp_path, text, "-n", "60")
    seen = 0
    for variant in ["base", "other"]:
        for log in result.logs(variant):
            wanted = TIMES[rule](log)
            assert [e.time for e in log if e.kind == "entry_into_force"] == pytest.approx(wanted, abs=1e-9)
            seen += len(wanted)
    assert seen > 20


def test_if_and_part_of(tmp_path: Path) -> None:
    """An entry or a consequence whose rule does not hold is cancelled; what is part of one is withdrawn with it."""
    text = """
kinds:
  vote: {scope: actor, success: 0.6}
  summit: {scope: group, summit: {group: G}}
  accession: {scope: actor}
  round:
    scope: initiator -> target
    then: [{kind: round, delay: 20 d, if: {condition: war}}]
  peace: {scope: initiator -> target, success: 0.5, ends: [war]}
ongoing: [{condition: war, tie: AAA-BBB}]
calendar:
  - {id: vote, date: 2026-02-01, kind: vote, initiator: AAA}
  - {id: second, date: 2026-03-01, kind: vote, initiator: BBB, if: {entry: vote, is: failed}}
  - {id: top, window: [2026-05-01, 2026-06-01], kind: summit, host: AAA, probability: 0.7,
     if: {not: {entry: vote, is: failed}}}
  - {id: early, part_of: top, kind: accession, initiator: DDD}
  - {id: late, part_of: early, date: 2026-07-01, kind: accession, initiator: DDD}
  - {id: round, date: 2026-01-10, kind: round, initiator: AAA, target: BBB}
  - {id: peace, date: 2026-03-15, kind: peace, initiator: AAA, target: BBB}
quantities: {n: {count: accession}}
variants: {gone: {drop: [top]}}
"""
    result = run(tmp_path, text)
    held = 0
    for log in result.logs("base"):
        votes = [e for e in log if e.kind == "vote"]
        assert [e.status for e in votes] == ["held", "cancelled" if votes[0].success else "held"]
        top = [e for e in log if e.kind == "summit" and e.summit < 0]
        is_held = [e.status for e in top] == ["held"]
        assert not is_held or votes[0].success
        accessions = [e for e in log if e.kind == "accession"]
        assert [e.status for e in accessions] == 2 * ["held" if is_held else "cancelled"]
        if top:
            assert accessions[0].time == top[0].time and accessions[0].row > top[0].row
        held += is_held
        peace = next(e for e in log if e.kind == "peace")
        rounds = [e for e in log if e.kind == "round"]
        ended = [e for e in rounds if e.status == "cancelled"]
        assert len(rounds) == (5 if peace.success else 18) and len(ended) == peace.success
        assert all(e.time > peace.time for e in ended)
    assert near(held, result.replicates, 0.6 * 0.7)
    assert not any(e.kind in ("accession", "summit") for log in result.logs("gone") for e in log)


def test_a_rule_on_a_state_is_polled(tmp_path: Path) -> None:
    """Strength decays in a closed form: the intervention acts at the first multiple of `every` below the threshold."""
    text = KINDS.replace("per_year: 4", "per_year: 0") + """
interventions:
  - {id: low, when: {strength: AAA-BBB, below: 0.27, above: 0.1}, every: 5 d,
     add: [{id: then, after: 0 d, kind: entry_into_force, initiator: AAA, target: BBB}]}
  - {id: trade, when: {trade: AAA -> BBB, below: 0.99 bn USD}, every: 7 d,
     add: [{id: more, after: 0 d, kind: vote, initiator: AAA}]}
quantities: {s: {strength: AAA-BBB}}
"""
    base = HEAD.replace("alignment: 0.3,", "alignment: 0.2, baseline: 0.2,") + "trade: {atmosphere_effect: 0.2}\n"
    (tmp_path / "s.yaml").write_text(base + text)
    runs.run(tmp_path / "s.yaml", tmp_path / "out.h5", "-q", "-n", "2")
    log = Result(tmp_path / "out.h5").logs("base")[0]
    s = lambda t: 0.2 + 0.1 * 2 ** (-t / 30)  # noqa: E731
    first = next(t for t in range(0, 365, 5) if s(t) < 0.27)
    trade = next((t for t in range(0, 365, 7) if 1e9 * math.exp(0.2 * (s(t) - 0.2)) < 0.99e9), None)
    assert [e.time for e in log if e.kind == "entry_into_force"] == [first]
    assert [e.time for e in log if e.kind == "vote"] == ([] if trade is None else [trade])
    assert np.isfinite(first)


def test_in_place_of_and_success(tmp_path: Path) -> None:
    """What stands in for an entry has its random numbers; the success of one entry is a parameter."""
    text = """
kinds:
  vote: {scope: actor, success: 0.5}
  ballot: {scope: actor, success: 0.5}
calendar:
  - {id: a, window: [2026-02-01, 2026-06-01], kind: vote, initiator: AAA}
  - {id: b, date: 2026-07-01, kind: vote, initiator: BBB, success: 0.2}
  - {id: part, part_of: a, kind: vote, initiator: CCC}
quantities: {n: {count: vote, successful: true, initiator: BBB}}
variants:
  other: {add: [{id: z, in_place_of: a, window: [2026-02-01, 2026-06-01], kind: ballot, initiator: AAA}]}
  sure: {set: {calendar.b.success: 1}}
  twice: {set: {calendar.b.success: x 2}}
"""
    result = run(tmp_path, text)
    for base, other in zip(result.logs("base"), result.logs("other"), strict=True):
        a, z = [e for e in base if e.initiator == "AAA"], [e for e in other if e.initiator == "AAA"]
        assert [(e.time, e.success) for e in a] == [(e.time, e.success) for e in z]
        assert [e.kind for e in z] == ["ballot"]
        assert any(e.initiator == "CCC" for e in base) and not any(e.initiator == "CCC" for e in other)
    n = {variant: result.quantity("n", variant) for variant in result.variants}
    assert near(int(n["base"].sum()), result.replicates, 0.2) and (n["sure"] == 1).all()
    assert near(int(n["twice"].sum()), result.replicates, 0.4) and (n["base"] <= n["twice"]).all()


def test_a_series_in_place_of_a_series(tmp_path: Path) -> None:
    """One by one: each has the random numbers of its counterpart; what has none in the variant is dropped."""
    text = """
kinds:
  vote: {scope: actor, success: 0.5}
  ballot: {scope: actor, success: 0.5}
calendar:
  - {id: a, date: 2026-02-01, repeat: {every: 1 month, until: 2026-06-01}, kind: vote, initiator: AAA}
quantities: {n: {count: vote}}
variants:
  short: {add: [{id: z, in_place_of: a, date: 2026-02-01,
                repeat: {every: 2 weeks, until: 2026-02-20}, kind: ballot, initiator: AAA}]}
  long: {add: [{id: y, in_place_of: a, date: 2026-02-01,
               repeat: {every: 1 week, until: 2026-03-07}, kind: ballot, initiator: AAA}]}
"""
    result = run(tmp_path, text)
    for base, short, longer in zip(*(result.logs(variant) for variant in ("base", "short", "long")), strict=True):
        assert [len(base), len(short), len(longer)] == [4, 2, 5]
        assert [e.success for e in base[:2]] == [e.success for e in short]
        assert [e.success for e in base] == [e.success for e in longer[:4]]
    wrong = text.replace("short: {add: [{id: z, in_place_of: a", "short: {add: [{id: z, in_place_of: q")
    (tmp_path / "s.yaml").write_text(HEAD + wrong)
    said = runs.entente("check", tmp_path / "s.yaml").stderr
    assert said.count('no calendar entry is called "q"') == 1  # once for the series


def test_the_example_of_a_ratification(tmp_path: Path) -> None:
    """Germany and France together carry the Council; then the Parliament and three of four states; blocked: never."""
    scenario = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios" / "examples" / "eu-mercosur.yaml"
    runs.run(scenario, tmp_path / "out.h5", "-q", "-n", "600")
    result = Result(tmp_path / "out.h5")

    council = 0.8 * 0.5  # Germany and Poland have 64 % of the people
    ratified = 0.9**4 + 4 * 0.9**3 * 0.1
    assert near(int(result.quantity("in_force", "base").sum()), result.replicates, council * 0.55 * ratified)
    assert not result.quantity("in_force", "blocked").any()
    gain = result.quantity("trade", "base") / result.quantity("trade", "blocked")
    assert ((gain > 1.05) == (result.quantity("in_force", "base") == 1)).all()
