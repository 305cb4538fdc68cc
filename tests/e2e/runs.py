"""What the tests of `entente run` share: a small scenario, the program, and comparing files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import h5py
import pytest

ENTENTE = os.environ.get("ENTENTE", "")

SCENARIO = """\
entente: 1
title: Three states
period: {start: 2026-01-01, end: 2027-01-01}
actors:
  AAA: {label: First, gdp: 1000 bn USD}
  BBB: {label: Second, gdp: 100 bn USD}
  CCC: {label: Third, gdp: 10 bn USD}
groups:
  Trio: {members: [AAA, BBB, CCC]}
ties:
  AAA-BBB: {strength: 0.2, alignment: 0.2, exports: {AAA: 1 bn USD, BBB: 2 bn USD}}
  AAA-CCC: {strength: -0.3, alignment: -0.3}
kinds:
  call:
    scope: initiator -> target
    level: leader
    rate: {per_year: 6, log_effects: {strength: 0.5}}
    effect: {goldstein: 10, lasting: 0.1}
    excited_by: [{kind: call, relation: reversed, branching: 0.3, half_life: 5 d}]
    then: [{kind: deal, probability: 0.5, delay: {exponential: {mean: 20 d}}}]
  deal:
    scope: initiator -> target
    value: {lognormal: {median: 1 bn USD, sigma: 0.5}}
    sectors: {energy: 0.5, mining: 0.5}
history:
  - {date: 2025-12-01, kind: call, initiator: AAA, target: BBB}
calendar:
  - {id: first-call, date: 2026-02-01, kind: call, initiator: AAA, target: BBB}
quantities:
  b_strength: {strength: AAA-BBB, at: 2026-12-31}
  calls: {count: call, tie: AAA-BBB}
  value: {sum: value, kind: deal, tie: AAA-BBB}
  first_deal: {first: deal, tie: AAA-CCC}
variants:
  silence: {drop: [first-call]}
uncertain:
  kinds.call.rate.per_year: {uniform: [4, 8]}
monte_carlo: {replicates: 60, seed: 5} # may change
output:
  every: 1 week
  events: true
  ties: all
  precision: {strength: 0.001, trade: 0.001}
  metrics:
    every: 30 d
    of: [density, mean_strength, weighted_degree, eigenvector, betweenness, clustering, modularity, balance,
         weighted_balance, cohesion]
"""


def write_scenario(folder: Path, text: str = SCENARIO) -> Path:
    path = folder / "three.yaml"
    path.write_text(text)
    return path


def commands() -> tuple[set[str], set[str]]:
    """The program's own commands, and those that it leaves to the Python package."""
    every = set(re.findall(r"^  ([a-z]+) +\S", entente("--help").stdout, re.M))
    of_python = {"figure", "report", "export", "explore"}
    assert of_python < every
    return every - of_python, of_python


def entente(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs the program; never raises on its exit code."""
    command = [ENTENTE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)


def run(scenario: Path, out: Path, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """A run that must end well."""
    done = entente("run", scenario, "-o", out, *arguments, **options)
    assert done.returncode == 0, done.stderr
    return done


def preloaded(folder: Path, name: str) -> dict[str, str]:
    """An environment in which programs have tests/support/NAME.c before the C library."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip(f"no C compiler for {name}.c")
    source, library = Path(__file__).parents[1] / "support" / f"{name}.c", folder / f"{name}.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", library, source, "-ldl"], check=True)
    return {**os.environ, "LD_PRELOAD": str(library)}


def results(path: Path) -> dict[str, object]:
    """All that a file holds outside provenance, to compare what was made of different texts."""
    found: dict[str, object] = {}

    def take(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("provenance"):
            values = item[()]
            found[name] = values.tolist() if item.dtype.hasobject else values.tobytes()

    with h5py.File(path) as file:
        file.visititems(take)
    return found


def differences(a: Path, b: Path, exclude: Sequence[str] = ()) -> str:
    """What h5diff finds between two files outside provenance; empty if nothing."""
    options = [f"--exclude-path={path}" for path in ("/provenance", *exclude)]
    done = subprocess.run(["h5diff", *options, str(a), str(b)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode or done.stdout.strip() else ""
