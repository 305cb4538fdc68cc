"""No key of the language is silent: changed, it changes results, or the program says that it cannot act.

every_key.py has the scenario, every_key.txt the changes, of which every key of scenarios/schema.json has one, in every
scope of event types that accepts it. Keys that describe change no result: LABELS.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import every_key
import runs
from every_key import BASE, Case, Place
from test_language import load, schema

HERE = Path(__file__).parent
#: Keys for the reader: stored, shown, without influence on what happens.
LABELS = {"label", "note", "source", "title", "region"}
#: Read by commands on results: test_choose.py.
DECLARES = {"choose"}
SCHEMA = schema()
SCENARIO = load(BASE)


def written() -> Iterator[Case]:
    """The cases of every_key.txt; those of rules wherever a rule may be."""
    lines = (HERE / "every_key.txt").read_text().split("\n")
    plain = [line for line in lines if line and not line.startswith("RULE")]
    yield from every_key.cases("\n".join(plain), load)
    homes = {
        "interventions.0.when": "interventions.0.at: -",
        "calendar.8.if": "calendar.8.value: -",
        "kinds.@.then.0.if": "kinds.@.then: [{kind: speech, delay: 9 d}]",
    }
    for home, first in homes.items():
        rules = [line.replace("RULE", home) for line in lines if line.startswith("RULE")]
        yield from every_key.cases("\n".join(line.replace(" with ", f" with {first}; ", 1) for line in rules), load)


def statistics() -> Iterator[Case]:
    """Each statistic in each predictor of an event type of each scope."""
    names = SCHEMA["definitions"]["rate"]["properties"]["log_effects"]["properties"]
    of = {"initiator": "power", "target": "power", "tie": "border", "condition": "pact", "group": "H",
          "condition_initiator": "embargo", "condition_target": "embargo"}
    chance = {"probability": 0.5}
    reply = {"accept": {"probability": 0.5}, "delay": "5 d", "lapse": "60 d"}
    sidelines = [{"kind": "toast", "pairs": "member-member", "probability": 0.5}]
    predictors = {
        "rate.log_effects": {}, "success.log_odds": {"success": chance},
        "then.0.log_odds": {"then": [{"kind": "speech", "probability": 0.5}]},
        "reply.accept.log_odds": {"reply": reply},
        "summit.attendance.log_odds": {"summit": {"group": "G", "attendance": chance}},
        "summit.guest_attendance.log_odds": {"summit": {"group": "G", "guest_attendance": chance}},
        "summit.sidelines.0.log_odds": {"summit": {"group": "G", "sidelines": sidelines}},
    }
    for kind in every_key.SCOPES:
        for predictor, needs in predictors.items():
            setup = tuple((f"kinds.{kind}.{key}", value) for key, value in needs.items())
            for name in names:
                term: dict[str, Any] = {"coefficient": 5, "reference": 0.1}
                if name in of:
                    term["of"] = of[name]
                if name in ("inertia", "reciprocity"):
                    # a larger coefficient would multiply events without end
                    term |= {"coefficient": 0.5, "kind": "call", "half_life": "90 d"}
                if name.startswith("log_"):
                    term["reference"] = {"gdp": 27, "dist": 8, "trad": 20}[name[4:8].rstrip("_")[:4]]
                yield Case(f"kinds.{kind}.{predictor}.{name}", every_key.ABSENT, term, setup)
        for key, before, after, name, more in (
            ("coefficient", 1, 2, "strength", {}), ("reference", 0, 0.5, "strength", {"coefficient": 1}),
            ("of", "power", "other", "initiator", {"coefficient": 1}),
            ("kind", "call", "meet", "inertia", {"coefficient": 1, "half_life": "90 d"}),
            ("half_life", "90 d", "10 d", "inertia", {"coefficient": 1, "kind": "call"}),
        ):
            extra = tuple((f"actors.{a}.attributes.other", n) for n, a in enumerate(("AAA", "BBB", "CCC", "DDD")))
            yield Case(f"kinds.{kind}.rate.log_effects.{name}.{key}", before, after,
                       ((f"kinds.{kind}.rate.log_effects.{name}", {key: before, **more}), *extra))


CASES = [*written(), *statistics()]


def placed(case: Case, keys: int | None = None) -> Place:
    """What the case changes; or what that is part of, so many keys down."""
    value = case.after if case.before == every_key.ABSENT else case.before
    return every_key.place(SCHEMA, case.scenario(SCENARIO, value), every_key.steps(case.path)[:keys])


SECTIONS: dict[str, list[Case]] = {}  # the cases of each section of the language
for each in CASES:
    SECTIONS.setdefault(placed(each).section, []).append(each)

Outcome = tuple[dict[str, object], str]
KNOWN: dict[str, Outcome] = {}  # many cases change the same scenario
Run = Callable[[Path, dict[str, Any]], Outcome]


def outcome(folder: Path, scenario: dict[str, Any]) -> Outcome:
    """What happens in the simulated futures, and what the program says; nothing happens where it refuses."""
    text = json.dumps(scenario)
    name = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    path, out = folder / f"{name}.yaml", folder / f"{name}.h5"
    if text in KNOWN:
        return KNOWN[text]
    path.write_text(text)
    command = ("sweep", path, "-o", out, "-j", 1) if "sweep" in scenario else ("run", path, "-o", out, "-j", 1)
    done = runs.entente(*command)
    told = "\n".join(line for line in done.stderr.split("\n") if ": warning: " in line or ": error: " in line)
    assert done.returncode in (0, 65, 70), done.stderr
    happened = ("events/", "quantity_value", "strength", "alignment", "trade", "time", "status", "metric")
    results = runs.results(out) if out.exists() else {}
    out.unlink(missing_ok=True)
    KNOWN[text] = {name: hash(str(value)) for name, value in results.items() if name.startswith(happened)}, told
    return KNOWN[text]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in every_key.FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def prepare(folder: Path, cases: list[Case]) -> None:
    """Runs each scenario of the cases, once."""
    made = (case.scenario(SCENARIO, value) for case in cases for value in (case.before, case.after))
    distinct = {json.dumps(scenario): scenario for scenario in made}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda scenario: outcome(folder, scenario), distinct.values()))


def acts(folder: Path, case: Case, run: Run = outcome) -> str:
    """Empty if the key changes what happens, or the program says that it does not; else what is wrong."""
    made = [case.scenario(SCENARIO, value) for value in (case.before, case.after)]
    (first, said), (second, told) = (run(folder, scenario) for scenario in made)
    name = case.path.replace("\\.", "").rsplit(".", 1)[1] if "." in case.path else case.path
    refused = [text for results, text in ((first, said), (second, told)) if not results]
    idle = [line for line in (said + "\n" + told).split("\n") if "does nothing" in line or "has no effect" in line]
    if refused:
        return "" if all(refused) else "refused without a word"
    return "" if first != second or idle else f"silent {name}: {case.before} and {case.after} give the same"


def test_the_scenario_is_right(folder: Path) -> None:
    results, told = outcome(folder, SCENARIO)
    assert results and told == ""


def test_every_key_has_a_case() -> None:
    """A key with keys of its own has the cases of these."""
    covered = {placed(case, n) for case in CASES for n in range(1 + len(every_key.steps(case.path)))}
    assert sorted(required() - covered) == []


def required() -> set[Place]:
    """All keys but those that describe or declare, and the forms of a distribution."""
    places = {place for place in every_key.places(SCHEMA) if place.section not in DECLARES}
    return {place for place in places if place.key not in {*LABELS, *DECLARES, "constant"}}


#: Sections of so many cases that they take long.
MANY = 10
BY_COST = [
    pytest.param(name, marks=[pytest.mark.long] if len(SECTIONS[name]) > MANY else []) for name in sorted(SECTIONS)
]


@pytest.mark.parametrize("section", BY_COST)
def test_no_key_is_silent(folder: Path, section: str) -> None:
    cases = SECTIONS[section]
    prepare(folder, cases)
    problems = [(case.path, acts(folder, case)) for case in cases]
    assert [(path, problem) for path, problem in problems if problem] == []


PLANTED = ("kinds.call.effect.lasting", "trade.tariffs.t.phase_in", "calendar.8.if", "conditions.pact.trade.tail",
           "kinds.meet.rate.log_effects.strength", "quantities.q.from")


@pytest.mark.parametrize("path", PLANTED)
def test_a_key_that_is_read_and_dropped_is_caught(folder: Path, path: str) -> None:
    """As by a program that reads the key, says nothing, and simulates without it."""
    case = next(case for case in CASES if case.path == path)

    def drops(folder: Path, scenario: dict[str, Any]) -> Outcome:
        made = copy.deepcopy(scenario)
        every_key.put(made, path, every_key.ABSENT)
        return outcome(folder, made)

    assert acts(folder, case) == ""
    assert "silent" in acts(folder, case, drops)


def test_keys_that_describe_change_nothing(folder: Path) -> None:
    labelled = copy.deepcopy(SCENARIO)
    for path in (
        "actors.AAA", "groups.G", "conditions.pact", "kinds.call", "calendar.0", "interventions.0", "variants.changed",
    ):  # fmt: skip
        every_key.put(labelled, f"{path}.note", "a note")
        every_key.put(labelled, f"{path}.label", "A label")
    labelled["choose"] = {"options": ["base", "changed"], "max": "strength", "min": "calls"}
    assert outcome(folder, labelled) == outcome(folder, SCENARIO)
