"""`entente run --fixed`: uncertain parameters stay at the scenario's own values."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

import runs

TEXT = runs.SCENARIO.replace(
    "  kinds.call.rate.per_year: {uniform: [4, 8]}\n",
    "  kinds.call.rate.per_year: {uniform: [4, 8]}\n"
    "  kinds.deal.value.lognormal.median: {lognormal: {median: 1 bn USD, sigma: 0.3}}\n"
    "  kinds.call.excited_by.call.half_life: {uniform: [1 d, 9 d]}\n",
)


def drawn(path: Path) -> dict[str, np.ndarray]:
    with h5py.File(path) as file:
        names = [name.decode() for name in file["parameter"]]
        return dict(zip(names, file["drawn"][()].T, strict=True))


def test_fixed(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path, TEXT)
    runs.run(scenario, tmp_path / "drawn.h5", "-n", 20)
    assert all(len(set(values)) == 20 for values in drawn(tmp_path / "drawn.h5").values())
    runs.run(scenario, tmp_path / "fixed.h5", "-n", 20, "--fixed")
    values = drawn(tmp_path / "fixed.h5")
    assert (values["kinds.call.rate.per_year"] == 6).all()
    assert (values["kinds.deal.value.lognormal.median"] == 1e9).all()
    assert len(values) == 3 and all(len(set(of)) == 1 for of in values.values())
    without = runs.write_scenario(tmp_path, TEXT[: TEXT.index("uncertain:")] + TEXT[TEXT.index("monte_carlo:") :])
    runs.run(without, tmp_path / "without.h5", "-n", 20)
    with h5py.File(tmp_path / "fixed.h5") as a, h5py.File(tmp_path / "without.h5") as b:
        for name in ("events/time", "events/kind", "events/value_usd", "strength", "quantity_value"):
            assert np.array_equal(a[name][()], b[name][()], equal_nan=True), name


def test_set_goes_before_fixed_and_the_output_knows_both(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path, TEXT)
    out, again = tmp_path / "out.h5", tmp_path / "again.h5"
    runs.run(scenario, out, "-n", 5, "--fixed", "--set", "kinds.call.rate.per_year=7")
    assert (drawn(out)["kinds.call.rate.per_year"] == 7).all()
    runs.run(out, again)
    assert runs.differences(out, again) == ""
    refused = runs.entente("run", out, "-o", tmp_path / "no.h5", "--fixed")
    assert refused.returncode == 64 and "--fixed needs a scenario" in refused.stderr
    other = runs.entente("run", scenario, "-o", out, "-n", 5)
    assert other.returncode == 65 and "set kinds.call.rate.per_year" in other.stderr
