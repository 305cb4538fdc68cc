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


IN_A_VENV = """
import sys
import entente
assert entente.program.program().is_relative_to(sys.prefix), entente.program.program()
s = entente.Scenario.from_yaml(sys.argv[1]).set("monte_carlo.seed", 3)
print(s.run(n=2, output="out.h5", quiet=True).data.sizes["replicate"])
"""


@pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)} to install with")
@pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")
def test_pip_takes_the_program_along(tmp_path: Path) -> None:
    """In a fresh environment that sees the system's packages: Python, the command, its library and its own Python."""
    source = shutil.copytree(ROOT / "analysis", tmp_path / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", tmp_path / "venv"], check=True)
    bare = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHON")}
    installs = [tmp_path / "venv/bin/python", "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps"]
    done = subprocess.run([*installs, "--no-index", source], env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    del bare["ENTENTE"]
    shutil.rmtree(source)
    shutil.rmtree(tmp_path / "scenarios")

    def use(*words: object) -> str:
        ran = subprocess.run(
            [tmp_path / "venv/bin" / str(words[0]), *map(str, words[1:])], env=bare, cwd=tmp_path, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-3000:]
        return ran.stdout

    assert use("entente", "--version").startswith("entente ")
    use("entente", "new", "--template", "mediation", "mine.yaml")
    assert use("python", "-c", IN_A_VENV, "mine.yaml").strip() == "2"
    assert "tables/summary.csv" in use("entente", "export", "out.h5", "-o", "tables", "--format", "csv")


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
