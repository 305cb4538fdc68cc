"""The probability that a first time comes by the end, with its ranges; intervals of quantiles."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

N = 3000


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    """A first deal that comes in about a third of the replicates, the more often the larger the drawn rate."""
    folder = tmp_path_factory.mktemp("first")
    text = runs.SCENARIO[: runs.SCENARIO.index("output:")] + "output: {trajectories: false, events: false}\n"
    text = text.replace("per_year: 6,", "per_year: 0.7,").replace("uniform: [4, 8]", "uniform: [0.1, 1.5]")
    text = text.replace("branching: 0.3", "branching: 0.05").replace("initiator: AAA, target: BBB}\nquantities",
                                                                     "initiator: AAA, target: CCC}\nquantities")
    text = text.replace("kind: deal, tie: AAA-BBB", "kind: deal, tie: AAA-CCC")
    path = folder / "out.h5"
    done = runs.run(runs.write_scenario(folder, text), path, "-n", N, "--json")
    return path, json.loads(done.stdout)["quantities"]


def row(rows: list[dict], quantity: str, variant: str) -> dict:
    return next(r for r in rows if r["quantity"] == quantity and r["variant"] == variant)


def test_the_probability_by_the_end(told: tuple[Path, list[dict]]) -> None:
    out, rows = told
    with h5py.File(out) as file:
        q = [name.decode() for name in file["quantity"][()]].index("first_deal")
        comes = np.isfinite(file["quantity_value"][:, :, q])
        rate = file["drawn"][:, 0]
    base, silence = row(rows, "first_deal<=end", "base"), row(rows, "first_deal<=end", "silence")
    assert base["unit"] == "probability" and 0.1 < comes[0].mean() < 0.9
    for variant, level in enumerate((base, silence)):
        assert level["mean"] == pytest.approx(comes[variant].mean())
        assert level["mean_low"] < comes[variant].mean() < level["mean_high"]
    change = comes[1].astype(float) - comes[0]
    assert silence["difference"] == pytest.approx(change.mean()) and change.mean() < 0
    assert silence["difference_low"] < change.mean() < silence["difference_high"] < 0
    # The range over the parameter: the probability where the rate is near its 5 % and 95 % quantile.
    order = comes[0][np.argsort(rate)]
    for end, near in (("low", order[: N // 10]), ("high", order[-N // 10 :])):
        assert base[f"parameters_{end}"] == pytest.approx(near.mean(), abs=4 * np.sqrt(0.25 / len(near)))
    assert base["parameters_low"] < base["mean_low"] and base["mean_high"] < base["parameters_high"]
    text = runs.entente("show", out).stdout
    assert "first_deal<=end" in text and "the mean counts the end where it does not come" in text


def test_intervals_of_quantiles(told: tuple[Path, list[dict]]) -> None:
    """Order statistics: of 3,000 values the 5 % quantile lies between the 127th and the 175th with 95 %."""
    out, rows = told
    with h5py.File(out) as file:
        q = [name.decode() for name in file["quantity"][()]].index("value")
        values = file["quantity_value"][:, :, q]
        low, high = (file[f"summary/quantiles_{end}"][:, q, 0] for end in ("low", "high"))
        gap_low, gap_high = (file[f"summary/difference_quantiles_{end}"][1, q, 4] for end in ("low", "high"))
    for variant in range(2):
        x = np.sort(values[variant])
        assert (low[variant], high[variant]) == (x[126], x[174])
    gap = np.sort(values[1] - values[0])
    assert (gap_low, gap_high) == (gap[N - 175], gap[N - 127])
    silence = row(rows, "value", "silence")
    assert silence["quantiles_low"]["q5"] == low[1] and silence["difference_quantiles_high"]["q95"] == gap_high
    assert row(rows, "value", "base")["difference_quantiles_low"] is None
    assert "(ends " in runs.entente("show", out).stdout and "(ends " in runs.entente("compare", out, "value").stdout
