"""The same bits on every processor: runs, sweeps, fits and scores where the C library takes other variants of its
functions, as it does on a processor without fused multiply-add and wide vectors."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import runs

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", "."))
SHIPPED = sorted([*ROOT.glob("scenarios/*.yaml"), *ROOT.glob("scenarios/fitted/icews-2018.yaml")])
DISTRIBUTIONS = runs.SCENARIO.replace(
    "uncertain:\n",
    "uncertain:\n"
    "  kinds.deal.value.lognormal.median: {gamma: {mean: 1 bn USD, shape: 1.4}}\n"
    "  kinds.call.then.deal.probability: {beta: {mean: 0.4, concentration: 5}}\n"
    "  kinds.call.rate.log_effects.strength: {normal: {mean: 0.5, sd: 0.2}}\n",
).replace("delay: {exponential: {mean: 20 d}}", "delay: {gamma: {mean: 20 d, shape: 2}}")
NUMBERS = "import math, random; random.seed(1); print([math.log(random.random()) for _ in range(100000)])"


@pytest.fixture(scope="module")
def older() -> dict[str, str]:
    """An environment in which the C library takes this processor for one of 2010."""
    environment = {**os.environ, "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX,-AVX2,-AVX512F"}
    here, there = (
        subprocess.run([sys.executable, "-c", NUMBERS], capture_output=True, env=env, check=True).stdout
        for env in (None, environment)
    )
    if here == there:
        pytest.skip("this C library computes the same on an older processor, or this is one")
    return environment


def same(scenario: Path, folder: Path, older: dict[str, str], *options: object, command: str = "run") -> None:
    files = [folder / f"{scenario.stem}-{name}.h5" for name in ("here", "there")]
    for file, env in zip(files, (None, older), strict=True):
        done = runs.entente(command, scenario, "-q", "-o", file, *options, env=env)
        assert done.returncode == 0, done.stderr
    assert runs.differences(*files) == ""
    for file in files:
        file.unlink()


@pytest.mark.parametrize("scenario", SHIPPED, ids=lambda path: path.stem)
def test_runs(scenario: Path, tmp_path: Path, older: dict[str, str]) -> None:
    same(scenario, tmp_path, older, "-n", 2 if scenario.stem == "world-2027" else 10)


@pytest.mark.long
@pytest.mark.parametrize("scenario", SHIPPED, ids=lambda path: path.stem)
def test_two_hundred_replicates(scenario: Path, tmp_path: Path, older: dict[str, str]) -> None:
    same(scenario, tmp_path, older, "-n", 20 if scenario.stem == "world-2027" else 200)


def test_all_distributions_and_metrics(tmp_path: Path, older: dict[str, str]) -> None:
    same(runs.write_scenario(tmp_path, DISTRIBUTIONS), tmp_path, older, "-n", 200)


def test_sweeps(tmp_path: Path, older: dict[str, str]) -> None:
    scenario = runs.write_scenario(tmp_path, DISTRIBUTIONS)
    options = ("--uncertain", "--design", "saltelli", "--points", 32, "-n", 2)
    same(scenario, tmp_path, older, *options, command="sweep")


def events(folder: Path) -> Path:
    dice, actors, path = random.Random(7), ("AAA", "BBB", "CCC"), folder / "events.csv"
    with path.open("w") as out:
        print("date,initiator,target,kind", file=out)
        for day in sorted(dice.randrange(720) for _ in range(300)):
            a, b = dice.sample(actors, 2)
            print(f"{2024 + day // 360}-{1 + day % 360 // 30:02d}-{1 + day % 28:02d},{a},{b},call", file=out)
    return path


FITTED = (
    runs.SCENARIO[: runs.SCENARIO.index("history:")]
    .replace("start: 2026-01-01, end: 2027-01-01", "start: 2024-01-01, end: 2026-01-01")
    .replace("    then: [{kind: deal, probability: 0.5, delay: {exponential: {mean: 20 d}}}]\n", "")
)


def outputs(folder: Path, older: dict[str, str], command: str, *options: object) -> list[str]:
    """What a command prints and writes, here and there."""
    told = []
    for name, env in (("here", None), ("there", older)):
        place = folder / name
        place.mkdir()
        written = [str(option).replace("@", f"{place}/") for option in options]
        done = runs.entente(command, *written, env=env, cwd=folder)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout.replace(name, "") + "".join(f.read_text() for f in sorted(place.iterdir())))
    return told


def test_fits(tmp_path: Path, older: dict[str, str]) -> None:
    scenario, table = runs.write_scenario(tmp_path, FITTED), events(tmp_path)
    here, there = outputs(
        tmp_path, older, "fit", scenario, "--events", table, "-o", "@fitted.yaml", "--random-effects", "auto",
        "--weekdays", "--residuals", "@residuals.csv", "--simulate", 200, "--simulated", "@simulated.csv",
    )  # fmt: skip
    assert here == there and "converged" in here


def test_scores(tmp_path: Path, older: dict[str, str]) -> None:
    scenario, table = runs.write_scenario(tmp_path, FITTED), events(tmp_path)
    here, there = outputs(
        tmp_path, older, "score", scenario, "--events", table, "-t", "call", "-w", 30, "--from", "2025-06-01",
        "-n", 50, "--every", 30, "--json",
    )  # fmt: skip
    assert here == there and "log" in here
