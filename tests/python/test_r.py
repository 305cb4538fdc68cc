"""The page on R: its code reads a result and draws a fan, where R and rhdf5 are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import entente

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "tools" / "site"))

from blocks import blocks  # noqa: E402


def missing() -> str:
    if not shutil.which("Rscript"):
        return "no R"
    done = subprocess.run(["Rscript", "-e", "library(rhdf5)"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "no rhdf5"


@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")
def test_the_page_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "r.md").read_text(encoding="utf-8")
    result = entente.run(ROOT / "scenarios" / "minimal.yaml", tmp_path / "minimal.h5", replicates=500)
    code = "\n".join(block.text for block in blocks(page) if block.language == "r")
    done = subprocess.run(["Rscript", "-"], input=code, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    low, high = (float(x) for x in re.findall(r"-?\d\.\d+(?:e-?\d+)?", done.stdout)[:2])
    (row,) = (row for _, row in entente.compare(result).iterrows())
    assert (low + high) / 2 == pytest.approx(row["difference"], rel=1e-4)  # of the t interval the mean is the middle
    assert (tmp_path / "fan.png").stat().st_size > 5000
