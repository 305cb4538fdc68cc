"""What a run goes on with: a scenario that says the same, however it is written; never one that says something else."""

from __future__ import annotations

import re
import resource
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

# An attribute whose name ends like a setting that may change.
POINTS = """\
entente: 1
title: An attribute called points
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {attributes: {points: 1}}, BBB: {attributes: {points: 1}}}
ties: {AAA-BBB: {strength: 0}}
kinds:
  call: {scope: initiator -> target, rate: {per_year: 6, log_effects: {initiator: {of: points, coefficient: 1}}}}
quantities: {n: {count: call}}
"""

EXPLOSIVE = """\
entente: 1
title: Events that breed
period: {start: 2026-01-01, end: 2026-07-01}
actors: {AAA: {}, BBB: {}, CCC: {}}
ties: {AAA-BBB: {strength: 0.2}, AAA-CCC: {strength: 0.1}, BBB-CCC: {strength: -0.1}}
kinds:
  call:
    scope: initiator -> target
    rate: {per_year: 6}
    excited_by: [{kind: call, branching: 1.5, half_life: 1 d}]
quantities: {n: {count: call}}
monte_carlo: {event_cap: 300000}
"""


def mean(path: Path) -> float:
    with h5py.File(path) as file:
        return float(file["summary/mean"][0, 0])


@pytest.mark.parametrize("name", ["points", "seed", "replicates"])
def test_an_attribute_may_have_any_name(tmp_path: Path, name: str) -> None:
    text, out = POINTS.replace("points", name), tmp_path / "out.h5"
    scenario = runs.write_scenario(tmp_path, text)
    runs.run(scenario, out, "-n", 50)
    before = mean(out)
    runs.write_scenario(tmp_path, text.replace(f"{name}: 1", f"{name}: 3"))
    for n in (50, 100):
        done = runs.entente("run", scenario, "-o", out, "-n", n)
        assert done.returncode == 65 and "three.yaml has changed: actors)" in done.stderr, done.stderr
    assert mean(out) == before
    runs.run(scenario, out, "-n", 50, "--restart")
    assert mean(out) > 3 * before


def test_other_words_and_the_same_scenario(tmp_path: Path) -> None:
    """One change after another, each of which goes on; the file is that of the last text in the end."""
    out, fresh = tmp_path / "out.h5", tmp_path / "fresh.h5"
    text = runs.SCENARIO
    runs.run(runs.write_scenario(tmp_path, text), out, "-n", 10, "--block", 5)
    changes = [
        ("title: Three states", "title: Three other states # and a comment"),
        ("label: First", "label: 'The first'"),
        ("6, log_effects", "0.6e1, log_effects"),
        ("half_life: 5 d", "half_life: 120 h"),
        ("of: [density, mean_strength,", "of: [mean_strength, density,"),
        ("b_strength: {", "b_strength: {label: A and B, "),
        ("scope: initiator -> target\n    level: leader",
         "note: of leaders\n    level: leader\n    scope: initiator -> target"),
        ("monte_carlo: {replicates: 60, seed: 5} # may change\n", ""),
        ("entente: 1\n", "monte_carlo: {seed: 5, replicates: 7}\nentente: 1\n"),
    ]
    for n, (old, new) in enumerate(changes):
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
        scenario = runs.write_scenario(tmp_path, text)
        if n != 7:  # without the seed it is another run
            runs.run(scenario, out, "-n", 15 + 5 * n, "--block", 5)
    runs.run(scenario, fresh, "-n", 15 + 5 * n, "--block", 5)
    assert runs.differences(out, fresh) == ""
    with h5py.File(out) as file:
        assert file.attrs["title"].decode() == "Three other states"
        assert file["actor_label"][0].decode() == "The first"
        assert file["quantity_label"][0].decode() == "A and B"


def test_what_is_not_simulated_does_not_count(tmp_path: Path) -> None:
    """A variant more, with entries, interventions and a rate of its own, beside those that are asked for."""
    out, fresh, options = tmp_path / "out.h5", tmp_path / "fresh.h5", ("--variant", "silence", "--block", 5)
    runs.run(runs.write_scenario(tmp_path), out, "-n", 5, *options)
    more = (
        "  loud:\n    set: {kinds.deal.rate.per_year: 20, kinds.call.effect.lasting: 0.3}\n"
        "    add: [{id: another, date: 2026-02-01, kind: call, initiator: CCC, target: AAA}]\n"
        "    interventions: [{id: later, at: 2026-03-01, set: {kinds.call.rate.per_year: 50}}]\n"
    )
    text = runs.SCENARIO.replace(
        "  deal:\n    scope: initiator -> target\n",
        "  deal:\n    scope: initiator -> target\n    rate: {per_year: 0}\n"
    )
    scenario = runs.write_scenario(tmp_path, text.replace("uncertain:\n", more + "uncertain:\n"))
    runs.run(scenario, out, "-n", 10, *options)
    runs.run(scenario, fresh, "-n", 10, *options)
    assert runs.differences(out, fresh) == ""
    done = runs.entente("run", scenario, "-o", out, "-n", 10)
    assert done.returncode == 65 and "variants: base silence there, base silence loud here" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("AAA: {label: First, gdp: 1000 bn USD}", "AAA: {label: First, gdp: 1001 bn USD}", "actors"),
        ("members: [AAA, BBB, CCC]", "members: [AAA, BBB]", "groups"),
        ("strength: -0.3", "strength: -0.31", "ties"),
        ("mean: 20 d", "mean: 21 d", "kind call"),
        ("energy: 0.5, mining: 0.5", "mining: 0.5, energy: 0.5", "kind deal, order of sectors"),
        ("date: 2025-12-01", "date: 2025-12-02", "history"),
        ("date: 2026-02-01", "date: 2026-02-02", "calendar"),
        ("calls: {count: call, tie: AAA-BBB}", "calls: {count: call}", "quantities"),
        ("drop: [first-call]", "cancel: [first-call]", "variant silence"),
        ("uniform: [4, 8]", "uniform: [4, 9]", "uncertain"),
        ("events: true", "events: false", "output"),
        ("strength: 0.001, trade", "strength: 0.01, trade", "output"),
        ("start: 2026-01-01", "start: 2026-01-01T12:00", "period"),
        ("seed: 5}", "seed: 5, event_cap: 1000}", "event_cap"),
    ],
)
def test_what_has_changed_is_named(tmp_path: Path, old: str, new: str, what: str) -> None:
    out, text = tmp_path / "out.h5", runs.SCENARIO
    assert text.count(old) == 1, old
    runs.run(runs.write_scenario(tmp_path, text), out, "-n", 2)
    done = runs.entente("run", runs.write_scenario(tmp_path, text.replace(old, new)), "-o", out, "-n", 4)
    assert done.returncode == 65
    told = re.search(r"three\.yaml has changed: ([^;)]*)", done.stderr)
    assert told and set(what.split(", ")[:1]) <= set(told[1].split(", ")), done.stderr
    assert len(told[1].split(", ")) <= 3 or what == "period", told[1]  # with the start all times move


def test_settings_by_their_values(tmp_path: Path) -> None:
    out, scenario = tmp_path / "out.h5", runs.write_scenario(tmp_path)
    path = "ties.AAA-BBB.strength"
    runs.run(scenario, out, "-n", 2, "--set", f"{path}=0.25", "--set", "kinds.call.effect.lasting=0.2")
    same = ("--set", "kinds.call.effect.lasting=2e-1", "--set", "ties.BBB-AAA.strength=0.250")
    assert "complete already" in runs.run(scenario, out, "-n", 2, *same).stderr
    done = runs.entente("run", scenario, "-o", out, "-n", 2, "--set", f"{path}=0.26", *same[:2])
    assert done.returncode == 65 and f"set {path}: 0.25 there, 0.26" in done.stderr


def test_a_file_that_is_run_again_is_the_same_run(tmp_path: Path) -> None:
    out, again = tmp_path / "out.h5", tmp_path / "again.h5"
    runs.run(runs.write_scenario(tmp_path), out, "-n", 6, "--set", "kinds.call.effect.lasting=0.2")
    runs.run(out, again)
    assert runs.differences(out, again) == ""
    done = runs.run(runs.write_scenario(tmp_path), again, "-n", 6, "--set", "kinds.call.effect.lasting=0.2")
    assert "complete already" in done.stderr


def test_shares_of_another_scenario_are_not_merged(tmp_path: Path) -> None:
    out, text = tmp_path / "out.h5", runs.SCENARIO
    scenario = runs.write_scenario(tmp_path, text)
    share = ("run", scenario, "-o", out, "-n", 20, "--block", 5, "--task")
    assert runs.entente(*share, "0/2").returncode == 0
    runs.write_scenario(tmp_path, text.replace("label: First", "label: Other"))
    assert runs.entente(*share, "1/2").returncode == 0
    runs.write_scenario(tmp_path, text.replace("lasting: 0.1", "lasting: 0.2"))
    for command in (("merge", out), (*share, "1/2")):
        done = runs.entente(*command)
        assert done.returncode == 65 and "three.yaml has changed: kind call" in done.stderr, done.stderr
    runs.write_scenario(tmp_path, text)
    assert runs.entente("merge", out).returncode == 0
    direct = tmp_path / "direct.h5"
    runs.run(scenario, direct, "-n", 20, "--block", 5)
    assert runs.differences(out, direct) == ""


def test_a_sweep_of_another_design_or_range(tmp_path: Path) -> None:
    out, scenario = tmp_path / "out.h5", runs.write_scenario(tmp_path)
    rate, lasting = "kinds.call.rate.per_year", "kinds.call.effect.lasting"

    def sweep(*options: object) -> tuple[int, str]:
        done = runs.entente("sweep", scenario, "-o", out, "-n", 2, "-q", *options)
        return done.returncode, done.stderr

    first = ("--param", f"{rate}=2:8", "--design", "sobol", "--points", 4)
    assert sweep(*first)[0] == 0
    assert sweep("--param", f"{rate}=2.0:8e0", "--design", "sobol", "--points", 8) == (0, "")
    others = [
        (("--param", f"{rate}=2:9", *first[2:]), "does not begin with"),
        (("--param", f"{lasting}=0:0.2", *first[2:]), f"swept: {rate} there, {lasting} here"),
        ((*first[:2], "--design", "random", "--points", 8), "design: sobol there, random here"),
        ((*first, "--independent"), "random numbers was not given"),
        ((*first, "--everything"), "stored was not given)"),
    ]
    for options, said in others:
        status, message = sweep(*options)
        assert status == 65 and said in message, message


def test_a_sweep_is_not_run_again_as_a_run(tmp_path: Path) -> None:
    out, again = tmp_path / "out.h5", tmp_path / "again.h5"
    options = ("--param", "kinds.call.rate.per_year=2:8", "--points", 2, "-n", 2)
    assert runs.entente("sweep", runs.write_scenario(tmp_path), "-o", out, *options, "-q").returncode == 0
    done = runs.entente("run", out, "-o", again)
    assert done.returncode == 64 and "it is a sweep" in done.stderr and "--param" in done.stderr
    assert not again.exists()


def test_blocks_follow_what_is_set(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path, POINTS)
    blocks = []
    for name, setting in (("slow", "6"), ("fast", "1e5")):
        out = tmp_path / f"{name}.h5"
        runs.run(scenario, out, "-n", 2, "--set", f"kinds.call.rate.per_year={setting}", "-q")
        with h5py.File(out) as file:
            blocks.append(int(file.attrs["chunk_replicates"]))
    assert blocks[0] == 1000 and blocks[1] < 10


def test_replicates_that_explode_fit_into_memory(tmp_path: Path) -> None:
    """Twelve of them have some 400 MB of events; the file names their state and holds none of the events."""
    scenario, out = runs.write_scenario(tmp_path, EXPLOSIVE), tmp_path / "out.h5"
    done = subprocess.run(
        [runs.ENTENTE, "run", scenario, "-n", "12", "-j", "1", "--block", "12", "-q", "-o", out],
        capture_output=True, text=True, timeout=300, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20)),
    )
    assert done.returncode == 70 and "12 of 12 replicates stopped early" in done.stderr, done.stderr
    with h5py.File(out) as file:
        assert (file["status"][()] == 1).all()
        assert (file["event_count"][()] == 300001).all()  # the one too many
        assert (file["events/count"][()] == 0).all()
        assert np.isnan(file["quantity_value"][()]).all()
