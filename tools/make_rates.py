#!/usr/bin/env python3
"""Fit the rates of the shipped library to reported events, and write them where the scenarios read them.

    tools/make_rates.py EVENTS [SCENARIOS] [--until DATE] [--entente PROGRAM]      (SCENARIOS: scenarios)

EVENTS is ICEWS of January to July 2018 by country (docs/fitting.md). With --until only events before that day are
used: make a copy of the folder SCENARIOS, and check it against the later ones (docs/validation.md). It writes

    kinds/diplomacy.yaml        baseline rates, coefficients, branching ratios of the fitted event types
    tables/contacts-2018.csv    the ties' own log factors on the rate of each type
    tables/rates-2018.csv       the estimates with standard errors, and what became of them
    tables/ties*.csv            the columns own_* (as tools/make_tables.py does)
    tables/activity-2018.csv    draws of the actors' own activity, for `uncertain`

in four steps:

1. Two fits of fitted/diplomacy-2018.yaml, with random effects of the ties on each type: independent ones, which give
   the coefficients, and ones correlated between types, which give the branching ratios and each tie's rate. A tie's
   own factor is what its rate of the second fit is above that by the coefficients. Three of these are not used as
   estimated. Strength counts less for criticism and threats (DAMPED): these events also lower strength, and the two
   would drive each other. Who travels to whom is not in the data, which have many visits both ways: the coefficients
   of GDP for visits keep their sum, and differ by TRAVEL, so that leaders travel to the greater; half of the estimated
   return visits (RETURNS) are taken as reports of one visit from both sides.
2. A scenario has one of `reports` reported events (tables/cameo_kinds.csv): rates are divided by it, and branching
   ratios between types multiplied with the ratio of both.
3. Ties that are not in the data have the mean factor of the others; those of unions, one from the reports of the
   European Union.
4. Events also follow from others (`then`), so that the baseline rates would give too many. They are scaled until
   white-house-2018, with everything, has as many events of each type as the data (`entente validate`; two rounds on
   events, which are quick, and one on reports).

The actors' activity. From January and February to March and April the numbers of the types change by a factor with a
log sd of 0.43, and those of an actor, beyond chance and that, by one of 0.4 to 0.6: sd 0.3 a period for each. Both are
drawn in each replicate, one row of the table: a level of all (half of 0.3, as it counts for both sides) and an actor's
own.

Python 3.10 and nothing else.
"""

import argparse
import csv
import json
import math
import random
import re
import subprocess
import tempfile
from pathlib import Path

KINDS = ["call", "statement", "criticism", "threat", "leader_visit", "minister_visit", "memorandum"]
COEFFICIENTS = ["strength", "log_gdp_initiator", "log_gdp_target", "log_distance", "contiguity"]
REFERENCES = {"strength": 0.2, "log_gdp_initiator": 27.63, "log_gdp_target": 27.63, "log_distance": 8.5,
              "contiguity": 0}
DAMPED = {"criticism": -1.5, "threat": -1.5}
TRAVEL = 0.8
RETURNS = 0.5
LEVEL_SD, ACTOR_SD, DRAWS = 0.15, 0.3, 500
UNION_ATTENTION = -0.7  # tools/make_tables.py
ROUNDS = ("events", "events", "reports")


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


class Fit:
    """Estimates by event type and parameter, and the ties' own factors."""

    def __init__(self, program, scenarios, events, until, *options):
        with tempfile.TemporaryDirectory() as folder:
            out, estimates = Path(folder, "fitted.yaml"), Path(folder, "estimates.json")
            command = [program, "fit", scenarios / "fitted/diplomacy-2018.yaml", "--events", events]
            command += ["--mapping", scenarios / "tables/cameo_kinds.csv", "--left-truncated"]
            command += ["--random-effects", "auto"]
            command += [*options, *(["--until", until] if until else []), "-o", out, "--estimates", estimates]
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(done.stderr)
            self.kinds = {kind["kind"]: kind for kind in json.loads(estimates.read_text())["kinds"]}
            self.own = self.read_own(out.read_text())
        bad = [kind for kind, fitted in self.kinds.items() if not fitted["converged"]]
        if bad or set(self.kinds) != set(KINDS):
            raise SystemExit(f"not converged, or not fitted: {', '.join(bad) or set(KINDS) - set(self.kinds)}")

    @staticmethod
    def read_own(text):
        """The attributes own_KIND of the ties, as `entente fit` writes them."""
        own, tie = {}, None
        for line in text.splitlines():
            if found := re.fullmatch(r"  ([A-Z]{2,3}-[A-Z]{2,3}):", line):
                tie = own.setdefault(tuple(sorted(found[1].split("-"))), {})
            elif found := re.fullmatch(r'      own_(\w+): "?(-?[0-9.e-]+)"?', line):
                tie[found[1]] = float(found[2])
        return own

    def parameter(self, kind, name):
        """The parameter with that end of its path."""
        path = f"kinds.{kind}.{name}"
        return next(p for p in self.kinds[kind]["parameters"] if p["path"] == path)

    def coefficient(self, kind, name):
        for path in (f"rate.log_effects.{name}.coefficient", f"rate.log_effects.tie.{name}.coefficient"):
            for p in self.kinds[kind]["parameters"]:
                if p["path"] == f"kinds.{kind}.{path}":
                    return p
        return None

    def replace(self):
        """Sets the coefficients that are used in place of the estimated ones."""
        for kind, value in DAMPED.items():
            self.coefficient(kind, "strength")["used"] = value
        guest, host = (self.coefficient("leader_visit", f"log_gdp_{role}") for role in ("initiator", "target"))
        mean = (guest["value"] + host["value"]) / 2
        guest["used"], host["used"] = mean - TRAVEL / 2, mean + TRAVEL / 2

    def log_rate(self, kind, statistics):
        """Of a dyad, both directions, without its own factor."""
        total = 0.0
        for direction in statistics:
            value = math.log(self.parameter(kind, "rate.per_year")["value"])
            for name in COEFFICIENTS:
                if p := self.coefficient(kind, name):
                    value += p.get("used", p["value"]) * (direction[name] - REFERENCES[name])
            total += math.exp(value)
        return math.log(total)


def statistics(scenarios):
    """Of each tie of two states the statistics in both directions."""
    actors = {row["name"]: row for row in read(scenarios / "tables/actors.csv")}
    found = {}
    for row in read(scenarios / "tables/ties.csv"):
        a, b = row["a"], row["b"]
        gdp = {name: math.log(float(actors[name]["gdp_usd"])) for name in (a, b)}
        both = {"strength": float(row["strength"]), "log_distance": math.log(float(row["distance_km"] or "nan")),
                "contiguity": float(row["contiguity"] or 0)}
        found[tuple(sorted((a, b)))] = [
            {**both, "log_gdp_initiator": gdp[i], "log_gdp_target": gdp[j]} for i, j in ((a, b), (b, a))
        ]
    return found


# ---- the library's text ------------------------------------------------------------------------------


def block(text, kind):
    found = re.search(rf"(?ms)^  {kind}:\n.*?(?=^  \w+:\n|^  # ----|\Z)", text)
    return found.start(), found.end()


def put(text, kind, pattern, value, count=1):
    """Replaces the number after `pattern` in the event type's block."""
    start, end = block(text, kind)
    part, n = re.subn(rf"({pattern})(-?[0-9.e-]+)", lambda m: m[1] + value, text[start:end], count=count, flags=re.M)
    if n == 0:
        raise SystemExit(f"{kind}: nothing matches {pattern}")
    return text[:start] + part + text[end:]


def take(text, kind, pattern):
    start, end = block(text, kind)
    return float(re.search(rf"{pattern}(-?[0-9.e-]+)", text[start:end], flags=re.M)[1])


def plain(value, digits=3):
    """So many significant digits, without an exponent."""
    if value == 0:
        return "0"
    return f"{value:.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"


def put_fit(text, fit, branching, reports):
    rows = []
    for kind in KINDS:
        rate = fit.parameter(kind, "rate.per_year")
        text = put(text, kind, r"^      per_year: ", plain(rate["value"] / reports[kind]))
        rows.append(estimate(kind, "per_year, of reports", rate))
        for name in COEFFICIENTS:
            if not (p := fit.coefficient(kind, name)):
                continue
            pattern = rf"^        {name}: \{{coefficient: "
            if name == "contiguity":
                pattern = r"\{of: \$contiguity, coefficient: "
            text = put(text, kind, pattern, f"{p.get('used', p['value']):.2f}")
            rows.append(estimate(kind, name, p))
        parameters = [p for p in branching.kinds[kind]["parameters"] if p["path"].endswith(".branching")]
        text = put_branching(text, kind, parameters, reports)
        rows += [estimate(kind, p["name"], p) for p in parameters]
        rows.append(estimate(kind, "sd of the ties' own factors", fit.kinds[kind]["parameters"][-1]))
    return text, rows


def put_branching(text, kind, parameters, reports):
    start, end = block(text, kind)
    lines, n = text[start:end].splitlines(keepends=True), 0
    for i, line in enumerate(lines):
        found = re.match(r"      - \{kind: (\w+), relation: \w+, branching: ([0-9.]+)", line)
        if not found or found[1] not in KINDS:
            continue
        value = parameters[n]["value"] * reports[found[1]] / reports[kind]
        if found[1] == kind == "leader_visit":
            value *= RETURNS
        lines[i] = line.replace(f"branching: {found[2]}", f"branching: {plain(value, 2) if value >= 0.005 else '0'}")
        n += 1
    if n != len(parameters):
        raise SystemExit(f"{kind}: {n} excitations in the library, {len(parameters)} in the fit")
    return text[:start] + "".join(lines) + text[end:]


def estimate(kind, name, p):
    low, high = p.get("interval", ["", ""])
    show = lambda x: f"{x:.4g}" if isinstance(x, float) else x  # noqa: E731
    return {"kind": kind, "parameter": name, "estimate": show(p["value"]), "low": show(low), "high": show(high)}


# ---- the ties' own factors ------------------------------------------------------------------------------


def own_factors(fit, correlated, found):
    own = {}
    for tie, factors in correlated.own.items():
        own[tie] = {
            kind: factors[kind] + correlated.log_rate(kind, found[tie]) - fit.log_rate(kind, found[tie])
            for kind in KINDS
        }
    return own


def mean_factors(fit, own, found):
    """The log of the factor by which the fitted ties have more events than by their statistics."""
    means = {}
    for kind in KINDS:
        expected = {tie: math.exp(fit.log_rate(kind, found[tie])) for tie in own}
        means[kind] = math.log(sum(expected[t] * math.exp(own[t][kind]) for t in own) / sum(expected.values()))
    return means


def far(directions):
    """A union is where its members are: its distance is the reference value."""
    return [{**direction, "log_distance": REFERENCES["log_distance"]} for direction in directions]


def union_factors(fit, found, events, kinds, until, unions, library):
    """Of a union's ties with states that are not its members: its reports over those that the coefficients give, also
    that of `attention`."""
    first, last = "2018-01-01", until or "2018-08-01"
    members = {row["name"] for row in unions if row.get("eu_member") == "1"}
    names = {row["name"] for row in unions if row["type"] == "state"} - members
    pairs = {kind: set() for kind in KINDS}
    for row in events:
        code, ends = row["cameo_code"], {row["source_iso3"], row["target_iso3"]}
        if "EUU" not in ends or not first <= row["date"] < last or not (ends - {"EUU"}) <= names:
            continue
        kind, dyad, level = kinds.get(code, (None, None, None))
        leaders = row["source_level"] == row["target_level"] == "L"
        if kind in pairs and dyad != "mirror" and (level != "leader" or leaders):
            pair = sorted(ends) if dyad == "undirected" else (row["source_iso3"], row["target_iso3"])
            pairs[kind].add((row["date"], *pair))
    days = 120 if until == "2018-05-01" else 212
    factors = {}
    for kind in KINDS:
        branching = sum(p["value"] for p in fit.kinds[kind]["parameters"]
                        if p["path"].endswith(".branching") and f"by {kind}" in p["name"])
        expected = sum(math.exp(fit.log_rate(kind, far(found[tuple(sorted(("EU", name)))]))) for name in names)
        start, end = block(library, kind)
        if attention := re.search(r"\{of: \$attention, coefficient: ([0-9.]+)\}", library[start:end]):
            expected *= math.exp(UNION_ATTENTION * float(attention[1]))
        factors[kind] = math.log((len(pairs[kind]) + 0.5) / (expected / max(0.2, 1 - branching) * days / 365.25))
    return factors


def write_contacts(scenarios, fit, found, own, means, union):
    rows = []
    for row in read(scenarios / "tables/ties.csv"):
        tie = tuple(sorted((row["a"], row["b"])))
        factors = own.get(tie) or means
        if {"AU", "EU"} & set(tie):
            factors = {kind: union[kind] + fit.log_rate(kind, far(found[tie])) - fit.log_rate(kind, found[tie])
                       for kind in KINDS}
        rows.append({"a": row["a"], "b": row["b"], **{f"own_{kind}": f"{factors[kind]:.2f}" for kind in KINDS}})
    write(scenarios / "tables/contacts-2018.csv", rows)
    for name in ("ties.csv", "ties-2025.csv"):
        table = read(scenarios / "tables" / name)
        for row, contacts in zip(table, rows, strict=True):
            source = row.pop("source")
            row.update({key: value for key, value in contacts.items() if key not in "ab"})
            row["source"] = source
        write(scenarios / "tables" / name, table)


def write_activity(scenarios):
    names, draw = [row["name"] for row in read(scenarios / "tables/actors.csv")], random.Random(2018)
    rows = []
    for _ in range(DRAWS):
        level = draw.gauss(0, LEVEL_SD)
        rows.append({f"actors.{name}.attributes.activity": f"{level + draw.gauss(0, ACTOR_SD):.2f}" for name in names})
    write(scenarios / "tables/activity-2018.csv", rows)


# ---- as many as observed ------------------------------------------------------------------------------


def scale(program, scenarios, events, until, text, reports):
    """Scales the baseline rates to the observed numbers; returns the text and the factors."""
    factors = dict.fromkeys(KINDS, 1.0)
    library = scenarios / "kinds/diplomacy.yaml"
    for counted in ROUNDS:
        library.write_text(text, encoding="utf-8")
        codes = scenarios / "tables/cameo_kinds.csv"
        if counted == "events":
            rows = [{**row, "reports": ""} for row in read(codes)]
            codes = scenarios / "tables/codes-without-reports.csv"
            write(codes, rows)
        command = [program, "validate", scenarios / "white-house-2018.yaml", "--events", events, "-n", "200"]
        command += ["--json", "-q", "--countries", scenarios / "tables/countries.csv", "--mapping", codes]
        command += ["--until", until] if until else []
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
        if counted == "events":
            codes.unlink()
        for kind in json.loads(done.stdout)["kinds"]:
            events_of = next(f for f in kind["figures"] if f["figure"] == "events")
            if (name := kind["kind"]) in factors:
                wanted = events_of["observed"] / (reports[name] if counted == "events" else 1)
                ratio = wanted / events_of["mean"]
                factors[name] *= ratio
                text = put(text, name, r"^      per_year: ", plain(take(text, name, r"^      per_year: ") * ratio))
    library.write_text(text, encoding="utf-8")
    return text, factors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events", type=Path)
    parser.add_argument("scenarios", type=Path, nargs="?", default=Path("scenarios"))
    parser.add_argument("--until")
    parser.add_argument("--entente", default="build/release/entente")
    given = parser.parse_args()
    codes = [row for row in read(given.scenarios / "tables/cameo_kinds.csv") if row["kind"]]
    reports = {row["kind"]: float(row["reports"]) for row in codes if row["reports"]}
    kinds = {row["code"]: (row["kind"], row["dyad"], row["level"]) for row in codes}
    fit = Fit(given.entente, given.scenarios, given.events, given.until)
    fit.replace()
    correlated = Fit(given.entente, given.scenarios, given.events, given.until, "--correlated-random-effects")
    found = statistics(given.scenarios)
    own = own_factors(fit, correlated, found)
    library = (given.scenarios / "kinds/diplomacy.yaml").read_text(encoding="utf-8")
    actors = read(given.scenarios / "tables/actors.csv")
    union = union_factors(fit, found, read(given.events), kinds, given.until, actors, library)
    means = mean_factors(fit, own, found)
    write_contacts(given.scenarios, fit, found, own, means, union)
    write_activity(given.scenarios)
    text, rows = put_fit(library, fit, correlated, reports)
    text, factors = scale(given.entente, given.scenarios, given.events, given.until, text, reports)
    for kind in KINDS:
        for name, value in (("reports for one event", reports[kind]), ("scaled by", factors[kind]),
                            ("mean of the ties' own factors, log", means[kind]),
                            ("of the European Union, log", union[kind])):
            rows.append({"kind": kind, "parameter": name, "estimate": f"{value:.4g}", "low": "", "high": ""})
    write(given.scenarios / "tables/rates-2018.csv", rows)


if __name__ == "__main__":
    main()
