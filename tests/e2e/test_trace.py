"""`entente trace` shows what happens between events, and how events ended."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCENARIOS = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios"
SHIPPED = sorted([*SCENARIOS.glob("*.yaml"), *SCENARIOS.glob("examples/*.yaml")])
SCENARIO = """\
entente: 1
title: Talks
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {}, BBB: {}, CCC: {}}
ties: {all: true}
conditions:
  war: {on: tie, alignment_shift: -0.3}
  truce: {on: tie, alignment_shift: 0.1, duration: 20 d}
  unrest: {on: actor, alignment_shift: -0.1}
kinds:
  talks: {scope: initiator -> target, success: 0.5, effect: {goldstein: 5}, ends: [war], starts: [truce]}
  call: {scope: initiator -> target, effect: {goldstein: 1}}
ongoing: [{condition: war, tie: AAA-BBB, since: 2020-01-01}]
calendar:
  - {id: fails, date: 2026-02-01, kind: talks, initiator: AAA, target: BBB, success: false}
  - {id: wins, date: 2026-03-01, kind: talks, initiator: AAA, target: BBB, success: true}
  - {id: call, date: 2026-04-01, kind: call, initiator: AAA, target: CCC}
interventions:
  - {id: riot, at: 2026-05-01, open: [{condition: unrest, actor: CCC}]}
  - {id: peace, at: 2026-06-01, close: [{condition: unrest, actor: CCC}]}
"""


def trace(path: Path, *options: str) -> list[str]:
    run = subprocess.run([os.environ["ENTENTE"], "trace", path, *options],
                         capture_output=True, text=True, timeout=20, check=True)
    return [" ".join(line.split()) for line in run.stdout.splitlines()[3:]]


def test_trace_shows_changes(tmp_path: Path) -> None:
    path = tmp_path / "talks.yaml"
    path.write_text(SCENARIO)
    assert trace(path) == [
        "2020-01-01 00:00 - war AAA-BBB starts [in force at the start]",
        "2026-02-01 00:00 1 talks AAA -> BBB without success [calendar]",
        "2026-03-01 00:00 2 talks AAA -> BBB +0.025 to 0.020 with success [calendar]",
        "2026-03-01 00:00 - truce AAA-BBB starts [from #2 talks]",
        "2026-03-01 00:00 - war AAA-BBB ends [from #2 talks]",
        "2026-03-21 00:00 - truce AAA-BBB ends",
        "2026-04-01 00:00 3 call AAA -> CCC +0.005 to 0.005 [calendar]",
        "2026-05-01 00:00 - riot acts [intervention]",
        "2026-05-01 00:00 - unrest CCC starts",
        "2026-06-01 00:00 - peace acts [intervention]",
        "2026-06-01 00:00 - unrest CCC ends",
    ]


def test_only_leaves_out_changes_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "talks.yaml"
    path.write_text(SCENARIO)
    shown = "\n".join(trace(path, "--only", "AAA-BBB"))
    assert "truce" in shown
    assert "unrest" not in shown
    assert "unrest" in "\n".join(trace(path, "--only", "CCC"))


@pytest.mark.parametrize("scenario", SHIPPED, ids=lambda path: path.stem)
def test_conditions_of_shipped_scenarios(scenario: Path) -> None:
    """Each place is an actor, a tie or, of a directed condition, a sender and a target."""
    command = [os.environ["ENTENTE"], "trace", "--conditions", "-n", "1", scenario]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for row in done.stdout.splitlines()[1:]:
        condition, place = row.split(",")[1:3]
        assert ("->" in place) == (condition == "sanctions") and place.replace("->", "-").count("-") <= 1, row
