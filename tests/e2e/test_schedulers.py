"""`--task auto`: the share that the variables of a scheduler determine, in environments made up for the test."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import runs

#: What each scheduler tells the second of four tasks, and the option it takes.
SECOND = {
    "slurm": ("auto", {"SLURM_ARRAY_TASK_ID": "4", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_COUNT": "4"}),
    "slurm with a step": (
        "auto", {"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_COUNT": "4",
                 "SLURM_ARRAY_TASK_STEP": "2"}),
    "slurm's processes": ("auto", {"SLURM_PROCID": "1", "SLURM_NTASKS": "4"}),
    "slurm, both": (
        "auto", {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_COUNT": "2",
                 "SLURM_PROCID": "1", "SLURM_NTASKS": "2"}),
    "grid engine": (
        "auto", {"SGE_TASK_ID": "2", "SGE_TASK_FIRST": "1", "SGE_TASK_LAST": "4", "SGE_TASK_STEPSIZE": "1"}),
    "grid engine with a step": (
        "auto", {"SGE_TASK_ID": "15", "SGE_TASK_FIRST": "5", "SGE_TASK_LAST": "44", "SGE_TASK_STEPSIZE": "10"}),
    "lsf": ("auto", {"LSB_JOBINDEX": "2", "LSB_JOBINDEX_END": "4", "LSB_JOBINDEX_STEP": "1"}),
    "flux": ("auto", {"FLUX_TASK_RANK": "1", "FLUX_JOB_SIZE": "4"}),
    "flux's copies": ("auto/4", {"FLUX_JOB_CC": "1", "FLUX_TASK_RANK": "0", "FLUX_JOB_SIZE": "1"}),
    "flux's copies of two tasks": ("auto/2", {"FLUX_JOB_CC": "0", "FLUX_TASK_RANK": "1", "FLUX_JOB_SIZE": "2"}),
    "aws batch": ("auto", {"AWS_BATCH_JOB_ARRAY_INDEX": "1", "AWS_BATCH_JOB_ARRAY_SIZE": "4"}),
    "pbs": ("auto/4", {"PBS_ARRAY_INDEX": "1"}),
    "torque": ("auto/4", {"PBS_ARRAYID": "1"}),
    "kubernetes": ("auto/4", {"JOB_COMPLETION_INDEX": "1"}),
}  # fmt: skip

#: What does not determine a share, and a word of the reason.
REFUSED = {
    "nothing": ("auto", {}, "no variable"),
    "pbs without a count": ("auto", {"PBS_ARRAY_INDEX": "1"}, "PBS"),
    "pbs from 1": ("auto/4", {"PBS_ARRAY_INDEX": "4"}, "PBS_ARRAY_INDEX"),
    "a job of grid engine that is no array": ("auto", {"SGE_TASK_ID": "undefined"}, "Grid Engine"),
    "a job of lsf that is no array": ("auto", {"LSB_JOBINDEX": "0", "LSB_JOBINDEX_END": "0"}, "LSF"),
    "gaps": ("auto", {"SLURM_ARRAY_TASK_ID": "9", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_COUNT": "3"}, "gaps"),
    "no number": ("auto", {"SLURM_ARRAY_TASK_ID": "x", "SLURM_ARRAY_TASK_MIN": "0"}, "SLURM_ARRAY_TASK_ID"),
    "no tasks": ("auto/0", {"PBS_ARRAY_INDEX": "0"}, "at least 1"),
    "no count": ("auto/x", {"PBS_ARRAY_INDEX": "0"}, "auto/N"),
}


def run(folder: Path, task: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    scenario = runs.write_scenario(folder, runs.SCENARIO)
    theirs = "SLURM|SGE|LSB|FLUX|AWS|PBS|JOB_|_CONDOR"
    clean = {name: value for name, value in os.environ.items() if not re.match(theirs, name)}
    return runs.entente("run", scenario, "-o", folder / "out.h5", "-n", 8, "-j", 1, "--block", 2, "--task", task,
                        env=clean | variables)  # fmt: skip


@pytest.mark.parametrize("scheduler", list(SECOND))
def test_the_second_of_four(tmp_path: Path, scheduler: str) -> None:
    done = run(tmp_path, *SECOND[scheduler])
    assert done.returncode == 0 and "share 1 of 4 is done" in done.stderr, done.stderr


@pytest.mark.parametrize("case", list(REFUSED))
def test_no_share(tmp_path: Path, case: str) -> None:
    task, variables, reason = REFUSED[case]
    done = run(tmp_path, task, variables)
    assert done.returncode == 64 and reason in done.stderr, done.stderr
    assert not list(tmp_path.glob("out.h5*"))


#: What HTCondor writes into the folder of the second of four jobs, shortened.
CONDOR = """\
ClusterId = 12
Cmd = "/usr/bin/entente"
JobUniverse = 5
ProcId = 1
TotalSubmitProcs = 4
"""


UNCOUNTED = CONDOR.replace("TotalSubmitProcs = 4\n", "")


@pytest.mark.parametrize(("task", "text"), [("auto", CONDOR), ("auto/4", UNCOUNTED)])
def test_htcondor(tmp_path: Path, task: str, text: str) -> None:
    (tmp_path / ".job.ad").write_text(text)
    done = run(tmp_path, task, {"_CONDOR_JOB_AD": str(tmp_path / ".job.ad")})
    assert done.returncode == 0 and "share 1 of 4 is done" in done.stderr, done.stderr


@pytest.mark.parametrize("text", ["", UNCOUNTED, CONDOR.replace("ProcId = 1", "ProcId = 4")])
def test_htcondor_without_a_share(tmp_path: Path, text: str) -> None:
    (tmp_path / ".job.ad").write_text(text)
    for ad in (tmp_path / ".job.ad", tmp_path / "not there"):
        done = run(tmp_path, "auto", {"_CONDOR_JOB_AD": str(ad)})
        assert done.returncode == 64 and "_CONDOR_JOB_AD" in done.stderr and "auto/N" in done.stderr, done.stderr


def test_every_scheduler_of_the_manual_is_tried() -> None:
    manual = (Path(os.environ["ENTENTE_SOURCE_DIR"]) / "docs" / "cluster.md").read_text()
    table = manual[manual.index("| scheduler |") : manual.index("Templates for 40 tasks")]
    named = set(re.findall(r"`(_?[A-Z]+_[A-Z_]+)`", table))
    assert named - {"_CONDOR_JOB_AD"} == {name for _, variables in SECOND.values() for name in variables} - {
        "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP", "LSB_JOBINDEX_STEP"}  # fmt: skip
