"""Numbers are taken as they are or refused, never clamped, wrapped or cut; seconds of a date stay."""

from __future__ import annotations

import json
import re
from pathlib import Path

import h5py
import numpy as np
import pytest

import entente
import runs

RATE = "kinds.call.rate.per_year"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return runs.write_scenario(tmp_path, runs.SCENARIO.replace("replicates: 60", "replicates: 2"))


def with_seed(scenario: Path, seed: str) -> Path:
    path = scenario.with_name("seed.yaml")
    path.write_text(scenario.read_text().replace("seed: 5", f"seed: {seed}"))
    return path


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1, 2**63, 2**64 - 1])
def test_every_seed_there_is(scenario: Path, tmp_path: Path, seed: int) -> None:
    by_option, by_key, again = tmp_path / "option.h5", tmp_path / "key.h5", tmp_path / "again.h5"
    runs.run(scenario, by_option, "-q", "-s", seed)
    runs.run(with_seed(scenario, str(seed)), by_key, "-q")
    runs.run(by_key, again, "-q")
    assert runs.results(by_option) == runs.results(by_key) == runs.results(again)
    for path in (by_option, by_key, again):
        with h5py.File(path) as file:
            assert int(np.ravel(file.attrs["seed"])[0]) == int(np.ravel(file["provenance"].attrs["seed"])[0]) == seed
        assert re.search(rf"seed +{seed}\n", runs.entente("show", path).stdout)
    with entente.open_result(by_key) as result:
        assert result.provenance()["seed"] == seed
    assert f"seed {seed}\n" in runs.entente("show", tmp_path / "seed.yaml").stdout


def test_seeds_differ(scenario: Path, tmp_path: Path) -> None:
    """Neighbours at the ends of the range, and the numbers that they would be wrapped to, are seeds of their own."""
    drawn = []
    for seed in (0, 1, 2**32, 2**63, 2**64 - 2, 2**64 - 1):
        runs.run(scenario, tmp_path / f"{seed}.h5", "-q", "-s", seed)
        with h5py.File(tmp_path / f"{seed}.h5") as file:
            drawn.append(file["drawn"][:].tobytes())
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("seed", ["-1", "18446744073709551616", "1e3", "1.0", "0x10", "99999999999999999999999", "+1",
                                  " 1",
                                  "one", ""])
def test_no_seed(scenario: Path, tmp_path: Path, seed: str) -> None:
    done = runs.entente("run", scenario, "-o", tmp_path / "o.h5", f"--seed={seed}")
    assert done.returncode == 64 and "from 0 to 18446744073709551615" in done.stderr, done.stderr
    checked = runs.entente("check", with_seed(scenario, f'"{seed}"' if seed != "-1" else seed))
    assert checked.returncode == 65 and "from 0 to 18446744073709551615" in checked.stderr, checked.stderr


@pytest.mark.parametrize(("option", "least", "most"), [
    ("replicates", 1, 2**31 - 1), ("workers", 1, 1024), ("block", 1, 100000),
])
def test_options_of_a_run(scenario: Path, tmp_path: Path, option: str, least: int, most: int) -> None:
    for number in (least - 1, most + 1, -1, 2**32 + 1, 2**64 + 1, 2**70):
        done = runs.entente("run", scenario, "-o", tmp_path / "o.h5", f"--{option}={number}")
        assert done.returncode == 64 and f"a whole number from {least} to {most} is expected" in done.stderr


@pytest.mark.parametrize("share", ["-1/2", "2/2", "0/0", "0/-1", "0/4294967297", "4294967296/4294967297", " 0/2",
                                   "0 /2",
                                   "+0/2", "0/2x", "0", "/2", "", "0/2/3", "99999999999999999999/2"])
def test_shares(scenario: Path, tmp_path: Path, share: str) -> None:
    done = runs.entente("run", scenario, "-o", tmp_path / "o.h5", f"--task={share}")
    assert done.returncode == 64 and "I/N is expected" in done.stderr, done.stderr


@pytest.mark.parametrize(("key", "value", "expected"), [
    ("replicates: 2", "replicates: 2147483648", "from 1 to 1000000000"),
    ("replicates: 2", "replicates: 1e400", "from 1 to 1000000000"),
    ("replicates: 2", "replicates: 0", "from 1 to 1000000000"),
    ("replicates: 2", "replicates: 1.5", "from 1 to 1000000000"),
    ("half_life: 5 d", "half_life: 1e400 d", "a duration"),
    ("half_life: 5 d", "half_life: 1e308 y", "a duration"),
    ("probability: 0.5", "probability: 1.5", "a probability from 0 to 1"),
    ("probability: 0.5", "probability: -0.5", "a probability from 0 to 1"),
    ("probability: 0.5", "probability: 50 %", "a probability from 0 to 1"),
    ("per_year: 6", "per_year: -6", "0 or more"),
    ("per_year: 6", "per_year: 1e999", "0 or more"),
    ("gdp: 10 bn USD", "gdp: 1e308 bn USD", "an amount"),
    ("strength: 0.2,", "strength: 1.2,", "from -1 to 1"),
], ids=lambda text: text)
def test_numbers_of_a_scenario(scenario: Path, key: str, value: str, expected: str) -> None:
    text = scenario.read_text()
    assert key in text
    scenario.write_text(text.replace(key, value))
    done = runs.entente("check", scenario)
    assert done.returncode == 65 and expected in done.stderr, done.stderr


def test_a_whole_number_may_have_an_exponent(scenario: Path, tmp_path: Path) -> None:
    scenario.write_text(scenario.read_text().replace("replicates: 2", "replicates: 1e1"))
    runs.run(scenario, tmp_path / "o.h5", "-q")
    with h5py.File(tmp_path / "o.h5") as file:
        assert file["replicate"].size == 10


def test_a_large_seed_in_json(tmp_path: Path) -> None:
    """JSON's numbers end at 2^63 for most readers; a seed beyond is a text, never a negative number."""
    scenario = runs.write_scenario(tmp_path)
    rows = "".join(f"2026-{month:02}-{day:02},AAA,BBB,call\n" for month in range(1, 12) for day in (3, 9, 27))
    (tmp_path / "events.csv").write_text("date,initiator,target,kind\n" + rows)
    for seed, expected in ((7, 7), (2**64 - 1, str(2**64 - 1))):
        done = runs.entente("score", scenario, "--events", tmp_path / "events.csv", "--from", "2026-06-01", "-w", 20,
                            "-n", 2,
                            "--every", 60, "-t", "call", "--json", "-q", "-s", seed)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["seed"] == expected


def test_seconds_stay(tmp_path: Path) -> None:
    """Start, calendar, returns and windows to the second: in the file, in Python, in the tables."""
    scenario = tmp_path / "s.yaml"
    scenario.write_text("""\
entente: 1
title: seconds
period: {start: "2026-01-01T00:00:30", end: "2026-01-04T06:00:05"}
actors: {AAA: {}, BBB: {}}
ties: {AAA-BBB: {strength: 0}}
kinds: {call: {scope: initiator -> target}}
calendar:
  - {id: once, date: "2026-01-01T12:30:45", kind: call, initiator: AAA, target: BBB}
  - {id: daily, date: "2026-01-01T13:00:07", repeat: {every: 1 d, until: 2026-01-04}, kind: call, initiator: AAA,
     target: BBB}
quantities: {n: {count: call}}
monte_carlo: {replicates: 1}
output: {events: true, every: 1 d, ties: all}
""")
    out = tmp_path / "o.h5"
    runs.run(scenario, out, "-q")
    with h5py.File(out) as file:
        assert file.attrs["start"] == b"2026-01-01T00:00:30"
        assert file["time"].attrs["units"] == b"days since 2026-01-01 00:00:30"
        assert abs(file.attrs["start_day"] - (20454 + 30 / 86400)) < 1e-9
    with entente.open_result(out) as result:
        times = [str(time.round("ms")) for time in result.events("base", 0)["time"]]
        assert times == ["2026-01-01 12:30:45", "2026-01-01 13:00:07", "2026-01-02 13:00:07", "2026-01-03 13:00:07"]
    shown = runs.entente("show", scenario).stdout
    assert "2026-01-01T00:00:30 to 2026-01-04T06:00:05" in shown
    assert re.search(r"2026-01-01 12:30:45 +once", shown) and re.search(r"2026-01-02 13:00:07 +daily/2", shown)
    assert "2026-01-01T00:00:30 to 2026-01-04T06:00:05" in runs.entente("show", out).stdout
    assert re.search(r"2026-01-01 12:30 .* AAA -> BBB", runs.entente("trace", scenario).stdout)  # to the minute


def test_returns_by_the_calendar_however_far_apart(tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text("""\
entente: 1
title: far apart
period: {start: 2026-01-01, end: 2300-01-01}
actors: {AAA: {}, BBB: {}}
ties: {AAA-BBB: {strength: 0}}
kinds: {call: {scope: initiator -> target}}
calendar: [{id: rare, date: 2026-01-31, repeat: {every: 1200 months, until: 2299-01-01}, kind: call, initiator: AAA,
            target: BBB}]
quantities: {n: {count: call}}
""")
    shown = runs.entente("show", scenario).stdout
    assert re.findall(r"^ +(\d{4}-\d\d-\d\d) +rare", shown, re.M) == ["2026-01-31", "2126-01-31", "2226-01-31"]
