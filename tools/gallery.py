#!/usr/bin/env python3
"""Makes docs/gallery.md and its pictures from the output of a run and that of a sweep.

    make gallery
    PYTHONPATH=analysis python3 tools/gallery.py out/central-asia-2026.h5 out/summit-effect.h5

The files are those of `make demo` and of the sweep in scenarios/sweeps, which the first makes where they are not
there. Every function of `entente.plot` that draws has its place on the page; tests/python/test_gallery.py sees to it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

import entente

DOCS = Path(__file__).parents[1] / "docs"
TIES = ["KAZ-USA", "USA-UZB"]
GROUPS = {"C5+1": ["USA", "KAZ", "KGZ", "TJK", "TKM", "UZB"]}
MADE_UP = "Made-up numbers, to show the picture"
Draw = Callable[[entente.Result], Figure]


def tree_of_the_call(result: entente.Result) -> entente.causes.Tree:
    """The call to Kazakhstan in that of the first futures where most came of it."""
    trees = [tree for replicate in range(20) for tree in result.causes(replicate=replicate)]
    called = [t for t in trees if entente.causes.title(t.event) == "call USA -> KAZ"]
    return max((t for t in called if t.event["cause"] == "calendar"), key=lambda tree: tree.size)


def source(result: entente.Result) -> str:
    """The line at the foot of a picture."""
    return entente.plot.source_line(result.data, result.provenance())


def made_up() -> np.random.Generator:
    """Numbers for pictures of what one run does not hold."""
    return np.random.default_rng(2)


def reliability(result: entente.Result) -> Figure:
    """A forecaster who knows the probabilities, and one who is twice as sure."""
    rng = made_up()
    p = rng.beta(0.5, 4, 3000)
    happened = rng.uniform(size=p.size) < p
    return entente.plot.reliability({"knows": p, "too sure": np.minimum(2 * p, 1)}, happened, source=MADE_UP)


def calibration(result: entente.Result) -> Figure:
    """A forecaster with the right spread, and one with too little."""
    rng = made_up()
    pits = {"right": rng.uniform(size=300), "too narrow": rng.beta(0.5, 0.5, size=300)}
    return entente.plot.calibration(pits, source=MADE_UP)


def qq(result: entente.Result) -> Figure:
    """Residuals of a right model, and of one that misses that events cluster."""
    rng = made_up()
    residuals = {"right": rng.exponential(size=400), "clusters missed": rng.gamma(0.5, 2, size=400)}
    return entente.plot.qq(residuals, source=MADE_UP)


def ranked(result: entente.Result) -> Figure:
    """What matters for the tie of the United States and Kazakhstan."""
    return entente.plot.sensitivity(result.sensitivity(), "kaz_strength", most=10, source=source(result))


#: Function of `entente.plot`, what the picture shows, the call as a reader would write it, the drawing.
PICTURES: list[tuple[str, str, str, Draw]] = [
    (
        "fan",
        "What may come of two ties, by variant, and the paired difference beneath.",
        'result.fan(["KAZ-USA", "USA-UZB"])',
        lambda result: result.fan(TIES),
    ),
    (
        "difference",
        "What the variant changes, future by future.",
        'entente.plot.difference(result.data, ["KAZ-USA"])',
        lambda result: entente.plot.difference(result.data, TIES[:1], source=source(result)),
    ),
    (
        "network",
        "Ties at a date: strength as colour, trade as width.",
        'entente.plot.network(result.data, "2026-12-31", groups={"C5+1": [...]})',
        lambda result: entente.plot.network(result.data, "2026-12-31", groups=GROUPS, source=source(result)),
    ),
    (
        "network_over_time",
        "The same network at six dates.",
        'entente.plot.network_over_time(result.data, groups={"C5+1": [...]})',
        lambda result: entente.plot.network_over_time(result.data, groups=GROUPS, source=source(result)),
    ),
    (
        "world",
        "The same ties between capitals.",
        'entente.plot.world(result.data, result.places(), "2026-12-31")',
        lambda result: entente.plot.world(result.data, result.places(), "2026-12-31", source=source(result)),
    ),
    (
        "raster",
        "Every event of one future that touches Kazakhstan, by kind and cause.",
        'entente.plot.raster(result.events(), actor="KAZ")',
        lambda result: entente.plot.raster(result.events(), actor="KAZ", source=source(result)),
    ),
    (
        "cause_tree",
        "The call to Kazakhstan in one future, and what came of it.",
        "entente.plot.cause_tree(tree)",
        lambda result: entente.plot.cause_tree(tree_of_the_call(result), source=source(result)),
    ),
    (
        "exceedance",
        "How likely a number of leaders' meetings is reached.",
        'entente.plot.exceedance(result.data, "kaz_meetings")',
        lambda result: entente.plot.exceedance(result.data, "kaz_meetings", source=source(result)),
    ),
    (
        "tornado",
        "Which uncertain parameter moves the tie most.",
        'entente.plot.tornado(result.data, "kaz_strength")',
        lambda result: entente.plot.tornado(result.data, "kaz_strength", source=source(result)),
    ),
    (
        "sensitivity",
        "Of a sweep: which parameter drives the tie, with intervals, and how much is noise of replicates.",
        'entente.plot.sensitivity(sweep.sensitivity(), "kaz_strength")',
        ranked,
    ),
    (
        "reliability",
        "How often it happened when it was forecast with so much probability.",
        'entente.plot.reliability({"knows": p, "too sure": 2 * p}, happened)',
        reliability,
    ),
    (
        "calibration",
        "Whether outcomes fall below the forecasts' quantiles as often as they should.",
        'entente.plot.calibration({"right": pit, "too narrow": other_pit})',
        calibration,
    ),
    (
        "qq",
        "Residuals of a fitted model against the exponential law.",
        'entente.plot.qq({"right": residuals, "clusters missed": other_residuals})',
        qq,
    ),
]
#: Those that are of the sweep's file.
OF_SWEEP = {"sensitivity"}


def make(result: entente.Result, sweep: entente.Result, docs: Path) -> Path:
    """Draw all pictures into `docs`/images/gallery and write `docs`/gallery.md."""
    mpl.use("Agg")
    folder = docs / "images" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        "# Gallery\n\nWhat `entente.plot` draws, from the output of `make demo` but for the last three, which show "
        "made-up numbers; [analysis.md](analysis.md) tells how to call it. Made by `make gallery`.\n"
    ]
    for name, shows, call, draw in PICTURES:
        draw(sweep if name in OF_SWEEP else result).savefig(folder / f"{name}.png", dpi=90)
        parts.append(f"## {name}\n\n{shows}\n\n    {call}\n\n![{shows}](images/gallery/{name}.png)\n")
    page = docs / "gallery.md"
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the gallery of the files named on the command line."""
    parser = argparse.ArgumentParser(description="Makes docs/gallery.md and its pictures.")
    parser.add_argument("result", help="output file of `make demo`")
    parser.add_argument("sweep", help="output file of a sweep")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page goes (default: docs)")
    options = parser.parse_args(arguments)
    with entente.open(options.result) as result, entente.open(options.sweep) as sweep:
        print(make(result, sweep, options.docs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
