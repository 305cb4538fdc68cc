"""Runs, sweeps and merges that are killed at any moment: the same command goes on, and its result is that of one that
nobody disturbed.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import h5py
import pytest

import runs
from entente import seal
from test_run_trouble import kill_somebody

RUN = ("-q", "-j", 3, "-n", 240, "--block", 10)

SWEEP = ("-q", "-j", 3, "-n", 20, "--block", 10, "--everything", "--points", 8, "--design", "sobol",
         "--param=kinds.call.effect.lasting=0:0.3")  # fmt: skip
#: Each with those whom a kill may strike: a merge works alone.
COMMANDS = {"run": ("parent", "worker", "all"), "sweep": ("parent", "worker", "all"), "merge": ("parent", "all")}


class Bench:
    """A command to be killed, its result when it is not, and how long that takes at the least."""

    def __init__(self, folder: Path, name: str) -> None:
        scenario = runs.write_scenario(folder)
        self.name, self.out, self.parts = name, folder / f"{name}.h5", folder / "parts"
        self.sweep = ("sweep", scenario, "-o", self.out, *SWEEP)
        self.command = {
            "run": ("run", scenario, "-o", self.out, *RUN),
            "sweep": self.sweep,
            "merge": ("merge", self.out, "-q"),
        }[name]
        if name == "merge":
            for task in ("0/2", "1/2"):
                done = runs.entente(*self.sweep, "--task", task)
                assert done.returncode == 0, done.stderr
            Path(f"{self.out}.parts").rename(self.parts)
        self.undisturbed = folder / f"{name}-undisturbed.h5"
        self.seconds = min(self.time() for _ in range(3))

    def time(self) -> float:
        self.prepare()
        start = time.monotonic()
        self.finish()
        taken = time.monotonic() - start
        self.out.rename(self.undisturbed)
        return taken

    def prepare(self) -> None:
        if self.parts.exists():
            shutil.copytree(self.parts, f"{self.out}.parts")

    def finish(self) -> None:
        done = runs.entente(*self.command)
        assert done.returncode == 0, done.stderr
        assert not Path(f"{self.out}.parts").exists() and not Path(f"{self.out}.tmp").exists()

    def kill(self, whom: str, moment: float) -> bool:
        """Whether somebody was killed before the result was there; then the command is given again."""
        self.prepare()
        process = subprocess.Popen([runs.ENTENTE, *map(str, self.command)], stderr=subprocess.PIPE, text=True,
                                   start_new_session=True)  # fmt: skip
        time.sleep(moment)
        at_work = process.poll() is None and not self.out.exists()
        struck = kill_somebody(process, whom) and at_work
        if not at_work:  # it is faster than it was when it was timed
            self.seconds *= 0.9
        said = process.communicate(timeout=120)[1]
        assert process.returncode in (0, -signal.SIGKILL), said
        if self.out.exists():
            with h5py.File(self.out):  # under the final name there is never half a file
                pass
            assert runs.differences(self.undisturbed, self.out) == ""
        for path in Path(f"{self.out}.parts").glob("p*.part"):
            seal.check(path)  # and what is committed is whole
        self.finish()
        assert runs.differences(self.undisturbed, self.out) == ""
        self.out.unlink()
        return struck


@pytest.fixture(scope="module", params=COMMANDS)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp(f"kills-{request.param}"), request.param)


def kills(bench: Bench, n: int) -> None:
    random.seed(n)
    whom, struck, tries = COMMANDS[bench.name], 0, 0
    while struck < n and tries < 4 * n:
        struck += bench.kill(whom[tries % len(whom)], random.uniform(0.1, 0.9) * bench.seconds)
        tries += 1
    print(f"\n{bench.name}: struck at work {struck} times in {tries}")
    assert struck == n, "hardly anything was killed: the test is one of nothing"


def test_some_kills(bench: Bench) -> None:
    kills(bench, 6)


@pytest.mark.long
def test_a_hundred_kills(bench: Bench) -> None:
    kills(bench, 100)
