"""The notebooks: stored without output, without definitions, and they run to their answer."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MISSING = [name for name in ("nbconvert", "ipykernel") if importlib.util.find_spec(name) is None]


def cells(notebook: Path, kind: str = "code") -> list[dict[str, Any]]:
    return [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == kind]


def test_there_are_notebooks() -> None:
    numbers = [path.stem[:2] for path in NOTEBOOKS]
    assert all(number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert len(NOTEBOOKS) >= 2


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_definitions_and_no_output(notebook: Path) -> None:
    for cell in cells(notebook):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        code = "".join(line for line in cell["source"] if not line.startswith("%"))
        for node in ast.walk(ast.parse(code)):
            assert not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)), code


@pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)} to run notebooks with")
@pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_to_its_answer(notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    (tmp_path / "notebooks").mkdir()
    small, n = re.subn(r"replicates=\d+", "replicates=10", notebook.read_text())
    assert n, "no run to make small"
    copy = tmp_path / "notebooks" / notebook.name
    copy.write_text(small)
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(copy)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "analysis")}  # the kernel starts in another folder
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (answer,) = cells(copy)[-1]["outputs"]
    assert re.search(r"\d\.\d", "".join(answer["text"])), answer
    pictures = [out for cell in cells(copy) for out in cell["outputs"] if "image/png" in out.get("data", {})]
    assert pictures
