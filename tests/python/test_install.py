"""The package installs as its manual says, with everything it needs to draw and to report."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import synthetic

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
MISSING = [name for name in ("pip", "setuptools", "wheel") if importlib.util.find_spec(name) is None]

USE = """
import sys
import entente
assert entente.__file__.startswith(sys.argv[1]), entente.__file__
with entente.open_result(sys.argv[2]) as result:
    entente.plot.world(result.data, result.places(), "2026-12-31")
print(sorted(path.name for path in (entente.report.files("entente") / "assets").iterdir()))
"""


@pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)} to install with")
def test_pip_installs_all_of_it(tmp_path: Path) -> None:
    source = shutil.copytree(ROOT / "analysis", tmp_path / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*command, "--target", str(target), str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert (target / "entente" / "py.typed").is_file()
    shutil.rmtree(source)
    written = synthetic.write(tmp_path / "synthetic.h5")
    used = subprocess.run(
        [sys.executable, "-c", USE, str(target), str(written)],
        env={**os.environ, "PYTHONPATH": str(target)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert used.returncode == 0, used.stderr[-3000:]
    own = sorted(path.name for path in (ROOT / "analysis" / "entente" / "assets").iterdir())
    assert used.stdout.strip() == str(own)
