"""A group decides about an actor: the `target` of an event of a group without `summit`."""

from __future__ import annotations

import math
import os
from pathlib import Path

import runs
from logs import Result

TEXT = """\
entente: 1
title: A decision
period: {start: 2026-01-01, end: 2026-03-01}
actors: {AAA: {}, BBB: {}, CCC: {}, DDD: {}, EEE: {}}
groups: {Club: {members: [AAA, BBB, CCC, DDD]}, Pact: {members: [EEE]}}
ties: {all: true}
conditions: {embargo: {on: tie, alignment_shift: -0.1}, outlaw: {on: actor, alignment_shift: -0.1}}
kinds:
  decision:
    scope: group
    effect: {goldstein: -10, pairs: {host-target: 0.5, member-target: 1, host-member: 0}}
    starts: [{condition: outlaw, who: target}]
    then:
      - {kind: measure, id: chair, initiator: host, target: target}
      - {kind: measure, id: each, initiator: member, target: target}
  measure: {scope: initiator -> target, starts: [embargo]}
  expulsion: {scope: group, leaves: [{who: target}]}
calendar:
  - {id: expulsion, date: 2026-02-10, kind: expulsion, host: AAA, group: Club, target: BBB}
  - {id: later, date: 2026-02-20, kind: decision, host: AAA, group: Club, target: DDD}
  - {id: vote, date: 2026-02-01, kind: decision, host: AAA, group: Club, target: DDD}
quantities:
  measures: {count: measure, target: DDD}
  votes: {count: decision, target: DDD}
  embargo: {condition: embargo, tie: BBB-DDD}
  host: {strength: AAA-DDD, at: 2026-02-02}
  member: {strength: BBB-DDD, at: 2026-02-02}
  others: {strength: BBB-CCC, at: 2026-02-02}
variants:
  outsider: {drop: [vote], add: [{id: other, date: 2026-02-01, kind: decision, host: AAA, group: Club, target: EEE}]}
monte_carlo: {replicates: 3}
output: {ties: all}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "x.yaml"
    path.write_text(text)
    return path


def test_each_member_acts_on_the_target(tmp_path: Path) -> None:
    path, out = written(tmp_path, TEXT), tmp_path / "x.h5"
    checked = runs.entente("check", path)
    assert (checked.returncode, checked.stderr) == (0, "")
    runs.run(path, out, "-q")
    result = Result(out)
    for variant, members in (("base", "AAA AAA BBB CCC CCC"), ("outsider", "AAA AAA BBB CCC CCC DDD")):
        for log in result.logs(variant):  # the member that the group decides about takes no part
            assert sorted(event.initiator for event in log if event.kind == "measure") == members.split()
    base = {name: set(result.quantity(name, "base").tolist()) for name in result.names}
    assert (base["measures"], base["votes"], base["embargo"], base["others"]) == ({5}, {2}, {1}, {0})
    # g is -10 / 100 x 0.5 (official) for a member, half of it for the host; a day later most of it is there
    assert max(base["member"]) < 1.9 * min(base["host"]) < 0
    assert set(result.quantity("votes", "outsider").tolist()) == {1}


def test_the_chronicle_names_the_target(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    assert "AAA -> DDD, Club" in runs.entente("trace", path).stdout


def test_what_does_not_go_with_a_target(tmp_path: Path) -> None:
    bad = TEXT.replace("    scope: group\n", "    scope: group\n    summit: {group: Club}\n")
    assert "a group decides about a target in an event of scope group without `summit`" in \
        runs.entente("check", written(tmp_path, bad)).stderr
    bad = TEXT.replace(", target: DDD}", "}").replace(", target: EEE}]", "}]")
    assert 'events of scope "group" have none unless a calendar entry names one (`target`)' in \
        runs.entente("check", written(tmp_path, bad)).stderr
    warned = runs.entente("check", written(tmp_path, TEXT.replace(", target: EEE}]", "}]")))
    assert warned.returncode == 0
    assert "calendar.other has no target, so that kinds.decision.then.each does not follow" in warned.stderr
    bad = TEXT.replace("Club, target: DDD}", "Club, target: AAA}")
    assert "initiator and target are the same" in runs.entente("check", written(tmp_path, bad)).stderr


def test_guests_who_are_members_and_members_who_are_not(tmp_path: Path) -> None:
    text = TEXT.replace("calendar:\n", """\
  dinner: {scope: group, summit: {group: Club}, then: [{kind: measure, id: toast, initiator: host, target: guest}]}
  exit: {scope: initiator -> target, leaves: [{group: Club}]}
calendar:
  - {id: dinner, date: 2026-01-10, repeat: {every: 1 week, until: 2026-02-20}, kind: dinner, host: AAA,
     guests: [DDD, EEE]}
  - {id: exit, date: 2026-01-20, kind: exit, initiator: EEE, target: AAA}
""")
    said = runs.entente("check", written(tmp_path, text)).stderr
    assert said.count("dinner/1.guests: DDD is a member of Club then unless an event has made it leave") == 1
    assert "dinner/2" not in said and "EEE is a member" not in said  # said once for a series
    assert "calendar.exit: EEE cannot leave Club, of which it is no member" in said
    member = text.replace("[AAA, BBB, CCC, DDD]", "[AAA, BBB, CCC, {actor: DDD, until: 2026-01-05}, EEE]")
    said = runs.entente("check", written(tmp_path, member)).stderr
    assert "guests: DDD" not in said and "cannot leave" not in said and "guests: EEE" in said


def near(share: float, wanted: float, n: int) -> bool:
    """Within five standard errors."""
    return abs(share - wanted) < 5 * math.sqrt(wanted * (1 - wanted) / n)


def test_the_example_of_sanctions(tmp_path: Path) -> None:
    """Who enforces the decision, that all lift what the chair lifts, and what mediation and sanctions do to lifting."""
    scenario = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios" / "examples" / "niger-2023.yaml"
    checked = runs.entente("check", scenario)
    assert (checked.returncode, checked.stderr) == (0, "")
    runs.run(scenario, tmp_path / "out.h5", "-q", "-n", "400")
    result = Result(tmp_path / "out.h5")
    enforcing = dict.fromkeys(("NGA", "BEN", "GHA", "SEN", "CIV", "TGO", "MLI", "BFA", "NER"), 0)
    for log in result.logs("base"):
        imposed = {event.initiator for event in log if event.kind == "sanction_imposed" and event.target == "NER"}
        for name in imposed:
            enforcing[name] += 1
        eased = [event for event in log if event.kind == "sanction_eased" and event.status == "held"]
        if eased:
            assert eased[0].initiator == "NGA" and {event.initiator for event in eased} == imposed
            assert {event.time for event in eased} == {eased[0].time}
    n = result.replicates
    assert enforcing["NGA"] == n and enforcing["NER"] == 0
    assert all(near(enforcing[name] / n, 0.85, n) for name in ("BEN", "GHA", "SEN", "CIV"))
    assert all(enforcing[name] < 0.06 * n for name in ("TGO", "MLI", "BFA"))

    lifted = {variant: result.quantity("lifted", variant) for variant in result.variants}
    assert near(lifted["no_mediation"].mean(), 0.35, n)  # the concession alone
    assert (lifted["base"] >= lifted["no_mediation"]).all()
    assert lifted["base"].mean() > lifted["no_mediation"].mean() + 0.2
    assert (lifted["no_sanctions"] == 1).all()
    trade = {variant: result.quantity("trade", variant) for variant in result.variants}
    assert (trade["no_sanctions"] > trade["base"]).all() and trade["base"].mean() > trade["no_mediation"].mean()
    exits = [event.status for log in result.logs("no_sanctions") for event in log if event.kind == "exit_announced"]
    assert set(exits) == {"cancelled"}

    rounds = [
        [next(event for event in log if event.kind == "talks") for log in result.logs(variant)]
        for variant in ("base", "ghana")
    ]
    same = [a.time == b.time and a.success == b.success for a, b in zip(*rounds, strict=True)]
    assert 0.8 < sum(same) / n < 1  # another mediator, the same random numbers
