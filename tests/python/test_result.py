"""Reading an output file: decoded events, causes, tables; statistics with known answers."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import entente
import synthetic
from entente import causes, estimates
from sealing import seal


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write(tmp_path_factory.mktemp("out") / "synthetic.h5")


@pytest.fixture
def result(path: Path) -> entente.Result:
    with entente.open_result(path) as opened:
        yield opened


def test_trajectories_are_lazy_and_named(result: entente.Result) -> None:
    strength = result.data["strength"]
    assert strength.dims == ("variant", "replicate", "time", "tie")
    assert not strength.variable._in_memory
    end = strength.sel(variant="base", tie="KAZ-USA", replicate=0).isel(time=-1)
    assert end.values == pytest.approx(0.3 - 0.195 + 0.1, abs=1e-6)
    assert end["time"].values == np.datetime64("2027-01-01")
    assert result.variants == ["base", "no_invitation"]


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.h5"):
        entente.open_result("nowhere.h5")


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.h5"
    with h5py.File(foreign, "w") as file:
        file.attrs["entente_schema"] = "1.2"
    with pytest.raises(ValueError, match="has no seal"):
        entente.open_result(foreign)
    seal(foreign)
    with pytest.raises(ValueError, match=r"no output file of entente 2\.x \(entente_schema: 1\.2\)"):
        entente.open_result(foreign)


def test_events_have_names_and_dates(result: entente.Result) -> None:
    events = result.events(replicate=3)
    assert list(events["kind"]) == [
        "call",
        "call",
        "invitation",
        "accepted",
        "call",
        "deal",
        "g20_summit",
        "g20_summit",
        "g20_summit",
    ]
    assert events["time"].iloc[1] == pd.Timestamp("2025-12-23")
    assert events["time"].iloc[0] < events["time"].iloc[1]  # history comes before the start
    assert list(events["initiator"].iloc[:4]) == ["USA", "USA", "USA", "KAZ"]
    assert events["target"].isna().to_list() == [False] * 6 + [True, False, False]
    assert list(events["cause"].iloc[:3]) == ["history", "calendar", "calendar"]
    assert list(events["role"].iloc[-2:]) == ["guest", "guest"]
    assert events["value_usd"].iloc[5] == 1e9
    assert events.index.name == "row"


def test_events_of_several_replicates(result: entente.Result) -> None:
    events = result.events("no_invitation", [2, 5], columns=["time", "kind"])
    assert list(events.columns) == ["variant", "replicate", "time", "kind"]
    assert events.groupby("replicate").size().to_dict() == {2: 6, 5: 6}
    assert len(result.events(replicate=None)) == 9 * synthetic.N
    assert "invitation" not in set(events["kind"])


def test_events_of_what_is_not_there(result: entente.Result) -> None:
    with pytest.raises(entente.UnknownName, match=r"no variant 'basis' .*; there are base, no_invitation"):
        result.events("basis")
    with pytest.raises(entente.UnknownName, match="there are 0 to 39"):
        result.events(replicate=40)


def test_causes_are_a_forest(result: entente.Result) -> None:
    trees = result.causes(replicate=0)
    assert [tree.row for tree in trees] == [0, 1, 2, 4, 6]
    assert [child.row for child in trees[-1].children] == [7, 8]
    assert trees[2].size == 2
    assert causes.outline(trees[2]) == (
        "2025-12-23  invitation USA -> KAZ  (calendar)\n2026-01-01    accepted KAZ -> USA  (consequence)"
    )
    assert causes.find(trees, 5).event["kind"] == "deal"
    with pytest.raises(entente.UnknownName, match="row 99"):
        causes.find(trees, 99)


def test_a_selection_of_events_is_a_forest_too(result: entente.Result) -> None:
    replies = result.events()
    trees = causes.forest(replies[replies["kind"] != "invitation"])
    assert 3 in [tree.row for tree in trees]  # its parent is not there: a root
    with pytest.raises(ValueError, match="one replicate"):
        causes.forest(result.events(replicate=[0, 1]))


def test_tables(result: entente.Result) -> None:
    drawn = result.parameters()
    assert drawn.shape == (synthetic.N, 3)
    assert list(drawn.columns) == synthetic.PARAMETERS
    quantities = result.quantities()
    assert list(quantities.columns) == synthetic.QUANTITIES
    assert quantities.index.names == ["variant", "replicate"]
    provenance = result.provenance()
    assert provenance["program"] == "entente 0.1.0"
    assert provenance["seed"] == 1
    assert provenance["files"] == {"a/path/test.yaml": "entente: 1\n", "ties.csv": "a,b\n"}


def test_places(result: entente.Result) -> None:
    places = result.places()
    assert list(places.index) == ["USA", "KAZ"]  # the third has none
    assert places.loc["KAZ"].to_dict() == {"lat": 51.2, "lon": 71.5}


def test_failed_replicates_leave_every_variant(result: entente.Result) -> None:
    good = estimates.ran(result.data)
    assert good.sizes["replicate"] == synthetic.N - 1
    assert synthetic.FAILED not in good["replicate"].values


def test_differences_are_paired(result: entente.Result) -> None:
    good = estimates.ran(result.data)["strength"].sel(tie="KAZ-USA").isel(time=-1).load()
    gap = estimates.difference(good)
    assert list(gap["variant"].values) == ["no_invitation"]
    np.testing.assert_allclose(gap.values, synthetic.EFFECT, atol=1e-6)
    mean = estimates.interval(gap)
    assert float(mean["mean"][0]) == pytest.approx(synthetic.EFFECT, abs=1e-6)
    assert estimates.variance_reduction(good).values[0] > 1e6


def test_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    x = xr.DataArray(rng.normal(1, 2, (2000, 100)), dims=("trial", "replicate"))
    mean = estimates.interval(x)
    covered = float(((mean["low"] < 1) & (1 < mean["high"])).mean())
    assert abs(covered - 0.945) < 5 * np.sqrt(0.05 * 0.95 / 2000)  # 0.945: normal quantile at n = 100


def test_exceedance() -> None:
    values, share = estimates.exceedance(xr.DataArray([3.0, 1.0, 2.0, np.nan], dims="replicate"))
    np.testing.assert_allclose(values, [1, 2, 3])
    np.testing.assert_allclose(share, [1, 2 / 3, 1 / 3])


def test_sensitivity_finds_what_moves_a_quantity() -> None:
    rng = np.random.default_rng(3)
    n = 4000
    draws = np.column_stack([rng.uniform(0, 1, n), rng.lognormal(0, 1, n), np.ones(n)])
    y = xr.DataArray(10 * draws[:, 0] + rng.normal(0, 1, n), dims="replicate", attrs={"units": "USD"})
    drawn = xr.DataArray(
        draws, dims=("replicate", "parameter"), coords={"parameter": ["moves", "idle", "constant"]}
    )
    out = estimates.sensitivity(y, drawn)
    assert list(out["parameter"].values) == ["moves", "idle"]
    assert float(out["low"][0]) == pytest.approx(0.5, abs=0.2)
    assert float(out["high"][0]) == pytest.approx(9.5, abs=0.2)
    # Var(10 U) = 100 / 12 beside a noise of 1.
    assert float(out["share"][0]) == pytest.approx((100 / 12) / (100 / 12 + 1), abs=0.02)
    assert abs(float(out["high"][1] - out["low"][1])) < 5 * float(out["standard_error"][1])


def test_probabilities_by_a_parameter_stay_probabilities() -> None:
    """What is 0 or 1 is regressed logistically: where a parameter decides it, a straight line leaves [0, 1]."""
    rng = np.random.default_rng(7)
    n = 2000
    draws = np.column_stack([rng.uniform(0, 1, n), rng.uniform(0, 1, n)])
    truth = 1 / (1 + np.exp(-12 * (draws[:, 0] - 0.4)))
    y = (rng.uniform(0, 1, n) < truth).astype(float)
    drawn = xr.DataArray(draws, dims=("replicate", "parameter"), coords={"parameter": ["decides", "idle"]})
    out = estimates.sensitivity(xr.DataArray(y, dims="replicate"), drawn).sel(parameter="decides")
    slope, middle = np.polyfit(draws[:, 0], y, 1)
    assert middle + slope * 0.95 > 1.05
    for end, at in (("low", 0.05), ("high", 0.95)):
        assert float(out[end]) == pytest.approx(1 / (1 + np.exp(-12 * (at - 0.4))), abs=0.02)
    # Over samples its standard error is that of the difference of the ends.
    gaps, errors = [], []
    for _ in range(200):
        p = rng.uniform(0, 1, 300)
        one = (rng.uniform(0, 1, 300) < 0.2 + 0.3 * p).astype(float)
        each = estimates.sensitivity(
            xr.DataArray(one, dims="replicate"),
            xr.DataArray(p[:, None], dims=("replicate", "parameter"), coords={"parameter": ["p"]}),
        )
        gaps.append(float(each["high"][0] - each["low"][0]))
        errors.append(float(each["standard_error"][0]))
    assert np.std(gaps) == pytest.approx(np.mean(errors), rel=5 / np.sqrt(2 * 200))
    assert np.mean(gaps) == pytest.approx(0.3 * 0.9, abs=5 * np.std(gaps) / np.sqrt(200))


@pytest.mark.parametrize("ones", [1, 5, 39])
def test_rare_and_separated_outcomes_have_finite_answers(ones: int) -> None:
    y = np.zeros(40)
    y[:ones] = 1
    drawn = xr.DataArray(
        np.arange(40.0)[:, None], dims=("replicate", "parameter"), coords={"parameter": ["separates"]}
    )
    out = estimates.sensitivity(xr.DataArray(y, dims="replicate"), drawn)
    low, high, error = (float(out[name][0]) for name in ("low", "high", "standard_error"))
    assert 0 <= high < low <= 1 and 0 < error < 1


@pytest.mark.parametrize("attribute", ["absolute_error", "relative_error"])
def test_quantiles_of_rounded_values_move_smoothly(attribute: str) -> None:
    """Stored values are multiples of a step; their quantiles are those of the values, not a staircase."""
    rng = np.random.default_rng(8)
    level = 1.2 + np.linspace(0, 0.02, 60)
    exact = level * np.exp(0.004 * rng.normal(size=(2000, 1)) + 0.001 * rng.normal(size=(2000, 60)))
    step = 2**-9  # of values from 1 to 2, whichever way their error is stated
    rounded = np.round(exact / step) * step
    attrs = {attribute: step / 2}
    stored = xr.DataArray(rounded, dims=("replicate", "time"), attrs=attrs)
    truth = np.quantile(exact, estimates.FAN, axis=0)
    ours = np.abs(estimates.bands(stored).values - truth).max()
    stairs = np.abs(np.quantile(rounded, estimates.FAN, axis=0) - truth).max()
    assert ours < 0.5 * stairs
    assert (np.diff(estimates.bands(stored).sel(quantile=0.5)) > 0).mean() > 0.95
    assert (np.diff(np.quantile(rounded, 0.5, axis=0)) > 0).mean() < 0.3
    same = xr.DataArray(np.full((9, 2), 0.5), dims=("replicate", "time"), attrs=attrs)
    assert (estimates.bands(same) == 0.5).all()  # where all agree there is nothing to spread
    gap = estimates.difference(stored.expand_dims(variant=["a", "b"]))
    assert not [name for name in gap.attrs if name.endswith("error")]


def test_replicates_of_a_sweep_stay_together() -> None:
    status = np.zeros((3, 2, 5), dtype=int)
    status[1, 0, 2] = 1
    data = xr.Dataset({"status": (("point", "variant", "replicate"), status)}, coords={"replicate": np.arange(5)})
    assert list(estimates.ran(data)["replicate"].values) == [0, 1, 3, 4]
    assert estimates.ran(data.isel(point=0)).sizes["replicate"] == 5
    with pytest.raises(ValueError, match=r"at every point; choose one, sel\(point=...\)"):
        estimates.ran(data.assign(status=data["status"] + 1))


def test_wilson_by_hand() -> None:
    low, high = estimates.wilson([0.3, 0.0, 1.0], 10)
    np.testing.assert_allclose(low, [0.1078, 0.0, 0.7225], atol=1e-4)
    np.testing.assert_allclose(high, [0.6032, 0.2775, 1.0], atol=1e-4)


def test_tango_is_the_interval_of_the_program() -> None:
    n = 1000  # as sim/stats/interval.c gives them
    low, high = estimates.tango(0.0, 0.0, n)
    assert low == pytest.approx(-high) and 0 < high < 0.006
    low, high = estimates.tango(0.03, 0.01, n)
    np.testing.assert_allclose([low, high], [0.00800256, 0.03356655], atol=1e-6)
    assert estimates.tango(1.0, 0.0, n)[1] == pytest.approx(1)


def test_what_an_array_lacks_is_told() -> None:
    flat = xr.DataArray(np.zeros(3), dims="replicate")
    with pytest.raises(ValueError, match="with variant and replicate is required; this one has the"):
        estimates.difference(flat)
    with pytest.raises(ValueError, match="with replicate is required"):
        estimates.bands(xr.DataArray(1.0))
    two = xr.DataArray(np.zeros((2, 3)), dims=("variant", "replicate"), coords={"variant": ["base", "other"]})
    with pytest.raises(entente.UnknownName, match=r"no variant 'bass' \(did you mean base"):
        estimates.difference(two, "bass")


def test_reliability_of_a_calibrated_forecast() -> None:
    rng = np.random.default_rng(4)
    p = rng.beta(0.5, 4, 20_000)
    p[:5000] = 0.0  # many alike, as of a count that was never above zero
    y = (rng.uniform(size=p.size) < p).astype(float)
    table = estimates.reliability(p, y)
    assert int(table["n"].sum()) == p.size
    assert int(table["n"][0]) >= 5000
    mean = table["forecast"].values
    assert (np.diff(mean) > 0).all()
    error = np.sqrt(np.maximum(mean * (1 - mean), 1e-9) / table["n"].values)
    assert (np.abs(table["observed"].values - mean) < 5 * error + 1e-12).all()
    assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()
    sure = estimates.reliability(np.minimum(3 * p, 1), y)  # a forecaster too sure of himself is seen
    assert (sure["high"].values < sure["forecast"].values).any()
    with pytest.raises(ValueError, match="probabilities from 0 to 1"):
        estimates.reliability([0.5, 1.5], [0, 1])
    with pytest.raises(ValueError, match="as many outcomes"):
        estimates.reliability([0.5], [0, 1])


def test_wilson_interval_by_hand() -> None:
    table = estimates.reliability([0.3] * 10, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    assert table.sizes["bin"] == 1
    assert float(table["low"][0]) == pytest.approx(0.1078, abs=1e-4)  # Wilson (1927), 3 of 10
    assert float(table["high"][0]) == pytest.approx(0.6032, abs=1e-4)


def test_residuals_against_the_exponential_law() -> None:
    rng = np.random.default_rng(5)
    check = estimates.against_exponential(rng.exponential(size=500))
    assert float(check["expected"][0]) == pytest.approx(1 / 500)
    assert float(check["expected"].mean()) == pytest.approx(1)
    within = (check["low"] <= check["observed"]) & (check["observed"] <= check["high"])
    assert float(within.mean()) > 0.5
    # The band is that of single order statistics: over samples each lies in it 19 times of 20.
    some = [estimates.against_exponential(rng.exponential(size=50)) for _ in range(400)]
    held = np.mean([(c["low"] <= c["observed"]) & (c["observed"] <= c["high"]) for c in some], axis=0)
    assert (np.abs(held - 0.95) < 5 * np.sqrt(0.05 * 0.95 / 400) + 0.01).all()
    rejected = np.mean([c.attrs["distance"] > estimates.KOLMOGOROV for c in some])
    assert rejected < 0.05 + 5 * np.sqrt(0.05 * 0.95 / 400)
    assert estimates.against_exponential(rng.gamma(2, 0.5, 500)).attrs["distance"] > 2
    with pytest.raises(ValueError, match="none of them negative"):
        estimates.against_exponential([1, -1])


def test_kolmogorov_distance_by_hand() -> None:
    # Exp(1) gives 1/2 and 3/4 at ln 2 and 2 ln 2; the steps are 0, 1/2, 1: the distance is 1/2.
    check = estimates.against_exponential([np.log(2), 2 * np.log(2)])
    assert check.attrs["distance"] == pytest.approx(np.sqrt(2) / 2)
