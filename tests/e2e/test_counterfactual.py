"""What makes a difference a difference, seen through scenario files and result files: pairing, reach, and that
neither order nor anything unrelated counts. `tests/verification/test_structure.c` does the same on random models."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

SCENARIOS = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios"
SHIPPED = "central-asia-2026.yaml"

# `west` starts from AAA and BBB, towards anybody, and spreads to whatever else its initiator does; `east` runs
# among CCC, DDD, EEE and FFF. So an event AAA -> CCC reaches every tie of AAA and of BBB, though CCC is an actor
# of both kinds; ties among CCC .. FFF lie beyond. Entries of one day share actors and ties.
REACH = """\
entente: 1
title: Reach
period: {start: 2026-01-01, end: 2027-03-01}
actors:
  AAA: {gdp: 100 bn USD}
  BBB: {gdp: 90 bn USD}
  CCC: {gdp: 80 bn USD}
  DDD: {gdp: 70 bn USD}
  EEE: {gdp: 60 bn USD}
  FFF: {gdp: 50 bn USD}
ties:
  all: true
  AAA-CCC: {strength: 0.2, alignment: 0.1}
  CCC-DDD: {strength: -0.1, alignment: 0.1}
kinds:
  west:
    scope: initiator -> target
    between: {initiators: [AAA, BBB]}
    rate: {per_year: 4, log_effects: {strength: 3}}
    effect: {goldstein: 7, lasting: 0.1}
    excited_by:
      - {kind: west, relation: same, branching: 0.2, half_life: 7 d}
      - {kind: west, relation: initiator, branching: 0.12, half_life: 7 d}
  east:
    scope: initiator -> target
    between: {initiators: [CCC, DDD, EEE, FFF], targets: [CCC, DDD, EEE, FFF]}
    rate: {per_year: 4, log_effects: {strength: 1}}
    effect: {goldstein: 7, lasting: 0.1}
    excited_by: [{kind: east, relation: initiator, branching: 0.1, half_life: 7 d}]
  letter:
    scope: initiator -> target
    effect: {goldstein: 10, lasting: 0.3}
    reply: {accept: 0.5, delay: 3 d, lapse: 9 d, accepted: letter_back, declined: letter_back, lapsed: letter_back}
  letter_back:
    scope: initiator -> target
    effect: {goldstein: -7}
calendar:
  - {id: gone, date: 2026-02-01, kind: west, initiator: AAA, target: CCC, level: leader}
  - {id: a, date: 2026-02-01, kind: east, initiator: CCC, target: DDD}
  - {id: b, date: 2026-02-01, kind: letter, initiator: CCC, target: DDD}
  - {id: c, date: 2026-02-01, kind: east, initiator: DDD, target: CCC}
  - {id: d, date: 2026-02-01, kind: letter, initiator: DDD, target: CCC}
  - {id: e, date: 2026-02-01, kind: west, initiator: BBB, target: CCC}
  - {id: f, date: 2026-02-01, kind: letter, initiator: BBB, target: CCC}
variants:
  without: {drop: [gone]}
effects: {gain_divisor: 35}
monte_carlo: {replicates: 30, seed: 3}
output: {every: 4 d, events: true, ties: all}
"""


def story(path: Path, variant: int = 0, leave_out: str = "") -> list[list[tuple]]:
    """The log of each replicate by names, to the bit; events of the kind `leave_out` left out."""
    with h5py.File(path) as file:
        events = file["events"]
        kinds = [name.decode() for name in file["kind"]]
        actors = [*(name.decode() for name in file["actor"]), "-"]
        columns = {of: events[of][()] for of in ("time", "kind", "initiator", "target", "level", "status", "cause")}
        floats = ("value_usd", "effect", "strength")
        columns |= {of: events[of][()].view(f"u{events[of].dtype.itemsize}") for of in floats}
        offset, count = events["offset"][variant], events["count"][variant]
        names = {"kind": kinds, "initiator": actors, "target": actors}
        rows = list(zip(*([names[of][i] for i in column] if of in names else column.tolist()
                          for of, column in columns.items()), strict=True))
        return [[row for row in rows[first : first + n] if row[1] != leave_out]
                for first, n in zip(offset, count, strict=True)]


def tie_values(path: Path) -> tuple[list[str], np.ndarray]:
    with h5py.File(path) as file:
        both = np.stack([file["strength"][()], file["alignment"][()]])
        return [name.decode() for name in file["tie"]], both.view(np.uint32)


def test_what_is_beyond_reach_stays_to_the_bit(tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    runs.run(runs.write_scenario(tmp_path, REACH), out)
    names, values = tie_values(out)
    differs = {name: (values[:, 0, ..., n] != values[:, 1, ..., n]) for n, name in enumerate(names)}
    beyond = [name for name in names if "A" not in name and "B" not in name]
    assert len(names) == 15 and len(beyond) == 6
    assert not any(differs[name].any() for name in beyond)
    for name in names:  # all within reach is reached in some replicate
        assert name in beyond or differs[name].any(), name
    for with_it, without in zip(story(out, 0), story(out, 1), strict=True):
        east = [[row for row in log if row[1] == "east"] for log in (with_it, without)]
        assert east[0] == east[1] and len(east[0]) > 10


def test_order_of_the_file_is_none(tmp_path: Path) -> None:
    """Seven entries of one moment, actors and kinds in any order."""
    lines = REACH.splitlines()
    actors = lines[lines.index("actors:") + 1 : lines.index("ties:")]
    entries = lines[lines.index("calendar:") + 1 : lines.index("variants:")]
    kinds: list[str] = []
    for line in lines[lines.index("kinds:") + 1 : lines.index("calendar:")]:
        if line.startswith("   "):
            kinds[-1] += "\n" + line
        else:
            kinds.append(line)
    runs.run(runs.write_scenario(tmp_path, REACH), tmp_path / "first.h5")
    first = story(tmp_path / "first.h5")
    assert sum(map(len, first)) > 1000
    by_id = [("east", "CCC", "DDD"), ("letter", "CCC", "DDD"), ("east", "DDD", "CCC"), ("letter", "DDD", "CCC"),
             ("west", "BBB", "CCC"), ("letter", "BBB", "CCC"), ("west", "AAA", "CCC")]
    for log in first:  # a, b, c, d, e, f, gone
        assert [row[1:4] for row in log if row[0] == 31.0] == by_id
    shuffler = random.Random(1)
    for n in range(6):
        changed = REACH
        for block in (entries, actors, kinds)[: 1 + n // 2]:
            shuffled = shuffler.sample(block, len(block))
            changed = changed.replace("\n".join(block), "\n".join(shuffled))
        assert changed != REACH
        runs.run(runs.write_scenario(tmp_path, changed), tmp_path / f"{n}.h5")
        assert story(tmp_path / f"{n}.h5") == first


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[tuple]]]:
    """A copy of the scenarios, and what the shipped one tells."""
    folder = tmp_path_factory.mktemp("shipped")
    shutil.copytree(SCENARIOS, folder / "scenarios")
    runs.run(folder / "scenarios" / SHIPPED, folder / "first.h5", "-n", 3, "--variant", "base", "-q")
    return folder, story(folder / "first.h5")


def retold(folder: Path, name: str, text: str, leave_out: str = "") -> list[list[tuple]]:
    scenario = folder / "scenarios" / f"{name}.yaml"
    scenario.write_text(text)
    runs.run(scenario, folder / f"{name}.h5", "-n", 3, "--variant", "base", "-q")
    return story(folder / f"{name}.h5", leave_out=leave_out)


def test_shipped_calendar_in_another_order(shipped: tuple[Path, list[list[tuple]]]) -> None:
    folder, first = shipped
    text = (SCENARIOS / SHIPPED).read_text()
    start, end = text.index("calendar:\n") + len("calendar:\n"), text.index("\nquantities:")
    entries = [line for line in text[start:end].splitlines() if line.startswith("  - {id:")]
    assert len(entries) > 10
    assert retold(folder, "reversed", text[:start] + "\n".join(reversed(entries)) + text[end:]) == first


def test_shipped_with_an_unrelated_actor_and_kind(shipped: tuple[Path, list[list[tuple]]]) -> None:
    folder, first = shipped
    text = (SCENARIOS / SHIPPED).read_text()
    table = "actors:\n  from: tables/actors.csv\n"
    actor = text.replace(table, f"{table}  AAB: {{gdp: 1 bn USD}}\n")
    assert actor != text and retold(folder, "actor", actor) == first
    rumour = "kinds:\n  from: kinds/diplomacy.yaml\n  a_rumour: {scope: initiator -> target, rate: {per_year: 0.5}}\n"
    kind = text.replace("kinds:\n  from: kinds/diplomacy.yaml\n", rumour)
    assert kind != text and retold(folder, "kind", kind, leave_out="a_rumour") == first
    assert any(row[1] == "a_rumour" for row in story(folder / "kind.h5")[0])


def test_shipped_change_that_fades(tmp_path: Path) -> None:
    """One call of December 2025 less, uncertain parameters held: after a year the pairs have nearly joined again."""
    out = tmp_path / "out.h5"
    runs.run(SCENARIOS / SHIPPED, out, "--fixed", "--variant", "no_call", "-n", 160, "-q")
    dates = {30: "2026-01-22", 180: "2026-06-21", 365: "2026-12-23"}
    asked = [f"{what}:KAZ-USA@{date}" for what in ("strength", "trade") for date in dates.values()]
    done = runs.entente("compare", out, *asked, "--json")
    assert done.returncode == 0, done.stderr
    found = {row["quantity"]: row for row in json.loads(done.stdout)}
    for name, row in found.items():
        print(name, row["difference"], row["difference_low"], row["difference_high"], row["variance_reduction"])
        if row["difference_low"] is not None:  # else too few pairs decide it
            assert row["difference_low"] < row["difference"] < row["difference_high"]
        assert row["n"] == 160
    month, year = (found[f"strength:KAZ-USA@{dates[day]}"] for day in (30, 365))
    assert abs(year["difference"]) < abs(month["difference"]) / 5  # the call's effect fades
    with h5py.File(out) as file:
        at = int(np.abs(file["time"][()] - 365).argmin())
        tie = list(file["tie"][()]).index(b"KAZ-USA")
        early = int(np.abs(file["time"][()] - 30).argmin())
        gaps = np.subtract(*file["strength"][:, :, early, tie].astype(float))
        values = file["strength"][:, :, at, tie], file["trade"][:, :, at, 2 * tie : 2 * tie + 2].sum(-1)
    assert gaps.mean() - 5 * gaps.std() / len(gaps) ** 0.5 > 0.005  # and is felt after a month
    for base, other in values:
        gap = (other - base).astype(float).var()
        assert base.astype(float).var() + other.astype(float).var() > 10 * gap
