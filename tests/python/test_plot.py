"""Pictures: what the artists hold, labels and units."""

from __future__ import annotations

from pathlib import Path

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.figure import Figure

import entente
import synthetic
from entente import estimates, plot
from entente.__main__ import main


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> entente.Result:
    with entente.open_result(synthetic.write(tmp_path_factory.mktemp("out") / "synthetic.h5")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _close_figures() -> None:
    yield
    plt.close("all")


def texts(figure: Figure) -> str:
    """All text of a figure, a line a piece."""
    return "\n".join(item.get_text() for item in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def line(axes: plt.Axes, label: str) -> np.ndarray:
    (found,) = [item for item in axes.get_lines() if item.get_label() == label]
    return np.asarray(found.get_ydata(), dtype=float)


def test_fan_draws_the_quantiles(result: entente.Result) -> None:
    figure = result.fan(["KAZ-USA", "USA-UZB"])
    kaz, uzb, kaz_gap, uzb_gap = figure.axes
    good = estimates.ran(result.data)["strength"].load()
    q = good.sel(variant="base", tie="KAZ-USA").quantile([0.05, 0.25, 0.5, 0.75, 0.95], "replicate").values
    np.testing.assert_allclose(line(kaz, "base"), q[2], atol=1e-6)
    bands = {item.get_label(): item for item in kaz.findobj(PolyCollection)}
    for label, low, high in (("90 %", 0, 4), ("50 %", 1, 3)):
        y = bands[label].get_paths()[0].vertices[:, 1]
        assert y.min() == pytest.approx(q[low].min(), abs=1e-6)
        assert y.max() == pytest.approx(q[high].max(), abs=1e-6)
    np.testing.assert_allclose(
        line(kaz, "base") - line(kaz, "no_invitation"),
        -synthetic.EFFECT * synthetic.DAYS / synthetic.DAYS[-1],
        atol=1e-5,
    )
    assert line(kaz_gap, "no_invitation − base")[-1] == pytest.approx(synthetic.EFFECT, abs=1e-5)
    np.testing.assert_allclose(line(uzb_gap, "no_invitation − base"), 0, atol=1e-6)
    assert kaz.get_ylim() == uzb.get_ylim()


def test_fan_is_labelled(result: entente.Result) -> None:
    figure = result.fan(["KAZ-USA", "USA-UZB"])
    said = texts(figure)
    for part in (
        "A test of three actors",
        "Kazakhstan – United States",
        "United States – Uzbekistan",
        "strength\n(−1 hostile … 1 friendly)",
        "no_invitation − base",
        "difference\n(strength)",
        "date (UTC)",
        "base, median",
        "no_invitation, median",
        "50 % of replicates",
        "90 % of replicates",
        "difference, mean",
        "95 % interval of that mean",
        "difference in 90 % of replicates",
        "Simulated by entente 0.1.0, test.yaml",
        "40 replicates",
        "seed 1",
    ):
        assert part in said, part
    assert "23 Dec 2025: call, invitation (base only)" in said
    assert "14 Dec 2026: g20 summit (both there in base only)" in said


def test_fan_marks_stand_at_their_dates(result: entente.Result) -> None:
    figure = result.fan(["USA-UZB"])
    rules = [item for item in figure.axes[0].get_lines() if list(item.get_ydata()) == [0, 1]]
    assert [mdates.num2date(item.get_xdata()[0]).strftime("%Y-%m-%d") for item in rules] == ["2026-12-14"]


def test_marks_leave_out_what_has_no_date(result: entente.Result) -> None:
    marks = plot.calendar_marks(result.calendar(), "KAZ-USA")
    assert list(marks["kind"]) == ["call", "invitation", "g20_summit"]
    assert list(marks["variants"]) == [("base", "no_invitation"), ("base",), ("base",)]
    guests = plot.calendar_marks(result.calendar(), "KAZ-UZB")  # both there as guests, in the base only
    assert list(zip(guests["kind"], guests["variants"], strict=True)) == [("g20_summit", ("base",))]
    events = result.calendar()
    drawn = events[(events["kind"] == "call") & (events["cause"] == "baseline")].index
    scattered = events.copy()
    scattered.loc[drawn, "cause"] = "calendar"  # as if drawn from a window
    assert len(plot.calendar_marks(scattered, "KAZ-USA")) == 3


def test_marks_tell_apart_what_is_held_and_who_comes(result: entente.Result) -> None:
    """The summit takes place in both variants, and one of the pair stays away in one of them."""
    calendar = result.calendar()
    marks = plot.calendar_marks(calendar, "USA-KAZ").set_index("kind")
    assert marks.loc["g20_summit", "variants"] == ("base",)
    assert marks.loc["g20_summit", "held"] == ("base", "no_invitation")
    assert marks.loc["invitation", "held"] == ("base",)
    other = calendar[(calendar["kind"] == "call") & (calendar["cause"] == "calendar")].assign(target="UZB")
    without = calendar[(calendar["variant"] == "base") | (calendar["kind"] != "call")]
    calls = plot.calendar_marks(pd.concat([without, other]), "USA-KAZ").set_index("kind")
    assert calls.loc["call", "held"] == ("base",)  # a call to another actor on that day is another call
    dropped = calendar[(calendar["variant"] == "base") | (calendar["kind"] != "g20_summit")]
    marks = plot.calendar_marks(dropped, "USA-KAZ").set_index("kind")
    assert marks.loc["g20_summit", "held"] == ("base",)
    moved = calendar.copy()
    moved.loc[(moved["variant"] != "base") & (moved["kind"] == "g20_summit"), "time"] += pd.Timedelta(days=7)
    marks = plot.calendar_marks(moved, "USA-UZB")
    assert list(zip(marks["kind"], marks["held"], strict=True)) == [
        ("g20_summit", ("base",)), ("g20_summit", ("no_invitation",)),
    ]  # fmt: skip


def test_what_happens_in_one_replicate_of_all_is_seen(result: entente.Result) -> None:
    """A mark says "only" of all replicates, not of the first few."""
    calendar = result.calendar()
    assert calendar.groupby("variant")["replicate"].nunique().to_dict() == {"base": 40, "no_invitation": 40}
    late = (calendar["variant"] == "no_invitation") & (calendar["replicate"] == 35)
    guest = calendar[late & (calendar["summit"] >= 0)].iloc[[0]].copy()
    guest["initiator"] = pd.Categorical(["KAZ"], categories=calendar["initiator"].cat.categories)
    with_guest = pd.concat([calendar, guest])
    marks = plot.calendar_marks(with_guest, "KAZ-USA").set_index("kind")
    assert marks.loc["g20_summit", "variants"] == ("base", "no_invitation")


@pytest.mark.parametrize(
    ("touches", "held", "said"),
    [
        (["a", "b", "c"], ["a", "b", "c"], ""),
        (["a", "b"], ["a", "b"], " (not in c)"),
        (["a"], ["a"], " (a only)"),
        (["a", "b"], ["a", "b", "c"], " (not both there in c)"),
        (["b"], ["a", "b", "c"], " (both there in b only)"),
    ],
)
def test_exceptions_in_words(touches: list[str], held: list[str], said: str) -> None:
    assert plot.annotations.exception(touches, held, ["a", "b", "c"]) == said
    if len(held) == 3 or "c" not in held:
        others = ([x for x in touches if x != "c"], [x for x in held if x != "c"])
        assert plot.annotations.exception(*others, ["a", "b"]) in (
            "", " (a only)", " (both there in b only)",
        )  # fmt: skip


def test_the_calendar_is_what_the_log_has(result: entente.Result) -> None:
    for variant in result.variants:
        log = result.events(variant, replicate=None)
        log = log[(log["cause"] == "calendar") | (log["summit"] >= 0)]
        own = result.calendar()
        own = own[own["variant"] == variant]
        assert list(own.index) == list(log.index)
        for name in own.columns:
            assert list(own[name].astype(object)) == list(log[name].astype(object)), name


def test_fan_of_trade_is_in_bn_usd(result: entente.Result) -> None:
    figure = plot.fan(result.data, ["KAZ->USA"], "trade")
    good = estimates.ran(result.data)["trade"].sel(variant="base", flow="KAZ->USA").load()
    np.testing.assert_allclose(line(figure.axes[0], "base"), good.median("replicate") / 1e9, rtol=1e-6)
    said = texts(figure)
    assert "bn USD a year" in said
    assert "Kazakhstan → United States" in said


def test_fan_of_one_variant_has_no_difference(result: entente.Result) -> None:
    alone = result.data.sel(variant=["base"])
    assert len(plot.fan(alone, ["KAZ-USA"]).axes) == 1
    with pytest.raises(ValueError, match="two variants"):
        plot.difference(alone, ["KAZ-USA"])


def test_unknown_names_are_named(result: entente.Result) -> None:
    with pytest.raises(entente.UnknownName, match=r"no tie 'KAZ-UZB' \(did you mean .*; there are KAZ-USA, USA-UZB"):
        plot.fan(result.data, ["KAZ-UZB"])
    with pytest.raises(ValueError, match="no picture of 'love'"):
        plot.fan(result.data, ["KAZ-USA"], "love")


def test_difference(result: entente.Result) -> None:
    figure = plot.difference(result.data, ["KAZ-USA"])
    assert line(figure.axes[0], "no_invitation − base")[-1] == pytest.approx(synthetic.EFFECT, abs=1e-5)
    assert "difference\n(strength)" in texts(figure)


def test_network_colours_and_widths(result: entente.Result) -> None:
    figure = plot.network(result.data, "2026-12-31", groups={"C5": ["KAZ", "UZB"]})
    (lines,) = figure.axes[0].findobj(LineCollection)
    good = estimates.ran(result.data)["strength"].isel(time=-1).mean("replicate")
    np.testing.assert_allclose(lines.get_array(), good.sel(variant="base"), atol=1e-6)
    weaker = plot.network(result.data, "2026-12-31", variant="no_invitation")
    (lines,) = weaker.axes[0].findobj(LineCollection)
    assert lines.get_array().min() == pytest.approx(float(good.sel(variant="no_invitation").min()), abs=1e-6)
    # Weakest first: the stronger tie has the wider line, its trade being larger.
    thin, thick = lines.get_linewidths()
    assert thick == pytest.approx(7)
    trade = estimates.ran(result.data)["trade"].isel(time=-1).sel(variant="no_invitation").mean("replicate")
    ratio = float(trade.sel(flow="KAZ->USA") / trade.sel(flow="USA->UZB"))
    assert thin == pytest.approx(0.6 + 6.4 * np.sqrt(ratio), rel=1e-4)
    assert lines.norm.vmin == -1
    assert lines.norm.vmax == 1
    said = texts(figure)
    for part in (
        "Ties on 2027-01-01, base",
        "strength (−1 hostile … 1 friendly)",
        "bn USD a year",
        "C5",
        "UZB",
    ):
        assert part in said, part


def test_network_over_time_shares_its_scales(result: entente.Result) -> None:
    figure = plot.network_over_time(result.data, ["2025-12-23", "2026-06-30", "2026-12-31"], "no_invitation")
    good = estimates.ran(result.data).sel(variant="no_invitation").mean("replicate")
    panels = [axes for axes in figure.axes if axes.findobj(LineCollection) and axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["2025-12-23", "2026-06-30", "2027-01-01"]
    widest = []
    for axes in panels:
        (lines,) = axes.findobj(LineCollection)
        at = good.sel(time=axes.get_title(), method="nearest")
        np.testing.assert_allclose(np.sort(lines.get_array()), np.sort(at["strength"]), atol=1e-6)
        widest.append(max(lines.get_linewidths()))
    # One scale of widths: that of the largest trade of all dates, at the end.
    assert widest[0] < widest[1] < widest[2] == pytest.approx(7)
    said = texts(figure)
    for part in ("Ties over time, no_invitation", "strength (−1 hostile", "bn USD a year", "40 replicates"):
        assert part in said, part
    six = plot.network_over_time(result.data)
    assert sum(bool(axes.get_title()) for axes in six.axes) == 6


def test_world_puts_capitals_where_they_are(result: entente.Result) -> None:
    figure = plot.world(result.data, result.places(), "2026-12-31", source="from a test")
    axes = figure.axes[0]
    (ties,) = [item for item in axes.findobj(LineCollection) if item.get_array() is not None]
    # The tie of an actor without a place is left out.
    good = estimates.ran(result.data)["strength"].isel(time=-1).sel(variant="base", tie="KAZ-USA")
    np.testing.assert_allclose(ties.get_array(), [good.mean("replicate")], atol=1e-6)
    (path,) = ties.get_segments()
    (dots,) = [item for item in axes.collections if isinstance(item, PathCollection)]
    kaz, usa = dots.get_offsets()
    np.testing.assert_allclose(path[0], kaz, atol=1e-9)
    np.testing.assert_allclose(path[-1], usa, atol=1e-9)
    assert usa[0] < kaz[0]  # west of it
    # Equal area about the middle of two points: the way between them is straight, and as long as its chord on the
    # sphere about that middle, 2 * 2 sin(d / 4) for the distance d.
    a, b = (np.radians([lat, lon]) for lat, lon in ((51.2, 71.5), (38.9, -77.0)))
    d = np.arccos(np.sin(a[0]) * np.sin(b[0]) + np.cos(a[0]) * np.cos(b[0]) * np.cos(a[1] - b[1]))
    assert np.hypot(*(usa - kaz)) == pytest.approx(4 * np.sin(d / 4), rel=1e-6)
    (land,) = axes.findobj(PolyCollection)
    assert len(land.get_paths()) > 100
    assert any(path.contains_point(kaz) for path in land.get_paths())
    said = texts(figure)
    for part in ("Ties on 2027-01-01, base", "KAZ", "strength (−1 hostile", "bn USD a year", "from a test. Land: Nat"):
        assert part in said, part
    with pytest.raises(ValueError, match="no tie has a place"):
        plot.world(result.data, result.places().drop("USA"), "2026-12-31")


def test_reliability() -> None:
    p, y = np.repeat([0.1, 0.5], 100), np.concatenate([np.arange(100) < 20, np.arange(100) < 50])
    figure = plot.reliability({"model": p, "always 30 %": np.full(200, 0.3)}, y, source="from a test")
    axes, below = figure.axes
    dots = {item.get_label(): item for item in axes.containers}
    np.testing.assert_allclose(dots["model"][0].get_xydata(), [[10, 20], [50, 50]])
    np.testing.assert_allclose(dots["always 30 %"][0].get_xydata(), [[30, 35]])
    (bars,) = dots["model"][2]
    low, high = bars.get_segments()[0][:, 1]
    assert (low, high) == (pytest.approx(13.34, abs=0.01), pytest.approx(28.88, abs=0.01))  # Wilson, 20 of 100
    assert below.get_xlabel() == "forecast probability (%)"
    said = texts(figure)
    for part in ("happened (% of cases)", "cases", "perfect", "from a test"):
        assert part in said, part


def test_calibration() -> None:
    pit = (np.arange(100) + 0.5) / 100
    figure = plot.calibration({"even": pit, "too low": np.sqrt(pit)}, source="from a test")
    axes = figure.axes[0]
    x, y = (np.asarray(values) for values in axes.get_lines()[1].get_data())
    assert axes.get_lines()[1].get_label() == "even"
    np.testing.assert_allclose(x, np.concatenate([[0], 100 * pit]))
    np.testing.assert_allclose(y, np.arange(101))
    (band,) = axes.findobj(PolyCollection)
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(100 + 13.58)
    low = line(axes, "too low")
    assert (low[:-1] <= 100 * np.sqrt(pit)).all()
    said = texts(figure)
    for part in ("95 % band, 100 cases", "outcomes at or below it (% of cases)", "(%)", "from a test"):
        assert part in said, part


def test_qq() -> None:
    residuals = np.random.default_rng(6).exponential(size=80)
    figure = plot.qq({"call": residuals, "leader_visit": 2 * residuals}, source="from a test")
    axes = figure.axes[0]
    np.testing.assert_allclose(line(axes, "call"), np.sort(residuals))
    (dots,) = [item for item in axes.get_lines() if item.get_label() == "call"]
    assert dots.get_xdata()[0] == pytest.approx(1 / 80)
    assert dots.get_xdata()[-1] == pytest.approx(sum(1 / k for k in range(1, 81)))
    (band,) = axes.findobj(PolyCollection)
    assert band.get_paths()[0].vertices[:, 1].max() > np.log(80)
    said = texts(figure)
    for part in (
        f"n = 80, mean {residuals.mean():.2f}",
        f"mean {2 * residuals.mean():.2f}",
        "leader visit",
        "residual expected (exponential, mean 1)",
        "residual observed",
        "from a test",
    ):
        assert part in said, part


def test_raster_has_a_tick_an_event(result: entente.Result) -> None:
    figure = plot.raster(result.events(replicate=3), source="from a test")
    ticks = {item.get_label(): len(item.get_segments()) for item in figure.axes[0].findobj(LineCollection)}
    assert ticks == {"calendar": 3, "consequence": 3, "excited": 1, "baseline": 1}
    said = texts(figure)
    for part in (
        "All events in replicate 3, base",
        "call (2)",
        "g20 summit (3)",
        "date (UTC)",
        "from a test",
    ):
        assert part in said, part
    kaz = plot.raster(result.events(), actor="KAZ")
    assert "Events of KAZ in replicate 0, base" in texts(kaz)
    assert sum(len(item.get_segments()) for item in kaz.axes[0].findobj(LineCollection)) == 6
    between = plot.raster(result.events(), tie="USA-UZB")
    assert "g20 summit (1)" in texts(between)
    with pytest.raises(ValueError, match="between KAZ and UZB"):
        plot.raster(result.events(), tie="KAZ-UZB")


def test_cause_tree(result: entente.Result) -> None:
    tree = result.causes(replicate=0)[2]
    figure = plot.cause_tree(tree)
    said = texts(figure)
    assert "Events caused by: invitation USA → KAZ, 23 December 2025" in said
    assert "accepted KAZ → USA, 1 Jan" in said
    edges = [item for item in figure.axes[0].get_lines() if len(item.get_xdata()) == 3]
    assert len(edges) == tree.size - 1


def test_exceedance(result: entente.Result) -> None:
    figure = plot.exceedance(result.data, "uzb_deals")
    values = estimates.ran(result.data)["quantity_value"].sel(quantity="uzb_deals", variant="base").values
    (base,) = [item for item in figure.axes[0].get_lines() if item.get_label() == "base"]
    np.testing.assert_allclose(np.asarray(base.get_xdata()), np.sort(values) / 1e9)
    assert base.get_ydata()[0] == 100
    said = texts(figure)
    assert "bn USD" in said
    assert "Deals of USA-UZB" in said


def test_tornado(result: entente.Result) -> None:
    figure = plot.tornado(result.data, "uzb_deals")
    axes = figure.axes[0]
    assert axes.get_yticklabels()[0].get_text() == "kinds.call.rate.per_year"
    effects = estimates.sensitivity(
        estimates.ran(result.data)["quantity_value"].sel(quantity="uzb_deals", variant="base"),
        estimates.ran(result.data)["drawn"],
    )
    low = axes.patches[0]
    assert low.get_x() + low.get_width() == pytest.approx(float(effects["low"][0]) / 1e9)
    said = texts(figure)
    for part in (
        "mean (bn USD)",
        "parameter high (95th percentile)",
        "Deals of USA-UZB, base",
        "of variance",
    ):
        assert part in said, part


def test_tornado_shows_the_first_few(result: entente.Result) -> None:
    figure = plot.tornado(result.data, "kaz_strength", most=1)
    assert len(figure.axes[0].get_yticks()) == 1
    said = texts(figure)
    assert "1 more move it less" in said
    assert "mean (no unit)" in said


def test_a_dataset_of_its_own_has_the_functions(result: entente.Result) -> None:
    with xr.open_dataset(result.path, engine="h5netcdf") as data:
        drawn, own = data.entente.fan(["KAZ-USA"]), plot.fan(result.data, ["KAZ-USA"])
        np.testing.assert_array_equal(line(drawn.axes[0], "base"), line(own.axes[0], "base"))
        assert data.entente.ran().sizes["replicate"] == synthetic.N - 1
        assert {"fan", "world", "ran"} <= set(dir(data.entente))
        for name in dir(data.entente):
            assert callable(getattr(data.entente, name))
        with pytest.raises(AttributeError, match=r"no function 'fans' .did you mean fan"):
            data.entente.fans  # noqa: B018


def test_figure_command(result: entente.Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "fan.png"
    assert main(["figure", str(result.path), "-o", str(picture), "--tie", "KAZ-USA"]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(["figure", str(result.path), "-o", str(picture), "--tie", "KAZ-ITA"]) == 65
    assert "no tie 'KAZ-ITA'" in capsys.readouterr().err
    assert main(["figure", str(tmp_path / "none.h5"), "-o", str(picture)]) == 66
    assert main(["figure", str(result.path), "-o", str(tmp_path / "no" / "fan.png")]) == 73
    assert main(["figure", str(picture), "-o", str(picture)]) == 65
    assert "is not an output file of entente" in capsys.readouterr().err


def test_predictive() -> None:
    rows = [
        ("call", "events", 120.0, 118.0, 101.0, 135.0, 0.8), ("call", "share", 0.6, 0.3, 0.25, 0.35, 0.01),
        ("leader_visit", "events", 12.0, 20.0, 14.0, 26.0, 0.01),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["kind", "figure", "observed", "mean", "low", "high", "p"])
    figure = plot.predictive(table, source="from a test")
    events, share = figure.axes
    dots = {item.get_label(): item for item in events.get_lines()}
    assert dots["observed"].get_xdata().tolist() == [120] and dots["rejected"].get_xdata().tolist() == [12]
    (bars,) = events.collections
    assert [list(segment[:, 0]) for segment in bars.get_segments()] == [[101, 135], [14, 26]]
    assert [item.get_xdata().tolist() for item in share.get_lines() if item.get_label() == "rejected"] == [[0.6]]
    said = texts(figure)
    assert "leader visit" in said and "share" in said and "from a test" in said
