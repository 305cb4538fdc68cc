"""`entente figure`, `report` and `export`: commands of the Python package, in an interpreter that has what it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import runs


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("python")
    scenario = runs.write_scenario(folder, runs.SCENARIO)
    runs.run(scenario, folder / "out.h5", "-n", 4, "-j", 1)
    return folder / "out.h5"


def command(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """With nothing of the package set by the tests themselves."""
    left_out = ("PYTHONPATH", "ENTENTE", "PYTHON")
    base = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(
        [runs.ENTENTE, *map(str, words)], capture_output=True, text=True, check=False, env=base | environment
    )


def stub(folder: Path, text: str) -> str:
    """A PATH whose python3 is this script."""
    folder.mkdir()
    (folder / "python3").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "python3").chmod(0o755)
    return f"{folder}:/nowhere"


def test_each_writes_its_output(out: Path) -> None:
    for name, made in (("figure", "f.png"), ("report", "p.html"), ("export", "tables")):
        done = command(name, out, "-o", out.parent / made, PYTHON=sys.executable)
        assert done.returncode == 0, done.stderr
        assert (out.parent / made).exists()


def test_exit_codes_and_help_are_the_package_s(out: Path) -> None:
    assert command("figure", PYTHON=sys.executable).returncode == 64
    assert command("report", out.parent / "none.h5", "-o", "p.html", PYTHON=sys.executable).returncode == 66
    told = command("help", "export", PYTHON=sys.executable)
    assert told.returncode == 0 and told.stdout.startswith("usage: entente export")
    assert max(map(len, told.stdout.splitlines())) <= 80


@pytest.mark.skipif(not os.access("/usr/bin/python3", os.X_OK), reason="no /usr/bin/python3 to fall back on")
def test_an_interpreter_without_the_packages_is_passed_over(out: Path, tmp_path: Path) -> None:
    has = subprocess.run(["/usr/bin/python3", "-c", "import h5netcdf, matplotlib"], capture_output=True, check=False)
    if has.returncode:
        pytest.skip("/usr/bin/python3 lacks the packages")
    done = command("export", out, "-o", tmp_path / "tables", PATH=stub(tmp_path / "bin", "exit 69"))
    assert done.returncode == 0, done.stderr


def test_what_is_missing_is_said_by_the_interpreter(out: Path, tmp_path: Path) -> None:
    """The first one there is: it names what it lacks."""
    lacks = 'case "$1" in -c) exit 69;; esac\necho "entente: this one lacks numpy" >&2\nexit 69'
    fallback = stub(tmp_path / "bin", lacks)
    done = command("report", out, "-o", tmp_path / "p.html", PYTHON=str(tmp_path / "bin" / "python3"), PATH=fallback)
    if done.returncode == 0:
        assert os.access("/usr/bin/python3", os.X_OK)  # which has everything
    else:
        assert done.returncode == 69 and "lacks numpy" in done.stderr
