"""The costs that docs/cluster.md extrapolates are those of the tool, and a played schedule agrees with the formula."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "tools"))

import schedule  # noqa: E402


def test_the_page_has_the_tools_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert schedule.main() == 0
    assert capsys.readouterr().out in (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", schedule.SWEEPS)
def test_formula_and_schedule(name: str) -> None:
    sweep = schedule.SWEEPS[name]
    for seed in range(5):
        assert sweep.by_schedule(seed) == pytest.approx(sweep.by_formula(), rel=0.15)


def test_a_schedule_by_hand() -> None:
    """Without chance: 4 tasks of 3 parts each on 2 slots take two rounds."""
    sweep = schedule.Sweep(points=6, replicates=20, block=10, tasks=4, slots=2)
    assert sweep.parts == 12
    part = 10 * schedule.REPLICATE
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("QUEUE", 0.0), ("BETWEEN_POINTS", 1e-6), ("WITHIN_POINTS", 1e-6), ("LAUNCHES", 1e9)):
            patch.setattr(schedule, name, value)
        assert sweep.by_schedule() == pytest.approx(2 * (3 * part + schedule.START), rel=1e-3)
