"""What can go wrong with a run, and what then happens: nothing committed is lost, no half file ever stands
under the final name, and the same command goes on.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs
from entente import seal

REPLICATES = 240
BLOCK = 10
ARGUMENTS = ("-n", REPLICATES, "--block", BLOCK, "-q", "-j", 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trouble")


@pytest.fixture(scope="module")
def scenario(folder: Path) -> Path:
    return runs.write_scenario(folder)


@pytest.fixture(scope="module")
def undisturbed(folder: Path, scenario: Path) -> Path:
    path = folder / "undisturbed.h5"
    runs.run(scenario, path, *ARGUMENTS)
    return path


@pytest.fixture(scope="module")
def seconds(folder: Path, scenario: Path, undisturbed: Path) -> float:
    """How long an undisturbed run takes."""
    start = time.monotonic()
    runs.run(scenario, folder / "timed.h5", *ARGUMENTS)
    return time.monotonic() - start


def start(scenario: Path, out: Path, *arguments: object) -> subprocess.Popen[str]:
    command = [runs.ENTENTE, "run", scenario, "-o", out, *(arguments or ARGUMENTS)]
    return subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE, text=True, start_new_session=True)


def workers_of(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def parts(out: Path) -> set[str]:
    folder = Path(f"{out}.parts")
    return {path.name for path in folder.glob("p*.part")} if folder.is_dir() else set()


def wait_for_parts(process: subprocess.Popen[str], out: Path, n: int) -> None:
    while process.poll() is None and len(parts(out)) < n:
        time.sleep(0.002)


def resume(scenario: Path, out: Path, undisturbed: Path) -> None:
    if out.exists():
        with h5py.File(out):  # under the final name there is never half a file
            pass
    for path in Path(f"{out}.parts").glob("p*.part"):
        seal.check(path)  # and what is committed is whole
    runs.run(scenario, out, *ARGUMENTS)
    assert runs.differences(undisturbed, out) == ""
    assert not os.path.exists(f"{out}.parts") and not os.path.exists(f"{out}.tmp")


def kill_somebody(process: subprocess.Popen[str], whom: str) -> bool:
    """Whether there was anybody to kill."""
    workers = workers_of(process.pid)
    if process.poll() is not None or (whom == "worker" and not workers):
        return False
    try:
        if whom == "all":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            os.kill(random.choice(workers) if whom == "worker" else process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def killed_and_resumed(scenario: Path, out: Path, undisturbed: Path, whom: str, moment: float) -> None:
    process = start(scenario, out)
    time.sleep(moment)
    kill_somebody(process, whom)
    said = process.communicate(timeout=120)[1]
    if whom == "worker":  # the run replaces it and ends well
        assert process.returncode == 0, said
        assert runs.differences(undisturbed, out) == ""
    else:
        resume(scenario, out, undisturbed)
    out.unlink()


@pytest.mark.parametrize("whom", ["parent", "worker", "all"])
def test_killed_and_resumed(
    folder: Path, scenario: Path, undisturbed: Path, seconds: float, whom: str
) -> None:
    for share in (0.2, 0.6):
        killed_and_resumed(scenario, folder / f"killed-{whom}.h5", undisturbed, whom, share * seconds)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGUSR1"])
def test_asked_to_stop(folder: Path, scenario: Path, undisturbed: Path, name: str) -> None:
    out = folder / f"{name}.h5"
    process = start(scenario, out)
    wait_for_parts(process, out, 3)
    process.send_signal(getattr(signal, name))
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 75, said
    assert "the same command continues" in said
    kept = parts(out)
    assert len(kept) >= 3 and not out.exists()
    assert f"{BLOCK * len(kept)} of {REPLICATES} replicates" in said
    assert not list(Path(f"{out}.parts").glob("*.tmp"))
    resume(scenario, out, undisturbed)


def test_a_block_that_is_not_whole_is_not_kept(folder: Path, scenario: Path) -> None:
    out = folder / "half.h5"
    process = start(scenario, out, "-n", 2000, "--block", 2000, "-q", "-j", 1)
    time.sleep(0.5)  # in the middle of the only block
    process.terminate()
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 75, said
    assert "0 of 2000 replicates" in said and parts(out) == set()


def test_interrupt_of_the_whole_group(folder: Path, scenario: Path, undisturbed: Path) -> None:
    """As Ctrl-C on a terminal does."""
    out = folder / "group.h5"
    process = start(scenario, out)
    wait_for_parts(process, out, 2)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 75
    resume(scenario, out, undisturbed)


def test_workers_end_with_their_parent(folder: Path, scenario: Path) -> None:
    out = folder / "orphans.h5"
    process = start(scenario, out, "-n", 50000, "--block", BLOCK, "-q", "-j", 3)  # that would take minutes
    wait_for_parts(process, out, 1)
    children = workers_of(process.pid)
    process.kill()
    process.wait()  # not for the end of its stderr, which a worker that lives on would hold
    deadline = time.monotonic() + 5
    alive = children
    while alive and time.monotonic() < deadline:
        time.sleep(0.01)
        stats = {pid: Path(f"/proc/{pid}/stat") for pid in alive}
        alive = [pid for pid, stat in stats.items() if stat.exists() and " Z " not in stat.read_text()]
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    assert children and not alive, "a worker outlived its parent"


@pytest.fixture
def interrupted(folder: Path, scenario: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    out = folder / f"{request.node.name}.h5"
    process = start(scenario, out)
    wait_for_parts(process, out, 3)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 75
    yield out
    shutil.rmtree(f"{out}.parts", ignore_errors=True)


def test_what_is_renamed_is_durable(tmp_path: Path) -> None:
    """Content is on the disk before its name, the name before anything that relies on it."""
    scenario = runs.write_scenario(tmp_path)
    environment = runs.preloaded(tmp_path, "call_log")
    out, log = tmp_path / "out.h5", tmp_path / "calls"
    runs.run(scenario, out, "-n", 40, "--block", 10, "-j", 2, "-q", env={**environment, "CALL_LOG": str(log)})
    calls = [line.split() for line in log.read_text().splitlines()]
    renames = [call for call in calls if call[1] == "rename"]
    assert {Path(to).name.split("-")[0] for _, _, _, to in renames} == {"plan", "recipe", "p0", "out.h5"}
    assert len(renames) == 2 + 4 + 1
    for process, _, temporary, name in renames:
        assert temporary.endswith(".tmp") and temporary != name
        own = [call[1:] for call in calls if call[0] == process]
        at = own.index(["rename", temporary, name])
        assert own[at - 1] == ["fsync", temporary]
        assert own[at + 1] == ["fsync", str(Path(name).parent)]
    final = calls.index(next(call for call in renames if call[3] == str(out)))
    removals = [i for i, call in enumerate(calls) if call[1] == "unlink" and call[2].endswith(".part")]
    assert len(removals) == 4 and min(removals) > final + 1


def test_what_dead_writers_left_is_removed(folder: Path, scenario: Path, undisturbed: Path) -> None:
    out = folder / "left.h5"
    process = start(scenario, out)
    wait_for_parts(process, out, 2)
    process.kill()
    process.communicate()
    Path(f"{out}.parts/p0-r0-10-0123456789abcdef.part.999.tmp").write_text("half a part")
    Path(f"{out}.parts/result.tmp").write_text("half a result")
    resume(scenario, out, undisturbed)


def test_a_changed_scenario_is_refused(tmp_path: Path, interrupted: Path, undisturbed: Path) -> None:
    kept = parts(interrupted)
    changed = runs.write_scenario(tmp_path, runs.SCENARIO.replace("lasting: 0.1", "lasting: 0.2"))
    done = runs.entente("run", changed, "-o", interrupted, *ARGUMENTS)
    assert done.returncode == 65
    assert "three.yaml has changed: kind call" in done.stderr and "--restart" in done.stderr
    assert parts(interrupted) == kept
    seed = runs.entente("run", runs.write_scenario(tmp_path), "-o", interrupted, *ARGUMENTS, "-s", 6)
    assert seed.returncode == 65 and "seed: 5 there, 6 here" in seed.stderr
    settings = runs.entente("run", runs.write_scenario(tmp_path), "-o", interrupted, *ARGUMENTS, "--set",
                            "kinds.call.effect.lasting=0.2")
    assert settings.returncode == 65 and "set kinds.call.effect.lasting" in settings.stderr
    other = "# a comment\n" + runs.SCENARIO.replace("replicates: 60", "replicates: 9")
    commented = runs.write_scenario(tmp_path, other)
    resume(commented, interrupted, undisturbed)


def test_a_changed_table_is_refused(tmp_path: Path) -> None:
    text = runs.SCENARIO.replace("\nties:\n", "\nties:\n  from: ties.csv\n")
    table = tmp_path / "ties.csv"
    table.write_text("a,b,strength\nBBB,CCC,0.1\n")
    out = tmp_path / "out.h5"
    scenario = runs.write_scenario(tmp_path, text)
    runs.run(scenario, out, "-n", 5)
    table.write_text("a,b,strength\nBBB,CCC,0.2\n")
    done = runs.entente("run", scenario, "-o", out, "-n", 5)
    assert done.returncode == 65 and "three.yaml has changed: ties)" in done.stderr
    runs.run(scenario, out, "-n", 5, "--restart")
    with h5py.File(out) as file:
        assert file["provenance/file_text"][1].decode() == table.read_text()


def test_restart_starts_over(scenario: Path, interrupted: Path, undisturbed: Path) -> None:
    done = runs.entente("run", scenario, "-o", interrupted, *ARGUMENTS, "--restart", "--json")
    assert done.returncode == 0, done.stderr
    assert '"reused": 0' in done.stdout
    assert runs.differences(undisturbed, interrupted) == ""


def test_parts_that_vanish_or_break_are_done_again(scenario: Path, interrupted: Path, undisturbed: Path) -> None:
    files = sorted(Path(f"{interrupted}.parts").glob("p*.part"))
    files[0].unlink()
    with files[1].open("r+b") as file:
        file.truncate(5000)
    files[2].write_bytes(undisturbed.read_bytes())  # of another kind
    runs.run(scenario, interrupted, *ARGUMENTS)
    assert runs.differences(undisturbed, interrupted) == ""


def test_a_flipped_bit_is_noticed(scenario: Path, interrupted: Path, undisturbed: Path) -> None:
    path = sorted(Path(f"{interrupted}.parts").glob("p*.part"))[1]
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 4
    path.write_bytes(content)
    done = runs.run(scenario, interrupted, *ARGUMENTS)
    assert f"{path}: missing or damaged" in done.stderr
    assert runs.differences(undisturbed, interrupted) == ""


def test_the_parts_folder_vanishes(folder: Path, scenario: Path, undisturbed: Path) -> None:
    out = folder / "vanishing.h5"
    process = start(scenario, out)
    wait_for_parts(process, out, 2)
    os.rename(f"{out}.parts", folder / "elsewhere")
    said = process.communicate(timeout=60)[1]
    assert process.returncode in (73, 74), said
    assert "parts" in said and not out.exists()
    resume(scenario, out, undisturbed)


def test_two_runs_of_one_output(folder: Path, scenario: Path) -> None:
    out = folder / "locked.h5"
    os.mkdir(f"{out}.parts")
    with open(f"{out}.parts/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242\n")
        lock.flush()
        done = runs.entente("run", scenario, "-o", out, *ARGUMENTS)
    assert done.returncode == 73
    assert "another run is writing this output, process 4242" in done.stderr
    runs.run(scenario, out, "-n", 3)


def test_foreign_files_are_never_overwritten(folder: Path, scenario: Path) -> None:
    out = folder / "letter.h5"
    out.write_text("dear reader")
    for extra in ((), ("--restart",)):
        done = runs.entente("run", scenario, "-o", out, "-n", 3, *extra)
        assert done.returncode == 73 and "another type" in done.stderr
    assert out.read_text() == "dear reader"
    done = runs.entente("run", scenario, "-o", folder, "-n", 3)
    assert done.returncode == 73


def test_an_output_of_another_run_is_kept(folder: Path, scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    runs.run(scenario, out, "-n", 3)
    before = out.read_bytes()
    done = runs.entente("run", scenario, "-o", out, "-n", 3, "-s", 1)
    assert done.returncode == 65 and "seed: 5 there, 1 here" in done.stderr
    assert out.read_bytes() == before
    runs.run(scenario, out, "-n", 3, "-s", 1, "--restart")
    assert out.read_bytes() != before


@pytest.mark.parametrize("name", ["letter.txt/out.h5", "/proc/out.h5", "no/such/folder/out.h5"])
def test_folders_that_cannot_be_written(scenario: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "letter.txt").write_text("no folder")
    done = runs.entente("run", scenario, "-o", tmp_path / name, "-n", 3)
    assert done.returncode == 73, done.stderr
    assert "out.h5" in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("a tmpfs cannot be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_only_reads(scenario: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    done = runs.entente("run", scenario, "-o", small_disk / "out.h5", "-n", 3)
    assert done.returncode == 73
    assert "Read-only file system" in done.stderr


def test_a_full_disk(scenario: Path, undisturbed: Path, small_disk: Path) -> None:
    out = small_disk / "out.h5"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(6 << 20))
    done = runs.entente("run", scenario, "-o", out, *ARGUMENTS)
    assert done.returncode == 74, done.stderr
    assert "disk full" in done.stderr
    assert parts(out) and not out.exists()
    assert not list(Path(f"{out}.parts").glob("*.tmp"))
    ballast.unlink()
    ballast.write_bytes(bytes(1 << 20))
    resume_when_there_is_space(scenario, out, undisturbed, ballast)


def resume_when_there_is_space(scenario: Path, out: Path, undisturbed: Path, ballast: Path) -> None:
    """The disk may fill again, at the merge; what is done stays, and an empty disk is enough."""
    kept = parts(out)
    done = runs.entente("run", scenario, "-o", out, *ARGUMENTS)
    if done.returncode == 74:
        assert parts(out) >= kept and not out.exists() and not Path(f"{out}.tmp").exists()
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", out.parent], check=True)
    resume(scenario, out, undisturbed)


def test_replicates_that_explode_are_flagged(tmp_path: Path) -> None:
    text = runs.SCENARIO.replace("seed: 5}", "seed: 5, event_cap: 60}")
    out = tmp_path / "out.h5"
    done = runs.entente("run", runs.write_scenario(tmp_path, text), "-o", out)
    assert done.returncode == 70
    assert "stopped early" in done.stderr
    with h5py.File(out) as file:
        failed = (file["status"][()] != 0).any(axis=0)
        assert 0 < failed.sum() < 60
        assert file["summary"].attrs["failed_replicates"] == failed.sum()
        assert (file["summary/n"][()] == 60 - failed.sum()).all()
        quantity = file["quantity_value"][:, ~failed, 0]
        assert file["summary/mean"][0, 0] == pytest.approx(quantity[0].mean())
        assert "event_cap" in file["status"].attrs["flag_meanings"].decode()
        stopped = file["status"][()] != 0
        for name in ("quantity_value", "strength", "alignment", "trade"):
            values = file[name][()]
            assert np.isnan(values[stopped]).all() and not np.isnan(values[~stopped]).all(), name
        assert file["histogram/strength/count"][()].sum() == 2 * (60 - failed.sum()) * file["time"].size * 2
