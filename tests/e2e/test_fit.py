"""`entente fit`: events in, a fitted scenario out that `check` accepts; what is wrong in the data is told."""

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


def fit(folder, text, *more):
    (folder / "s.yaml").write_text(SCENARIO)
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
