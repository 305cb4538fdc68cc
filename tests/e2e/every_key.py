"""Every key of the language in a small scenario that uses it: BASE, and CASES that change one key of it each.

A line of CASES is `PATH: BEFORE => AFTER`, the values of one key; `-` leaves the key out. What follows `with` is set in
both. `@` stands for an event type of each of the four scopes. Which key of the language a path leads to follows from
scenarios/schema.json, so that a case cannot claim another one.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

#: An event type of each scope.
SCOPES = {"call": "initiator -> target", "meet": "dyad", "vote": "actor", "gather": "group"}
ABSENT = "-"

BASE = """
entente: 1
title: Every key
period: {start: 2026-01-01, end: 2027-01-01}
actors:
  AAA: {gdp: 900 bn USD, lat: 10, lon: 0, attributes: {power: 3}}
  BBB: {gdp: 400 bn USD, lat: 12, lon: 20, attributes: {power: 1}}
  CCC: {gdp: 100 bn USD, lat: -5, lon: 35, attributes: {power: 2}}
  DDD: {gdp: 50 bn USD, lat: 30, lon: 60, attributes: {power: 1.5}}
groups:
  G: {members: [{actor: AAA}, {actor: BBB}, {actor: CCC}], chair: {2026: AAA}}
  H: {members: [{actor: BBB}, {actor: CCC}]}
ties:
  all: true
  default: {attributes: {border: 0}}
  relax: {strength: 60 d, alignment: 1 y}
  AAA-BBB: {strength: 0.3, alignment: 0.2, exports: {AAA: 20 bn USD, BBB: 30 bn USD}, attributes: {border: 1}}
  AAA-CCC: {strength: 0.1, alignment: -0.1, exports: {AAA: 10 bn USD, CCC: 12 bn USD}}
  BBB-CCC: {strength: -0.2, alignment: 0.1, exports: {BBB: 8 bn USD, CCC: 6 bn USD}}
  AAA-DDD: {strength: 0.2, alignment: 0.1, exports: {AAA: 1 bn USD, DDD: 2 bn USD}}
trade: {relax: 1 y, alignment_effect: 0.9, atmosphere_effect: 0.1}
conditions:
  pact: {on: tie, alignment_shift: 0.2, trade: {shift: 0.3, phase_in: 30 d, tail: 60 d}}
  unrest: {on: actor, alignment_shift: -0.1}
  embargo: {directed: true, alignment_shift: -0.1}
kinds:
  call:
    scope: initiator -> target
    rate: {per_year: 2}
    effect: {goldstein: 4, lasting: 0.2}
  meet:
    scope: dyad
    rate: {per_year: 2}
    effect: {goldstein: 3, lasting: 0.1}
  vote:
    scope: actor
    rate: {per_year: 3}
  gather:
    scope: group
    effect: {goldstein: 3, lasting: 0.1, pairs: {host-member: 1, host-guest: 1, member-member: 0.5}}
    summit: {group: G, attendance: 0.8, guest_attendance: 0.8}
  ask:
    scope: initiator -> target
    effect: {goldstein: 1}
    reply: {accept: 0.6, delay: {exponential: 10 d}, lapse: 60 d}
  deal:
    scope: initiator -> target
    rate: {per_year: 2}
    value: {lognormal: {median: 5 bn USD, sigma: 0.5}}
    sectors: {energy: 0.5, mining: 0.5}
    deal: {delivered: 0.5, duration: 1 y}
  visit:
    scope: initiator -> target
    level: leader
    in_person: true
    days: 4
    rate: {per_year: 6}
  thanks: {scope: initiator -> target, effect: {goldstein: 1}}
  toast: {scope: initiator -> target, effect: {goldstein: 1}}
  speech: {scope: actor}
  open: {scope: initiator -> target, starts: [pact]}
  shut: {scope: initiator -> target, ends: [pact]}
  rise: {scope: actor, starts: [unrest]}
  bar: {scope: initiator -> target, starts: [embargo], rate: {per_year: 1}}
calendar:
  - {id: call-1, date: 2026-02-01, kind: call, initiator: AAA, target: BBB}
  - {id: meet-1, date: 2026-02-10, kind: meet, initiator: AAA, target: CCC}
  - {id: vote-1, date: 2026-02-20, kind: vote, initiator: BBB}
  - {id: gather-1, date: 2026-06-20, kind: gather, host: AAA, group: G, guests: [DDD]}
  - {id: ask-1, date: 2026-05-01, kind: ask, initiator: AAA, target: DDD, to: gather-1}
  - {id: open-1, date: 2026-03-01, kind: open, initiator: AAA, target: BBB}
  - {id: shut-1, date: 2026-09-01, kind: shut, initiator: AAA, target: BBB}
  - {id: rise-1, date: 2026-10-01, kind: rise, initiator: CCC}
  - {id: thanks-1, date: 2026-08-01, kind: thanks, initiator: BBB, target: AAA}
  - {id: toast-1, date: 2026-08-02, kind: toast, initiator: BBB, target: AAA}
  - {id: speech-1, date: 2026-08-03, kind: speech, initiator: BBB}
history:
  - {id: h1, date: 2025-12-01, kind: call, initiator: AAA, target: BBB}
  - {id: h2, date: 2025-12-02, kind: gather, host: AAA, group: G, attend: [AAA, BBB]}
interventions:
  - id: change
    at: 2026-07-01
    open: [{condition: pact, tie: AAA-CCC}]
    add: [{id: later, after: 5 d, kind: toast, initiator: AAA, target: CCC}]
  - {id: other, at: 2026-08-01, close: [{condition: pact, tie: AAA-CCC}], only_in_variants: true}
quantities:
  strength: {strength: AAA-BBB, at: 2026-12-31}
  calls: {count: call}
variants:
  changed: {set: {kinds.call.rate.per_year: 3}}
monte_carlo: {replicates: 12, seed: 7}
output: {every: 20 d, ties: all, precision: {strength: 0, trade: 0}}
"""

#: Other files, by name.
FILES = {
    "actors.csv": "name,gdp_usd,lat,lon,power,region\nAAA,9e11,10,0,3,x\nEEE,9e11,10,0,3,x\nFFF,1e11,20,10,1,y\n",
    "other.csv": "name,gdp_usd,lat,lon,power,region\nEEE,3e11,10,0,2,x\n",
    "ties.csv": "a,b,strength,alignment\nBBB,DDD,-0.5,-0.5\n",
    "tariffs.csv": "name,importer,exporter,date,rate\nt,AAA,BBB,2026-04-01,0.2\nu,BBB,CCC,2026-04-01,0.3\n",
    "conditions.yaml": "conditions: {pact: {trade: {shift: 0.9}}}\n",
    "draws.csv": "kinds.call.rate.per_year,rate,kinds.meet.rate.per_year\n1,5,1\n2,6,9\n3,9,2\n",
    "draws2.csv": "kinds.call.rate.per_year,kinds.meet.rate.per_year\n4,7\n5,8\n",
    "library.yaml": "parameters: {where: {of: group, default: G}}\n"
                    "kinds:\n  fair: {scope: group, summit: {group: $where}}\n"
                    "  talk: {scope: dyad, rate: {per_year: 3}, effect: {goldstein: 2}}\n",
    "second.yaml": "kinds:\n  talk: {scope: dyad, rate: {per_year: 5}, effect: {goldstein: 2}}\n",
    "first.yaml": "note: first\ncalendar: [{id: early, date: 2026-01-20, kind: toast, initiator: AAA, target: BBB}]\n",
    "zero.yaml": "note: zero\ncalendar: [{id: early, date: 2026-01-25, kind: toast, initiator: AAA, target: CCC}]\n",
}


class Case(NamedTuple):
    path: str
    before: Any
    after: Any
    setup: tuple[tuple[str, Any], ...]

    def scenario(self, base: dict[str, Any], value: Any) -> dict[str, Any]:
        made = copy.deepcopy(base)
        for path, given in (*self.setup, (self.path, value)):
            put(made, path, copy.deepcopy(given))
        return made


def steps(path: str) -> list[str | int]:
    """A path's keys; parts of a number are positions, and \\. is a dot within a key."""
    parts = path.replace("\\.", "\0").split(".")
    return [int(part) if part.isdigit() and len(part) < 3 else part.replace("\0", ".") for part in parts]


def put(made: Any, path: str, value: Any) -> None:
    *way, last = steps(path)
    for here, following in zip(way, [*way[1:], last], strict=False):
        if isinstance(here, str) and made.get(here) is None:
            made[here] = [] if isinstance(following, int) else {}
        if isinstance(here, int) and here == len(made):
            made.append({})
        made = made[here]
    if value == ABSENT:
        if isinstance(made, list) or last in made:
            del made[last]
    elif isinstance(last, int) and last == len(made):
        made.append(value)
    else:
        made[last] = value


def cases(text: str, load: Any) -> Iterator[Case]:
    for line in text.strip().split("\n"):
        line, _, setup = line.partition(" with ")
        path, _, change = line.partition(": ")
        before, _, after = change.partition(" => ")
        assert after, line
        given = [part.partition(": ") for part in setup.split("; ")] if setup else []
        for kind in SCOPES if "@" in path else [""]:
            def value(written: str, kind: str = kind) -> Any:
                return ABSENT if written.strip() == ABSENT else load(f"x: {written.replace('@', kind)}")["x"]

            yield Case(path.replace("@", kind), value(before), value(after),
                       tuple((where.replace("@", kind), value(what)) for where, _, what in given))


class Place(NamedTuple):
    section: str  # as scenarios/schema.json calls it
    key: str
    scope: str  # of the event type in which it is, "" elsewhere


def place(schema: dict[str, Any], made: dict[str, Any], path: list[str | int]) -> Place:
    """What the last key of a path is in the language; below that a value is."""
    way = [*path, ""]
    owner, node, found, scope = "scenario", schema, Place("", "", ""), ""
    for step, following in itertools.pairwise(way):
        properties, free = node.get("properties", {}), node.get("additionalProperties")
        if isinstance(step, int):
            owner, node = opened(schema, owner, node.get("items", {}), following)
        elif step in properties:
            found = Place(owner, step, scope)
            owner, node = opened(schema, step, properties[step], following)
        elif isinstance(free, dict):
            if owner == "kinds":
                scope = made["kinds"][step]["scope"]
            owner, node = opened(schema, owner, free, following)
        else:
            break
    return found


def opened(
    schema: dict[str, Any], owner: str, node: dict[str, Any], following: str | int
) -> tuple[str, dict[str, Any]]:
    """The mapping (before a position: the list) that a value may be, and the name of its section."""
    while "$ref" in node or "anyOf" in node:
        if "$ref" in node:
            owner = node["$ref"].rsplit("/", 1)[1]
            node = schema["definitions"][owner]
        else:
            forms = [form for form in node["anyOf"] if form.get("type") == "array"]
            if not (isinstance(following, int) and forms):
                forms = [form for form in node["anyOf"] if "$ref" in form or "properties" in form] or forms
            if not forms:
                break
            node = forms[0]
    return owner, node


def places(schema: dict[str, Any]) -> set[Place]:
    """All keys of the language, each in each scope of the event types in which it may be."""
    found: set[Place] = set()

    def walk(owner: str, node: dict[str, Any], scope: str) -> None:
        for following in ("", 0):
            name, inside = opened(schema, owner, node, following)
            for key, value in inside.get("properties", {}).items():
                if Place(name, key, scope) not in found:
                    found.add(Place(name, key, scope))
                    walk(key, value, scope)
            if "items" in inside:
                walk(name, inside["items"], scope)
            if isinstance(inside.get("additionalProperties"), dict):
                for below in SCOPES.values() if name == "kinds" else [scope]:
                    walk(name, inside["additionalProperties"], below)

    walk("scenario", schema, "")
    return found
