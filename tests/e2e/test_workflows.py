"""The Snakemake rules of the manual, with four shares, where Snakemake is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
sys.path.insert(0, str(ROOT / "tools" / "site"))

from blocks import blocks  # noqa: E402


@pytest.mark.skipif(shutil.which("snakemake") is None, reason="no snakemake")
def test_snakemake(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    (rules,) = (block.text for block in blocks(page) if block.text.startswith("rule share:"))
    runs.write_scenario(tmp_path, runs.SCENARIO).rename(tmp_path / "scenario.yaml")
    (tmp_path / "Snakefile").write_text(rules.replace("40", "4"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "entente").symlink_to(Path(runs.ENTENTE).resolve())
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(["snakemake", "-c2", "out.h5"], cwd=tmp_path, env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert runs.entente("run", tmp_path / "scenario.yaml", "-q", "-o", tmp_path / "here.h5").returncode == 0
    assert runs.differences(tmp_path / "here.h5", tmp_path / "out.h5") == ""
