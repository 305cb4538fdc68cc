"""Output files that lack something or are unusual in some way, made with the program, and what each of them has."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import entente
from entente import program

#: What a file may have; `good` is a replicate that ran to its end, `replicates` several of them, `rows` events of
#: replicate 0. A function works on a file that has what it needs, and tells what is missing of any other.
FEATURES = {
    "run", "good", "replicates", "events", "rows", "calendar", "ties", "trade", "quantities", "drawn", "variants",
    "places",
}  # fmt: skip

SCENARIO = """\
# The questions: what does
# the call change?
entente: 1
title: {title}
period: {{start: {start}, end: {end}}}
actors:
  AAA: {{label: First, gdp: 1000 bn USD, lat: 10, lon: 20}}
  BBB: {{label: Second, gdp: 100 bn USD, lat: 40, lon: 80}}
  CCC: {{label: Third, gdp: 10 bn USD, lat: -20, lon: 50}}
groups: {{The two others: {{members: [BBB, CCC]}}}}
ties:
  AAA-BBB: {{strength: 0.2, alignment: 0.2{trade}}}
  AAA-CCC: {{strength: -0.3, alignment: -0.3}}
kinds:
  call:
    scope: initiator -> target
    level: leader
    rate: {{per_year: 6}}
    effect: {{goldstein: 5, lasting: 0.1}}
    excited_by: [{{kind: call, relation: reversed, branching: 0.3, half_life: 5 d}}]
  summit: {{scope: group, level: leader, summit: {{group: The two others}}, effect: {{goldstein: 1}}}}
  treaty: {{scope: dyad, effect: {{goldstein: 1}}}}
{calendar}
{quantities}
{variants}
{uncertain}
monte_carlo: {{replicates: {replicates}, seed: 5{cap}}}
output: {output}
"""

CALENDAR = """\
calendar:
  - {{id: first-call, date: {year}-02-01, kind: call, initiator: AAA, target: BBB}}
  - {{id: meeting, date: {year}-03-05T14:30, kind: summit, host: AAA, group: The two others}}"""
QUANTITIES = """\
quantities:
  strength: {strength: AAA-BBB, label: strength of the first tie}
  calls: {count: call, tie: AAA-BBB, thresholds: [3]}
  trade: {trade: AAA-BBB}
  first_call: {first: call, tie: AAA-CCC, until: END}
  treaty: {first: treaty, label: days to a treaty that nobody signs}"""
VARIANTS = """\
variants:
  silence: {drop: [first-call], note: Nobody calls.}"""
UNCERTAIN = """\
uncertain:
  kinds.call.rate.per_year: {uniform: [4, 9], source: a guess (a)}
  ties.relax.strength: {triangular: [14 d, 30 d, 60 d], source: "a study, 2020 (e)"}"""
METRICS = "metrics: {of: [density, mean_strength, weighted_degree]}"


@dataclass
class Odd:
    """A scenario, how it is run, and which features its file lacks."""

    text: str
    lacks: set[str] = field(default_factory=set)
    sweep: list[str] = field(default_factory=list)  # options of `entente sweep`, in place of a run
    attribute: list[str] = field(default_factory=list)  # options of `entente attribute`, in place of a run
    code: int = 0  # the program's exit code

    @property
    def has(self) -> set[str]:
        return FEATURES - self.lacks


def scenario(year: int = 2026, **parts: str) -> str:
    """The scenario from January to June of a year, with some parts in place of the usual ones."""
    usual = {
        "title": "What is usual",
        "start": f"{year:04d}-01-01",
        "end": f"{year:04d}-07-01",
        "trade": ", exports: {AAA: 1 bn USD, BBB: 2 bn USD}",
        "calendar": CALENDAR.format(year=f"{year:04d}"),
        "quantities": QUANTITIES.replace("END", f"{year:04d}-03-01"),
        "variants": VARIANTS,
        "uncertain": UNCERTAIN,
        "replicates": "12",
        "cap": "",
        "output": f"{{every: 1 week, ties: all, {METRICS}}}",
    }
    return SCENARIO.format(**{**usual, **parts})


ONE_PAIR = """\
entente: 1
title: Two alone
period: {start: 2026-01-01, end: 2026-03-01}
actors: {AAA: {}, BBB: {}}
ties: {AAA-BBB: {strength: 0.2}}
kinds: {call: {scope: initiator -> target, rate: {per_year: 6}, effect: {goldstein: 1}}}
quantities: {s: {strength: AAA-BBB}}
monte_carlo: {replicates: 12}
"""

#: Names and texts that mean something to TeX, to HTML, to a spreadsheet, to a shell or to a terminal.
QUOTED = """\
entente: 1
title: "$\\\\frac{$ <b>&amp; 'one' \\"two\\" US$ 5 bn or US$ 6 bn"
period: {start: 2026-01-01, end: 2026-07-01}
actors:
  =A$: {label: "=cmd()|'$x_1$' <script>alert(1)</script>", gdp: 1 tn USD, lat: 1, lon: 2}
  +B&: {label: "+B \\"quoted\\", with; separators \\U0001F600", gdp: 1 tn USD, lat: 20, lon: 30}
  "@C'": {label: "\\tC \\u202e backwards", gdp: 1 tn USD, lat: 40, lon: 80}
groups: {"=G$ <i>": {members: [=A$, +B&]}}
ties:
  =A$-+B&: {strength: 0.2, exports: {=A$: 1 bn USD, +B&: 2 bn USD}}
  "=A$-@C'": {strength: 0.1}
kinds:
  =call$_1: {scope: initiator -> target, rate: {per_year: 9}, effect: {goldstein: 3, lasting: 0.1}}
  "@meet": {scope: group, summit: {group: "=G$ <i>"}, effect: {goldstein: 1}}
calendar:
  - {id: first, date: 2026-02-01, kind: =call$_1, initiator: =A$, target: +B&}
  - {id: second, date: 2026-03-01, kind: "@meet", host: "@C'", group: "=G$ <i>"}
quantities:
  "+q$'\\"&": {strength: =A$-+B&, label: "=HYPERLINK(1) $\\\\sum$ <img src=x onerror=alert(1)>"}
  "@n": {count: =call$_1}
variants:
  "-v$\\\\alpha$": {drop: [first], note: "<script>alert(2)</script> $x$"}
uncertain: {"kinds.=call$_1.rate.per_year": {uniform: [5, 12], source: "<i>'$y$ (a)"}}
monte_carlo: {replicates: 12}
output: {ties: all}
"""

SIX = "variants:\n" + "\n".join(
    f"  {name}: {{drop: [first-call], set: {{kinds.call.rate.per_year: {rate}}}}}"
    for rate, name in enumerate(
        ["fewer", "some_more_calls_than_there_were", "many", "no_end_of_calls_from_either_side_to_the_other", "x"], 3
    )
)

FILES = {
    "usual": Odd(scenario()),
    "no_events": Odd(scenario(output="{every: 1 week, ties: all, events: false}"), {"events", "calendar"}),
    "no_trajectories": Odd(scenario(output="{trajectories: false}"), {"ties", "trade"}),
    "no_quantities": Odd(scenario(quantities=""), {"quantities"}),
    "no_trade": Odd(
        scenario(trade="", quantities=QUANTITIES.replace("END", "2026-03-01").replace("{trade:", "{strength:")),
        {"trade"},
    ),
    "no_calendar": Odd(scenario(calendar="", variants=""), {"calendar", "variants"}),
    "one_pair": Odd(ONE_PAIR, {"trade", "calendar", "variants", "drawn", "places"}),
    "one_replicate": Odd(scenario(replicates="1"), {"replicates"}),
    "six_variants": Odd(scenario(variants=SIX)),
    "quoted": Odd(QUOTED),
    "year_1618": Odd(scenario(1618)),
    "year_2300": Odd(scenario(2300)),
    "year_12": Odd(scenario(12)),
    "over_2262": Odd(scenario(2262, start="2261-06-01", end="2263-01-01")),
    "stopped": Odd(scenario(cap=", event_cap: 1"), {"good", "rows"}, code=70),
    "sweep": Odd(
        scenario(), {"run", "events", "calendar", "ties", "trade"},
        ["--param=effects.gain_divisor=50:200", "--design=random", "--points=9", "-n4"],
    ),
    "sweep_everything": Odd(
        scenario(), {"run"},
        ["--param=effects.gain_divisor=50:200", "--design=saltelli", "--points=4", "-n4", "--everything"],
    ),
    "sweep_1618": Odd(
        scenario(1618), {"run"},
        ["--param=kinds.call.rate.per_year", "--design=morris", "--points=6", "-n4", "--everything"],
    ),
    "sweep_of_one_point": Odd(
        ONE_PAIR, {"run", "events", "calendar", "ties", "trade", "variants", "drawn", "places"},
        ["--param=kinds.call.rate.per_year=3", "--design=grid", "-n4"],
    ),
    "sweep_no_quantities": Odd(
        scenario(quantities=""), {"run", "events", "calendar", "ties", "trade", "quantities"},
        ["--param=effects.gain_divisor=50:200", "--design=random", "--points=3", "-n4"],
    ),
    "attribution": Odd(scenario(), {"events", "calendar", "ties", "trade"}, attribute=["--kinds"]),
    "attribution_everything": Odd(scenario(), attribute=["--everything", "--without=first-call+meeting"]),
}  # fmt: skip


def make(name: str, folder: Path) -> Path:
    """The output file of that name, made in `folder`."""
    odd = FILES[name]
    source, out = folder / f"{name}.yaml", folder / f"{name}.h5"
    source.write_text(odd.text, encoding="utf-8")
    kind = "sweep" if odd.sweep else "attribute" if odd.attribute else "run"
    command = [kind, str(source), *odd.sweep, *odd.attribute]
    try:
        program.call([*command, "-q", "-o", str(out)])
        assert odd.code == 0
    except entente.ProgramError as error:
        assert error.code == odd.code, error
    return out
