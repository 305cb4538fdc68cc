"""A second implementation of the model's core, short and slow: one tie, two kinds of event.

It shares no line and no random number with the C engine. Kind A warms the tie and B chills it:

    lambda_k(t) = rho_k exp(beta_k s(t)) + sum over past events e of n_kj d exp(-d (t - t_e)),
    d = ln 2 / half-life,

    ds/dt = -(s - b) ln 2 / h_s,   db/dt = -(b - b0) ln 2 / h_b,

and an event of kind k bumps s by the gain g_k and b by lasting_k g_k: v + g (1 - v), or v + g (1 + v) for
g < 0. Events are drawn by Ogata's thinning (1981), with the largest of s, b, b0 and 1 as the bound of s.

The closed form of s is left to the computer: (s, b) moves by the exponential of its 2 x 2 matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

YEAR = 365.2425


@dataclass(frozen=True)
class Kind:
    per_year: float
    loading: float
    gain: float
    lasting: float
    branching: tuple[float, float]  # from kind 0, from kind 1
    half_life: float  # of its kernels, days


@dataclass(frozen=True)
class Twin:
    kinds: tuple[Kind, Kind]
    s: float
    b: float
    b0: float
    strength_half_life: float
    alignment_half_life: float
    days: float


def relaxed(model: Twin, s: float, b: float, days: float) -> tuple[float, float]:
    """(s, b) after `days`: its deviation from (b0, b0) decays by the matrix exponential."""
    ks, kb = np.log(2) / model.strength_half_life, np.log(2) / model.alignment_half_life
    deviation = np.array([s - model.b0, b - model.b0])
    vectors = np.array([[1.0, ks], [0.0, ks - kb]])  # columns: eigenvectors of [[-ks, ks], [0, -kb]]
    weights = np.linalg.solve(vectors, deviation) * np.exp([-ks * days, -kb * days])
    moved = vectors @ weights
    return model.b0 + moved[0], model.b0 + moved[1]


def bump(v: float, gain: float) -> float:
    return v + gain * (1 - v if gain > 0 else 1 + v)


def simulate(model: Twin, random: np.random.Generator) -> tuple[int, int, float, float]:
    """Number of events of either kind, and s and b at the end."""
    t, s, b = 0.0, model.s, model.b
    decay = np.array([np.log(2) / k.half_life for k in model.kinds])
    base = np.array([k.per_year / YEAR for k in model.kinds])
    loading = np.array([k.loading for k in model.kinds])
    excited = np.zeros(2)
    counts = [0, 0]
    while True:
        corners = np.array([s, b, model.b0])
        top = np.exp(np.maximum(loading * corners.max(), loading * corners.min()))
        bound = float((base * top + excited).sum())
        wait = random.exponential(1 / bound)
        if t + wait > model.days:
            s, b = relaxed(model, s, b, model.days - t)
            return counts[0], counts[1], s, b
        t += wait
        s, b = relaxed(model, s, b, wait)
        excited *= np.exp(-decay * wait)
        rates = base * np.exp(loading * s) + excited
        u = random.uniform(0, bound)
        if u >= rates.sum():
            continue
        k = 0 if u < rates[0] else 1
        counts[k] += 1
        s, b = bump(s, model.kinds[k].gain), bump(b, model.kinds[k].gain * model.kinds[k].lasting)
        excited += np.array([kind.branching[k] for kind in model.kinds]) * decay


def sample(model: Twin, runs: int, seed: int) -> np.ndarray:
    """[runs, 4]: counts of either kind, strength and alignment at the end."""
    random = np.random.default_rng(seed)
    return np.array([simulate(model, random) for _ in range(runs)])
