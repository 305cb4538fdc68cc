"""`entente forecast --every`: a file for each day, as `--as-of` makes it, and a table of all."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import h5py
import pytest

import runs

EVENTS = "date,kind,initiator,target\n2026-02-03,call,AAA,BBB\n2026-04-12,call,BBB,AAA\n"
WORDS = ("--events=events.csv", "--as-of=2026-01-31", "--every=1m", "-n", 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    runs.write_scenario(tmp_path)
    (tmp_path / "events.csv").write_text(EVENTS)
    return tmp_path


def series(folder: Path, *words: object):
    return runs.entente("forecast", "three.yaml", *WORDS, *words, cwd=folder)


def test_each_is_the_forecast_of_its_day(folder: Path) -> None:
    done = series(folder, "-o", "all")
    assert done.returncode == 0, done.stderr
    days = ["2026-01-31", "2026-02-28", "2026-03-31"]  # the next one is after the last event
    assert sorted(path.name for path in (folder / "all").iterdir()) == [*(f"{day}.h5" for day in days), "forecasts.csv"]
    assert max(map(len, done.stdout.splitlines())) <= 80 and done.stdout.count("2026-02-28") == 4
    one = runs.entente("forecast", "three.yaml", "--events=events.csv", "--as-of=2026-02-28", "-n", 20, "-q", "-o",
                       "one.h5", cwd=folder)
    assert one.returncode == 0, one.stderr
    assert not runs.differences(folder / "one.h5", folder / "all/2026-02-28.h5")
    assert runs.differences(folder / "one.h5", folder / "all/2026-03-31.h5")
    with (folder / "all/forecasts.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["as_of"] for row in rows] == [day for day in days for _ in range(8)]
    for row in rows:
        with h5py.File(folder / f"all/{row['as_of']}.h5") as file:
            assert file.attrs["as_of"] == row["as_of"].encode()
            at = tuple([name.decode() for name in file[of][()]].index(row[of]) for of in ("variant", "quantity"))
            assert float(row["mean"]) == pytest.approx(file["summary/mean"][at], rel=1e-8)
            assert float(row["q95"] or "nan") == pytest.approx(file["summary/quantiles"][at][-1], rel=1e-8)


def test_it_goes_on_where_it_stopped(folder: Path) -> None:
    assert series(folder, "-o", "all", "-q").returncode == 0
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "all").glob("*.h5")}
    (folder / "all/2026-02-28.h5").unlink()
    done = series(folder, "-o", "all", "-q", "--last=2026-05-30", "--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    assert [one["as_of"] for one in listed] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert all(len(one["quantities"]) == 8 and one["replicates"] == 20 for one in listed)
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "all").glob("*.h5")}
    assert {name for name in before if before[name] == after[name]} == {"2026-01-31.h5", "2026-03-31.h5"}
    assert (folder / "all/forecasts.csv").read_text().count("2026-04-30") == 8


def test_other_events_are_another_series(folder: Path) -> None:
    """A later row for an earlier day changes the forecasts after it: they are not taken for the former ones."""
    assert series(folder, "-o", "all", "-q").returncode == 0
    (folder / "events.csv").write_text(EVENTS + "2026-02-10,call,AAA,CCC\n")
    done = series(folder, "-o", "all", "-q")
    assert done.returncode == 65 and "2026-02-28.h5" in done.stderr and "calendar" in done.stderr
    assert series(folder, "-o", "all", "-q", "--restart").returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--every=0"], 64, "--every is given twice"),
        (["--last=2026-01-01"], 64, "--last 2026-01-01 is before --as-of 2026-01-31"),
        (["--last=soon"], 64, "--last soon"),
        (["--dry-run"], 64, "--every cannot be combined"),
        (["--complete-until=2026-01-02"], 64, "--every cannot be combined"),
        (["--task=0/2"], 64, "--every makes several files"),
        (["-o", "events.csv"], 73, "events.csv"),
        (["-o", "three.h5/x"], 73, "with --every the output is a folder"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, words: list[str], code: int, message: str) -> None:
    done = series(folder, *words)
    assert done.returncode == code and message in done.stderr, done.stderr


@pytest.mark.parametrize("every", ["0", "-1", "2.5d", "36 h", "soon", ""])
def test_days_are_whole(folder: Path, every: str) -> None:
    done = runs.entente("forecast", "three.yaml", "--events=events.csv", "--as-of=2026-02-01", f"--every={every}",
                        cwd=folder)
    assert done.returncode == 64 and "whole days, weeks, months or years are expected" in done.stderr
    assert not (folder / "three-forecasts").exists()


def test_last_needs_every(folder: Path) -> None:
    done = runs.entente("forecast", "three.yaml", "--events=events.csv", "--as-of=2026-02-01", "--last=2026-03-01",
                        cwd=folder)
    assert done.returncode == 64 and "--last needs --every" in done.stderr
