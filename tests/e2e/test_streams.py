"""Standard input and pipes in place of files: read once, by the name `-` or any other."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

import runs

TEXT = runs.SCENARIO.replace("replicates: 60", "replicates: 3")


def piped(text: str, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """The program with `text` on a pipe."""
    return runs.entente(*arguments, input=text, **options)


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/proc/self/fd/0"])
def test_a_scenario_from_a_pipe(tmp_path: Path, name: str) -> None:
    runs.run(runs.write_scenario(tmp_path, TEXT), tmp_path / "file.h5", "-q")
    for arguments in (("run", name, "-q"), ("run", name, "-j1", "-n3", "-q")):
        out = tmp_path / f"{len(arguments)}.h5"
        done = piped(TEXT, *arguments, "-o", out)
        assert done.returncode == 0, done.stderr
        assert runs.results(tmp_path / "file.h5") == runs.results(out)
    again = tmp_path / "again.h5"  # out of its own provenance
    runs.run(out, again, "-q")
    assert runs.differences(out, again) == ""
    for command in ("check", "show", "trace"):
        done = piped(TEXT, command, name)
        assert done.returncode == 0, (command, done.stderr)
    done = piped(TEXT, "sweep", name, "-o", tmp_path / "s.h5", "--param", "kinds.call.rate.per_year=2:8", "--points",
                 2, "-q")
    assert done.returncode == 0, done.stderr


def test_a_socket_is_read_too(tmp_path: Path) -> None:
    """A remote shell may give a socket, which cannot be opened by name."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(TEXT.encode())
        ours.shutdown(socket.SHUT_WR)
        done = subprocess.run([runs.ENTENTE, "check", "-"], stdin=theirs, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_tables_from_standard_input(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path, TEXT)
    rows = "".join(f"2026-{month:02}-{day:02},AAA,BBB,call\n" for month in range(1, 12) for day in (3, 9, 27))
    events = "date,initiator,target,kind\n" + rows
    points = "kinds.call.rate.per_year\n4\n5\n"
    (tmp_path / "events.csv").write_text(events)
    for text, words in ((events, ("fit", scenario, "--events", "-")),
                        (events, ("score", scenario, "--events", "-", "--from", "2026-06-01", "-w", 20, "-n", 2, "-t",
                                  "call")),
                        (events, ("relational", "-", "-t", "inertia", "--columns", "date,initiator,target")),
                        (TEXT, ("fit", "-", "--events", tmp_path / "events.csv", "-o", tmp_path / "fitted.yaml")),
                        (points, ("sweep", scenario, "--list", "-", "-o", tmp_path / "l.h5", "-n", 1))):
        done = piped(text, *words)
        assert done.returncode == 0, (words, done.stderr)
    assert runs.entente("check", tmp_path / "fitted.yaml").returncode == 0


def test_what_cannot_be(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path, TEXT)
    for words, told in (
        (("run", "-"), "give -o OUT.h5"),
        (("run", "/dev/stdin"), "give -o OUT.h5"),
        (("run", "-", "-o", "o.h5", "--task", "0/2"), "as a file"),
        (("sweep", "-", "-o", "o.h5", "--task", "0/2"), "as files"),
        (("sweep", "-", "-o", "o.h5", "--slurm", "--dry-run"), "as files"),
        (("sweep", scenario, "--list", "-", "-o", "o.h5", "--task", "0/2"), "as files"),
        (("fit", "-", "--events", "-"), "can be read only once"),
        (("check", "-", "-"), "can be read only once"),
    ):
        done = piped(TEXT, *words, cwd=tmp_path)
        assert done.returncode == 64 and told in done.stderr, (words, done.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["three.yaml"]
    (tmp_path / "from.yaml").write_text(TEXT.replace("groups:\n", 'conditions: {from: "-"}\ngroups:\n'))
    done = piped("", "check", "from.yaml", cwd=tmp_path)
    assert done.returncode == 65 and "standard input has none" in done.stderr, done.stderr


def test_mistakes_have_a_place(tmp_path: Path) -> None:
    done = piped(TEXT.replace("seed: 5", "seed: five"), "check", "-")
    assert done.returncode == 65
    line = TEXT[: TEXT.index("seed: 5")].count("\n") + 1
    assert f"standard input:{line}:" in done.stderr, done.stderr


def test_a_file_that_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "-").write_text(TEXT)
    done = runs.entente("check", "./-", cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    done = runs.entente("run", "./-", "-o", "./o", "-q", cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and os.path.getsize(tmp_path / "o") > 1000
