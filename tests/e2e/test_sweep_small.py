"""Sweeps of one point, one trajectory, few rows; designs that are none.

Numbers that are not known are "-" or null.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

SCENARIO = """\
entente: 1
title: No uncertain parameter
period: {start: 2026-01-01, end: 2026-07-01}
actors: {AAA: {}, BBB: {}, CCC: {}}
ties: {AAA-BBB: {strength: 0.2, alignment: 0.2}, AAA-CCC: {strength: 0.1}, BBB-CCC: {strength: -0.1}}
kinds: {call: {scope: initiator -> target, rate: {per_year: 6}, effect: {goldstein: 1, lasting: 0.1}}}
quantities: {s: {strength: AAA-BBB}, n: {count: call}, late: {first: call, from: 2026-06-30T23:59}}
variants: {more: {set: {kinds.call.effect.goldstein: 2}}}
"""
RATE = "kinds.call.rate.per_year"
BROKEN = re.compile(r"(?i)(?<![a-z_])-?(nan|inf)(?![a-z_])")


def sweep(folder: Path, *options: object) -> subprocess.CompletedProcess[str]:
    return runs.entente("sweep", runs.write_scenario(folder, SCENARIO), "-o", folder / "o.h5", *options)


@pytest.mark.parametrize("design", ["grid", "random", "latin", "sobol", "saltelli", "morris"])
@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--param", f"{RATE}=1:2")])
def test_nothing_is_uncertain(tmp_path: Path, design: str, more: tuple[str, ...]) -> None:
    done = sweep(tmp_path, "--uncertain", "--design", design, "--points", 4, "-n", 2, *more)
    assert done.returncode == 64 and "the scenario has no uncertain parameters" in done.stderr
    assert not list(tmp_path.glob("o.h5*"))


@pytest.mark.parametrize("second", [RATE, "kinds.call.effect.goldstein"])
@pytest.mark.parametrize("first", [RATE, "ties.AAA-BBB.strength"])
def test_a_list_names_each_parameter_once(tmp_path: Path, first: str, second: str) -> None:
    table = tmp_path / "points.csv"
    table.write_text(f"# of two columns\n{first}, {second}\n0.1,0.2\n0.3,0.4\n")
    done = sweep(tmp_path, "--list", table, "-n", 2)
    if first != second:
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 65 and f"points.csv:2: {RATE} is swept twice" in done.stderr
    assert not list(tmp_path.glob("o.h5*"))


def test_a_tie_by_its_other_name_is_the_same_parameter(tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    table.write_text("ties.AAA-BBB.strength,ties.BBB-AAA.strength\n0.1,0.2\n")
    done = sweep(tmp_path, "--list", table)
    assert done.returncode == 65 and "ties.AAA-BBB.strength is swept twice" in done.stderr
    done = sweep(tmp_path, "--param", "ties.AAA-BBB.strength=0:0.1", "--param", "ties.BBB-AAA.strength=0:0.1")
    assert done.returncode == 64 and "ties.AAA-BBB.strength is swept twice" in done.stderr
    text = SCENARIO + (
        "sweep: {design: sobol, parameters: {ties.AAA-BBB.strength: {uniform: [0, 1]}, "
        "ties.BBB-AAA.strength: {uniform: [0, 1]}}}\n"
    )
    done = runs.entente("check", runs.write_scenario(tmp_path, text))
    assert done.returncode == 65 and "ties.BBB-AAA.strength is swept already, under another spelling" in done.stderr


def tables(folder: Path, *options: object) -> tuple[str, list[dict[str, object]]]:
    """What the sweep, `show` and `compare` print, and the sweep's JSON; none of them has a number that is none."""
    done = sweep(folder, *options)
    assert done.returncode == 0, done.stderr
    out = folder / "o.h5"
    shown = [done.stdout, runs.entente("show", out).stdout, *(runs.entente("compare", out, q).stdout for q in "sn")]
    told = sweep(folder, *options, "--json")
    for text in (*shown, told.stdout):
        assert text and not BROKEN.search(text), text
    return done.stdout, json.loads(told.stdout)["sensitivity"]


@pytest.mark.parametrize("replicates", [1, 2, 20])
@pytest.mark.parametrize("design", ["grid", "sobol", "latin"])
def test_one_point_tells_its_mean(tmp_path: Path, design: str, replicates: int) -> None:
    table, rows = tables(tmp_path, "--param", f"{RATE}=3", "--design", design, "--points", 1, "-n", replicates)
    assert "1 point," in sweep(tmp_path, "--param", f"{RATE}=3", "--design", design, "--points", 1, "-n",
                               replicates).stderr
    with h5py.File(tmp_path / "o.h5") as file:
        mean = file["quantity_value"][0, 0, :, 1].mean()
    row = next(row for row in rows if row["quantity"] == "n" and row["variant"] == "base")
    assert row["mean"] == pytest.approx(mean) and row["sd"] is None and row["noise"] is None
    assert (row["within"] is None) == (replicates == 1)
    shown = re.search(r"mean (\S+) events at one point(, within it \+- \S+)?\n", table)
    assert shown and float(shown[1]) == pytest.approx(mean, abs=0.01) and (shown[2] is None) == (replicates == 1), table
    assert "no finite value at any point" in table


def test_the_mean_has_the_error_of_its_replicates(tmp_path: Path) -> None:
    """All points share the replicates: the interval is Student's, over the replicates' means over the points."""
    widths = []
    for options in ((), ("--independent",)):
        table, rows = tables(tmp_path, "--param", f"{RATE}=2.9:3.1", "--design", "latin", "--points", 40, "-n", 5,
                             "--restart", *options)
        with h5py.File(tmp_path / "o.h5") as file:
            values = file["quantity_value"][()][..., 1]  # [point, variant, replicate]
        means = np.array([values[:, 0], values[:, 1] - values[:, 0]]).mean(axis=1)  # [level or change, replicate]
        for row, own in zip((row for row in rows if row["quantity"] == "n"), means, strict=True):
            if not own.any():  # the variant changes nothing
                assert (row["mean_low"], row["mean_high"]) == (None, None)
                continue
            half = 2.7764451 * own.std(ddof=1) / math.sqrt(5)
            assert (row["mean_low"], row["mean_high"]) == (
                pytest.approx(own.mean() - half), pytest.approx(own.mean() + half))
        widths.append(next(row["mean_high"] - row["mean_low"] for row in rows if row["quantity"] == "n"))
        assert re.search(r"mean \S+ \(computed to \S+ \.\. \S+\), between points", table)
        why = runs.entente("compare", tmp_path / "o.h5", "n", "--why")
        assert "over 40 points of 5 replicates" in why.stdout
        assert "the intervals do not hold their chance" in why.stdout
    assert widths[0] > 2 * widths[1]


def test_one_trajectory_tells_its_effect(tmp_path: Path) -> None:
    options = ("--param", f"{RATE}=1:10", "--design", "morris", "-n", 3)
    _, rows = tables(tmp_path, *options, "--points", 1)
    row = next(row for row in rows if row["quantity"] == "n" and row["variant"] == "base")
    effect = row["parameters"][0]
    with h5py.File(tmp_path / "o.h5") as file:
        y, x = file["quantity_value"][:, 0, :, 1].mean(axis=1), file[RATE][()]
    slope = (y[1] - y[0]) / (x[1] - x[0]) * 9
    assert effect["mu"] == pytest.approx(slope) and effect["sigma"] is None
    assert effect["mu_star"] == {"value": pytest.approx(abs(slope)), "low": None, "high": None}
    table, rows = tables(tmp_path, *options, "--points", 4)
    interval = rows[0]["parameters"][0]["mu_star"]
    assert interval["low"] <= interval["value"] <= interval["high"] and " .. " in table


@pytest.mark.parametrize("points", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("design", ["saltelli", "morris", "random"])
def test_few_points_tell_no_number_that_is_none(tmp_path: Path, design: str, points: int) -> None:
    tables(tmp_path, "--param", f"{RATE}=1:10", "--design", design, "--points", points, "-n", 1)
