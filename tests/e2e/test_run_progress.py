"""What a run tells while it works, and that a clock which jumps spoils neither that nor the run."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import runs

LEAN = runs.SCENARIO[: runs.SCENARIO.index("output:")] + "output: {trajectories: false, events: false}\n"
SLOW = ("-n", 3000, "--block", 100, "-j", 1)  # a second or more


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.write_scenario(tmp_path_factory.mktemp("progress"), LEAN)


@pytest.fixture(scope="module")
def undisturbed(scenario: Path) -> Path:
    path = scenario.parent / "undisturbed.h5"
    runs.run(scenario, path, *SLOW)
    return path


@pytest.fixture(scope="module")
def jumping(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the clock on the wall jumps."""
    environment = runs.preloaded(tmp_path_factory.mktemp("clock"), "jumping_clock")
    code = "import time; print(*(time.gmtime(time.time()).tm_year for _ in range(6)))"
    seen = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout
    assert len(set(seen.split())) == 6, "the clock does not jump"
    return environment


def sane(lines: list[str], elapsed: float) -> list[str]:
    """What is wrong with JSON lines of progress of a run that took `elapsed` seconds."""
    wrong = []
    told = [json.loads(line) for line in lines if line.startswith("{")]
    if not elapsed - 2 <= len(told) <= elapsed + 2:
        wrong.append(f"{len(told)} lines in {elapsed:.1f} s")
    for line in told:
        if not 0 < line["per_second"] < 1e6 or not 0 <= line["seconds_left"] < 100 * elapsed:
            wrong.append(f"{line}")
        if abs(line["per_second"] * line["seconds_left"] - (line["total"] - line["done"])) > 1 + 0.01 * line["total"]:
            wrong.append(f"{line}")
    if [line["done"] for line in told] != sorted(line["done"] for line in told):
        wrong.append("goes back")
    return wrong


def timed(scenario: Path, out: Path, environment: dict[str, str]) -> tuple[list[str], float, float]:
    """The lines of progress, the seconds that the run reports and those that it took."""
    start = time.monotonic()
    done = runs.run(scenario, out, *SLOW, "--json", env=environment)
    return done.stderr.splitlines(), json.loads(done.stdout)["seconds"], time.monotonic() - start


def test_a_clock_that_jumps(scenario: Path, undisturbed: Path, jumping: dict[str, str]) -> None:
    out = scenario.parent / "jumping.h5"
    lines, reported, elapsed = timed(scenario, out, jumping)
    assert sane(lines, elapsed) == []
    assert 0 < reported <= elapsed
    assert runs.differences(undisturbed, out) == ""
    # The twin: were the rate taken from a clock that jumps, this test would see it.
    lines, reported, elapsed = timed(scenario, scenario.parent / "all.h5", {**jumping, "JUMPING_CLOCK": "all"})
    assert sane(lines, elapsed) or not 0 < reported <= elapsed


def test_times_of_files_do_not_matter(scenario: Path, undisturbed: Path, jumping: dict[str, str]) -> None:
    """Parts from the future and from long ago are as good as any."""
    out = scenario.parent / "resumed.h5"
    process = subprocess.Popen([runs.ENTENTE, "run", str(scenario), "-o", str(out), *map(str, SLOW), "-q"])
    while process.poll() is None and len(list(Path(f"{out}.parts").glob("p*.h5"))) < 3:
        time.sleep(0.01)
    process.terminate()
    assert process.wait(timeout=60) == 75
    parts = sorted(Path(f"{out}.parts").glob("p*.h5"))
    for i, path in enumerate([*parts, Path(f"{out}.parts/lock"), Path(f"{out}.parts/plan"), Path(f"{out}.parts")]):
        moment = (10**9, 4 * 10**9)[i % 2]
        os.utime(path, (moment, moment))
    done = json.loads(runs.run(scenario, out, *SLOW, "--json", env=jumping).stdout)
    assert done["reused"] == 100 * len(parts)
    assert runs.differences(undisturbed, out) == ""


def test_the_wait_for_a_lock(scenario: Path, jumping: dict[str, str]) -> None:
    out = scenario.parent / "locked.h5"
    os.mkdir(f"{out}.parts")
    with open(f"{out}.parts/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        start = time.monotonic()
        done = runs.entente("run", scenario, "-o", out, "-n", 3, env=jumping)
        assert 2.5 < time.monotonic() - start < 30
    assert done.returncode == 73


def test_a_bar_on_a_terminal(scenario: Path, tmp_path: Path) -> None:
    mine, theirs = pty.openpty()
    command = [runs.ENTENTE, "run", str(scenario), "-o", str(tmp_path / "out.h5"), *map(str, SLOW)]
    process = subprocess.Popen(command, stderr=theirs, stdout=subprocess.DEVNULL)
    os.close(theirs)
    shown = b""

    def read() -> None:
        nonlocal shown
        try:
            while piece := os.read(mine, 65536):
                shown += piece
        except OSError:  # the other end is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    assert process.wait(timeout=120) == 0
    reader.join(timeout=10)
    os.close(mine)
    text = shown.decode()
    rate = r"\d+ of 3000 replicates, \d+(\.\d)? a second"
    assert re.search(r"\r\[#+\.+\] " + rate + r", \d+ (s|min \d\d s) left\x1b\[K", text), text
    assert re.search(r"\[#{30}\] 3000 of 3000 replicates, \d+(\.\d)? a second\x1b\[K\r\n", text), text


def test_plain_lines_otherwise(scenario: Path, tmp_path: Path) -> None:
    done = runs.run(scenario, tmp_path / "out.h5", "-n", 10)
    assert "\r" not in done.stderr and "\x1b" not in done.stderr
    assert "10 replicates in" in done.stderr
    assert runs.run(scenario, tmp_path / "quiet.h5", "-n", 10, "-q").stderr == ""
