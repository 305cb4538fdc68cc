"""The program, from scenario file to output file, against the Python twin, by distribution.

Both draw the same law with different random numbers: two-sample tests of the counts, of strength and
alignment at the end and of their correlations. A planted error of a fifth in one loading must be seen.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
from scipy import stats

from twin import Kind, Twin, sample

ENTENTE = os.environ.get("ENTENTE", "")
RUNS = 3000
LEVEL = 1e-3

MODEL = Twin(
    kinds=(
        Kind(per_year=40, loading=1.5, gain=0.15, lasting=0.2, branching=(0.3, 0.1), half_life=4),
        Kind(per_year=25, loading=-1.2, gain=-0.2, lasting=0.1, branching=(0.05, 0.4), half_life=9),
    ),
    s=0.3,
    b=-0.1,
    b0=0.1,
    strength_half_life=20,
    alignment_half_life=90,
    days=150,
)


def scenario(model: Twin, runs: int, seed: int) -> str:
    def kind(n: int) -> str:
        k = model.kinds[n]
        sources = ", ".join(
            f"{{kind: k{m}, relation: same, branching: {n}, half_life: {k.half_life} d}}"
            for m, n in enumerate(k.branching)
        )
        return f"""\
  k{n}:
    scope: dyad
    level: minister
    rate: {{per_year: {k.per_year}, log_effects: {{strength: {k.loading}}}}}
    excited_by: [{sources}]
    effect: {{goldstein: {k.gain * 10}, lasting: {k.lasting}}}
"""

    return f"""\
entente: 1
title: The twin's
period: {{start: 2026-01-01, end: 2026-05-31}}
actors:
  AAA: {{gdp: 1 bn USD}}
  BBB: {{gdp: 1 bn USD}}
ties:
  relax: {{strength: {model.strength_half_life} d, alignment: {model.alignment_half_life} d}}
  AAA-BBB: {{strength: {model.s}, alignment: {model.b}, baseline: {model.b0}}}
effects: {{gain_divisor: 10}}
kinds:
{kind(0)}{kind(1)}
quantities:
  s: {{strength: AAA-BBB, at: 2026-05-31}}
  b: {{alignment: AAA-BBB, at: 2026-05-31}}
  n0: {{count: k0}}
  n1: {{count: k1}}
monte_carlo: {{replicates: {runs}, seed: {seed}}}
output: {{trajectories: false, events: false}}
"""


def run(tmp_path: Path, model: Twin, seed: int) -> np.ndarray:
    path = tmp_path / "twin.yaml"
    path.write_text(scenario(model, RUNS, seed))
    subprocess.run([ENTENTE, "run", str(path), "-o", str(tmp_path / "twin.h5"), "--quiet"], check=True)
    with h5py.File(tmp_path / "twin.h5") as file:
        names = list(file["quantity"].asstr())
        values = np.asarray(file["quantity_value"]).reshape(-1, len(names))
    return values[:, [names.index(name) for name in ("n0", "n1", "s", "b")]]


def compare(twin: np.ndarray, program: np.ndarray) -> dict[str, float]:
    """p-values of the hypothesis that both are samples of one law."""
    p = {}
    for column, name in enumerate(("events of k0", "events of k1", "strength", "alignment")):
        x, y = twin[:, column], program[:, column]
        p[f"{name}: distribution"] = stats.ks_2samp(x, y).pvalue
        p[f"{name}: mean"] = stats.ttest_ind(x, y, equal_var=False).pvalue
        squares = (x - x.mean()) ** 2, (y - y.mean()) ** 2
        p[f"{name}: variance"] = stats.ttest_ind(*squares, equal_var=False).pvalue
    z = [(v - v.mean(0)) / v.std(0) for v in (twin, program)]
    for a, b in ((0, 1), (0, 2), (2, 3)):
        products = [v[:, a] * v[:, b] for v in z]
        p[f"correlation of {a} and {b}"] = stats.ttest_ind(*products, equal_var=False).pvalue
    return p


def test_same_law(tmp_path: Path) -> None:
    twin, program = sample(MODEL, RUNS, 1), run(tmp_path, MODEL, 2)
    p = compare(twin, program)
    root = Path(os.environ["ENTENTE_SOURCE_DIR"])
    out = Path(os.environ.get("ENTENTE_VERIFY_OUT", root / "out" / "verify"))
    out.mkdir(parents=True, exist_ok=True)
    names = ("events of k0", "events of k1", "strength", "alignment")
    means = dict(zip(names, zip(twin.mean(0), program.mean(0), strict=True), strict=True))
    with (out / "twin.csv").open("w") as file:
        for name, value in p.items():
            expected, observed = means.get(name.partition(":")[0], (float("nan"), float("nan")))
            file.write(f'twin,"{name}",{expected:.9g},{observed:.9g},{value:.6g}\n')
    assert min(p.values()) * len(p) > LEVEL, p


def test_a_planted_error_is_seen(tmp_path: Path) -> None:
    wrong = replace(MODEL, kinds=(replace(MODEL.kinds[0], loading=1.8), MODEL.kinds[1]))
    p = compare(sample(MODEL, RUNS, 1), run(tmp_path, wrong, 2))
    assert min(p.values()) * len(p) < LEVEL, p
