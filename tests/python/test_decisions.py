"""`choose`, `discover`, `rare` and curves in Python: the program's own numbers, as tidy frames."""

from __future__ import annotations

import inspect
import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entente
import stories
from entente import options, program

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

SCENARIO = """\
entente: 1
title: A choice
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {}, BBB: {}}
ties: {AAA-BBB: {strength: 0.2}}
kinds: {call: {scope: initiator -> target, rate: {per_year: 6}, effect: {goldstein: 3}}}
calendar: [{id: first-call, date: 2026-12-01, kind: call, initiator: AAA, target: BBB}]
quantities:
  strength: {strength: AAA-BBB, at: 2026-12-15}
  calls: {count: call, tie: AAA-BBB}
variants: {silence: {drop: [first-call]}}
monte_carlo: {replicates: 8, seed: 2}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("choice") / "choice.yaml"
    path.write_text(SCENARIO)
    return path


@pytest.fixture(scope="module")
def swept(scenario: Path) -> Iterator[entente.Result]:
    with entente.sweep(
        scenario, scenario.with_suffix(".h5"), {"kinds.call.rate.per_year": "2:20"}, "random", 60, quiet=True
    ) as result:
        yield result


def told(*arguments: str) -> object:
    return json.loads(program.call(arguments))


def test_the_regret_of_options(swept: entente.Result) -> None:
    table = entente.choose(swept, ["strength", "calls:min"])
    assert list(zip(table["quantity"], table["option"], table["aim"], strict=True)) == [
        ("strength", "base", "max"), ("strength", "silence", "max"),
        ("calls", "base", "min"), ("calls", "silence", "min"),
    ]  # fmt: skip
    # By hand: the best option of a point less the option, by the means of its replicates.
    means = swept.quantities()["strength"].groupby(["point", "variant"]).mean().unstack("variant")
    regret = (means.max(axis=1) - means["silence"]).mean()
    own = table.set_index(["quantity", "option"]).loc[("strength", "silence")]
    assert own["regret"] == pytest.approx(regret, rel=1e-6) and own["dominated_by"] == "base" and own["n"] == 60
    assert all(low < high for low, high in own["worst_box"].values())
    assert list(entente.choose(swept.path, "strength", ["silence", "base"])["option"]) == ["silence", "base"]


def test_where_an_outcome_lies_beyond_a_value(swept: entente.Result) -> None:
    means = swept.quantities()["calls"].xs("base", level="variant").groupby("point").mean()
    limit = float(means.quantile(0.7))
    table = entente.discover(swept, "calls", above=limit, boxes=1)
    assert table.attrs["n"] == 60 and table.attrs["n_beyond"] == int((means > limit).sum())
    (row,) = table.to_dict("records")
    assert row["parameter"] == "kinds.call.rate.per_year" and 5 < row["low"] < 20 and row["high"] == math.inf
    inside = swept.data["kinds.call.rate.per_year"].values >= row["low"]
    assert row["n"] == inside.sum()
    assert row["density"] == pytest.approx(float((means.to_numpy()[inside] > limit).mean()))
    assert row["coverage"] == pytest.approx(float((means.to_numpy() > limit)[inside].sum() / (means > limit).sum()))
    nothing = entente.discover(swept, "calls", above=1e6)
    assert nothing.empty and list(nothing) == list(table)
    assert entente.discover(swept, "strength:silence", below=0).attrs["variant"] == "silence"


def test_a_rare_event(scenario: Path, tmp_path: Path) -> None:
    given = dict(above=30, replicates=200, pilot=100, seed=4)
    table = entente.rare(scenario, "calls", output=tmp_path / "rare.h5", **given)
    own = told(
        "rare", "--json", "-q", "--above=30", "-n200", "--pilot=100", "--seed=4", "-o", str(tmp_path / "own.h5"),
        str(scenario), "calls",
    )  # fmt: skip
    last = table.iloc[-1]
    ends = [math.nan if own[name] is None else own[name] for name in ("probability", "low", "high")]
    assert list(last[["probability", "low", "high"]]) == pytest.approx(ends, rel=0, abs=0, nan_ok=True)
    assert 0 < last["probability"] < 1e-3 and np.isnan(last["level"])
    assert list(table["level"][:-1]) == [each["level"] for each in own["levels"]] and len(table) > 2
    assert table["level"][:-1].is_monotonic_increasing and table.attrs["event"] == "calls>30"
    fixed = entente.rare(scenario, "calls", 30, output=tmp_path / "levels.h5", replicates=50, levels=[20, 25])
    assert list(fixed["level"][:-1]) == [20, 25]


def test_every_option_of_rare_is_an_argument() -> None:
    listed = set(re.findall(r"--([a-z]+)", program.call(["rare", "--help"]).split("Mandatory")[0]))
    flags = {option: name for name, option in options.NAMES.items()}
    names = {flags.get(option, option) for option in listed}
    arguments = set(inspect.signature(entente.rare).parameters)
    assert {"splits", "settings", "ever"} <= names and "variant" in arguments
    assert names - arguments == {"json", "quiet", "task", "variants", "help", "usage", "version"}


@pytest.mark.parametrize(("call", "code"), [("choose", 64), ("discover", 64)])
def test_mistakes_are_the_programs_own(swept: entente.Result, call: str, code: int) -> None:
    with pytest.raises(entente.ProgramError, match="strngth") as raised:
        getattr(entente, call)(swept, "strngth")
    assert raised.value.code in (code, 65)


def test_curves_are_the_summarys_rows(tmp_path: Path) -> None:
    with entente.open_result(stories.make("sorts", tmp_path)) as result:
        table = result.curves()
        assert list(dict.fromkeys(table["quantity"])) == ["war", "peace", "calls", "level", "level>0"]
        assert table.groupby(["quantity", "variant"]).size().loc["level"].eq(12).all()
        row = table[(table["quantity"] == "war") & (table["variant"] == "with_mediation")].iloc[3]
        own = result.summary().loc[("war@2026-05-01", "with_mediation")]
        assert row["time"] == pd.Timestamp("2026-05-01") and row["unit"] == "probability"
        assert (row["mean"], row["difference_low"]) == (own["mean"], own["difference_low"])
        assert set(result.curves("peace")["quantity"]) == {"peace"}
        with pytest.raises(entente.UnknownName, match="peace"):
            result.curves("peas")
