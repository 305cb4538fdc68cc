"""Options that meet: every pair of a command's options that touch one thing is accepted with a documented meaning or
refused, as the table in docs/running.md says.

The options come from `--help`; which of them touch one thing is said here (TOUCHES). A new option fails the test until
it is entered there and, if it meets another, in the table.
"""

from __future__ import annotations

import datetime
import itertools
import os
import random
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import pytest

import runs

MANUAL = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "docs" / "running.md"
RATE, LASTING = "kinds.call.rate.per_year", "kinds.call.effect.lasting"
SCENARIO = re.sub(
    r"(?ms)^output:.*",
    f"output: {{every: 1 month}}\nsweep: "
    f"{{design: random, points: 2, parameters: {{{LASTING}: {{uniform: [0, 0.2]}}}}}}\n",
    runs.SCENARIO,
)

# Of each option what it touches; those of one thing meet. Of a file that is written all others are looked at as well.
TOUCHES: dict[str, dict[str, set[str]]] = {
    "check": {name: {"what is printed"} for name in ("json", "quiet", "reference", "schema", "stability")},
    "show": {"all": {"listed"}, "names": {"listed"}, "parameters": {"listed"}, "set": {"listed", "values"}},
    "run": {
        "fixed": {"values"}, "json": {"messages"}, "output": {"written"}, "precision": {"number", "all of it"},
        "quiet": {"messages"}, "replicates": {"number"}, "restart": {"begun"}, "seed": set(), "set": {"values"},
        "task": {"all of it", "begun", "messages"}, "variant": {"variants"}, "workers": set(),
    },
    "forecast": {
        "as-of": {"period", "days"}, "by": {"names"}, "complete-until": {"period", "complete"}, "countries": {"names"},
        "dates": {"dates", "task"},
        "dry-run": {"action", "nothing"}, "events": {"files"},
        "every": {"days", "last", "complete", "nothing", "folder", "text", "share"}, "fixed": {"values"},
        "json": {"messages", "action"}, "last": {"last"},
        "kind": {"kinds"}, "mapping": set(), "output": {"written", "folder"}, "precision": {"number", "all of it"},
        "quiet": {"messages"}, "replicates": {"number"}, "restart": {"begun", "action"},
        "scenario": {"written", "text"},
        "seed": set(), "set": {"values"}, "task": {"all of it", "begun", "messages", "action", "task", "share"},
        "tie": {"ties"}, "unknown-days": {"dates", "task"}, "variant": {"variants"}, "workers": set(),
    },
    "rare": {
        "above": {"threshold"}, "below": {"threshold"}, "ever": set(), "falling": {"guide"}, "fixed": {"values"},
        "guide": {"guide"}, "json": {"messages"}, "levels": {"levels"}, "output": set(), "paths": {"paths"},
        "pilot": {"levels"}, "quiet": {"messages"}, "replicates": set(), "restart": {"begun"}, "seed": set(),
        "set": {"values"}, "splits": {"paths"}, "task": {"begun", "messages"}, "variant": set(), "workers": set(),
    },
    "trace": {
        "branch": {"branches"}, "conditions": {"rows"}, "only": {"rows"}, "replicate": set(), "replicates": {"rows"},
        "seed": set(), "set": {"values"}, "variant": set(),
    },
    "compare": {"choose": {"why"}, "json": set(), "surprises": {"files"}, "why": {"files", "why"}, "workers": set()},
    "fit": {
        "actor-effects": {"ties", "pooled"}, "by": {"names"}, "correlated-random-effects": {"ties"},
        "countries": {"names"}, "dates": {"dates"},
        "dynamics": {"dynamics", "pooled", "days of the week", "months of the year"},
        "events": {"files"},
        "from": {"period", "past"}, "half-lives": set(), "kind": {"kinds"}, "least": {"kinds"}, "mapping": set(),
        "months": {"season", "months of the year"},
        "output": {"written", "simulated from"}, "estimates": {"written"}, "residuals": {"written"},
        "pool": {"ties", "season", "pooled"},
        "random-effects": {"ties"}, "simulate": {"simulated", "simulated from"}, "simulated": {"simulated", "written"},
        "unknown-days": {"dates"}, "left-truncated": {"past"}, "until": {"period"},
        "weekdays": {"season", "days of the week"},
    },
    "relational": {
        "actors": set(), "columns": set(), "dates": {"dates"}, "form": {"times", "statistics"},
        "given-first": {"times"}, "json": set(),
        "origin": {"times"}, "presence": set(), "statistic": {"statistics"}, "unknown-days": {"dates"},
    },
    "score": {
        "by": {"names"}, "countries": {"names"}, "dates": {"dates"}, "events": {"files"}, "every": {"windows"},
        "fixed": {"values"},
        "from": {"period"}, "json": {"messages"}, "mapping": set(), "output": {"written"}, "quiet": {"messages"},
        "replicates": set(), "seed": set(), "set": {"values"}, "target": {"targets"}, "unknown-days": {"dates"},
        "until": {"period"},
        "window": {"windows"}, "workers": set(),
    },
    "validate": {
        "by": {"names"}, "countries": {"names"}, "dates": {"dates"}, "events": {"files"}, "fixed": {"values"},
        "from": {"period"}, "json": {"messages"}, "kind": {"kinds"}, "mapping": set(), "output": {"written"},
        "quiet": {"messages"}, "replicates": set(), "seed": set(), "set": {"values"}, "unknown-days": {"dates"},
        "until": {"period"},
    },
    "sweep": {
        "block": set(), "design": {"points"}, "dry-run": {"action", "messages"}, "everything": set(),
        "independent": {"draws"}, "json": {"messages"}, "keep": {"points"}, "list": {"points", "values"},
        "output": {"written"}, "param": {"points", "values"}, "points": {"points"}, "quantity": {"rows"},
        "quiet": {"messages"}, "replicates": set(), "restart": {"action"}, "seed": {"draws"}, "set": {"values"},
        "slurm": {"action", "messages", "workers"}, "task": {"action", "messages"},
        "uncertain": {"points", "values"}, "variant": {"variants"}, "workers": {"workers"},
    },
    "attribute": {
        "conditions": {"conditions"}, "everything": set(), "fixed": {"values"}, "history": {"history"},
        "interactions": {"all of it", "written"}, "interventions": {"interventions"}, "json": {"messages", "rows"},
        "kinds": {"kinds"}, "output": {"written"}, "quiet": {"messages"}, "replicates": set(), "restart": {"begun"},
        "seed": set(), "set": {"values"}, "task": {"all of it", "begun", "messages"}, "top": {"rows"},
        "without": {"conditions", "history", "interventions", "kinds"}, "workers": set(),
    },
    "choose": {"json": set(), "options": set()},
    "discover": {"above": {"side"}, "below": {"side"}, "boxes": {"boxes"}, "json": set(), "method": {"boxes"}},
    "merge": {"json": {"messages"}, "quiet": {"messages"}},
    "new": {"template": {"text"}},
}


@dataclass
class Command:
    """What `--help` tells of a command's options: which take a value, which may be repeated."""

    takes: dict[str, bool] = field(default_factory=dict)
    repeats: set[str] = field(default_factory=set)


def told(command: str) -> Command:
    """The command's options, but for --help, --usage and --version."""
    text = runs.entente(command, "--help").stdout
    found = Command()
    for entry in re.split(r"\n(?=\s{2,6}-)", text):
        option = re.match(r"\s+(?:-\w, +)?--([a-z-]+)(\[?=)?", entry)
        if not option or option[1] in ("help", "usage", "version"):
            continue
        found.takes[option[1]] = option[2] is not None
        if "may be repeated" in " ".join(entry.split()):
            found.repeats.add(option[1])
    return found


def meetings(command: str) -> set[tuple[str, str]]:
    """The pairs of the command's options that touch one thing; with itself, one that may be repeated."""
    touches, repeats = TOUCHES[command], told(command).repeats
    pairs = {pair for pair in itertools.combinations(sorted(touches), 2) if touches[pair[0]] & touches[pair[1]]}
    return pairs | {(name, name) for name in repeats if touches[name]}


def documented() -> dict[tuple[str, str, str], str]:
    """The table of the manual: what follows, by command and options."""
    section = MANUAL.read_text().split("## Options that meet", 1)[1].split("\n## ", 1)[0]
    table = {}
    for row in re.findall(r"^\| ([a-z, ]+) \| `--([a-z-]+)` (?:and `--([a-z-]+)`|twice) \| (.+) \|$", section, re.M):
        for command in row[0].split(", "):
            if command != "command":
                first, second = sorted((row[1], row[2] or row[1]))
                table[command, first, second] = row[3]
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("options")
    runs.write_scenario(path, SCENARIO)
    draw, first = random.Random(3), datetime.date(2026, 1, 1)
    pairs = [("AAA", "BBB"), ("BBB", "AAA"), ("AAA", "CCC"), ("CCC", "AAA")]
    days = sorted(draw.randrange(360) for _ in range(160))
    rows = [(first + datetime.timedelta(days=day), *draw.choice(pairs), "call") for day in days]
    text = "\n".join(",".join(map(str, row)) for row in dict.fromkeys(rows))
    (path / "events.csv").write_text(f"date,initiator,target,kind\n{text}\n")
    (path / "more.csv").write_text("date,initiator,target,kind\n2026-12-28,BBB,CCC,call\n")
    (path / "countries.csv").write_text("actor,iso3,cow\nAAA,AAA,AAA\nBBB,BBB,BBB\nCCC,CCC,CCC\n")
    (path / "points.csv").write_text(f"{RATE}\n4\n5\n")
    runs.run(path / "three.yaml", path / "made.h5", "-n", 20, "-j", 1, "-q")
    return path


BASE: dict[str, list[str]] = {
    "check": [], "show": ["three.yaml"], "run": ["three.yaml", "-n", "2", "-j", "1", "--output=NEW.h5"],
    "attribute": ["three.yaml", "-n", "2", "-j", "1", "--output=NEW.h5"], "compare": ["made.h5"],
    "rare": ["three.yaml", "calls", "-n", "20", "-j", "1", "--output=NEW.h5", "--above=22", "--pilot=50"],
    "forecast": ["three.yaml", "--events=events.csv", "--as-of=2026-07-01", "-n", "2", "-j", "1", "--output=NEW.h5"],
    "trace": ["three.yaml"], "fit": ["three.yaml", "--events=events.csv"],
    "relational": ["events.csv"], "sweep": ["three.yaml", "-n", "1", "-j", "1", "--output=NEW.h5"],
    "choose": ["made.h5", "calls"], "discover": ["made.h5", "calls"], "new": ["NEW.yaml"],
    "score": ["three.yaml", "--events=events.csv", "--replicates=2", "--every=60", "--window=20", "--target=call",
              "--from=2026-06-01"],
    "validate": ["three.yaml", "--events=events.csv", "--replicates=200"],
}
VALUE: dict[str, str] = {
    "above": "22", "as-of": "2026-06-01", "complete-until": "2026-05-01", "scenario": "NEW.yaml", "tie": "AAA-BBB",
    "below": "2", "guide": "b_strength", "levels": "12,18", "paths": "20", "pilot": "60", "splits": "4",
    "actors": "countries.csv", "block": "1", "boxes": "1", "choose": "calls",
    "options": "base,silence", "by": "cow", "columns": "date,initiator,target",
    "countries": "countries.csv", "dates": "ymd", "design": "random", "events": "events.csv", "every": "90",
    "form": "interval", "interactions": "2",
    "last": "2026-12-01", "surprises": "5", "dynamics": "effects.gain_divisor",
    "from": "2026-07-01", "keep": f"rare: {LASTING} < 0.15", "kind": "call", "least": "500", "list": "points.csv",
    "mapping": "countries.csv", "method": "prim", "names": "ties", "only": "AAA",
    "origin": "2025-12-01", "output": "NEW.out", "param": f"{RATE}=2:8",
    "points": "2", "precision": "calls=1", "quantity": "calls", "replicate": "1", "replicates": "300",
    "residuals": "residuals.csv", "seed": "4", "set": f"{RATE}=5", "pool": "strength", "random-effects": "auto",
    "actor-effects": "0.5",
    "template": "group", "estimates": "estimates.json",
    "simulate": "200", "simulated": "simulated.csv", "slurm": "2", "statistic": "inertia", "target": "call",
    "task": "0/2", "top": "5", "without": "first-call", "unknown-days": "drop",
    "until": "2026-12-01", "variant": "silence", "window": "10", "workers": "2",
}
# What is tried of a pair, and whether it is refused, where that is not one value of each, taken as the manual says.
ACCEPTED, REFUSED = False, True
CASES: dict[tuple[str, str, str], list[tuple[list[str], bool]]] = {
    ("run", "set", "set"): [
        ([f"--set={RATE}=5", f"--set={LASTING}=0.2"], ACCEPTED),
        ([f"--set={RATE}=5", f"--set={RATE}=5.0"], ACCEPTED),
        ([f"--set={RATE}=5", f"--set={RATE}=6"], REFUSED),
    ],
    ("run", "precision", "precision"): [
        (["--precision=calls=9", "--precision=b_strength=1"], ACCEPTED),
        (["--precision=calls=9", "--precision=calls=8"], REFUSED),
    ],
    ("compare", "choose", "why"): [(["--choose=calls", "--why"], ACCEPTED), (["--choose=calls"], REFUSED)],
    ("run", "variant", "variant"): [(["--variant=silence", "--variant=silence"], ACCEPTED)],
    ("sweep", "param", "param"): [
        ([f"--param={RATE}=2:8", f"--param={LASTING}=0:0.1"], ACCEPTED),
        ([f"--param={RATE}=2:8", f"--param={RATE}=2:9"], REFUSED),
    ],
    ("sweep", "param", "set"): [
        ([f"--param={RATE}=2:8", f"--set={LASTING}=0.1"], ACCEPTED),
        ([f"--param={RATE}=2:8", f"--set={RATE}=5"], REFUSED),
    ],
    ("sweep", "set", "uncertain"): [
        (["--uncertain", f"--set={LASTING}=0.1"], ACCEPTED),
        (["--uncertain", f"--set={RATE}=5"], REFUSED),
    ],
    ("sweep", "list", "set"): [
        (["--list=points.csv", f"--set={LASTING}=0.1"], ACCEPTED),
        (["--list=points.csv", f"--set={RATE}=5"], REFUSED),
    ],
    ("sweep", "keep", "keep"): [([f"--keep=a: {LASTING} < 0.19", f"--keep=b: {LASTING} > 0.001"], ACCEPTED)],
    ("sweep", "keep", "param"): [([f"--keep=a: {RATE} < 7", f"--param={RATE}=2:6"], ACCEPTED)],
    ("sweep", "keep", "uncertain"): [([f"--keep=a: {RATE} < 8", "--uncertain"], ACCEPTED)],
    ("sweep", "keep", "list"): [([f"--keep=a: {RATE} < 4.5", "--list=points.csv"], ACCEPTED)],
    ("sweep", "design", "keep"): [
        (["--design=random", f"--keep=a: {LASTING} < 0.19"], ACCEPTED),
        (["--design=morris", f"--keep=a: {LASTING} < 0.19"], REFUSED),
        (["--design=saltelli", f"--keep=a: {LASTING} < 0.19"], REFUSED),
    ],
    ("sweep", "dry-run", "slurm"): [(["--dry-run", "--slurm=2"], ACCEPTED)],
    ("sweep", "quiet", "slurm"): [(["--dry-run", "--quiet", "--slurm=2"], ACCEPTED)],
    ("sweep", "slurm", "workers"): [(["--dry-run", "--workers=2", "--slurm=2"], ACCEPTED)],
    ("check", "json", "quiet"): [(["three.yaml", "--json", "--quiet"], ACCEPTED)],
    ("check", "json", "stability"): [(["three.yaml", "--json", "--stability"], ACCEPTED)],
    ("check", "quiet", "stability"): [(["three.yaml", "--quiet", "--stability"], REFUSED)],
    ("show", "all", "parameters"): [(["--all", "--parameters"], ACCEPTED), (["--all"], REFUSED)],
    ("show", "all", "names"): [(["--all", "--names=ties"], REFUSED)],
    ("show", "names", "parameters"): [(["--names=ties", "--parameters"], REFUSED)],
    ("show", "names", "set"): [(["--names=ties", f"--set={RATE}=5"], REFUSED)],
    ("show", "all", "set"): [(["--all", "--parameters", f"--set={RATE}=5"], ACCEPTED)],
    ("fit", "correlated-random-effects", "random-effects"): [
        (["--correlated-random-effects", "--random-effects=0.5"], ACCEPTED),
        (["--correlated-random-effects"], REFUSED),
    ],
    ("fit", "actor-effects", "correlated-random-effects"): [
        (["--actor-effects=0.5", "--correlated-random-effects", "--random-effects=0.5"], ACCEPTED),
        (["--actor-effects=0.5", "--correlated-random-effects"], REFUSED),
    ],
    ("fit", "pool", "weekdays"): [(["--pool=weekdays", "--weekdays"], ACCEPTED), (["--pool=weekdays"], REFUSED)],
    ("fit", "months", "pool"): [(["--pool=months", "--months"], ACCEPTED), (["--pool=months"], REFUSED)],
    ("fit", "pool", "pool"): [(["--pool=weekdays", "--weekdays", "--pool=strength"], ACCEPTED)],
    ("fit", "kind", "least"): [(["--kind=call", "--least=20"], ACCEPTED)],
    ("fit", "output", "simulate"): [(["--output=NEW.yaml", "--simulate=200"], ACCEPTED), (["--simulate=200"], REFUSED)],
    ("fit", "simulate", "simulated"): [
        (["--output=NEW.yaml", "--simulate=200", "--simulated=NEW.csv"], ACCEPTED),
        (["--simulated=NEW.csv"], REFUSED),
    ],
    ("fit", "output", "residuals"): [
        (["--output=NEW.yaml", "--residuals=NEW.csv"], ACCEPTED),
        (["--output=NEW.yaml", "--residuals=./NEW.yaml"], REFUSED),
    ],
    ("fit", "estimates", "output"): [
        (["--output=NEW.yaml", "--estimates=NEW.json"], ACCEPTED),
        (["--output=NEW.yaml", "--estimates=./NEW.yaml"], REFUSED),
    ],
    ("fit", "estimates", "residuals"): [
        (["--estimates=NEW.json", "--residuals=NEW.csv"], ACCEPTED),
        (["--estimates=NEW.json", "--residuals=./NEW.json"], REFUSED),
    ],
    ("fit", "estimates", "simulated"): [
        (["--output=NEW.yaml", "--simulate=200", "--simulated=NEW.csv", "--estimates=NEW.json"], ACCEPTED),
        (["--output=NEW.yaml", "--simulate=200", "--simulated=NEW.csv", "--estimates=./NEW.csv"], REFUSED),
    ],
    ("fit", "output", "simulated"): [
        (["--output=NEW.yaml", "--simulate=200", "--simulated=NEW.csv"], ACCEPTED),
        (["--output=NEW.yaml", "--simulate=200", "--simulated=./NEW.yaml"], REFUSED),
    ],
    ("fit", "residuals", "simulated"): [
        (["--output=NEW.yaml", "--simulate=200", "--simulated=NEW.csv", "--residuals=MORE.csv"], ACCEPTED),
        (["--output=NEW.yaml", "--simulate=200", "--simulated=NEW.csv", "--residuals=./NEW.csv"], REFUSED),
    ],
    ("fit", "events", "events"): [
        (["--events=events.csv", "--events=more.csv"], ACCEPTED),
        (["--events=events.csv", "--events=events.csv"], REFUSED),
    ],
    ("fit", "from", "until"): [
        (["--from=2026-03-01", "--until=2026-12-01"], ACCEPTED), (["--from=2026-12-01", "--until=2026-03-01"], REFUSED),
    ],
    ("fit", "from", "left-truncated"): [(["--from=2026-03-01", "--left-truncated"], ACCEPTED)],
    ("fit", "by", "countries"): [(["--by=cow", "--countries=countries.csv"], ACCEPTED), (["--by=cow"], REFUSED)],
    ("score", "from", "until"): [
        (["--until=2026-12-01"], ACCEPTED), (["--until=2026-06-01"], REFUSED), (["--until=2026-05-01"], REFUSED),
    ],
    ("score", "target", "target"): [
        (["--target=any=call,deal"], ACCEPTED), (["--target=call=call,deal"], REFUSED), (["--target=call"], ACCEPTED),
    ],
    ("score", "window", "window"): [(["--window=20"], ACCEPTED), (["--window=10"], ACCEPTED)],
    ("score", "every", "window"): [(["--window=10"], ACCEPTED)],
    ("relational", "statistic", "statistic"): [
        (["--statistic=inertia", "--statistic=reciprocity"], ACCEPTED),
        (["--statistic=inertia", "--statistic=inertia"], REFUSED),
    ],
    ("relational", "form", "statistic"): [
        (["--form=choice", "--statistic=inertia"], ACCEPTED),
        (["--form=choice", "--statistic=outdegree_sender"], REFUSED),
        (["--form=ordinal", "--statistic=baseline"], REFUSED),
    ],
    ("relational", "form", "origin"): [
        (["--form=interval", "--statistic=inertia", "--origin=2025-12-01"], ACCEPTED),
        (["--form=ordinal", "--statistic=inertia", "--origin=2025-12-01"], REFUSED),
    ],
    ("relational", "form", "given-first"): [(["--form=ordinal", "--statistic=inertia", "--given-first"], ACCEPTED)],
}
CASES["forecast", "as-of", "complete-until"] = [
    (["--as-of=2026-06-01", "--complete-until=2026-05-01"], ACCEPTED),
    (["--as-of=2026-06-01", "--complete-until=2026-06-02"], REFUSED),
]
CASES["forecast", "output", "scenario"] = [
    (["--output=NEW.h5", "--scenario=NEW.yaml"], ACCEPTED), (["--output=NEW.h5", "--scenario=./NEW.h5"], REFUSED),
]
CASES["fit", "dynamics", "dynamics"] = [
    (["--dynamics=effects.gain_divisor", "--dynamics=ties.relax.strength"], ACCEPTED),
    (["--dynamics=effects.gain_divisor", "--dynamics=effects.gain_divisor,ties.relax.strength"], REFUSED),
]
CASES["forecast", "every", "last"] = [(["--every=90", "--last=2026-12-01"], ACCEPTED), (["--last=2026-12-01"], REFUSED)]
CASES["forecast", "tie", "tie"] = [(["--tie=AAA-BBB", "--tie=AAA-CCC"], ACCEPTED)]
CASES["forecast", "kind", "kind"] = [(["--kind=call", "--kind=deal"], ACCEPTED)]
for _pair in (("precision", "precision"), ("variant", "variant")):
    CASES["forecast", *_pair] = CASES["run", *_pair]
for _command in ("sweep", "forecast", "trace", "show", "score", "validate", "attribute", "rare"):
    _set = "kinds.deal.value.lognormal.sigma" if _command == "sweep" else LASTING
    CASES[_command, "set", "set"] = [
        ([f"--set={RATE}=5", f"--set={_set}=0.2"], ACCEPTED),
        ([f"--set={RATE}=5", f"--set={RATE}=6"], REFUSED),
    ]
CASES["trace", "only", "replicates"] = [(["--only=AAA", "--replicates=3"], REFUSED)]
CASES["trace", "branch", "branch"] = [
    (["--branch=30:1", "--branch=60.5:2"], ACCEPTED), (["--branch=60.5:2", "--branch=30:1"], REFUSED),
]
CASES["rare", "paths", "splits"] = [(["--paths=20", "--splits=4"], ACCEPTED), (["--paths=3", "--splits=4"], REFUSED)]
CASES["attribute", "without", "without"] = [(["--without=first-call", "--without=kind:call"], ACCEPTED)]
CASES["discover", "boxes", "method"] = [
    (["--boxes=1", "--method=prim"], ACCEPTED),
    (["--boxes=1", "--method=cart"], REFUSED),
]
CASES["sweep", "variant", "variant"] = CASES["run", "variant", "variant"]
CASES["score", "events", "events"] = CASES["forecast", "events", "events"] = CASES["fit", "events", "events"]
CASES["forecast", "by", "countries"] = CASES["fit", "by", "countries"]
CASES["score", "by", "countries"] = CASES["validate", "by", "countries"] = CASES["fit", "by", "countries"]
CASES["validate", "events", "events"] = CASES["fit", "events", "events"]
CASES["validate", "from", "until"] = CASES["fit", "from", "until"]
CASES["validate", "kind", "kind"] = CASES["forecast", "kind", "kind"]


def cases(command: str, first: str, second: str) -> list[tuple[list[str], bool]]:
    """What is tried of a pair."""
    if (command, first, second) in CASES:
        return CASES[command, first, second]
    takes = told(command).takes
    words = [f"--{name}={VALUE[name]}" if takes[name] else f"--{name}" for name in (first, second)]
    return [(words, documented()[command, first, second].startswith("refused"))]


def given(command: str, words: list[str]) -> list[str]:
    """The words, and those of the command's usual ones that they do not replace."""
    own = {word.split("=")[0] for word in words if word.startswith("--")} - {"--window", "--target"}
    short = {"-n": "--replicates", "-j": "--workers"}
    base, kept = list(BASE.get(command, [])), []
    while base:
        word = base.pop(0)
        value = [base.pop(0)] if word in short else []
        if short.get(word, word.split("=")[0]) not in own:
            kept += [word, *value]
    return [command, *kept, *words]


def test_every_option_is_decided_on() -> None:
    for command in runs.commands()[0]:
        assert set(TOUCHES[command]) == set(told(command).takes), command
    rows = {row for row in documented() if row[0] != "merge"}  # which passes both to the command that it repeats
    pairs = {(command, *pair) for command in TOUCHES if command != "merge" for pair in meetings(command)}
    assert rows - pairs == set(), "the manual has rows of options that do not meet"
    assert pairs - rows == set(), "the manual is silent on options that meet"
    assert len(rows) > 70


@pytest.mark.parametrize("row", documented(), ids="-".join)
def test_pairs(folder: Path, row: tuple[str, str, str]) -> None:
    command, first, second = row
    if command == "merge":
        pytest.skip("it passes both on")
    tried = cases(*row)
    assert any(refused for _, refused in tried) == ("refused" in documented()[row])
    for words, refused in tried:
        for left in folder.glob("NEW.*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        done = runs.entente(*given(command, words), cwd=folder)
        if not refused:
            assert done.returncode == 0, (words, done.stderr)
            continue
        assert done.returncode in (64, 73), (words, done.stderr)
        named = {f"--{first}", f"--{second}", *re.findall(r"[\w.]{5,}", " ".join(words))}
        assert any(name in done.stderr for name in named), (words, done.stderr)
        assert not list(folder.glob("NEW.*")), words


@pytest.mark.parametrize("command", TOUCHES)
def test_one_value_is_given_once(folder: Path, command: str) -> None:
    """For every option of one value, whatever it is: another value is refused and both are named."""
    found = told(command)
    for name in sorted(name for name, takes in found.takes.items() if takes and name not in found.repeats):
        other = {"by": "gw", "dates": "mdy", "form": "ordinal", "task": "1/2", "random-effects": "0.5",
                 "unknown-days": "draw"}.get(name, f"{VALUE[name]}0")
        words = given(command, [f"--{name}={VALUE[name]}"])
        twice = runs.entente(*words, f"--{name}={other}", cwd=folder)
        assert twice.returncode == 64, (words, twice.stderr)
        assert f'--{name} is given twice: "{VALUE[name]}" and "{other}"' in twice.stderr
        same = runs.entente(*words, f"--{name}={VALUE[name]}", "--help", cwd=folder)
        assert same.returncode == 0, (words, same.stderr)


def test_a_flag_twice_is_one_flag(folder: Path) -> None:
    assert runs.entente("check", "three.yaml", "-q", "--quiet", cwd=folder).returncode == 0


def test_more_than_any_number_may_be_repeated(folder: Path) -> None:
    words = [f"--only={name}" for name in ("AAA", "BBB") for _ in range(400)]
    assert runs.entente("trace", "three.yaml", *words, cwd=folder).returncode == 0


@pytest.mark.parametrize("command", TOUCHES)
def test_help_has_a_short_form(command: str) -> None:
    done = runs.entente(command, "-h")
    assert done.returncode == 0
    assert done.stdout == runs.entente(command, "--help").stdout


@pytest.mark.parametrize("command", TOUCHES)
def test_no_option_of_the_library_sleeps(command: str) -> None:
    """argp has an option of its own, --HANG, which waits for an hour; "--H" is short for it."""
    done = runs.entente(command, "--H")
    assert done.returncode == 64 and "--HANG" in done.stderr, done.stderr


def test_a_file_of_options_gives_way(folder: Path) -> None:
    (folder / "some.sweep").write_text(f"scenario three.yaml\nreplicates 3\nparam {RATE}=2:8\npoints 2\nseed 7\n")
    described = runs.entente("sweep", "@some.sweep", "-n", 5, "-o", "x.h5", "--dry-run", cwd=folder)
    assert described.returncode == 0, described.stderr
    assert "replicates  5 a point" in described.stdout and "2 points" in described.stdout
    before = runs.entente("sweep", "-n", 5, "-o", "x.h5", "--dry-run", "@some.sweep", cwd=folder)
    assert before.stdout == described.stdout  # wherever it stands
    more = runs.entente("sweep", "@some.sweep", "-o", "x.h5", f"--param={LASTING}=0:0.1", "--dry-run", cwd=folder)
    assert more.stdout.count("\nparameter ") == 2, more.stderr
    (folder / "other.yaml").write_text(SCENARIO.replace("Three states", "Others"))
    other = runs.entente("sweep", "@some.sweep", "other.yaml", "-n1", "-j1", "-o", "x.h5", cwd=folder)
    assert other.returncode == 0, other.stderr
    assert runs.entente("show", "x.h5", cwd=folder).stdout.startswith("Others\n")
    command = runs.entente("show", "x.h5", cwd=folder).stdout.split("  command ")[1].split("\n")[0].strip()
    assert "other.yaml" in command and "--replicates=1" in command and "--seed=7" in command
    (folder / "twice.sweep").write_text("seed 7\nseed 8\n")
    twice = runs.entente("sweep", "three.yaml", "@twice.sweep", "-o", "x.h5", cwd=folder)
    assert twice.returncode == 64 and '"7" and "8"' in twice.stderr
    missing = runs.entente("sweep", "@no.sweep", "-o", "x.h5", cwd=folder)
    assert missing.returncode == 66 and "no.sweep" in missing.stderr


def test_of_one_parameter_one_value_is_kept(folder: Path) -> None:
    """What --set says takes the place of --fixed's and of an output file's own, in its provenance too."""

    def settings(path: Path) -> list[str]:
        with h5py.File(path) as file:
            return [text.decode() for text in file["provenance/setting"][:]]

    out = folder / "fixed.h5"
    runs.run(folder / "three.yaml", out, "-n", 2, "-j", 1, "--fixed", "--set", f"{RATE}=7")
    assert settings(out) == [f"{RATE}=7"]
    again = folder / "again.h5"
    runs.run(out, again, "-j", 1, "--set", f"{RATE}=8")
    assert settings(again) == [f"{RATE}=8"]


def test_the_same_through_another_name_of_the_parameter(folder: Path) -> None:
    words = ("--set", "ties.AAA-BBB.strength=0.1", "--set", "ties.BBB-AAA.strength=0.2")
    done = runs.entente("run", "three.yaml", "-n", 1, "-o", "z.h5", *words, cwd=folder)
    assert done.returncode == 64 and "ties.AAA-BBB.strength=0.1" in done.stderr
    swept = runs.entente("sweep", "three.yaml", "-o", "z.h5", "--set", f"{LASTING}=0.1", cwd=folder)
    assert swept.returncode == 64 and "is swept" in swept.stderr  # by the scenario's own `sweep`


def test_an_output_file_is_not_set_when_it_is_shown(folder: Path) -> None:
    out = folder / "shown.h5"
    runs.run(folder / "three.yaml", out, "-n", 2, "-j", 1, "--set", f"{RATE}=7")
    assert runs.entente("show", out, "--set", f"{RATE}=8").returncode == 64
    listed = runs.entente("show", out, "--parameters", "--set", f"{LASTING}=0.2")
    assert listed.returncode == 0, listed.stderr
    assert re.search(rf"{re.escape(RATE)} +7 ", listed.stdout)
    assert re.search(rf"{re.escape(LASTING)} +0\.2 ", listed.stdout)


@pytest.mark.parametrize(("old", "name"), [
    ("shrink", "random-effects"), ("correlated", "correlated-random-effects"), ("unseen", "left-truncated"),
    ("shared", "pool"),
])
def test_an_older_name_of_an_option_is_answered_with_its_name(old: str, name: str) -> None:
    listed = runs.entente("fit", "--help").stdout
    assert f"--{name}" in listed and not re.search(rf"--{old}\b(?!-)", listed)
    for words in ([f"--{old}"], [f"--{old}", "auto"], [f"--{old}=auto"]):
        done = runs.entente("fit", "x.yaml", *words)
        assert done.returncode == 64 and f"--{old} is not an option; its name is --{name}" in done.stderr
    other = runs.entente("show", "x.yaml", f"--{old}")  # a command without it
    assert other.returncode == 64 and "unrecognized option" in other.stderr
