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


def sane(lines: list[str], reported: float, elapsed: float) -> list[str]:
    """What is wrong with JSON lines of progress of a run that tells `reported` seconds and took `elapsed`.

    Nothing here rests on how fast the machine is: what a line says of itself must fit (its rate tells how many seconds
    the run's clock had counted), lines are a second or more apart on that clock, and its end is not before their last.
    """
    wrong = []
    if not 0 < reported <= elapsed:
        wrong.append(f"{reported} s told of {elapsed}")
    told = [json.loads(line) for line in lines if line.startswith("{")]
    if not reported / 4 - 1 <= len(told) <= elapsed:  # the first part is without lines, and the merge
        wrong.append(f"{len(told)} lines in {elapsed:.1f} s")
    before = 0.0
    for line in told:
        if line["done"] == 0:  # nothing to tell a rate from
            if line["per_second"] != 0 or line["seconds_left"] != 0:
                wrong.append(f"{line}")
            continue
        if not 0 < line["per_second"] < 1e6 or line["seconds_left"] < 0:
            wrong.append(f"{line}")
            continue
        clock, left = line["done"] / line["per_second"], line["total"] - line["done"]
        if not before + 0.99 <= clock <= reported + 0.01:
            wrong.append(f"{line}: {clock} s after {before} s")
        if abs(line["per_second"] * line["seconds_left"] - left) > 1 + 0.01 * line["total"]:
            wrong.append(f"{line}")
        before = clock
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
    told = timed(scenario, out, jumping)
    assert sane(*told) == [], told
    assert runs.differences(undisturbed, out) == ""
    # The twin: were the rate taken from a clock that jumps, this test would see it.
    assert sane(*timed(scenario, scenario.parent / "all.h5", {**jumping, "JUMPING_CLOCK": "all"}))


@pytest.mark.parametrize(
    ("lines", "reported"),
    [
        ([(0, 0, 0), (1000, 500, 4), (2000, 400, 2.5)], 8),
        ([(1000, 500, 4), (1500, 600, 2.5)], 8),  # half a second apart
        ([(1000, 500, 4), (2000, 400, 2.5)], 4),  # the last after the end
        ([(1000, 500, 4), (2000, 400, 3)], 8),  # a rate and a rest that do not fit
        ([(1000, -500, 4)], 8),
        ([(0, 500, 4)], 8),
        ([(1000, 500, 4), (500, 125, 20)], 8),  # goes back
        ([(1000, 500, 4)], 9),  # too few
        ([(1000, 500, 4)], 0),
    ],
)
def test_what_is_sane(lines: list[tuple[float, float, float]], reported: float) -> None:
    """The first is; each of the others has one flaw."""
    told = [json.dumps(dict(done=d, per_second=r, seconds_left=s, total=3000)) for d, r, s in lines]
    assert bool(sane(told, reported, 10)) == (len(lines) != 3)


def test_times_of_files_do_not_matter(scenario: Path, undisturbed: Path, jumping: dict[str, str]) -> None:
    """Parts from the future and from long ago are as good as any."""
    out = scenario.parent / "resumed.h5"
    more = ("-n", "30000", *map(str, SLOW[2:]), "-q")  # on a busy machine the signal may come late
    process = subprocess.Popen([runs.ENTENTE, "run", str(scenario), "-o", str(out), *more])
    while process.poll() is None and len(list(Path(f"{out}.parts").glob("p*.part"))) < 3:
        time.sleep(0.01)
    process.terminate()
    assert process.wait(timeout=60) == 75
    parts = sorted(Path(f"{out}.parts").glob("p*.part"))
    for i, path in enumerate([*parts, Path(f"{out}.parts/lock"), Path(f"{out}.parts/plan"), Path(f"{out}.parts")]):
        moment = (10**9, 4 * 10**9)[i % 2]
        os.utime(path, (moment, moment))
    done = json.loads(runs.run(scenario, out, *SLOW, "--json", env=jumping).stdout)
    assert done["reused"] == 100 * min(len(parts), 30) >= 300
    assert runs.differences(undisturbed, out) == ""


def test_the_wait_for_a_lock(scenario: Path, jumping: dict[str, str]) -> None:
    out = scenario.parent / "locked.h5"
    os.mkdir(f"{out}.parts")
    with open(f"{out}.parts/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        start = time.monotonic()
        done = runs.entente("run", scenario, "-o", out, "-n", 3, env=jumping)
        assert 2.5 < time.monotonic() - start < 100  # the jumps are of years
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
