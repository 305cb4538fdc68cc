"""Output on a terminal: lines fit its width, headings are bold, a pager shows it; a pipe gets plain, whole lines."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
COMMANDS = [
    ("check", "SCENARIO"), ("show", "SCENARIO"), ("show", "SCENARIO", "--parameters"), ("trace", "SCENARIO"),
    ("run", "SCENARIO", "-n", "4", "-o", "OUT"), ("compare", "OUT"), ("show", "OUT"), ("compare", "--help"),
]  # fmt: skip
SHIPPED = ["minimal", "examples/saudi-iran", "examples/us-tariffs", "examples/eu-mercosur", "examples/niger-2023"]
LARGE = ["central-asia-2026", "c5plus1-2025", "ukraine-talks", "white-house-2018"]


def on_terminal(*words: object, columns: int = 80, **variables: str) -> str:
    """What a terminal of that width gets, without the ends of lines that it adds."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "PAGER": "cat", **variables}
    with subprocess.Popen([runs.ENTENTE, *map(str, words)], stdout=theirs, stdin=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env=environment) as process:  # fmt: skip
        os.close(theirs)
        read = []
        while True:
            try:
                some = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not some:
                break
            read.append(some)
    os.close(ours)
    assert process.returncode == 0
    return b"".join(read).decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    return re.sub(r"\033\[\d*m", "", text)


def letters_of(text: str) -> str:
    return "".join(text.split())


def given(scenario: str, tmp_path: Path) -> list[list[object]]:
    names = {"SCENARIO": ROOT / "scenarios" / f"{scenario}.yaml", "OUT": tmp_path / "out.h5"}
    return [[names.get(word, word) for word in words] for words in COMMANDS]


@pytest.mark.parametrize("columns", [80, 60])
@pytest.mark.parametrize("scenario", SHIPPED)
def test_lines_fit_the_terminal(scenario: str, columns: int, tmp_path: Path) -> None:
    """All letters are there that a pipe gets, in their order."""
    for words in given(scenario, tmp_path):
        shown = plain(on_terminal(*words, columns=columns))
        assert max(map(len, shown.split("\n"))) <= columns, words
        piped = runs.entente(*words).stdout
        assert letters_of(shown) == letters_of(piped), words
        assert "\033" not in piped


@pytest.mark.long
@pytest.mark.parametrize("scenario", LARGE)
def test_lines_of_large_scenarios_fit_too(scenario: str, tmp_path: Path) -> None:
    test_lines_fit_the_terminal(scenario, 80, tmp_path)


def test_a_sweep_fits(tmp_path: Path) -> None:
    sweep = ["sweep", ROOT / "scenarios" / "minimal.yaml", "-o", tmp_path / "sweep.h5", "-n", 4, "--points", 8]
    sweep += ["--design", "saltelli", "--param", "kinds.call.effect.lasting=0:0.3"]
    sweep += ["--param", "kinds.call.rate.per_year=1:9"]
    shown = plain(on_terminal(*sweep))
    assert max(map(len, shown.split("\n"))) <= 80 and "kinds.call.rate.per_year" in shown


def test_headings_and_causes_are_marked(tmp_path: Path) -> None:
    scenario = ROOT / "scenarios" / "minimal.yaml"
    trace = on_terminal("trace", scenario, columns=120)
    assert "\033[2m[baseline]\033[0m\n" in trace and "\033[1m" not in trace
    assert "\033[1mstrength\033[0m\n" in on_terminal("run", scenario, "-n", 4, "-o", tmp_path / "out.h5")
    assert "\033" not in on_terminal("trace", scenario, NO_COLOR="1")
    assert "\033" not in on_terminal("trace", scenario, TERM="dumb")


def test_the_pager_shows_it(tmp_path: Path) -> None:
    scenario = ROOT / "scenarios" / "minimal.yaml"
    seen = tmp_path / "seen"
    assert on_terminal("trace", scenario, PAGER=f"tee {seen} | tr a-z A-Z").startswith("TWO NEIGHBOURS AND A SUMMIT\n")
    assert plain(seen.read_text()).startswith("Two neighbours and a summit\n")
    own = on_terminal("trace", scenario, PAGER="false", ENTENTE_PAGER=f"cat >{seen}; echo $LESS")
    assert own == "FRX\n"
    assert runs.entente("trace", scenario, env={**os.environ, "PAGER": "false"}).stdout.startswith("Two neighbours")


def test_a_reader_who_leaves_ends_nothing(tmp_path: Path) -> None:
    """`true` reads nothing; the exit code is the program's, and the output file is there."""
    scenario = ROOT / "scenarios" / "minimal.yaml"
    on_terminal("run", scenario, "-n", 4, "-o", tmp_path / "out.h5", PAGER="true")
    assert (tmp_path / "out.h5").exists()
    on_terminal("trace", ROOT / "scenarios" / "central-asia-2026.yaml", PAGER="head -1")
