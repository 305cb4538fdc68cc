"""Parameters drawn jointly (`uncertain`: `joint`): by a correlation, by a covariance, from a table.

A bound is five standard errors: a right program fails a test of one bound with probability 6e-7. The twin of each bound
is the scenario without `joint`, which must break it.
"""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import h5py
import numpy as np

import runs

CALL, VISIT, TREND = "kinds.call.rate.per_year", "kinds.visit.rate.per_year", "kinds.call.rate.log_effects.strength"
START = """\
entente: 1
title: Jointly
period: {start: 2026-01-01, end: 2027-01-01}
actors: {USA: {}, KAZ: {}, UZB: {}}
ties: {all: true, KAZ-USA: {strength: 0.2}}
kinds:
  call:
    scope: initiator -> target
    rate: {per_year: 2, log_effects: {strength: 0.5}}
  visit: {scope: initiator -> target, rate: {per_year: 1}}
quantities: {calls: {count: call}, visits: {count: visit}}
output: {every: 1 y, events: false, ties: [KAZ-USA]}
variants: {closer: {set: {ties.KAZ-USA.strength: 0.9}}}
uncertain:
"""
DISTS = {
    CALL: "{lognormal: {median: 2, sigma: 0.5}}",
    VISIT: "{gamma: {mean: 1, shape: 4}}",
    TREND: "{normal: {mean: 0.5, sd: 0.2}}",
}
N = 2000


def write(folder: Path, joint: str = "", names: tuple[str, ...] = (CALL, VISIT, TREND)) -> Path:
    text = START + "".join(f"  {name}: {DISTS[name]}\n" for name in names)
    return runs.write_scenario(folder, text + (f"  joint:\n    all: {joint}\n" if joint else ""))


def draws(scenario: Path, *more: object) -> dict[str, np.ndarray]:
    out = scenario.parent / "out.h5"
    out.unlink(missing_ok=True)
    runs.run(scenario, out, "-n", N, *more)
    with h5py.File(out) as file:
        return {name.decode(): values for name, values in zip(file["parameter"], file["drawn"][()].T, strict=True)}


def normals(values: np.ndarray) -> np.ndarray:
    """Ranks as normal scores: what a Gaussian copula correlates."""
    ranks = (values.argsort().argsort() + 0.5) / values.size
    return np.array([NormalDist().inv_cdf(rank) for rank in ranks])


def correlations(drawn: dict[str, np.ndarray]) -> np.ndarray:
    return np.corrcoef([normals(drawn[name]) for name in (CALL, VISIT, TREND)])


CORRELATION = f"{{parameters: [{CALL}, {VISIT}, {TREND}], correlation: [[1], [-0.5, 1], [0.8, 0, 1]]}}"
WANTED = np.array([[1, -0.5, 0.8], [-0.5, 1, 0], [0.8, 0, 1]])


def off(drawn: dict[str, np.ndarray]) -> float:
    """The largest deviation from the wanted correlations, in standard errors."""
    found = correlations(drawn)
    pairs = np.triu_indices(3, 1)
    return float(np.max(np.abs(found - WANTED)[pairs] / (1 - WANTED[pairs] ** 2) * np.sqrt(N)))


def test_correlation(tmp_path: Path) -> None:
    jointly, alone = draws(write(tmp_path, CORRELATION)), draws(write(tmp_path))
    assert off(jointly) < 5
    assert off(alone) > 20
    for name, values in jointly.items():  # each keeps its distribution
        both = np.sort(values), np.sort(alone[name])
        steps = np.searchsorted(both[1], both[0], side="right") / N - np.arange(1, N + 1) / N
        assert np.abs(steps).max() < 2.5 * np.sqrt(2 / N), name
    mean, sd = np.log(jointly[CALL]).mean(), np.log(jointly[CALL]).std()
    assert abs(mean - np.log(2)) < 5 * 0.5 / np.sqrt(N) and abs(sd - 0.5) < 5 * 0.5 / np.sqrt(2 * N)


def test_covariance_is_of_logarithms(tmp_path: Path) -> None:
    pair = f"{{parameters: [{CALL}, {TREND}], "
    by_covariance = draws(write(tmp_path, pair + "covariance: [[0.25, 0.08], [0.08, 0.04]]}"))
    by_correlation = draws(write(tmp_path, pair + "correlation: [[1, 0.8], [0.8, 1]]}"))
    for name in by_covariance:
        np.testing.assert_allclose(by_covariance[name], by_correlation[name], rtol=1e-12)


def test_order_and_other_parameters_change_no_draw(tmp_path: Path) -> None:
    jointly = draws(write(tmp_path, CORRELATION))
    turned = f"{{parameters: [{TREND}, {CALL}, {VISIT}], correlation: [[1], [0.8, 1], [0, -0.5, 1]]}}"
    again = draws(write(tmp_path, turned, (TREND, VISIT, CALL)))
    assert all(np.array_equal(jointly[name], again[name]) for name in jointly)
    pair = draws(write(tmp_path, f"{{parameters: [{CALL}, {TREND}], correlation: [[1], [0, 1]]}}"))
    alone = draws(write(tmp_path))
    for name in (CALL, TREND, VISIT):  # without correlation: as if drawn alone
        np.testing.assert_allclose(pair[name], alone[name], rtol=1e-12)


def test_variants_share_the_draws_and_settings_go_before(tmp_path: Path) -> None:
    scenario = write(tmp_path, CORRELATION)
    jointly = draws(scenario)
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["drawn"].shape == (N, 3)
        visits = file["quantity_value"][:, :, 1]
        assert np.array_equal(visits[0], visits[1])  # the variant does not touch them
        assert [name.decode() for name in file["parameter_joint"]] == ["all"] * 3
    fixed = draws(scenario, "--set", f"{CALL}=7")
    assert (fixed[CALL] == 7).all() and np.array_equal(fixed[TREND], jointly[TREND])


def table(folder: Path) -> np.ndarray:
    random = np.random.default_rng(5)
    rows = np.exp(random.multivariate_normal([0, 0], [[0.2, 0.15], [0.15, 0.2]], size=40))
    lines = [f"1,{a:.9g},{b:.9g}" for a, b in rows]
    (folder / "posterior.csv").write_text("\n".join(["chain,call,visit", *lines]) + "\n")
    return np.array([[float(f"{x:.9g}") for x in row] for row in rows])


def test_a_row_of_a_table(tmp_path: Path) -> None:
    rows = table(tmp_path)
    columns = f"columns: {{{CALL}: call, {VISIT}: visit}}"
    scenario = write(tmp_path, f"{{from: posterior.csv, {columns}}}", (TREND,))
    drawn = draws(scenario)
    pairs = np.column_stack([drawn[CALL], drawn[VISIT]])
    which = [int(np.flatnonzero((rows == pair).all(axis=1))[0]) for pair in pairs]
    counts = np.bincount(which, minlength=40)
    chi2 = ((counts - N / 40) ** 2 / (N / 40)).sum()
    assert chi2 < 39 + 5 * np.sqrt(2 * 39)
    again = tmp_path / "again.h5"
    runs.run(tmp_path / "out.h5", again)  # the file contains the table
    assert runs.differences(tmp_path / "out.h5", again) == ""
    whole = runs.entente("show", scenario)
    assert "table, 90 % in" in whole.stdout and "jointly (all)" in whole.stdout
    changed = (tmp_path / "posterior.csv").read_text().replace("1,", "2,", 1)
    (tmp_path / "posterior.csv").write_text(changed)  # a column that is not taken
    runs.run(scenario, tmp_path / "out.h5", "-n", N)
    (tmp_path / "posterior.csv").write_text(changed + "1,1,1\n")
    other = runs.entente("run", scenario, "-o", tmp_path / "out.h5", "-n", N)
    assert other.returncode == 65, other.stderr


def test_shares_are_of_the_set(tmp_path: Path) -> None:
    draws(write(tmp_path, CORRELATION.replace(f", {VISIT}", "").replace("[-0.5, 1], [0.8, 0, 1]", "[0.8, 1]")))
    why = runs.entente("compare", tmp_path / "out.h5", "calls", "--why")
    lines = [line.split() for line in why.stdout.splitlines() if "(all)" in line]
    assert len(lines) == 2 and lines[0][2] == lines[1][2], why.stdout
    assert "drawn jointly" in why.stdout


def test_a_sweep_tells_that_it_varies_each_alone(tmp_path: Path) -> None:
    table(tmp_path)
    scenario = write(tmp_path, f"{{from: posterior.csv, columns: {{{CALL}: call, {VISIT}: visit}}}}", (TREND,))
    done = runs.entente("sweep", scenario, "--uncertain", "--points", 8, "-n", 1, "-o", tmp_path / "sweep.h5")
    assert done.returncode == 0 and "2 swept parameters are drawn jointly" in done.stderr, done.stderr
