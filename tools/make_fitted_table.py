#!/usr/bin/env python3
"""Write scenarios/fitted/ties.csv: what the fitted rates of pairs of states rest on.

    tools/make_fitted_table.py DATA_DIR

DATA_DIR/events/icews_dyad_year_2002_2011.csv holds yearly counts of reports by directed pair (a pair and year that is
not there: none); distance, contiguity, language and GDP come from scenarios/tables. A state that the counts do not
know at all gets what its GDP and distances let one expect (least squares over the other pairs). The script needs
Python 3.9 and nothing else.
"""

import csv
import math
import sys
from collections import Counter
from pathlib import Path

YEARS = (2009, 2010, 2011)
SCENARIOS = Path(__file__).parent.parent / "scenarios"
COUNTS = {"log_cooperation": ("verbCoop", "matlCoop"), "log_conflict": ("verbConf", "matlConf")}
COLUMNS = ("a", "b", "distance_km", "contiguity", "common_language", "log_gdp", *COUNTS, "source")


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def least_squares(rows, values):
    """Coefficients b with the least sum of (row . b - value)^2: the normal equations by elimination."""
    n = len(rows[0])
    system = [
        [sum(row[i] * row[j] for row in rows) for j in range(n)]
        + [sum(row[i] * value for row, value in zip(rows, values, strict=True))]
        for i in range(n)
    ]
    for i in range(n):
        system[i] = [x / system[i][i] for x in system[i]]
        for k in range(n):
            if k != i:
                system[k] = [x - system[k][i] * y for x, y in zip(system[k], system[i], strict=True)]
    return [row[n] for row in system]


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    counts = {column: Counter() for column in COUNTS}
    known = set()
    for row in read(Path(arguments[1]) / "events/icews_dyad_year_2002_2011.csv"):
        known.add(row["source_iso3"])
        if int(row["year"]) in YEARS:
            for column, parts in COUNTS.items():
                pair = frozenset((row["source_iso3"], row["target_iso3"]))
                counts[column][pair] += sum(int(row[part]) for part in parts)

    gdp = {row["name"]: float(row["gdp_usd"]) / 1e9 for row in read(SCENARIOS / "tables/actors.csv")}
    states = {row["name"] for row in read(SCENARIOS / "tables/actors.csv") if row["type"] == "state"}
    ties = [tie for tie in read(SCENARIOS / "tables/ties.csv") if {tie["a"], tie["b"]} <= states]
    for tie in ties:
        pair = frozenset((tie["a"], tie["b"]))
        tie["log_gdp"] = round(math.log(gdp[tie["a"]]) + math.log(gdp[tie["b"]]), 1)
        for column in COUNTS:
            tie[column] = round(math.log1p(counts[column][pair] / len(YEARS)), 1)
        tie["known"] = pair <= known
        tie["source"] = f"ICEWS {YEARS[0]}-{YEARS[-1]}" if tie["known"] else "expected from GDP and distance"
        tie["row"] = [1, tie["log_gdp"], math.log(float(tie["distance_km"]))]
    for column in COUNTS:
        counted = [tie for tie in ties if tie["known"]]
        b = least_squares([tie["row"] for tie in counted], [tie[column] for tie in counted])
        for tie in ties:
            if not tie["known"]:
                expected = sum(x * y for x, y in zip(tie["row"], b, strict=True))
                tie[column] = max(0, round(expected, 1))

    with open(SCENARIOS / "fitted/ties.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(ties)


if __name__ == "__main__":
    main(sys.argv)
