#!/usr/bin/env python3
"""Write the table of countries' names, by which events that name countries in words are read.

    tools/make_country_names.py [ISO_3166] [TABLES]   (/usr/share/iso-codes/json/iso_3166-1.json, scenarios/tables)

A row a spelling: for each state of countries.csv that of ISO 3166 with its official and common form, as Debian's
iso-codes has them, and what ICEWS calls it where that is none of these. Needs Python 3.9 and nothing else.
"""

import csv
import json
import sys
from pathlib import Path

# The countries' names in ICEWS's events (as listed in the R package icews, data-raw/country-to-gwcode-mapping.R) that
# are no name of ISO 3166; territories are left out.
ICEWS = {
    "Cape Verde": "CPV", "Cote d'Ivoire": "CIV", "Czech Republic": "CZE", "Democratic Republic of Congo": "COD",
    "Micronesia": "FSM", "Occupied Palestinian Territory": "PSE", "Swaziland": "SWZ", "Turkey": "TUR",
    "Brunei": "BRN", "the former Yugoslav Republic of Macedonia": "MKD", "Kosovo": "XKX",
}  # fmt: skip
# Further spellings that are common and mean one state only.
COMMON = {
    "Russia": "RUS", "Ivory Coast": "CIV", "East Timor": "TLS", "Macedonia": "MKD", "Palestine": "PSE", "Burma": "MMR",
    "Democratic Republic of the Congo": "COD", "European Union": "EU", "United States of America": "USA",
    "Great Britain": "GBR",
}  # fmt: skip


def main(iso, tables):
    with open(tables / "countries.csv", newline="", encoding="utf-8") as file:
        actors = {row["iso3"]: row["actor"] for row in csv.DictReader(file)}
    names = {}
    for state in json.loads(iso.read_text(encoding="utf-8"))["3166-1"]:
        for form in ("name", "common_name", "official_name"):
            if form in state and state["alpha_3"] in actors:
                names.setdefault(state[form], actors[state["alpha_3"]])
    known = set(actors.values())
    for name, actor in {**ICEWS, **COMMON}.items():
        if actor in known and names.setdefault(name, actor) != actor:
            raise SystemExit(f"{name} is {names[name]} and {actor}")
    with open(tables / "country_names.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["actor", "name"])
        out.writerows(sorted((actor, name) for name, actor in names.items()))


if __name__ == "__main__":
    words = sys.argv[1:] + ["/usr/share/iso-codes/json/iso_3166-1.json", "scenarios/tables"][len(sys.argv) - 1 :]
    main(Path(words[0]), Path(words[1]))
