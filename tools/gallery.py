#!/usr/bin/env python3
"""Makes docs/gallery.md and its pictures from the output of a run and that of a sweep.

    PYTHONPATH=analysis python3 tools/gallery.py out/central-asia-2026.h5 out/us-kaz-2027.h5

The files are those of `make demo` and of the sweep in scenarios/sweeps. Every function of `entente.plot` that draws has its place on the page;
tests/python/test_gallery.py sees to it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

import entente

DOCS = Path(__file__).parents[1] / "docs"
TIES = ["KAZ-USA", "USA-UZB"]
GROUPS = {"C5+1": ["USA", "KAZ", "KGZ", "TJK", "TKM", "UZB"]}
Draw = Callable[[entente.Result], Figure]


def tree_of_the_invitation(result: entente.Result) -> entente.causes.Tree:
    """The invitation to Kazakhstan of the first replicate, and what came of it."""
    events = result.events(replicate=0)
    asked = (events["kind"] == "invitation") & (events["target"] == "KAZ") & (events["cause"] == "calendar")
    return entente.causes.find(result.causes(replicate=0), int(events.index[asked][0]))


def own_events(result: entente.Result) -> Figure:
    """The raster of what happens to Kazakhstan."""
    events = result.events(replicate=0)
    return entente.plot.raster(events[(events["initiator"] == "KAZ") | (events["target"] == "KAZ")])


def ranked(result: entente.Result) -> Figure:
    """What matters for the tie of the United States and Kazakhstan."""
    source = entente.plot.source_line(result.data, result.provenance())
    return entente.plot.sensitivity(result.sensitivity(), "kaz_strength", most=10, source=source)


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
        lambda result: entente.plot.difference(result.data, TIES[:1]),
    ),
    (
        "network",
        "Ties at a date: strength as colour, trade as width.",
        'entente.plot.network(result.data, "2026-12-31", groups={"C5+1": [...]})',
        lambda result: entente.plot.network(result.data, "2026-12-31", groups=GROUPS),
    ),
    (
        "raster",
        "Every event of one future that touches Kazakhstan, by kind and cause.",
        "entente.plot.raster(events)",
        own_events,
    ),
    (
        "cause_tree",
        "The invitation to Kazakhstan in one future, and what came of it.",
        "entente.plot.cause_tree(tree)",
        lambda result: entente.plot.cause_tree(tree_of_the_invitation(result)),
    ),
    (
        "exceedance",
        "How likely a number of leaders' meetings is reached.",
        'entente.plot.exceedance(result.data, "kaz_meetings")',
        lambda result: entente.plot.exceedance(result.data, "kaz_meetings"),
    ),
    (
        "tornado",
        "Which uncertain parameter moves the tie most.",
        'entente.plot.tornado(result.data, "kaz_strength")',
        lambda result: entente.plot.tornado(result.data, "kaz_strength"),
    ),
    (
        "sensitivity",
        "Of a sweep: which parameter drives the tie, with intervals, and how much is noise of replicates.",
        'entente.plot.sensitivity(sweep.sensitivity(), "kaz_strength")',
        ranked,
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
        "# Gallery\n\nWhat `entente.plot` draws, from the output of `make demo`; [analysis.md](analysis.md) tells how "
        "to call it. Made by `PYTHONPATH=analysis python3 tools/gallery.py out/central-asia-2026.h5 "
        "out/us-kaz-2027.h5`.\n"
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
