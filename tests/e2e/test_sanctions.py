"""Directed conditions: who imposes them, who may lift them, what coalitions of senders do; event types with an `if`.

Counts lie within five standard errors of what is worked out by hand.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import runs
from logs import Result

SCENARIOS = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios"
START = """\
entente: 1
title: Sanctions
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {}, BBB: {}, CCC: {}, EEE: {type: union}, TTT: {}}
groups: {union: {members: [AAA, {actor: BBB, until: 2026-07-01}, {actor: CCC, from: 2026-05-01}]}}
ties:
  all: true
  AAA-TTT: {exports: {AAA: 1 bn USD, TTT: 1 bn USD}}
conditions:
  sanctions:
    directed: true
    alignment_shift: -0.4
    trade: {shift: -0.5}
kinds:
  impose: {scope: initiator -> target, starts: [sanctions]}
  lift: {scope: initiator -> target, ends: [sanctions]}
  yield: {scope: initiator -> target, ends: [{condition: sanctions, who: target}]}
  relief:
    scope: initiator -> target
    if: {condition: sanctions, tie: initiator -> target}
    rate: {per_year: 2}
  protest:
    scope: initiator -> target
    rate: {per_year: 0.1, log_effects: {condition_target: {of: sanctions, coefficient: 3}}}
calendar:
  - {id: impose, date: 2026-03-01, kind: impose, initiator: EEE, target: TTT}
  - {id: by-target, date: 2026-04-01, kind: lift, initiator: TTT, target: EEE}
  - {id: by-member, date: 2026-06-01, kind: lift, initiator: AAA, target: TTT}
  - {id: by-sender, date: 2026-10-01, kind: lift, initiator: EEE, target: TTT}
quantities:
QUANTITIES
variants: {no_lift: {drop: [by-sender]}}
monte_carlo: {replicates: 200, seed: 3}
output: {events: true}
"""
COALITION = "    coalitions: [{group: union, lead: EEE}]\nkinds:"
DATES = {"april": "2026-04-15", "june": "2026-06-15", "august": "2026-08-01", "december": "2026-12-31"}


def scenario(coalition: str = "") -> str:
    names = [f"  {of}_{month}: {{condition: sanctions, tie: {of[0].upper() * 3} -> TTT, at: {date}}}"
             for of in ("e", "a", "b", "c") for month, date in DATES.items()]
    names += ["  back: {condition: sanctions, tie: TTT -> EEE, at: 2026-04-15}",
              "  either: {condition: sanctions, tie: EEE-TTT, at: 2026-04-15}",
              "  alignment: {alignment: AAA-TTT, at: 2026-12-31}"]
    text = START.replace("QUANTITIES", "\n".join(names))
    return text.replace("kinds:", coalition) if coalition else text


def states(tmp_path: Path, text: str, variant: str = "base") -> dict[str, float]:
    runs.run(runs.write_scenario(tmp_path, text), tmp_path / "out.h5", "-n", 1, "--restart")
    result = Result(tmp_path / "out.h5")
    return {name: float(result.quantity(name, variant)[0]) for name in result.names}


def test_only_the_sender_lifts(tmp_path: Path) -> None:
    found = states(tmp_path, scenario())
    assert [found[f"e_{month}"] for month in DATES] == [1, 1, 1, 0]
    assert found["back"] == 0 and found["either"] == 1
    assert all(found[f"{of}_{month}"] == 0 for of in "abc" for month in DATES)
    yielding = scenario().replace("kind: lift, initiator: TTT, target: EEE", "kind: yield, initiator: TTT, target: EEE")
    assert states(tmp_path, yielding)["e_june"] == 0  # `who: target` names the sender


def test_a_coalition_acts_as_one(tmp_path: Path) -> None:
    """Its members have what the lead imposes, cannot lift it alone, and lose it with the lead's."""
    found = states(tmp_path, scenario(COALITION))
    assert [found[f"e_{month}"] for month in DATES] == [1, 1, 1, 0]
    assert [found[f"a_{month}"] for month in DATES] == [1, 1, 1, 0]
    assert [found[f"c_{month}"] for month in DATES] == [0, 1, 1, 0]  # who joins in May joins in
    assert [found[f"b_{month}"] for month in DATES] == [1, 1, 1, 1]  # who has left keeps it as its own
    ends = scenario(COALITION.replace("lead: EEE", "lead: EEE, leaving: ends"))
    assert [states(tmp_path, ends)[f"b_{month}"] for month in DATES] == [1, 1, 0, 0]
    log = Result(tmp_path / "out.h5").logs("base")[0]
    assert [(e.kind, e.status) for e in log if e.initiator == "AAA" and e.kind == "lift"] == [("lift", "cancelled")]


def test_what_it_shifts(tmp_path: Path) -> None:
    """Once, whoever and however many impose it; nothing where nobody does."""
    alone, joint = states(tmp_path, scenario(), "no_lift"), states(tmp_path, scenario(COALITION), "no_lift")
    assert alone["alignment"] == 0 and joint["alignment"] < -0.05
    both = scenario(COALITION).replace("quantities:", "  - {id: back, date: 2026-03-01, kind: impose, initiator: TTT, "
                                       "target: AAA}\nquantities:")
    assert states(tmp_path, both, "no_lift")["alignment"] == joint["alignment"]


def test_events_while_a_rule_holds(tmp_path: Path) -> None:
    """An event type with `if` has no intensity otherwise; the statistic of a sender acts on its rate."""
    runs.run(runs.write_scenario(tmp_path, scenario(COALITION)), tmp_path / "out.h5")
    result = Result(tmp_path / "out.h5")
    n = {name: 0 for name in ("relief", "protest", "other")}
    for log in result.logs("no_lift"):
        for event in log:
            if event.kind == "relief":
                assert event.target == "TTT" and event.time >= 59 and event.initiator in ("AAA", "BBB", "CCC", "EEE")
                n["relief"] += event.initiator == "EEE"
            if event.kind == "protest" and event.time >= 59:
                n["protest" if (event.initiator, event.target) == ("TTT", "EEE") else "other"] += 1
    years = result.replicates * (365 - 59) / 365.2425
    for name, rate in (("relief", 2.0), ("protest", 0.1 * math.exp(3))):
        assert abs(n[name] - rate * years) < 5 * math.sqrt(rate * years), (name, n[name], rate * years)
    assert n["other"] < n["protest"] * 4


def test_what_the_program_refuses(tmp_path: Path) -> None:
    ongoing = "ongoing: [{condition: sanctions, tie: WHICH}]\ncalendar:"
    wrong = {
        "sanctions is directed; write its sender and its target":
            scenario().replace("calendar:", ongoing.replace("WHICH", "EEE-TTT")),
        "only a directed condition has senders": scenario(COALITION).replace("directed: true", "directed: false"),
        "a condition on an actor has no sender": scenario().replace("directed: true", "{on: actor, directed: true}")
            .replace("    {on: actor, directed: true}", "    on: actor\n    directed: true"),
        "has a sender, but events of scope dyad":
            scenario().replace("impose: {scope: initiator -> target", "impose: {scope: dyad"),
    }
    for message, text in wrong.items():
        done = runs.entente("check", runs.write_scenario(tmp_path, text))
        assert done.returncode == 65 and message in done.stderr, (message, done.stderr)


def test_shipped_scenarios_leave_sanctions_to_their_senders(tmp_path: Path) -> None:
    """No target lifts its own sanctions, no member of the European Union its own; a settlement leads to relief."""
    (tmp_path / "s.yaml").write_text(
        f"extends: {SCENARIOS / 'ukraine-talks.yaml'}\nkinds: {{peace_talks: {{success: 0.5}}}}\nquantities:\n"
        "  of_union: {condition: sanctions, tie: EU -> RUS, at: 2027-12-31}\n"
        "  of_member: {condition: sanctions, tie: DEU -> RUS, at: 2027-12-31}\n"
        "  of_target: {condition: sanctions, tie: RUS -> DEU, at: 2027-12-31}\n")
    runs.run(tmp_path / "s.yaml", tmp_path / "out.h5", "-n", 60, "-q", "--variant", "no_offer")
    result = Result(tmp_path / "out.h5")
    eased = [(log, e) for log in result.logs("base") for e in log if e.kind == "sanction_eased"]
    assert len(eased) > 20 and {e.cause for _, e in eased} >= {"excited"}
    assert {e.initiator for _, e in eased if e.status == "held"} <= {"USA", "EU", "GBR", "CAN", "JPN", "AUS"}
    assert {log[e.parent].kind for log, e in eased if e.cause == "excited"} == {"settlement"}
    assert (result.quantity("of_union", "base") == result.quantity("of_member", "base")).all()
    assert 0 < result.quantity("of_union", "base").sum() < result.replicates
    assert not result.quantity("of_target", "base").any()


AT_WAR = """
entente: 1
title: One of two targets is at war for the first of ten years
period: {start: 2026-01-01, end: 2036-01-01}
actors: {SSS: {}, WAR: {}, CALM: {}}
ties: {all: true, default: {strength: -0.3, alignment: -0.3, baseline: -0.3}}
conditions: {from: kinds/diplomacy.yaml}
kinds: {from: {file: kinds/diplomacy.yaml, only: [sanction_eased]}}
ongoing:
  - {condition: sanctions, tie: SSS -> WAR}
  - {condition: sanctions, tie: SSS -> CALM}
  - {condition: at_war, actor: WAR}
interventions:
  - {id: peace, at: 2031-01-01, close: [{condition: at_war, actor: WAR}]}
quantities: {eased: {count: sanction_eased}}
"""


def test_sanctions_on_a_state_at_war_are_hardly_lifted(tmp_path: Path) -> None:
    """A seventh of the others' rate while the war lasts, the same afterwards; 5 sd of each count."""
    (tmp_path / "s.yaml").write_text(AT_WAR)
    five, n = 5 * 365.25, 400
    words = ("run", tmp_path / "s.yaml", "-o", tmp_path / "out.h5", "-n", n, "-q")
    done = runs.entente(f"--library={SCENARIOS}", *words)
    assert done.returncode == 0, done.stderr
    when = {name: [] for name in ("WAR", "CALM")}
    for log in Result(tmp_path / "out.h5").logs("base"):
        for event in log:
            when[event.target].append(event.time)
    for name, rates in (("CALM", (0.15, 0.15)), ("WAR", (0.15 * math.exp(-1.9), 0.15))):
        left = 1.0
        for half, rate in enumerate(rates):
            share = left * (1 - math.exp(-5 * rate))  # the strength stays at the reference value
            found = sum((time >= five) == bool(half) for time in when[name])
            assert abs(found - n * share) < 5 * math.sqrt(n * share * (1 - share)), (name, half, found)
            left -= share


def test_no_talks_after_the_war(tmp_path: Path) -> None:
    runs.run(SCENARIOS / "ukraine-talks.yaml", tmp_path / "out.h5", "-n", 40, "-q", "--variant", "war_ends")
    result = Result(tmp_path / "out.h5")
    end = 190  # 1 July 2026
    talks = [[e for log in result.logs(name) for e in log if e.kind == "peace_talks" and e.status == "held"]
             for name in ("base", "war_ends")]
    assert any(e.time > end for e in talks[0]) and not any(e.time > end for e in talks[1])


def test_trace_names_sender_and_target(tmp_path: Path) -> None:
    runs.run(runs.write_scenario(tmp_path, scenario(COALITION)), tmp_path / "out.h5", "-n", 1, "--restart")
    told = runs.entente("trace", tmp_path / "three.yaml").stdout
    assert "EEE -> TTT" in told and "AAA -> TTT" in told
    listed = runs.entente("trace", tmp_path / "three.yaml", "--conditions", "-n", 1).stdout
    assert ",sanctions,EEE -> TTT," in listed and ",sanctions,AAA -> TTT," in listed
