"""`entente score`: forecasts of simulated data by their own law are calibrated and beat the baselines; a wrong rate is
seen; what is wrong in the data or the options is told."""

from __future__ import annotations

import csv
import datetime
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

ENTENTE = os.environ["ENTENTE"]
ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
FITTED = ROOT / "scenarios/fitted"
ICEWS = Path(os.environ.get("ENTENTE_DATA", ROOT / "../shared/data")) / "events/icews_2018_jan_jul.csv"
START = datetime.datetime(2018, 1, 1)

# Fifteen dyads of rates that differ fifty-fold, and calls that trigger calls.
ACTORS = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"]
TIES = "".join(
    f"  {a}-{b}: {{attributes: {{pull: {(5 * i + 3 * j) % 5}}}}}\n"
    for i, a in enumerate(ACTORS)
    for j, b in enumerate(ACTORS)
    if i < j
)
SCENARIO = f"""entente: 1
title: Calls between six
period: {{start: 2018-01-01, end: 2020-12-31}}
actors: {{{", ".join(f"{a}: {{label: {a}}}" for a in ACTORS)}}}
ties:
{TIES}kinds:
  call:
    scope: initiator -> target
    rate: {{per_year: 0.7, log_effects: {{tie: {{of: pull, coefficient: 1, reference: 0}}}}}}
    excited_by: [{{kind: call, relation: reversed, branching: 0.5, half_life: 8 d}}]
  deal:
    scope: dyad
    rate: {{per_year: 2}}
    value: {{lognormal: {{median: 1 bn USD, sigma: 0.5}}}}
  grief: {{scope: actor, rate: {{per_year: 1}}}}
monte_carlo: {{replicates: 1, seed: 7}}
output: {{every: 1 y, events: true}}
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scenario and the events of one replicate of it, three years."""
    folder = tmp_path_factory.mktemp("score")
    (folder / "s.yaml").write_text(SCENARIO)
    subprocess.run([ENTENTE, "run", folder / "s.yaml", "-q", "-o", folder / "s.h5"], check=True)
    with h5py.File(folder / "s.h5") as file, (folder / "e.csv").open("w") as out:
        names = [name.decode() if isinstance(name, bytes) else name for name in file["actor"][()]]
        kinds = [name.decode() if isinstance(name, bytes) else name for name in file["kind"][()]]
        log = file["events"]
        print("date,initiator,target,kind,value_usd", file=out)
        for t, k, i, j, v in zip(
            *(log[c][()] for c in ("time", "kind", "initiator", "target", "value_usd")), strict=True
        ):
            if j >= 0:
                moment = (START + datetime.timedelta(days=float(t))).isoformat(timespec="seconds")
                print(f"{moment},{names[i]},{names[j]},{kinds[k]},{'' if np.isnan(v) else round(float(v))}", file=out)
    return folder


def score(folder: Path, *more: object) -> subprocess.CompletedProcess[str]:
    command = [ENTENTE, "score", folder / "s.yaml", "--events", folder / "e.csv", *map(str, more)]
    return subprocess.run(command, capture_output=True, text=True)


def scored(folder: Path, *more: object) -> list[dict[str, Any]]:
    done = score(folder, "--json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["scored"]


# 700 days of 15 dyads: windows of 10 days that do not overlap are 1050 cells, independent under the true law.
APART = ("--from", "2019-02-01", "--window", 10, "--every", 10, "-n", 150, "--target", "call")
KS_LEVEL = 2.23  # sqrt(n) x distance that a true law goes beyond once in 10,000 times


def test_the_true_law_is_calibrated_and_better(data: Path) -> None:
    (item,) = scored(data, *APART)
    cells = item["forecasts"] * item["dyads"]
    assert cells > 1000
    assert item["pit_distance"] * np.sqrt(cells) < KS_LEVEL
    assert abs(item["share_forecast"] - item["share_seen"]) < 5 * np.sqrt(0.25 / cells)
    for gain in item["gains"]:
        assert gain["gain"] > 0, gain
        if gain["baseline"] in ("climatology", "persistence"):
            assert gain["by_dyad"][0] > 0
    for one in item["reliability"]:
        if one["n"] > 30:
            assert abs(one["forecast"] - one["seen"]) < 5 * np.sqrt(0.25 / one["n"])


def test_a_wrong_rate_is_seen(data: Path) -> None:
    (right,) = scored(data, *APART)
    (wrong,) = scored(data, *APART, "--set", "kinds.call.rate.per_year=1.4")
    assert wrong["pit_distance"] * np.sqrt(wrong["forecasts"] * wrong["dyads"]) > KS_LEVEL
    assert wrong["share_forecast"] > 1.15 * wrong["share_seen"]
    for name in ("log", "brier", "crps_days"):
        assert wrong["scores"][0][name] > right["scores"][0][name]
    assert wrong["scores"][1:] == right["scores"][1:]  # baselines see the data alone


def test_history_matters(data: Path) -> None:
    """Without excitation, that is without a memory of what was observed, the same data score worse."""
    (right,) = scored(data, *APART)
    (deaf,) = scored(
        data, *APART, "--set", "kinds.call.excited_by.call.branching=0", "--set", "kinds.call.rate.per_year=1.4"
    )
    assert abs(deaf["days_forecast"] / deaf["days_seen"] - 1) < 0.15  # as many events, only not when they come
    assert deaf["scores"][0]["log"] > right["scores"][0]["log"] + 0.005


def test_workers_and_output(data: Path, tmp_path: Path) -> None:
    few = ("--from", "2020-11-01", "-w", 7, "--every", 3, "-n", 30, "-t", "any=call,deal", "-t", "deal")
    one = score(data, *few, "-j", 1, "-o", tmp_path / "one.csv")
    two = score(data, *few, "-j", 2, "-o", tmp_path / "two.csv")
    assert one.returncode == 0, one.stderr
    assert one.stdout == two.stdout
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    with (tmp_path / "one.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 18 * 15
    p = np.array([float(row["forecast"]) for row in rows if row["target"] == "any"])
    happened = np.array([int(row["observed_days"]) > 0 for row in rows if row["target"] == "any"])
    any_scores = scored(data, *few)[0]["scores"][0]
    assert np.isclose(np.mean((p - happened) ** 2), any_scores["brier"], atol=1e-6)
    assert np.isclose(np.mean(-np.log(np.where(happened, p, 1 - p))), any_scores["log"], atol=1e-5)
    assert "CRPS, values" in one.stdout and "Better than all four baselines" in one.stdout
    assert not list(tmp_path.glob("*.tmp"))


def test_observed_days_are_those_of_the_data(data: Path, tmp_path: Path) -> None:
    score(data, "--from", "2020-06-01", "-w", 30, "--every", 30, "-n", 2, "-t", "call", "-o", tmp_path / "o.csv")
    days: dict[tuple[str, ...], set[str]] = {}
    with (data / "e.csv").open() as file:
        for row in csv.DictReader(file):
            if row["kind"] == "call":
                pair = tuple(sorted((row["initiator"], row["target"])))
                days.setdefault(pair, set()).add(row["date"][:10])
    with (tmp_path / "o.csv").open() as file:
        for row in csv.DictReader(file):
            first = datetime.date.fromisoformat(row["from"])
            last = first + datetime.timedelta(days=29)
            there = [day for day in days.get((row["a"], row["b"]), ()) if str(first) <= day <= str(last)]
            assert int(row["observed_days"]) == len(there), row


@pytest.mark.parametrize(
    "options, status, told",
    [
        ((), 64, "give --from DATE"),
        (("--from", "2019-13-01"), 64, "--from 2019-13-01: a date"),
        (("--from", "2019-02-01T12:00"), 64, "a date such as"),
        (("--from", "2031-01-01"), 65, "the events range from 2018-01-"),
        (("--from", "2016-01-01"), 65, "the events range from 2018-01-"),
        (("--from", "2018-01-20"), 65, "a window of 7 days needs 37 days of them before this date"),
        (("--from", "2020-12-28"), 65, "7 from it on"),
        (("--from", "2020-12-01", "-w", "60"), 65, "--window 60: "),
        (("--from", "2020-11-01", "-t", "cal"), 64, 'no event type "cal"; did you mean call?'),
        (("--from", "2020-11-01", "-t", "grief"), 64, "is not an event of two actors"),
        (("--from", "2020-11-01", "-w", "0"), 64, "--window is"),
        (("--from", "2020-11-01", "-o", "/no/such/folder/x.csv", "-n", "2", "-w", "7"), 73, "cannot create"),
    ],
)
def test_mistakes_are_told(data: Path, options: tuple[str, ...], status: int, told: str) -> None:
    done = score(data, *options)
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert done.stdout == ""


def test_rows_that_cannot_be_read(data: Path, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SCENARIO)
    good = (data / "e.csv").read_text()
    (tmp_path / "e.csv").write_text(good + "2020-12-32,AAA,BBB,call,\n2020-12-30,AAA,BBB,call\n")
    done = score(tmp_path, "--from", "2020-11-01", "-o", tmp_path / "o.csv")
    lines = good.count("\n")
    assert done.returncode == 65
    assert f'e.csv:{lines + 1}: error: date is "2020-12-32"' in done.stderr
    assert f"e.csv:{lines + 2}: error: 4 cells" in done.stderr
    (tmp_path / "e.csv").write_text("date,initiator,target,kind\n2020-01-01,XXX,YYY,call\n")
    done = score(tmp_path, "--from", "2020-11-01", "-o", tmp_path / "o.csv")
    assert done.returncode == 65 and "none of the 1 rows is an event of this scenario" in done.stderr
    assert not list(tmp_path.glob("o.csv*"))


# As scenarios/fitted/README.md has it.
HOW = ["--random-effects", "auto", "--correlated-random-effects", "--left-truncated"]


@pytest.mark.parametrize("name", ["relations.yaml", "icews-2018.yaml"])
def test_the_fitted_scenario_is_accepted(name: str) -> None:
    done = subprocess.run([ENTENTE, "check", FITTED / name], capture_output=True, text=True)
    assert done.returncode == 0 and "ok:" in done.stdout, done.stdout + done.stderr


@pytest.mark.skipif(not ICEWS.exists(), reason=f"{ICEWS} is not there ($ENTENTE_DATA names the data folder)")
def test_the_fitted_scenario_is_what_its_command_gives(tmp_path: Path) -> None:
    command = [ENTENTE, "fit", FITTED / "relations.yaml", "--events", ICEWS, "--mapping", FITTED / "cameo_kinds.csv"]
    subprocess.run([*command, *HOW, "-o", tmp_path / "again.yaml"], check=True, capture_output=True)
    number = r"(?:per_year|coefficient|branching|sigma|sd|mean): \"?(-?[0-9.e-]+)"
    files = [tmp_path / "again.yaml", FITTED / "icews-2018.yaml"]
    numbers = [np.array(re.findall(number, path.read_text()), float) for path in files]
    assert len(numbers[0]) > 100
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-3, atol=1e-5)


@pytest.mark.long
@pytest.mark.skipif(not ICEWS.exists(), reason=f"{ICEWS} is not there ($ENTENTE_DATA names the data folder)")
def test_july_2018(tmp_path: Path) -> None:
    """What docs/scoring.md says holds of a small run too: far better than climatology and persistence, and on weeks
    better than counts where that is clear."""
    source = ["--events", ICEWS, "--mapping", FITTED / "cameo_kinds.csv"]
    june, first = tmp_path / "june.yaml", "2018-07-01"
    command = [ENTENTE, "fit", FITTED / "relations.yaml", *source, "--until", first, *HOW, "-o", june]
    subprocess.run(command, check=True, capture_output=True)
    command = [ENTENTE, "score", june, *source, "--from", first, "--every", "6", "-n", "200", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    for item in json.loads(done.stdout)["scored"]:
        assert [one["name"] for one in item["scores"]][1:3] == ["climatology", "persistence"]
        for gain in item["gains"]:
            if gain["baseline"] in ("climatology", "persistence") and gain["score"] == "log":
                assert gain["by_dyad"][0] > 0, (item["target"], gain)
