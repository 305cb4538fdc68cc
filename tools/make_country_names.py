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
# are no name of ISO 3166; territories other than Hong Kong and Macao are left out.
ICEWS = {
    "Cape Verde": "CPV", "Cote d'Ivoire": "CIV", "Czech Republic": "CZE", "Democratic Republic of Congo": "COD",
    "Micronesia": "FSM", "Occupied Palestinian Territory": "PSE", "Swaziland": "SWZ", "Turkey": "TUR",
    "Brunei": "BRN", "the former Yugoslav Republic of Macedonia": "MKD", "Kosovo": "XKX",
}  # fmt: skip
# Other spellings that are common, where they mean one state only: of the United Nations, the World Bank, the World
# Factbook, Correlates of War, UCDP and ACLED, and what people write. Case, accents, quotes and punctuation make no
# difference (sim/observed/fold.h).
COMMON = {
    "AU": ["African Union"],
    "BHS": ["Bahamas, The"], "BIH": ["Bosnia", "Bosnia-Herzegovina"], "BOL": ["Bolivia"],
    "BRN": ["Brunei Darussalam"], "CHN": ["PRC", "People's Republic of China", "Mainland China"],
    "CIV": ["Ivory Coast"], "COD": [
        "Democratic Republic of the Congo", "Congo, Democratic Republic of the", "Congo, Dem. Rep.", "DR Congo", "DRC",
        "Congo (Kinshasa)", "Congo-Kinshasa", "Zaire", "DR Congo (Zaire)",
    ],
    "COG": [
        "Republic of Congo", "Congo, Republic of the", "Congo, Rep.", "Congo (Brazzaville)", "Congo-Brazzaville",
        "Republic of the Congo",
    ],
    "CPV": ["Cabo Verde"], "CZE": ["Czechia", "Czech Rep."], "DEU": ["Germany", "Federal Republic of Germany"],
    "DOM": ["Dominican Rep."], "EGY": ["Egypt, Arab Rep."], "EU": ["European Union", "EU"], "FSM": [
        "Micronesia, Fed. Sts.", "Federated States of Micronesia", "Micronesia (Federated States of)",
    ],
    "GBR": ["Great Britain", "Britain", "UK", "U.K.", "United Kingdom of Great Britain and Northern Ireland"],
    "GMB": ["Gambia, The", "Gambia (Republic of The)"],
    "HKG": ["Hong Kong SAR", "Hong Kong SAR, China", "Hong Kong, China", "China, Hong Kong SAR"],
    "IRN": ["Iran", "Iran, Islamic Rep."], "KGZ": ["Kyrgyz Republic", "Kirghizia", "Kyrgyz Rep."],
    "KHM": ["Cambodia (Kampuchea)", "Kampuchea"], "KNA": ["St. Kitts and Nevis", "Saint Kitts & Nevis"],
    "KOR": ["Korea", "Korea, South", "Korea, Rep.", "Republic of Korea", "ROK", "S. Korea"], "LAO": ["Lao PDR", "Laos"],
    "LCA": ["St. Lucia"], "LKA": ["Ceylon"],
    "MAC": ["Macau", "Macao SAR", "Macao SAR, China", "Macau SAR", "China, Macao SAR"],
    "MDA": ["Republic of Moldova"], "MDG": ["Madagascar (Malagasy)"],
    "MKD": ["Macedonia", "Macedonia, FYR", "FYR Macedonia", "FYROM", "TFYR of Macedonia", "Republic of Macedonia"],
    "MMR": ["Burma", "Myanmar (Burma)", "Burma/Myanmar"],
    "NLD": ["Holland", "The Netherlands", "Netherlands (Kingdom of the)"],
    "PRK": ["Korea, North", "Korea, Dem. People's Rep.", "DPRK", "Democratic People's Republic of Korea", "N. Korea"],
    "PSE": [
        "Palestine", "Palestinian Territories", "Palestinian Authority", "West Bank and Gaza", "West Bank",
        "Gaza Strip", "Gaza", "West Bank administered by Israel", "Gaza Strip administered by Israel",
    ],
    "RUS": ["Russia", "Russia (Soviet Union)"], "SAU": ["KSA"], "SOM": ["Somalia, Fed. Rep."],
    "SRB": ["Serbia (Yugoslavia)"], "STP": ["Sao Tome", "Sao Tome & Principe"],
    "SVK": ["Slovak Republic", "Slovak Rep."], "SWZ": ["Eswatini", "Kingdom of eSwatini (Swaziland)"],
    "SYR": ["Syria"], "TLS": ["East Timor"], "TTO": ["Trinidad & Tobago"],
    "TUR": ["Turkiye", "Turkey (Turkiye)"], "TWN": ["Taiwan, China", "Chinese Taipei", "Taiwan, Province of China"],
    "TZA": ["Tanzania"], "ARE": ["UAE", "U.A.E."],
    "USA": ["United States of America", "USA", "US", "U.S.", "U.S.A."],
    "VAT": ["Holy See", "Vatican", "Vatican City", "Vatican City State", "Holy See (Vatican City)"],
    "VCT": ["St. Vincent and the Grenadines", "St. Vincent"], "VEN": ["Venezuela", "Venezuela, RB"],
    "VNM": ["Vietnam (North Vietnam)"], "YEM": ["Yemen, Rep.", "Yemen (North Yemen)"],
    "ZWE": ["Zimbabwe (Rhodesia)"], "BFA": ["Burkina", "Upper Volta"],
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
    common = {name: actor for actor, spellings in COMMON.items() for name in spellings}
    for name, actor in {**ICEWS, **common}.items():
        if actor in known and names.setdefault(name, actor) != actor:
            raise SystemExit(f"{name} is {names[name]} and {actor}")
    with open(tables / "country_names.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["actor", "name"])
        out.writerows(sorted((actor, name) for name, actor in names.items()))


if __name__ == "__main__":
    words = sys.argv[1:] + ["/usr/share/iso-codes/json/iso_3166-1.json", "scenarios/tables"][len(sys.argv) - 1 :]
    main(Path(words[0]), Path(words[1]))
