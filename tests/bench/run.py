"""`make bench`: the engine's speed, and ratios to what a user would pick instead, measured in turn.

    run.py BENCH_ENGINE [ENTENTE] [--quick]

Every pair is run ROUNDS times, one after the other, and the median of the ratios is shown: machines drift, and a
ratio of two runs next to each other drifts least. Times are CPU seconds of one core.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Callable

sys.path.insert(0, __file__.rsplit("/", 1)[0])
import references
import runs

LINE = re.compile(r"(\S+)\s+(\d+)\s+(\d+) events\s+([\d.]+) s")
ROUNDS = 3


def engine(program: str, workload: str, size: int) -> float:
    """Events a second of the engine."""
    text = subprocess.run([program, workload, str(size)], check=True, capture_output=True, text=True).stdout
    match = LINE.match(text)
    if not match:
        raise SystemExit(f"{program} {workload} {size} printed no result: {text!r}")
    return float(match[3]) / float(match[4])


def versus(program: str, workload: str, size: int, name: str, other: Callable, events: int) -> None:
    ratios, ours, theirs = [], [], []
    for _ in range(ROUNDS):
        count, seconds = other(size, events)
        theirs.append(count / seconds)
        ours.append(engine(program, workload, size))
        ratios.append(ours[-1] / theirs[-1])
    print(
        f"{workload:<12} {size:>7}  {statistics.median(ours):>12,.0f}/s  {name:<24}"
        f" {statistics.median(theirs):>12,.0f}/s  {statistics.median(ratios):>8.1f} x"
        f"  ({min(ratios):.1f} .. {max(ratios):.1f})",
        flush=True,
    )


def main() -> None:
    quick = "--quick" in sys.argv
    program, *rest = [argument for argument in sys.argv[1:] if argument != "--quick"]
    print("The engine alone (pairing on, no output):", flush=True)
    subprocess.run([program], check=True)
    print("\nAgainst what one would pick instead, events a second, in turn:", flush=True)
    events = 20_000 if quick else 200_000
    versus(program, "poisson", 1000, "SimPy", references.poisson_simpy, events)
    versus(program, "poisson", 1000, "heapq", references.poisson_heap, events)
    for size in (100, 1000) if quick else (100, 1000, 10000):
        versus(program, "hawkes-ring", size, "dense Ogata, numba", references.ring, max(2000, 20_000_000 // size))
    for size in (20,) if quick else (20, 200):
        versus(program, "ten-kinds", size, "heapq, no excitation", references.ten_kinds_heap, events)
    for entente in rest:
        runs.main(entente, quick)


if __name__ == "__main__":
    main()
