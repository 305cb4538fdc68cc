"""`entente fit`: events in, a fitted scenario out that `check` accepts; what is wrong in the data is told."""

import csv
import datetime
import itertools
import json
import math
import os
import random
import re
import statistics
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

ENTENTE = os.environ["ENTENTE"]
ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
MAPPING = ROOT / "scenarios/tables/cameo_kinds.csv"

SCENARIO = """entente: 1
title: Two kinds between three
period: {start: 2018-01-01, end: 2018-12-31}
actors: {AAA: {label: A}, BBB: {label: B}, CCC: {label: C}}
ties: {all: true}
kinds:
  call:
    scope: initiator -> target
    rate: {per_year: 3}
    excited_by: [{kind: call, relation: same, branching: 0.2, half_life: 5 d}]
  statement: {scope: initiator -> target, rate: {per_year: 1}}
uncertain:
  kinds.call.rate.per_year: {lognormal: {median: 3, sigma: 0.5}}
"""


def fit(folder, text, *more, scenario=SCENARIO):
    (folder / "s.yaml").write_text(scenario)
    (folder / "e.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    out = folder / "fitted.yaml"
    command = [ENTENTE, "fit", folder / "s.yaml", "--events", folder / "e.csv", "-o", out, *more]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 or not out.exists()
    assert not list(folder.glob("*.tmp*"))
    return done, out


def rows(n):
    actors = ["AAA", "BBB", "CCC"]
    lines = ["date,initiator,target,kind"]
    for e in range(n):
        day = 1 + (e * e * 7 + e * 3) % 28
        lines.append(f"2018-{1 + e * 6 // n:02d}-{day:02d},{actors[e % 3]},{actors[(e + 1 + e // 3 % 2) % 3]},call")
    return "\n".join(lines) + "\n"


def test_fitted_scenario_is_accepted(tmp_path):
    done, out = fit(tmp_path, rows(60))
    assert done.returncode == 0, done.stderr
    assert "converged" in done.stdout
    check = subprocess.run([ENTENTE, "check", out], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    text = out.read_text()
    assert "kinds.call.rate.per_year" in text and "fitted to e.csv" in text
    assert "sigma: 0.5\n" not in text  # the old prior is gone
    assert fit(tmp_path, rows(60))[1].read_text() == text


@pytest.mark.parametrize(
    "text, status, told",
    [
        ("", 65, "is empty"),
        ("date,initiator,target,kind\n", 65, "no rows"),
        ("date,who,target,kind\n2018-01-01,AAA,BBB,call\n", 65, "e.csv:1: the columns"),
        ("date,initiator,target,kind\n2018-13-01,AAA,BBB,call\n", 65, 'e.csv:2: error: date is "2018-13-01"'),
        ("date,initiator,target,kind\n2018-01-01,AAA,BBB\n", 65, "e.csv:2: error: 3 cells"),
        ("date,initiator,target,kind\n2018-01-01,,BBB,call\n", 65, "the initiator is missing"),
        (b"date,initiator,target,kind\n\0\n", 65, "zero byte"),
        ("date,initiator,target,code\n2018-01-01,AAA,BBB,041\n", 65, "--mapping"),
    ],
)
def test_mistakes_are_located(tmp_path, text, status, told):
    done, _ = fit(tmp_path, text)
    assert done.returncode == status
    assert told in done.stderr


def test_a_branching_at_its_edge_leaves_the_others(tmp_path):
    """Two excitations of one process: the one that is not there goes to 0, the other keeps its estimate."""
    lines = ["date,initiator,target,kind"]
    pairs = ["AAA,BBB", "BBB,CCC", "CCC,AAA", "BBB,AAA", "CCC,BBB", "AAA,CCC"]
    for burst in range(52):  # bursts of three days on each dyad in turn, nothing of a slow kind about them
        for n in range(3):
            date = datetime.date(2018, 1, 1) + datetime.timedelta(days=7 * burst + n)
            lines.append(f"{date},{pairs[burst % 6]},call")
    slow = SCENARIO.replace(
        "half_life: 5 d}]", "half_life: 1 d}, {kind: call, relation: same, branching: 0.2, half_life: 300 d}]"
    )
    done, out = fit(tmp_path, "\n".join(lines) + "\n", "--estimates", tmp_path / "e.json", scenario=slow)
    told = [line for line in done.stdout.splitlines() if line.startswith("  by call, same: branching ratio")]
    branchings = [float(line.split()[5]) for line in told]
    assert len(branchings) == 2 and branchings[0] > 0.4 and branchings[1] == 0, done.stdout
    assert "estimates on the boundary: 1 " in done.stdout and "converged" in done.stdout
    estimates_are_drawn_jointly(out, json.loads((tmp_path / "e.json").read_text())["kinds"][0])


def estimates_are_drawn_jointly(fitted, estimates):
    """With the correlation of the estimates."""
    assert "    fitted_call:\n" in fitted.read_text()
    runs.run(fitted, fitted.parent / "out.h5", "-n", 400)
    with h5py.File(fitted.parent / "out.h5") as file:
        drawn = {name.decode(): values for name, values in zip(file["parameter"], file["drawn"][()].T, strict=True)}
        assert {name.decode() for name in file["parameter_joint"]} == {"fitted_call"}
    free = [n for n, one in enumerate(estimates["parameters"]) if one["free"] and one["path"]]
    a, b = free
    covariance = np.array(estimates["covariance"])
    wanted = covariance[a, b] / np.sqrt(covariance[a, a] * covariance[b, b])
    assert wanted < -0.01  # a high branching ratio goes with a low baseline rate
    written = re.search(r"correlation:\s+-\s+- 1\s+-\s+- \"?(\S+?)\"?\n", fitted.read_text())
    assert abs(float(written[1]) - wanted) < 1e-8
    assert set(drawn) == {estimates["parameters"][n]["path"] for n in free}


def test_the_code_star_is_every_other_code(tmp_path):
    mapping = tmp_path / "m.csv"
    mapping.write_text("code,kind,dyad\n041,call,directed\n042,,directed\n*,statement,directed\n")
    text = "date,initiator,target,code\n" + "".join(f"2018-03-0{d},AAA,BBB,04{d}\n" for d in range(1, 10))
    done, _ = fit(tmp_path, text, "--mapping", mapping)
    assert "9 rows, 8 events used" in done.stdout and "statement: 7 events" in done.stdout


def test_every_row_left_out_is_counted(tmp_path):
    text = (
        "date,source_iso3,target_iso3,cameo_code\n"
        "2018-03-02,AAA,BBB,041\n2018-03-02,BBB,AAA,041\n2018-03-01,AAA,ZZZ,041\n2018-03-01,AAA,AAA,041\n"
        "2018-03-01,AAA,BBB,043\n2018-03-01,AAA,BBB,042\n2018-03-01,AAA,BBB,999\n2019-03-01,AAA,BBB,041\n"
    )
    done, _ = fit(tmp_path, text, "--mapping", MAPPING)
    assert "8 rows, 1 events used (ICEWS by country)" in done.stdout
    reasons = ["code not mapped", "below the level", "actor not in", "the same\n", "paired code", "a repeat of",
               "after"]
    for reason in reasons:
        assert "1 rows left out: " in done.stdout and reason in done.stdout
    assert "1 rows were out of order" in done.stdout
    assert done.returncode == 65 and "no event type could be fitted" in done.stderr


def test_a_drift_is_estimated_and_written(tmp_path):
    """Events that grow rarer over the year; the rate is that of the start."""
    year = datetime.date(2018, 1, 1)
    days = [round(300 * (n / 100) ** 2) for n in range(100)]
    pairs = ["AAA,BBB", "BBB,CCC", "CCC,AAA", "BBB,AAA", "CCC,BBB", "AAA,CCC"]
    text = "date,initiator,target,kind\n" + "".join(
        f"{year + datetime.timedelta(days=day)},{pairs[n % 6]},statement\n" for n, day in enumerate(days)
    )
    drift = SCENARIO.replace("per_year: 1}", "per_year: 1, log_effects: {years: 0}}")
    done, out = fit(tmp_path, text, scenario=drift)
    assert done.returncode == 0, done.stderr
    told = [line.split() for line in done.stdout.splitlines() if line.startswith("  years")]
    assert float(told[0][1]) < -1 and told[0][2] == "se"
    assert f"kinds.statement.rate.log_effects.years:\n    normal:\n      mean: \"{told[0][1]}" in out.read_text()
    check = subprocess.run([ENTENTE, "check", out], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr


def test_kinds_that_share_are_fitted_together(tmp_path):
    """One coefficient and one pattern of the week for two kinds, drawn once in a run."""
    both = SCENARIO.replace("per_year: 3}", "per_year: 3, log_effects: {log_gdp_target: 0}}").replace(
        "per_year: 1}", "per_year: 1, log_effects: {log_gdp_target: {coefficient: 0, reference: 27}}}"
    )
    for name, gdp in [("A", 100), ("B", 500), ("C", 2500)]:
        both = both.replace(f"label: {name}}}", f"label: {name}, gdp: {gdp} bn USD}}")
    text = rows(120) + "\n".join(row.replace("call", "statement") for row in rows(90).splitlines()[1:]) + "\n"
    shared = ["--pool", "log_gdp_target", "--pool", "weekdays"]
    done, out = fit(tmp_path, text, "--weekdays", *shared, scenario=both)
    assert done.returncode == 0, done.stderr
    coefficients = [line for line in done.stdout.splitlines() if line.startswith("  log_gdp_target")]
    assert len(coefficients) == 2 and coefficients[0] == coefficients[1] and coefficients[0].endswith(", pooled")
    assert "joint fit: log L" in done.stdout and "; 7 parameters fewer" in done.stdout  # six of the week
    text = out.read_text()
    assert text.count("same_as") == 8 and 'same_as: "kinds.call.rate.log_effects.log_gdp_target' in text
    check = subprocess.run([ENTENTE, "check", out], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    shown = subprocess.run([ENTENTE, "show", out], capture_output=True, text=True).stdout
    assert "same as kinds.call.season.weekday.6" in shown


@pytest.mark.parametrize(
    "name, told", [("strenght", "a statistic"), ("weekdays", "are estimated only with --weekdays")]
)
def test_what_cannot_be_shared_is_told(tmp_path, name, told):
    done, _ = fit(tmp_path, rows(60), "--pool", name)
    assert done.returncode == 64 and f"--pool {name}" in done.stderr and told in done.stderr


def test_what_the_fitted_scenario_misses_is_named(tmp_path):
    """Bursts on one dyad after another, fitted without excitation: the simulated events are too even."""
    lines = ["date,initiator,target,kind"]
    pairs = ["AAA,BBB", "BBB,CCC", "CCC,AAA"]
    for burst in range(30):
        for n in range(4):
            date = datetime.date(2018, 1, 1) + datetime.timedelta(days=12 * burst + n)
            lines.append(f"{date},{pairs[burst % 3]},statement")
    table = tmp_path / "simulated.csv"
    done, _ = fit(tmp_path, "\n".join(lines) + "\n", "--simulate", "200", "--simulated", table)
    assert done.returncode == 0, done.stderr
    told = done.stdout.split("statement, simulated:")[1]
    assert "verdict: misfit in" in told and "events in quick succession" in told
    rows = [line.split(",") for line in table.read_text().replace('"', "").splitlines()]
    assert rows[0] == ["kind", "figure", "observed", "mean", "low", "high", "p"]
    figures = {row[1]: row for row in rows[1:] if row[0] == "statement"}
    assert float(figures["events"][2]) == 120 and 100 < float(figures["events"][3]) < 140
    assert fit(tmp_path, "\n".join(lines) + "\n", "--simulate", "200")[0].stdout == done.stdout


@pytest.mark.parametrize("option", [["--simulate", "100"], ["--simulated", "x.csv"]])
def test_simulated_sets_are_enough_and_asked_for(tmp_path, option):
    done, _ = fit(tmp_path, rows(60), *option)
    assert done.returncode == 64 and option[0] in done.stderr


@pytest.mark.parametrize("until, days", [(None, 181), ("2018-05-01", 120)])
def test_the_rate_is_events_over_whole_days(tmp_path, until, days):
    """Without statistics and excitation: events, by six dyads, by the days to the end of the last one."""
    text = rows(60).replace("call", "statement") + "2018-06-30,AAA,BBB,statement\n"
    text = re.sub(r"^(2018-..-..)", r"\1T12:00", text, flags=re.M)
    done, out = fit(tmp_path, text, *(["--until", until] if until else []))
    used = int(done.stdout.split(" events on 6 dyads")[0].split()[-1])
    dates = [row.split(",")[0] for row in text.splitlines()[1:]]
    assert used == len([date for date in dates if not until or date < until])  # none the same day twice
    rate = float(done.stdout.split("rate.per_year")[1].split()[0])
    assert rate == pytest.approx(used / (6 * days) * 365.2425, rel=1e-4)
    assert f"to the events before {until or '2018-07-01'}" in out.read_text()


def test_a_place_rests_after_its_event_until_midnight(tmp_path):
    """Without times of day only the time before a day's event is at risk: half of it, on average."""
    days = [datetime.date(2018, 1, 1) + datetime.timedelta(days=n) for n in range(300) if n % 10]
    pairs = ["AAA,BBB", "BBB,CCC", "CCC,AAA", "BBB,AAA", "CCC,BBB", "AAA,CCC"]
    lines = ["date,initiator,target,kind"] + [f"{day},{pair},statement" for pair in pairs for day in days]
    done, _ = fit(tmp_path, "\n".join(lines) + "\n")
    rate = float(done.stdout.split("rate.per_year")[1].split()[0]) / 365.2425
    assert "1620 events reported, about " in done.stdout
    assert rate == pytest.approx(270 / (30 + 270 / 2), rel=0.03)


COUNTRIES = ROOT / "scenarios/tables/countries.csv"


def named(text):
    """The scenario's text with real states in place of AAA, BBB, CCC."""
    for short, name in [("AAA", "DEU"), ("BBB", "KAZ"), ("CCC", "YEM")]:
        text = text.replace(short, name)
    return text


def imported(folder, text, *more):
    """What `entente fit` says of the rows, for Germany, Kazakhstan and Yemen."""
    (folder / "s.yaml").write_text(named(SCENARIO))
    (folder / "e.csv").write_text(text)
    command = [ENTENTE, "fit", folder / "s.yaml", "--events", folder / "e.csv", *more]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    "system, germany, kazakhstan, yemen",
    [
        ("iso3", "DEU", "KAZ", "YEM"), ("cow", "255", "705", "679"),
        ("gw", "260", "705", "678"), ("fips", "GM", "KZ", "YM"),
    ],
)
def test_codes_of_countries(tmp_path, system, germany, kazakhstan, yemen):
    rows = [(germany, kazakhstan), (kazakhstan, yemen), (yemen, germany), (germany, "999"), ("XX", yemen)]
    text = "date,initiator,target,kind\n" + "".join(f"2018-03-0{d + 1},{a},{b},call\n" for d, (a, b) in enumerate(rows))
    done = imported(tmp_path, text, "--countries", COUNTRIES, "--by", system)
    assert "5 rows, 3 events used (plain)" in done.stdout
    assert "2 rows left out: country's code not in the table of countries" in done.stdout


def test_tables_of_codes_are_checked(tmp_path):
    rows = "date,initiator,target,kind\n2018-03-01,DEU,KAZ,call\n"
    table = tmp_path / "c.csv"
    table.write_text("actor,iso3\nDEU,DEU\nKAZ,DEU\n")
    done = imported(tmp_path, rows, "--countries", table)
    assert done.returncode == 65 and 'c.csv:3: the code "DEU" is already in line 2' in done.stderr
    done = imported(tmp_path, rows, "--countries", table, "--by", "cow")
    assert done.returncode == 65 and "the columns actor and cow are expected" in done.stderr
    done = imported(tmp_path, rows, "--by", "cow")
    assert done.returncode == 64 and "give --countries" in done.stderr


def gdelt(number, date, one, two, code):
    cells = [""] * 61
    cells[0], cells[1], cells[7], cells[17], cells[26] = number, date, one, two, code
    cells[6], cells[60] = 'A "quoted name', "https://example.org/" + "x" * 300
    return "\t".join(cells) + "\n"


def test_gdelt(tmp_path):
    text = "".join(
        [
            gdelt("1", "20180301", "DEU", "KAZ", "041"),
            gdelt("2", "20180301", "KAZ", "DEU", "041"),
            gdelt("3", "20180302", "DEU", "", "041"),
            gdelt("4", "20180302", "DEU", "FRA", "041"),
            gdelt("5", "20180303", "DEU", "YEM", "1411"),
        ]
    )
    done = imported(tmp_path, text, "--mapping", MAPPING)
    assert "5 rows, 1 events used (GDELT 2.0)" in done.stdout
    for reason in ["no country for one", "actor not in", "a repeat of", "code not mapped"]:
        assert f"1 rows left out: {reason}" in done.stdout or reason in done.stdout
    done = imported(tmp_path, gdelt("1", "20180230", "DEU", "KAZ", "041"), "--mapping", MAPPING)
    assert done.returncode == 65 and 'e.csv:1: error: date is "20180230"' in done.stderr
    done = imported(tmp_path, text + "6\t20180304\n", "--mapping", MAPPING)
    assert done.returncode == 65 and "e.csv:6: error: 2 cells, the first row has 61" in done.stderr


NAMES = ROOT / "scenarios/tables/country_names.csv"


@pytest.mark.parametrize("quote", ["", '"'])
def test_icews_with_names_of_countries(tmp_path, quote):
    """As distributed: tab separated, countries by name, some of them not those of ISO 3166; quoted or not."""
    head = ["Event ID", "Event Date", "Source Name", "Source Country", "CAMEO Code", "Target Name", "Target Country"]
    rows = [
        ("1", "2018-03-01", "A", "Germany", "041", "B", "Kazakhstan"),
        ("2", "2018-03-02", "A", "Republic of Yemen", "041", "B", "Federal Republic of Germany"),
        ("3", "2018-03-02", "A", "Yemen", "041", "B", "Côte d'Ivoire"),
        ("4", "2018-03-02", "A", "Yemen", "041", "B", "Cote d'Ivoire"),
        ("5", "2018-03-02", "A", "Occupied Palestinian Territory", "041", "B", "Yemen"),
        ("6", "2018-03-03", "A", "", "041", "B", "Yemen"),
        ("7", "2018-03-03", "A", "NULL", "041", "B", "Yemen"),
        ("8", "2018-03-03", "A", "Aeolian Islands", "041", "B", "Yemen"),
    ]
    text = "".join("\t".join(f"{quote}{cell}{quote}" for cell in row) + "\n" for row in [head, *rows])
    done = imported(tmp_path, text, "--mapping", MAPPING, "--countries", NAMES, "--by", "name")
    assert "8 rows, 2 events used (ICEWS)" in done.stdout, done.stdout + done.stderr
    for count, reason in [(3, "actor not in"), (2, "no country for one"), (1, "country's code not in the table")]:
        assert f"       {count} rows left out: {reason}" in done.stdout


def test_names_and_codes_of_countries_agree():
    """Every state has a name, a name is one state's; ICEWS's spellings are there; no code stands twice."""
    with COUNTRIES.open(encoding="utf-8") as file:
        states = list(csv.DictReader(file))
    with NAMES.open(encoding="utf-8") as file:
        names = [(row["name"], row["actor"]) for row in csv.DictReader(file)]
    assert len(names) == len(dict(names))
    assert {actor for _, actor in names} == {state["actor"] for state in states}
    of = dict(names)
    for name, actor in [
        ("Russian Federation", "RUS"), ("Iran", "IRN"), ("South Korea", "KOR"), ("Congo", "COG"), ("Kosovo", "XKX"),
        ("Democratic Republic of Congo", "COD"), ("Moldova, Republic of", "MDA"), ("Turkey", "TUR"), ("Syria", "SYR"),
        ("the former Yugoslav Republic of Macedonia", "MKD"), ("Swaziland", "SWZ"), ("Taiwan", "TWN"),
        ("Holy See", "VAT"), ("Hong Kong", "HKG"), ("Korea", "KOR"), ("Korea, North", "PRK"), ("Bahamas, The", "BHS"),
    ]:  # fmt: skip
        assert of[name] == actor
    for system in ("iso3", "cow", "gw", "fips"):
        codes = [state[system] for state in states if state[system]]
        assert len(codes) == len(set(codes))
    assert [state["actor"] for state in states if not state["gw"]] == ["HKG", "MAC", "PSE", "VAT", "EU", "AU"]
    gw = {state["gw"]: state["actor"] for state in states}
    small = [gw[code] for code in ("970", "971", "972", "973", "232", "990")]
    assert small == ["KIR", "NRU", "TON", "TUV", "AND", "WSM"]


def test_polecat(tmp_path):
    head = ["Event ID", "Event Date", "Event Type", "Event Mode", "Actor Country", "Recipient Country", "Version"]
    rows = [
        ("a", "2018-03-01", "CONSULT", "phone", "DEU", "KAZ", "1"),
        ("b", "2018-03-02", "CONSULT", "phone", "DEU; YEM", "KAZ", "1"),
        ("c", "2018-03-02", "SUPPORT", "", "YEM", "KAZ", "1"),
        ("d", "2018-03-02", "SUPPORT", "unheard of", "KAZ", "YEM", "1"),
        ("e", "2018-03-02", "CONSULT", "phone", "None", "KAZ", "1"),
        ("f", "2018-03-02", "AGREE", "", "DEU", "KAZ", "1"),
    ]
    text = "\n".join("\t".join(row) for row in [head, *rows]) + "\n"
    done = imported(tmp_path, text, "--mapping", ROOT / "scenarios/tables/plover_kinds.csv")
    assert "6 rows, 3 events used (POLECAT)" in done.stdout
    for reason in ["several countries", "no country for one", "code not mapped"]:
        assert reason in done.stdout


def test_times_of_day_tell_events_apart(tmp_path):
    text = "date,initiator,target,kind\n2018-03-01T09:00,DEU,KAZ,call\n2018-03-01T17:00,DEU,KAZ,call\n"
    assert "2 rows, 2 events used" in imported(tmp_path, text).stdout
    assert "2 rows, 1 events used" in imported(tmp_path, text.replace("T09:00", "").replace("T17:00", "")).stdout


def test_every_bad_row_is_told_and_nothing_is_written(tmp_path):
    bad = "".join(f"2018-02-3{d},AAA,BBB,call\n" for d in range(8)) + "2018-01-01,AAA,BBB,call,extra\n"
    done, out = fit(tmp_path, rows(60) + bad)
    assert done.returncode == 65 and not out.exists()
    for line in range(62, 71):
        assert f"e.csv:{line}: error:" in done.stderr
    assert "9 rows cannot be read" in done.stderr


@pytest.mark.parametrize(
    "make, told",
    [
        (lambda file: file.write(b"x" * 100_000_000), "e.csv:1: a line of more than 1048576 bytes"),
        (
            lambda file: file.write(b"date,initiator,target,kind\n" + b'"2018-01-01,AAA,BBB,call\n' * 4_000_000),
            "e.csv:",
        ),
        (
            lambda file: file.write(b"date,initiator,target,kind\n" + b"2018-01-41,AAA,BBB,call\n" * 4_000_000),
            "4000000 rows cannot be read",
        ),
    ],
)
def test_100_mb_that_are_no_events_are_refused(tmp_path, make, told):
    (tmp_path / "s.yaml").write_text(SCENARIO)
    with (tmp_path / "e.csv").open("wb") as file:
        make(file)
    command = [ENTENTE, "fit", tmp_path / "s.yaml", "--events", tmp_path / "e.csv", "-o", tmp_path / "fitted.yaml"]
    limit = ["prlimit", f"--as={500 * 2**20}"] if "ASAN_OPTIONS" not in os.environ else []
    done = subprocess.run([*limit, *command], capture_output=True, text=True, timeout=120)
    assert done.returncode == 65 and told in done.stderr, done.stderr[:500]
    assert len(done.stderr) < 5000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.csv", "s.yaml"]


def test_seasons_and_ties_own_factors_are_written(tmp_path):
    residuals = tmp_path / "r.csv"
    done, out = fit(tmp_path, rows(200), "--weekdays", "--months", "--random-effects", "0.5", "--residuals", residuals)
    assert done.returncode == 0, done.stderr
    assert "weekday 7" in done.stdout and "month 6" in done.stdout and "verdict:" in done.stdout
    check = subprocess.run([ENTENTE, "check", out], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    text = out.read_text()
    assert "kinds.call.season.weekday.0" in text and "kinds.call.season.month.5" in text
    assert text.count("own_call:") == 3 + 3 and "of: own_call" in text  # each tie's, and its error
    assert "sd of random effects" in done.stdout
    table = residuals.read_text().splitlines()
    assert table[0] == "kind,group,residual"
    used = int(done.stdout.split(" events on ")[0].split()[-1])
    assert len(table) == 1 + 2 * used  # once with all dyads as one, once by group
    assert all(float(row.split(",")[2]) >= 0 for row in table[1:])


@pytest.mark.parametrize("option", [["--random-effects", "0"], ["--random-effects", "x"], ["--random-effects", "11"],
                                    ["--least", "0"]])
def test_options_out_of_range(tmp_path, option):
    done, _ = fit(tmp_path, rows(60), *option)
    assert done.returncode == 64 and option[0] in done.stderr


def many_ties(seed):
    """Ten actors whose ties differ by as much in calls as in statements, of which there are few."""
    draw = random.Random(seed)
    names = [f"A{n}" for n in range(10)]
    lines = ["date,initiator,target,kind"]
    for pair in itertools.combinations(names, 2):
        rate = math.exp(draw.gauss(0, 1))
        for kind, days in [("call", 12), ("statement", 60)]:
            for day in range(180):
                if draw.random() < rate / days:
                    date = datetime.date(2018, 1, 1) + datetime.timedelta(days=day)
                    lines.append(f"{date},{','.join(draw.sample(pair, 2))},{kind}")
    actors = ", ".join(f"{name}: {{label: {name}}}" for name in names)
    scenario = SCENARIO.replace("{AAA: {label: A}, BBB: {label: B}, CCC: {label: C}}", f"{{{actors}}}")
    return "\n".join(lines) + "\n", scenario


def own_factors(out, kind):
    return [float(value) for value in re.findall(rf'own_{kind}: "?(-?[0-9.e-]+)', out.read_text())][:45]


def test_factors_of_kinds_go_together(tmp_path):
    text, scenario = many_ties(1)
    alone, out = fit(tmp_path, text, "--random-effects", "auto", scenario=scenario)
    assert alone.returncode == 0, alone.stderr
    apart = own_factors(out, "statement")
    calls = own_factors(out, "call")
    done, out = fit(tmp_path, text, "--random-effects", "auto", "--correlated-random-effects", scenario=scenario)
    assert done.returncode == 0, done.stderr
    told = re.search(r"random effect of call +(\S+)  se (\S+) ", done.stdout)
    assert told and float(told[1]) > 4 * float(told[2]) and abs(float(told[1]) - 1) < 4 * float(told[2])
    assert done.stdout.count("random effect of") == 1  # of the kind with more events there is none to go with
    assert done.stdout.index("\ncall: ") < done.stdout.index("\nstatement: ")
    together = own_factors(out, "statement")
    assert own_factors(out, "call") == pytest.approx(calls, rel=1e-4, abs=1e-4)
    assert statistics.correlation(together, calls) > statistics.correlation(apart, calls) + 0.05
    check = subprocess.run([ENTENTE, "check", out], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize(
    "options, told",
    [
        (["--correlated-random-effects"], "give --random-effects too"),
        (["--correlated-random-effects", "--random-effects", "auto", "--weekdays", "--pool", "weekdays"],
         "give one of the two"),
    ],
)
def test_what_factors_go_together_with_is_told(tmp_path, options, told):
    done, _ = fit(tmp_path, rows(60), *options)
    assert done.returncode == 64 and "--correlated-random-effects" in done.stderr
    assert told in " ".join(done.stderr.split())


def bursts(seed, rate, branching, half_life):
    """Calls between ten actors, 180 days of events that have begotten events for long."""
    draw = random.Random(seed)
    names = [f"A{n}" for n in range(10)]
    lines = []
    for pair in itertools.permutations(names, 2):
        day, times = -1000.0, []
        while (day := day + draw.expovariate(rate)) < 180:
            times.append(day)
        for time in times:  # grows meanwhile
            while draw.random() < branching / (1 + branching):  # geometric: as good as any with this mean
                times.append(time + draw.expovariate(math.log(2) / half_life))
        for time in times:
            if 0 <= time < 180:
                when = datetime.datetime(2018, 1, 1) + datetime.timedelta(days=time)
                lines.append(f"{when.isoformat(timespec='minutes')},{','.join(pair)},call\n")
    return "date,initiator,target,kind\n" + "".join(lines)


def test_what_happened_before_the_data_is_expected(tmp_path):
    """Excitation leaves less to the base rate if events before the data excite at their beginning; simulated sets have
    a past of their own then."""
    rate, half_life = 0.03, 20
    text = bursts(2, rate, 0.5, half_life)
    scenario = many_ties(2)[1].replace("half_life: 5 d", f"half_life: {half_life} d")
    found, sets = [], []
    for more in [], ["--left-truncated"]:
        done, _ = fit(tmp_path, text, *more, "--simulate", "200", scenario=scenario)
        assert done.returncode == 0, done.stderr
        told = re.search(r"\nbefore 2018-01-01: about (\S+) unobserved events a day expected\n", done.stdout)
        assert (told is not None) == bool(more)
        found.append([float(x) for x in re.search(r"rate.per_year +(\S+)  se ([^\s,]+)", done.stdout).groups()])
        sets.append([float(x) for x in re.search(r"\n *events +(\S+) +(\S+)", done.stdout).groups()])
    assert float(told[1]) == pytest.approx(text.count("\n2018") / 180, rel=0.01)
    truth = 365.25 * rate
    assert found[0][0] > found[1][0] + 0.1 * truth
    assert abs(found[1][0] - truth) < 2 * found[1][1]
    for observed, simulated in sets:
        assert simulated == pytest.approx(observed, rel=0.05)
    later = scenario.replace("start: 2018-01-01", "start: 2018-03-01")
    done = fit(tmp_path, text, "--left-truncated", scenario=later)[0]
    assert "\nbefore 2018-01-01: about" in done.stdout  # not March
