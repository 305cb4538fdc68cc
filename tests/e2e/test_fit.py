"""`entente fit`: events in, a fitted scenario out that `check` accepts; what is wrong in the data is told."""

import datetime
import os
import subprocess
from pathlib import Path

import pytest

ENTENTE = os.environ["ENTENTE"]
ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
MAPPING = ROOT / "scenarios/tables/cameo_kinds.csv"

SCENARIO = """entente: 1
title: Two kinds between three
period: {start: 2018-01-01, end: 2018-12-31}
actors: {AAA: {label: A}, BBB: {label: B}, CCC: {label: C}}
ties: {all: true}
kinds:
  call:
    scope: initiator -> target
    rate: {per_year: 3}
    excited_by: [{kind: call, relation: same, branching: 0.2, half_life: 5 d}]
  statement: {scope: initiator -> target, rate: {per_year: 1}}
uncertain:
  kinds.call.rate.per_year: {lognormal: {median: 3, sigma: 0.5}}
"""


def fit(folder, text, *more, scenario=SCENARIO):
    (folder / "s.yaml").write_text(scenario)
    (folder / "e.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    out = folder / "fitted.yaml"
    command = [ENTENTE, "fit", folder / "s.yaml", "--events", folder / "e.csv", "-o", out, *more]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 or not out.exists()
    assert not list(folder.glob("*.tmp*"))
    return done, out


def rows(n):
    actors = ["AAA", "BBB", "CCC"]
    lines = ["date,initiator,target,kind"]
    for e in range(n):
        day = 1 + (e * e * 7 + e * 3) % 28
        lines.append(f"2018-{1 + e * 6 // n:02d}-{day:02d},{actors[e % 3]},{actors[(e + 1 + e // 3 % 2) % 3]},call")
    return "\n".join(lines) + "\n"


def test_fitted_scenario_is_accepted(tmp_path):
    done, out = fit(tmp_path, rows(60))
    assert done.returncode == 0, done.stderr
    assert "converged" in done.stdout
    check = subprocess.run([ENTENTE, "check", out], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    text = out.read_text()
    assert "kinds.call.rate.per_year" in text and "fitted to e.csv" in text
    assert "sigma: 0.5\n" not in text  # the old prior is gone
    assert fit(tmp_path, rows(60))[1].read_text() == text


@pytest.mark.parametrize(
    "text, status, told",
    [
        ("", 65, "is empty"),
        ("date,initiator,target,kind\n", 65, "no rows"),
        ("date,who,target,kind\n2018-01-01,AAA,BBB,call\n", 65, "e.csv:1: the columns"),
        ("date,initiator,target,kind\n2018-13-01,AAA,BBB,call\n", 65, 'e.csv:2: error: date is "2018-13-01"'),
        ("date,initiator,target,kind\n2018-01-01,AAA,BBB\n", 65, "e.csv:2: error: 3 cells"),
        ("date,initiator,target,kind\n2018-01-01,,BBB,call\n", 65, "the initiator is missing"),
        (b"date,initiator,target,kind\n\0\n", 65, "zero byte"),
        ("date,initiator,target,code\n2018-01-01,AAA,BBB,041\n", 65, "--mapping"),
    ],
)
def test_mistakes_are_located(tmp_path, text, status, told):
    done, _ = fit(tmp_path, text)
    assert done.returncode == status
    assert told in done.stderr


def test_a_branching_at_its_edge_leaves_the_others(tmp_path):
    """Two excitations of one process: the one that is not there goes to 0, the other keeps its estimate."""
    lines = ["date,initiator,target,kind"]
    pairs = ["AAA,BBB", "BBB,CCC", "CCC,AAA", "BBB,AAA", "CCC,BBB", "AAA,CCC"]
    for burst in range(52):  # bursts of three days on each dyad in turn, nothing of a slow kind about them
        for n in range(3):
            date = datetime.date(2018, 1, 1) + datetime.timedelta(days=7 * burst + n)
            lines.append(f"{date},{pairs[burst % 6]},call")
    slow = SCENARIO.replace(
        "half_life: 5 d}]", "half_life: 1 d}, {kind: call, relation: same, branching: 0.2, half_life: 300 d}]"
    )
    done, _ = fit(tmp_path, "\n".join(lines) + "\n", scenario=slow)
    told = [line for line in done.stdout.splitlines() if line.startswith("  by call, same: branching")]
    branchings = [float(line.split()[4]) for line in told]
    assert len(branchings) == 2 and branchings[0] > 0.4 and branchings[1] == 0, done.stdout
    assert "1 excitations have no place" in done.stdout and "converged" in done.stdout


def test_the_code_star_is_every_other_code(tmp_path):
    mapping = tmp_path / "m.csv"
    mapping.write_text("code,kind,dyad\n041,call,directed\n042,,directed\n*,statement,directed\n")
    text = "date,initiator,target,code\n" + "".join(f"2018-03-0{d},AAA,BBB,04{d}\n" for d in range(1, 10))
    done, _ = fit(tmp_path, text, "--mapping", mapping)
    assert "9 rows, 8 events used" in done.stdout and "statement: 7 events" in done.stdout


def test_every_row_left_out_is_counted(tmp_path):
    text = (
        "date,source_iso3,target_iso3,cameo_code\n"
        "2018-03-02,AAA,BBB,041\n2018-03-02,BBB,AAA,041\n2018-03-01,AAA,ZZZ,041\n2018-03-01,AAA,AAA,041\n"
        "2018-03-01,AAA,BBB,043\n2018-03-01,AAA,BBB,042\n2018-03-01,AAA,BBB,999\n2019-03-01,AAA,BBB,041\n"
    )
    done, _ = fit(tmp_path, text, "--mapping", MAPPING)
    assert "8 rows, 1 events used" in done.stdout
    reasons = ["code not mapped", "kind not in", "actor not in", "the same\n", "paired code", "second time", "after"]
    for reason in reasons:
        assert "1 rows left out: " in done.stdout and reason in done.stdout
    assert "1 rows were out of order" in done.stdout
    assert done.returncode == 65 and "no kind could be fitted" in done.stderr
