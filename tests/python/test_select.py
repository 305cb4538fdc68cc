"""Names as people write them: ties in either order, dates as text, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import entente
import synthetic
from entente import errors, plot, select
from entente.__main__ import main


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[entente.Result]:
    with entente.open_result(synthetic.write(tmp_path_factory.mktemp("out") / "synthetic.h5")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def test_ties_in_either_order(result: entente.Result, tmp_path: Path) -> None:
    own = result.data["strength"].sel(tie="KAZ-USA")
    xr.testing.assert_identical(result.sel(tie="USA-KAZ")["strength"], own)
    xr.testing.assert_identical(result.data.entente.sel(tie="USA-KAZ")["strength"], own)
    both = result.sel(tie=["UZB-USA", "USA-KAZ"])
    assert list(both["tie"].values) == ["USA-UZB", "KAZ-USA"]
    for function in (plot.fan, plot.difference):
        drawn, turned = (function(result.data, [tie]).axes[0].get_lines() for tie in ("KAZ-USA", "USA-KAZ"))
        for one, other in zip(drawn, turned, strict=True):
            np.testing.assert_array_equal(one.get_ydata(), other.get_ydata())
    marks = [plot.calendar_marks(result.calendar(), tie) for tie in ("KAZ-USA", "USA-KAZ")]
    assert marks[0].equals(marks[1]) and len(marks[0])
    ticks = [len(plot.raster(result.events(), tie).axes[0].collections) for tie in ("KAZ-USA", "USA-KAZ")]
    assert ticks[0] == ticks[1]
    picture = tmp_path / "fan.png"
    assert main(["figure", str(result.path), "-o", str(picture), "--tie", "USA-KAZ", "--tie", "UZB-USA"]) == 0


def median(figure: Figure) -> np.ndarray:
    """The median of the first variant as it is drawn."""
    (line,) = [item for item in figure.axes[0].get_lines() if item.get_label() == "base"]
    return np.asarray(line.get_ydata(), dtype=float)


def test_trade_of_a_tie_is_that_of_both_flows(result: entente.Result) -> None:
    flows = result.sel(flow="USA-KAZ")["trade"]
    assert list(flows["flow"].values) == ["KAZ->USA", "USA->KAZ"]
    good = entente.estimates.ran(result.data)["trade"].sel(variant="base")
    both = good.sel(flow=["KAZ->USA", "USA->KAZ"]).sum("flow").median("replicate") / 1e9
    np.testing.assert_allclose(median(plot.fan(result.data, "USA-KAZ", "trade")), both, rtol=1e-6)
    single = good.sel(flow="USA->KAZ").median("replicate") / 1e9
    np.testing.assert_allclose(median(plot.fan(result.data, "USA->KAZ", "trade")), single, rtol=1e-6)
    with pytest.raises(errors.UnknownName, match=r"no tie with trade 'KAZ-UZB' .*USA-UZB"):
        plot.fan(result.data, "KAZ-UZB", "trade")


def test_times_are_the_nearest_ones(result: entente.Result) -> None:
    assert result.sel(time="2026-12-31")["time"].values == np.datetime64("2027-01-01")
    two = result.sel(time=["2025-12-25", "2026-01-07"], variant="base")
    assert [str(t)[:10] for t in two["time"].values] == ["2025-12-23", "2026-01-06"]
    assert result.sel(time=slice("2026-01", "2026-01")).sizes["time"] == 4
    with pytest.raises(ValueError, match="no date 'soon'"):
        result.sel(time="soon")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"tie": "KAZ-ISA"}, r"no tie 'KAZ-ISA' \(did you mean KAZ-USA"),
        ({"variant": "no-invitation"}, r"no variant 'no-invitation' \(did you mean no_invitation\?\); there are base"),
        ({"quantity": "KAZ_STRENGTH"}, r"did you mean kaz_strength"),
        ({"flow": "KAZ->UZB"}, "no flow 'KAZ->UZB'"),
        ({"replicate": 99}, "no replicate '99'"),
        ({"sector": "oil"}, "its scenario has no sectors"),
        ({"point": 0}, "only a sweep has points"),
        ({"colour": "red"}, "no dimension 'colour'"),
    ],
)
def test_wrong_names_are_told(result: entente.Result, names: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        result.sel(**names)
    assert isinstance(caught.value, (errors.UnknownName, errors.NotStored))


def test_columns_of_events_are_checked(result: entente.Result) -> None:
    with pytest.raises(errors.UnknownName, match=r"no column 'tme' \(did you mean time\?\)"):
        result.events(columns=["tme"])
    narrow = result.events(columns="time")
    assert list(narrow.columns) == ["variant", "replicate", "time"]
    for function in (plot.raster, entente.causes.forest):
        with pytest.raises(ValueError, match="the events lack"):
            function(narrow)
    with pytest.raises(ValueError, match="the events lack kind"):
        plot.calendar_marks(narrow, "KAZ-USA")


def test_many_names_are_told_in_part() -> None:
    names = [f"A{i:03}-B" for i in range(500)]
    said = errors.unknown("tie", "A123-C", names)
    assert "did you mean A123-B" in said and said.endswith("and 488 more")
    assert errors.unknown("variant", "x", ["base"]).endswith("there is base")
    assert errors.unknown("variant", "x", []) == "no variant 'x': there is none"
    assert select.several("a") == ["a"]
