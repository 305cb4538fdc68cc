"""Choosing under doubt, and rare events: the program's `choose`, `discover` and `rare` as pandas frames."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from entente.files import expanded
from entente.options import words as option_words
from entente.program import AnyPath, call, source_of
from entente.result import Result
from entente.select import several

#: Ends of a box by parameter, in the parameter's canonical unit (days, USD, events a year); infinite where it has none.
Box = dict[str, tuple[float, float]]


def choose(
    result: Result | AnyPath, quantities: str | Sequence[str] = (), variants: str | Sequence[str] = ()
) -> pd.DataFrame:
    """The regret of each option over the states of the world, as `entente choose` gives it.

    A state is a point of a sweep, by the means of its replicates, or a replicate of a run. `quantities` are the
    larger the better, with ":min" the smaller; `variants` are the options. By default both are those that the
    scenario declares under `choose`; without a declaration all variants are options, and quantities are needed. One
    row a quantity and option: `mean`, the option's mean; `regret`, `regret_90`, `regret_largest`, the mean, 90th
    percentile and largest of how much the best option of a state is better, in `unit`; `best`, the share of the
    states in which no option is better; `dominated_by`, an option that is nowhere worse and somewhere better;
    `worst_box` (`Box`), where the regret is largest, with its mean regret `worst_regret` and its number of states
    `worst_n`.
    """
    words = [f"--options={','.join(several(variants))}"] if several(variants) else []
    rows = json.loads(call(["choose", "--json", *words, "--", str(_path(result)), *several(quantities)]))
    for row in rows:
        worst = row.pop("worst_box")
        row |= {"worst_n": worst["n"], "worst_regret": worst["regret"], "worst_box": _box(worst["limits"])}
    return pd.DataFrame(rows)


def discover(
    result: Result | AnyPath,
    outcome: str,
    above: float | None = None,
    below: float | None = None,
    boxes: int | None = None,
    method: str | None = None,
) -> pd.DataFrame:
    """Boxes of parameters in which an outcome lies beyond a value more often than elsewhere (`entente discover`).

    `outcome` is a quantity, or "QUANTITY:VARIANT" for the variant's difference from the first one; it is looked for
    `above` (by default 0) or `below` a number in the quantity's unit, in at most `boxes` boxes (by default 3). One row
    for each box and parameter that limits it: `box` from 1, `low` and `high` in the parameter's canonical unit
    (infinite where there is no limit), and of the box `n`, its states, `coverage`, the share of all such states that
    lie in it, and `density`, their share of its states. `method` is "prim" (the default) or "cart", whose boxes are all
    leaves of a classification tree, the densest first. The frame's `attrs` have `n`, `n_beyond`, `side`, `limit`,
    `states`, `method` and for "cart" the `tree`: nested nodes with `n`, `density` and, of a split, `parameter`,
    `limit`, `below` and `above`; None if there are too few states. Without a box the frame is empty.
    """
    words = option_words({"above": above, "below": below, "boxes": boxes, "method": method})
    told = json.loads(call(["discover", "--json", *words, "--", str(_path(result)), outcome]))
    rows = [
        {"box": i + 1, "parameter": path, "low": low, "high": high}
        | {name: each[name] for name in ("n", "coverage", "density")}
        for i, each in enumerate(told["boxes"])
        for path, (low, high) in _box(each["limits"]).items()
    ]
    table = pd.DataFrame(rows, columns=["box", "parameter", "low", "high", "n", "coverage", "density"])
    table.attrs = {name: value for name, value in told.items() if name != "boxes"}
    return table


def rare(
    scenario: AnyPath,
    quantity: str,
    above: float | None = None,
    below: float | None = None,
    output: AnyPath | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    variant: str | None = None,
    settings: Mapping[str, object] | None = None,
    *,
    ever: bool = False,
    falling: bool = False,
    guide: str | None = None,
    levels: Sequence[float] = (),
    splits: int | None = None,
    paths: int | None = None,
    pilot: int | None = None,
    fixed: bool = False,
    restart: bool = False,
) -> pd.DataFrame:
    """The probability that `quantity` is `above` or `below` a number, by multilevel splitting (`entente rare`).

    `output` defaults to the scenario's name with `-rare.h5` in the current folder; `variant` is simulated in place of
    the base; `replicates` is the number of
    independent trees; with `ever` the event counts at any time up to the quantity's date; `guide` names the quantity
    whose running value tells how near the event is, `falling` says that it is the nearer the smaller, `levels` replace
    those of a pilot. One row a level: `level` (of the guide; NaN in the last row, which is the event itself),
    `probability` and the ends of its 95 % interval, `low` and `high` (NaN: too few trees carry it). The frame's `attrs`
    have `event`, `output`, `trees`, `gain` (how many plain replicates each simulation of the trees replaces) and
    `path`, a path to the event for `entente trace`. The same call again continues, or adds trees.
    """
    source = source_of(scenario)
    target = f"{Path(source.name).stem}-rare.h5" if output is None else output
    given = dict(
        above=above, below=below, replicates=replicates, seed=seed, workers=workers, variants=variant,
        settings=settings, ever=ever, falling=falling, guide=guide, levels=",".join(map(str, levels)), splits=splits,
        paths=paths, pilot=pilot, fixed=fixed, restart=restart,
    )  # fmt: skip
    words = ["rare", "--json", "--quiet", f"--output={expanded(target).absolute()}", *option_words(given)]
    told = json.loads(call([*words, "--", source.word, quantity], source=source))
    table = pd.DataFrame(
        [*told["levels"], {**{name: told[name] for name in ("probability", "low", "high")}, "level": math.nan}],
        columns=["level", "probability", "low", "high"],
        dtype=float,
    )
    table.attrs = {name: told.get(name) for name in ("event", "output", "trees", "gain", "path")}
    return table


def _path(result: Result | AnyPath) -> Any:
    return result.path if isinstance(result, Result) else expanded(result)


def _box(limits: Mapping[str, Mapping[str, float | None]]) -> Box:
    """The ends of a box, infinite where the program gives none."""

    def end(value: float | None, otherwise: float) -> float:
        return otherwise if value is None else value

    return {path: (end(each["low"], -math.inf), end(each["high"], math.inf)) for path, each in limits.items()}
