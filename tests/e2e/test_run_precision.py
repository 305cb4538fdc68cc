"""`--precision`: on until an interval is narrow enough, the same for any number of workers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import runs


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = runs.SCENARIO[: runs.SCENARIO.index("output:")] + "output: {trajectories: false, events: false}\n"
    return runs.write_scenario(tmp_path_factory.mktemp("precision"), text)


def half_widths(path: Path, quantity: str) -> list[float]:
    with h5py.File(path) as file:
        q = [name.decode() for name in file["quantity"][()]].index(quantity)
        return list((file["summary/mean_high"][:, q] - file["summary/mean_low"][:, q]) / 2)


def test_the_precision_is_reached(scenario: Path, tmp_path: Path) -> None:
    wanted = ("--precision", "b_strength=0.006", "--precision", "value=0.5 bn USD")
    runs.run(scenario, tmp_path / "one.h5", *wanted, "-j", 1)
    runs.run(scenario, tmp_path / "three.h5", *wanted, "-j", 3)
    assert runs.differences(tmp_path / "one.h5", tmp_path / "three.h5") == ""
    assert max(half_widths(tmp_path / "one.h5", "b_strength")) <= 0.006
    assert max(half_widths(tmp_path / "one.h5", "value")) <= 0.5e9
    with h5py.File(tmp_path / "one.h5") as file:
        n = file["replicate"].size
    # A direct run of as many gives the same, and a fifth fewer would not have been enough.
    runs.run(scenario, tmp_path / "direct.h5", "-n", n)
    assert runs.differences(tmp_path / "one.h5", tmp_path / "direct.h5") == ""
    if n > 200:
        runs.run(scenario, tmp_path / "fewer.h5", "-n", int(n / 1.6))
        fewer = (max(half_widths(tmp_path / "fewer.h5", name)) for name in ("b_strength", "value"))
        assert any(half > most for half, most in zip(fewer, (0.006, 0.5e9), strict=True))
    again = runs.run(scenario, tmp_path / "one.h5", *wanted)
    assert "complete already" in again.stderr


def test_the_precision_of_a_change(scenario: Path, tmp_path: Path) -> None:
    """Only the change by that variant counts; the means may stay wide."""
    out = tmp_path / "out.h5"
    runs.run(scenario, out, "--precision", "b_strength:silence=0.002", "--block", 50)
    with h5py.File(out) as file:
        q = [name.decode() for name in file["quantity"][()]].index("b_strength")
        half = float(file["summary/difference_high"][1, q] - file["summary/difference_low"][1, q]) / 2
        assert half <= 0.002
        n = file["replicate"].size
    runs.run(scenario, tmp_path / "first.h5", "-n", 200, "--block", 50)
    with h5py.File(tmp_path / "first.h5") as file:  # the first check had none, or a wider one
        first = float(file["summary/difference_high"][1, q] - file["summary/difference_low"][1, q]) / 2
        assert (n == 200) == (first <= 0.002)
    assert max(half_widths(out, "b_strength")) > 0.002
    told = runs.entente("run", scenario, "-o", tmp_path / "few.h5", "-n", 450, "--precision", "calls:silence=1e-9")
    assert "half-width of calls (change by silence) is" in told.stderr


def test_a_relative_precision(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    runs.run(scenario, out, "--precision", "calls=4%", "--precision", "calls:silence=40 %")
    with h5py.File(out) as file:
        q = [name.decode() for name in file["quantity"][()]].index("calls")
        change = [float(file[f"summary/difference{end}"][1, q]) for end in ("", "_low", "_high")]
        mean = float(file["summary/mean"][:, q].min())
    assert max(half_widths(out, "calls")) <= 0.04 * mean * 1.2
    assert (change[2] - change[1]) / 2 <= 0.4 * abs(change[0])
    told = runs.entente("run", scenario, "-o", tmp_path / "few.h5", "-n", 50, "--precision", "calls=0.001%")
    assert "(0.001 %) is requested" in told.stderr


def test_narrower_goes_on_from_there(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    runs.run(scenario, out, "--precision", "b_strength=0.02")
    done = json.loads(runs.run(scenario, out, "--precision", "b_strength=0.005", "--json").stdout)
    assert done["reused"] >= 200
    assert max(half_widths(out, "b_strength")) <= 0.005


def test_what_cannot_be_reached_is_told(scenario: Path, tmp_path: Path) -> None:
    done = runs.entente("run", scenario, "-o", tmp_path / "out.h5", "-n", 250, "--precision", "b_strength=1e-9")
    assert done.returncode == 0
    told = r"half-width of b_strength \(\w+\) is 0\.0\d+ after 250 replicates, but 1e-09 is requested; that needs"
    assert re.search(told + r" about \d(\.\d)?e\+\d\d; the limit was 250", done.stderr)
    again = runs.run(scenario, tmp_path / "out.h5", "-n", 250, "--precision", "b_strength=1e-9", "--json", "--restart")
    assert json.loads(again.stdout)["precise"] is False


def test_what_can_never_be_reached_is_refused(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    done = runs.entente("run", scenario, "-o", out, "--precision", "b_strength=1e-9")
    assert done.returncode == 64
    assert "more than the limit of 10000000 without -n" in done.stderr
    assert not out.exists() and list(Path(f"{out}.parts").glob("p*.part"))
    runs.run(scenario, out, "--precision", "b_strength=0.05")  # what was done serves


def damage(part: Path, how: str) -> None:
    if how == "truncated":
        with part.open("r+b") as file:
            file.truncate(3000)
    elif how == "foreign":
        part.write_bytes(Path(__file__).read_bytes())
    else:  # some of its numbers are overwritten
        with part.open("r+b") as file:
            file.seek(part.stat().st_size // 2)
            file.write(bytes(64))


@pytest.mark.parametrize("how", ["truncated", "foreign", "overwritten"])
def test_damaged_parts_are_done_again(scenario: Path, tmp_path: Path, how: str) -> None:
    wanted = ("--precision", "b_strength=0.012", "--block", 50)
    direct = tmp_path / "direct.h5"
    runs.run(scenario, direct, *wanted)
    out = tmp_path / "out.h5"
    assert runs.entente("run", scenario, "-o", out, "--precision", "b_strength=1e-9", "--block", 50).returncode == 64
    kept = sorted(Path(f"{out}.parts").glob("p*.part"))
    assert len(kept) == 4
    for part in kept:
        damage(part, how)
    done = runs.run(scenario, out, *wanted)
    assert done.stderr.count("are simulated again") == 4
    assert runs.differences(direct, out) == ""


def test_a_probability_that_was_not_seen_yet_is_not_precise(tmp_path: Path) -> None:
    """None of the first 200 replicates exceeds the threshold; that alone is no reason to stop."""
    text = runs.SCENARIO[: runs.SCENARIO.index("output:")] + "output: {trajectories: false, events: false}\n"
    text = text.replace("at: 2026-12-31}", "at: 2026-12-31, thresholds: [0.97]}")
    out = tmp_path / "out.h5"
    runs.run(runs.write_scenario(tmp_path, text), out, "--precision", "b_strength>0.97=0.002", "--block", 100)
    with h5py.File(out) as file:
        q = [name.decode() for name in file["quantity"][()]].index("b_strength>0.97")
        assert not file["quantity_value"][0, :200, q].any()
        assert file["replicate"].size > 200
    assert max(half_widths(out, "b_strength>0.97")) <= 0.002


@pytest.mark.parametrize(("wrong", "said"), [
    ("b_strenght=0.1", "did you mean b_strength"), ("b_strength", "is expected"), ("b_strength=-1", "more than 0"),
    ("b_strength=x", "is expected"), ("b_strength=0%", "more than 0"), ("b_strength=5%%", "is expected"),
    ("b_strength:silense=0.1", "did you mean silence"), ("b_strength:base=0.1", "is what changes are from"),
    ("b_strength:=0.1", 'no variant ""'), ("value=much", "50 M USD"),
    ("b_strenght:silence=1", 'no quantity "b_strenght"'),
])
def test_wrong_precisions(scenario: Path, tmp_path: Path, wrong: str, said: str) -> None:
    done = runs.entente("run", scenario, "-o", tmp_path / "out.h5", "--precision", wrong)
    assert done.returncode == 64 and f"--precision {wrong}" in done.stderr and said in done.stderr
    assert not (tmp_path / "out.h5.parts").exists()


def test_one_interval_has_one_width(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    for first, second in (("calls=9", "calls=9%"), ("calls:silence=8", "calls:silence=9")):
        done = runs.entente("run", scenario, "-o", out, "--precision", first, "--precision", second)
        assert done.returncode == 64 and "another width" in done.stderr
    runs.run(scenario, out, "--precision", "calls=9", "--precision", "calls:silence=8")


@pytest.mark.long
def test_coverage(scenario: Path, tmp_path: Path) -> None:
    """Over 200 seeds the interval holds the true mean about 95 % of the time (0.3 % of right rules fail this).

    tests/unit/test_stats_precision.c measures the rule alone, with more seeds.
    """
    truth = tmp_path / "truth.h5"
    runs.run(scenario, truth, "-n", 100000, "-s", 123456)
    with h5py.File(truth) as file:
        mean = float(file["summary/mean"][0, 0])
    covered = 0
    for seed in range(200):
        out = tmp_path / "seed.h5"
        runs.run(scenario, out, "-s", seed, "--precision", "b_strength=0.005", "--restart", "-q")
        with h5py.File(out) as file:
            covered += bool(file["summary/mean_low"][0, 0] <= mean <= file["summary/mean_high"][0, 0])
    print(f"covered {covered} of 200")
    assert covered >= 181


@pytest.mark.long
def test_a_million_replicates_need_little(tmp_path: Path) -> None:
    lean = tmp_path / "lean.yaml"
    minimal = Path(__file__).parents[2] / "scenarios" / "minimal.yaml"
    lean.write_text(minimal.read_text() + "\noutput: {every: 1 week, events: false, trajectories: false}\n")
    out = tmp_path / "million.h5"
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", measure, runs.ENTENTE, "run", str(lean), "-n", "1000000", "-q", "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) < 100 * 1024  # KiB, the largest process
    assert out.stat().st_size < 50e6
