#!/usr/bin/env python3
"""Makes docs/gallery.md and its pictures from the output of a run, of a sweep and of an attribution.

    make gallery
    PYTHONPATH=analysis python3 tools/gallery.py out/central-asia-2026.h5 out/summit-effect.h5 out/attribution.h5

The files are those of `make demo`, of the sweep in scenarios/sweeps and of `entente attribute`, which the first makes
where they are not there. Every function of `entente.plot` that draws has its place on the page;
tests/python/test_gallery.py sees to it.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

import entente

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TIES = ["KAZ-USA", "USA-UZB"]
GROUPS = {"C5+1": ["USA", "KAZ", "KGZ", "TJK", "TKM", "UZB"]}

#: The last four pictures are of events simulated from the first of these; the second misses that they cluster.
FITTED = ROOT / "scenarios" / "fitted"
TRUTH = FITTED / "icews-2018.yaml"
KIND, GROUP = "consultation", "dyads of high rate"
CALM = f"""
entente: 1
title: As relations.yaml, without excitation
period: {{start: 2018-02-01, end: 2019-01-01}}
actors: {{from: {ROOT}/scenarios/tables/actors.csv}}
ties: {{from: {FITTED}/ties.csv}}
kinds:
  {KIND}:
    scope: dyad
    rate:
      per_year: 1
      log_effects:
        log_distance: {{coefficient: -0.5, reference: 8.5}}
        tie: [{{of: log_gdp, coefficient: 0.2, reference: 14}}, {{of: log_cooperation, coefficient: 0.3, reference: 5}}]
"""
DRAWN = "Simulated from scenarios/fitted/icews-2018.yaml; "
Draw = Callable[[entente.Result], Figure]


def tree_of_the_call(result: entente.Result) -> entente.causes.Tree:
    """The call to Kazakhstan in that of the first futures where most came of it."""
    trees = [tree for replicate in range(20) for tree in result.causes(replicate=replicate)]
    called = [t for t in trees if entente.causes.title(t.event) == "call USA -> KAZ"]
    return max((t for t in called if t.event["cause"] == "calendar"), key=lambda tree: tree.size)


def source(result: entente.Result) -> str:
    """The line at the foot of a picture."""
    return entente.plot.source_line(result.data, result.provenance())


@functools.cache
def checks() -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], pd.DataFrame]:
    """Forecasts (`entente score`) and residuals (`entente fit`) of simulated events by two models, by their names, and
    how events that the second simulates compare with them."""
    program = str(entente.program.program())
    forecasts, residuals = {}, {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def call(*words: object) -> None:
            subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

        call("run", TRUTH, "--fixed", "-n", 1, "-q", "-o", folder / "future.h5")
        with entente.open_result(folder / "future.h5") as future:
            events = future.events(columns=["time", "kind", "initiator", "target"]).rename(columns={"time": "date"})
        events.to_csv(folder / "events.csv", index=False, date_format="%Y-%m-%dT%H:%M:%S")
        (folder / "calm.yaml").write_text(CALM)
        data = ("--events", folder / "events.csv")
        compared = ("--simulate", 200, "--simulated", folder / "simulated.csv")
        call("fit", folder / "calm.yaml", *data, "--until", "2018-07-01", "-o", folder / "fitted.yaml", *compared)
        simulated = pd.read_csv(folder / "simulated.csv")
        models = {"the model they come from": TRUTH, "without excitation": folder / "fitted.yaml"}
        for model, scenario in models.items():
            call("fit", scenario, *data, "-k", KIND, "--residuals", folder / "residuals.csv")
            residuals[model] = pd.read_csv(folder / "residuals.csv")
            when = ("--from", "2018-07-01", "-w", 7, "--every", 14)
            call("score", scenario, "--fixed", *data, *when, "-t", KIND, "-n", 200, "-q", "-o", folder / "scores.csv")
            forecasts[model] = pd.read_csv(folder / "scores.csv")
    return forecasts, residuals, simulated


def reliability(result: entente.Result) -> Figure:
    """The probability of a consultation within a week, by two models."""
    forecasts, *_ = checks()
    happened = next(iter(forecasts.values()))["observed_days"] > 0
    p = {model: table["forecast"] for model, table in forecasts.items()}
    return entente.plot.reliability(p, happened, source=DRAWN + "weeks from July 2018, 496 pairs")


def calibration(result: entente.Result) -> Figure:
    """The days with a consultation in a week, by two models."""
    forecasts, *_ = checks()
    pits = {model: table["pit"] for model, table in forecasts.items()}
    return entente.plot.calibration(pits, source=DRAWN + "weeks from July 2018, 496 pairs")


def qq(result: entente.Result) -> Figure:
    """Residuals of the two models."""
    _, residuals, _ = checks()
    whole = {model: table.loc[table["group"] == GROUP, "residual"] for model, table in residuals.items()}
    return entente.plot.qq(whole, source=DRAWN + "the busiest pairs")


def predictive(result: entente.Result) -> Figure:
    """Counts, gaps and clustering of the events, and of those that the second model makes."""
    *_, simulated = checks()
    return entente.plot.predictive(simulated, source=DRAWN + "January to June")


def ranked(result: entente.Result) -> Figure:
    """What matters for the tie of the United States and Kazakhstan."""
    return entente.plot.sensitivity(result.sensitivity(), "kaz_strength", most=10, source=source(result))


#: Function of `entente.plot`, what the picture shows, the call as a reader would write it, the drawing.
PICTURES: list[tuple[str, str, str, Draw]] = [
    (
        "fan",
        "Strength of two ties by variant, with prediction intervals, and the paired difference below.",
        'result.fan(["KAZ-USA", "USA-UZB"])',
        lambda result: result.fan(TIES),
    ),
    (
        "difference",
        "The effect of the variant, from paired replicates.",
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
        "Every event of one replicate that involves Kazakhstan, by type and cause.",
        'entente.plot.raster(result.events(), actor="KAZ")',
        lambda result: entente.plot.raster(result.events(), actor="KAZ", source=source(result)),
    ),
    (
        "cause_tree",
        "The call to Kazakhstan in one replicate, and the events it caused.",
        "entente.plot.cause_tree(tree)",
        lambda result: entente.plot.cause_tree(tree_of_the_call(result), source=source(result)),
    ),
    (
        "exceedance",
        "The probability that a number of leaders' meetings is reached.",
        'entente.plot.exceedance(result.data, "kaz_meetings")',
        lambda result: entente.plot.exceedance(result.data, "kaz_meetings", source=source(result)),
    ),
    (
        "tornado",
        "The uncertain parameters, ranked by their effect on the tie.",
        'entente.plot.tornado(result.data, "kaz_strength")',
        lambda result: entente.plot.tornado(result.data, "kaz_strength", source=source(result)),
    ),
    (
        "sensitivity",
        "For a sweep: the parameters ranked by influence, with intervals, and the share of replicate noise.",
        'entente.plot.sensitivity(sweep.sensitivity(), "kaz_strength")',
        ranked,
    ),
    (
        "attribution",
        "Each event of the calendar left out in turn: the effects on two quantities, ranked, with intervals.",
        'entente.plot.attribution(left_out.attribution(["kaz_strength", "kaz_meetings"]))  # `entente attribute`',
        lambda result: entente.plot.attribution(
            result.attribution(["kaz_strength", "kaz_meetings"]), source=source(result)
        ),
    ),
    (
        "reliability",
        "How often a consultation occurred within a week, by its forecast probability.",
        'entente.plot.reliability({"right": right["forecast"], ...}, right["observed_days"] > 0)  # `entente score -o`',
        reliability,
    ),
    (
        "calibration",
        "How often the number of days with one falls below each quantile of the forecasts.",
        'entente.plot.calibration({"right": right["pit"], "without excitation": other["pit"]})',
        calibration,
    ),
    (
        "qq",
        "Residuals of both models against the exponential distribution.",
        'entente.plot.qq({"right": right["residual"], ...})  # `entente fit --residuals`',
        qq,
    ),
    (
        "predictive",
        "Counts, gaps and clustering of the observed events and of events simulated from the second model.",
        'entente.plot.predictive(pandas.read_csv("simulated.csv"))  # `entente fit --simulated`',
        predictive,
    ),
]
#: Those that are of another file than the run's.
OF_SWEEP, OF_ATTRIBUTION = {"sensitivity"}, {"attribution"}


def make(result: entente.Result, sweep: entente.Result, left_out: entente.Result, docs: Path) -> Path:
    """Draw all pictures into `docs`/images/gallery and write `docs`/gallery.md."""
    mpl.use("Agg")
    folder = docs / "images" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        "# Gallery\n\nThe figures of `entente.plot`, from the output of `make demo`; the last four check models "
        "against "
        "events simulated from one of them. [analysis.md](analysis.md) explains the calls. `make gallery` makes this "
        "page.\n"
    ]
    for name, shows, call, draw in PICTURES:
        of = sweep if name in OF_SWEEP else left_out if name in OF_ATTRIBUTION else result
        draw(of).savefig(folder / f"{name}.png", dpi=90)
        parts.append(f"## {name}\n\n{shows}\n\n    {call}\n\n![{shows}](images/gallery/{name}.png)\n")
    page = docs / "gallery.md"
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the gallery of the files named on the command line."""
    parser = argparse.ArgumentParser(description="Makes docs/gallery.md and its pictures.")
    parser.add_argument("result", help="output file of `make demo`")
    parser.add_argument("sweep", help="output file of a sweep")
    parser.add_argument("attribution", help="output file of `entente attribute`")
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page goes (default: docs)")
    options = parser.parse_args(arguments)
    files = (options.result, options.sweep, options.attribution)
    with contextlib.ExitStack() as stack:
        result, sweep, left_out = (stack.enter_context(entente.open_result(path)) for path in files)
        print(make(result, sweep, left_out, options.docs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
