"""The equilibrium's solver (sim/model/trade/equilibrium.h) against its equations solved by SciPy, written anew."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field

import numpy as np
import pytest

optimize = pytest.importorskip("scipy.optimize")

SOLVER = os.environ.get("ENTENTE_SOLVE_ECONOMY", "")
pytestmark = pytest.mark.skipif(not os.access(SOLVER, os.X_OK), reason="tests/support/solve_economy.c is not built")

LINES = ("wage", "employment", "gate", "price", "income", "spending", "revenue", "transfer")


@dataclass
class Case:
    """An economy, its rules as numbers of their enumerations in sim/model/trade/economy.h, and a change."""

    flows: np.ndarray
    elasticity: float = 4.0
    labour_supply: float = 0.0
    scale: float = 0.0
    output: int = 0
    deficits: int = 0
    revenue: int = 0
    numeraire: int = 0
    tariffs: np.ndarray = field(default_factory=lambda: np.zeros(0))
    kept: np.ndarray = field(default_factory=lambda: np.zeros(0))
    log_shift: np.ndarray = field(default_factory=lambda: np.zeros(0))
    new_tariffs: np.ndarray = field(default_factory=lambda: np.zeros(0))
    endowment: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        n = len(self.flows)
        for name, shape, value in (
            ("tariffs", (n, n), 0), ("kept", n, 0), ("log_shift", (n, n), 0), ("endowment", n, 1),
        ):
            if not getattr(self, name).size:
                setattr(self, name, np.full(shape, float(value)))
        if not self.new_tariffs.size:
            self.new_tariffs = self.tariffs

    def text(self) -> str:
        head = (len(self.flows), self.elasticity, self.labour_supply, self.scale)
        rules = (self.output, self.deficits, self.revenue, self.numeraire, 0)
        arrays = (self.flows, self.tariffs, self.kept, self.log_shift, self.new_tariffs, self.endowment)
        return " ".join(repr(x) for x in (*head, *rules, *(x for a in arrays for x in a.ravel().tolist())))


def solved(case: Case) -> dict[str, np.ndarray]:
    """What the solver says."""
    out = subprocess.run([SOLVER], input=case.text(), capture_output=True, text=True, check=True).stdout.splitlines()
    assert out[0].split()[0] == "0", out[0]
    n = len(case.flows)
    result = {name: np.array(line.split(), float) for name, line in zip(LINES, out[1:9], strict=True)}
    return {**result, "flows": np.array(out[9].split(), float).reshape(n, n)}


def by_scipy(case: Case) -> dict[str, np.ndarray]:
    """The equations of docs/trade.md as they stand there, all unknowns at once: wages, spending and labour."""
    x, t0, t, nu = case.flows, case.tariffs, case.new_tariffs, case.kept
    n, eps, psi, kappa = len(x), case.elasticity, case.scale, case.labour_supply
    income0 = x @ (1 - nu) + nu * x.sum(axis=0)
    spending0 = (x * (1 + t0)).sum(axis=0)
    revenue0 = (x * t0).sum(axis=0)
    transfer0 = spending0 - income0 - revenue0
    shares0 = x * (1 + t0) / spending0
    phi = (1 + psi) / (1 - nu) - psi

    def model(unknown: np.ndarray) -> dict[str, np.ndarray]:
        wage, spent, labour, common = *np.exp(unknown[: 3 * n]).reshape(3, n), unknown[-1]
        employment = case.endowment * labour
        gate = wage if case.output else wage * employment**-psi
        pull = shares0 * np.exp(case.log_shift) * gate[:, None] ** -eps * ((1 + t) / (1 + t0)) ** (-eps * phi)
        spending = spending0 * spent
        paid = pull / pull.sum(axis=0) * spending
        flows = paid / (1 + t)
        income = income0 * (case.endowment if case.output else wage * employment)
        price = (spent / (1 if case.output else wage)) ** (1 - phi) * pull.sum(axis=0) ** (-1 / eps)
        revenue = (flows * t).sum(axis=0)
        if case.deficits:
            transfer = ((spending0 - revenue0) / income0 * np.exp(common) - 1) * income
        else:
            transfer = transfer0 * income.sum() / income0.sum() * np.exp(common)
        relief = (1 - revenue0 / income0) / (1 - revenue / income) if case.revenue else np.ones(n)
        return {
            "wage": np.ones(n) if case.output else wage, "employment": employment, "gate": gate, "price": price,
            "income": income, "spending": spending, "revenue": revenue, "transfer": transfer, "flows": flows,
            "relief": relief, "labour": labour,
        }

    def conditions(unknown: np.ndarray) -> np.ndarray:
        m = model(unknown)
        sales = m["flows"] @ (1 - nu) + nu * m["flows"].sum(axis=0)
        markets = (sales - m["income"]) / income0
        budgets = (m["income"] + m["revenue"] + m["transfer"] - m["spending"]) / spending0
        wished = np.zeros(n) if case.output else kappa * np.log(m["relief"] * m["wage"] / m["price"])
        if case.numeraire:
            level = (m["price"] * spending0).sum() / spending0.sum() - 1
        elif case.output:
            level = (m["gate"] * income0).sum() / income0.sum() - 1
        else:
            level = m["income"].sum() / income0.sum() - 1
        # One market follows from the others; the common factor of transfers makes them sum to zero.
        together = m["transfer"].sum() / income0.sum() if case.deficits else unknown[-1]
        return np.concatenate([markets[1:], [level], budgets, np.log(m["labour"]) - wished, [together]])

    root = optimize.root(conditions, np.zeros(3 * n + 1), method="hybr", options={"xtol": 1e-14})
    polished = optimize.root(conditions, root.x, method="lm", options={"xtol": 1e-15, "ftol": 1e-15})
    assert abs(conditions(polished.x)).max() < 1e-12
    return model(polished.x)


def agree(case: Case, tolerance: float = 1e-8) -> dict[str, np.ndarray]:
    ours, theirs = solved(case), by_scipy(case)
    for name in (*LINES, "flows"):
        scale = theirs["income"][:, None] if name == "flows" else theirs["income"] if name == "transfer" else 1
        np.testing.assert_allclose(ours[name] / scale, theirs[name] / scale, rtol=tolerance, atol=1e-10, err_msg=name)
    return ours


def arcadia() -> np.ndarray:
    """Three partners: GDP of 900, 400 and 300 billion, of which what is not exported stays at home."""
    flows = np.array([[0, 20, 10], [30, 0, 8], [12, 6, 0]], float)
    return flows + np.diag(np.array([900.0, 400, 300]) - flows.sum(axis=1))


def both_ways(flows: np.ndarray, i: int, j: int) -> float:
    return float(flows[i, j] + flows[j, i])


@pytest.mark.parametrize("deficits", [0, 1])
@pytest.mark.parametrize("output", [0, 1])
def test_a_barrier_between_two_moves_trade_to_the_third(output: int, deficits: int) -> None:
    """Trade of each with the third rises. Single flows may fall: Borduria, which loses most, has to sell more and buy
    less everywhere."""
    shift = np.zeros((3, 3))
    shift[0, 1] = shift[1, 0] = -0.4
    case = Case(arcadia(), output=output, deficits=deficits, numeraire=1, log_shift=shift)
    flows = agree(case)["flows"]
    assert -0.35 < both_ways(flows, 0, 1) / both_ways(case.flows, 0, 1) - 1 < -0.25
    for pair in ((0, 2), (1, 2)):
        assert 0.005 < both_ways(flows, *pair) / both_ways(case.flows, *pair) - 1 < 0.1, pair


@pytest.mark.parametrize("deficits", [0, 1])
def test_a_tariff_on_a_partner_moves_trade_to_the_third(deficits: int) -> None:
    tariffs = np.zeros((3, 3))
    tariffs[1, 0] = 0.25  # of Arcadia on Borduria's goods
    case = Case(arcadia(), deficits=deficits, numeraire=1, new_tariffs=tariffs)
    result = agree(case)
    flows = result["flows"]
    assert flows[1, 0] < 0.6 * case.flows[1, 0] and flows[2, 0] > 1.2 * case.flows[2, 0]
    for pair in ((0, 2), (1, 2)):
        assert 0.02 < both_ways(flows, *pair) / both_ways(case.flows, *pair) - 1 < 0.1, pair
    assert abs(result["revenue"][0] / (0.25 * flows[1, 0]) - 1) < 1e-12
    real = result["spending"] / case.flows.sum(axis=0) / result["price"]
    assert real[0] > 1 > real[1] and real[2] > 1


@pytest.mark.parametrize("bits", range(32))
def test_random_economies_under_all_rules(bits: int) -> None:
    random = np.random.default_rng(bits)
    n = 3 + bits % 4
    size = np.exp(random.normal(0, 1, n))
    flows = np.outer(size, size) * np.exp(random.normal(0, 0.5, (n, n)))
    flows[np.diag_indices(n)] = 2 * np.maximum(flows.sum(axis=0), flows.sum(axis=1))
    off = 1 - np.eye(n)
    agree(
        Case(
            flows,
            elasticity=float(random.uniform(2, 8)),
            labour_supply=0.5 if bits & 16 else 0.0,
            scale=0.08 if bits & 16 else 0.0,
            output=bits & 1,
            deficits=bits >> 1 & 1,
            revenue=bits >> 2 & 1,
            numeraire=bits >> 3 & 1,
            tariffs=off * random.uniform(0, 0.3, (n, n)),
            kept=random.uniform(0, 0.25, n),
            log_shift=off * random.normal(0, 0.4, (n, n)),
            new_tariffs=off * random.uniform(0, 0.8, (n, n)),
            endowment=np.exp(random.normal(0, 0.1, n)),
        )
    )
