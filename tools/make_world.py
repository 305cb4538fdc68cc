#!/usr/bin/env python3
"""Write the tables of the whole world, scenarios/world, from a folder of source data.

    tools/make_world.py DATA_DIR [TABLES]        (TABLES: scenarios/world)

DATA_DIR/world contains the source tables. Three tables are written by hand and only read: group_dates.csv (when
groups and memberships began), corrections.csv (single cells that the sources have wrong or leave out), and
../tables/changes-2025.csv (ties). scenarios/world/README.md describes every column, its source and the formula of
alignment, whose constants stand below. The script needs Python 3.9 and nothing else.
"""

import csv
import math
import re
import sys
from collections import defaultdict
from pathlib import Path

UNIONS = {"EUU": "EU", "AFU": "AU"}
LABELS = {"TUR": "Turkey", "USA": "United States", "GBR": "United Kingdom", "KOR": "South Korea", "PRK": "North Korea",
          "COD": "DR Congo", "COG": "Republic of the Congo", "VAT": "Holy See (Vatican)", "TWN": "Taiwan"}

# alignment = CONSTANT + UN (d - TYPICAL_DISTANCE) + DEFENCE x a + ORGS (o - TYPICAL_ORGS) + BALANCE x e, in +-LIMIT
CONSTANT = 0.19
UN = -0.08
TYPICAL_DISTANCE = 0.88
DEFENCE = 0.32
ORGS = 0.0068
TYPICAL_ORGS = 40
BALANCE = 0.29
TYPICAL_BALANCE = 0.70  # (days positive - days negative) / days with reports of a well-reported dyad
SHRINK = 300  # days with reports at which half the dyad's own balance counts
LIMIT = 0.9
UNION_ATTENTION = -0.7  # log factor of a union's contacts: its members speak for themselves
MEMBER_ATTENTION = -2.0

TIE_COLUMNS = ("a b strength alignment baseline trade_ab_usd trade_ba_usd distance_km contiguity common_language "
               "un_distance defence shared_orgs rta bit attention").split()
DATA_FLOWS = {"comtrade2023": (2023, "medium"), "comtrade2019": (2019, "low"), "itpde2016": (2016, "low"),
              "factbook_share": (2023, "low")}  # flows that are data, but not those of BACI
DOLLARS_OF_2010 = 1.37  # of 2023 in one of 2010: GDP deflator of the United States (BEA)
TARIFF_OF_2024_SINCE = "2023-01-01"  # assumed: the tariff of 2024 is that of the trade figures
MEASURES = {"trade": "t", "arms": "a", "military": "m", "financial": "f", "travel": "v", "other": "o"}
MONTHS = {name: i + 1 for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}
KNOWN_UNTIL = "2026-01"  # the sources' leaders are those of January 2026


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def code(name):
    return UNIONS.get(name, name)


def significant(text, digits=3):
    """The number rounded to so many significant digits, as short as it can be written; unknown stays empty."""
    if text in ("", None):
        return ""
    value = float(text)
    plain = f"{value:.{digits}g}" if value else "0"
    if "e" in plain:
        mantissa, exponent = plain.split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        plain = f"{mantissa}e{int(exponent)}"
    return plain


def decimals(number):
    """The number with two decimals; unknown stays empty."""
    return "" if number == "" else f"{round(float(number), 2) + 0:.2f}"


def kilometres(a, b):
    """Great-circle distance of two places (degrees)."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (a, b))
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    return max(6371 * math.acos(max(-1, min(1, cosine))), 1)


def iso_date(text):
    """The first date that a text of the source names, as YYYY, YYYY-MM or YYYY-MM-DD; empty if it names none."""
    found = re.search(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", text)
    if found:
        return f"{found[3]}-{int(found[1]):02}-{int(found[2]):02}"
    found = re.search(r"(?:\b(\d{1,2})\s+)?\b([A-Z][a-z]{2})[a-z]*(?:/[A-Z][a-z]+)?\.?\s+(\d{4})\b", text)
    if found and found[2].lower() in MONTHS:
        day = f"-{int(found[1]):02}" if found[1] else ""
        return f"{found[3]}-{MONTHS[found[2].lower()]:02}{day}"
    found = re.search(r"\b(19|20)\d{2}\b", text)
    return found[0] if found else ""


class World:
    """The source tables, by actor and by pair."""

    def __init__(self, folder, tables):
        self.folder, self.tables = folder, tables
        self.countries = {row["iso3"]: row for row in read(folder / "countries.csv")}
        self.states = sorted(name for name in self.countries if name not in UNIONS)
        self.pairs = {(row["a"], row["b"]): row for row in read(folder / "dyads.csv")}
        self.points = {row["iso3"]: row["idealpointfp"] for row in read(folder / "un_ideal_points_2014_2024.csv")
                       if row["year"] == "2024"}
        self.members = defaultdict(set)
        for row in read(folder / "groups.csv"):
            if row["status"] == "member":
                self.members[row["group"]].add(row["iso3"])
        self.days = defaultdict(lambda: [0, 0])
        for row in read(folder / "gdelt_dyad_year_2018_2024.csv"):
            self.days[row["a"], row["b"]][0] += int(row["days_positive"])
            self.days[row["a"], row["b"]][1] += int(row["days_negative"])
        self.flows = {(row["exporter"], row["importer"]): row for row in read(folder / "trade_2023.csv")}
        self.reporting = {name for name in self.states if self.countries[name]["in_baci_194"] == "1"}
        self.corrections = defaultdict(dict)
        for row in read(tables / "corrections.csv"):
            self.corrections[row["table"], row["key"]][row["column"]] = row["value"]

    def corrected(self, table, key, row):
        return row | self.corrections[table, key]

    def gdp(self, name):
        return float(self.countries[name]["gdp_usd"] or 0)

    def place(self, name):
        return float(self.countries[name]["lat"]), float(self.countries[name]["lon"])

    def flow(self, exporter, importer):
        """Goods exported in 2023, USD: empty where no source reports it, 0 where BACI covers both and lists none."""
        row = self.flows.get((exporter, importer))
        if row is None:
            return "0" if {exporter, importer} <= self.reporting else ""
        if row["source"] == "itpde2016":
            return f"{float(row['usd']) * DOLLARS_OF_2010}"
        return row["usd"] if row["source"] == "baci2023" or row["source"] in DATA_FLOWS else ""

    def alignment(self, a, b):
        """The formula of scenarios/world/README.md for two states; a term whose datum is missing is left out."""
        row = self.pairs[a, b]
        value = CONSTANT
        if row["un_ideal_distance_latest"]:
            value += UN * (float(row["un_ideal_distance_latest"]) - TYPICAL_DISTANCE)
        value += DEFENCE * (row["ally_defense_2018_nato2024"] == "1")
        if row["shared_orgs_factbook_2026"]:
            value += ORGS * (float(row["shared_orgs_factbook_2026"]) - TYPICAL_ORGS)
        positive, negative = self.days[a, b]
        days = positive + negative
        if days:
            value += BALANCE * ((positive - negative) / days - TYPICAL_BALANCE) * days / (days + SHRINK)
        return max(-LIMIT, min(LIMIT, value))

    def union_alignment(self, union, other):
        """The mean of the members' ties with another, weighted by GDP."""
        members = sorted(name for name in self.members[union] if name != other)
        others = sorted(self.members[code(other)]) if other in UNIONS else [other]
        ties = [(self.gdp(m) * (self.gdp(o) or 1), self.alignment(*sorted((m, o)))) for m in members for o in others]
        return sum(weight * value for weight, value in ties) / sum(weight for weight, _ in ties)


def actor_rows(world):
    african = sum(world.gdp(name) for name in world.members["AU"])
    people = sum(float(world.countries[name]["population"]) for name in world.members["AU"])
    for name, row in world.countries.items():
        union = name in UNIONS
        gdp, population, year = row["gdp_usd"], row["population"], row["gdp_year"]
        source = "World Bank" if row["gdp_source"].startswith("WDI") else "World Factbook"
        if name == "AFU":
            gdp, population, year, source = african, people, "2024", "World Bank: sum of the members"
        yield world.corrected("actors", code(name), {
            "name": code(name), "label": LABELS.get(name, row["name"]), "type": "union" if union else "state",
            "region": row["region"] if union else row["subregion"], "gdp_usd": significant(gdp, 4),
            "lat": decimals(row["lat"]), "lon": decimals(row["lon"]),
            "population_m": significant(float(population) / 1e6 if population else ""), "gdp_year": year,
            "landlocked": "0" if union else row["landlocked"], "eu_member": int(name in world.members["EU"]),
            "ideal_point": decimals(world.points.get(name, "")),
            "gdp_doubtful": "" if not gdp else int(source == "World Factbook" or int(year) < 2023),
            "source": f"GDP: {source}" if gdp else "GDP unknown",
        })


def tie_of_states(world, a, b):
    row = world.pairs[a, b]
    whole = {"shared_orgs": "shared_orgs_factbook_2026", "defence": "ally_defense_2018_nato2024",
             "contiguity": "contig_land", "common_language": "common_official_language", "rta": "rta_fta_cu_2026",
             "bit": "bit_in_force_2026"}
    return {
        "alignment": world.alignment(a, b),
        "trade_ab_usd": significant(world.flow(a, b)), "trade_ba_usd": significant(world.flow(b, a)),
        "un_distance": decimals(row["un_ideal_distance_latest"]), "attention": 0,
    } | {mine: str(int(float(row[theirs]))) if row[theirs] else "" for mine, theirs in whole.items()}


def tie_of_union(world, a, b):
    """A union's tie: the mean of its members', weighted by GDP; no flows of its own."""
    union, other = (a, b) if a in UNIONS else (b, a)
    inside = other in world.members[code(union)]
    return {"alignment": world.union_alignment(code(union), other), "contiguity": 0, "common_language": 0,
            "attention": MEMBER_ATTENTION if inside else UNION_ATTENTION}


def tie_rows(world):
    changes = {(row["a"], row["b"]): row for row in read(world.tables.parent / "tables/changes-2025.csv")}
    names = sorted(world.countries, key=code)
    for i, a in enumerate(names):
        for b in names[i + 1:]:
            tie = tie_of_union(world, a, b) if {a, b} & UNIONS.keys() else tie_of_states(world, a, b)
            key = code(a), code(b)
            value = decimals(tie["alignment"])
            tie |= {"a": key[0], "b": key[1], "strength": value, "alignment": value, "baseline": "",
                    "distance_km": round(kilometres(world.place(a), world.place(b)))}
            tie |= {name: text for name, text in changes.get(key, {}).items() if name in TIE_COLUMNS and text}
            yield world.corrected("ties", "-".join(key), tie)


def doubtful_flows(world):
    for (exporter, importer), row in sorted(world.flows.items()):
        if row["source"] in DATA_FLOWS and {exporter, importer} <= set(world.states):
            year, confidence = DATA_FLOWS[row["source"]]
            yield {"exporter": exporter, "importer": importer, "source": row["source"].rstrip("0123456789"),
                   "year": year, "confidence": confidence}


def group_rows(world):
    dates = {(row["group"], row["actor"]): row for row in read(world.tables / "group_dates.csv")}
    for row in read(world.folder / "groups.csv"):
        name = {"AbrahamAccords": "Abraham Accords"}.get(row["group"], row["group"])
        own = dates.get((name, code(row["iso3"])))
        founded = dates.get((name, ""), {"from": ""})
        member = row["status"] not in ("candidate", "invited", "observer", "partner", "associate")
        yield world.corrected("groups", f"{name}/{code(row['iso3'])}", {
            "group": name, "actor": code(row["iso3"]), "status": row["status"],
            "from": own["from"] if own else founded["from"] if member else "", "until": own["until"] if own else "",
            "confidence": "high" if row["in_factbook"] == "1" else "medium",
        })


def leader_rows(world):
    rows = read(world.folder / "leaders_2026.csv")
    unknown = [dict.fromkeys(rows[0], "") | {"iso3": name}
               for name in world.countries.keys() - {row["iso3"] for row in rows}]
    for row in sorted(rows + unknown, key=lambda row: code(row["iso3"])):
        made = {"actor": code(row["iso3"]), "capital": world.countries[row["iso3"]]["capital"]}
        for mine, theirs in (("head_of_state", "chief_of_state"), ("head_of_government", "head_of_government")):
            made[mine] = row[theirs]
        for mine, theirs in (("state_since", "cos_since"), ("government_since", "hog_since"),
                             ("last_election", "last_election"), ("next_election", "next_election"),
                             ("legislature_last", "legislature_last_election"),
                             ("legislature_next", "legislature_next_election")):
            made[mine] = iso_date(row[theirs])
        for column in ("last_election", "legislature_last"):
            if made[column] > KNOWN_UNTIL:  # the source gives the next one twice
                made[column] = ""
        stale = any(made[c] and made[c] < KNOWN_UNTIL for c in ("next_election", "legislature_next"))
        made["confidence"] = "low" if stale or not made["state_since"] or not made["government_since"] else "medium"
        yield world.corrected("leaders", made["actor"], made)


def sanction_rows(world):
    """One row for each sender and target: since when, and the measures of all its cases that are in force."""
    cases = defaultdict(list)
    for row in read(world.folder / "sanctions_gsdb4_inforce_2023.csv"):
        if row["target"] in world.countries:
            cases[code(row["sender"]), code(row["target"])].append(row)
    for (sender, target), rows in sorted(cases.items()):
        measures = "".join(letter for name, letter in MEASURES.items() if any(row[name] == "1" for row in rows))
        yield world.corrected("sanctions", f"{sender}/{target}", {
            "sender": sender, "target": target, "since": min(row["begin"] for row in rows), "until": "",
            "measures": measures, "cases": len(rows), "source": "GSDB 4", "confidence": "medium"})


def agreement_rows(world):
    for row in read(world.folder / "rta_inforce_wto_2026.csv"):
        members = " ".join(sorted(code(name) for name in row["members"].split()))
        yield {"kind": "rta", "in_force": row["entry_into_force"], "members": members, "type": row["type"],
               "name": row["name"]}
    for row in read(world.folder / "bit_inforce_2026.csv"):
        yield {"kind": "bit", "in_force": row["entry_into_force"], "members": f"{code(row['a'])} {code(row['b'])}"}


def tariff(exporter, date, before, rise):
    return {"name": f"USA-{exporter}-{date}", "importer": "USA", "exporter": exporter, "date": date,
            "rate": f"{round(before, 1) + rise:.1f} %"}


def tariff_rows(world):
    """The United States' tariff of 2024, and its rise at each date where a partner's changes."""
    present = {}
    rows = read(world.folder / "us_tariff_by_date_2025_2026.csv")
    own = {row["iso3"] for row in rows}
    for row in sorted(rows, key=lambda row: (row["date"], row["iso3"])):
        if code(row["iso3"]) not in world.countries and row["iso3"] not in UNIONS:
            continue
        before, rise = float(row["tariff_2024_pct"]), round(float(row["tariff_increase_pct"]), 1)
        exporters = [row["iso3"]] if row["iso3"] not in UNIONS else sorted(world.members["EU"] - own)
        if row["iso3"] not in present:
            present[row["iso3"]] = 0
            yield from (tariff(name, TARIFF_OF_2024_SINCE, before, 0) for name in exporters)
        if present[row["iso3"]] != rise:
            present[row["iso3"]] = rise
            yield from (tariff(name, row["date"], before, rise) for name in exporters)


TABLES = (
    ("actors", "name label type region gdp_usd lat lon population_m gdp_year gdp_doubtful landlocked eu_member "
               "ideal_point source", actor_rows),
    ("ties", " ".join(TIE_COLUMNS), tie_rows),
    ("trade_sources", "exporter importer source year confidence", doubtful_flows),
    ("groups", "group actor status from until confidence", group_rows),
    ("leaders", "actor capital head_of_state state_since head_of_government government_since last_election "
                "next_election legislature_last legislature_next confidence", leader_rows),
    ("sanctions", "sender target since until measures cases source confidence", sanction_rows),
    ("agreements", "kind in_force members type name", agreement_rows),
    ("tariffs", "name importer exporter date rate", tariff_rows),
)


def main(arguments):
    if len(arguments) not in (2, 3):
        sys.exit(__doc__)
    out = Path(arguments[2]) if len(arguments) == 3 else Path(__file__).parent.parent / "scenarios/world"
    world = World(Path(arguments[1]) / "world", out)
    for name, columns, rows in TABLES:
        made = list(rows(world))
        if name in ("actors", "agreements", "sanctions"):
            made.sort(key=lambda row: [str(value) for value in row.values()])
        write(out / f"{name}.csv", columns.split(), made)


if __name__ == "__main__":
    main(sys.argv)
