"""Where results may go: links are followed, what is read or of another making is never overwritten, locks are told."""

from __future__ import annotations

import datetime
import random
import shutil
import subprocess
import time
from pathlib import Path

import h5py
import pytest

import runs

SCENARIO = runs.SCENARIO.replace("replicates: 60", "replicates: 4")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    runs.write_scenario(tmp_path, SCENARIO)
    draw, first = random.Random(3), datetime.date(2026, 1, 1)
    days = sorted(draw.randrange(360) for _ in range(120))
    rows = (f"{first + datetime.timedelta(days=day)},AAA,{draw.choice(['BBB', 'CCC'])},call\n" for day in days)
    (tmp_path / "events.csv").write_text("date,initiator,target,kind\n" + "".join(dict.fromkeys(rows)))
    return tmp_path


FIT = ("fit", "three.yaml", "--events", "events.csv")
SCORE = ("score", "three.yaml", "--events", "events.csv", "--from", "2026-06-01", "-t", "call", "-w", "20", "-n", "2",
         "--every", "60")
RUN = ("run", "three.yaml", "-j1", "-q")
SWEEP = ("sweep", "three.yaml", "--param", "kinds.call.rate.per_year=2:8", "--points", "2", "-n", "1", "-j1", "-q")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("command", [
    (*FIT, "-o", "events.csv"),
    (*FIT, "-o", "three.yaml"),
    (*FIT, "-o", "link.yaml"),
    (*FIT, "-o", "hard.yaml"),
    (*FIT, "-o", "made.h5"),
    (*FIT, "-o", "fitted.yaml", "--residuals=fitted.yaml"),
    ("fit", "fitted.yaml", "--events", "events.csv", "-o", "./fitted.yaml"),
    (*FIT, "--residuals=events.csv"),
    (*FIT, "--residuals=three.yaml"),
    (*FIT, "--residuals=made.h5"),
    (*FIT, "-o", "new.yaml", "--simulate=200", "--simulated=events.csv"),
    (*FIT, "-o", "new.yaml", "--simulate=200", "--simulated=scores.csv"),
    (*FIT, "-o", "new.yaml", "--residuals=link-to-new.yaml"),
    (*SCORE, "-o", "events.csv"),
    (*SCORE, "-o", "residuals.csv"),
    (*SCORE, "-o", "empty"),
    ("run", "made.h5", "-q", "-o", "made.h5"),
    ("run", "made.h5", "-q", "--restart", "-o", "link.h5"),
    (*RUN, "-o", "events.csv"),
    (*RUN, "-o", "three.yaml"),
    (*SWEEP, "-o", "three.yaml"),
    ("sweep", "three.yaml", "--list", "points.csv", "-q", "-o", "points.csv"),
    (*FIT, "-o", "/dev/null"),
    (*FIT, "--residuals=/dev/null"),
    (*RUN, "-o", "/dev/null"),
    (*RUN, "-o", "-"),
    (*FIT, "-o", "-"),
    (*SCORE, "-o", "-"),
    (*SWEEP, "-o", "-"),
    ("merge", "-"),
], ids=" ".join)
def test_nothing_that_is_there_is_overwritten(folder: Path, command: tuple[str, ...]) -> None:
    """Exit code 73 before anything is done, and all files as they were."""
    runs.run(folder / "three.yaml", folder / "made.h5", "-j1", "-q")
    assert runs.entente(*FIT, "-o", "fitted.yaml", "--residuals=residuals.csv", cwd=folder).returncode == 0
    assert runs.entente(*SCORE, "-o", "scores.csv", cwd=folder).returncode == 0
    (folder / "link.yaml").symlink_to("three.yaml")
    (folder / "hard.yaml").hardlink_to(folder / "three.yaml")
    (folder / "link.h5").symlink_to("made.h5")
    (folder / "link-to-new.yaml").symlink_to("new.yaml")
    (folder / "points.csv").write_text("kinds.call.rate.per_year\n4\n")
    (folder / "empty").touch()
    before, names = files(folder), sorted(path.name for path in folder.iterdir())
    done = runs.entente(*command, cwd=folder)
    assert done.returncode == 73, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == "" and len(done.stderr.strip().splitlines()) == 1
    assert files(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == names
    assert Path("/dev/null").is_char_device()


def test_its_own_earlier_output_is_replaced(folder: Path) -> None:
    fit = (*FIT, "-o", "f.yaml", "--residuals=r.csv", "--simulate=200", "--simulated=s.csv")
    commands = (fit, (*SCORE, "-o", "c.csv"))
    for command in commands:
        assert runs.entente(*command, cwd=folder).returncode == 0
        before = files(folder)
        changed = tuple("--until=2026-10-01" if word == "--until" else word for word in (*command, "--until"))
        again = runs.entente(*changed, cwd=folder)
        assert again.returncode == 0, again.stderr
        assert files(folder) != before and files(folder).keys() == before.keys()


@pytest.mark.parametrize("there", [False, True], ids=["dangling", "there"])
@pytest.mark.parametrize(("command", "name"), [
    ((*RUN, "-o"), "o.h5"), ((*SWEEP, "-o"), "o.h5"), ((*FIT, "-o"), "o.yaml"), ((*FIT, "--residuals"), "o.csv"),
    ((*SCORE, "-o"), "o.csv"), (("new",), "o.yaml"),
], ids=["run", "sweep", "fit", "residuals", "score", "new"])
def test_links_are_followed(folder: Path, command: tuple[str, ...], name: str, there: bool) -> None:
    """A chain of two links, the second relative to its folder, stays; the file is made where it ends."""
    scratch = folder / "scratch"
    scratch.mkdir()
    (folder / name).symlink_to("scratch/middle")
    (scratch / "middle").symlink_to("end.of.it")
    target = scratch / "end.of.it"
    if there and command != ("new",):
        assert runs.entente(*command, name, cwd=folder).returncode == 0
    names = sorted(path.name for path in folder.iterdir())
    done = runs.entente(*command, name, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / name).is_symlink() and (scratch / "middle").is_symlink()
    assert target.stat().st_size > 100 and not target.is_symlink()
    assert sorted(path.name for path in folder.iterdir()) == names  # nothing is left beside the link


def test_parts_lie_beside_the_target_of_a_link(folder: Path) -> None:
    scratch = folder / "scratch"
    scratch.mkdir()
    (folder / "o.h5").symlink_to("scratch/o.h5")
    for task in (0, 1):
        done = runs.entente(*RUN, "--block", 2, "-o", "o.h5", "--task", f"{task}/2", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert (scratch / "o.h5.parts").is_dir() and not (folder / "o.h5.parts").exists()
    merged = runs.entente("merge", "o.h5", "-q", cwd=folder)
    assert merged.returncode == 0, merged.stderr
    assert (folder / "o.h5").is_symlink() and not (scratch / "o.h5.parts").exists()
    runs.run(folder / "three.yaml", folder / "plain.h5", "-q", "--block", 2)
    assert runs.differences(scratch / "o.h5", folder / "plain.h5") == ""
    assert runs.entente("merge", "o.h5", "-q", cwd=folder).returncode == 0  # complete already


def test_links_in_a_circle_are_refused(folder: Path) -> None:
    (folder / "a.h5").symlink_to("b.h5")
    (folder / "b.h5").symlink_to("a.h5")
    for command in ((*RUN, "-o", "a.h5"), (*FIT, "-o", "a.h5"), (*SCORE, "-o", "a.h5"), ("merge", "a.h5")):
        done = runs.entente(*command, cwd=folder)
        assert done.returncode == 73 and "circle" in done.stderr, done.stderr
    assert (folder / "a.h5").is_symlink() and (folder / "b.h5").is_symlink()


def test_parts_that_are_no_folder_are_told_first(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "p.h5").write_text("mine")
    (folder / "o.h5.parts").symlink_to("mine")
    done = runs.entente(*RUN, "-o", "o.h5", cwd=folder)
    assert done.returncode == 73 and "o.h5.parts: is not a folder" in done.stderr
    assert not (folder / "o.h5").exists() and (folder / "mine" / "p.h5").read_text() == "mine"


def test_a_file_that_is_open_elsewhere_is_told_as_such(folder: Path) -> None:
    """HDF5 locks what it writes; that is no file of another kind."""
    out = folder / "o.h5"
    runs.run(folder / "three.yaml", out, "-q")
    whole = out.read_bytes()
    with h5py.File(out, "r+"):
        for command in (("run", "three.yaml", "-n9", "-o", out), ("run", "three.yaml", "--restart", "-o", out)):
            done = runs.entente(*command, cwd=folder)
            assert done.returncode == 73 and "open for writing" in done.stderr, done.stderr
        shown = runs.entente("show", out)
        assert shown.returncode == 66 and "open for writing" in shown.stderr, shown.stderr
    done = runs.entente("run", "three.yaml", "-n9", "-q", "-o", out, cwd=folder)
    assert done.returncode == 73 and "changed by another program" in done.stderr  # which takes the seal away
    out.write_bytes(whole)
    assert runs.entente("run", "three.yaml", "-n9", "-q", "-o", out, cwd=folder).returncode == 0


def test_whoever_waits_for_a_lock_finds_what_was_made(folder: Path) -> None:
    """The run that is done first removes the lock that the others wait for; they must see that, and then the result."""
    scenario = runs.write_scenario(folder, SCENARIO.replace("replicates: 4", "replicates: 400"))
    for trial in range(4):
        out = folder / f"{trial}.h5"
        command = [runs.ENTENTE, "run", scenario, "-o", out, "-j1", "-q"]
        together = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        said = [process.communicate(timeout=120)[1] for process in together]
        assert [process.returncode for process in together] == [0] * 4, said
        assert not Path(f"{out}.parts").exists()
    assert runs.differences(folder / "0.h5", folder / "3.h5") == ""


def test_a_lock_is_told_with_its_holder(folder: Path) -> None:
    scenario = runs.write_scenario(folder, SCENARIO.replace("replicates: 4", "replicates: 100000"))
    command = [runs.ENTENTE, "run", scenario, "-o", folder / "o.h5", "-j1", "-q"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as writer:
        lock = folder / "o.h5.parts" / "lock"
        while not (lock.exists() and lock.read_text()):
            time.sleep(0.01)
        done = runs.entente("run", scenario, "-o", folder / "o.h5", "-j1", "-q")
        writer.terminate()
    assert done.returncode == 73
    assert f"another run is writing this output, process {writer.pid}" in done.stderr


def test_deep_folders(folder: Path) -> None:
    """Paths are as long as the system lets them be."""
    deep = folder
    while len(str(deep)) < 3500:
        deep = deep / ("d" * 200)
    deep.mkdir(parents=True)
    shutil.copy(folder / "three.yaml", deep / "three.yaml")
    share = (*RUN, "-o", deep / "t.h5", "--task=0/1")
    for command in ((*RUN, "-o", deep / "o.h5"), share, ("merge", deep / "t.h5", "-q")):
        done = runs.entente(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    assert runs.differences(deep / "o.h5", deep / "t.h5") == ""
