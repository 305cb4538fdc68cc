#!/usr/bin/env python3
"""Write the shared tables of the scenarios from a folder of source data.

    tools/make_tables.py DATA_DIR [TABLES]        (TABLES: scenarios/tables)

It writes actors.csv, ties.csv (start values of 2012 to 2019) and ties-2025.csv (the same with trade of
2023, from ../world/ties.csv, and with what changes-2025.csv, which is written by hand, says of single ties). The
columns own_* are those of contacts-2018.csv, which tools/make_rates.py writes.

What the source tables must hold, and the formula by which start values follow from them, is told in
scenarios/tables/README.md; the constants of the formula stand below and nowhere else. The script
needs Python 3.9 and nothing else.
"""

import csv
import math
import statistics
import sys
from pathlib import Path

# The actors of the shipped scenarios: ISO 3166 codes, in the order in which pairs are named (A-B).
STATES = (
    "ARG AUS AFG ARE AZE BRA CAN CHN DEU FRA GBR IDN IND IRN ISR ITA JPN KAZ KGZ KOR MEX PAK POL RUS "
    "SAU TJK TKM TUR UKR USA UZB ZAF"
).split()
LABELS = {"TUR": "Turkey", "USA": "United States", "GBR": "United Kingdom", "KOR": "South Korea"}
CENTRAL_ASIA = {"KAZ", "KGZ", "TJK", "TKM", "UZB"}

TIE_COLUMNS = (
    "a b strength alignment baseline trade_ab_usd trade_ba_usd distance_km contiguity common_language "
    "attention own_call own_statement own_criticism own_threat own_leader_visit own_minister_visit own_memorandum "
    "source"
).split()

# alignment = CONSTANT + UN x u + DEFENCE x d + BALANCE x e + IGO x o, within +-LIMIT
CONSTANT = 0.10
UN = 0.5
DEFENCE = 0.35
BALANCE = 0.8
TYPICAL_BALANCE = 0.70  # (cooperation - conflict) / all of a dyad much written about
SHRINK = 100  # reports a year at which half the dyad's own balance counts
IGO = 0.004
TYPICAL_IGOS = 40
LIMIT = 0.9
UNION_ATTENTION = -0.7  # log factor of a union's contacts: its members speak for themselves
MEMBER_ATTENTION = -2.0  # of those between a union and its own members
# By how much a condition in force in 2023 had lowered log trade (kinds/diplomacy.yaml). The model applies the
# shift of a condition in force, so that the figures of such ties stand without it, as `baseline` does.
SHIFTS = {"under sanctions": 0.5, "at war": 1.2}
PARTNERSHIPS = {("KAZ", "USA"): -0.04}  # in force since 2018, likewise
OTHER_SOURCES = {"comtrade": "UN Comtrade", "itpde": "USITC", "factbook_share": "Factbook"}
# Implicit price deflator of the GDP of the United States, 2017 = 100 (BEA). The dollars of ties.csv are those of 2018.
DEFLATOR = {2006: 84.07, 2010: 89.63, 2018: 102.29, 2023: 122.38}
OTHER_AFRICA = 0.5  # the African Union's tie = this share of South Africa's, its one member here


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else math.nan


def significant(value, digits=3):
    """The value rounded to so many significant digits, written plainly."""
    if value == 0 or math.isnan(value):
        return "0" if value == 0 else ""
    exponent = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, exponent):.{max(exponent, 0)}f}"


def kilometres(lat1, lon1, lat2, lon2):
    """Great-circle distance."""
    p1, p2, step = math.radians(lat1), math.radians(lat2), math.radians(lon2 - lon1)
    cosine = math.sin(p1) * math.sin(p2) + math.cos(p1) * math.cos(p2) * math.cos(step)
    return 6371 * math.acos(max(-1, min(1, cosine)))


def write_ties(path, ties):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, TIE_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(ties)


class Data:
    def __init__(self, folder):
        self.states = {row["iso3"]: row for row in read(folder / "initial_conditions.csv")}
        self.pairs = {}
        for row in read(folder / "initial_dyads.csv"):
            a, b = row["iso3_a"], row["iso3_b"]
            row["trade"] = {
                (a, b): number(row["trade_a_to_b_2016_usd2010"]) * DEFLATOR[2018] / DEFLATOR[2010],
                (b, a): number(row["trade_b_to_a_2016_usd2010"]) * DEFLATOR[2018] / DEFLATOR[2010],
            }
            self.pairs[frozenset((a, b))] = row
        self.eu = {name for name, row in self.states.items() if row["eu27"] == "1"}
        agreement = {name: [] for name in self.states}
        for pair, row in self.pairs.items():
            for name in pair:
                if row["un_agree_2015_19"]:
                    agreement[name].append(number(row["un_agree_2015_19"]))
        self.mean_agreement = {name: sum(v) / len(v) for name, v in agreement.items()}

        self.past_growth = self.growth_since_2006(read(folder / "gravity_2006.csv"))

    def growth_since_2006(self, rows):
        """Of each state's real GDP in dollars until 2023, log units a year."""
        then = {row[f"iso_{end}"]: number(row[f"gdp_{end}"]) for end in "od" for row in rows}
        prices = DEFLATOR[2023] / DEFLATOR[2006]
        known = [name for name in self.states if name in then]
        return {name: math.log(self.gdp(name) / (then[name] * 1e6 * prices)) / 17 for name in known}

    def growth(self, name):
        """Half of its own past and half of the median's; without a past the median's."""
        median = statistics.median(self.past_growth.values())
        return (self.past_growth.get(name, median) + median) / 2

    def pair(self, a, b):
        return self.pairs[frozenset((a, b))]

    def gdp(self, name):
        return number(self.states[name]["gdp_usd"])

    def alignment(self, a, b):
        """The formula of tables/README.md, for two states."""
        row = self.pair(a, b)
        value = CONSTANT
        if row["un_agree_2015_19"]:
            usual = (self.mean_agreement[a] + self.mean_agreement[b]) / 2
            value += UN * (number(row["un_agree_2015_19"]) - usual)
        value += DEFENCE * (row["ally_defense_2018"] == "1")
        value += IGO * (number(row["shared_igos_2014"] or str(TYPICAL_IGOS)) - TYPICAL_IGOS)
        counts = [row[f"icews_{kind}_py_2012_14"] for kind in ("verbCoop", "matlCoop", "verbConf", "matlConf")]
        if all(counts):
            verbal, material, words, deeds = map(float, counts)
            total = verbal + material + words + deeds
            if total > 0:
                balance = (verbal + material - words - deeds) / total
                value += BALANCE * (balance - TYPICAL_BALANCE) * total / (total + SHRINK)
        return max(-LIMIT, min(LIMIT, value))


def tie_of_states(data, a, b):
    row = data.pair(a, b)
    return {
        "alignment": data.alignment(a, b),
        "trade": (row["trade"][a, b], row["trade"][b, a]),
        "distance": number(row["distcap_km"]),
        "contiguity": int(row["contig"]),
        "language": int(row["comlang_off"]),
        "attention": 0,
        "source": "UN votes 2015-19; alliances 2018; IGOs 2014; ICEWS 2012-14; USITC 2016; CEPII",
    }


def tie_of_union(data, union, state, places):
    """A union's tie with a state: its members' alignments, weighted by GDP; no flows of its own."""
    members = [m for m in (data.eu if union == "EU" else ["ZAF"]) if m != state]
    weight = sum(data.gdp(m) for m in members)
    alignment = sum(data.gdp(m) * data.alignment(m, state) for m in members) / weight if members else 0.5
    source = "GDP-weighted mean of the members' ties; CEPII capitals"
    if state in data.eu:
        source = "a member: GDP-weighted mean of its ties with the other members"
    if union == "AU":
        alignment *= 1 if state == "ZAF" else OTHER_AFRICA
        source = "assumed: half of South Africa's" if state != "ZAF" else "assumed: a member"
    return {
        "alignment": alignment,
        "trade": (math.nan, math.nan),
        "distance": max(kilometres(*places[union], *places[state]), 1),
        "attention": MEMBER_ATTENTION if state in data.eu or source == "assumed: a member" else UNION_ATTENTION,
        "contiguity": 0,
        "language": 0,
        "source": source,
    }


class Trade:
    """Goods traded in 2023, of the world's tables."""

    def __init__(self, folder):
        self.ties = {(row["a"], row["b"]): row for row in read(folder / "ties.csv")}
        self.sources = {(row["exporter"], row["importer"]): f"{OTHER_SOURCES[row['source']]} {row['year']}"
                        for row in read(folder / "trade_sources.csv")}

    def of(self, a, b, condition):
        """What the pair's row says of its trade, and from where."""
        row = self.ties[a, b]
        shift = SHIFTS.get(condition, PARTNERSHIPS.get((a, b), 0))
        flows = [row["trade_ab_usd"], row["trade_ba_usd"]]
        sources = sorted({self.sources.get(pair, "BACI 2023") for pair in ((a, b), (b, a))})
        note = f" without the shift of {-shift} {condition if shift > 0 else 'of the partnership'}" if shift else ""
        return {"trade_ab_usd": significant(number(flows[0]) * math.exp(shift)),
                "trade_ba_usd": significant(number(flows[1]) * math.exp(shift)),
                "trade_source": f"trade: {', '.join(sources)}{note}" if flows != ["", ""] else ""}


def later(tie, changes, trade):
    """A row of ties-2025.csv: what has changed since, and the trade of 2023."""
    change = changes.get((tie["a"], tie["b"]), {})
    found = trade.of(tie["a"], tie["b"], change.get("source", "").removeprefix("assumed: "))
    source = change.get("source") or tie["source"].replace("USITC 2016; ", "")
    if found["trade_source"]:
        source = f"{source}; {found['trade_source']}"
    return tie | change | {key: found[key] for key in ("trade_ab_usd", "trade_ba_usd")} | {"source": source}


def main(arguments):
    if len(arguments) not in (2, 3):
        sys.exit(__doc__)
    data = Data(Path(arguments[1]) / "actors")
    out = Path(arguments[2]) if len(arguments) == 3 else Path(__file__).parent.parent / "scenarios/tables"

    actors = []
    for name in STATES:
        row = data.states[name]
        region = "Central Asia" if name in CENTRAL_ASIA else row["subregion"]
        actors.append([
            name, LABELS.get(name, row["name"]), "state", region, significant(data.gdp(name), 4),
            f"{100 * data.growth(name):.1f} %", significant(number(row["lat"]), 4), significant(number(row["lon"]), 4),
            significant(number(row["population"]) / 1e6), row["landlocked"], int(name in data.eu), 0,
            f"World Bank {row['gdp_year']}",
        ])
    union_gdp = sum(data.gdp(m) for m in data.eu)
    actors.append(["EU", "European Union", "union", "Europe", significant(union_gdp, 4), "", "50.83", "4.35",
                   significant(sum(number(data.states[m]["population"]) for m in data.eu) / 1e6), 0, 0, 0,
                   "World Bank 2023: sum of the 27 members"])
    actors.append(["AU", "African Union", "union", "Africa", "2900000000000", "", "9.03", "38.74", "1500", 0, 0, 0,
                   "assumed: about 2.9e12 USD and 1.5 bn people"])
    actors.sort(key=lambda row: row[0])
    places = {row[0]: (float(row[6]), float(row[7])) for row in actors}
    types = {row[0]: row[2] for row in actors}

    with open(out / "actors.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "label", "type", "region", "gdp_usd", "growth", "lat", "lon", "population_m",
                         "landlocked", "eu_member", "activity", "source"])
        writer.writerows(actors)

    contacts = {(row["a"], row["b"]): row for row in read(out / "contacts-2018.csv")}
    ties = []
    names = sorted(types)
    for i, a in enumerate(names):
        for b in names[i + 1:]:
            if types[a] == types[b] == "state":
                tie = tie_of_states(data, a, b)
            elif types[a] == types[b]:  # the two unions: half of the EU's tie with South Africa
                tie = tie_of_union(data, "EU", "ZAF", places) | {"source": "assumed: half of EU-ZAF"}
                tie["alignment"] *= OTHER_AFRICA
                tie["distance"] = kilometres(*places[a], *places[b])
            else:
                union, state = (a, b) if types[a] == "union" else (b, a)
                tie = tie_of_union(data, union, state, places)
            value = f"{round(tie['alignment'], 2) + 0:.2f}"
            own = [contacts[a, b][column] for column in TIE_COLUMNS if column.startswith("own_")]
            ties.append(dict(zip(TIE_COLUMNS, [
                a, b, value, value, value, *(significant(flow) for flow in tie["trade"]),
                significant(tie["distance"], 4 if tie["distance"] >= 1000 else 3),
                tie["contiguity"], tie["language"], tie["attention"], *own, tie["source"],
            ], strict=True)))
    write_ties(out / "ties.csv", ties)

    changes = {(row["a"], row["b"]): row for row in read(out / "changes-2025.csv")}
    unknown = changes.keys() - {(tie["a"], tie["b"]) for tie in ties}
    if unknown:
        sys.exit(f"changes-2025.csv: no such pairs (in the order of the alphabet): {sorted(unknown)}")
    trade = Trade(Path(__file__).parent.parent / "scenarios/world")
    write_ties(out / "ties-2025.csv", [later(tie, changes, trade) for tie in ties])


if __name__ == "__main__":
    main(sys.argv)
