#!/usr/bin/env python3
"""What a sweep costs on a cluster: by a formula, and by playing its schedule.

    python3 tools/schedule.py

The costs of a replicate, of a task's start and of a part at the merge are measured (docs/cluster.md); everything
else here is extrapolated from them. The formula takes all parts for equally long and all slots for always busy;
the schedule has parts that differ by point and by chance, tasks that start late and in turn, and slots that take
the next task when one is done. Ends with 1 if the two differ by more than 15 %.
"""

from __future__ import annotations

import heapq
import math
import sys
from dataclasses import dataclass

import numpy as np

# Measured with scenarios/central-asia-2026.yaml, two variants; seconds of one core.
REPLICATE = 0.011
START = 0.06  # of the program
PART = 0.0007  # opening and copying a part at the merge
REMOVAL = 0.004  # removing it from a local disk
PART_MB = 0.012

# Assumed.
QUEUE = 5.0  # seconds from a free slot to the task's first line, exponential
LAUNCHES = 10.0  # tasks a second that the scheduler starts
BETWEEN_POINTS = 0.3  # coefficient of variation of the cost, by point
WITHIN_POINTS = 0.2  # of the parts of a point


@dataclass(frozen=True)
class Sweep:
    points: int
    replicates: int
    block: int  # replicates a part
    tasks: int
    slots: int  # tasks that run at once

    @property
    def parts(self) -> int:
        return self.points * -(-self.replicates // self.block)

    @property
    def work(self) -> float:
        """Seconds of one core."""
        return self.points * self.replicates * REPLICATE

    def by_formula(self) -> float:
        """Seconds until the last task has ended."""
        at_once = min(self.tasks, self.slots)
        rounds = -(-self.tasks // self.slots)
        last_start = QUEUE * (math.log(at_once) + 0.577 - 1)  # of so many waits, the longest less the mean
        task = self.work / self.tasks + START + QUEUE
        by_slots, by_launches = rounds * task + at_once / LAUNCHES, self.tasks / LAUNCHES + task
        return max(by_slots, by_launches) + last_start

    def by_schedule(self, seed: int = 1) -> float:
        """The same, of one schedule that is played."""
        rng = np.random.default_rng(seed)
        by_point = rng.gamma(BETWEEN_POINTS**-2, BETWEEN_POINTS**2, self.points)
        per_point = self.parts // self.points
        share = np.arange(self.parts) % self.tasks  # parts are dealt out point by point, first replicates first
        cost = np.tile(by_point, per_point) * rng.gamma(WITHIN_POINTS**-2, WITHIN_POINTS**2, self.parts)
        task = np.bincount(share, cost, self.tasks) * self.block * REPLICATE
        task += START + rng.exponential(QUEUE, self.tasks)
        free = [0.0] * self.slots
        for i, seconds in enumerate(task):
            heapq.heappush(free, max(heapq.heappop(free), i / LAUNCHES) + seconds)
        return max(free)

    def merge(self) -> float:
        """Seconds of the merge job."""
        return self.parts * (PART + REMOVAL)


SWEEPS = {
    "40 tasks": Sweep(2_000, 100, 10, 40, 40),
    "1,000 tasks, 200 at once": Sweep(20_000, 200, 50, 1_000, 200),
    "10,000 tasks, 1,000 at once": Sweep(100_000, 500, 500, 10_000, 1_000),
}


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def main() -> int:
    """Print the table of docs/cluster.md."""
    print("| sweep | points x replicates | core hours | parts | a task | until the last task | played | merge |")
    print("|---|---|---|---|---|---|---|---|")
    worst = 0.0
    for name, s in SWEEPS.items():
        told, played = s.by_formula(), s.by_schedule()
        worst = max(worst, abs(played / told - 1))
        files = f"{s.parts:,} ({s.parts * PART_MB / 1000:.1f} GB)"
        print(
            f"| {name} | {s.points:,} x {s.replicates} | {s.work / 3600:.1f} | {files} | {duration(s.work / s.tasks)} "
            f"| {duration(told)} | {duration(played)} | {duration(s.merge())} |"
        )
    return int(worst > 0.15)


if __name__ == "__main__":
    sys.exit(main())
