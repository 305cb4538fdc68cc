"""Layouts of files of events: GDELT, ICEWS with its texts and levels, and the names that countries have in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from event_files import CODES, ROWS, SCENARIO, TABLES, one, write


def gdelt(columns: int, rows: Iterable[tuple[str, str, str, str]]) -> str:
    text = ""
    for n, (date, one_side, other, code) in enumerate(rows):
        cells = [""] * columns
        cells[0], cells[1], cells[7], cells[17], cells[26] = str(n), date, one_side, other, code
        text += "\t".join(cells) + "\n"
    return text


EVENTS = [("20180105", "USA", "RUS", "042"), ("20180106", "RUS", "", "042"), ("20180107", "CIV", "USA", "190")]


@pytest.mark.parametrize("columns, version", [(57, "1.0"), (58, "1.0"), (61, "2.0")])
def test_gdelt_without_a_header(tmp_path: Path, columns: int, version: str) -> None:
    done = one(tmp_path, gdelt(columns, EVENTS), "--mapping", write(tmp_path, "codes.csv", CODES))
    assert f"3 rows, 2 events used (GDELT {version})" in done.stdout, done.stderr
    assert "1 rows left out: no country for one of the two" in done.stdout
    assert one(tmp_path, gdelt(59, EVENTS), "--mapping", tmp_path / "codes.csv").returncode == 65


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_gdelt_with_a_header(tmp_path: Path, separator: str) -> None:
    head = ["", "GLOBALEVENTID", "SQLDATE", "Actor1CountryCode", "Actor2CountryCode", "EventCode", "SOURCEURL"]
    rows = [head] + [[str(n), str(900 + n), *row, "https://example.org/a,b"] for n, row in enumerate(EVENTS)]
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator="\n").writerows(rows)
    done = one(tmp_path, file.getvalue(), "--mapping", write(tmp_path, "codes.csv", CODES))
    assert "3 rows, 2 events used (GDELT with a header)" in done.stdout, done.stderr


NAMES = ["--countries", TABLES / "country_names.csv", "--by", "name"]


def test_icews_without_codes(tmp_path: Path) -> None:
    """The year 2017: month/day/year, and what happened in words alone; the codes are those of the texts."""
    rows = [
        ("1", "1/2/2018", "United States", '"Make a visit"', "Russian Federation"),
        ("2", "1/25/2018", "Russian Federation", "use conventional military force", "Cote d'Ivoire"),
        ("3", "1/3/2018", "Russian Federation", "Consult", "United States"),
        ("4", "1/3/2018", "Russian Federation", "Dance", "United States"),
        ("5", "1/4/2018", "Russian Federation", "Sing", "United States"),
    ]
    head = ["Event ID", "Event Date", "Source Country", "Event Text", "Target Country"]
    text = "".join("\t".join(row) + "\n" for row in [head, *rows])
    mapping = write(tmp_path, "codes.csv", CODES + "Sing,visit,directed,a text may stand for its code\n")
    done = one(tmp_path, text, "--mapping", mapping, *NAMES)
    assert "5 rows, 3 events used (ICEWS)" in done.stdout, done.stderr
    assert "code not mapped to an event type: 040 (1), Dance (1)" in done.stdout
    assert "visit: 2 events" in done.stdout and "clash: 1 events" in done.stdout
    week = "".join(line for line in text.splitlines(True) if "1/25" not in line)
    done = one(tmp_path, week, "--mapping", mapping, *NAMES)
    assert done.returncode == 65 and "--dates mdy" in done.stderr
    assert "4 rows, 2 events used" in one(tmp_path, week, "--mapping", mapping, *NAMES, "--dates", "mdy").stdout


LEVELS = """code,kind,dyad,level,note
042,visit,directed,leader,
190,clash,directed,official,
190,visit,directed,minister,
"""


def test_levels_of_icews(tmp_path: Path) -> None:
    """A row of the table of codes may ask for a level of both; the highest that an event reaches counts."""
    leader, minister, official = (
        "Elite,Executive,Executive Office,Government",
        "Executive,Foreign Ministry,Government",
        "Government,Police",
    )
    rows = [
        ("042", leader, "Executive Office,Executive,Government", "visit"), ("042", leader, minister, None),
        ("042", leader, "", None),
        ("190", leader, leader, "visit"), ("190", minister, leader, "visit"), ("190", official, leader, "clash"),
        ("190", "Military,Government", official, "clash"), ("190", "Dissident,Rebel", official, None),
    ]  # fmt: skip
    head = ["Event Date", "Source Sectors", "Source Country", "CAMEO Code", "Target Sectors", "Target Country"]
    table = [[f"2018-01-{n + 1:02d}", a, "United States", code, b, "Russia"] for n, (code, a, b, _) in enumerate(rows)]
    text = "".join("\t".join(row) + "\n" for row in [head, *table])
    mapping = write(tmp_path, "codes.csv", LEVELS)
    done = one(tmp_path, text, "--mapping", mapping, *NAMES)
    assert done.stderr.count("warning: the table of codes") == 0
    assert "visit: 3 events" in done.stdout and "clash: 2 events" in done.stdout
    assert "3 rows left out: below the level that the table of codes requires: 042 (2), 190 (1)" in done.stdout
    letters = {leader: "L", minister: "minister", official: "G", "": "C"}
    text = "date,source_iso3,target_iso3,cameo_code,source_level,target_level\n" + "".join(
        f"2018-01-{n + 1:02d},USA,RUS,{code},{letters.get(a, 'L')},{letters.get(b, 'L')}\n"
        for n, (code, a, b, _) in enumerate(rows[:3])
    )
    done = one(tmp_path, text, "--mapping", mapping)
    assert "visit: 1 events" in done.stdout and "042 (2)" in done.stdout
    rows = ["2018-01-01,USA,RUS,042,leader", "2018-01-02,USA,RUS,042,minister", "2018-01-03,USA,RUS,042,"]
    plain = "\n".join(["date,initiator,target,code,level", *rows]) + "\n"
    done = one(tmp_path, plain, "--mapping", mapping)
    assert "visit: 1 events" in done.stdout and "042 (2)" in done.stdout
    done = one(tmp_path, "date,initiator,target,code\n2018-01-01,USA,RUS,042\n", "--mapping", mapping)
    assert "the table of codes requires levels of actors, but the events have none" in done.stderr
    assert "1 rows left out: below the level" in done.stdout


@pytest.mark.parametrize(
    "row, message",
    [
        ("042,clash,directed,leader,\n", 'codes.csv:5: the code "042" is already in line 2, for that level'),
        (
            "043,clash,directed,king,\n",
            'codes.csv:5: error: level is "king": leader, minister, official or nothing is expected',
        ),
    ],
)
def test_wrong_levels(tmp_path: Path, row: str, message: str) -> None:
    done = one(tmp_path, ROWS, "--mapping", write(tmp_path, "codes.csv", LEVELS + row))
    assert done.returncode == 65 and message in done.stderr


def test_a_visit_of_leaders_is_leaders(tmp_path: Path) -> None:
    """The shipped table of codes counts no visit of others as a leader's."""
    scenario = SCENARIO.replace("visit:", "leader_visit:").replace("clash:", "minister_visit:")
    head = "date,source_iso3,target_iso3,cameo_code,source_level,target_level\n"
    rows = "".join(
        f"2018-01-{n + 1:02d},USA,RUS,042,{a},{b}\n" for n, (a, b) in enumerate(["LL", "LC", "GG", "LG", "LL"])
    )
    done = one(tmp_path, head + rows, "--mapping", TABLES / "cameo_kinds.csv", scenario=scenario)
    assert "leader_visit: 2 events" in done.stdout and "minister_visit" not in done.stdout


SPELLINGS = {
    "CIV": ["Cote d'Ivoire", "C\u00f4te d\u2019Ivoire", "C\u00d4TE D'IVOIRE", "cote d`ivoire", "Ivory Coast"],
    "BHS": ["Bahamas, The", "The Bahamas", "bahamas"], "VAT": ["Holy See", "Holy See (Vatican City)", "Vatican"],
    "HKG": ["Hong Kong", "Hong Kong SAR, China"], "KOR": ["Korea", "Korea, South", "Republic of Korea", "Korea, Rep."],
    "PRK": ["Korea, North", "North Korea", "Democratic People's Republic of Korea"],
    "TUR": ["Turkey", "T\u00fcrkiye", "TURKIYE", "Turkey (Turkiye)"], "GMB": ["Gambia, The", "The Gambia"],
    "LCA": ["St. Lucia", "Saint Lucia"], "BIH": ["Bosnia & Herzegovina", "Bosnia-Herzegovina"],
    "STP": ["S\u00e3o Tom\u00e9 and Pr\u00edncipe", "Sao Tome and Principe"], "CZE": ["Czechia", "Czech Republic"],
    "COD": ["DR Congo", "Congo, Democratic Republic of the", "Democratic Republic of Congo", "Congo, Dem. Rep."],
    "COG": ["Congo", "Congo, Republic of the", "Republic of Congo"], "USA": ["U.S.", "US", "United States of America"],
    "FSM": ["Micronesia", "Micronesia (Federated States of)", "Micronesia, Federated States of"],
    "VEN": ["Venezuela (Bolivarian Republic of)", "Venezuela, RB"], "MKD": ["North Macedonia", "Macedonia, FYR"],
    "SWZ": ["eSwatini", "Swaziland", "Eswatini"], "MMR": ["Burma", "Myanmar (Burma)"], "RUS": ["Russia", "RUSSIA"],
    "PSE": ["West Bank", "State of Palestine", "Occupied Palestinian Territory"], "GBR": ["UK", "Great Britain"],
}  # fmt: skip


def test_spellings_of_countries(tmp_path: Path) -> None:
    """Each name leads to its state: the rows are those of an actor of the scenario, on a day each."""
    actors = ", ".join(f"{actor}: {{}}" for actor in SPELLINGS if actor != "DEU")
    scenario = SCENARIO.replace("{USA: {}, RUS: {}, CIV: {}}", f"{{DEU: {{}}, {actors}}}")
    file = io.StringIO()
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["date", "initiator", "target", "kind"])
    n = 0
    for names in SPELLINGS.values():
        for day, name in enumerate(names, 1):
            out.writerow([f"2018-01-{day:02d}", name, "Germany", "visit"])
            n += 1
    done = one(tmp_path, file.getvalue(), *NAMES, scenario=scenario)
    assert f"{n} rows, {n} events used" in done.stdout, done.stdout + done.stderr
    for (
        actor,
        names,
    ) in SPELLINGS.items():  # no two of one state's on a day: a name of another's would be one day's second
        alone = f"{{DEU: {{}}, {actor}: {{}}}}"
        done = one(tmp_path, file.getvalue(), *NAMES, scenario=SCENARIO.replace("{USA: {}, RUS: {}, CIV: {}}", alone))
        assert f"{n} rows, {len(names)} events used" in done.stdout, actor


def test_spellings_that_are_two_states_are_refused(tmp_path: Path) -> None:
    names = write(tmp_path, "names.csv", "actor,name\nCIV,C\u00f4te d'Ivoire\nCIV,Cote dIvoire\nRUS,COTE D'IVOIRE\n")
    done = one(tmp_path, ROWS, "--countries", names, "--by", "name")
    assert done.returncode == 65 and 'the code "COTE D\'IVOIRE" is already in line' in done.stderr
