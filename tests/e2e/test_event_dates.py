"""Dates and times of events in the forms that files have: the same events, or a question, or a word of what to do."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from event_files import HEAD, PAIRS, ROWS, SCENARIO, entente, events, fit, one, rate, write


def test_times_with_a_blank(tmp_path: Path) -> None:
    """Fractions, a blank for T, offsets: the same fit as with the form of ISO 8601 in UTC."""
    given = [
        "2018-01-05 06:00:00.000",
        "2018-01-06 12:30:00",
        "2018-01-07T12:30:00+05:00",
        "2018-01-08T12:30:00Z",
        "2018-01-09 01:30:30.5 UTC",
    ]
    plain = ["2018-01-05T06:00", "2018-01-06T12:30", "2018-01-07T07:30", "2018-01-08T12:30", "2018-01-09T01:30:30"]
    found = []
    for dates in given, plain:
        text = HEAD + "".join(f"{date},{PAIRS[n]},visit\n" for n, date in enumerate(dates))
        done = one(tmp_path, text)
        assert "5 rows, 5 events used" in done.stdout and "dates without" not in done.stdout, done.stderr
        table = write(
            tmp_path, "r.csv", "time,a,b\n" + "".join(f"{d},{p}\n" for d, p in zip(dates, PAIRS, strict=False))
        )
        relational = entente("relational", table, "--origin", dates[0])
        assert relational.returncode == 0, relational.stderr
        found.append((rate(done), float(re.search(r"log L (\S+),", relational.stdout)[1])))
    assert found[0] == pytest.approx(found[1], rel=1e-4)
    scenario = write(tmp_path, "s.yaml", SCENARIO)
    rows = HEAD + "".join(row.replace(",", " 10:00:00.0,", 1) for row in events("2018-01-01", 120))
    done = entente(
        "score",
        scenario,
        "--events",
        write(tmp_path, "e.csv", rows),
        "--from",
        "2018-04-01",
        "-n",
        5,
        "-w",
        7,
        "-t",
        "visit",
    )
    assert done.returncode == 0 and "120 rows, 120 events used" in done.stderr, done.stderr


def test_midnight_throughout_is_a_date(tmp_path: Path) -> None:
    """How some programs write a date: one event a day, with a time drawn; not an event at midnight."""
    rows = events("2018-01-01", 90)
    dates, midnights = one(tmp_path, HEAD + "".join(rows)), []
    for form in ",", " 00:00:00.000,", "T00:00:00+03:00,":
        midnights.append(one(tmp_path, HEAD + "".join(row.replace(",", form, 1) for row in rows)))
    assert [done.stdout for done in midnights] == [dates.stdout] * 3
    mixed = [row.replace(",", " 00:00:00," if n % 2 else " 15:00:00,", 1) for n, row in enumerate(rows)]
    assert "dates without" not in one(tmp_path, HEAD + "".join(mixed)).stdout


def test_some_times_of_day_are_warned_of(tmp_path: Path) -> None:
    rows = [row if n % 3 else row.replace(",", "T09:00,", 1) for n, row in enumerate(events("2018-01-01", 90))]
    assert (
        "60 of the events used have no time of day, unlike the others"
        in one(tmp_path, HEAD + "".join(rows)).stderr
    )


@pytest.mark.parametrize("first, second, order", [("1/{d}/2018", "mdy", "mdy"), ("{d}.1.2018", "dmy", "dmy")])
def test_month_or_day_first(tmp_path: Path, first: str, second: str, order: str) -> None:
    """The dates of a file tell, wherever the telling one stands; else it is asked, and the option answers."""
    days = [3, 5, 2, 25, 7, 12]
    iso = one(tmp_path, HEAD + "".join(f"2018-01-{d:02d},{PAIRS[n]},visit\n" for n, d in enumerate(days)))
    text = HEAD + "".join(f"{first.format(d=d)},{PAIRS[n]},visit\n" for n, d in enumerate(days))
    done = one(tmp_path, text)
    assert done.stdout == iso.stdout, done.stderr
    ambiguous = text.replace("25", "6")
    done = one(tmp_path, ambiguous)
    assert (
        done.returncode == 65
        and f'e.csv:2: date is "{first.format(d=3)}": no date of the file shows whether' in done.stderr
    )
    assert "--dates mdy" in done.stderr and "--dates dmy" in done.stderr
    table = write(tmp_path, "r.csv", ambiguous.replace(",visit", "").replace(",kind", ""))
    assert "no date of the file shows whether the month or the day is first" in entente("relational", table).stderr
    assert "times in days" in entente("relational", table, "--dates", order).stdout
    answered = one(tmp_path, ambiguous, "--dates", order)
    iso = one(
        tmp_path, HEAD + "".join(f"2018-01-{6 if d == 25 else d:02d},{PAIRS[n]},visit\n" for n, d in enumerate(days))
    )
    assert answered.stdout == iso.stdout
    done = one(tmp_path, text, "--dates", "dmy" if second == "mdy" else "mdy")
    assert done.returncode == 65 and f'e.csv:5: error: date is "{first.format(d=25)}"' in done.stderr
    done = one(tmp_path, text, "--dates", "ymd")
    assert done.returncode == 65 and "6 rows cannot be read" in done.stderr


def test_files_tell_their_order_each(tmp_path: Path) -> None:
    files = {
        "a.csv": HEAD + "1/30/2018,USA,RUS,visit\n",
        "b.csv": HEAD + "28/2/2018,USA,RUS,visit\n2/1/2018,RUS,USA,visit\n",
    }
    done = fit(tmp_path, files)
    assert "3 rows of 2 files, 3 events used" in done.stdout and "2018-06" not in done.stderr
    same = one(tmp_path, HEAD + "2018-01-30,USA,RUS,visit\n2018-02-28,USA,RUS,visit\n2018-01-02,RUS,USA,visit\n")
    assert rate(done) == pytest.approx(rate(same), rel=1e-9)


@pytest.mark.parametrize("option, message", [("--dates", "ymd, mdy or dmy"), ("--unknown-days", "drop or draw")])
def test_wrong_words_of_options(tmp_path: Path, option: str, message: str) -> None:
    done = one(tmp_path, ROWS, option, "x")
    assert done.returncode == 64 and f"{option} x: {message} is expected" in done.stderr


def test_dates_of_eight_digits_are_no_numbers(tmp_path: Path) -> None:
    """For `entente relational` 20180201 comes a day after 20180131."""
    days = ["20180130", "20180131", "20180201", "20180203"]
    text = "time,a,b\n" + "".join(f"{day},{'xyz'[n % 3]},{'xyz'[(n + 1) % 3]}\n" for n, day in enumerate(days))
    done = entente("relational", write(tmp_path, "r.csv", text))
    dashed = text.replace("201801", "2018-01-").replace("201802", "2018-02-")
    assert (
        done.stdout == entente("relational", write(tmp_path, "q.csv", dashed)).stdout and "times in days" in done.stdout
    )
    numbers = entente("relational", write(tmp_path, "n.csv", text.replace("2018", "9018")))
    assert numbers.returncode == 0 and "days" not in numbers.stdout


UNKNOWN = ["1994-06--9", "1994-06-", "1994-06", "1994-06-00", "1994-06-XX", "19940600"]


@pytest.mark.parametrize("date", UNKNOWN)
def test_unknown_days(tmp_path: Path, date: str) -> None:
    scenario = SCENARIO.replace("2018-01-01", "1994-01-01").replace("2018-07-01", "1995-07-01")
    rows = events("1994-01-01", 300)
    text = HEAD + "".join(rows[:100]) + f"{date},RUS,USA,clash\n" + "".join(rows[100:])
    done = one(tmp_path, text, scenario=scenario)
    assert done.returncode == 65 and f'e.csv:102: error: date is "{date}": the day is not known' in done.stderr
    assert "--unknown-days drop" in done.stderr and "--unknown-days draw" in done.stderr
    done = one(tmp_path, text, "--unknown-days", "drop", scenario=scenario)
    assert "301 rows, 300 events used" in done.stdout and "1 rows left out: day not known" in done.stdout
    assert "out of order" not in done.stdout
    drawn = one(tmp_path, text, "--unknown-days", "draw", scenario=scenario)
    assert (
        "301 rows, 301 events used" in drawn.stdout
        and "clash: 1 events" in drawn.stdout
        and "out of order" not in drawn.stdout
    )
    shuffled = [*rows, f"{date},RUS,USA,clash\n"]
    random.Random(1).shuffle(shuffled)
    again = one(tmp_path, HEAD + "".join(shuffled), "--unknown-days", "draw", scenario=scenario)
    assert again.stdout.split("dates without")[1] == drawn.stdout.split("dates without")[1]


def test_unknown_days_and_loops_of_relational(tmp_path: Path) -> None:
    head = "time,sender,receiver\n"
    rows = ["2018-01-05,A,A", "2018-01-05,A,B", "2018-01-09,B,C", "2018-02-05,C,A", "2018-03-05,B,A", "2018-02,C,B"]
    table = write(tmp_path, "r.csv", head + "\n".join(rows) + "\n")
    done = entente("relational", table, "-t", "inertia")
    assert done.returncode == 65 and 'r.csv:7: error: the time is "2018-02": the day is unknown' in done.stderr
    dropped = entente("relational", table, "-t", "inertia", "--unknown-days", "drop")
    plain = entente("relational", write(tmp_path, "p.csv", head + "\n".join(rows[1:5]) + "\n"), "-t", "inertia")
    assert "rows left out: 1, initiator and target are the same\nrows left out: 1, day not known\n" in dropped.stdout
    assert dropped.stdout.splitlines()[:3] == plain.stdout.splitlines()[:3]
    drawn = entente("relational", table, "-t", "inertia", "--unknown-days", "draw", "--json")
    assert (
        '"events": 5,' in drawn.stdout
        and '"loops_left_out": 1,' in drawn.stdout
        and '"unknown_days_left_out": 0,' in drawn.stdout
    )
    only = entente("relational", write(tmp_path, "l.csv", head + "1,A,A\n2,B,B\n"), "-t", "inertia")
    assert only.returncode == 65 and "every row is left out" in only.stderr


def test_loops_are_counted(tmp_path: Path) -> None:
    """An event of an actor on itself is left out and counted, whichever command reads it; of an actor that has no other
    event nothing stays."""
    text = "time,sender,receiver\n1,A,A\n2,A,B\n3,B,C\n4,C,A\n5,B,A\n6,D,D\n"
    done = entente("relational", write(tmp_path, "r.csv", text))
    assert done.returncode == 0 and "rows left out: 2, initiator and target are the same" in done.stdout
    assert "4 events, 3 in the likelihood (the first is given); 3 actors" in done.stdout
    done = one(tmp_path, HEAD + "2018-01-01,USA,USA,visit\n2018-01-02,USA,RUS,visit\n")
    assert "1 rows left out: initiator and target are the same" in done.stdout
