"""Sweeps on a real Slurm, started by the test: the file is that of one machine, whatever happens on the way."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import runs
import slurm

pytestmark = pytest.mark.skipif(bool(slurm.why_not()), reason=f"no Slurm here: {slurm.why_not()}")

RATE, LASTING = "kinds.call.rate.per_year", "kinds.call.effect.lasting"
SMALL = re.sub(r"(?ms)^output:.*", "output: {every: 1 month, events: true}\n", runs.SCENARIO)
#: Ten years, so that a task takes its time.
LARGE = SMALL.replace("end: 2027-01-01", "end: 2036-01-01")


@pytest.fixture(scope="module")
def cluster() -> Iterator[slurm.Cluster]:
    with slurm.cluster() as started:
        yield started


class Sweep:
    """One sweep and its file, given to the cluster or done here."""

    def __init__(self, parent: Path, text: str, *options: object) -> None:
        folder = parent / "of two words"
        folder.mkdir()
        self.scenario = runs.write_scenario(folder, text)
        self.out = folder / "out.h5"
        design = ("--design", "saltelli", "--param", f"{RATE}=2:8:log", "--param", f"{LASTING}=0:0.3")
        self.options = ["--everything", *options, *design]

    def here(self, name: str, *options: object) -> Path:
        """The same on this machine, into a file of another name."""
        path = self.out.with_name(name)
        done = runs.entente("sweep", self.scenario, "-o", path, "-q", *self.options, *options)
        assert done.returncode == 0, done.stderr
        return path

    def submit(self, cluster: slurm.Cluster, tasks: int | str, *passed: str) -> tuple[int, int, str]:
        """The numbers of the first array and of the merge job, and what was told."""
        command = ("sweep", self.scenario, "-o", self.out, *self.options, f"--slurm={tasks}")
        done = runs.entente(*command, "--", "--chdir=/tmp", *passed, env=cluster.environment)
        assert done.returncode == 0, done.stderr
        array, *_, merge = (int(number) for number in re.findall(r"^job (\d+)", done.stdout, re.M))
        return array, merge, done.stderr

    def finish(self, cluster: slurm.Cluster, merge: int, seconds: float) -> None:
        cluster.wait(lambda: cluster.is_over(merge), "the merge job", seconds)
        log = (self.folder / "merge.log").read_text()
        assert self.out.exists(), f"{log}\n{self.log()}"
        assert not Path(f"{self.out}.parts").exists() and not Path(f"{self.out}.tmp").exists()

    @property
    def folder(self) -> Path:
        return Path(f"{self.out}.slurm")

    def log(self, task: int | str = "*") -> str:
        return "".join(path.read_text() for path in self.folder.glob(f"task-{task}.log"))

    def parts(self) -> int:
        return len(list(Path(f"{self.out}.parts").glob("p*.part")))


def simulated(log: str) -> int:
    """Replicates that the tasks say they did themselves."""
    return sum(int(number) for number in re.findall(r"replicates, (\d+) of them now", log))


def test_an_array_and_its_merge(cluster: slurm.Cluster, tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, SMALL, "-n", 5, "--block", 5, "--points", 4)
    _, merge, _ = sweep.submit(cluster, 6)
    sweep.finish(cluster, merge, 60)
    assert simulated(sweep.log()) == 4 * 4 * 5
    assert runs.differences(sweep.here("here.h5", "-j", 2), sweep.out) == ""
    again = runs.entente("sweep", sweep.scenario, "-o", sweep.out, *sweep.options, "--slurm", env=cluster.environment)
    assert again.returncode == 0 and "is complete already" in again.stderr and "job" not in again.stdout


def test_more_tasks_than_an_array_may_have(cluster: slurm.Cluster, tmp_path: Path) -> None:
    """Sixty, where the cluster allows 41 an array: two arrays of thirty, at most eight tasks at the same time."""
    sweep = Sweep(tmp_path, SMALL, "-n", 5, "--block", 5, "--points", 20)
    _, merge, _ = sweep.submit(cluster, "60%8")
    sweep.finish(cluster, merge, 120)
    logs = sorted(path.name for path in sweep.folder.glob("task-*.log"))
    assert logs == sorted(f"task-{first}+{index}.log" for first in (0, 30) for index in range(30))
    assert {int(share) for share in re.findall(r"share (\d+) of 60 is done", sweep.log())} == set(range(60))
    assert runs.differences(sweep.here("here.h5", "-j", 2), sweep.out) == ""


@pytest.mark.long
def test_tasks_killed_and_requeued_on_the_way(cluster: slurm.Cluster, tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, LARGE, "-n", 20, "--block", 5, "--points", 20)  # 320 parts
    array, merge, _ = sweep.submit(cluster, 40)
    cluster.wait(lambda: bool(cluster.processes(array, 2)), "task 2")
    os.kill(cluster.processes(array, 2)[0], signal.SIGKILL)
    cluster.wait(lambda: cluster.states(array).get("2") == "FAILED", "the end of task 2")
    cluster.tell("scontrol", "requeue", f"{array}_2")
    cluster.wait(lambda: bool(cluster.processes(array, 12)), "task 12", 120)
    cluster.tell("scontrol", "requeue", f"{array}_12")
    sweep.finish(cluster, merge, 600)
    assert "Killed" in sweep.log(2) and "interrupted" in sweep.log(12)
    assert len(re.findall("share 2 of 40 is done", sweep.log(2))) == 1
    whole = sweep.here("here.h5", "-j", 2)
    assert runs.differences(whole, sweep.out) == ""
    for task in reversed(range(40)):
        reverse = sweep.here("reverse.h5", "-j", 1, "--task", f"{task}/40")
    assert runs.entente("merge", reverse, "-q").returncode == 0
    assert runs.differences(whole, reverse) == ""


@pytest.mark.long
def test_cancelled_and_submitted_again(cluster: slurm.Cluster, tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, LARGE, "-n", 20, "--block", 5, "--points", 10)
    array, merge, _ = sweep.submit(cluster, 40)
    cluster.wait(lambda: sweep.parts() >= 30, "30 parts", 120)
    cluster.tell("scancel", str(array))
    cluster.wait(lambda: cluster.is_over(array) and cluster.is_over(merge), "the end of both", 60)
    assert not sweep.out.exists()
    done, before = sweep.parts() * 5, simulated(sweep.log())
    assert 150 <= done < 800
    _, merge, told = sweep.submit(cluster, 40)
    assert f"{done} of 800 replicates exist already" in told
    sweep.finish(cluster, merge, 600)
    assert simulated(sweep.log()) - before == 800 - done
    assert runs.differences(sweep.here("here.h5", "-j", 2), sweep.out) == ""


@pytest.mark.long
def test_warned_before_the_time_limit(cluster: slurm.Cluster, tmp_path: Path) -> None:
    """Slurm looks at limits every 30 s; the workers sleep until the warning of a limit of a minute has come."""
    sweep = Sweep(tmp_path, LARGE, "-n", 20, "--block", 5, "--points", 5)  # 80 parts
    array, merge, _ = sweep.submit(cluster, 2, "--time=1", "--signal=B:USR1@10")
    cluster.wait(lambda: all(len(cluster.processes(array, task)) == 2 for task in (0, 1)), "workers")
    workers = [cluster.processes(array, task)[1] for task in (0, 1)]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(55)
    for pid in workers:
        os.kill(pid, signal.SIGCONT)
    cluster.wait(lambda: all("interrupted" in sweep.log(task) for task in (0, 1)), "the end with 75", 10)
    sweep.finish(cluster, merge, 300)
    assert simulated(sweep.log()) < 400  # what was done before the warning was not done again
    assert "TIMEOUT" not in (cluster.base / "completed.txt").read_text()
    assert runs.differences(sweep.here("here.h5", "-j", 2), sweep.out) == ""


def test_what_it_starts_is_gone_at_the_end(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), slurm.cluster() as own:
        sweep = Sweep(tmp_path, LARGE, "-n", 100, "--block", 5, "--points", 20)
        array, _, _ = sweep.submit(own, 8)
        own.wait(lambda: bool(own.processes(array, 0)), "a task")
        raise RuntimeError
    assert not own.base.exists()
    assert str(own.base) not in subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
