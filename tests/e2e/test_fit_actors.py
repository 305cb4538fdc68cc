"""`entente fit --actor-effects`: what of each actor is in the data comes back as attributes, drawn jointly."""

from __future__ import annotations

import itertools
import json
import math
import random
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

ACTORS = [f"A{n:02d}" for n in range(12)]
SENDS = {name: 1.2 * math.sin(n) for n, name in enumerate(ACTORS)}
RECEIVES = {name: 0.9 * math.cos(2 * n) for n, name in enumerate(ACTORS)}
SCENARIO = f"""entente: 1
title: Actors differ
period: {{start: 2018-01-01, end: 2019-01-01}}
actors: {{{", ".join(f"{name}: {{}}" for name in ACTORS)}}}
ties: {{all: true}}
kinds:
  call: {{scope: initiator -> target, rate: {{per_year: 4}}}}
  contact: {{scope: dyad, rate: {{per_year: 4}}}}
"""


def events() -> str:
    draw = random.Random(5)
    lines = []
    for a, b in itertools.permutations(ACTORS, 2):
        kinds = {"call": 4 * math.exp(SENDS[a] + RECEIVES[b])}
        if a < b:
            kinds["contact"] = 4 * math.exp(SENDS[a] + SENDS[b])
        for kind, rate in kinds.items():
            time = draw.expovariate(rate)
            while time < 1:
                minute = int(time * 365 * 1440)
                day = np.datetime64("2018-01-01T00:00") + np.timedelta64(minute, "m")
                lines.append(f"{day},{a},{b},{kind}")
                time += draw.expovariate(rate)
    return "date,initiator,target,kind\n" + "\n".join(sorted(lines)) + "\n"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("actors")
    (folder / "s.yaml").write_text(SCENARIO)
    (folder / "e.csv").write_text(events())
    done = runs.entente("fit", "s.yaml", "--events", "e.csv", "--actor-effects", "auto", "-o", "fitted.yaml",
                        "--estimates", "e.json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "sd of initiators' random effects" in done.stdout and "correlation of an actor's two" in done.stdout
    assert "sd of actors' random effects" in done.stdout and "clustered" not in done.stdout
    return folder


def attribute(folder: Path, name: str) -> list[float]:
    shown = runs.entente("show", "fitted.yaml", "--parameters", "--all", cwd=folder).stdout.splitlines()
    values = {line.split()[0]: line.split()[1] for line in shown if f".attributes.{name}" in line}
    return [float(values[f"actors.{actor}.attributes.{name}"]) for actor in ACTORS]


def test_actors_own_effects_come_back(fitted: Path) -> None:
    for name, truth in (("sends_call", SENDS), ("receives_call", RECEIVES), ("own_contact", SENDS)):
        assert np.corrcoef(attribute(fitted, name), list(truth.values()))[0, 1] > 0.97, name


def test_the_estimates_say_which_errors_they_have(fitted: Path) -> None:
    kinds = json.loads((fitted / "e.json").read_text())["kinds"]
    assert {kind["errors"] for kind in kinds} == {"random effects"}
    for kind in kinds:
        rate = kind["parameters"][0]
        assert rate["degrees"] < len(ACTORS) and rate["se"] > 0.1  # twelve actors tell little of the median one


def test_a_run_draws_rate_and_effects_jointly(fitted: Path) -> None:
    assert runs.entente("check", "fitted.yaml", cwd=fitted).returncode == 0
    done = runs.entente("run", "fitted.yaml", "-n", 300, "-o", "fitted.h5", "-q", cwd=fitted)
    assert done.returncode == 0, done.stderr
    with h5py.File(fitted / "fitted.h5") as file:
        names = [name.decode() for name in file["parameter"][()]]
        drawn = dict(zip(names, file["drawn"][()].T, strict=True))
        counts = file["event_count"][0, :, 0]
    rate = np.log(drawn["kinds.call.rate.per_year"])
    sends = np.mean([drawn[f"actors.{actor}.attributes.sends_call"] for actor in ACTORS], axis=0)
    assert np.corrcoef(rate, sends)[0, 1] < -0.5  # data tell the sum, not its parts
    observed = (fitted / "e.csv").read_text().count(",call")
    assert abs(counts.mean() / observed - 1) < 0.1 and counts.std() / observed < 0.1


def test_sizes_that_are_no_sizes(fitted: Path) -> None:
    for text in ("0", "x", "11"):
        done = runs.entente("fit", "s.yaml", "--events", "e.csv", "--actor-effects", text, cwd=fitted)
        assert done.returncode == 64 and "--actor-effects" in done.stderr
