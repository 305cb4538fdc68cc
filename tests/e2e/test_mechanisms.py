"""docs/mechanisms.md holds: every row of its table is expressed by the keys that it names, and such events are in
the log of every scenario that it names."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import runs
from logs import Event, Result

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
DOCUMENT = (ROOT / "docs" / "mechanisms.md").read_text()
SCENARIOS = {path.stem: path for path in (ROOT / "scenarios").glob("*-20*.yaml") if path.stem != "world-2027"} | {
    "ukraine-talks": ROOT / "scenarios" / "ukraine-talks.yaml"
}
EXAMPLES = {name: ROOT / "scenarios" / "examples" / f"{name}.yaml" for name in ("saudi-iran", "niger-2023")}
KINDS = (ROOT / "scenarios" / "kinds" / "diplomacy.yaml").read_text()
VARIANTS = {
    "central-asia-2026": ["declined", "no_summit"],
    "c5plus1-2025": ["no_accession", "astana_declines"],
    "niger-2023": ["no_sanctions"],
    "ukraine-talks": ["war_ends", "war_and_sanctions_end"],
    "white-house-2018": ["no_contracts"],
    "saudi-iran": ["no_mediation"],
}
REPLICATES = 12


def table() -> dict[str, tuple[str, str]]:
    """The first table: mechanism -> (keys, where)."""
    rows = {}
    for line in DOCUMENT[: DOCUMENT.index("## The dated facts")].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if len(cells) == 3 and cells[0] not in ("mechanism", "---"):
            rows[cells[0]] = (cells[1], cells[2])
    return rows


TABLE = table()


def named_scenarios(where: str) -> list[str]:
    if re.search(r"\ball\b", where):
        return list(SCENARIOS)
    return [name for name in SCENARIOS | EXAMPLES if name in where]


class Run:
    """Logs of one scenario: `logs[variant]` has a list of events for each replicate."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        result = Result(path)
        self.variants = result.variants
        self.logs = {variant: result.logs(variant) for variant in result.variants}
        self.quantities = {
            variant: {quantity: result.quantity(quantity, variant) for quantity in result.names}
            for variant in result.variants
        }
        self.text = (SCENARIOS | EXAMPLES)[name].read_text()

    def replicates(self) -> Iterator[list[Event]]:
        for logs in self.logs.values():
            yield from logs

    def find(self, *kinds: str, variant: str = "", **columns: object) -> list[tuple[list[Event], Event]]:
        """Events held, each with its replicate's log."""
        return [
            (log, event)
            for name, logs in self.logs.items()
            for log in logs
            for event in log
            if event.kind in kinds and event.status == "held" and variant in ("", name)
            and all(getattr(event, column) == value for column, value in columns.items())
        ]


@pytest.fixture(scope="module")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    folder = tmp_path_factory.mktemp("mechanisms")

    @functools.cache
    def run(name: str) -> Run:
        out = folder / f"{name}.h5"
        variants = [word for variant in VARIANTS[name] for word in ("--variant", variant)]
        runs.run((SCENARIOS | EXAMPLES)[name], out, "-n", REPLICATES, "-q", *variants)
        return Run(name, out)

    return run


def parents(found: list[tuple[list[Event], Event]]) -> set[str]:
    return {log[event.parent].kind for log, event in found if event.parent >= 0}


def met(run: Run, kind: str, role: str) -> set[str]:
    return {event.initiator for _, event in run.find(kind, role=role) if event.summit >= 0}


# ---- one check a row: what must be in the log of each scenario that the row names ---------------------------


def call(run: Run) -> None:
    assert run.find("call", level="leader", cause="baseline") and run.find("call", cause="excited")
    if run.name == "central-asia-2026":
        assert {event.target for _, event in run.find("call", cause="calendar", initiator="USA")} == {"KAZ", "UZB"}


def statement(run: Run) -> None:
    assert run.find("statement", cause="calendar", level="leader")
    assert {"call", "leader_visit"} <= parents(run.find("statement"))


class Answer(NamedTuple):
    """To an invitation to a summit that was held: what it was, and the actor's row at the summit if it came."""

    reply: str
    time: float
    summit: Event
    row: Event | None


def answers(run: Run, variant: str) -> Iterator[Answer]:
    for log in run.logs[variant]:
        heads = [e for e in log if e.kind in ("c5_summit", "g20_summit") and e.summit < 0 and e.time >= 0]
        for asked in (e for e in log if e.kind == "invitation" and e.cause == "calendar"):
            summit = next((e for e in heads if e.time > asked.time and e.status == "held"), None)
            if summit is None:
                continue
            reply = next(e for e in log if e.parent == asked.row and e.kind in ("acceptance", "refusal", "lapse"))
            rows = [e for e in log if e.summit == summit.row and e.initiator == asked.target and e.kind == summit.kind]
            assert len(rows) <= 1
            yield Answer(reply.kind, reply.time, summit, rows[0] if rows else None)


def check_who_comes(run: Run) -> None:
    """Who declines stays away; who accepts comes, as a guest unless it is a member; all is said before the summit."""
    came: dict[tuple[str, str], list[bool]] = {}
    for variant in run.logs:
        for answer in answers(run, variant):
            assert answer.time <= answer.summit.time
            came.setdefault((answer.reply, answer.summit.kind), []).append(answer.row is not None)
            if answer.row is not None:
                assert answer.row.role == ("guest" if answer.summit.kind == "g20_summit" else "member")
    assert came
    for (reply, kind), rows in came.items():
        if reply == "acceptance":
            assert len(rows) > 10 and np.mean(rows) > 0.7, came
        elif reply == "refusal" or kind == "g20_summit":  # nobody invited to it is a member
            assert not any(rows), came


def invitation(run: Run) -> None:
    for guest in ("KAZ", "UZB"):
        assert run.find("invitation", initiator="USA", target=guest, cause="calendar")
        assert "invitation" in parents(run.find("acceptance", initiator=guest, target="USA", variant="base"))
    assert met(run, "g20_summit", "guest") == {"KAZ", "UZB"}
    assert {answer.reply for answer in answers(run, "declined")} == {"refusal"}
    check_who_comes(run)


def invitation_to_many(run: Run) -> None:
    log = run.logs["base"][0]
    invited = [e for e in log if e.kind == "invitation" and e.cause == "calendar" and 0 <= e.time < 10]
    assert {e.target for e in invited} == {"KAZ", "KGZ", "TJK", "TKM", "UZB"}
    assert len({e.time for e in invited}) == 1
    check_who_comes(run)


def replies(run: Run) -> None:
    of = {kind: parents(run.find(kind)) for kind in ("acceptance", "refusal", "lapse")}
    assert all("visit_invitation" in found for found in of.values()), of
    variant = {"central-asia-2026": "declined", "c5plus1-2025": "astana_declines"}.get(run.name)
    if variant:
        assert "invitation" in parents(run.find("refusal", initiator="KAZ", target="USA", variant=variant))


def counter_invitation(run: Run) -> None:
    assert {e.initiator for _, e in run.find("visit_invitation", cause="calendar", target="USA")} == {"KAZ", "UZB"}
    visits = run.find("leader_visit", cause="consequence")
    origins = parents(visits)
    assert origins & {"visit_invitation", "acceptance"}, origins
    host_invited = [  # who was invited travels, who invited is the host
        (log[e.parent], e) for log, e in visits if e.parent >= 0 and log[e.parent].kind == "visit_invitation"
    ]
    assert all((a.initiator, a.target) == (e.target, e.initiator) for a, e in host_invited)
    assert any(e.target in ("KAZ", "UZB") and e.initiator == "USA" for _, e in visits)


def envoy_tour(run: Run) -> None:
    for log in run.logs["base"]:
        tours = [e for e in log if e.kind == "envoy_tour" and e.cause == "calendar"]
        stops = [e for e in log if e.kind == "envoy_stop" and e.parent >= 0 and log[e.parent] in tours]
        assert len(tours) == 1 and [e.target for e in stops] == ["UZB", "UZB", "KAZ"]
        assert stops[0].time < stops[1].time < stops[2].time
        talks = [e.target for e in log if e.kind == "minister_visit" and e.parent >= 0 and log[e.parent] in tours]
        assert talks == ["UZB", "KAZ"]  # received by the presidents


def state_visit(run: Run) -> None:
    assert run.find("leader_visit", level="leader", cause="baseline")
    if run.name == "white-house-2018":
        assert run.find("leader_visit", initiator="KAZ", target="USA", cause="calendar")


def summit(run: Run) -> None:
    kinds = {"c5plus1-2025": ["c5_summit", "g20_summit"], "central-asia-2026": ["g20_summit"]}[run.name]
    for kind in kinds:
        heads = [(log, e) for log, e in run.find(kind, variant="base") if e.summit < 0 and e.time >= 0]
        assert len(heads) == REPLICATES and all(e.initiator == "USA" and e.group for _, e in heads)
        members = 0  # of five and more, each of whom comes with 0.9 or 0.95
        for log, head in heads:
            came = [e for e in log if e.summit == head.row and e.kind == kind]
            assert len(came) > 1 and all(e.target == "USA" and e.parent == head.row for e in came)
            members += sum(e.role == "member" for e in came)
        assert members > 4 * REPLICATES
    assert met(run, "g20_summit", "guest") == {"KAZ", "UZB"}
    assert len({len([e for e in log if e.kind == "g20_summit"]) for log in run.logs["base"]}) > 1  # not all come


def sidelines(run: Run) -> None:
    found = run.find("sideline_meeting", cause="consequence")
    assert found and parents(found) <= {"g20_summit", "c5_summit"}
    for log, event in found:
        summits = log[event.parent]
        assert event.time == summits.time
        came = {e.initiator for e in log if e.summit == summits.row} | {summits.initiator}
        assert {event.initiator, event.target} <= came


def ministers(run: Run) -> None:
    for log in run.logs["base"]:
        assert sum(e.kind == "c5_ministers" and e.cause == "calendar" for e in log) == 2
    assert met(run, "c5_ministers", "member") >= {"KAZ", "KGZ", "TJK", "TKM", "UZB"}


def membership(run: Run) -> None:
    kind, actor, meeting = {
        "white-house-2018": ("enlargement", "AFG", "c5_ministers"),
        "c5plus1-2025": ("exclusion", "ZAF", "g20_summit"),
    }[run.name]
    changes = run.find(kind, target=actor, cause="calendar")
    assert changes
    present = {True: 0, False: 0}  # after the change, without it
    for log in run.replicates():
        moment = next((e.time for e in log if e.kind == kind and e.target == actor), np.inf)
        for e in log:
            if e.kind == meeting and e.role == "member" and e.initiator == actor:
                present[e.time > moment] += 1
    assert present[False] == 0 and (present[True] == 0) == (kind == "exclusion")  # excluded before the only summit


def chair(run: Run) -> None:
    meetings = [e for _, e in run.find("g20_summit") if e.summit < 0 and e.time >= 0]
    assert "host" not in next(line for line in run.text.splitlines() if "id: g20-miami" in line)
    assert meetings and all(e.initiator == "USA" for e in meetings)


def accession(run: Run) -> None:
    found = run.find("accession", initiator="KAZ", group="Abraham Accords")
    assert found and not run.find("accession", variant="no_accession")
    with_it, without = (run.quantities[v] for v in ("base", "no_accession"))
    assert (with_it["kaz_israel"] != without["kaz_israel"]).all()  # the members'
    assert (with_it["kaz_iran"] != without["kaz_iran"]).all()  # and, by spillover, third parties'


def deals(run: Run) -> None:
    memoranda, contracts = run.find("memorandum"), run.find("contract")
    assert all(e.value_usd > 0 and e.sector for _, e in memoranda + contracts)
    signed = [(log[e.parent], e) for log, e in contracts if e.cause == "consequence"]
    assert any(a.kind == "memorandum" and e.value_usd < a.value_usd for a, e in signed)
    if run.name == "white-house-2018":
        parts = [e for e in run.logs["base"][0] if e.kind == "package_contract"]
        assert len(parts) == 7 and abs(sum(e.value_usd for e in parts) - 7e9) < 1e5
        base, without = (run.quantities[v] for v in ("base", "no_contracts"))
        assert base["announced"].mean() > without["announced"].mean() + 5e9
        assert (base["delivered"] <= base["contracted"]).all() and base["delivered"].sum() > 0


def pipeline(run: Run) -> None:
    projects = [
        [e for e in log if e.kind == "contract" and e.status == "held" and log[e.parent].kind == "project_pipeline"]
        for log in run.logs["base"]
    ]
    assert max(map(len, projects)) > 1
    assert len({e.time for log in projects for e in log}) == sum(map(len, projects))  # one by one
    assert all(1e9 < e.value_usd < 1e12 for _, e in run.find("project_pipeline"))


def institution(run: Run) -> None:
    if run.name == "c5plus1-2025":
        assert run.find("council_founded", initiator="UZB", target="USA", cause="calendar")
    assert run.find("fund_founded", initiator="USA", target="UZB")
    assert all(f"starts: [{name}]" in KINDS for name in ("council", "investment_fund"))


def dialogue(run: Run) -> None:
    for log in run.logs["base"]:
        yearly = sum(e.kind == "strategic_dialogue" and e.cause == "calendar" for e in log)
        assert yearly == (2 if run.name == "white-house-2018" else 1)


def subnational(run: Run) -> None:
    for log in run.logs["base"]:
        dated = [e for e in log if e.kind == "subnational_delegation" and e.cause == "calendar"]
        assert len(dated) == 3 and all((e.initiator, e.target) == ("UZB", "USA") for e in dated)
    assert run.find("subnational_delegation", cause="baseline")


def conflict(run: Run) -> None:
    if run.name == "white-house-2018":  # of an actor, which talks end
        assert run.find("peace_talks", target="AFG")
        return
    clashes = [e for _, e in run.find("clash") if {e.initiator, e.target} == {"RUS", "UKR"}]
    assert {"baseline", "excited"} <= {e.cause for e in clashes}
    if run.name == "ukraine-talks":
        base, ended = (run.quantities[v] for v in ("base", "war_ends"))
        assert base["war"].mean() > 0.4 > ended["war"].mean()
        assert base["clashes"].mean() > 2 * ended["clashes"].mean()


def peace_talks(run: Run) -> None:
    assert run.find("peace_talks", cause="baseline")
    if run.name == "white-house-2018":
        return
    assert run.find("peace_talks", cause="calendar")
    assert {e.success for _, e in run.find("peace_talks")} == {0, 1}


def venue_offer(run: Run) -> None:
    assert {e.target for _, e in run.find("venue_offer", initiator="KAZ")} == {"RUS", "UKR"}
    assert "venue_offer" in parents(run.find("peace_talks", cause="excited"))


def mediation(run: Run) -> None:
    assert met(run, "talks", "mediator") == {"CHN", "IRQ"}
    assert {e.success for _, e in run.find("talks", cause="calendar")} == {0, 1}
    assert parents(run.find("agreement")) == {"talks"}


def sanctions(run: Run) -> None:
    assert run.find("sanction_threat", cause="calendar")
    assert run.find("sanction_imposed") and run.find("sanction_eased")
    base, ended = (run.quantities[v]["us_sanctions"] for v in ("base", "war_and_sanctions_end"))
    assert base.mean() > 0.5 > ended.mean()


def decisions(run: Run) -> None:
    for kind, act in (("decision", "sanction_imposed"), ("lifting", "sanction_eased")):
        found = run.find(kind, target="NER", group="ECOWAS")
        assert found
        for log, decision in found:
            acts = [event for event in log if event.parent == decision.row and event.status == "held"]
            assert all(event.kind == act and event.target == "NER" for event in acts)
            assert len({event.initiator for event in acts}) == len(acts)
    assert len({event.initiator for _, event in run.find("sanction_imposed")}) > 4
    assert not run.find("decision", variant="no_sanctions")


def criticism(run: Run) -> None:
    for kind in ("criticism", "threat"):
        found = [e.strength for _, e in run.find(kind, cause="baseline")]
        assert found and np.mean(found) < np.mean([e.strength for _, e in run.find("call", cause="baseline")])


def recognition(run: Run) -> None:
    assert run.find("recognition", initiator="USA", target="KAZ", cause="history")


def unions(run: Run) -> None:
    for union in ("EU", "AU"):
        assert any(union in (e.initiator, e.target) for _, e in run.find("minister_visit", "call", "statement"))
    assert not run.find("clash", initiator="EU")


def history(run: Run) -> None:
    past = [e for log in run.logs["base"] for e in log if e.cause == "history"]
    assert past and all(e.time < 0 for e in past)
    if run.name != "white-house-2018":
        log = run.logs["base"][0]
        assert any(e.role == "member" and log[e.summit].cause == "history" for e in log if e.kind == "c5_summit")


def open_day(run: Run) -> None:
    for kind, certain in (("fund_founded", False), ("strategic_dialogue", True)):
        times = [e.time for _, e in run.find(kind, cause="calendar", variant="base")]
        assert 0 < len(times) <= REPLICATES and len(set(times)) == len(times)
        assert (len(times) == REPLICATES) == certain


def interventions(run: Run) -> None:
    stops = run.find("envoy_stop", cause="intervention")
    assert {e.target for _, e in stops} == {"RUS", "UKR"}
    assert run.quantities["war_ends"]["war"].mean() < run.quantities["base"]["war"].mean()


CHECKS: dict[str, Callable[[Run], None]] = {
    "call": call,
    "public statement": statement,
    "invitation to a summit, with a reply": invitation,
    "invitation to many": invitation_to_many,
    "replies: accepted, declined, lapsed": replies,
    "counter-invitation, later visit": counter_invitation,
    "envoy tour with stops": envoy_tour,
    "bilateral summit, state visit": state_visit,
    "multilateral summit with host, members, guests": summit,
    "sideline meetings": sidelines,
    "meeting of a group below the leaders": ministers,
    "group membership that changes": membership,
    "chair of a group by period": chair,
    "accord accession that touches third parties": accession,
    "deal with value and sectors; announced, contracted, delivered": deals,
    "pipeline of projects delivered over time": pipeline,
    "institution with a lasting effect": institution,
    "recurring dialogue": dialogue,
    "subnational delegation": subnational,
    "conflict as a lasting state": conflict,
    "peace talks, which end with the war": peace_talks,
    "venue offer (not mediation)": venue_offer,
    "mediation by a third party, a mediated agreement": mediation,
    "sanctions, imposed and eased": sanctions,
    "a group decides about a state, and each member acts on it": decisions,
    "criticism and threats": criticism,
    "recognition": recognition,
    "actors that are not states": unions,
    "history before the start": history,
    "dated fact whose day is unknown": open_day,
    "what if, at a date or when a threshold is crossed": interventions,
}


def test_every_row_has_a_check() -> None:
    assert set(TABLE) == set(CHECKS)
    assert all(named_scenarios(where) for _, where in TABLE.values())


PAIRS = [(mechanism, name) for mechanism, (_, where) in TABLE.items() for name in named_scenarios(where)]


@pytest.mark.parametrize(("mechanism", "name"), PAIRS, ids=[f"{m}-{n}" for m, n in PAIRS])
def test_is_in_the_log(run_of: Callable[[str], Run], mechanism: str, name: str) -> None:
    CHECKS[mechanism](run_of(name))


@pytest.mark.parametrize("mechanism", TABLE)
def test_what_is_named_is_there(mechanism: str) -> None:
    """Keys, kinds and conditions of the second column, ids, kinds and variants of the third."""
    keys, where = TABLE[mechanism]
    texts = {name: path.read_text() for name, path in (SCENARIOS | EXAMPLES).items()}
    everything = "\n".join([KINDS, *texts.values(), (ROOT / "scenarios" / "schema.json").read_text()])
    for code in re.findall(r"`([^`]+)`", keys):
        for word in re.findall(r"\b[a-z][a-z_]+\b", re.sub(r"[A-Z]{2,}\S*", "", code)):
            assert re.search(rf"\b{word}\b", everything), f"{mechanism}: {word}"
    named = named_scenarios(where)
    for word in re.findall(r"`([^`]+)`", where):
        texts_of_row = "\n".join(texts[name] for name in named) + KINDS
        assert re.search(rf"(?<![\w-]){re.escape(word.split('/')[0])}(?![\w-])", texts_of_row), f"{mechanism}: {word}"


@pytest.mark.long
def test_astana_declines(tmp_path: Path) -> None:
    """Kazakhstan is not in Washington in any of 300 replicates; what the variant does to its meetings with the
    United States is that they lack those of that day."""
    out = tmp_path / "out.h5"
    runs.run(SCENARIOS["c5plus1-2025"], out, "-n", 300, "-q", "--variant", "astana_declines")
    run = Run("c5plus1-2025", out)

    def in_washington(variant: str) -> np.ndarray:
        meetings = []
        for log in run.logs[variant]:
            head = next(e for e in log if e.kind == "c5_summit" and e.summit < 0 and e.time >= 0)
            there = [e for e in log if e.summit == head.row and e.initiator == "KAZ"]
            beside = [e for e in log if e.kind == "sideline_meeting" and e.parent == head.row]
            if not there:
                assert not any("KAZ" in (e.initiator, e.target) for e in beside)
            meetings.append(len(there) + sum({e.initiator, e.target} == {"KAZ", "USA"} for e in beside))
        return np.array(meetings)

    assert not in_washington("astana_declines").any()
    base = in_washington("base")
    assert base.all() and base.max() == 2  # it came, and in some replicates a meeting aside
    lost = run.quantities["base"]["kaz_meetings"] - run.quantities["astana_declines"]["kaz_meetings"]
    later = lost - 1  # what the trip of the day would have led to
    assert abs(later.mean()) < 0.1
    assert (later == 0).mean() > 0.8


def test_every_event_leads_back_to_a_beginning(run_of: Callable[[str], Run]) -> None:
    """From any deal to the calendar, the history, an intervention or a baseline event; none is its own ancestor."""
    deals_seen = 0
    for name in SCENARIOS:
        for log in run_of(name).replicates():
            for event in log:
                deals_seen += event.kind == "contract"
                assert event.parent < event.row
                if event.cause in ("excited", "consequence"):
                    assert event.parent >= 0 and log[event.parent].time <= event.time
                elif event.parent >= 0:
                    assert log[event.parent].cause == event.cause  # a part of a tour or of a summit
                if event.parent < 0:
                    assert event.cause in ("history", "calendar", "intervention", "baseline")
    assert deals_seen > 1000
