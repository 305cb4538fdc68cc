"""Outcomes against values that follow from the scenario by hand, and variants that scale a parameter."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import runs

START = """\
entente: 1
title: Two states
period: {start: 2026-01-01, end: 2026-12-31}
actors: {AAA: {}, BBB: {}, CCC: {}}
ties: {all: true, AAA-BBB: {strength: 0.2, alignment: 0.1}}
"""

SCALED = START + """\
kinds:
  call: {scope: initiator -> target, rate: {per_year: 3}}
quantities:
  start: {strength: AAA-BBB, at: 2026-01-01}
  calls: {count: call}
variants:
  set: {set: {ties.AAA-BBB.strength: 0.4}}
  twice: {set: {ties.AAA-BBB.strength: x 2}}
  most: {set: {ties.AAA-BBB.strength: x 4}}
  often: {set: {kinds.call.rate.per_year: x 1.5}}
uncertain:
  ties.AAA-BBB.strength: {uniform: [0.1, 0.4]}
monte_carlo: {replicates: 200, seed: 3}
output: {events: false, trajectories: false}
"""


def quantities(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """By variant and quantity, a value for each replicate (of all points)."""
    with h5py.File(path) as file:
        values = file["quantity_value"][()]
        values = np.moveaxis(values, -3, 0).reshape(values.shape[-3], -1, values.shape[-1])
        names = file["quantity"].asstr()[()]
        return {variant: dict(zip(names, values[v].T, strict=True))
                for v, variant in enumerate(file["variant"].asstr()[()])}


def test_scales_what_is_drawn(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path, SCALED)
    runs.run(scenario, tmp_path / "out.h5")
    of = quantities(tmp_path / "out.h5")
    drawn = of["base"]["start"]
    assert np.ptp(drawn) > 0.2
    np.testing.assert_allclose(of["twice"]["start"], 2 * drawn, rtol=1e-12)
    np.testing.assert_allclose(of["most"]["start"], np.minimum(4 * drawn, 1), rtol=1e-12)
    np.testing.assert_allclose(of["set"]["start"], 0.4, rtol=1e-12)
    # A higher rate keeps all events of the lower one.
    assert (of["often"]["calls"] >= of["base"]["calls"]).all()
    assert of["often"]["calls"].mean() > 1.3 * of["base"]["calls"].mean()


def test_scales_what_is_swept_or_set(tmp_path: Path) -> None:
    text = SCALED + "sweep: {design: grid, parameters: {ties.AAA-BBB.strength: {values: [0.1, 0.2, 0.5]}}}\n"
    scenario = runs.write_scenario(tmp_path, text)
    done = runs.entente("sweep", scenario, "-n", 4, "-o", tmp_path / "sweep.h5")
    assert done.returncode == 0, done.stderr
    of = quantities(tmp_path / "sweep.h5")
    np.testing.assert_allclose(of["base"]["start"], np.repeat([0.1, 0.2, 0.5], 4))
    np.testing.assert_allclose(of["twice"]["start"], np.repeat([0.2, 0.4, 1.0], 4))
    runs.run(scenario, tmp_path / "set.h5", "--set", "ties.AAA-BBB.strength=0.3", "-n", 4)
    np.testing.assert_allclose(quantities(tmp_path / "set.h5")["twice"]["start"], 0.6)


def test_shows_factors(tmp_path: Path) -> None:
    done = runs.entente("show", runs.write_scenario(tmp_path, SCALED))
    assert "set: ties.AAA-BBB.strength x 2\n" in done.stdout, done.stdout
