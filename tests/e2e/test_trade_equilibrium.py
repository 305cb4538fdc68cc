"""Trade in general equilibrium in a scenario, against an independent solution of the same equations."""

from __future__ import annotations

import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

from runs import ENTENTE

FLOWS = {"AB": (20, 30), "AC": (10, 12), "BC": (8, 6), "AD": (1, 2)}  # bn USD a year, there and back
GDP = np.array([900.0, 400.0, 300.0, 50.0])
NAMES = "ABCD"
ELASTICITY, RATIO = 5.0, 2.0

SCENARIO = """
entente: 1
title: A barrier between two of four
period: {{start: 2026-01-01, end: 2028-01-01}}
actors:
  AAA: {{gdp: 900 bn USD}}
  BBB: {{gdp: 400 bn USD}}
  CCC: {{gdp: 300 bn USD}}
  DDD: {{gdp: 50 bn USD}}
ties:
  AAA-BBB: {{exports: {{AAA: 20 bn USD, BBB: 30 bn USD}}}}
  AAA-CCC: {{exports: {{AAA: 10 bn USD, CCC: 12 bn USD}}}}
  BBB-CCC: {{exports: {{BBB: 8 bn USD, CCC: 6 bn USD}}}}
  AAA-DDD: {{exports: {{AAA: 1 bn USD, DDD: 2 bn USD}}}}
conditions:
  barrier: {{on: tie, trade: {{shift: -0.4, phase_in: 90 d}}}}
kinds:
  set: {{scope: initiator -> target, starts: [barrier]}}
  raise: {{scope: initiator -> target, effect: {{tariff: {{rate: 25 %, phase_in: 30 d}}}},
           then: [{{kind: answer, initiator: target, target: initiator, delay: 10 d}}]}}
  answer: {{scope: initiator -> target, effect: {{tariff: {{rate: 100 %, how: match}}}}}}
calendar:
  - {{id: event, date: 2026-03-01, kind: {kind}, initiator: AAA, target: BBB}}
trade: {{{trade}}}
quantities:
  AB: {{trade: AAA -> BBB, at: 2027-12-31}}
  BA: {{trade: BBB -> AAA, at: 2027-12-31}}
  AC: {{trade: AAA -> CCC, at: 2027-12-31}}
  CA: {{trade: CCC -> AAA, at: 2027-12-31}}
  BC: {{trade: BBB -> CCC, at: 2027-12-31}}
  CB: {{trade: CCC -> BBB, at: 2027-12-31}}
  revenue: {{tariff_revenue: AAA, at: 2027-12-31}}
  out: {{exports: AAA, at: 2027-12-31}}
  in: {{imports: AAA, at: 2027-12-31}}
{more}
variants:
  none: {{drop: [event]}}
"""
REAL = "".join(f"  real_{c}: {{real_income: {3 * c}, at: 2027-12-31}}\n" for c in NAMES)


def simulated(folder: Path, kind: str, trade: str, more: str = "") -> dict[str, dict[str, float]]:
    """Each quantity of the base and the variant, of one replicate."""
    path = folder / "s.yaml"
    path.write_text(SCENARIO.format(kind=kind, trade=trade, more=more))
    return simulated_as_it_is(folder)


def simulated_as_it_is(folder: Path) -> dict[str, dict[str, float]]:
    path, out = folder / "s.yaml", folder / "s.h5"
    out.unlink(missing_ok=True)
    subprocess.run([ENTENTE, "run", path, "--replicates", "1", "-o", out], check=True, capture_output=True)
    with h5py.File(out) as file:
        names = [name.decode() for name in file["quantity"][:]]
        variants = [name.decode() for name in file["variant"][:]]
        values = file["quantity_value"][:, 0, :]
    return {variant: dict(zip(names, map(float, values[v]), strict=True)) for v, variant in enumerate(variants)}


def test_a_tariff_that_is_still_phased_in_at_the_start(tmp_path: Path) -> None:
    """Set in December and full in March: in January exports pay a part of it, by the end all."""
    old = "{importer: AAA, exporter: BBB, rate: 20 %, date: 2025-12-15, phase_in: 90 d}"
    early = "  early: {trade: BBB -> AAA, at: 2026-01-14}\n"
    found = simulated(tmp_path, "set", f"equilibrium: none, base_year: 2025, tariffs: {{old: {old}}}", early)["none"]
    for name, rate in (("early", 0.2 * 30 / 90), ("BA", 0.2)):
        assert found[name] == pytest.approx(30e9 * (1 + rate) ** -(1 + ELASTICITY), rel=2e-3)


def solved(shift: np.ndarray, tariff: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flows and factors of real income: wages are moved by the excess of demand until all markets clear."""
    flows = np.zeros((4, 4))
    for (a, b), (there, back) in FLOWS.items():
        i, j = NAMES.index(a), NAMES.index(b)
        flows[i, j], flows[j, i] = there, back
    flows += np.diag(RATIO * GDP - flows.sum(1))
    income, spending = flows.sum(1), flows.sum(0)
    wage = np.ones(4)
    for _ in range(100_000):
        pull = flows / spending * np.exp(shift) * wage[:, None] ** -ELASTICITY * (1 + tariff) ** -ELASTICITY
        share = pull / pull.sum(0)
        means = spending / income * wage * income  # a constant ratio to own income, ...
        means *= (wage * income).sum() / means.sum()  # ... so that transfers sum to zero
        spent = means / (1 - (share * tariff / (1 + tariff)).sum(0))
        bought = share * spent / (1 + tariff)
        excess = bought.sum(1) / (wage * income)
        if np.abs(excess - 1).max() < 1e-13:
            break
        wage *= excess ** (1 / (1 + ELASTICITY))
    price = pull.sum(0) ** (-1 / ELASTICITY)
    scale = spending.sum() / (spending * price).sum()  # constant dollars
    return bought * scale, spent / spending / price


CASES = {"set": ("barrier", None), "raise": ("tariff", 0.25)}


@pytest.mark.parametrize("kind", CASES)
def test_equals_an_independent_solution(tmp_path: Path, kind: str) -> None:
    shift, tariff = np.zeros((4, 4)), np.zeros((4, 4))
    if kind == "set":
        shift[0, 1] = shift[1, 0] = -0.4
    else:
        tariff[1, 0] = tariff[0, 1] = 0.25  # B answers with the same
    flows, real = solved(shift, tariff)
    of = simulated(tmp_path, kind, "equilibrium: {}", REAL)
    for pair in ("AB", "BA", "AC", "CA", "BC", "CB"):
        i, j = NAMES.index(pair[0]), NAMES.index(pair[1])
        assert of["base"][pair] / 1e9 == pytest.approx(flows[i, j], rel=1e-9)
    for i, name in enumerate(NAMES):
        assert of["base"][f"real_{name}"] == pytest.approx(100 * (real[i] - 1), abs=1e-7)
        assert of["none"][f"real_{name}"] == pytest.approx(0, abs=1e-9)
    assert of["base"]["revenue"] == pytest.approx(tariff[1, 0] * of["base"]["BA"], rel=1e-12)
    assert of["base"]["out"] / 1e9 == pytest.approx(flows[0, 1:].sum(), rel=1e-9)
    assert of["base"]["in"] / 1e9 == pytest.approx(flows[1:, 0].sum(), rel=1e-9)


def test_third_partners_gain_only_in_equilibrium(tmp_path: Path) -> None:
    alone, together = (simulated(tmp_path, "set", trade) for trade in ("equilibrium: none", ""))
    for pair in ("AC", "CA", "BC", "CB"):
        assert alone["base"][pair] == alone["none"][pair]
    for there, back in (("AC", "CA"), ("BC", "CB")):  # both ways together: one of them may fall with its wage
        before, after = (together[v][there] + together[v][back] for v in ("none", "base"))
        assert after > before * 1.001
    assert together["base"]["AB"] < together["none"]["AB"]


def test_a_tariff_without_equilibrium_is_its_partial_effect(tmp_path: Path) -> None:
    of = simulated(tmp_path, "raise", "equilibrium: none, elasticity: 4")
    for pair in ("AB", "BA"):
        assert of["base"][pair] == pytest.approx(of["none"][pair] * 1.25**-5, rel=1e-12)


def test_it_is_the_default_where_the_figures_allow_it(tmp_path: Path) -> None:
    """Without the key as with it; none where a figure is missing, and `entente check` says which."""
    forms = ("", "equilibrium: {}", "equilibrium: none")
    default, given, off = (simulated(tmp_path, "raise", trade) for trade in forms)
    for variant in ("base", "none"):
        assert default[variant] == given[variant]
    assert default["base"]["AC"] != off["base"]["AC"]
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO.format(kind="raise", trade="", more="").replace("CCC: {gdp: 300 bn USD}", "CCC: {}"))
    done = subprocess.run([ENTENTE, "check", path], capture_output=True, text=True, check=True)
    assert "in no equilibrium, because neither `domestic` nor `gdp` is given for CCC" in done.stdout
    without = simulated_as_it_is(tmp_path)
    assert without["base"] == off["base"]


def test_none_takes_no_other_key(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    for trade in ("equilibrium: {form: none, deficits: world}", "equilibrium: some"):
        path.write_text(SCENARIO.format(kind="set", trade=trade, more=""))
        done = subprocess.run([ENTENTE, "check", path], capture_output=True, text=True, check=False)
        assert done.returncode == 65 and "none" in done.stderr


def test_missing_figures_are_named(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    text = SCENARIO.format(kind="set", trade="equilibrium: {}", more="")
    path.write_text(text.replace("CCC: {gdp: 300 bn USD}", "CCC: {}"))
    done = subprocess.run([ENTENTE, "check", path], capture_output=True, text=True, check=False)
    assert done.returncode == 65 and "neither `domestic` nor `gdp` is given for CCC" in done.stdout + done.stderr
