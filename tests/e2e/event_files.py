"""What the tests of files of events share: a scenario of three states and two kinds, `entente fit` of some files."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
from pathlib import Path

ENTENTE = os.environ.get("ENTENTE", "")
TABLES = Path(os.environ.get("ENTENTE_SOURCE_DIR", ".")) / "scenarios/tables"

SCENARIO = """entente: 1
title: Two kinds between three
period: {start: 2018-01-01, end: 2018-07-01}
actors: {USA: {}, RUS: {}, CIV: {}}
ties: {all: true}
kinds:
  visit: {scope: initiator -> target, rate: {per_year: 6}}
  clash: {scope: initiator -> target, rate: {per_year: 6}}
"""
HEAD = "date,initiator,target,kind\n"
ROWS = HEAD + "2018-01-01,USA,RUS,visit\n2018-01-02,RUS,CIV,clash\n"
CODES = "code,kind,dyad,note\n042,visit,directed,\n190,clash,directed,\n"
PAIRS = ["USA,RUS", "RUS,USA", "USA,CIV", "CIV,USA", "RUS,CIV", "CIV,RUS"]


def events(first: str, days: int, kind: str = "visit", every: int = 1) -> list[str]:
    """A row a day on one pair after the other."""
    start = datetime.date.fromisoformat(first)
    return [f"{start + datetime.timedelta(days=day)},{PAIRS[day * 5 % 6]},{kind}\n" for day in range(0, days, every)]


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def entente(command: str, *words: object, **options: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([ENTENTE, command, *map(str, words)], capture_output=True, text=True, **options)
    done.stderr = " ".join(done.stderr.split())
    return done


def fit(folder: Path, files: dict[str, str | bytes], *more: object, scenario: str = SCENARIO):
    """`entente fit` of the files, a kind with one event enough."""
    given = []
    for name, text in files.items():
        given += ["--events", write(folder, name, text)]
    return entente("fit", write(folder, "s.yaml", scenario), *given, "--least", 1, *more)


def one(folder: Path, text: str | bytes, *more: object, scenario: str = SCENARIO):
    return fit(folder, {"e.csv": text}, *more, scenario=scenario)


def rate(done: subprocess.CompletedProcess[str]) -> float:
    assert done.returncode == 0, done.stderr
    return float(re.search(r"rate.per_year +(\S+)", done.stdout)[1])
