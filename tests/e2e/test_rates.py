"""The numbers that tools/make_rates.py writes: the library has the estimates of scenarios/tables/rates-2018.csv, the
tables of ties the factors of contacts-2018.csv, and the scenarios' priors contain the estimates. With the events at
hand, a scenario with all of it agrees with them in number."""

from __future__ import annotations

import csv
import json
import math
import os
import re
from pathlib import Path

import pytest

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
TABLES = ROOT / "scenarios/tables"
ICEWS = Path(os.environ.get("ENTENTE_DATA", ROOT / "../shared/data")) / "events/icews_2018_jan_jul.csv"
LIBRARY = (ROOT / "scenarios/kinds/diplomacy.yaml").read_text()
KINDS = ["call", "statement", "criticism", "threat", "leader_visit", "minister_visit", "memorandum"]
DAMPED = {"criticism": -1.5, "threat": -1.5}
TRAVEL = 0.8
RETURNS = 0.5


def rows(name: str) -> list[dict[str, str]]:
    with open(TABLES / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


RATES = {(row["kind"], row["parameter"]): row for row in rows("rates-2018")}
REPORTS = {row["kind"]: float(row["reports"]) for row in rows("cameo_kinds") if row["reports"]}


def block(kind: str) -> str:
    return re.search(rf"(?ms)^  {kind}:\n.*?(?=^  \w+:\n|^  # ----|\Z)", LIBRARY)[0]


def estimate(kind: str, name: str) -> float:
    return float(RATES[kind, name]["estimate"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_library_has_the_estimates(kind: str) -> None:
    text = block(kind)
    rate = float(re.search(r"per_year: ([0-9.e-]+)", text)[1])
    expected = estimate(kind, "per_year, of reports") / REPORTS[kind] * estimate(kind, "scaled by")
    assert rate == pytest.approx(expected, rel=0.02)
    visits = {"log_gdp_initiator": -TRAVEL / 2, "log_gdp_target": TRAVEL / 2} if kind == "leader_visit" else {}
    mean = sum(estimate(kind, f"log_gdp_{role}") for role in ("initiator", "target")) / 2
    for name in ("strength", "log_gdp_initiator", "log_gdp_target", "log_distance"):
        value = float(re.search(rf"^        {name}: {{coefficient: (-?[0-9.]+)", text, re.M)[1])
        wanted = DAMPED[kind] if name == "strength" and kind in DAMPED else estimate(kind, name)
        wanted = mean + visits[name] if name in visits else wanted
        assert value == pytest.approx(wanted, abs=0.0101), name
    found = re.findall(r"- {kind: (\w+), relation: (\w+), branching: ([0-9.]+)", text)
    for by, relation, branching in found:
        if by in KINDS:
            wanted = estimate(kind, f"by {by}, {relation}: branching ratio") * REPORTS[by] / REPORTS[kind]
            wanted *= RETURNS if by == kind == "leader_visit" else 1
            assert float(branching) == pytest.approx(wanted, rel=0.06, abs=0.006), (by, relation)
    assert any(by in KINDS for by, _, _ in found) or kind == "memorandum"


@pytest.mark.parametrize("table", ["ties", "ties-2025"])
def test_ties_have_their_own_factors(table: str) -> None:
    contacts = {(row["a"], row["b"]): row for row in rows("contacts-2018")}
    ties = rows(table)
    assert len(ties) == len(contacts) == 561
    for row in ties:
        for kind in KINDS:
            assert row[f"own_{kind}"] == contacts[row["a"], row["b"]][f"own_{kind}"], row
    for kind in KINDS:  # most ties have fewer events than the mean
        values = sorted(float(row[f"own_{kind}"]) for row in ties)
        assert values[len(values) // 2] < estimate(kind, "mean of the ties' own factors, log") + 0.5


def test_actors_differ_as_the_table_says() -> None:
    draws = rows("activity-2018")
    assert list(draws[0]) == [f"actors.{row['name']}.attributes.activity" for row in rows("actors")]
    assert all(row["activity"] == "0" for row in rows("actors"))
    values = [[float(value) for value in row.values()] for row in draws]
    every = [value for row in values for value in row]
    assert abs(sum(every) / len(every)) < 0.04 and math.sqrt(sum(v * v for v in every) / len(every)) == pytest.approx(
        math.hypot(0.3, 0.15), abs=0.03)
    levels = [sum(row) / len(row) for row in values]
    sd = math.sqrt(sum(v * v for v in levels) / len(levels))
    assert sd == pytest.approx(math.hypot(0.15, 0.3 / 34**0.5), abs=0.02)


def test_priors_contain_the_estimates() -> None:
    text = (ROOT / "scenarios/central-asia-2026.yaml").read_text()
    for path, plain in (("call", 2.23), ("leader_visit", 2.39)):
        pattern = rf"kinds.{path}.rate.log_effects.strength: {{normal: {{mean: ([0-9.]+), sd: ([0-9.]+)}}"
        found = re.search(pattern, text)
        mean, sd = map(float, found.groups())
        assert mean == pytest.approx(estimate(path, "strength"), abs=0.06)
        assert abs(plain - mean) < 1.64 * sd
    low = re.search(r"kinds.criticism.rate.log_effects.strength: {triangular: \[(-[0-9.]+), -1.5",
                    (ROOT / "scenarios/ukraine-talks.yaml").read_text())
    assert float(low[1]) <= -4.05


@pytest.mark.skipif(not ICEWS.exists(), reason=f"{ICEWS} is absent")
def test_as_many_events_as_reported() -> None:
    """Of each type, and nine in ten dyads in their 90 % intervals."""
    done = runs.entente("validate", ROOT / "scenarios/white-house-2018.yaml", "--events", ICEWS, "--mapping",
                        TABLES / "cameo_kinds.csv", "--countries", TABLES / "countries.csv", "-n", 200, "-q", "--json")
    assert done.returncode == 0, done.stderr
    kinds = {kind["kind"]: kind for kind in json.loads(done.stdout)["kinds"]}
    assert set(kinds) == set(KINDS)
    for name, kind in kinds.items():
        events = next(figure for figure in kind["figures"] if figure["figure"] == "events")
        assert 0.75 < events["observed"] / events["mean"] < 1.33, (name, events)
        inside = sum(size["inside"] for size in kind["dyads"]["sizes"]) / kind["dyads"]["n"]
        assert inside > 0.9, (name, inside)
