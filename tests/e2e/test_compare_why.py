"""`entente compare`: three ranges of a change, what moves it, and what it is worth to know that before a choice."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

UNCERTAIN = """uncertain:
  kinds.call.rate.per_year: {uniform: [2, 10]}
  kinds.call.then.deal.probability: {uniform: [0.3, 0.7]}
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls, which the variant `silence` stops, are as frequent as one parameter says; the other moves none."""
    folder = tmp_path_factory.mktemp("why")
    text = runs.SCENARIO[: runs.SCENARIO.index("output:")] + "output: {trajectories: false, events: false}\n"
    text = text.replace("{drop: [first-call]}", "{set: {kinds.call.rate.per_year: 0.1}}")
    begin, end = text.index("uncertain:"), text.index("monte_carlo:")
    path = folder / "out.h5"
    runs.run(runs.write_scenario(folder, text[:begin] + UNCERTAIN + text[end:]), path, "-n", 400)
    return path


def table(path: Path, *arguments: object) -> str:
    done = runs.entente("compare", path, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def compare(path: Path, *arguments: object) -> list[dict]:
    return json.loads(table(path, *arguments, "--json"))


def values(path: Path, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    with h5py.File(path) as file:
        q = [name.decode() for name in file["quantity"][()]].index(quantity)
        return file["quantity_value"][:, :, q], file["drawn"][()]


def test_the_ranges_are_those_of_the_file(out: Path) -> None:
    rows = {(row["quantity"], row["variant"]): row for row in compare(out)}
    with h5py.File(out) as file:
        variants = [name.decode() for name in file["variant"][()]]
        for q, quantity in enumerate(name.decode() for name in file["quantity"][()]):
            for v, variant in enumerate(variants[1:], 1):
                row = rows[quantity, variant]
                for of in ("", "difference_"):
                    for name in ("share", "share_low", "share_high", "parameters_low", "chance_low", "chance_high"):
                        stored = file[f"summary/{of}{name}"][v, q]
                        there = pytest.approx(stored) if np.isfinite(stored) else None
                        assert row[of + name] == there, (quantity, name)
                assert row["base_level"]["mean"] == pytest.approx(file["summary/mean"][0, q])


def test_what_moves_a_change(out: Path) -> None:
    row = next(row for row in compare(out, "calls", "--why") if row["variant"] == "silence")
    first, second = row["why"]
    assert first["parameter"] == "kinds.call.rate.per_year"
    assert second["parameter"] == "kinds.call.then.deal.probability"
    assert (first["quantity"], first["variant"], first["evppi"]) == ("calls", "silence", None)
    assert first["share_low"] > 0.8 and first["share"] <= 1 and second["share_low"] == 0
    y, drawn = values(out, "calls")
    change = y[1] - y[0]
    slope, middle = np.polyfit(drawn[:, 0], change, 1)
    for end, p in (("at_low", 0.05), ("at_high", 0.95)):
        assert first[end] == pytest.approx(middle + slope * np.quantile(drawn[:, 0], p), abs=0.15 * abs(change.mean()))
    assert first["at_low"] > first["at_high"]  # the more frequent calls are, the more silence takes away
    assert row["difference_parameters_low"] == pytest.approx(first["at_high"], rel=0.1)


@pytest.mark.parametrize("design", ["sobol", "grid"])
def test_what_moves_a_change_over_the_points_of_a_sweep(out: Path, tmp_path: Path, design: str) -> None:
    """With many replicates a point, the mean change is a line in the rate of calls, and nothing but that."""
    sweep = tmp_path / "sweep.h5"
    points = 64 if design == "sobol" else 8
    done = runs.entente("sweep", out.parent / "three.yaml", "--uncertain", "--design", design, "--points", points,
                        "-n", 20, "-q", "-o", sweep)
    assert done.returncode == 0, done.stderr
    row = next(row for row in compare(sweep, "calls", "--why") if row["variant"] == "silence")
    assert (row["states"], row["n"]) == ("points", 64)
    first, second = row["why"]
    assert first["parameter"] == "kinds.call.rate.per_year" and first["share_low"] > 0.95
    assert second["share_low"] == 0 and second["share_high"] < 0.05
    slope = (first["at_high"] - first["at_low"]) / (0.9 * 8)  # from the 5 % to the 95 % quantile of 2 to 10 a year
    assert slope == pytest.approx(row["difference"] / (6 - 0.1), rel=0.15)
    with h5py.File(sweep) as file:
        q = [name.decode() for name in file["quantity"][()]].index("calls")
        gap = file["quantity_value"][..., q]
    assert row["difference"] == pytest.approx((gap[:, 1] - gap[:, 0]).mean())
    text = table(sweep, "calls", "--why", "--choose", "calls:min")
    assert "over 64 points" in text and "moved by" in text and "silence is the best on average" in text
    assert max(map(len, text.splitlines())) <= 80


def test_points_that_depend_on_each_other_are_refused(out: Path, tmp_path: Path) -> None:
    sweep = tmp_path / "sweep.h5"
    done = runs.entente("sweep", out.parent / "three.yaml", "--uncertain", "--design", "morris", "--points", 4,
                        "-n", 2, "-q", "-o", sweep)
    assert done.returncode == 0, done.stderr
    done = runs.entente("compare", sweep, "--why")
    assert done.returncode == 64 and "random, latin or sobol" in done.stderr and not done.stdout
    done = runs.entente("compare", sweep, "calls>2", "--why")
    assert done.returncode == 64


def test_a_choice(out: Path) -> None:
    """Calls are fewer in silence whatever their rate: nothing that one may learn changes that choice."""
    for aim, best in (("max", "base"), ("min", "silence")):
        row = next(row for row in compare(out, "--why", "--choose", f"calls:{aim}") if row["quantity"] == "calls")
        none = pytest.approx(0, abs=1e-3)
        assert row["choice"] == {
            "aim": aim, "options": ["base", "silence"], "best": best, "evpi_parameters": none}
        assert [one["evppi"] for one in row["why"]] == pytest.approx([0, 0], abs=1e-3)
    added = compare(out, "value", "--why", "--choose", "calls")
    assert {row["quantity"] for row in added} == {"value", "calls"}
    assert {row["choice"] is None for row in added if row["quantity"] == "value"} == {True}


def test_the_table_says_it_in_words(out: Path) -> None:
    text = table(out, "calls", "--why", "--choose", "calls")
    for said in ("computed to", "    parameters  -", "% of the variance (", "    chance ", "    moved by",
                 "kinds.call.rate.per_year", "choice of the most: base is the best on average", "all parameters"):
        assert said in text, said
    assert max(map(len, text.splitlines())) <= 80
    assert "At least" not in text


@pytest.mark.parametrize(("arguments", "said"), [
    (("--choose", "calls"), "--choose needs --why"),
    (("--why", "--choose", "cals"), "did you mean calls"),
    (("--why", "--choose", "calls:best"), "calls:best"),
    (("--why", "--choose", ":min"), '":min"'),
])
def test_wrong_choices(out: Path, arguments: tuple[str, ...], said: str) -> None:
    done = runs.entente("compare", out, *arguments)
    assert done.returncode == 64 and said in done.stderr and not done.stdout


def test_without_uncertain_parameters(out: Path, tmp_path: Path) -> None:
    fixed = tmp_path / "fixed.h5"
    runs.run(out.parent / "three.yaml", fixed, "-n", 40, "--fixed")
    done = runs.entente("compare", fixed, "--why")
    assert done.returncode == 65 and "no parameter varies" in done.stderr and "--fixed" in done.stderr
    assert "parameters" not in table(fixed)
    row = compare(fixed)[0]
    assert row["difference_share"] is None and row["difference_parameters_low"] is None
    assert row["difference_chance_low"] is not None
