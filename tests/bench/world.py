"""A made-up world of N states with ties between all of them and the shipped event types, for measuring.

    world.py FOLDER [ACTORS]        writes FOLDER/world.yaml and its tables (200 actors if not given)
    world.py FOLDER ACTORS ENTENTE  and measures it: memory of a worker, start of a replicate, events a second

GDP is lognormal, capitals are spread over the globe, alignment has three blocs, and trade follows gravity, so that the
numbers of events are of the size that the shipped scenarios have. Nothing in it is of a real state.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SCENARIO = """\
entente: 1
title: A made-up world of {n} states
period: {{start: 2026-01-01, end: 2027-01-01}}
actors: {{from: actors.csv}}
groups:
  G20: {{members: [{largest}], chair: {{2026: {first}}}}}
  C5+1: {{members: [{first}, {second}, {last}]}}
ties: {{from: ties.csv, relax: {{strength: 30 d, alignment: 3 y}}}}
trade: {{relax: 3 y, alignment_effect: 0.95, atmosphere_effect: 0.02}}
effects: {{gain_divisor: 100, level: {{leader: 2, minister: 1, official: 0.5}}}}
refresh: 30 d
conditions: {{from: {kinds}}}
kinds:
  from: {kinds}
  peace_talks: {{between: {{initiators: [{first}], targets: [{second}]}}}}
  clash: {{between: {{initiators: [{first}, {second}], targets: [{first}, {second}]}}}}
calendar:
  - {{id: summit, date: 2026-12-14T14:00, days: 2, kind: g20_summit, host: {first}, group: G20}}
  - {{id: invitation, date: 2026-01-20, kind: invitation, initiator: {first}, target: {last}, to: summit}}
quantities:
  strength: {{strength: {last}-{first}, at: 2026-12-31}}
  visits: {{count: leader_visit}}
variants: {{no_invitation: {{drop: [invitation]}}}}
monte_carlo: {{replicates: 10, seed: 1, event_cap: 1000000}}
output: {{events: false, trajectories: false}}
"""


def distance_km(a: dict, b: dict) -> float:
    """Along a great circle."""
    x, y = math.radians(a["lat"]), math.radians(b["lat"])
    turn = math.radians(a["lon"] - b["lon"])
    cosine = math.sin(x) * math.sin(y) + math.cos(x) * math.cos(y) * math.cos(turn)
    return 6371 * math.acos(max(-1.0, min(1.0, cosine)))


def make(folder: Path, n: int = 200) -> Path:
    """Write the scenario and its tables; the scenario's path."""
    draw = random.Random(1)
    folder.mkdir(parents=True, exist_ok=True)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = ["".join(name) for name in itertools.islice(itertools.product(letters, repeat=3), n)]
    actors = [
        {"name": name, "type": "state", "region": f"region {i % 20}", "gdp_usd": f"{math.exp(draw.gauss(24.5, 2)):.4g}",
         "lat": round(math.degrees(math.asin(draw.uniform(-0.8, 0.9))), 2), "lon": round(draw.uniform(-180, 180), 2),
         "bloc": draw.choice((-0.3, 0.0, 0.3)), "language": draw.randrange(12)}
        for i, name in enumerate(names)
    ]  # fmt: skip
    columns = ["name", "type", "region", "gdp_usd", "lat", "lon"]
    with open(folder / "actors.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(actors)
    with open(folder / "ties.csv", "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["a", "b", "strength", "alignment", "baseline", "trade_ab_usd", "trade_ba_usd", "distance_km",
                         "contiguity", "common_language", "attention"])  # fmt: skip
        for a, b in itertools.combinations(actors, 2):
            far = max(distance_km(a, b), 100.0)
            alignment = round(0.12 + 2 * a["bloc"] * b["bloc"] + draw.gauss(0, 0.1), 2)
            trade = [f"{1e-9 * float(a['gdp_usd']) * float(b['gdp_usd']) / far**0.84 * draw.lognormvariate(0, 1):.3g}"
                     for _ in range(2)]  # fmt: skip
            writer.writerow([a["name"], b["name"], alignment, alignment, alignment, *trade, round(far), int(far < 700),
                             int(a["language"] == b["language"]), 0])  # fmt: skip
    by_gdp = [a["name"] for a in sorted(actors, key=lambda a: -float(a["gdp_usd"]))]
    path = folder / "world.yaml"
    path.write_text(SCENARIO.format(n=n, kinds=SCENARIOS / "kinds" / "diplomacy.yaml", largest=", ".join(by_gdp[:20]),
                                    first=by_gdp[0], second=by_gdp[1], last=by_gdp[-1]))  # fmt: skip
    return path


def run(program: str, scenario: Path, replicates: int, variants: bool) -> tuple[float, float, int]:
    """CPU seconds of a run, MB that its worker held at most, and events of all its replicates in the base."""
    out = scenario.with_name("out.h5")
    out.unlink(missing_ok=True)
    more = [] if variants else ["--variant", "base"]
    command = [program, "run", "-q", "-j", "1", "-n", str(replicates), "-o", str(out), str(scenario), *more]
    before = os.times()
    watched = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    most = 0.0
    while watched.poll() is None:
        try:
            watched.wait(0.02)
        except subprocess.TimeoutExpired:
            pass
        most = max([most, *(peak(child) for child in children(watched.pid))])
    if watched.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {watched.returncode}")
    after = os.times()
    told = subprocess.run(["h5dump", "-d", "/event_count", str(out)], check=True, capture_output=True, text=True).stdout
    numbers = re.sub(r"\([\d,]+\):", "", told[told.index("DATA {") :])
    events = sum(map(int, re.findall(r"\d+", numbers)))
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, most, events


def children(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def peak(pid: str) -> float:
    """Peak memory of a process in MB; 0 if it has gone."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def measure(program: str, folder: Path, n: int, replicates: int = 10) -> None:
    """One line: memory, cost of a replicate, events a second."""
    scenario = make(folder, n)
    one, memory, _ = run(program, scenario, 1, variants=False)
    many, _, events = run(program, scenario, 1 + replicates, variants=False)
    both_one, _, _ = run(program, scenario, 1, variants=True)
    both, both_memory, _ = run(program, scenario, 1 + replicates, variants=True)
    each = (many - one) / replicates
    line = {
        "actors": n, "ties": n * (n - 1) // 2, "reading and first replicate s": round(one, 2),
        "base ms a replicate": round(1e3 * each, 1), "events a replicate": round(events / (1 + replicates)),
        "events/s": round(events / (1 + replicates) / each), "base MB a worker": round(memory),
        "two variants ms a replicate": round(1e3 * (both - both_one) / replicates, 1),
        "two variants MB a worker": round(both_memory),
    }  # fmt: skip
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        with tempfile.TemporaryDirectory(dir=sys.argv[1]) as scratch:
            measure(sys.argv[3], Path(scratch), int(sys.argv[2]))
    else:
        print(make(Path(sys.argv[1]), *map(int, sys.argv[2:])))
