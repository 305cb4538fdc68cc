"""Conditions over time in the report, against the program's own values at each date; intervals of quantiles."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import entente
from entente import estimates
from entente.report import scenario
from entente.report.courses.condition import in_force
from entente.report.courses.course import course

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

# A war that talks may end, and that breaks out again; the variant `settled` ends it at a date.
SCENARIO = """\
entente: 1
title: A war
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {}, BBB: {}, CCC: {}}
ties: {all: true}
conditions: {war: {alignment_shift: -0.3}, truce: {duration: {exponential: {mean: 60 d}}}}
kinds:
  talks: {scope: dyad, rate: {per_year: 4}, success: 0.5, ends: [war]}
  attack: {scope: initiator -> target, rate: {per_year: 0.8}, starts: [war]}
  pause: {scope: dyad, rate: {per_year: 2}, starts: [truce]}
ongoing: [{condition: war, tie: AAA-BBB}]
interventions: [{id: peace, at: 2026-07-01, only_in_variants: true, close: [{condition: war, tie: AAA-BBB}]}]
quantities:
  war: {condition: war, tie: BBB-AAA, at: 2026-12-31, dates: 1 month}
  calm: {condition: war, tie: AAA-BBB, at: 2026-10-01, below: 1}
  other: {condition: war, tie: BBB-CCC, at: 2026-12-31}
  truce: {condition: truce, tie: AAA-BBB, at: 2026-12-31}
variants: {settled: {interventions: [peace]}}
monte_carlo: {replicates: 80, seed: 4}
output: {every: 30 d, events: true}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> entente.Result:
    folder = tmp_path_factory.mktemp("conditions")
    (folder / "war.yaml").write_text(SCENARIO)
    found = entente.run(folder / "war.yaml", folder / "war.h5", quiet=True)
    assert isinstance(found, entente.Result)
    return found


def told(result: entente.Result, quantity: str) -> tuple[np.ndarray, np.ndarray] | None:
    written = scenario.parsed(result.provenance())
    entry = written["quantities"][quantity]
    return in_force(result, written, entry, quantity, result.variants)


def test_the_course_is_the_programs(result: entente.Result) -> None:
    """At every date of the curve, in every replicate and variant, from the log of events alone."""
    found = told(result, "war")
    assert found is not None
    dates, values = found
    curve = entente.select.curves(result.data)["war"]
    assert len(curve) >= 11
    for name, date in curve:
        own = result.data["quantity_value"].sel(quantity=name).values
        assert np.array_equal(values[..., dates == np.datetime64(date)][..., 0], own), name
    assert 0 < values[..., -1].mean() < 1
    assert (values[..., 0] == 1).all()


def test_bounded_and_other_ties(result: entente.Result) -> None:
    for quantity in ("calm", "other"):
        assert told(result, quantity) is not None, quantity


def test_what_the_log_does_not_tell(result: entente.Result, tmp_path: Path) -> None:
    """A condition that ends by itself has no course but its dates; the page names the key that would store it."""
    assert told(result, "truce") is None
    written = scenario.parsed(result.provenance())
    assert course(result, written, written["quantities"]["truce"], "truce", result.variants) is None
    page = entente.report.page(result)
    assert "<code>quantities.truce</code>" in page
    assert "<code>quantities.other</code>" not in page


def test_a_wrong_reading_is_no_course(result: entente.Result) -> None:
    """The file's own values decide: without the variant's intervention no course is drawn."""
    written = scenario.parsed(result.provenance())
    entry = written["quantities"]["war"]
    assert in_force(result, {**written, "interventions": []}, entry, "war", result.variants) is None
    assert in_force(result, {**written, "ongoing": []}, entry, "war", result.variants) is None


@pytest.mark.parametrize("n", [71, 72, 80, 1000])
def test_ranks_of_a_quantile(n: int) -> None:
    """At least 95 % by the binomial law, and not with the next narrower pair; from 72 values on for 5 %."""
    ranks = estimates.quantile_ranks(n, 0.05)
    assert (ranks is None) == (n < 72)
    if ranks is None:
        return
    rng = np.random.default_rng(1)
    below = rng.binomial(n, 0.05, 200_000)  # values below the quantile
    low, high = ranks
    assert np.mean(below <= low) <= 0.0262
    assert np.mean(below > high) <= 0.0262
    assert np.mean(below <= low + 1) > 0.024
    assert np.mean(below > high - 1) > 0.024


def test_ranks_are_the_programs(result: entente.Result) -> None:
    row = result.summary().loc[("war", "base")]
    values = np.sort(result.data["quantity_value"].sel(quantity="war", variant="base").values)
    ranks = estimates.quantile_ranks(values.size, 0.05)
    assert ranks is not None
    assert [row["q5_low"], row["q5_high"]] == [values[rank] for rank in ranks]
