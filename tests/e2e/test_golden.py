"""Each tests/golden/NAME.yaml and what `entente check` says of it, in NAME.expected.

UPDATE_GOLDEN=1 writes the expected files anew; look at the difference before you commit it.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

GOLDEN = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "tests" / "golden"
SCENARIOS = sorted(GOLDEN.glob("*.yaml"))


def check(name: str) -> str:
    """The messages and the exit code, as text."""
    run = subprocess.run(
        [os.environ["ENTENTE"], "check", name],
        cwd=GOLDEN, capture_output=True, text=True, timeout=10, check=False,
    )
    said = re.sub(r"in the library \([^)]*\)", "in the library (FOLDERS)", run.stderr)
    return f"{said}{run.stdout}exit {run.returncode}\n"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_golden(scenario: Path) -> None:
    expected = scenario.with_suffix(".expected")
    found = check(scenario.name)
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(found)
    assert expected.exists(), f"{expected.name} is missing; UPDATE_GOLDEN=1 writes it"
    assert found == expected.read_text()


def test_golden_files_belong_to_scenarios() -> None:
    strays = [path.name for path in GOLDEN.glob("*.expected") if not path.with_suffix(".yaml").exists()]
    assert not strays
    assert len(SCENARIOS) > 40
