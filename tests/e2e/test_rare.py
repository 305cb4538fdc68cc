"""`entente rare`: known probabilities, the same file for any workers and after kills, its path, what it refuses."""

from __future__ import annotations

import json
import math
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

import runs

POISSON = """\
entente: 1
title: Notes
period: {start: 2026-01-01, end: 2027-01-01}
actors:
  AAA: {}
  BBB: {}
ties:
  AAA-BBB: {}
kinds:
  note: {scope: initiator -> target, rate: {per_year: 1}, effect: {goldstein: 10}}
  insult: {scope: initiator -> target, rate: {per_year: 0.0001, log_effects: {strength: 40}}}
quantities:
  notes: {count: note}
  many: {count: note, above: 9}
  strength: {strength: AAA-BBB}
  first_note: {first: note}
  insult: {first: insult}
"""
KNOWN = 4.58e-5  # more than 9 of a Poisson law with mean 2 * 365 / 365.2425


@pytest.fixture
def poisson(tmp_path: Path) -> Path:
    return runs.write_scenario(tmp_path, POISSON)


def rare(scenario: Path, out: Path, *more: object) -> dict[str, object]:
    done = runs.entente("rare", scenario, "-o", out, "--json", "--quiet", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_known_probability(poisson: Path, tmp_path: Path) -> None:
    found = rare(poisson, tmp_path / "a.h5", "notes", "--above", 9, "-n", 8000)
    assert found["event"] == "notes>9"
    assert found["low"] < KNOWN < found["high"]
    assert found["high"] < 2 * found["low"]
    assert found["gain"] > 50
    named = rare(poisson, tmp_path / "b.h5", "many", "-n", 8000)
    assert (named["probability"], named["levels"]) == (found["probability"], found["levels"])
    given = rare(poisson, tmp_path / "c.h5", "many", "-n", 8000, "--levels", "3,5,7,8", "--splits", 4)
    assert abs(given["probability"] - KNOWN) < 5 * given["sd"] / math.sqrt(8000)


def test_the_same_for_any_workers_tasks_and_kills(poisson: Path, tmp_path: Path) -> None:
    words = ["notes", "--above", 9, "--pilot", 200]
    whole = tmp_path / "whole.h5"
    rare(poisson, whole, *words, "-n", 600, "-j", 1)
    rare(poisson, tmp_path / "four.h5", *words, "-n", 600, "-j", 4)
    assert not runs.differences(whole, tmp_path / "four.h5")
    rare(poisson, tmp_path / "grown.h5", *words, "-n", 100)
    rare(poisson, tmp_path / "grown.h5", *words, "-n", 600)
    assert not runs.differences(whole, tmp_path / "grown.h5")
    for task in ("0/2", "1/2"):
        done = runs.entente("rare", poisson, "-o", tmp_path / "shared.h5", *words, "-n", 600, "--task", task)
        assert done.returncode == 0, done.stderr
    merged = runs.entente("merge", tmp_path / "shared.h5")
    assert merged.returncode == 0, merged.stderr
    assert "probability" in merged.stdout
    assert not runs.differences(whole, tmp_path / "shared.h5")


def test_killed_and_continued(poisson: Path, tmp_path: Path) -> None:
    words = ["rare", poisson, "notes", "--above", "9", "--pilot", "200", "-n", "20000", "--block", "20", "-q"]
    killed, whole = tmp_path / "killed.h5", tmp_path / "whole.h5"
    command = [runs.ENTENTE, *map(str, words), "-j", "1", "-o", str(killed)]
    parts = Path(f"{killed}.parts")
    process = subprocess.Popen(command)
    for _ in range(200):
        if process.poll() is not None or (parts.exists() and len(list(parts.glob("*.part"))) > 3):
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not killed.exists(), "it was too fast to be killed"
    again = runs.entente(*words, "-o", killed)
    assert again.returncode == 0, again.stderr
    assert runs.entente(*words, "-o", whole).returncode == 0
    assert not runs.differences(whole, killed)
    assert not parts.exists()


def test_the_path_leads_to_the_event(poisson: Path, tmp_path: Path) -> None:
    done = runs.entente("rare", poisson, "notes", "--above", 9, "-n", 4000, "-o", tmp_path / "a.h5", "-s", 11)
    command = shlex.split(re.search(r"^  (entente trace .*)$", done.stdout, re.M)[1])
    assert len([word for word in command if word == "--branch"]) > 0
    shown = runs.entente(*command[1:])
    assert shown.returncode == 0, shown.stderr
    assert len(re.findall(r" note ", shown.stdout)) > 9
    plain = runs.entente(*command[1 : command.index("--branch")])
    first = float(command[command.index("--branch") + 1].split(":")[0])
    assert plain.stdout != shown.stdout
    assert plain.stdout.splitlines()[3:4] == shown.stdout.splitlines()[3:4] or first < 40


def test_a_guide_and_ever(poisson: Path, tmp_path: Path) -> None:
    """A rare insult is likelier while strength is high; strength is ever beyond a number more often than at a date."""
    guided = rare(poisson, tmp_path / "a.h5", "insult", "--guide", "strength", "-n", 4000, "--pilot", 300)
    plain = rare(poisson, tmp_path / "b.h5", "insult", "--guide", "notes", "--levels", "1000", "-n", 40000)
    error = math.hypot(guided["sd"] / math.sqrt(4000), plain["sd"] / math.sqrt(40000))
    assert abs(guided["probability"] - plain["probability"]) < 5 * error
    at_date = rare(poisson, tmp_path / "c.h5", "strength", "--above", 0.12, "-n", 1000, "--pilot", 200)
    ever = rare(poisson, tmp_path / "d.h5", "strength", "--above", 0.12, "--ever", "-n", 1000, "--pilot", 200)
    assert ever["probability"] > 3 * at_date["probability"] > 0
    late = rare(poisson, tmp_path / "e.h5", "first_note", "--above", "300 d", "-n", 2000, "--pilot", 200)
    assert abs(late["probability"] - math.exp(-2 * 300 / 365.2425)) < 5 * late["sd"] / math.sqrt(2000)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["note", "--above", "9"], 'no quantity "note" in this scenario; did you mean notes?'),
        (["notes"], "notes is a number, not an event: say with --above or --below"),
        (["many", "--above", "5"], "many is an event already, above 9"),
        (["notes", "--above", "x"], "--above x: a number in the unit of notes"),
        (["notes", "--above", "9", "--below", "3"], "--above and --below: give one of the two"),
        (["notes", "--below", "1"], "notes<1 has no running value that tells how near it is"),
        (["insult"], "insult has no running value"),
        (["insult", "--guide", "strenght"], '--guide: no quantity "strenght" in this scenario; did you mean strength?'),
        (["notes", "--above", "9", "--ever"], "--ever: notes is not read at a date"),
        (["notes", "--above", "9", "--falling"], "--falling is about the quantity of --guide"),
        (["notes", "--above", "9", "--levels", "5,4"], "--levels 5,4: they must rise"),
        (["notes", "--above", "9", "--levels", "5,,6"], "at most 50 values of notes>9 on the way to the event"),
        (["notes", "--above", "9", "--levels", "5", "--pilot", "90"], "levels that are given need no pilot"),
        (["notes", "--above", "9", "--variant", "x"], 'no variant "x"'),
        (["notes", "--above", "9", "--splits", "1"], "--splits"),
    ],
)
def test_what_it_refuses(poisson: Path, tmp_path: Path, words: list[str], said: str) -> None:
    done = runs.entente("rare", poisson, *words, "-o", tmp_path / "a.h5")
    assert done.returncode == 64, done.stderr
    assert said in done.stderr
    assert not list(tmp_path.glob("a.h5*"))


def test_an_event_that_never_comes(poisson: Path, tmp_path: Path) -> None:
    words = ("--above", "1.5", "-n", 100, "--pilot", 50)
    done = runs.entente("rare", poisson, "strength", *words, "-o", tmp_path / "a.h5")
    assert done.returncode == 65
    assert "the pilot" in done.stderr
    assert not list(tmp_path.glob("a.h5*"))
    given = rare(poisson, tmp_path / "b.h5", "notes", "--above", 60, "--levels", "3,6", "-n", 50)
    assert (given["probability"], given["low"], given["path"]) == (0, None, None)
