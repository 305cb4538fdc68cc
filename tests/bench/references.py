"""What a user would write or pick instead, on the same workloads: events a second of one run.

Each function simulates about `events` events and returns (events, CPU seconds). The models are those of
bench_engine.c: independent Poisson processes, a ring of Hawkes processes, ten kinds on every dyad.
"""

from __future__ import annotations

import heapq
import random
import time

import numpy as np

try:
    import simpy
    from numba import njit
except ImportError as error:
    raise SystemExit(f"bench: {error}; `tools/deps.sh bench` installs what the engine is compared with") from None
if not hasattr(simpy, "Environment"):
    raise SystemExit("bench: SimPy is older than version 3; `tools/deps.sh bench` installs python3-simpy3")


def poisson_simpy(n: int, events: int) -> tuple[int, float]:
    """`n` SimPy processes that wait exponential times of mean 1 day."""
    env, draw, count = simpy.Environment(), random.Random(1).expovariate, [0]

    def process():
        while True:
            yield env.timeout(draw(1.0))
            count[0] += 1

    for _ in range(n):
        env.process(process())
    before = time.process_time()
    env.run(until=events / n)
    return count[0], time.process_time() - before


def poisson_heap(n: int, events: int) -> tuple[int, float]:
    """The same with a plain heap of (time, process)."""
    draw = random.Random(1).expovariate
    queue = [(draw(1.0), i) for i in range(n)]
    heapq.heapify(queue)
    before, count, horizon = time.process_time(), 0, events / n
    while queue[0][0] < horizon:
        t, i = queue[0]
        heapq.heapreplace(queue, (t + draw(1.0), i))
        count += 1
    return count, time.process_time() - before


def _ring(n: int, horizon: float, seed: int) -> int:
    """Ogata's thinning over all nodes at once: every event costs O(n)."""
    np.random.seed(seed)
    rates = np.full(n, 0.5)
    t, count = 0.0, 0
    while True:
        total = rates.sum()
        wait = np.random.exponential(1.0 / total)
        t += wait
        if t >= horizon:
            return count
        decay = np.exp(-wait)
        for i in range(n):
            rates[i] = 0.5 + (rates[i] - 0.5) * decay
        level, node = np.random.random() * total, -1
        for i in range(n):
            level -= rates[i]
            if level < 0:
                node = i
                break
        if node < 0:
            continue
        count += 1
        for d in range(-2, 3):
            rates[(node + d) % n] += 0.1


ring_compiled = njit(_ring)


def ring(n: int, events: int) -> tuple[int, float]:
    """HAWKES-RING by the dense Ogata loop, compiled by numba."""
    ring_compiled(5, 1.0, 1)
    before = time.process_time()
    count = ring_compiled(n, events / n, 2)
    return count, time.process_time() - before


def ten_kinds_heap(n: int, events: int) -> tuple[int, float]:
    """Ten kinds on every dyad with a heap of the kinds' next candidates and dictionaries of ties, as one would
    write it with a graph library: state-dependent rates by thinning, no excitation."""
    import math

    draw = random.Random(1)
    rate = 2 / 365.2425
    ties = {(i, j): [0.0, 0.0] for i in range(n) for j in range(i)}  # strength, its time
    bound = rate * math.e
    queue = [(draw.expovariate(bound), tie, k) for tie in ties for k in range(10)]
    heapq.heapify(queue)
    before, count = time.process_time(), 0
    relax = math.log(2) / 30
    while count < events:
        t, tie, k = queue[0]
        heapq.heapreplace(queue, (t + draw.expovariate(bound), tie, k))
        state = ties[tie]
        strength = state[0] * math.exp(-relax * (t - state[1]))
        loading = 1.0 if k % 3 else -1.0
        if draw.random() * bound < rate * math.exp(loading * strength):
            g = 0.02 if k % 3 else -0.02
            state[0] = strength + (g * (1 - strength) if g > 0 else g * (1 + strength))
            state[1] = t
            count += 1
    return count, time.process_time() - before
