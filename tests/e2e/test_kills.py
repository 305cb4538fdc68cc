"""Sweeps and merges that are killed at any moment: the same command goes on, and its result is that of one that nobody
disturbed. (Runs: test_run_trouble.py.)
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

import runs
from test_run_trouble import kill_somebody

SWEEP = ("-q", "-j", 3, "-n", 20, "--block", 10, "--everything", "--points", 8, "--design", "sobol",
         "--param=kinds.call.effect.lasting=0:0.3")  # fmt: skip
COMMANDS = ("sweep", "merge")


class Bench:
    """A command to be killed, its result when it is not, and how long that takes."""

    def __init__(self, folder: Path, name: str) -> None:
        scenario = runs.write_scenario(folder)
        self.out, self.parts = folder / f"{name}.h5", folder / "parts"
        self.sweep = ("sweep", scenario, "-o", self.out, *SWEEP)
        self.command = self.sweep if name == "sweep" else ("merge", self.out, "-q")
        if name == "merge":
            for task in ("0/2", "1/2"):
                done = runs.entente(*self.sweep, "--task", task)
                assert done.returncode == 0, done.stderr
            Path(f"{self.out}.parts").rename(self.parts)
        self.undisturbed = folder / f"{name}-undisturbed.h5"
        self.prepare()
        start = time.monotonic()
        self.finish()
        self.seconds = time.monotonic() - start
        self.out.rename(self.undisturbed)

    def prepare(self) -> None:
        if self.parts.exists():
            shutil.copytree(self.parts, f"{self.out}.parts")

    def finish(self) -> None:
        done = runs.entente(*self.command)
        assert done.returncode == 0, done.stderr
        assert not Path(f"{self.out}.parts").exists() and not Path(f"{self.out}.tmp").exists()

    def kill(self, whom: str, moment: float) -> bool:
        """Whether it was still at work; then the command is given again."""
        self.prepare()
        process = subprocess.Popen([runs.ENTENTE, *map(str, self.command)], stderr=subprocess.PIPE, text=True,
                                   start_new_session=True)  # fmt: skip
        time.sleep(moment)
        struck = process.poll() is None
        kill_somebody(process, whom)
        said = process.communicate(timeout=120)[1]
        assert process.returncode in (0, -signal.SIGKILL), said
        if os.path.exists(self.out):
            assert runs.differences(self.undisturbed, self.out) == ""
        self.finish()
        assert runs.differences(self.undisturbed, self.out) == ""
        self.out.unlink()
        return struck


@pytest.fixture(scope="module", params=COMMANDS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp(f"kills-{request.param}"), request.param)


def kills(bench: Bench, n: int) -> None:
    random.seed(n)
    people = ("parent", "worker", "all")
    struck = sum(bench.kill(people[i % 3], random.uniform(0, 1.1 * bench.seconds)) for i in range(n))
    print(f"\n{bench.command[0]}: struck at work {struck} times of {n}; undisturbed {bench.seconds:.2f} s")
    assert struck > n / 3, "hardly anything was killed: the test is one of nothing"


def test_some_kills(bench: Bench) -> None:
    kills(bench, 6)


@pytest.mark.long
def test_a_hundred_kills(bench: Bench) -> None:
    kills(bench, 100)
