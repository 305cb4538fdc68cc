"""`entente forecast`: as of the start with an empty table it is `run`; it says what `score` says; a wrong day or table
is an error with its place; a finished forecast is repeated from its file, and shares of it merge."""

from __future__ import annotations

import csv
import datetime
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
MIAMI = ROOT / "scenarios/forecasts/2026-g20-miami"
EVENTS = """date,kind,initiator,target,level,value_usd,id
2026-02-03,call,AAA,BBB,leader,,first-call
2026-03-01T09:00,deal,AAA,BBB,,5e9,
2026-03-05,call,BBB,AAA,minister,,
2026-08-01,call,BBB,AAA,leader,,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forecast")
    runs.write_scenario(path)
    (path / "events.csv").write_text(EVENTS)
    (path / "empty.csv").write_text("date,kind,initiator,target\n")
    return path


def forecast(folder: Path, *words: object, events: str = "events.csv") -> subprocess.CompletedProcess[str]:
    return runs.entente("forecast", "three.yaml", f"--events={events}", *map(str, words), cwd=folder)


def equal(one: Path, two: Path) -> None:
    done = subprocess.run(["h5diff", "--exclude-path=/provenance", one, two], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_from_the_start_it_is_a_run(folder: Path) -> None:
    done = forecast(folder, "--as-of", "2026-01-01", "-n", 20, "-q", "-o", "start.h5", events="empty.csv")
    assert done.returncode == 0, done.stderr
    runs.run(folder / "three.yaml", folder / "run.h5", "-n", 20, "-q")
    equal(folder / "start.h5", folder / "run.h5")


def test_it_knows_what_has_happened(folder: Path) -> None:
    done = forecast(folder, "--as-of", "2026-07-01", "-n", 40, "-o", "july.h5")
    assert done.returncode == 0, done.stderr
    assert "1 of the events are entries of the calendar" in done.stderr
    assert "1 rows left out: after the last day used" in done.stderr
    assert "not taken place" in done.stderr
    with h5py.File(folder / "july.h5") as file:
        log, day = file["events"], 181
        time, cause, kind, value = (log[name][()] for name in ("time", "cause", "kind", "value_usd"))
        seen = (time >= 0) & (time < day)
        assert seen.sum() == (3 + 2) * 40 and set(cause[seen]) == {0}  # silence has no first call
        assert np.allclose(value[seen & (kind == 1)], 5e9)
        strength, times = file["strength"][()], file["time"][()]
        before = times < day
        assert np.ptp(strength[0][:, before], axis=0).max() == 0  # one past
        assert np.ptp(strength[0][:, ~before][:, -1], axis=0).min() > 0
        calls = file["quantity_value"][0, :, 1]
        assert calls.min() >= 2  # those that have happened count
        dropped = file["quantity_value"][1, :, 1]
        assert (dropped < calls).any()  # a variant can leave out what happened


def test_a_table_of_some_ties_says_nothing_of_others(folder: Path) -> None:
    done = forecast(folder, "--as-of", "2026-07-01", "--tie", "AAA-BBB", "-n", 40, "-q", "-o", "tie.h5")
    assert done.returncode == 0, done.stderr
    with h5py.File(folder / "tie.h5") as file:
        log = file["events"]
        time, i, j = (log[name][()] for name in ("time", "initiator", "target"))
        early = (time >= 0) & (time < 181)
        of_tie = np.isin(i, (0, 1)) & np.isin(j, (0, 1))
        assert (early & of_tie).sum() == (3 + 2) * 40
        assert (early & ~of_tie).sum() > 100


def test_an_incomplete_end_is_simulated(folder: Path) -> None:
    words = ("--as-of", "2026-07-01", "--complete-until", "2026-02-15", "-n", 40, "-q", "-o", "end.h5")
    assert forecast(folder, *words).returncode == 0
    with h5py.File(folder / "end.h5") as file:
        time, cause = file["events/time"][()], file["events/cause"][()]
        assert not ((time >= 0) & (time < 45) & (cause != 0)).any()
        assert ((time >= 45) & (time < 181) & (cause != 0)).sum() > 100
        assert ((time >= 45) & (time < 181) & (cause == 0)).sum() == 2 * file["events/count"].size


def test_it_is_repeated_from_its_file_and_in_shares(folder: Path) -> None:
    words = ("--as-of", "2026-07-01", "-n", 20, "-q", "--block", 5)
    assert forecast(folder, *words, "-o", "whole.h5").returncode == 0
    again = runs.entente("run", "whole.h5", "-q", "-o", "again.h5", cwd=folder)
    assert again.returncode == 0, again.stderr
    equal(folder / "whole.h5", folder / "again.h5")
    for task in range(2):
        done = forecast(folder, *words, "-o", "parts.h5", "--task", f"{task}/2")
        assert done.returncode == 0, done.stderr
    merged = runs.entente("merge", "parts.h5", "-q", cwd=folder)
    assert merged.returncode == 0, merged.stderr
    equal(folder / "whole.h5", folder / "parts.h5")
    other = forecast(folder, "--as-of", "2026-07-02", "-n", 20, "-q", "--block", 5, "-o", "whole.h5")
    assert other.returncode == 65 and "as_of" in other.stderr


def test_a_dry_run_prints_a_scenario(folder: Path) -> None:
    done = forecast(folder, "--as-of", "2026-07-01", "--dry-run", "--scenario", "out.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (folder / "out.yaml").read_text()
    assert 'id: "first-call"' in done.stdout and "value: 5000000000 USD" in done.stdout
    checked = runs.entente("check", "out.yaml", cwd=folder)
    assert checked.returncode == 0, checked.stderr
    assert "warning" not in checked.stderr


@pytest.mark.parametrize(
    ("words", "table", "code", "message"),
    [
        (["--as-of=2027-01-01"], None, 64, "a day from 2026-01-01 to 2026-12-31 is expected"),
        (["--as-of=2025-12-31"], None, 64, "a day from 2026-01-01 to 2026-12-31 is expected"),
        (["--as-of=July"], None, 64, "--as-of July: a date such as 2018-07-01 is expected"),
        (["--as-of=2026-07-01", "--complete-until=2026-07-02"], None, 64, "--complete-until 2026-07-02"),
        (["--as-of=2026-07-01", "--as-of=2026-08-01"], None, 64, "--as-of is given twice"),
        ([], None, 64, "the day of the forecast is missing"),
        (["--as-of=2026-07-01", "--tie=AAA-DDD"], None, 65, 'no actor is called "DDD"'),
        (["--as-of=2026-07-01", "--kind=cal"], None, 65, "call"),
        (["--as-of=2026-07-01"], "date,kind,initiator,target,id\n2026-02-03,call,AAA,BBB,second\n", 65, '"second"'),
        (["--as-of=2026-07-01"], "date,kind,initiator,target,level\n2026-02-03,call,AAA,BBB,king\n", 65, '"king"'),
        (["--as-of=2026-07-01"], "date,kind,initiator\n2026-02-03,call,AAA\n", 65, "the columns of events are missing"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, words: list[str], table: str | None, code: int, message: str) -> None:
    if table:
        (folder / "bad.csv").write_text(table)
    done = forecast(folder, *words, "-n", 2, "-q", "-o", "bad.h5", events="bad.csv" if table else "events.csv")
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert not (folder / "bad.h5").exists()


def test_an_unknown_actor_is_counted(folder: Path) -> None:
    (folder / "odd.csv").write_text("date,kind,initiator,target\n2026-02-03,call,AAA,XYZ\n2026-02-04,call,AAA,BBB\n")
    done = forecast(folder, "--as-of", "2026-07-01", "--dry-run", events="odd.csv")
    assert done.returncode == 0 and "1 rows left out: actor not in the scenario: XYZ (1)" in done.stderr


def test_score_says_the_same(folder: Path) -> None:
    """The probabilities of `score` for a window are shares of the forecast's replicates."""
    rows = ["date,kind,initiator,target"]
    first = datetime.date(2026, 1, 1)
    for n in range(150):
        pair = ("AAA", "BBB") if n % 3 else ("CCC", "AAA")
        rows.append(f"{first + datetime.timedelta(days=2 * n)},call,{','.join(pair)}")
    (folder / "many.csv").write_text("\n".join(rows) + "\n")
    day = (datetime.date(2026, 7, 1) - first).days
    scenario = runs.SCENARIO.replace("history:\n  - {date: 2025-12-01, kind: call, initiator: AAA, target: BBB}\n", "")
    (folder / "bare.yaml").write_text(scenario)
    scored = runs.entente(
        "score", "bare.yaml", "--events=many.csv", "--from=2026-07-01", "--window=20", "--every=300", "-n", 50, "-q",
        "--target=call", "-o", "scores.csv", cwd=folder,
    )
    assert scored.returncode == 0, scored.stderr
    made = runs.entente(
        "forecast", "bare.yaml", "--events=many.csv", "--as-of=2026-07-01", "-n", 50, "-q", "--variant=base", "-o",
        "same.h5", cwd=folder,
    )
    assert made.returncode == 0, made.stderr
    days: dict[frozenset[str], set[tuple[int, int]]] = defaultdict(set)
    with h5py.File(folder / "same.h5") as file:
        names, log = [name.decode() for name in file["actor"][()]], file["events"]
        kinds = [name.decode() for name in file["kind"][()]]
        for r, (at, n) in enumerate(zip(log["offset"][0], log["count"][0], strict=True)):
            for e in range(at, at + n):
                t = log["time"][e]
                if day <= t < day + 20 and kinds[log["kind"][e]] == "call":
                    days[frozenset((names[log["initiator"][e]], names[log["target"][e]]))].add((r, int(t)))
    with (folder / "scores.csv").open() as file:
        table = list(csv.DictReader(file))
    assert len(table) == 2
    for row in table:
        assert float(row["forecast_days"]) == pytest.approx(len(days[frozenset((row["a"], row["b"]))]) / 50, abs=1e-4)


def test_the_record_of_miami_can_be_scored(tmp_path: Path) -> None:
    (tmp_path / "forecast.csv").write_text((MIAMI / "forecast.csv").read_text())
    outcomes = "quantity,outcome,source\nkaz_at_g20,1,made up\nkaz_calls,2,made up\nuzb_calls,,\n"
    (tmp_path / "outcomes.csv").write_text(outcomes)
    done = subprocess.run([sys.executable, MIAMI / "score.py", tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    chance = next(r for r in csv.DictReader((MIAMI / "forecast.csv").open()) if r["quantity"] == "kaz_at_g20")
    assert f"brier {(1 - float(chance['mean'])) ** 2:.6g}" in done.stdout
    assert "1 probabilities" in done.stdout and "1 values: 1 within" in done.stdout
    (tmp_path / "outcomes.csv").write_text("quantity,outcome,source\nkaz_at_g20,2,made up\n")
    assert subprocess.run([sys.executable, MIAMI / "score.py", tmp_path], capture_output=True).returncode != 0
    empty = list(csv.DictReader((MIAMI / "outcomes.csv").open()))
    named = csv.DictReader((MIAMI / "forecast.csv").open())
    assert {row["quantity"] for row in empty} == {row["quantity"] for row in named}


def test_the_record_of_miami_is_made_by_its_command(tmp_path: Path) -> None:
    """Its scenario is valid; a few replicates of the command give a table with its rows."""
    environment = os.environ | {"PATH": f"{Path(os.environ['ENTENTE']).parent}:{os.environ['PATH']}"}
    script = (MIAMI / "forecast.sh").read_text().replace('-o "$1"', '-q -n 8 -o "$1"')
    command = ["sh", "-c", script, "sh", tmp_path / "m.h5"]
    done = subprocess.run(command, cwd=MIAMI, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    done = subprocess.run([sys.executable, MIAMI / "table.py", tmp_path / "m.h5", tmp_path], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    rows = [[(row["quantity"], row["variant"]) for row in csv.DictReader((folder / "forecast.csv").open())]
            for folder in (tmp_path, MIAMI)]
    assert rows[0] == rows[1]


@pytest.mark.long
def test_the_record_of_miami_is_made_again_from_its_inputs(tmp_path: Path) -> None:
    """With the scenario, library and tables of that day; trade has other last digits since then."""
    environment = os.environ | {"PATH": f"{Path(os.environ['ENTENTE']).parent}:{os.environ['PATH']}"}
    script = (MIAMI / "forecast.sh").read_text().replace("observed.csv", "../2026-g20-miami/observed.csv")
    command = ["sh", "-c", script.replace('-o "$1"', '-q -o "$1"'), "sh", tmp_path / "m.h5"]
    done = subprocess.run(command, cwd=MIAMI.parent / "2026-g20-miami-inputs", env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    done = subprocess.run([sys.executable, MIAMI / "table.py", tmp_path / "m.h5", tmp_path], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    made, recorded = (list(csv.DictReader((folder / "forecast.csv").open())) for folder in (tmp_path, MIAMI))
    assert len(made) == len(recorded) > 100
    for one, other in zip(made, recorded, strict=True):
        for column, value in other.items():
            same = one[column] == value
            assert same or float(one[column]) == pytest.approx(float(value), rel=0.002, abs=1e-4), (other, column)


def test_the_guide_holds(tmp_path: Path) -> None:
    """Its files, written as it has them, pass through its commands one after another."""
    text = (ROOT / "docs/forecasting.md").read_text()
    blocks = re.findall(r"^([^\n]*)\n\n((?:    [^\n]*\n)+)", text, re.M)
    plain = [(above, re.sub(r"(?m)^    ", "", block)) for above, block in blocks]
    commands = 0
    for above, block in plain:
        named = re.search(r"`([a-z]+\.(?:yaml|csv))`:$", above)
        if named:
            (tmp_path / named[1]).write_text(block)
            continue
        if block.startswith("as_of:"):
            head = "entente: 1\ntitle: Later\nextends: talks.yaml\n"
            (tmp_path / "later.yaml").write_text(head + block)
            assert runs.entente("check", "later.yaml", cwd=tmp_path).returncode == 0
            continue
        if "SCENARIO" in block or "OLD.h5" in block:
            continue
        for line in block.splitlines():
            done = runs.entente(*line.split()[1:], cwd=tmp_path)
            assert done.returncode == 0, (line, done.stderr)
            commands += 1
            if "--dry-run" in line:
                assert "the table does not have them: spring\n" in done.stderr
    assert commands == 6
    assert len(list((tmp_path / "talks-by-month").glob("*.h5"))) == 4
    with h5py.File(tmp_path / "july.h5") as file:
        names = [name.decode() for name in file["quantity"][()]]
        guest = file["quantity_value"][:, :, names.index("guest")]
        assert 0.6 < guest[0].mean() < 0.95 and guest[1].max() == 0


MEDIATED = """\
entente: 1
title: Mediation
period: {start: 2026-01-01, end: 2026-12-31}
actors: {AAA: {}, BBB: {}, CCC: {}, DDD: {}}
ties: {all: true, default: {strength: 0.1, alignment: 0.1}}
kinds:
  talks:
    scope: initiator -> target
    then: [{kind: thanks, initiator: mediator, target: initiator, delay: {constant: 200 d}}]
  thanks: {scope: initiator -> target}
calendar: [{id: round, date: 2026-02-01, kind: talks, initiator: AAA, target: BBB, mediator: CCC}]
quantities: {thanks: {count: thanks, initiator: CCC}}
"""


def test_what_a_mediator_may_still_do(tmp_path: Path) -> None:
    """Thanks of somebody else are not the consequence that is outstanding: the mediator's come after the day."""
    (tmp_path / "m.yaml").write_text(MEDIATED)
    (tmp_path / "e.csv").write_text("date,kind,initiator,target,id\n2026-02-01,talks,AAA,BBB,round\n"
                                    "2026-03-01,thanks,DDD,AAA,\n")
    done = runs.entente("forecast", "m.yaml", "--events=e.csv", "--as-of=2026-04-01", "-n", 5, "-q", "-o", "m.h5",
                        cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "m.h5") as file:
        assert (file["quantity_value"][0, :, 0] == 1).all()
