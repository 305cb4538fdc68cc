"""The notebooks: stored without output, without definitions, and they run to their answer."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "tools"))

import notebooks as runner  # noqa: E402

NOTEBOOKS = runner.notebooks()
MISSING = [name for name in ("nbconvert", "ipykernel") if importlib.util.find_spec(name) is None]


def cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_there_are_notebooks() -> None:
    numbers = [path.stem[:2] for path in NOTEBOOKS]
    assert all(number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert len(NOTEBOOKS) >= 2


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_definitions_and_no_output(notebook: Path) -> None:
    for cell in cells(json.loads(notebook.read_text())):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        code = "".join(line for line in cell["source"] if not line.startswith("%"))
        for node in ast.walk(ast.parse(code)):
            assert not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)), code


@pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)} to run notebooks with")
@pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_to_its_answer(notebook: Path, tmp_path: Path) -> None:
    ran = cells(runner.execute(notebook, tmp_path, replicates=10))
    (answer,) = ran[-1]["outputs"]
    assert re.search(r"\d\.\d", "".join(answer["text"])), answer
    pictures = [out for cell in ran for out in cell["outputs"] if "image/png" in out.get("data", {})]
    assert pictures
