"""OUT.h5.parts: only a folder of our own is worked in, and only what is ours in it is ever removed or followed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import runs

SCENARIO = runs.SCENARIO.replace("replicates: 60", "replicates: 8")
RUN = ("run", "three.yaml", "-j1", "-q", "-o", "out.h5")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    runs.write_scenario(tmp_path, SCENARIO)
    return tmp_path


@pytest.fixture
def parts(folder: Path) -> Path:
    return folder / "out.h5.parts"


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def kill_before_rename(folder: Path, name: str) -> None:
    """Run until the file of that name is to get it, and no further."""
    killer = shutil.which("strace")
    if not killer:
        pytest.skip("strace is not installed")
    done = subprocess.run(
        [killer, "-f", "-qq", "-o", folder / "trace", "-e", "trace=rename,renameat,renameat2,unlinkat,rmdir",
         "-e", f"inject={name}:signal=KILL", runs.ENTENTE, *RUN],
        cwd=folder, capture_output=True, text=True, timeout=120)
    (folder / "trace").unlink()
    assert done.returncode in (-signal.SIGKILL, 137), done.stderr


@pytest.mark.parametrize("names", [
    ("proof.h5", "thesis.tmp"),
    ("p1.h5",),
    ("p0-r0-4-0123456789abcdef.part",),
    ("recipe",),
    ("plan.txt",),
    ("note.part", "lock"),
    (".hidden",),
])
def test_a_folder_of_somebody_elses_files_is_left_as_it_is(folder: Path, parts: Path, names: tuple[str, ...]) -> None:
    parts.mkdir()
    for name in names:
        (parts / name).write_text("mine")
    before = content(folder)
    for extra in ((), ("--restart",), ("--task=0/2",)):
        done = runs.entente(*RUN, *extra, cwd=folder)
        assert done.returncode == 73, done.stderr
        assert "out.h5.parts" in done.stderr and any(name in done.stderr for name in names)
        assert "not made by entente" in done.stderr
        assert content(folder) == before
    done = runs.entente("merge", "out.h5", cwd=folder)
    assert done.returncode == 73 and content(folder) == before


@pytest.mark.parametrize("extra", [(), ("--restart",), ("--task=0/2",)])
def test_a_plan_of_another_making(folder: Path, parts: Path, extra: tuple[str, ...]) -> None:
    parts.mkdir()
    (parts / "plan").write_text("of a house\n")
    before = content(folder)
    done = runs.entente(*RUN, *extra, cwd=folder)
    assert done.returncode == 73 and "is not that of a run" in done.stderr
    assert content(folder) == before


def test_a_foreign_file_among_our_own_stays(folder: Path, parts: Path) -> None:
    assert runs.entente(*RUN, "--task=0/2", cwd=folder).returncode == 0
    for name in ("thesis.tmp", "proof.h5", "plan.bak", "p0-r0-4-0123456789abcdef.part.bak", "results.tmp"):
        (parts / name).write_text("mine")
    (parts / "pictures").mkdir()
    assert runs.entente(*RUN, cwd=folder).returncode == 0
    assert sorted(path.name for path in parts.iterdir()) == [
        "p0-r0-4-0123456789abcdef.part.bak", "pictures", "plan.bak", "proof.h5", "results.tmp", "thesis.tmp"]
    assert runs.entente("show", "out.h5", cwd=folder).returncode == 0


def test_an_empty_folder_is_taken(folder: Path, parts: Path) -> None:
    parts.mkdir()
    assert runs.entente(*RUN, cwd=folder).returncode == 0
    assert not parts.exists()


def test_links_are_not_followed(folder: Path, parts: Path) -> None:
    mine = folder / "my"
    mine.mkdir()
    (mine / "pictures.h5").write_text("mine")
    parts.symlink_to("my")
    done = runs.entente(*RUN, cwd=folder)
    assert done.returncode == 73 and "is not a folder" in done.stderr and not (folder / "out.h5").exists()
    assert (mine / "pictures.h5").read_text() == "mine"
    parts.unlink()

    victim = folder / "victim"
    for link in (Path.symlink_to, Path.hardlink_to):
        for name in ("lock", "plan"):
            parts.mkdir()
            victim.write_text("precious")
            link(parts / name, victim)
            done = runs.entente(*RUN, cwd=folder)
            assert done.returncode in (73, 74) and done.stderr.count("\n") == 1, done.stderr
            assert victim.read_text() == "precious"
            shutil.rmtree(parts)
    (parts).mkdir()
    os.mkfifo(parts / "lock")
    done = runs.entente(*RUN, cwd=folder)
    assert done.returncode == 73 and "is not the lock" in done.stderr


def test_a_part_is_no_link(folder: Path, parts: Path) -> None:
    """Not even to one that is right; it is simulated again."""
    for task in ("0/2", "1/2"):
        assert runs.entente(*RUN, "--task", task, cwd=folder).returncode == 0
    part = sorted(parts.glob("p*.part"))[0]
    part.rename(folder / "elsewhere")
    part.symlink_to(folder / "elsewhere")
    before = (folder / "elsewhere").read_bytes()
    done = runs.entente("merge", "out.h5", cwd=folder)
    assert done.returncode == 65 and "is a link, which is not followed" in done.stderr, done.stderr
    assert runs.entente(*RUN, cwd=folder).returncode == 0
    assert (folder / "elsewhere").read_bytes() == before and not parts.exists()


def test_a_finished_file_may_be_a_link(folder: Path) -> None:
    assert runs.entente(*RUN, cwd=folder).returncode == 0
    (folder / "link.h5").symlink_to("out.h5")
    assert runs.entente("show", "link.h5", cwd=folder).returncode == 0


def test_a_link_in_the_way_of_a_temporary_file(folder: Path, parts: Path) -> None:
    assert runs.entente(*RUN, "--task=0/2", cwd=folder).returncode == 0
    victim = folder / "victim"
    victim.write_text("precious")
    (parts / "result.tmp").symlink_to(victim)
    (folder / "out.h5.tmp").symlink_to(victim)
    assert runs.entente(*RUN, cwd=folder).returncode == 0
    assert victim.read_text() == "precious"
    assert (folder / "out.h5.tmp").is_symlink() and not (folder / "out.h5").is_symlink()


def test_a_foreign_temporary_file_stays(folder: Path) -> None:
    (folder / "out.h5.tmp").write_text("mine")
    assert runs.entente(*RUN, cwd=folder).returncode == 0
    assert (folder / "out.h5.tmp").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user")
def test_a_folder_of_another_user(folder: Path, parts: Path) -> None:
    parts.mkdir(mode=0o777)
    os.chown(parts, 12345, 12345)
    for command in (RUN, (*RUN, "--task=0/2"), ("merge", "out.h5")):
        done = runs.entente(*command, cwd=folder)
        assert done.returncode == 73 and "belongs to another user" in done.stderr
    assert not list(parts.iterdir())


def test_a_run_that_dies_before_its_plan_is_there_is_gone_on_with(folder: Path, parts: Path) -> None:
    kill_before_rename(folder, "renameat")
    left = {path.name.split(".")[0] for path in parts.iterdir()}
    assert left <= {"lock", "plan"}
    assert runs.entente(*RUN, cwd=folder).returncode == 0
    assert not parts.exists()


def test_a_run_that_dies_while_it_removes_its_parts(folder: Path, parts: Path) -> None:
    """The plan goes last, so that what is left is known for ours; the same command removes it."""
    for call in ("unlinkat:when=2", "unlinkat:when=3", "unlinkat:when=4", "rmdir"):
        kill_before_rename(folder, call)
        assert (folder / "out.h5").exists() or parts.exists()
        done = runs.entente(*RUN, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert not parts.exists(), call
        (folder / "out.h5").unlink()


@pytest.mark.parametrize("words", [
    ("sweep", "--slurm=1"),
    ("sweep", "--slurm"),
    ("sweep", "--slu"),
    ("sweep", "--task=0/2"),
    ("run", "--task=0/2"),
    ("run", "--restart"),
    ("sweep", "--restart"),
    ("fit", "--events=events.csv"),
    ("new", "other.yaml"),
])
def test_merge_runs_no_recipe_that_does_anything_else(folder: Path, parts: Path, words: tuple[str, ...]) -> None:
    assert runs.entente(*RUN, "--task=0/1", cwd=folder).returncode == 0
    submitted = folder / "sbatch"
    submitted.write_text(f"#!/bin/sh\ntouch {folder}/submitted\necho 1\n")
    submitted.chmod(0o755)
    command, *rest = words
    (parts / "recipe").write_text("\n".join((str(folder), command, "three.yaml", *rest)) + "\n")
    before = content(parts)
    done = runs.entente("merge", "out.h5", cwd=folder, env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"})
    assert done.returncode in (64, 65) and "recipe" in done.stderr and "damaged" in done.stderr, done.stderr
    assert not (folder / "submitted").exists() and not (folder / "out.h5").exists()
    assert content(parts) == before


@pytest.mark.parametrize("removed", [(), ("p",), ("p", "recipe")])
def test_merge_that_dies_before_it_has_cleared_up(folder: Path, parts: Path, removed: tuple[str, ...]) -> None:
    assert runs.entente(*RUN, "--task=0/1", cwd=folder).returncode == 0
    kept = folder / "kept"
    shutil.copytree(parts, kept)
    assert runs.entente("merge", "out.h5", cwd=folder).returncode == 0
    kept.rename(parts)
    for path in parts.iterdir():
        if path.name.split("0")[0] in removed:
            path.unlink()
    done = runs.entente("merge", "out.h5", cwd=folder)
    assert done.returncode == 0 and not parts.exists(), done.stderr


@pytest.mark.parametrize("command", [
    ("run", "three.yaml", "-o", ""),
    ("sweep", "three.yaml", "--param", "kinds.call.rate.per_year=2:8", "-o", ""),
    ("merge", ""),
    ("fit", "three.yaml", "--events", "", "-o", "x.yaml"),
    ("run", ""),
])
def test_an_empty_name(folder: Path, command: tuple[str, ...]) -> None:
    before = content(folder)
    done = runs.entente(*command, cwd=folder)
    assert done.returncode == 64 and "empty" in done.stderr, done.stderr
    assert content(folder) == before


def test_a_folder_that_is_gone(folder: Path) -> None:
    gone = folder / "gone"
    gone.mkdir()
    script = ("import os, subprocess, sys; os.rmdir(os.getcwd()); "
              "sys.exit(subprocess.run(sys.argv[1:]).returncode)")
    for words in (("run", folder / "three.yaml", "-q", "-o", "out.h5"), ("merge", "out.h5")):
        gone.mkdir(exist_ok=True)
        done = subprocess.run([sys.executable, "-c", script, runs.ENTENTE, *map(str, words)], cwd=gone,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode in (66, 73) and "memory" not in done.stderr, done.stderr


@pytest.mark.parametrize("most", range(3, 20))
def test_few_files_may_be_open(folder: Path, most: int) -> None:
    """Whatever fails for want of descriptors says so, and nothing is called damaged or missing that is not."""
    done = subprocess.run(["sh", "-c", f"ulimit -n {most}; exec \"$@\"", "sh", runs.ENTENTE, *RUN], cwd=folder,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 66, 70, 73, 74, 127), done.stderr
    if done.returncode not in (0, 127):
        assert "Too many open files" in done.stderr or "error while loading" in done.stderr, done.stderr
    assert "damaged" not in done.stderr
