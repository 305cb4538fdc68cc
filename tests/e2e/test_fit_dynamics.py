"""`entente fit --dynamics`: parameters of ties from simulated events; what is written can be run; what is wrong is
told. The recovery of many sets is in tests/unit/long_fit_dynamics.c."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

NAMES = [f"A{letter}" for letter in "ABCDEFG"]
LEVELS = {f"{a}-{b}": round(0.3 * ((3 * i + j) % 5 - 2), 2)
          for i, a in enumerate(NAMES) for j, b in enumerate(NAMES) if i < j}
SCENARIO = f"""\
entente: 1
title: Ties that warm
period: {{start: 2020-01-01, end: 2022-01-01}}
actors: {{{", ".join(f"{name}: {{}}" for name in NAMES)}}}
ties:
  relax: {{strength: 20 d, alignment: 3 y}}
{"".join(f"  {tie}: {{strength: {level}, alignment: {level}}}{chr(10)}" for tie, level in LEVELS.items())}\
effects: {{gain_divisor: 50}}
kinds:
  talk:
    scope: initiator -> target
    rate: {{per_year: 20, log_effects: {{strength: {{coefficient: 1.5, reference: 0}}}}}}
    effect: {{goldstein: 10, lasting: 0.1}}
  quiet:
    scope: initiator -> target
    rate: {{per_year: 2}}
monte_carlo: {{replicates: 1, seed: 3}}
output: {{events: true}}
"""
BOTH = ("--dynamics=effects.gain_divisor", "--dynamics=ties.relax.strength")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dynamics")
    (path / "warm.yaml").write_text(SCENARIO)
    runs.run(path / "warm.yaml", path / "warm.h5", "-q")
    with h5py.File(path / "warm.h5") as file:
        log = file["events"]
        names = {of: [name.decode() for name in file[of][()]] for of in ("kind", "actor")}
        times = np.datetime64("2020-01-01T00:00:00.000") + (log["time"][()] * 86400e3).astype("timedelta64[ms]")
        rows = [
            f"{time},{names['kind'][k]},{names['actor'][i]},{names['actor'][j]}"
            for time, k, i, j in zip(times, log["kind"], log["initiator"], log["target"], strict=True)
        ]
    (path / "events.csv").write_text("\n".join(["date,kind,initiator,target", *rows]) + "\n")
    wrong = SCENARIO.replace("gain_divisor: 50", "gain_divisor: 80").replace("strength: 20 d", "strength: 35 d")
    (path / "start.yaml").write_text(wrong)
    return path


def fit(folder: Path, *words: str, scenario: str = "start.yaml") -> subprocess.CompletedProcess[str]:
    return runs.entente("fit", scenario, "--events=events.csv", *words, cwd=folder)


def test_estimates_are_written_with_their_joint_distribution(folder: Path) -> None:
    done = fit(folder, *BOTH, "-o", "fitted.yaml", "--estimates=estimates.json")
    assert done.returncode == 0, done.stderr
    assert "95 % profile interval" in done.stdout and "strength of talk: coefficient / divisor" in done.stdout
    found = json.loads((folder / "estimates.json").read_text())["dynamics"]
    assert [one["paths"] for one in found] == [["effects.gain_divisor"], ["ties.relax.strength"]]
    for one, truth in zip(found, (50, 20), strict=True):
        low, high = one["interval"]
        assert one["identified"] and low < one["value"] < high
        assert abs(np.log(one["value"] / truth)) < 3 * np.log(high / low) / 3.92
    checked = runs.entente("check", "fitted.yaml", cwd=folder)
    assert checked.returncode == 0 and "warning" not in checked.stderr, checked.stderr
    runs.run(folder / "fitted.yaml", folder / "fitted.h5", "-n", 200, "-q")
    with h5py.File(folder / "fitted.h5") as file:
        names = [name.decode() for name in file["parameter"][()]]
        joint = dict(zip(names, (name.decode() for name in file["parameter_joint"][()]), strict=True))
        drawn = dict(zip(names, file["drawn"][()].T, strict=True))
    coefficient = next(name for name in names if "talk" in name and "strength" in name)
    assert {joint[name] for name in ("effects.gain_divisor", "ties.relax.strength", coefficient)} == {"fitted"}
    for one, name in zip(found, ("effects.gain_divisor", "ties.relax.strength"), strict=True):
        assert np.log(np.median(drawn[name]) / one["value"]) == pytest.approx(0, abs=0.3)
    alike = np.corrcoef(np.log(drawn["effects.gain_divisor"]), np.log(drawn["ties.relax.strength"]))[0, 1]
    assert alike == pytest.approx(found[0]["correlation"][1], abs=0.2)


def test_without_it_a_wrong_divisor_stays(folder: Path) -> None:
    """The twin: at the scenario's own wrong values the likelihood is lower, by more than chance."""
    plain = fit(folder, "--kind=talk")
    both = fit(folder, *BOTH, "--kind=talk")
    values = [float(re.search(r"^talk: .*, log L (\S+)", done.stdout, re.M)[1]) for done in (plain, both)]
    assert values[1] - values[0] > 3


def test_one_value_for_several(folder: Path) -> None:
    """Goldstein's weight of both types; with the start's divisor it would be 16, beyond what is allowed."""
    path = "--dynamics=kinds.talk.effect.goldstein,kinds.quiet.effect.goldstein"
    done = fit(folder, path, "-o", "end.yaml")
    assert done.returncode == 65 and "at the end of its allowed range" in done.stdout, done.stderr
    assert not (folder / "end.yaml").exists()
    (folder / "half.yaml").write_text(SCENARIO.replace("gain_divisor: 50", "gain_divisor: 25"))
    done = fit(folder, path, "-o", "two.yaml", scenario="half.yaml")
    assert done.returncode == 0, done.stderr
    assert "one value for 2 parameters" in done.stdout
    text = (folder / "two.yaml").read_text()
    assert "same_as" in text and runs.entente("check", "two.yaml", cwd=folder).returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--dynamics=effects.gain_diviser"], 64, 'did you mean "effects.gain_divisor"'),
        (["--dynamics=kinds.talk.rate.per_year"], 64, "kinds.KIND.effect.lasting"),
        (["--dynamics=ties.relax.strength", "--dynamics=ties.relax.strength"], 64, "is given twice"),
        (["--dynamics=,"], 64, "the path of a parameter is missing"),
        (["--dynamics=effects.gain_divisor", "--kind=quiet"], 65, "the likelihood does not depend on it"),
        (["--dynamics=effects.level.leader"], 65, "--dynamics effects.level.leader: the likelihood does not depend"),
        (["--dynamics=effects.gain_divisor", "--weekdays"], 64, "--dynamics cannot be combined with --weekdays"),
        (["--dynamics=effects.gain_divisor", "--pool=strength"], 64, "--dynamics cannot be combined with --pool"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, words: list[str], code: int, message: str) -> None:
    done = fit(folder, *words, "-o", "bad.yaml")
    assert done.returncode == code and message in done.stderr, done.stderr
    assert not (folder / "bad.yaml").exists()
