"""The choice that a scenario declares, in the report: the numbers of `entente choose`, and when an option is better."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import entente

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

# The tie's strength is the parameter, or 0.45 where it is fixed: fixing it is better where the parameter is lower.
SCENARIO = """\
entente: 1
title: A choice
period: {start: 2026-01-01, end: 2026-02-01}
actors: {AAA: {}, BBB: {}}
ties: {AAA-BBB: {strength: 0.5}}
kinds: {call: {scope: initiator -> target, rate: {per_year: 20}}}
quantities:
  start: {strength: AAA-BBB, at: 2026-01-01, label: strength at the start}
  calls: {count: call, label: calls}
variants:
  fixed: {set: {ties.AAA-BBB.strength: 0.45}}
  less: {set: {ties.AAA-BBB.strength: x 0.5}}
uncertain: {ties.AAA-BBB.strength: {uniform: [0, 0.9]}}
choose: {options: [base, fixed, less], max: start, min: calls}
monte_carlo: {replicates: 400, seed: 3}
"""


def page(folder: Path, text: str = SCENARIO) -> tuple[str, entente.Result]:
    (folder / "choice.yaml").write_text(text)
    result = entente.run(folder / "choice.yaml", folder / "choice.h5", quiet=True)
    assert isinstance(result, entente.Result)
    return entente.report.page(result), result


def section(page: str) -> str:
    found = re.search(r'<section id="choice".*?</section>', page, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(0))) if found else ""


def test_the_section(tmp_path: Path) -> None:
    made, result = page(tmp_path)
    said = section(made)
    rows = entente.choose(result, "start").set_index("option")
    for option, name in (("base", "as written"), ("fixed", "fixed"), ("less", "less")):
        row = rows.loc[option]
        numbers = f"{name} {row['mean']:.3f} {row['regret']:.3f} {row['regret_90']:.3f} {row['regret_largest']:.3f}"
        assert numbers in said, (option, numbers)
    assert rows.loc["less", "dominated_by"] == "base"
    assert re.search(r"less 0\.\d+ .* as written “", said)
    assert re.search(r"In “fixed” it is better in 5\d % of the futures", said)
    limit = re.search(r"Where “[^”]+” is below (0\.\d+) this holds in 100 %; \d+ % of all such cases lie there", said)
    assert limit and float(limit.group(1)) == pytest.approx(0.45, abs=0.02)
    assert re.search(r"To know all uncertain parameters before choosing would be worth 0\.1[01]\d*", said)
    assert "All options give the same in every case" in said  # the calls


def test_without_a_declaration(tmp_path: Path) -> None:
    made, _ = page(tmp_path, re.sub(r"choose: .*\n", "", SCENARIO))
    assert section(made) == ""


def test_without_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is made all the same."""
    _, result = page(tmp_path)
    monkeypatch.setenv("ENTENTE", str(tmp_path / "nothing"))
    made = entente.report.page(result)
    assert section(made) == "" and "strength at the start" in made
