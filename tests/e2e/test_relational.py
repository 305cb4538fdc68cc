"""`entente relational`: published fits through the command, mistakes with their lines, JSON as the table."""

import json
import math
import os
import random
import subprocess
from pathlib import Path

import pytest

ENTENTE = os.environ["ENTENTE"]
ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
DATA = Path(os.environ.get("ENTENTE_DATA", ROOT / "../shared/data")) / "benchmarks"
published = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there ($ENTENTE_DATA names the data folder)")

EVENTS = """time,initiator,target
1,Ann,Bob
2,Bob,Cai
2.5,Ann,Bob
4,Cai,Ann
5,Dee,Bob
5,Bob,Ann
6,Ann,Cai
7.5,Dee,Ann
9,Cai,Dee
"""


def relational(*words):
    return subprocess.run([ENTENTE, "relational", *map(str, words)], capture_output=True, text=True)


def fit(*words):
    """The fit as JSON, with coefficients and errors by statistic."""
    done = relational(*words, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    told["x"] = {row["statistic"]: row["coefficient"] for row in told["coefficients"]}
    told["errors"] = {row["statistic"]: row["se"] for row in told["coefficients"]}
    return told


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text(EVENTS)
    return path


@published
def test_the_fit_of_remstimate():
    words = ["-t", "indegreeSender", "-t", "inertia", "-t", "reciprocity"]
    told = fit(DATA / "remstimate_tie_data.csv", *words, "--given-first")
    want = {"baseline": -4.940907, "indegreeSender": 0.045451, "inertia": -0.200296, "reciprocity": -0.052226}
    assert list(told["x"]) == list(want)
    assert told["x"] == pytest.approx(want, abs=1e-6)
    assert told["log_l"] == pytest.approx(-600.2416, abs=1e-4)
    assert (told["actors"], told["events"], told["events_fitted"], told["converged"]) == (5, 100, 99, True)
    assert fit(DATA / "remstimate_tie_data.csv", *words) == told  # without an origin the first event is given


@published
def test_the_fit_of_goldfish():
    actors = ["--actors", DATA / "social_evolution_actors.csv", "--columns", "time,sender,receiver"]
    words = ["--form", "choice", "--presence", "-t", "inertia", "-t", "reciprocity", "-t", "transitivity"]
    told = fit(DATA / "social_evolution_calls.csv", *actors, *words)
    want = {"inertia": 5.19690, "reciprocity": 1.39802, "transitivity": -0.23036}
    errors = {"inertia": 0.17397, "reciprocity": 0.17300, "transitivity": 0.21554}
    assert told["x"] == pytest.approx(want, abs=1e-5)
    assert told["errors"] == pytest.approx(errors, abs=1e-5)
    assert told["log_l"] == pytest.approx(-696.7185, abs=1e-4)
    assert (told["actors"], told["events"], told["events_fitted"]) == (84, 439, 439)
    assert fit(DATA / "social_evolution_calls.csv", *words)["actors"] < 84  # not all of them called


def test_a_baseline_alone_is_the_rate(table):
    """n events on d dyads in time T: log of n / (d T), with error 1 / sqrt(n)."""
    given, whole = fit(table), fit(table, "--origin", "0")
    for told, n, time in (given, 8, 8), (whole, 9, 9):
        rate = n / (12 * time)
        assert told["x"] == pytest.approx({"baseline": math.log(rate)}, abs=1e-9)
        assert told["errors"] == pytest.approx({"baseline": n**-0.5}, abs=1e-9)
        assert told["log_l"] == pytest.approx(n * math.log(rate) - n, abs=1e-9)
        assert told["aic"] == pytest.approx(2 - 2 * told["log_l"]) and told["events_fitted"] == n
        assert told["bic"] == pytest.approx(math.log(n) - 2 * told["log_l"])


def test_the_first_choice_counts_unless_it_is_given(table):
    words = [table, "--form", "choice", "-t", "inertia"]
    whole, given = fit(*words), fit(*words, "--given-first")
    assert (whole["events_fitted"], given["events_fitted"]) == (9, 8)
    assert whole["x"] == pytest.approx(given["x"])  # nothing went before it: one of three, whatever the coefficient
    assert whole["log_l"] == pytest.approx(given["log_l"] - math.log(3), abs=1e-9)


def test_dates_are_days_and_order_is_restored(tmp_path, table):
    """The same events as dates, and in another order: the same fit. Those of one time stay as they are listed."""
    rows = [line.split(",") for line in EVENTS.splitlines()[1:]]
    dated = [f"2018-01-{1 + int(float(t)):02d}{'' if float(t) % 1 == 0 else 'T12:00'},{i},{j}" for t, i, j in rows]
    random.Random(3).shuffle(dated)
    same = [next(n for n, row in enumerate(dated) if row.endswith(who)) for who in ("Dee,Bob", "Bob,Ann")]
    if same[0] > same[1]:
        dated[same[0]], dated[same[1]] = dated[same[1]], dated[same[0]]
    (tmp_path / "d.csv").write_text("when,who,whom\n" + "\n".join(dated) + "\n")
    words = ["-t", "inertia", "-t", "sharedPartners"]
    numbers = fit(table, *words, "--origin", "0")
    dates = fit(tmp_path / "d.csv", *words, "--origin", "2018-01-01")
    assert dates["times"] == "days" and numbers["times"] == "numbers"
    assert dates["x"] == pytest.approx(numbers["x"], abs=1e-8)
    assert dates["log_l"] == pytest.approx(numbers["log_l"], abs=1e-8)
    assert dates["events_simultaneous"] == numbers["events_simultaneous"] == 1
    done = relational(tmp_path / "d.csv", *words)
    assert "out of order and have been sorted by time" in done.stderr and "times in days" in done.stdout
    assert "events at the same time as the previous one: 1," in done.stdout


def test_columns_by_name_and_a_byte_order_mark(tmp_path, table):
    rows = [line.split(",") for line in EVENTS.splitlines()[1:]]
    text = "whom,note,who,when\r\n" + "".join(f'{j},"a, b",{i},{t}\r\n' for t, i, j in rows)
    (tmp_path / "c.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    told = fit(tmp_path / "c.csv", "--columns", "when,who,whom", "-t", "reciprocity")
    assert told["x"] == pytest.approx(fit(table, "-t", "reciprocity")["x"])


def test_actors_without_events_count(tmp_path, table):
    (tmp_path / "a.csv").write_text("name,of\nAnn,x\nBob,x\nCai,x\nDee,x\nEve,x\n")
    told = fit(table, "--actors", tmp_path / "a.csv")
    assert told["actors"] == 5
    assert told["x"]["baseline"] == pytest.approx(math.log(8 / (20 * 8)), abs=1e-9)


def test_json_is_the_table(table):
    words = [table, "-t", "inertia", "-t", "indegreeReceiver", "--form", "ordinal"]
    told, done = fit(*words), relational(*words)
    lines = done.stdout.splitlines()
    assert done.stderr == ""  # two events of one time are in order
    assert lines[0].split() == ["statistic", "coefficient", "se", "z", "p"]
    for line, row in zip(lines[1:3], told["coefficients"], strict=True):
        name, *numbers = line.split()
        want = [row[key] for key in ("coefficient", "se", "z", "p")]
        assert name == row["statistic"] and [float(n) for n in numbers] == pytest.approx(want, rel=5e-3)
        assert row["z"] == pytest.approx(row["coefficient"] / row["se"])
        assert row["p"] == pytest.approx(math.erfc(abs(row["z"]) / math.sqrt(2)))
    assert lines[3] == f"log L {told['log_l']:.4f}, AIC {told['aic']:.4f}, BIC {told['bic']:.4f}"
    assert lines[4] == "9 events, 9 in the likelihood; 4 actors; form ordinal"
    assert lines[-1] == f"converged after {told['iterations']} steps" and told["converged"] is True
    given = (told["files"], told["form"], told["presence"], told["given_first"])
    assert given == ([str(table)], "ordinal", False, False)


def test_what_cannot_be_told_apart_does_not_converge(tmp_path):
    (tmp_path / "e.csv").write_text("time,a,b\n1,x,y\n2,x,y\n3,x,y\n")  # two actors: there is no choice
    done = relational(tmp_path / "e.csv", "--form", "choice", "-t", "inertia", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 65 and "did not converge" in done.stderr
    assert told["converged"] is False and told["coefficients"][0]["se"] is None
    shown = relational(tmp_path / "e.csv", "--form", "choice", "-t", "inertia")
    assert shown.returncode == 65 and "not converged: " in shown.stdout
    assert shown.stdout.splitlines()[1].split()[2:] == ["-", "-", "-"]


def test_every_row_that_is_wrong_is_told_with_its_line(tmp_path):
    bad = "time,who,whom\n1,A,B\nsoon,A,B\n2018-01-01,A,B\n3,,B\n3,A,\n4,A,C,\n5,A\n6,A,B\nnan,A,B\n"
    (tmp_path / "e.csv").write_text(bad)
    done = relational(tmp_path / "e.csv", "-t", "inertia")
    assert done.returncode == 65 and done.stdout == ""
    lines = [line.removeprefix(f"{tmp_path}/") for line in done.stderr.splitlines()]
    assert lines == [
        'e.csv:3: error: the time is "soon": a number, as the first row has it, is expected',
        'e.csv:4: error: the time is "2018-01-01": a number, as the first row has it, is expected',
        "e.csv:5: error: the initiator is missing",
        "e.csv:6: error: the target is missing",
        "e.csv:7: error: 4 cells, the first row has 3",
        "e.csv:8: error: 2 cells, the first row has 3",
        'e.csv:10: error: the time is "nan": a number, as the first row has it, is expected',
        f"entente: {tmp_path}/e.csv: 7 rows cannot be read",
    ]
    (tmp_path / "e.csv").write_text("time,who,whom\n" + "soon,A,B\n" * 50)
    told = relational(tmp_path / "e.csv").stderr.splitlines()
    assert len(told) == 21 and told[-1].endswith("50 rows cannot be read")


def test_an_event_of_another_actor_is_told(tmp_path, table):
    actors = tmp_path / "a.csv"
    actors.write_text("name\nAnn\nBobb\nCai\nDee\n")
    done = relational(table, "--actors", actors)
    assert done.returncode == 65
    assert f'{table}:2: error: the target "Bob" is not an actor of {actors}; did you mean "Bobb"?' in done.stderr
    assert f'{table}:3: error: the initiator "Bob"' in done.stderr
    actors.write_text("name\nAnn\nBob\nAnn\n")
    done = relational(table, "--actors", actors)
    assert done.returncode == 65 and f'{actors}:4: error: actor "Ann" is listed twice' in done.stderr


@pytest.mark.parametrize(
    "text, words, told",
    [
        ("", [], "is empty"),
        ("time,a,b\n", [], "no rows"),
        ("time,a\n1,A\n", [], "e.csv:1: error: 2 columns"),
        ("1,A,B\n2,B,A\n", [], "e.csv:1: error: this is an event"),
        (EVENTS, ["--columns", "tme,initiator,target"], 'e.csv:1: error: there is no column "tme"; did you mean "t'),
        ("time,a,b\n1,A,B\n", [], "there is nothing to fit"),
        ("time,a,b\n1,A,B\n1,B,A\n", [], "no time passes"),
        ("time,a,b\n1,A,B\0\n", [], "zero byte"),
    ],
)
def test_tables_that_are_none(tmp_path, text, words, told):
    (tmp_path / "e.csv").write_text(text)
    done = relational(tmp_path / "e.csv", *words)
    assert done.returncode == 65 and told in done.stderr, done.stderr


@pytest.mark.parametrize(
    "words, told",
    [
        (["-t", "inertai"], "did you mean inertia?"),
        (["-t", "inertai"], "one of baseline, inertia, reciprocity, indegreeSender,"),
        (["-t", "inertia", "-t", "inertia"], "given twice"),
        (["--form", "ordinary"], "one of interval, ordinal, choice is expected; did you mean ordinal?"),
        (["--form", "ordinal"], "the statistics are missing"),
        (["--form", "ordinal", "-t", "baseline"], "only times identify it"),
        (["--form", "choice", "-t", "outdegreeSender"], "the same for every target"),
        (["--form", "choice", "-t", "inertia", "--origin", "0"], "uses the order only, not the times"),
        (["--origin", "0", "--given-first"], "give one of the two"),
        (["--origin", "2018-01-01"], "a number, as the first row has it, is expected"),
        (["--origin", "1.5"], "some events are earlier"),
        (["--columns", "time,initiator"], "three names are expected"),
        (["--columns", "time,initiator,"], "three names are expected"),
    ],
)
def test_a_wrong_command_line(table, words, told):
    done = relational(table, *words)
    assert done.returncode == 64 and done.stdout == ""
    assert told in done.stderr.replace("\n", " "), done.stderr


def test_files_that_are_not_there(tmp_path, table):
    for words in [tmp_path / "no.csv"], [table, "--actors", tmp_path / "no.csv"]:
        done = relational(*words)
        assert done.returncode == 66 and "cannot open" in done.stderr
    assert relational().returncode == 64


def test_the_help_lists_the_statistics():
    done = relational("--help")
    assert done.returncode == 0 and max(map(len, done.stdout.splitlines())) <= 80
    for name in ("baseline", "inertia", "reciprocity", "transitivity", "sharedPartners", "outdegreeReceiver"):
        assert f"  {name}: " in done.stdout
