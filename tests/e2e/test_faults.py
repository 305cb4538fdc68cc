"""What the system may fail to do: write, read, make durable, rename, open, give memory. A run then ends with a message
and an exit code that says so, or well: with the very result that an undisturbed one has. It never ends by a signal,
and the same command goes on.
"""

from __future__ import annotations

import errno
import functools
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import runs

SMALL = runs.SCENARIO.replace("replicates: 60", "replicates: 4").replace("end: 2027-01-01", "end: 2026-03-01")
SMALL = SMALL.replace("at: 2026-12-31", "at: 2026-02-20").replace("every: 30 d", "every: 10 d")

#: The commands, each with what it needs beforehand; OUT is the output.
COMMANDS = {
    "run": ("run", "three.yaml", "-o", "OUT", "-j1", "-q", "--block", 2),
    "sweep": ("sweep", "three.yaml", "-o", "OUT", "-j1", "-q", "-n2", "--everything", "--points", 2, "--design",
              "sobol",
              "--param=kinds.call.effect.lasting=0:0.3"),
    "merge": ("merge", "OUT", "-q"),
    "grow": ("run", "three.yaml", "-o", "OUT", "-j1", "-q", "--block", 2, "-n", 8),
}  # fmt: skip


preloaded = functools.cache(runs.preloaded)


class Bench:
    """A command, its result when nothing fails, and another try at it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name, self.out = folder, name, folder / f"{name}.h5"
        runs.write_scenario(folder, SMALL)
        self.reference = folder / f"{name}-reference.h5"
        self.prepare()
        done = self.go()
        assert done.returncode == 0, done.stderr
        self.out.rename(self.reference)

    def go(self, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        words = [str(self.out) if word == "OUT" else word for word in COMMANDS[self.name]]
        return runs.entente(*words, cwd=self.folder, env=environment)

    def prepare(self) -> None:
        """As before the command: nothing there, or what it goes on from."""
        shutil.rmtree(f"{self.out}.parts", ignore_errors=True)
        for path in (self.out, Path(f"{self.out}.tmp")):
            path.unlink(missing_ok=True)
        run = ("run", "three.yaml", "-o", self.out, "-j1", "-q", "--block", 2)
        for extra in {"merge": (("--task", "0/2"), ("--task", "1/2")), "grow": ((),)}.get(self.name, ()):
            done = runs.entente(*run, *extra, cwd=self.folder)
            assert done.returncode == 0, done.stderr

    def judge(self, done: subprocess.CompletedProcess[str], codes: set[int], again: bool = True) -> None:
        """Equal or told; and the same command, undisturbed, then ends well."""
        if done.returncode == 0:
            assert runs.differences(self.reference, self.out) == ""
            return
        assert done.returncode in codes, (done.returncode, done.stderr)
        assert done.stderr
        if again:
            done = self.go()
            assert done.returncode == 0, done.stderr
            assert runs.differences(self.reference, self.out) == ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def benches(folder: Path) -> dict[str, Bench]:
    return {name: Bench(folder, name) for name in COMMANDS}


def fail_calls(bench: Bench, calls: str, number: int, at: range) -> int:
    """Has one call after the other fail; how many did."""
    failing = preloaded(bench.folder, "failing_calls") | {"FAIL_CALLS": f",{calls},", "FAIL_ERRNO": str(number)}
    count = bench.folder / "count"
    bench.prepare()
    done = bench.go(failing | {"FAIL_COUNT": str(count)})
    assert done.returncode == 0, done.stderr
    calls_made, told = int(count.read_text()), 0
    for n in at:
        if n > calls_made:
            break
        bench.prepare()
        done = bench.go(failing | {"FAIL_AT": str(n)})
        told += done.returncode != 0
        # 66: the scenario is what could not be read.
        bench.judge(done, {70, 73, 74} | ({66} if calls in ("read", "open") else set()))
    return told


@pytest.mark.parametrize("name", list(COMMANDS))
@pytest.mark.parametrize("calls", ["write", "read", "sync", "rename", "truncate", "open", "close"])
def test_a_call_fails(benches: dict[str, Bench], name: str, calls: str) -> None:
    step = {"write": 67, "read": 17, "open": 4}.get(calls, 1)
    told = fail_calls(benches[name], calls, errno.ENOSPC if calls == "write" else errno.EIO, range(1, 400, step))
    assert told > 0, "nothing failed: the test is one of nothing"


@pytest.mark.long
@pytest.mark.parametrize("name", list(COMMANDS))
@pytest.mark.parametrize("calls", ["read", "sync", "rename", "truncate", "open", "close"])
def test_each_call_fails(benches: dict[str, Bench], name: str, calls: str) -> None:
    """Of the hundreds of reads every third; writes have the test below."""
    step = 3 if calls == "read" else 1
    assert fail_calls(benches[name], calls, errno.EIO, range(1, 301, step)) > 0


@pytest.mark.long
@pytest.mark.parametrize("name", ["run", "sweep", "merge"])
@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_each_write_fails_below_all_libraries(benches: dict[str, Bench], name: str, fault: str) -> None:
    """In the kernel's place: nothing that writes in a way of its own is left out."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    bench, worst = benches[name], set()
    words = [str(bench.out) if word == "OUT" else str(word) for word in COMMANDS[name]]
    for n in range(1, 301):
        bench.prepare()
        inject = f"inject=write,pwrite64,writev:error={fault}:when={n}"
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject, runs.ENTENTE, *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=bench.folder, check=False)
        worst.add(done.returncode)
        if done.returncode == 0:
            assert runs.differences(bench.reference, bench.out) == ""
        else:  # each process counts its own calls, so the message may be what could not be written
            assert done.returncode in {70, 73, 74}, done.stderr
    assert 74 in worst


def test_files_that_may_not_be_large(benches: dict[str, Bench]) -> None:
    """`ulimit -f`, which by default ends a program with a signal."""
    bench = benches["run"]
    for limit in (100, 5000, 60000):
        bench.prepare()
        words = [str(bench.out) if word == "OUT" else str(word) for word in COMMANDS["run"]]
        done = subprocess.run(
            [runs.ENTENTE, *words], capture_output=True, text=True, cwd=bench.folder, check=False,
            preexec_fn=functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit)),
        )  # fmt: skip
        assert done.returncode == 74 and "File too large" in done.stderr, done.stderr
        bench.judge(done, {74})


def fail_memory(bench: Bench, at: range | None, step: int, command: tuple[object, ...] | None = None) -> None:
    failing, count = preloaded(bench.folder, "failing_memory"), bench.folder / "count"

    def go(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return runs.entente(*command, env=environment) if command else bench.go(environment)

    bench.prepare()
    reference = go(failing | {"FAIL_COUNT": str(count)})
    n = int(count.read_text())
    assert reference.returncode == 0 and n > 100
    for i in at or range(1, n, step):
        if not command:
            bench.prepare()
        done = go(failing | {"FAIL_AT": str(i)})
        if command:
            assert done.returncode in (0, 70), done.stderr
            assert done.stdout == reference.stdout if done.returncode == 0 else "out of memory" in done.stderr
        else:
            bench.judge(done, {70}, again=i % 7 == 0)


def test_without_memory(benches: dict[str, Bench]) -> None:
    bench = benches["run"]
    fail_memory(bench, None, 997)
    fail_memory(bench, None, 499, ("show", bench.reference))
    fail_memory(bench, None, 17, ("check", bench.folder / "three.yaml"))


@pytest.mark.long
def test_without_memory_at_every_tenth(benches: dict[str, Bench]) -> None:
    bench, scenarios = benches["run"], Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios"
    fail_memory(bench, None, 10)
    for command in ("show", "compare"):
        fail_memory(bench, None, 10, (command, bench.reference))
    for path in (bench.folder / "three.yaml", scenarios / "central-asia-2026.yaml"):
        fail_memory(bench, None, 10, ("check", path))


@pytest.fixture
def flickering_disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system that is full and not full again, all the time."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("a tmpfs cannot be mounted here (needs root)")
    fill = """
import os, random, sys, time
random.seed(1)
while True:
    try:
        with open("filler", "wb") as file:
            while True:
                file.write(bytes(65536))
                file.flush()
    except OSError:
        pass
    time.sleep(random.random() * 0.004)
    os.path.exists("filler") and os.remove("filler")
    time.sleep(random.random() * 0.02)
"""
    filler = subprocess.Popen(["python3", "-c", fill], cwd=folder)
    yield folder
    filler.kill()
    filler.wait()
    subprocess.run(["umount", folder], check=True)


def flicker(bench: Bench, disk: Path, seconds: float) -> None:
    out, codes = disk / "out.h5", {0: 0, 74: 0}
    words = [out if word == "OUT" else word for word in COMMANDS["run"]]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        shutil.rmtree(f"{out}.parts", ignore_errors=True)
        out.unlink(missing_ok=True)
        Path(f"{out}.tmp").unlink(missing_ok=True)
        done = runs.entente(*words, cwd=bench.folder)
        codes[done.returncode] = codes.get(done.returncode, 0) + 1
        if done.returncode == 0:
            copy = shutil.copy(out, bench.folder / "copy.h5")
            assert runs.differences(bench.reference, copy) == ""
        else:
            assert done.returncode in {70, 73, 74} and done.stderr.startswith("entente: "), done
    print(codes)
    assert codes[74], "the disk was never full: the test is one of nothing"


def test_a_disk_that_is_full_now_and_then(benches: dict[str, Bench], flickering_disk: Path) -> None:
    flicker(benches["run"], flickering_disk, 5)


@pytest.mark.long
def test_a_disk_that_is_full_now_and_then_for_long(benches: dict[str, Bench], flickering_disk: Path) -> None:
    flicker(benches["run"], flickering_disk, 95)
