"""Files of events as people have them: several of them, encodings, separators; days without data; what is left out is
named. Each is read as its writer meant it or refused with what to do; nothing is lost in silence."""

from __future__ import annotations

import datetime
import io
import random
import re
import zipfile
from pathlib import Path

import pytest

from event_files import CODES, HEAD, PAIRS, ROWS, SCENARIO, TABLES, entente, events, fit, one, rate, write

# ---- days without data ----------------------------------------------------------------------------------------------


def test_data_that_begin_late(tmp_path: Path) -> None:
    """A warning with the number of days; --from leaves them out, as a scenario that starts then does."""
    text = HEAD + "".join(events("2018-06-01", 30))
    whole = one(tmp_path, text)
    assert "the first row is of 2018-06-01, 151 days after the scenario's start" in whole.stderr
    assert "give --from 2018-06-01" in whole.stderr
    late = one(tmp_path, text, "--from", "2018-06-01")
    short = one(tmp_path, text, scenario=SCENARIO.replace("2018-01-01", "2018-06-01"))
    assert late.stderr == short.stderr == ""
    assert rate(late) == pytest.approx(rate(short), rel=1e-6) and rate(late) > 5 * rate(whole)
    assert "29 days after --from" in one(tmp_path, text, "--from", "2018-05-03").stderr


def test_a_row_now_and_then_is_no_gap(tmp_path: Path) -> None:
    rows = events("2018-01-11", 170, every=17)
    assert one(tmp_path, HEAD + "".join(rows)).stderr == ""


def test_gaps_and_an_early_end(tmp_path: Path) -> None:
    text = HEAD + "".join(events("2018-01-01", 40) + events("2018-03-20", 40))
    done = one(tmp_path, text, "--until", "2018-06-20")
    assert "the 38 days from 2018-02-10 to 2018-03-19 have no row" in done.stderr
    assert "the last row is of 2018-04-28, 52 days before --until" in done.stderr
    assert "no row is of" not in one(tmp_path, text, "--from", "2018-03-20").stderr


@pytest.mark.parametrize(
    "options, message",
    [
        (["--from", "2018-13-01"], "a date such as"),
        (["--from", "2018-02-01T12:00"], "a date such as"),
        (["--from", "2017-12-01"], "before the scenario's start"),
        (["--from", "2018-08-01"], "after the scenario's end"),
        (["--from", "2018-03-01", "--until", "2018-02-01"], "after --until"),
    ],
)
def test_a_wrong_from(tmp_path: Path, options: list[str], message: str) -> None:
    done = one(tmp_path, HEAD + "".join(events("2018-01-01", 30)), *options)
    assert done.returncode == 64 and options[1] in done.stderr and message in done.stderr


def test_from_with_all_that_a_fit_does(tmp_path: Path) -> None:
    """What went before --from excites; the fitted scenario says from when on; simulated sets are of that time."""
    scenario = SCENARIO.replace(
        "visit: {scope: initiator -> target, rate: {per_year: 6}}",
        "visit: {scope: initiator -> target, rate: {per_year: 6}, "
        "excited_by: [{kind: visit, relation: same, branching: 0.2, half_life: 5 d}]}",
    )
    draw = random.Random(5)
    days = sorted(draw.random() * 180 for _ in range(240))
    rows = [
        f"{(datetime.datetime(2018, 1, 1) + datetime.timedelta(days=day)).isoformat(timespec='minutes')},"
        f"{draw.choice(PAIRS)},visit\n" for day in days
    ]  # fmt: skip
    out = tmp_path / "fitted.yaml"
    more = ["--from", "2018-04-01", "-o", out, "--left-truncated", "--residuals", tmp_path / "r.csv"]
    done = one(tmp_path, HEAD + "".join(rows), *more, "--simulate", 200, scenario=scenario)
    assert done.returncode == 0, done.stderr
    used = sum(day >= 90 for day in days)
    assert f"visit: {used} events on 6 dyads" in done.stdout
    assert "\nbefore 2018-01-01: about" in done.stdout  # the data's begin, not --from
    observed, simulated = re.search(r"\n *events +(\S+) +(\S+)", done.stdout).groups()
    assert float(observed) == used and float(simulated) == pytest.approx(used, rel=0.1)
    assert "to the events from 2018-04-01 on and before 2018-06-30" in out.read_text()
    residuals = [float(row.split(",")[2]) for row in (tmp_path / "r.csv").read_text().splitlines()[1:]]
    assert len(residuals) == 2 * used and min(residuals) >= 0
    assert entente("check", out).returncode == 0


def test_a_start_within_a_day_is_refused(tmp_path: Path) -> None:
    scenario = SCENARIO.replace("start: 2018-01-01", 'start: "2018-01-01T12:00"')
    done = one(tmp_path, HEAD + "".join(events("2018-01-01", 30)), scenario=scenario)
    assert done.returncode == 65 and "let it start at 00:00" in done.stderr


# ---- several files --------------------------------------------------------------------------------------------------


def test_several_files_are_one_table(tmp_path: Path) -> None:
    rows = events("2018-01-01", 100) + events("2018-01-01", 100, "clash", 3)
    whole = one(tmp_path, HEAD + "".join(rows))
    parts = fit(tmp_path, {"a.csv": HEAD + "".join(rows[50:]), "b.csv": HEAD + "".join(rows[:50])})
    assert parts.stdout.split("dates without")[1] == whole.stdout.split("dates without")[1]
    assert f"a.csv: {len(rows) - 50} rows (plain)" in parts.stdout and "b.csv: 50 rows (plain)" in parts.stdout
    assert f"{len(rows)} rows of 2 files, {len(rows)} events used" in parts.stdout
    twice = fit(tmp_path, {"a.csv": HEAD + "".join(rows), "b.csv": HEAD + "".join(rows[:50])})
    assert "50 rows left out: a repeat of the same event type, actors and day" in twice.stdout
    assert twice.stdout.split("dates without")[1] == whole.stdout.split("dates without")[1]


def test_files_of_different_layouts_and_disorder(tmp_path: Path) -> None:
    mapping = write(tmp_path, "codes.csv", CODES)
    icews = (
        "Event Date\tSource Country\tTarget Country\tCAMEO Code\n2018-02-02\tUSA\tRUS\t042\n2018-02-01\tCIV\tUSA\t190\n"
    )
    plain = "date,initiator,target,code\n2018-02-03,USA,RUS,042\n2018-02-03,USA,CIV,042\n"
    done = fit(tmp_path, {"a.csv": plain, "b.tab": icews}, "--mapping", mapping)
    assert "a.csv: 2 rows (plain)\n" in done.stdout
    assert "b.tab: 2 rows (ICEWS); 1 rows were out of order and have been sorted\n" in done.stdout
    assert "4 rows of 2 files, 4 events used" in done.stdout


def test_every_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    good, bad = HEAD + "".join(events("2018-01-01", 3)), HEAD + "2018-02-30,USA,RUS,visit\n"
    done = fit(tmp_path, {"a.csv": bad, "b.csv": good, "c.csv": "x,y\n", "d.csv": HEAD})
    assert done.returncode == 65 and done.stdout == ""
    for message in [
        'a.csv:2: error: date is "2018-02-30"',
        "a.csv: 1 rows",
        "c.csv:1: the columns",
        "d.csv has a header",
    ]:
        assert message in done.stderr
    assert "b.csv" not in done.stderr
    done = entente("fit", tmp_path / "s.yaml", "--events", tmp_path / "b.csv", "--events", tmp_path / "none.csv")
    assert done.returncode == 66 and "none.csv" in done.stderr


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", HEAD + "".join(events("2018-01-01", 3)))
    write(tmp_path, "s.yaml", SCENARIO)
    (tmp_path / "b.csv").symlink_to(path)
    for other in path, tmp_path / "b.csv":
        done = entente("fit", tmp_path / "s.yaml", "--events", path, "--events", other)
        assert done.returncode == 64 and "the same file is given twice" in done.stderr
        done = entente("relational", path, other, "-t", "inertia")
        assert done.returncode == 64 and "the same file is given twice" in done.stderr


def test_score_of_several_files(tmp_path: Path) -> None:
    rows = events("2018-01-01", 150)
    scenario = write(tmp_path, "s.yaml", SCENARIO)
    given = ["--from", "2018-05-01", "-n", 20, "-w", 7, "--every", 5, "-t", "visit"]
    whole = entente("score", scenario, "--events", write(tmp_path, "e.csv", HEAD + "".join(rows)), *given)
    a, b = write(tmp_path, "a.csv", HEAD + "".join(rows[::2])), write(tmp_path, "b.csv", HEAD + "".join(rows[1::2]))
    parts = entente("score", scenario, "--events", a, "--events", b, *given)
    assert parts.returncode == 0 and parts.stdout == whole.stdout
    assert "150 rows of 2 files, 150 events used" in parts.stderr and "150 rows, 150 events used" in whole.stderr
    quiet = entente("score", scenario, "--events", a, "--events", b, *given, "-q", "--json")
    assert quiet.stderr == "" and f'"events": [\n  "{a}",\n  "{b}"\n ]' in quiet.stdout


def test_relational_of_several_files(tmp_path: Path) -> None:
    rows = [f"{n},{'ABCD'[n * 7 % 4]},{'ABCD'[(n * 7 + 1 + n % 3) % 4]}\n" for n in range(1, 30)]
    head = "time,sender,receiver\n"
    whole = entente("relational", write(tmp_path, "e.csv", head + "".join(rows)), "-t", "inertia")
    swapped = "receiver,time,sender\n" + "".join(
        ",".join(row.strip().split(",")[i] for i in (2, 0, 1)) + "\n" for row in rows[9:]
    )
    a, b = write(tmp_path, "a.csv", swapped), write(tmp_path, "b.csv", head + "".join(rows[:9]))
    columns = ["--columns", "time,sender,receiver"]
    parts = entente("relational", a, b, "-t", "inertia", *columns)
    assert whole.returncode == 0 and parts.stdout == whole.stdout and parts.stderr == ""


# ---- residuals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("last", ["CIV,RUS", "USA,RUS"])
def test_residuals_where_an_event_is_on_the_last_day(tmp_path: Path, last: str) -> None:
    """The dyad listed last has no time after it; its residual is one like the others."""
    draw = random.Random(11)
    days = sorted(draw.sample(range(6 * 178), 90))
    rows = [f"{datetime.date(2018, 1, 1) + datetime.timedelta(days=n // 6)},{PAIRS[n % 6]},visit\n" for n in days]
    rows += [f"2018-06-29,{last},visit\n"]
    done = one(tmp_path, HEAD + "".join(rows), "--residuals", tmp_path / "r.csv")
    residuals = [float(row.split(",")[2]) for row in (tmp_path / "r.csv").read_text().splitlines()[1:]]
    assert len(residuals) == 2 * len(rows) and min(residuals) >= 0
    assert all(float(ks) < 3 for ks in re.findall(r"KS (\S+)", done.stdout)), done.stdout


def test_steps_and_log_l_are_of_the_whole_fit(tmp_path: Path) -> None:
    done = one(tmp_path, HEAD + "".join(events("2018-01-01", 150)))
    found = re.search(
        r"log L (\S+) \((\S+) at the scenario's values\).*converged after (\d+) steps in (\d+) passes",
        done.stdout,
    )
    assert found and float(found[1]) > float(found[2]) + 1 and int(found[3]) > 0 and int(found[4]) > 1


# ---- what is left out is named --------------------------------------------------------------------------------------


def test_codes_without_leading_zeros(tmp_path: Path) -> None:
    mapping = write(tmp_path, "codes.csv", CODES)
    rows = "".join(
        f"2018-01-{day:02d},{PAIRS[day % 6]},{code}\n"
        for day, code in enumerate(["42"] * 9 + ["190"] * 8 + ["7"] * 3, 1)
    )
    done = one(tmp_path, "date,initiator,target,code\n" + rows, "--mapping", mapping)
    assert "12 rows left out: code not mapped to an event type: 42 (9; did you mean 042?), 7 (3)\n" in done.stdout
    done = one(tmp_path, "date,initiator,target,code\n" + rows.replace(",42\n", ",42.0\n"), "--mapping", mapping)
    assert "42.0 (9; did you mean 042?)" in done.stdout


def test_codes_without_leading_zeros_that_the_star_takes(tmp_path: Path) -> None:
    mapping = write(tmp_path, "codes.csv", CODES + "*,clash,directed,\n")
    text = "date,initiator,target,code\n2018-01-01,USA,RUS,42\n2018-01-02,USA,RUS,110\n2018-01-03,USA,RUS,042\n"
    done = one(tmp_path, text, "--mapping", mapping)
    assert (
        '1 rows match only the row "*" of the table of codes' in done.stderr
        and "42 (1; did you mean 042?)" in done.stderr
    )
    assert "clash: 2 events" in done.stdout


def test_names_left_out_most_often_first(tmp_path: Path) -> None:
    names = ["BRA"] * 5 + ["usa"] * 3 + [f"X{n}" for n in range(7)] + ["Rusia"] * 4
    rows = "".join(f"2018-01-{day:02d},{name},CIV,visit\n" for day, name in enumerate(names, 1))
    done = one(tmp_path, HEAD + rows + "2018-02-01,USA,CIV,vist\n2018-02-01,USA,CIV,visit\n")
    assert (
        "19 rows left out: actor not in the scenario: BRA (5), Rusia (4), usa (3; did you mean USA?), X0 (1)"
        in done.stdout
    )
    assert ", and 4 more\n" in done.stdout
    assert "1 rows left out: event type not in the scenario: vist (1; did you mean visit?)" in done.stdout
    done = one(
        tmp_path,
        HEAD + "2018-01-01,DEW,USA,visit\n2018-01-02,Deutschland,USA,visit\n",
        "--countries",
        TABLES / "countries.csv",
    )
    assert "2 rows left out: country's code not in the table of countries: DEW (1), Deutschland (1)\n" in done.stdout
    done = one(
        tmp_path,
        HEAD + "2018-01-01,Russian Federaton,United States,visit\n",
        "--countries",
        TABLES / "country_names.csv",
        "--by",
        "name",
    )
    assert "Russian Federaton (1; did you mean Russian Federation?)" in done.stdout


# ---- encodings, separators, shapes ----------------------------------------------------------------------------------

VALUES = HEAD.replace("\n", ",value_usd\n")


def archive(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        out.writestr("e.csv", text)
    return file.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        ROWS, ROWS.replace("\n", "\r\n"), ROWS.replace("\n", "\r"), "\ufeff" + ROWS, ROWS.rstrip("\n"),
        ROWS.replace(",", ";"), ROWS.replace(",", "\t"), ROWS.replace(",", "|"), ROWS.replace(",", ", "),
        "\n\n" + ROWS.replace("\n", "\n\n") + ",,,\n", ROWS.upper().replace("VISIT", "visit").replace("CLASH", "clash"),
        "".join(",".join(f'"{cell}"' for cell in row.split(",")) + "\n" for row in ROWS.splitlines()),
        "\ufeff" + "".join(",".join(f'"{cell}"' for cell in row.split(",")) + "\r\n" for row in ROWS.splitlines()),
        "".join(row + ",x" * 400 + "\n" for row in ROWS.splitlines()),
    ],
)  # fmt: skip
def test_shapes_that_are_read(tmp_path: Path, text: str) -> None:
    done = one(tmp_path, text)
    assert done.returncode == 0, done.stderr
    assert done.stdout == one(tmp_path, ROWS).stdout


@pytest.mark.parametrize(
    "text, message",
    [
        (HEAD.encode() + b"2018-01-01,C\xf4te,USA,visit\n", "e.csv:2: byte 0xF4 is not valid UTF-8 here; save"),
        (ROWS.encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (ROWS.encode("utf-16-le"), "e.csv:1: a zero byte"),
        (archive(ROWS), "zip archive or a spreadsheet"),
        (b"\x1f\x8b\x08\x00" + ROWS.encode(), "compressed (gzip): unpack it"),
        (ROWS.encode() + b"2018-01-01,\0,USA,visit\n", "e.csv:4: a zero byte"),
        (HEAD + '2018-01-01,U"SA,RUS,visit\n', "e.csv:2: a quote stands inside a cell"),
        (ROWS + '2018-01-03,"USA,RUS,visit\n', "a quoted cell begins after line 3"),
        (ROWS[len(HEAD) :], "the first row is: 2018-01-01, USA, RUS, visit (which looks like an event: a header is"),
        (HEAD.replace("\n", ",Date\n") + "2018-01-01,USA,RUS,visit,2018-01-02\n", "columns 1 and 5 are both called"),
        (HEAD + f"2018-01-01,USA,RUS,{'v' * 5000}\n", "e.csv:2: error: a cell has more than 1023 bytes"),
        ("date,initiator,target,kind" + ",x" * 600 + "\n", "e.csv:1: 604 columns; at most 512 are read"),
        ((VALUES + "2018-01-01,USA,RUS,visit,").replace(",", ";") + "1,5\n", "the file seems to have decimal commas"),
        (VALUES + '2018-01-01,USA,RUS,visit,"1,000"\n', 'value_usd is "1,000": a number of 0 or more is expected'),
        (VALUES + "2018-01-01,USA,RUS,visit,-5\n", 'value_usd is "-5"'),
        (VALUES + "2018-01-01,USA,RUS,visit,0x1F\n", 'value_usd is "0x1F"'),
    ],
)  # fmt: skip
def test_what_is_refused_with_what_to_do(tmp_path: Path, text: str | bytes, message: str) -> None:
    done = one(tmp_path, text, "-o", tmp_path / "fitted.yaml")
    assert done.returncode == 65 and message in done.stderr, done.stderr
    assert "visit:" not in done.stdout and not (tmp_path / "fitted.yaml").exists()
    assert len(done.stderr) < 1500


def test_latin_1_in_every_table(tmp_path: Path) -> None:
    latin = "C\xf4te d'Ivoire".encode("latin-1")
    write(tmp_path, "s.yaml", SCENARIO)
    good = write(tmp_path, "e.csv", ROWS)
    message = "byte 0xF4 is not valid UTF-8 here; save the file as UTF-8"
    names = write(tmp_path, "names.csv", b"actor,name\nUSA,United States\nCIV," + latin + b"\n")
    done = entente("fit", tmp_path / "s.yaml", "--events", good, "--countries", names, "--by", "name")
    assert done.returncode == 65 and f"names.csv:3: {message}" in done.stderr
    codes = write(tmp_path, "codes.csv", CODES.encode() + b"191,clash,directed," + latin + b"\n")
    done = entente("fit", tmp_path / "s.yaml", "--events", good, "--mapping", codes)
    assert done.returncode == 65 and f"codes.csv:4: {message}" in done.stderr
    table = write(tmp_path, "r.csv", b"time,a,b\n1,x,y\n2," + latin + b",x\n")
    done = entente("relational", table, "-t", "inertia")
    assert done.returncode == 65 and f"r.csv:3: {message}" in done.stderr
    actors = write(tmp_path, "actors.csv", b"name\nx\n" + latin + b"\n")
    done = entente("relational", write(tmp_path, "q.csv", "time,a,b\n1,x,y\n"), "--actors", actors)
    assert done.returncode == 65 and f"actors.csv:3: {message}" in done.stderr
    write(tmp_path, "ties.csv", b"a,b,strength,note\nUSA,RUS,0.1," + latin + b"\n")
    done = entente("check", write(tmp_path, "t.yaml", SCENARIO.replace("{all: true}", "{from: ties.csv}")))
    assert done.returncode == 65 and "ties.csv:2:" in done.stderr and message.split(";")[0] in done.stderr


def test_a_byte_order_mark_in_every_table(tmp_path: Path) -> None:
    def mark(text: str) -> str:
        return "\ufeff" + text

    mapping = write(tmp_path, "codes.csv", mark(CODES))
    names = write(tmp_path, "names.csv", mark("name,actor\nUnited States,USA\nRussia,RUS\n"))
    rows = "date,initiator,target,code\n2018-01-01,Russia,United States,042\n"
    scenario = SCENARIO.replace("{USA: {}, RUS: {}, CIV: {}}", "{from: actors.csv}")
    write(tmp_path, "actors.csv", mark("name,label\nUSA,\nRUS,\nCIV,\n"))
    done = one(
        tmp_path, mark(rows), "--mapping", mapping, "--countries", names, "--by", "name", scenario=mark(scenario)
    )
    assert done.returncode == 0 and "1 rows, 1 events used" in done.stdout, done.stderr
    actors = write(tmp_path, "who.csv", mark("name\nx\ny\nz\n"))
    done = entente("relational", write(tmp_path, "r.csv", mark("time,a,b\n1,x,y\n2,y,x\n")), "--actors", actors)
    assert done.returncode == 0 and "3 actors" in done.stdout, done.stderr
    points = write(tmp_path, "points.csv", mark('"kinds.visit.rate.per_year"\n"2"\n"3"\n'))
    run = SCENARIO + "quantities: {n: {count: visit}}\n"
    done = entente("sweep", write(tmp_path, "w.yaml", run), "--list", points, "-n", 4, "-q", "-o", tmp_path / "o.h5")
    assert done.returncode == 0, done.stderr
    semicolons = write(tmp_path, "semicolons.csv", "kinds.visit.rate.per_year;kinds.clash.rate.per_year\n1,5;2,5\n")
    done = entente("sweep", tmp_path / "w.yaml", "--list", semicolons, "-n", 4, "-q", "-o", tmp_path / "p.h5")
    assert done.returncode == 65 and "seem to be separated by semicolons" in done.stderr


def test_events_from_a_pipe(tmp_path: Path) -> None:
    write(tmp_path, "s.yaml", SCENARIO)
    text = HEAD + "1/2/2018,USA,RUS,visit\n1/30/2018,RUS,USA,visit\n"  # and rows that wait for the order of dates
    done = entente("fit", tmp_path / "s.yaml", "--events", "/dev/stdin", "--least", 1, input=text)
    assert "2 rows, 2 events used" in done.stdout


# ---- what is not shared ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["branching", "half-lives"])
def test_what_of_excitation_is_not_shared_is_told(tmp_path: Path, name: str) -> None:
    done = one(tmp_path, ROWS, "--pool", name)
    assert done.returncode == 64 and "branching ratios and half-lives cannot be pooled" in done.stderr


def test_nothing_shared_is_warned_of(tmp_path: Path) -> None:
    scenario = SCENARIO.replace(
        "{per_year: 6}", "{per_year: 6, log_effects: {inertia: {coefficient: 0, half_life: 20 d}}}", 1
    )
    rows = events("2018-01-01", 120) + events("2018-01-01", 120, "clash", 2)
    done = one(tmp_path, HEAD + "".join(rows), "--pool", "inertia", scenario=scenario)
    assert done.returncode == 0 and "--pool inertia: no two of the fitted event types have this" in done.stderr
