"""Nothing in a picture overprints or leaves it, however many variants there are and however long their names."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

import entente
import odd
from entente import plot

pytestmark = [
    pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program"),
    pytest.mark.filterwarnings("ignore:Glyph"),
]

NAMES = ["no_invitation", "no_summit_at_all", "a_rather_long_name_of_a_variant", "d", "fifth_of_them", "sixth", "last"]
TIES = ["BBB-AAA", "AAA-CCC"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], entente.Result]]:
    """Files by the number of their variants, the first included."""
    folder = tmp_path_factory.mktemp("variants")
    known: dict[int, entente.Result] = {}

    def get(n: int) -> entente.Result:
        if n not in known:
            rows = "".join(f"  {name}: {{drop: [first-call]}}\n" for name in NAMES[: n - 1])
            scenario = folder / f"{n}.yaml"
            scenario.write_text(odd.scenario(variants=f"variants:\n{rows}" if rows else ""))
            known[n] = entente.run(scenario, folder / f"{n}.h5", quiet=True)
        return known[n]

    yield get
    for result in known.values():
        result.close()


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def boxes(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    """What is written in a figure, and where, in pixels; texts that are held but not drawn are left out."""
    renderer = figure.canvas.get_renderer()
    drawn: list[Text] = []
    draw = Text.draw

    def note(self: Text, *given: object, **named: object) -> None:
        if self.get_visible() and self.get_text().strip():
            drawn.append(self)
        draw(self, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", note)
        figure.draw(renderer)
    extents = [(text.get_text(), text.get_window_extent(renderer)) for text in drawn]
    return [(text, (box.x0, box.y0, box.x1, box.y1)) for text, box in extents]


def faults(figure: Figure) -> list[str]:
    """Texts that leave the figure or lie on one another by more than a pixel or two."""
    width, height = figure.bbox.width, figure.bbox.height
    written = boxes(figure)
    out = [
        f"{text!r} leaves the figure"
        for text, (x0, y0, x1, y1) in written
        if x0 < -1 or y0 < -1 or x1 > width + 1 or y1 > height + 1
    ]
    for (one, a), (other, b) in itertools.combinations(written, 2):
        if min(a[2], b[2]) - max(a[0], b[0]) > 2 and min(a[3], b[3]) - max(a[1], b[1]) > 2:
            out.append(f"{one!r} on {other!r}")
    return out


@pytest.mark.parametrize("n", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("ties", [TIES[:1], TIES], ids=["one tie", "two ties"])
def test_fans(made: Callable[[int], entente.Result], n: int, ties: list[str]) -> None:
    result = made(n)
    figure = result.fan(ties)
    assert faults(figure) == []
    (legend,) = figure.legends
    told = [item.get_text() for item in legend.get_texts()]
    assert [text for text in told if "median" in text] == [f"{name}, median" for name in result.variants]
    lowest = min(axes.get_tightbbox().y0 for axes in figure.axes)
    assert legend.get_window_extent().y1 <= lowest + 1
    panels = [axes.get_title(loc="left") for axes in figure.axes[len(ties) :: len(ties)]]
    assert panels == [f"{name} − base" for name in result.variants[1:]]


@pytest.mark.parametrize("n", [2, 6])
def test_pictures_of_many_variants(made: Callable[[int], entente.Result], n: int) -> None:
    result = made(n)
    for figure in (
        plot.difference(result.data, TIES),
        plot.exceedance(result.data, "calls"),
        plot.tornado(result.data, "strength"),
        plot.fan(result.data, ["AAA-BBB", "BBB->AAA"], "trade", result.calendar()),
        plot.world(result.data, result.places(), "2026-06-30"),
        plot.network(result.data, "2026-06-30", groups={f"group {i}": ["AAA"] for i in range(9)} | {"B": ["BBB"]}),
        plot.network_over_time(result.data),
        plot.raster(result.events()),
        plot.cause_tree(max(result.causes(), key=lambda tree: tree.size)),
    ):
        assert faults(figure) == []


def test_texts_of_a_scenario_are_drawn_as_they_are(tmp_path: Path) -> None:
    """Neither TeX nor anything that leaves the picture, whatever stands in titles, labels and names."""
    with entente.open_result(odd.make("quoted", tmp_path)) as result:
        figures = [
            result.fan(),
            plot.difference(result.data, ["=A$-+B&"]),
            plot.exceedance(result.data, "@n"),
            plot.tornado(result.data, "+q$'\"&"),
            plot.network(result.data, "2026-06-30", groups={"$G$": ["=A$"]}),
            plot.network_over_time(result.data, groups={"$G$": ["=A$"]}),
            plot.world(result.data, result.places(), "2026-06-30"),
            plot.raster(result.events()),
            plot.cause_tree(result.causes()[0]),
            plot.qq({"$x": [0.1, 0.5, 2.0]}),
            plot.reliability({"$x": [0.1, 0.9]}, [0, 1]),
        ]
        for figure in figures:
            assert not [item for item in figure.findobj(Text) if "$" in item.get_text() and item.get_parse_math()]
            figure.savefig(tmp_path / "drawn.svg")
        said = [item.get_text() for item in figures[0].findobj(Text)]
        assert any("US$ 5 bn or US$ 6 bn" in text for text in said)
        assert "-v$\\alpha$ − base" in said
        for figure in figures[:9]:
            assert faults(figure) == []


def test_the_check_sees_what_overprints(made: Callable[[int], entente.Result]) -> None:
    figure = made(2).fan(TIES)
    axes = figure.axes[-1]
    axes.set_title("no_invitation − base: mean, its 95 % interval (dark), 90 % of replicates (light)", loc="left")
    assert any("leaves" in fault or " on " in fault for fault in faults(figure))
    other = made(2).fan(TIES)
    other.legends[0].set_bbox_to_anchor((0, 0.9))
    assert faults(other)
