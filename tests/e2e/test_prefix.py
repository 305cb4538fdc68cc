"""An installation without root, below a prefix that is moved afterwards: program, scenarios, package, manual."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import runs

BUILD = Path(runs.ENTENTE).parent


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("install")
    environment = {name: value for name, value in os.environ.items() if name != "DESTDIR"}
    subprocess.run(
        ["cmake", "--install", BUILD, "--prefix", folder / "here"], check=True, capture_output=True, env=environment
    )
    return (folder / "here").rename(folder / "moved there")


def outside(prefix: Path, *command: object) -> subprocess.CompletedProcess[str]:
    """A command in a folder that has nothing, with nothing of the source tree in reach."""
    environment = {"PATH": f"{prefix}/bin:/usr/bin:/bin", "HOME": str(prefix)}
    done = subprocess.run(
        [str(word) for word in command], cwd=prefix.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def test_scenarios_and_tables_are_found(prefix: Path) -> None:
    scenarios = prefix / "share" / "entente" / "scenarios"
    for scenario in sorted([*scenarios.glob("*.yaml"), *scenarios.glob("fitted/*.yaml")]):
        outside(prefix, "entente", "check", scenario)
    for file in scenarios.rglob("*.yaml"):  # a path of the machine it was made on would be found there
        assert not re.search(r"from:\s*[\"']?/", file.read_text(encoding="utf-8")), file
    assert (scenarios / "schema.json").is_file()
    told = outside(prefix, "entente", "sweep", f"@{scenarios}/sweeps/us-kaz-2027.sweep", "-o", "out.h5", "--dry-run")
    assert "morris, 1320 points" in told.stdout


def test_a_run_needs_nothing_of_the_source(prefix: Path) -> None:
    outside(prefix, "entente", "run", prefix / "share/entente/scenarios/minimal.yaml", "-o", "m.h5", "-q", "-n", 5)
    with (prefix.parent / "m.h5").open("rb") as made:
        assert made.read(4) == b"\x89HDF"
    outside(prefix, "env", f"PYTHON={sys.executable}", "entente", "report", "m.h5", "-o", "m.html")
    assert (prefix.parent / "m.html").stat().st_size > 10_000


def test_the_manual_and_the_package_are_there(prefix: Path) -> None:
    assert ".TH ENTENTE 1" in (prefix / "share/man/man1/entente.1").read_text()
    (package,) = prefix.glob("lib/**/entente/__init__.py")
    path = str(package.parents[1])
    code = f"import sys; sys.path.insert(0, {path!r}); import entente; print(entente.program.program())"
    told = outside(prefix, sys.executable, "-c", code).stdout.strip()
    assert told == shutil.which("entente", path=f"{prefix}/bin")
