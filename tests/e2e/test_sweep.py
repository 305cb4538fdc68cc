"""Sweeps: the same file however the work is shared out, resumed or grown; what is missing or foreign is named."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

import runs

SMALL = re.sub(r"(?ms)^output:.*", "output: {every: 1 month, events: true}\n", runs.SCENARIO)
RATE, LASTING = "kinds.call.rate.per_year", "kinds.call.effect.lasting"
DESIGN = ("--everything", "-n", 10, "--block", 5, "--design", "saltelli", "--points", 6, "--param", f"{RATE}=2:8:log")
OPTIONS = (*DESIGN, "--param", f"{LASTING}=0:0.3")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def scenario(folder: Path) -> Path:
    return runs.write_scenario(folder, SMALL)


def sweep(scenario: Path, out: Path, *options: object, **more: object) -> subprocess.CompletedProcess[str]:
    return runs.entente("sweep", scenario, "-o", out, *(options or OPTIONS), **more)


@pytest.fixture(scope="module")
def whole(folder: Path, scenario: Path) -> Path:
    path = folder / "whole.h5"
    done = sweep(scenario, path, *OPTIONS, "-j", 2)
    assert done.returncode == 0, done.stderr
    assert "total" in done.stdout and RATE in done.stdout and "replicate noise" in done.stdout
    return path


def shares(scenario: Path, out: Path, n: int, which: list[int]) -> None:
    for task in which:
        done = sweep(scenario, out, *OPTIONS, "-j", 1, "--task", f"{task}/{n}")
        assert done.returncode == 0, done.stderr
        assert not out.exists()


def test_shares_in_reverse_order(folder: Path, scenario: Path, whole: Path) -> None:
    out = folder / "reverse.h5"
    shares(scenario, out, 5, [4, 3, 2, 1, 0])
    done = runs.entente("merge", out)
    assert done.returncode == 0, done.stderr
    assert runs.differences(whole, out) == ""
    assert not Path(f"{out}.parts").exists()
    assert runs.entente("merge", out).returncode == 0  # complete already


def test_missing_damaged_and_foreign_parts_are_named(folder: Path, scenario: Path, whole: Path) -> None:
    out = folder / "holes.h5"
    shares(scenario, out, 3, [0, 2])
    done = runs.entente("merge", out)
    assert done.returncode == 65 and "16 of 48 parts are missing" in done.stderr, done.stderr
    assert re.search(r"holes\.h5\.parts/p\d+-r\d+-\d+-\w+\.part", done.stderr)
    shares(scenario, out, 3, [1])
    parts = sorted(Path(f"{out}.parts").glob("p*.part"))
    good = parts[7].read_bytes()
    parts[7].write_bytes(good[: len(good) // 2])
    done = runs.entente("merge", out)
    assert done.returncode == 65 and parts[7].name in done.stderr and "damaged" in done.stderr
    parts[7].write_bytes(parts[9].read_bytes())
    done = runs.entente("merge", out)
    assert done.returncode == 65 and parts[7].name in done.stderr and "another run" in done.stderr
    assert not out.exists() and not Path(f"{out}.tmp").exists()
    parts[7].write_bytes(good)
    assert runs.entente("merge", out).returncode == 0
    assert runs.differences(whole, out) == ""


def test_many_small_points_are_few_files(tmp_path: Path, scenario: Path) -> None:
    """Shared out, killed, done again, grown by points and by replicates: the file is the one made at once."""
    options = ("--everything", "--block", 20, "--design", "sobol", "--param", f"{LASTING}=0:0.3", "-q")
    direct, out = tmp_path / "direct.h5", tmp_path / "packed.h5"
    assert sweep(scenario, direct, *options, "--points", 64, "-n", 2, "-j", 1).returncode == 0
    for task in (1, 0):
        assert sweep(scenario, out, *options, "--points", 64, "-n", 2, "--task", f"{task}/2").returncode == 0
    parts = sorted(Path(f"{out}.parts").glob("p*.part"))
    assert len(parts) == 7  # of ten points each, the last one of four
    parts[2].unlink()
    parts[3].write_bytes(parts[4].read_bytes())
    done = runs.entente("merge", out)
    assert done.returncode == 65 and "1 of 7 parts are missing" in done.stderr and parts[2].name in done.stderr
    assert sweep(scenario, out, *options, "--points", 64, "-n", 2, "--task", "0/1").returncode == 0
    assert runs.entente("merge", out).returncode == 65
    assert sweep(scenario, out, *options, "--points", 64, "-n", 2).returncode == 0
    assert runs.differences(direct, out) == ""

    grown = tmp_path / "grown.h5"
    assert sweep(scenario, grown, *options, "--points", 23, "-n", 2).returncode == 0
    done = sweep(scenario, grown, *options[:-1], "--points", 64, "-n", 2, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["reused"] == 46, done.stderr
    assert runs.differences(direct, grown) == ""
    assert sweep(scenario, grown, *options, "--points", 64, "-n", 20).returncode == 0
    assert sweep(scenario, direct, *options, "--points", 64, "-n", 20, "--restart").returncode == 0
    assert runs.differences(direct, grown) == ""


@pytest.mark.long
def test_a_thousand_tasks(folder: Path, scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What 1,000 tasks leave is merged, in a time that is told; of one that is missing, cut or foreign, the name."""
    out, tasks = folder / "thousand.h5", 1000
    options = ("-n", 20, "--block", 10, "--design", "sobol", "--points", tasks, *OPTIONS[-4:])
    for task in range(tasks):
        done = sweep(scenario, out, *options, "-q", "-j", 1, "--task", f"{task}/{tasks}")
        assert done.returncode == 0, done.stderr
    parts = sorted(Path(f"{out}.parts").glob("p*.part"))
    assert len(parts) == 2 * tasks
    good = parts[777].read_bytes()
    for bad, complaint in ((None, "missing"), (good[:-5000], "damaged"), (parts[3].read_bytes(), "another run")):
        parts[777].unlink()
        if bad is not None:
            parts[777].write_bytes(bad)
        done = runs.entente("merge", out)
        assert done.returncode == 65 and parts[777].name in done.stderr and complaint in done.stderr, done.stderr
        assert not out.exists() and not Path(f"{out}.tmp").exists()
        parts[777].write_bytes(good)
    start, cpu = time.monotonic(), os.times()
    done = runs.entente("merge", out, "-q")
    assert done.returncode == 0, done.stderr
    seconds, used = time.monotonic() - start, os.times()
    own = used.children_user + used.children_system - cpu.children_user - cpu.children_system
    with capsys.disabled():
        print(f"\n{tasks} tasks' {len(parts)} parts merged in {seconds:.1f} s, {own:.1f} s of them the processor's")
    with h5py.File(out) as file:
        assert file["quantity_value"].shape[0] == tasks and not np.isnan(file["event_count"][()]).any()


def test_the_command_itself_does_what_is_missing(folder: Path, scenario: Path, whole: Path) -> None:
    out = folder / "resumed.h5"
    shares(scenario, out, 4, [3])
    done = sweep(scenario, out)
    assert done.returncode == 0 and "60 of 240 replicates exist already" in done.stderr, done.stderr
    assert runs.differences(whole, out) == ""
    assert "complete already" in sweep(scenario, out).stderr


def test_growth_reuses_what_is_there(folder: Path, scenario: Path) -> None:
    grown, fresh = folder / "grown.h5", folder / "fresh.h5"
    assert sweep(scenario, grown).returncode == 0
    larger = [*OPTIONS[:2], 15, *OPTIONS[3:8], 8, *OPTIONS[9:]]
    done = sweep(scenario, grown, *larger)
    assert done.returncode == 0 and "240 of 480 replicates exist already" in done.stderr, done.stderr
    assert sweep(scenario, fresh, *larger).returncode == 0
    assert runs.differences(fresh, grown) == ""
    other = sweep(scenario, grown, *DESIGN, "--param", f"{LASTING}=0:0.4")
    assert other.returncode == 65 and "does not begin with" in other.stderr


def test_points_are_runs(folder: Path, scenario: Path, whole: Path) -> None:
    """A point is the run with its values set: common random numbers, and nothing else differs."""
    out = folder / "one.h5"
    with xr.open_dataset(whole) as data:
        values = {name: float(data[name][7]) for name in (RATE, LASTING)}
        assert data[RATE].dims == ("point",) and RATE in data.coords and data.sizes["point"] == 24
        swept = data["quantity_value"][7].values
    settings = [f"--set={name}={value!r}" for name, value in values.items()]
    runs.run(scenario, out, "-n", 10, *settings)
    with h5py.File(out) as file:
        np.testing.assert_array_equal(file["quantity_value"][()], swept)


def test_quantities_alone_unless_everything_is_asked_for(folder: Path, scenario: Path, whole: Path) -> None:
    out = folder / "quantities.h5"
    done = sweep(scenario, out, *OPTIONS[1:])
    assert done.returncode == 0, done.stderr
    with h5py.File(out) as small, h5py.File(whole) as large:
        assert {"events", "strength", "trade", "time"} & set(small) == set()
        assert {"events", "strength", "trade", "time"} <= set(large)
        for name in ("quantity_value", "event_count", "drawn", "sensitivity/regression"):
            np.testing.assert_array_equal(small[name][()], large[name][()])
    done = sweep(scenario, out)
    assert done.returncode == 65 and "stored" in done.stderr


def test_independent_points(folder: Path, scenario: Path, whole: Path) -> None:
    out = folder / "independent.h5"
    same = ("-n", 5, "--design", "grid", "--param", "kinds.deal.value.lognormal.sigma=0.4,0.5")
    assert sweep(scenario, out, *same, "-q").returncode == 0
    with h5py.File(out) as file:
        a = file["event_count"][()]
    np.testing.assert_array_equal(a[0], a[1])  # the values of deals change no event
    done = sweep(scenario, out, *same, "--independent")
    assert done.returncode == 65 and "random numbers" in done.stderr
    assert sweep(scenario, out, *same, "--independent", "--restart", "-q").returncode == 0
    with h5py.File(out) as file:
        b = file["event_count"][()]
    assert (b[0] != b[1]).any()


def test_slurm_tells_the_share(folder: Path, scenario: Path, whole: Path) -> None:
    out = folder / "environment.h5"
    for task in ("12", "10"):
        for rank in ("1", "0"):
            own = {"SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_COUNT": "2",
                   "SLURM_ARRAY_TASK_STEP": "2", "SLURM_PROCID": rank, "SLURM_NTASKS": "2"}  # fmt: skip
            done = sweep(scenario, out, *OPTIONS, "--task", "auto", env={**os.environ, **own})
            assert done.returncode == 0, done.stderr
    assert runs.entente("merge", out, "-q").returncode == 0
    assert runs.differences(whole, out) == ""


def test_scripts(folder: Path, scenario: Path) -> None:
    out = folder / "scripts.h5"
    done = sweep(scenario, out, *OPTIONS, "--slurm=7", "--dry-run", "--", "--partition=long", "--mem=2G")
    assert done.returncode == 0, done.stderr
    for text in ("--array=0-6", "--requeue", "--signal=B:USR1@60", "--partition=long",
                 '--task "$SLURM_ARRAY_TASK_ID/7"', "dependency=afterany", "scontrol requeue"):  # fmt: skip
        assert text in done.stdout, text
    assert not list(folder.glob("scripts.h5*"))


#: What answers for Slurm: its limit, and a job number for each call, whose words are kept.
SCONTROL = "#!/bin/sh\necho 'MaxArraySize            = 3'\n"
SBATCH = """#!/bin/sh
echo "$@" >>"$LOG"
n=$(wc -l <"$LOG")
[ "$n" != "$FAILS" ] || exit 1
echo "$((100 + n));cluster"
"""


@pytest.fixture
def slurm_of_scripts(tmp_path: Path) -> dict[str, str]:
    for name, text in (("scontrol", SCONTROL), ("sbatch", SBATCH)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LOG": str(tmp_path / "log"), "FAILS": ""}


def test_arrays_within_the_limit(scenario: Path, tmp_path: Path, slurm_of_scripts: dict[str, str]) -> None:
    """Seven tasks where an array may have three: three arrays, each with the number of its first task."""
    out = tmp_path / "arrays.h5"
    done = sweep(scenario, out, *OPTIONS, "--slurm=7%6", "--", "--account=a", env=slurm_of_scripts)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"job (\d+): (.*)", done.stdout) == [
        ("101", "3 tasks"), ("102", "3 tasks"), ("103", "1 tasks"), ("104", f"merge into {out}")]  # fmt: skip
    *arrays, merge = (tmp_path / "log").read_text().splitlines()
    folder = f"{out}.slurm"
    assert arrays == [
        f"--parsable --account=a --array=0-{last}%2 --output={folder}/task-{first}+%a.log {folder}/array.sh {first}"
        for first, last in ((0, 2), (3, 2), (6, 0))
    ]
    assert merge == f"--parsable --account=a --dependency=afterany:101:102:103 {folder}/merge.sh"
    for first, tasks in ((0, 3), (3, 3), (6, 1)):
        for index in range(tasks):
            own = {**os.environ, "SLURM_ARRAY_TASK_ID": str(index)}
            ran = subprocess.run(["sh", f"{folder}/array.sh", str(first)], env=own, capture_output=True, text=True)
            assert f"share {first + index} of 7 is done" in ran.stderr, ran.stderr
    assert runs.entente("merge", out, "-q").returncode == 0


def test_an_array_that_is_refused(scenario: Path, tmp_path: Path, slurm_of_scripts: dict[str, str]) -> None:
    out = tmp_path / "refused.h5"
    done = sweep(scenario, out, *OPTIONS, "--slurm=7", env={**slurm_of_scripts, "FAILS": "2"})
    assert done.returncode == 69 and "entente merge" in done.stderr and "job 101: 3 tasks" in done.stdout
    assert len((tmp_path / "log").read_text().splitlines()) == 2


def test_at_once(folder: Path, scenario: Path) -> None:
    done = sweep(scenario, folder / "throttled.h5", *OPTIONS, "--slurm=7%2", "--dry-run")
    assert "#SBATCH --array=0-6%2\n" in done.stdout
    for wrong in ("7%", "7%0", "%3", "0", "7%x"):
        done = sweep(scenario, folder / "throttled.h5", *OPTIONS, f"--slurm={wrong}", "--dry-run")
        assert done.returncode == 64 and "--slurm" in done.stderr, wrong


def test_the_plan_estimates_the_work(folder: Path, scenario: Path) -> None:
    """Ten times the replicates are about ten times the work: between 4 and 25, with room for a busy machine."""
    design = ("--uncertain", "--design", "latin", "--points", 90)
    hours = []
    for n in (20000, 200000):
        plan = sweep(scenario, folder / "estimate.h5", *design, "-n", n, "--dry-run")
        assert plan.returncode == 0, plan.stderr
        (found,) = re.findall(r"work +about (\S+) core hours\n +from a trial of 200 replicates ", plan.stdout)
        hours.append(float(found))
    assert 4 < hours[1] / hours[0] < 25
    tasks = sweep(scenario, folder / "estimate.h5", *OPTIONS, "--slurm=7", "--dry-run")
    assert re.match(r"# less than 0.01 core hours, 0\.\d seconds a task of one core\n# from ", tasks.stdout)
    assert not list(folder.glob("estimate.h5*"))


def test_designs_from_the_command_line(folder: Path, scenario: Path) -> None:
    table = folder / "points.csv"
    table.write_text(f"# three points\n{RATE}, {LASTING}\n2, 0\n4, 0.1\n8, 0.3\n")
    options = folder / "options.sweep"
    options.write_text(f"# a comment, {'long ' * 1000}\n" * 2 + f"scenario three.yaml\nlist {table}\nreplicates 4\n")
    out = folder / "list.h5"
    done = runs.entente("sweep", f"@{options}", "-o", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["points"] == 3 and told["design"] == "list" and told["sensitivity"][0]["parameters"]
    with h5py.File(out) as file:
        np.testing.assert_array_equal(file[RATE][()], [2, 4, 8])
    done = sweep(scenario, folder / "dry.h5", "--uncertain", "--design", "latin", "--points", 9, "--dry-run")
    assert "latin, 9 points" in done.stdout and f"{RATE}, 4." in done.stdout


def test_points_that_break_a_constraint_are_left_out(folder: Path, scenario: Path) -> None:
    """As they are told, by name; the others are those of the design without it, also when it grows."""
    sigma = "kinds.deal.value.lognormal.sigma"
    axes = ("--design", "sobol", "--param", f"{LASTING}=0:0.3", "--param", f"{sigma}=0.1:0.4")
    keep = ("--keep", f"ordered: {LASTING} < {sigma}", "--keep", f"not too many: {sigma} <= 0.35")
    free, kept = folder / "free.h5", folder / "kept.h5"
    assert sweep(scenario, free, "-n", 3, "--points", 40, *axes).returncode == 0
    done = sweep(scenario, kept, "-n", 3, "--points", 20, *axes, *keep)
    assert done.returncode == 0, done.stderr
    done = sweep(scenario, kept, "-n", 3, "--points", 40, *axes, *keep)
    assert "replicates exist already" in done.stderr
    with h5py.File(free) as file:
        values, a, b = file["quantity_value"][()], file[LASTING][()], file[sigma][()]
    good = (a < b) & (b <= 0.35)
    assert 0 < good.sum() < 40
    assert f"{(a >= b).sum()} of 40 points break ordered and are left out" in done.stderr
    assert f"{(b > 0.35).sum()} of 40 points break not too many and are left out" in done.stderr
    with h5py.File(kept) as file:
        np.testing.assert_array_equal(file[LASTING][()], a[good])
        np.testing.assert_array_equal(file["quantity_value"][()], values[good])
    for path in (0, 1):
        out = folder / "kept-shares.h5"
        task = sweep(scenario, out, "-n", 3, "--points", 40, *axes, *keep, "--task", f"{path}/2")
        assert task.returncode == 0, task.stderr
    assert runs.entente("merge", out, "-q").returncode == 0
    assert runs.differences(kept, out) == ""


def test_constraints_of_the_scenario(folder: Path, scenario: Path) -> None:
    """They are those of --keep, beside it, and go with the scenario's own parameters alone."""
    path, given, own = folder / "constrained.yaml", folder / "given.h5", folder / "own.h5"
    axes = ("--design", "sobol", "--param", f"{LASTING}=0:0.3", "--param", f"{RATE}=1:4")
    path.write_text(
        scenario.read_text() + f"""
sweep:
  design: sobol
  points: 24
  parameters: {{{LASTING}: {{uniform: [0, 0.3]}}, {RATE}: {{uniform: [1, 4]}}}}
  constraints: {{short: {LASTING} <= 0.2}}
"""
    )
    rare = ("--keep", f"rare: {RATE} < 3")
    done = sweep(scenario, given, "-n", 3, "--points", 24, *axes, "--keep", f"short: {LASTING} <= 0.2", *rare)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if "break" in line]
    assert len(lines) == 2 and not any(" 0 of 24" in line for line in lines)
    done = sweep(path, own, "-n", 3, *rare)
    assert [line for line in done.stderr.splitlines() if "break" in line] == lines
    with h5py.File(given) as a, h5py.File(own) as b:
        for name in (LASTING, RATE, "quantity_value"):
            np.testing.assert_array_equal(a[name][()], b[name][()])
        assert len(a[RATE]) < 24
    done = sweep(path, folder / "dry.h5", "--points", 24, *axes, "--dry-run")
    assert "24 points" in done.stdout and "break" not in done.stderr
    done = sweep(path, folder / "dry.h5", "--design", "morris", "--dry-run")
    assert done.returncode == 64 and "constraint short" in done.stderr


def test_a_merge_goes_by_the_whole_command(folder: Path, scenario: Path) -> None:
    """Whatever was given to the tasks, the merge makes the same sweep of."""
    table = folder / "two points.csv"
    table.write_text(f"{RATE}\n3\n5\n")
    options = ("-s", 11, "--set", f"{LASTING}=0.2", "--set", "kinds.deal.value.lognormal.sigma=0.7", "--independent",
               "--variant", "silence", "--list", table, "-n", 4, "--block", 2)  # fmt: skip
    here, there = folder / "by-one.h5", folder / "by-tasks.h5"
    assert sweep(scenario, here, *options).returncode == 0
    for task in range(2):
        assert sweep(scenario, there, *options, "--task", f"{task}/2").returncode == 0
    done = runs.entente("merge", there, "-q")
    assert done.returncode == 0, done.stderr
    assert runs.differences(here, there) == ""
    with h5py.File(here) as a, h5py.File(there) as b:
        assert a["provenance/plan"][()] == b["provenance/plan"][()]
        assert a.attrs["seed"] == 11


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--param", f"{RATE}=8:2"], "LOW less than HIGH"),
        (["--param", "kinds.call.rate.per_yaer=1:2"], "kinds.call.rate.per_year"),
        (["--param", LASTING], "is not uncertain"),
        (["--param", f"{RATE}=1:2", "--param", f"{RATE}=1:2"], "swept twice"),
        (["--param", f"{RATE}=1:2", "--design", "sobl"], "did you mean sobol?"),
        (["--task", "3/3"], "I from 0 to N - 1"),
        ([], "nothing to sweep"),
        (["--", "--mem=1G"], "give --slurm"),
        (["--slurm", "--restart"], "--slurm cannot be combined with --restart"),
        (["--param", f"{RATE}=1:2", "--keep", f"{RATE} < 2"], '"NAME: PATH < PATH" is expected'),
        (["--param", f"{RATE}=1:2", "--keep", f"low: {LASTING} < 2"], "is swept"),
        (["--param", f"{RATE}=1:2", "--keep", f"low: {RATE} < 0.5"], "leave no point of the design"),
        (["--param", f"{RATE}=1:2", "--design", "morris", "--keep", f"low: {RATE} < 1.5"], "need all points"),
    ],
)
def test_mistakes(folder: Path, scenario: Path, options: list[str], message: str) -> None:
    done = runs.entente("sweep", scenario, "-o", folder / "none.h5", *options)
    assert done.returncode == 64 and message in done.stderr, done.stderr
    assert not list(folder.glob("none.h5*"))
