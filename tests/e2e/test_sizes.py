"""Sizes that a user can meet: what is long or many is taken whole, or refused with the number."""

from __future__ import annotations

import json
import re
from pathlib import Path

import h5py
import pytest

import runs

MOST = 80  # bytes of a name


def long(stem: str) -> str:
    """A name as long as a name may be; names of different stems differ at the end alone."""
    return "n" * (MOST - len(stem)) + stem


KIND, OTHER, ATTRIBUTE, SECOND, QUANTITY, VARIANT = map(long, ("k", "o", "a", "b", "q", "v"))
FIRST, NEXT, LAST = (f"A{long(stem)[1:]}" for stem in ("x", "y", "z"))
TEXT = f"""\
entente: 1
title: Long names
period: {{start: 2026-01-01, end: 2027-01-01}}
actors: {{{FIRST}: {{}}, {NEXT}: {{}}, {LAST}: {{}}}}
ties:
  {FIRST}-{NEXT}: {{strength: 0.2, attributes: {{{ATTRIBUTE}: 1, {SECOND}: 2}}}}
  {FIRST}-{LAST}: {{strength: 0.3, attributes: {{{ATTRIBUTE}: 1, {SECOND}: 2}}}}
kinds:
  {KIND}:
    scope: initiator -> target
    rate: {{per_year: 20}}
    effect: {{goldstein: 1}}
    then:
      - kind: {OTHER}
        probability: 0.5
        log_odds: {{tie: [{{coefficient: 1, of: {ATTRIBUTE}}}, {{coefficient: 1, of: {SECOND}}}]}}
        delay: 1 d
  {OTHER}:
    scope: initiator -> target
    effect: {{goldstein: -1}}
calendar:
  - {{date: 2026-03-01, kind: {KIND}, initiator: {FIRST}, target: {NEXT}}}
  - {{id: {long("i")}, date: 2026-03-02, kind: {KIND}, initiator: {FIRST}, target: {LAST}}}
quantities:
  {QUANTITY}: {{strength: {FIRST}-{LAST}, at: 2026-12-31, thresholds: [0.1], label: {"ä" * 400}}}
variants:
  {VARIANT}: {{drop: [{long("i")}]}}
  {long("w")}: {{drop: [{long("i")}]}}
monte_carlo: {{replicates: 4}}
output: {{every: 1 month, events: true, ties: all}}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return runs.write_scenario(tmp_path, TEXT)


def test_the_longest_names(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.h5"
    done = runs.run(scenario, out)
    assert VARIANT in done.stdout and long("w") in done.stdout  # in full: they differ at the end alone
    for command in (("show", out), ("show", scenario)):
        shown = runs.entente(*command).stdout
        assert QUANTITY in shown and VARIANT in shown and "ä" * 400 in shown
    assert f"{KIND}-2026-03-01-{FIRST}-{NEXT}" in runs.entente("show", scenario).stdout
    assert f"{FIRST} -> {LAST}" in runs.entente("trace", scenario).stdout
    with h5py.File(out) as file:
        assert file["quantity"].asstr()[:].tolist() == [QUANTITY, f"{QUANTITY}>0.1"]
        assert file["quantity_label"].asstr()[1] == "ä" * 400 + ": more than 0.1"
    trajectory = f"strength:{LAST}-{FIRST}@2026-12-31"
    compared = runs.entente("compare", out, "--json", QUANTITY, f"{QUANTITY}>0.15", trajectory, f"{trajectory}>0.2")
    assert compared.returncode == 0, compared.stderr
    names = [item["quantity"] for item in json.loads(compared.stdout)[::2]]
    assert names == [QUANTITY, f"{QUANTITY}>0.15", trajectory, f"{trajectory}>0.2"]


def test_paths_that_differ_at_the_end_are_two_parameters(scenario: Path, tmp_path: Path) -> None:
    for tie, value in ((f"{FIRST}-{NEXT}", 0.5), (f"{FIRST}-{LAST}", 0.6)):
        listed = runs.entente("show", scenario, "-p", "--set", f"ties.{tie}.strength={value}").stdout
        assert re.search(rf"ties\.{tie}\.strength +{value} ", listed)
        assert len(re.findall(rf"\.strength +{value} ", listed)) == 1
    paths = [f"kinds.{KIND}.then.{OTHER}.log_odds.tie.{name}.coefficient" for name in (ATTRIBUTE, SECOND)]
    assert len(paths[0]) > 255
    params = [f"--param={path}=0:{most}" for most, path in enumerate(paths, 1)]
    done = runs.entente("sweep", scenario, "-o", tmp_path / "s.h5", *params, "--points", 3, "-n", 1, "-j1")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "s.h5") as file:
        assert file[paths[0]][:].max() <= 1 < file[paths[1]][:].max()
    assert paths[0] in runs.entente("show", tmp_path / "s.h5").stdout
    done = runs.entente("sweep", scenario, "-o", tmp_path / "s.h5", *params, "--points", 6, "-n", 1, "-j1")
    assert done.returncode == 0


@pytest.mark.parametrize("name", [KIND, OTHER, ATTRIBUTE, QUANTITY, VARIANT, FIRST, long("i")])
def test_a_longer_name_is_refused(scenario: Path, name: str) -> None:
    scenario.write_text(TEXT.replace(name, name + "é"))
    done = runs.entente("check", scenario)
    assert done.returncode == 65
    assert f"has {MOST + 2} bytes, more than the limit of {MOST}" in done.stderr


def test_a_path_that_does_not_fit_is_refused(scenario: Path) -> None:
    inner = "x" * 1200
    scenario.write_text(TEXT.replace("monte_carlo:", f"output: {{ {inner}: 1 }}\nmonte_carlo:").replace(
        "output: {every: 1 month, events: true, ties: all}\n", ""))
    done = runs.entente("check", scenario)
    assert done.returncode == 65 and "unknown key" in done.stderr
    scenario.write_text(TEXT.replace("note:", "").replace(f"  {VARIANT}: {{", f"  {VARIANT}: {{set: {{{inner}: 1}}, "))
    done = runs.entente("check", scenario)
    assert done.returncode == 65, done.stdout


def test_messages_end_with_whole_letters(scenario: Path) -> None:
    """A message that has no room is cut behind a letter, and says so."""
    for text in ("é" * 2000, "x" + "é" * 2000, "日" * 2000, "x" + "日" * 2000, "xx" + "日" * 2000):
        done = runs.entente("run", scenario, "-o", f"/nowhere/{text}")
        assert done.returncode == 73 and "�" not in done.stderr
        done = runs.entente("run", scenario, f"--set={text}=1")
        assert done.returncode == 64 and "so long a path" in done.stderr
        scenario.write_text(TEXT.replace("events: true", f'events: "{text}"'))
        done = runs.entente("check", scenario)
        assert done.returncode == 65 and '...": true or false is expected' in done.stderr
        assert "?..." not in done.stderr
        scenario.write_text(TEXT)


def many_kinds(n: int) -> str:
    kinds = "".join(f"  k{k}: {{scope: initiator -> target, rate: {{per_year: 30}}}}\n" for k in range(n))
    return re.sub(r"(?ms)^kinds:.*?^history:.*?^calendar.*?^quantities:.*?^variants:.*?^uncertain:.*?^monte_carlo",
                  f"kinds:\n{kinds}quantities:\n  n: {{count: k0}}\nmonte_carlo", runs.SCENARIO)


def test_forty_targets(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path, many_kinds(40))
    rows = [f"2026-{month:02}-{day:02},AAA,BBB,k{k}\n" for month in range(1, 9) for day in (2, 6, 11, 19, 23)
            for k in range(40)]
    (tmp_path / "e.csv").write_text("date,initiator,target,kind\n" + "".join(rows))
    done = runs.entente("score", scenario, "--events", tmp_path / "e.csv", "--from", "2026-06-01", "-w", 20,
                        "-n", 2, "--every",
                        90, "--json", "-q")
    assert done.returncode == 0, done.stderr
    assert len({item["target"] for item in json.loads(done.stdout)["scored"]}) == 40


def test_many_axes_are_told(tmp_path: Path) -> None:
    """Beyond the dimensions of the Sobol' sequence the points are random, and that is said."""
    scenario = runs.write_scenario(tmp_path, many_kinds(41))
    params = [f"--param=kinds.k{k}.rate.per_year=1:2" for k in range(41)]
    base = ("sweep", scenario, "-o", tmp_path / "o.h5", "--points", 2, "-n", 1, "--dry-run")
    for design, n, told in (("sobol", 41, True), ("sobol", 40, False), ("saltelli", 21, True), ("saltelli", 20, False)):
        done = runs.entente(*base, "--design", design, *params[:n])
        assert done.returncode == 0, done.stderr
        assert ("random draws replace it" in done.stderr) == told, (design, n)


def test_more_parts_than_can_be_numbered(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path)
    base = ("sweep", scenario, "-o", tmp_path / "o.h5", "--param=kinds.call.rate.per_year=1:2",
            "--block=1", "--dry-run")
    done = runs.entente(*base, "--points", 1000000, "-n", 2148)
    assert done.returncode == 64
    assert "2148000000 parts of 1 replicates are more than the limit of 2147483647" in done.stderr
    assert "parts       2147000000 of 1" in runs.entente(*base, "--points", 1000000, "-n", 2147).stdout


def test_ten_thousand_points_are_written_and_read(tmp_path: Path) -> None:
    """Time grows with their number: ten thousand chunks a variable, none of which may cost a look at all others."""
    scenario, out = runs.write_scenario(tmp_path), tmp_path / "out.h5"
    options = ("--points", 10000, "-n", 1, "--param", "kinds.call.rate.per_year=1:5", "-q")
    done = runs.entente("sweep", scenario, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    for command in ("show", "check"):
        done = runs.entente(command, out)
        assert done.returncode == 0, done.stderr


def test_hundreds_of_variants_run_again(tmp_path: Path) -> None:
    """The variants that were chosen, and not all there are."""
    variants = "".join(f"  v{v}: {{drop: [first-call]}}\n" for v in range(310))
    scenario = runs.write_scenario(tmp_path, runs.SCENARIO.replace("variants:\n", "variants:\n" + variants))
    chosen = [f"--variant=v{v}" for v in range(300)]
    runs.run(scenario, tmp_path / "o.h5", "-n", 1, "-j1", "-q", *chosen)
    runs.run(tmp_path / "o.h5", tmp_path / "again.h5", "-j1", "-q")
    with h5py.File(tmp_path / "again.h5") as file:
        assert file["variant"].size == 301
    assert runs.differences(tmp_path / "o.h5", tmp_path / "again.h5") == ""


def test_whatever_is_passed_to_sbatch(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path)
    passed = [f"--comment=c{i}" for i in range(400)]
    done = runs.entente("sweep", scenario, "-o", "o.h5", "--param=kinds.call.rate.per_year=2:8", "--slurm=2",
                        "--dry-run", "--",
                        *passed, cwd=tmp_path)
    assert done.returncode == 0 and " ".join(passed) in done.stdout


def test_consequences_in_full(tmp_path: Path) -> None:
    """The tables of `show` cut nothing."""
    kinds = "".join(f"  consequence{k}: {{scope: initiator -> target}}\n" for k in range(40))
    then = ", ".join(f"{{kind: consequence{k}, probability: 0.01, delay: 1 d}}" for k in range(40))
    many = f"{kinds}  many: {{scope: initiator -> target, then: [{then}]}}\n"
    text = runs.SCENARIO.replace("  deal:\n", f"{many}  deal:\n")
    shown = runs.entente("show", runs.write_scenario(tmp_path, text)).stdout
    assert all(f"consequence{k} 0.01" in shown for k in range(40))
