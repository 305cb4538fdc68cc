"""What a sweep says, read and drawn: the program's numbers are those of the file, of xarray and of the picture."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import entente
from entente import plot, program
from entente.__main__ import main
from test_program import SCENARIO

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

RATE, LASTING = "kinds.call.rate.per_year", "kinds.call.effect.lasting"
PARAMETERS = {RATE: None, LASTING: "0:0.3"}


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "three.yaml"
    path.write_text(SCENARIO)
    return path


@pytest.fixture(scope="module", params=["saltelli", "morris", "latin"])
def swept(request: pytest.FixtureRequest, scenario: Path) -> entente.Result:
    out = scenario.with_name(f"{request.param}.h5")
    with entente.sweep(scenario, out, PARAMETERS, request.param, 8, replicates=6, quiet=True) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _close_figures() -> None:
    yield
    plt.close("all")


def texts(figure: Figure) -> str:
    return "\n".join(item.get_text() for item in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def bars(figure: Figure, label: str) -> list[float]:
    """Lengths of the bars of a measure, from the top down."""
    (found,) = [box for box in figure.axes[0].containers if str(box.get_label()).startswith(label)]
    return [bar.get_width() for bar in sorted(found.patches, key=lambda bar: bar.get_y())]


def test_points_have_their_parameters(swept: entente.Result) -> None:
    """`xarray.open_dataset` alone shows the points and what was swept."""
    with xr.open_dataset(swept.path) as data:
        n = {"saltelli": 8 * 4, "morris": 8 * 3, "latin": 8}[swept.path.stem]
        assert data.sizes["point"] == n
        for name, low, high in ((RATE, 2, 6), (LASTING, 0, 0.3)):
            assert name in data.coords and data[name].dims == ("point",)
            assert data[name].min() >= low and data[name].max() <= high and data[name].std() > 0
        values = data["quantity_value"]
        assert values.dims == ("point", "variant", "replicate", "quantity") and RATE in values.coords
    assert f"{n} points" in plot.source_line(swept.data) and f"{n} points" in repr(swept)
    assert swept.summary().loc[n - 1, "b_strength", "silence"]["n"] == 6
    assert swept.quantities().shape == (n * 2 * 6, 2)


def test_indices_are_the_programs(swept: entente.Result) -> None:
    indices = swept.sensitivity()
    told = json.loads(program.call(["compare", "--json", str(swept.path), "b_strength"]))
    assert [each["variant"] for each in told] == ["base", "silence"]
    for each in told:
        own = indices.sel(quantity="b_strength", variant=each["variant"])
        assert float(own["noise"]) == pytest.approx(each["noise"])
        for parameter in each["parameters"]:
            for measure in {"total", "mu_star", "regression"} & set(indices):
                seen = [float(own[measure + end].sel(swept=parameter["parameter"])) for end in ("", "_low", "_high")]
                wanted = [parameter[measure][end] for end in ("value", "low", "high")]
                np.testing.assert_allclose(seen, wanted)
        assert each["mean"] == pytest.approx(float(_outcome(swept, each["variant"]).mean()))


def test_coefficients_and_whose_errors_they_have(swept: entente.Result) -> None:
    """Standardised least squares; in Saltelli's design the errors of whole rows left out in turn."""
    design = swept.path.stem
    if design == "morris":
        assert "regression" not in swept.sensitivity()
        return
    x = np.stack([swept.data[name].values for name in (RATE, LASTING)], axis=1)
    for column in x.T:  # what spans a decade is taken by its logarithm
        if column.min() > 0 and column.max() >= 10 * column.min():
            column[:] = np.log(column)
    y = _outcome(swept, "base").values

    def coefficients(kept: np.ndarray) -> np.ndarray:
        a, b = (x[kept] - x[kept].mean(0)) / x[kept].std(0), (y[kept] - y[kept].mean()) / y[kept].std()
        return np.linalg.lstsq(a, b, rcond=None)[0]

    told = swept.sensitivity().sel(quantity="b_strength", variant="base", swept=[RATE, LASTING])
    everything = np.ones(y.size, dtype=bool)
    np.testing.assert_allclose(told["regression"], coefficients(everything), rtol=1e-9)
    if design == "saltelli":
        rows = np.arange(y.size) // 4
        without = np.array([coefficients(rows != row) for row in range(8)])
        half = 1.96 * np.sqrt(((without - without.mean(0)) ** 2).sum(0) * 7 / 8)
        np.testing.assert_allclose(told["regression_high"] - told["regression"], half, rtol=1e-9)


def _outcome(swept: entente.Result, variant: str) -> xr.DataArray:
    """The outcome of `b_strength` at each point: its mean, or the mean paired difference."""
    values = swept.data["quantity_value"].sel(quantity="b_strength")
    own = values.sel(variant=variant)
    return (own if variant == "base" else own - values.sel(variant="base")).mean("replicate")


def test_the_picture_has_the_ranked_table(swept: entente.Result) -> None:
    indices = swept.sensitivity()
    main_measure, label = {
        "saltelli": ("total", "total index"),
        "morris": ("mu_star", "mean absolute"),
        "latin": ("regression", "standardised regression"),
    }[swept.path.stem]
    for variant in ("base", "silence"):
        figure = plot.sensitivity(indices, "b_strength", variant, source="made up")
        own = indices.sel(quantity="b_strength", variant=variant)
        size = np.abs(own[main_measure].values)
        order = np.argsort(-size)
        names = [item.get_text() for item in figure.axes[0].get_yticklabels()]
        assert names == [str(name) for name in own["swept"].values[order]]
        np.testing.assert_allclose(bars(figure, label), own[main_measure].values[order])
        whiskers = figure.axes[0].collections[0].get_segments()
        lows, highs = own[f"{main_measure}_low"].values, own[f"{main_measure}_high"].values
        if main_measure == "total":  # a share, whatever the bootstrap says
            lows, highs = np.clip(lows, 0, 1), np.clip(highs, 0, 1)
        ends = sorted(zip(lows, highs, strict=True))
        np.testing.assert_allclose(sorted((piece[0, 0], piece[1, 0]) for piece in whiskers), ends)
        shown = texts(figure)
        assert "variance between points is replicate noise" in shown
        assert "made up" in shown and "strength: First-Second" in shown
        assert ("silence − base" in shown) == (variant == "silence")
        if main_measure == "total":
            (line,) = [item for item in figure.axes[0].get_lines() if item.get_label() == "replicate noise"]
            assert line.get_xdata()[0] == pytest.approx(float(own["noise"]))
            assert bars(figure, "first-order") == pytest.approx(list(own["first"].values[order]))


def test_few_of_many(swept: entente.Result) -> None:
    figure = plot.sensitivity(swept.sensitivity(), "calls", most=1)
    assert len(figure.axes[0].get_yticklabels()) == 1
    assert "1 more move it less" in texts(figure)
    with pytest.raises(entente.UnknownName, match="there are b_strength, calls"):
        plot.sensitivity(swept.sensitivity(), "cals")


def test_money_is_drawn_in_bn() -> None:
    along = ("variant", "quantity", "swept")
    measures = ("mu_star", "mu_star_low", "mu_star_high", "sigma")
    indices = xr.Dataset(
        {name: (along, [[[3e9, 1e9]]]) for name in measures} | {"noise": (along[:2], [[0.4]])},
        coords={"variant": ["base"], "quantity": ["deals"], "swept": ["a", "b"]},
        attrs={"design": "morris"},
    ).assign_coords(quantity_unit=("quantity", ["USD"]))
    figure = plot.sensitivity(indices, "deals")
    assert figure.axes[0].get_xlabel() == "effect (bn USD)"
    assert bars(figure, "mean absolute") == pytest.approx([3, 1])
    assert "40 % of the variance" in texts(figure)


def test_from_the_shell(swept: entente.Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "what-matters.png"
    assert main(["figure", str(swept.path), "-o", str(out), "--quantity", "b_strength", "--variant", "silence"]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    # a call that is left out is one call less at every point: no variance to share out, effects of 0
    status = main(["figure", str(swept.path), "-o", str(out), "--quantity", "calls", "--variant", "silence"])
    assert status == (0 if swept.path.stem == "morris" else 65)
    assert ("it is the same at every point of the sweep" in capsys.readouterr().err) == (status == 65)
    assert main(["figure", str(swept.path), "-o", str(out), "--quantity", "cals"]) == 65
    assert "no quantity 'cals'" in capsys.readouterr().err
    assert main(["figure", str(swept.path), "-o", str(out), "--variant", "silense"]) == 65
    assert "no variant 'silense' (did you mean silence?); there are base, silence" in capsys.readouterr().err


def test_a_run_has_none(scenario: Path) -> None:
    with entente.run(scenario, scenario.with_name("run.h5"), replicates=4, quiet=True) as result:
        with pytest.raises(entente.NotStored, match="it is a run's, not a sweep's"):
            result.sensitivity()
