"""Scenarios of shapes that reports must suit: a probability and mediation, a tariff, twenty and eighty ties."""

from __future__ import annotations

from pathlib import Path

from entente import program

MEDIATION = """\
# The question: does mediation end the conflict?
entente: 1
title: Mediation
period: {start: 2026-01-01, end: 2028-01-01}
actors:
  AAA: {label: Arcadia}
  BBB: {label: Borduria}
  MED: {label: The Mediator of the Two Seas}
ties:
  AAA-BBB: {strength: -0.5, alignment: -0.5}
  AAA-MED: {strength: 0.2}
  BBB-MED: {strength: 0.2}
conditions: {conflict: {on: tie, alignment_shift: -0.3}}
kinds:
  peace_talks:
    scope: dyad
    rate: {per_year: 0.3}
    success: {probability: 0.3}
    ends: [conflict]
    effect: {goldstein: 5, lasting: 0.2}
ongoing: [{condition: conflict, tie: AAA-BBB, since: 2025-01-01, source: a newspaper (m)}]
interventions:
  - id: mediation
    at: 2026-03-01
    only_in_variants: true
    add: [{id: mediated, after: 20 d, kind: peace_talks, initiator: AAA, target: BBB, source: assumed}]
quantities:
  over: {first: peace_talks, tie: AAA-BBB, successful: true, label: talks that succeed}
  war: {condition: conflict, tie: AAA-BBB, at: 2027-12-31}
  rounds: {count: peace_talks, tie: AAA-BBB}
  any_round: {count: peace_talks, tie: AAA-BBB, above: 0}
variants:
  with_mediation: {interventions: [mediation], note: A third party mediates from March 2026.}
monte_carlo: {replicates: 120, seed: 3}
"""

TARIFF = """\
entente: 1
title: A tariff
period: {start: 2026-01-01, end: 2028-01-01}
actors:
  AAA: {label: Arcadia, gdp: 900 bn USD, lat: 10, lon: 0}
  BBB: {label: Borduria, gdp: 400 bn USD, lat: 12, lon: 20}
  CCC: {label: Cagliostro, gdp: 300 bn USD, lat: -5, lon: 35}
ties:
  all: true
  default: {strength: 0.1, alignment: 0.1}
  AAA-BBB: {exports: {AAA: 20 bn USD, BBB: 30 bn USD}}
  AAA-CCC: {exports: {AAA: 10 bn USD, CCC: 12 bn USD}}
conditions: {tariff: {on: tie, trade: {shift: -0.4, phase_in: 90 d}}}
kinds: {tariff_set: {scope: initiator -> target, starts: [tariff], effect: {goldstein: -5}}}
calendar: [{id: tariff, date: 2026-03-01, kind: tariff_set, initiator: AAA, target: BBB}]
quantities: {ab: {trade: AAA-BBB, at: 2027-12-31}, one_way: {trade: AAA -> CCC}}
variants: {no_tariff: {drop: [tariff]}, us_tariffs: {set: {conditions.tariff.trade.shift: -0.8}}}
monte_carlo: {replicates: 30}
"""

NO_TRAJECTORIES = """\
entente: 1
title: Votes
period: {start: 2026-01-01, end: 2026-07-01}
actors: {AAA: {}, BBB: {}}
ties: {AAA-BBB: {strength: 0.2}}
kinds: {vote: {scope: actor, rate: {per_year: 2}, value: 3 bn USD}}
quantities: {n: {count: vote}, money: {sum: value, kind: vote}}
monte_carlo: {replicates: 30}
output: {trajectories: false}
"""


def many(actors: int, label: str) -> str:
    """A scenario in which each of so many actors has ties with all others, and one call is left out."""
    names = [f"A{i:02d}" for i in range(actors)]
    listed = "\n".join(f"  {name}: {{label: {label} {i}}}" for i, name in enumerate(names))
    return f"""\
entente: 1
title: Many ties
period: {{start: 2026-01-01, end: 2026-07-01}}
actors:
{listed}
ties: {{all: true, default: {{strength: 0.1, alignment: 0.1}}}}
kinds:
  call:
    scope: initiator -> target
    rate: {{per_year: 3, log_effects: {{strength: 1}}}}
    effect: {{goldstein: 6, lasting: 0.1, spillover: 0.3}}
calendar: [{{id: first, date: 2026-02-01, kind: call, initiator: A00, target: A01}}]
quantities: {{s: {{strength: A00-A01, at: 2026-03-01}}}}
variants: {{no_first: {{drop: [first]}}}}
uncertain: {{kinds.call.effect.lasting: {{uniform: [0, 0.3]}}}}
monte_carlo: {{replicates: 40}}
output: {{ties: all, every: 1 week}}
"""


SORTS = """\
# The question: does the mediation make war less likely?
entente: 1
title: Six variants and every sort of quantity
period: {start: 2026-01-01, end: 2027-01-01}
actors:
  AAA: {label: Arcadia, lat: 10, lon: 0}
  BBB: {label: Borduria, lat: 12, lon: 20}
  CCC: {label: Cagliostro, lat: -5, lon: 35}
groups: {Three: {members: [AAA, BBB, CCC]}}
ties:
  all: true
  default: {strength: 0.1, alignment: 0.1}
  AAA-BBB: {strength: -0.3, alignment: -0.3, exports: {AAA: 20 bn USD, BBB: 30 bn USD}}
  AAA-CCC: {exports: {AAA: 10 bn USD, CCC: 12 bn USD}}
conditions: {conflict: {on: tie, alignment_shift: -0.3}}
kinds:
  call: {scope: initiator -> target, level: leader, rate: {per_year: 3}, effect: {goldstein: 6, lasting: 0.1}}
  clash: {scope: initiator -> target, rate: {per_year: 0.5}, starts: [conflict], effect: {goldstein: -9}}
  peace_talks: {scope: dyad, level: leader, rate: {per_year: 1}, success: {probability: 0.4}, ends: [conflict]}
  big_summit: {scope: group, level: leader, summit: {group: Three}, effect: {goldstein: 4}}
ongoing: [{condition: conflict, tie: AAA-BBB, since: 2025-01-01, source: a newspaper (m)}]
calendar:
  - {id: summit, date: 2026-05-01, kind: big_summit, host: CCC, group: Three}
  - {id: first-call, date: 2026-02-01, kind: call, initiator: AAA, target: BBB}
interventions:
  - id: mediation
    at: 2026-03-01
    only_in_variants: true
    add: [{id: mediated, after: 20 d, kind: peace_talks, initiator: AAA, target: BBB, source: assumed}]
quantities:
  war: {condition: conflict, tie: AAA-BBB, at: 2026-12-30, dates: 1 month}
  war_days: {condition: conflict, tie: AAA-BBB, take: days}
  average: {strength: AAA-BBB, take: mean, from: 2026-06-01, until: 2026-10-01}
  ab: {strength: AAA-BBB, at: 2026-11-01}
  ac: {strength: AAA-CCC, at: 2026-11-01}
  gap: {combine: [ab, ac], take: difference, above: 0}
  t1: {trade: AAA-BBB}
  t2: {trade: AAA-CCC}
  ratio: {combine: [t1, t2], take: ratio}
  trips: {count: [big_summit, call], tie: [AAA-BBB, AAA-CCC], by: trip}
  any_call: {count: call, initiator: [AAA, CCC], target: BBB, from: 2026-06-01, above: 0}
  peace: {first: peace_talks, tie: AAA-BBB, successful: true, dates: 1 month}
  calls: {count: call, tie: AAA-BBB, dates: [2026-04-01, 2026-08-01, 2026-12-01]}
  level: {strength: AAA-BBB, dates: 1 month, thresholds: [0]}
variants:
  with_mediation: {interventions: [mediation], note: A third party mediates from March 2026.}
  no_summit: {drop: [summit]}
  no_call: {drop: [first-call]}
  fewer_calls: {set: {kinds.call.rate.per_year: x 0.5}}
  a_rather_long_name_of_a_variant: {set: {kinds.clash.rate.per_year: x 2}}
uncertain: {kinds.clash.rate.per_year: {uniform: [0.2, 1]}}
monte_carlo: {replicates: 60, seed: 3}
output: {ties: all, every: 1 week}
"""

STORIES = {
    "mediation": MEDIATION,
    "tariff": TARIFF,
    "votes": NO_TRAJECTORIES,
    "sorts": SORTS,
    "ties_21": many(7, "Republic of the Long Name"),
    "ties_78": many(13, "Kingdom"),
}


def make(name: str, folder: Path) -> Path:
    """The output file of that story, made in `folder`."""
    source, out = folder / f"{name}.yaml", folder / f"{name}.h5"
    source.write_text(STORIES[name], encoding="utf-8")
    program.call(["run", str(source), "-q", "-o", str(out)])
    return out
