"""The tables of scenarios/world: units, symmetry, totals, pairs known from elsewhere; the script writes them."""

from __future__ import annotations

import csv
import math
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
WORLD = ROOT / "scenarios/world"
DATA = Path(os.environ.get("ENTENTE_DATA", ROOT / "../shared/data"))
MADE = ["actors", "ties", "trade_sources", "groups", "leaders", "sanctions", "agreements", "tariffs"]
BY_HAND = ["group_dates", "corrections"]

Row = dict[str, str]
Tables = dict[str, list[Row]]

# Official totals of 2023 both ways, bn USD; the tables' sources may differ by up to a tenth.
TRADE = {"CHN-USA": 575, "DEU-FRA": 200, "MEX-USA": 775, "CHN-RUS": 240, "IND-USA": 124, "KAZ-USA": 3.9,
         "USA-UZB": 0.49, "CHN-KAZ": 41, "KAZ-RUS": 27}
DISTANCES = {"KAZ-USA": 9540, "DEU-FRA": 878, "CHN-USA": 11150, "RUS-UKR": 756}
MEMBERS = {"EU": 27, "NATO": 32, "G20": 21, "AU": 55, "ASEAN": 11, "BRICS": 10, "OIC": 57, "LAS": 22, "C5+1": 6}


def read(name: str) -> list[Row]:
    with open(WORLD / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def tables() -> Tables:
    return {name: read(name) for name in MADE}


def near(value: float, known: float, share: float) -> bool:
    return abs(value - known) <= share * known


def kilometres(one: Row, other: Row) -> float:
    lat1, lon1, lat2, lon2 = (math.radians(float(row[key])) for row in (one, other) for key in ("lat", "lon"))
    half = math.sin((lat1 - lat2) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon1 - lon2) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))


def of_actors(tables: Tables) -> list[str]:
    rows = {row["name"]: row for row in tables["actors"]}
    gdp = sum(float(row["gdp_usd"]) for row in rows.values() if row["type"] == "state" and row["gdp_usd"])
    people = sum(float(row["population_m"]) for row in rows.values() if row["type"] == "state" and row["population_m"])
    wrong = [f"{name}: coordinates" for name, row in rows.items()
             if not -90 <= float(row["lat"]) <= 90 or not -180 <= float(row["lon"]) <= 180]
    wrong += ["not 199 actors"] * (len(rows) != 199) + ["not two unions"] * (Counter(
        row["type"] for row in rows.values()) != {"state": 197, "union": 2})
    wrong += ["world GDP"] * (not 100e12 < gdp < 118e12) + ["world population"] * (not 7900 < people < 8300)
    european = sum(float(row["gdp_usd"]) for row in rows.values() if row["eu_member"] == "1")
    wrong += ["EU: GDP is not its members'"] * (not near(european, float(rows["EU"]["gdp_usd"]), 0.03))
    wrong += [f"{name}: GDP" for name, known in (("USA", 29.2e12), ("KAZ", 288e9), ("UZB", 115e9))
              if not near(float(rows[name]["gdp_usd"]), known, 0.02)]
    return wrong + ["Holy See: a GDP that no source gives"] * (rows["VAT"]["gdp_usd"] != "")


def of_pairs(tables: Tables) -> list[str]:
    actors = {row["name"]: row for row in tables["actors"]}
    ties = {f"{row['a']}-{row['b']}": row for row in tables["ties"]}
    names = sorted(actors)
    if list(ties) != [f"{a}-{b}" for i, a in enumerate(names) for b in names[i + 1:]]:
        return ["not every pair once, in the order of the alphabet"]
    wrong = []
    for name, row in ties.items():
        far = kilometres(actors[row["a"]], actors[row["b"]])
        wrong += [f"{name}: distance"] * (abs(float(row["distance_km"]) - far) > 2 + 0.001 * far)
        wrong += [f"{name}: {key}" for key in ("strength", "alignment") if not -0.9 <= float(row[key]) <= 0.9]
        wrong += [f"{name}: {key}" for key in ("contiguity", "defence", "rta", "bit") if row[key] not in ("0", "1", "")]
        points = actors[row["a"]]["ideal_point"], actors[row["b"]]["ideal_point"]
        if all(points) and row["un_distance"]:
            wrong += [f"{name}: ideal points"] * (
                abs(abs(float(points[0]) - float(points[1])) - float(row["un_distance"])) > 0.02)
    wrong += [f"{name}: distance" for name, known in DISTANCES.items()
              if not near(float(ties[name]["distance_km"]), known, 0.01)]
    for name, key in (("DEU-FRA", "contiguity"), ("KAZ-RUS", "contiguity"), ("CAN-USA", "defence"), ("KAZ-USA", "bit"),
                      ("DEU-FRA", "rta"), ("AUT-DEU", "common_language")):
        wrong += [f"{name}: {key}"] * (ties[name][key] != "1")
    wrong += [f"{name}: {key}" for name, key in (("KAZ-USA", "contiguity"), ("RUS-USA", "defence"), ("CHN-USA", "rta"))
              if ties[name][key] != "0"]
    treaties = {"-".join(row["members"].split()) for row in tables["agreements"] if row["kind"] == "bit"}
    return wrong + sorted(name for name, row in ties.items() if (row["bit"] == "1") != (name in treaties))


def of_trade(tables: Tables) -> list[str]:
    actors = {row["name"]: row for row in tables["actors"]}
    flows = {}
    for row in tables["ties"]:
        flows[row["a"], row["b"]], flows[row["b"], row["a"]] = row["trade_ab_usd"], row["trade_ba_usd"]
    figures = {pair: float(text) for pair, text in flows.items() if text}
    wrong = [f"{pair}: negative" for pair, usd in figures.items() if usd < 0]
    wrong += ["world trade"] * (not 20e12 < sum(figures.values()) < 24e12)
    for name, known in TRADE.items():
        a, b = name.split("-")
        wrong += [f"{name}: trade"] * (not near(figures[a, b] + figures[b, a], known * 1e9, 0.1))
    wrong += ["China sells less to the United States than it buys"] * (figures["CHN", "USA"] < figures["USA", "CHN"])
    wrong += [f"{pair}: a flow of a union" for pair, text in flows.items()
              if text and any(actors[name]["type"] == "union" for name in pair)]
    wrong += [f"{pair}: unknown, not none" for pair in (("KOR", "PRK"), ("PRK", "RUS"), ("CUB", "USA")) if flows[pair]]
    for row in tables["trade_sources"]:
        wrong += [f"{row}: no figure"] * (not flows[row["exporter"], row["importer"]])
    return wrong


def of_dates(tables: Tables) -> list[str]:
    """Dates are YYYY, YYYY-MM or YYYY-MM-DD; actors exist; known rows are there."""
    names = {row["name"] for row in tables["actors"]}
    date = re.compile(r"(\d{4}(-\d\d(-\d\d)?)?)?")
    wrong = []
    for table, keys in (("groups", ("from", "until")), ("sanctions", ("since", "until")), ("agreements", ("in_force",)),
                        ("tariffs", ("date",)), ("leaders", ("state_since", "government_since", "last_election",
                                                             "next_election", "legislature_last", "legislature_next"))):
        wrong += [f"{table}: {row}" for row in tables[table] for key in keys if not date.fullmatch(row[key])]
    members = Counter(row["group"] for row in tables["groups"] if row["status"] == "member")
    wrong += [f"{name}: {members[name]} members" for name, known in MEMBERS.items() if abs(members[name] - known) > 1]
    wrong += [f"{row}: no such actor" for row in tables["groups"] if row["actor"] not in names | {"HKG"}]
    wrong += [f"{row}: no date" for row in tables["groups"] if row["status"] == "member" and not row["from"]]
    wrong += ["leaders: not every actor"] * ({row["actor"] for row in tables["leaders"]} != names)
    since = {row["actor"]: row["state_since"] for row in tables["leaders"]}
    wrong += ["leaders: USA, KAZ"] * ((since["USA"], since["KAZ"]) != ("2025-01-20", "2019-03-20"))
    wrong += [f"{row}: election" for row in tables["leaders"] if row["last_election"] > "2026-01-31"]
    pairs = {(row["sender"], row["target"]): row for row in tables["sanctions"]}
    wrong += [f"sanctions: {pair}" for pair in (("USA", "RUS"), ("EU", "RUS"), ("USA", "PRK"), ("USA", "CUB"))
              if pairs[pair]["until"] or "t" not in pairs[pair]["measures"]]
    wrong += ["sanctions: USA/SYR ended"] * (pairs["USA", "SYR"]["until"] != "2025-06-30")
    wrong += [f"{row}: sanctioned" for row in tables["sanctions"] if row["target"] not in names]
    china = {row["date"]: float(row["rate"].rstrip(" %")) for row in tables["tariffs"] if row["exporter"] == "CHN"}
    known = {"2023-01-01": 10.9, "2025-02-04": 30.9, "2025-04-09": 123.1, "2026-02-20": 15.7}
    return wrong + ["tariffs: CHN"] * any(china[date] != rate for date, rate in known.items())


CHECKS: dict[str, Callable[[Tables], list[str]]] = {
    "actors": of_actors, "pairs": of_pairs, "trade": of_trade, "dates": of_dates}


@pytest.mark.parametrize("name", CHECKS)
def test_the_tables_agree_with_what_is_known(tables: Tables, name: str) -> None:
    assert not CHECKS[name](tables)


def tie(tables: Tables, name: str) -> Row:
    return next(row for row in tables["ties"] if f"{row['a']}-{row['b']}" == name)


def turn(row: Row) -> None:
    row["trade_ab_usd"], row["trade_ba_usd"] = row["trade_ba_usd"], row["trade_ab_usd"]


FAULTS: dict[str, tuple[str, Callable[[Tables], object]]] = {
    "GDP in millions": ("actors", lambda t: [r.update(gdp_usd=str(float(r["gdp_usd"] or 0) / 1e6))
                                             for r in t["actors"]]),
    "a pair less": ("pairs", lambda t: t["ties"].pop()),
    "a pair turned": ("pairs", lambda t: tie(t, "KAZ-USA").update(a="USA", b="KAZ")),
    "miles": ("pairs", lambda t: [r.update(distance_km=str(float(r["distance_km"]) / 1.609)) for r in t["ties"]]),
    "a treaty less": ("pairs", lambda t: tie(t, "KAZ-USA").update(bit="0")),
    "trade in thousands": ("trade", lambda t: [r.update(trade_ab_usd=str(float(r["trade_ab_usd"] or 0) / 1e3))
                                               for r in t["ties"]]),
    "flows the wrong way": ("trade", lambda t: turn(tie(t, "CHN-USA"))),
    "zero for unknown": ("trade", lambda t: tie(t, "KOR-PRK").update(trade_ab_usd="0")),
    "another year's flow": ("trade", lambda t: tie(t, "USA-UZB").update(trade_ab_usd="6.5e7", trade_ba_usd="0")),
    "a date in words": ("dates", lambda t: t["leaders"][0].update(state_since="August 2021")),
    "sanctions that ended": ("dates", lambda t: [r.update(until="") for r in t["sanctions"]]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_error_is_found(tables: Tables, fault: str) -> None:
    check, plant = FAULTS[fault]
    spoiled = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    plant(spoiled)
    assert CHECKS[check](spoiled)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there ($ENTENTE_DATA names the data folder)")
def test_the_script_writes_them(tmp_path: Path) -> None:
    for name in BY_HAND:
        (tmp_path / "world").mkdir(exist_ok=True)
        shutil.copy(WORLD / f"{name}.csv", tmp_path / "world")
    (tmp_path / "tables").mkdir()
    shutil.copy(ROOT / "scenarios/tables/changes-2025.csv", tmp_path / "tables")
    subprocess.run([sys.executable, ROOT / "tools/make_world.py", DATA, tmp_path / "world"], check=True)
    for name in MADE:
        assert (tmp_path / f"world/{name}.csv").read_bytes() == (WORLD / f"{name}.csv").read_bytes(), name
