"""A build without igraph: what igraph computes is refused in words, all else is the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build = tmp_path_factory.mktemp("without") / "build"
    options = [f"-DENTENTE_{name}=OFF" for name in ("IGRAPH", "TESTS", "LTO")]
    for command in (["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", *options], ["cmake", "--build", build]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return build / "entente"


def scenario(folder: Path, metrics: str) -> Path:
    before, own = runs.SCENARIO.split("  metrics:\n")
    assert own.startswith("    every")
    return runs.write_scenario(folder, f"{before}  metrics: {{every: 90 d, of: {metrics}}}\n")


def test_its_metrics_are_refused(program: Path, tmp_path: Path) -> None:
    path = scenario(tmp_path, "[density, modularity]")
    done = subprocess.run([program, "check", path], capture_output=True, text=True, check=False)
    assert done.returncode == 65 and "modularity is computed by igraph" in done.stderr, done.stderr
    assert runs.entente("check", path).returncode == 0


@pytest.mark.skipif(shutil.which("ldd") is None, reason="no ldd")
def test_all_else_is_the_same(program: Path, tmp_path: Path) -> None:
    path = scenario(tmp_path, "[density, eigenvector, weighted_balance, cohesion]")
    for name, with_it in (("with.h5", runs.ENTENTE), ("without.h5", program)):
        done = subprocess.run([with_it, "run", path, "-n", "8", "-q", "-o", tmp_path / name], capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert runs.differences(tmp_path / "with.h5", tmp_path / "without.h5") == ""
    assert "igraph" not in subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
