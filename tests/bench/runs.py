"""What a whole run costs: replicates a second of the shipped scenarios, a second worker, the output.

Each pair is run in turn, ROUNDS times, and the medians are shown. A replicate is one future in all variants.
"""

from __future__ import annotations

import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import h5py

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
OUTPUTS = {
    "nothing but summaries": "{events: false, trajectories: false}",
    "all trajectories": "{every: 1 week, events: true, ties: all}",
}


class Bench:
    """Runs of copies of the shipped scenarios in a temporary folder."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.folder = program, folder
        shutil.copytree(ROOT / "scenarios", folder / "scenarios")

    def scenario(self, name: str, output: str | None = None) -> Path:
        """A shipped scenario, with another `output:` if one is given."""
        path = self.folder / "scenarios" / f"{name}.yaml"
        if output is None:
            return path
        text = re.sub(r"^output:.*\n(?:[ \t]+.*\n)*", "", path.read_text(), flags=re.M)
        other = path.with_name(f"{name}-other.yaml")
        other.write_text(f"{text}\noutput: {output}\n")
        return other

    def run(self, scenario: Path, replicates: int, workers: int = 1, *more: str) -> tuple[float, float, int]:
        """CPU seconds, seconds, and bytes of the output."""
        out = self.folder / "out.h5"
        out.unlink(missing_ok=True)
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        given = ["-q", "-j", str(workers), "-n", str(replicates), "-o", str(out), *more]
        command = [self.program, "run", *given, str(scenario)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return cpu, seconds, out.stat().st_size


def median(values: list[float]) -> float:
    return statistics.median(values)


def shipped(bench: Bench, names: list[str], replicates: int) -> None:
    """In turn the base alone and all variants, so that their ratio is of runs next to each other."""
    print("\nWhole runs of the shipped scenarios, one worker, default output, replicates a second:", flush=True)
    print(f"{'':<22} {'base alone':>12} {'all variants':>13} {'variants':>9} {'cost of all':>12}", flush=True)
    for name in names:
        scenario, base, both = bench.scenario(name), [], []
        for _ in range(ROUNDS):
            base.append(bench.run(scenario, replicates, 1, "--variant", "base")[0])
            both.append(bench.run(scenario, replicates)[0])
        with h5py.File(bench.folder / "out.h5") as file:
            variants = len(file["variant"])
        ratio = median([b / a for a, b in zip(base, both, strict=True)])
        print(f"{name:<22} {replicates / median(base):>10.1f}/s {replicates / median(both):>11.1f}/s {variants:>9}"
              f" {ratio:>6.2f} bases", flush=True)


def second_worker(bench: Bench, name: str, replicates: int) -> None:
    """From the command to the finished file: reading the scenario, all blocks, the merge."""
    ratios = []
    for _ in range(ROUNDS):
        one = bench.run(bench.scenario(name), replicates, 1)[1]
        ratios.append(one / bench.run(bench.scenario(name), replicates, 2)[1])
    print(f"\nTwo workers, {name}, {replicates} replicates, default output: {median(ratios):.2f} times the"
          f" replicates a second of one ({min(ratios):.2f} .. {max(ratios):.2f})", flush=True)


def equilibrium(bench: Bench, names: list[str], replicates: int) -> None:
    """In turn with trade in equilibrium, which is the default, and without: what its solutions and the differences
    that it makes in all variants cost, output and merge included."""
    print("\nTrade in equilibrium, share of a whole run, all variants, one worker, default output:", flush=True)
    for name in names:
        scenario = bench.scenario(name)
        without = scenario.with_name(f"{name}-without.yaml")
        without.write_text(re.sub(r"^trade:$", "trade:\n  equilibrium: none", scenario.read_text(), flags=re.M))
        shares = []
        for _ in range(2 * ROUNDS + 1):
            other = bench.run(without, replicates)[0]
            shares.append(100 * (1 - other / bench.run(scenario, replicates)[0]))
        print(f"{name:<22} {median(shares):>5.1f} % ({min(shares):.1f} .. {max(shares):.1f})", flush=True)


def output(bench: Bench, name: str, replicates: int) -> None:
    print(f"\nWhat the output costs, {name}, {replicates} replicates, one worker:", flush=True)
    kinds = {"default": bench.scenario(name)}
    taken: dict[str, list[float]] = {}
    size: dict[str, int] = {}
    for what, text in OUTPUTS.items():
        copy = bench.scenario(name, text)
        kinds[what] = copy.rename(copy.with_name(f"{name}-{len(kinds)}.yaml"))
    for _ in range(ROUNDS):
        for what, scenario in kinds.items():
            cpu, _, size[what] = bench.run(scenario, replicates)
            taken.setdefault(what, []).append(cpu)
    bare = taken["nothing but summaries"]
    for what in kinds:
        shares = sorted(100 * (1 - b / t) for b, t in zip(bare, taken[what], strict=True))
        print(f"{what:<24} {median(taken[what]):>8.2f} s  {median(shares):>5.1f} % of it for the output"
              f" ({shares[0]:.1f} .. {shares[-1]:.1f}) {size[what] / replicates / 1024:>8.1f} KiB a replicate",
              flush=True)


def main(program: str, quick: bool) -> None:
    n = 40 if quick else 200
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(program, Path(folder))
        shipped(bench, ["central-asia-2026", "c5plus1-2025", "ukraine-talks", "white-house-2018", "minimal"], n)
        equilibrium(bench, ["central-asia-2026", "c5plus1-2025", "ukraine-talks", "white-house-2018"], n)
        second_worker(bench, "central-asia-2026", 40 if quick else 1000)  # as many as the scenario asks for
        output(bench, "central-asia-2026", n)
