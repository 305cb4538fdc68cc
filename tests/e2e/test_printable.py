"""What reaches a terminal is text: no control character but newline and tab, nothing that turns a line's direction, no
byte that is not UTF-8, wherever it comes from."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

import runs

ESCAPES = {
    "title": "\x1b]0;owned\x07",
    "C1": "\x9b31m",
    "bidi": "\u202egnp.exe\u2066",
    "return": "all is well\r",
    "zero": "\0",
    "delete": "\x7f\x08",
}
TURNS = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"}


def quoted(text: str) -> str:
    """As YAML's double quotes take it."""
    return '"' + "".join(f"\\u{ord(letter):04x}" if not letter.isascii() or not letter.isprintable() else letter
                         for letter in text) + '"'


def unprintable(output: bytes) -> str:
    """What of it is not text."""
    text = output.decode("utf-8", errors="surrogateescape")
    return "".join(letter for letter in text
                   if letter in TURNS or (letter not in "\n\t" and (ord(letter) < 32 or 127 <= ord(letter) < 160))
                   or 0xDC80 <= ord(letter) <= 0xDCFF)


def go(*arguments: str | bytes | Path, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run([runs.ENTENTE, *arguments], cwd=cwd, capture_output=True, timeout=120, check=False)
    assert done.returncode >= 0
    assert not unprintable(done.stdout), (arguments, done.stdout)
    assert not unprintable(done.stderr), (arguments, done.stderr)
    return done


@pytest.mark.parametrize("name", ESCAPES)
def test_an_escape_in_a_scenario_is_refused_or_made_safe(name: str, tmp_path: Path) -> None:
    for where in ("title: Three states", "label: First", "  call:", "AAA:"):
        assert where in runs.SCENARIO
        key, _, value = where.partition(":")
        bad = f"{key}: {quoted(value.strip() + ESCAPES[name])}" if value else f"{quoted('X' + ESCAPES[name])}:"
        if not value and where.startswith(" "):
            bad = "  " + bad
        scenario = runs.write_scenario(tmp_path, runs.SCENARIO.replace(where, bad))
        done = go("check", scenario.name, cwd=tmp_path)
        if name != "bidi":
            assert done.returncode == 65 and b"control character U+" in done.stderr, done.stderr
        for command in (("show", scenario.name), ("show", "-p", scenario.name), ("trace", scenario.name),
                        ("run", scenario.name, "-n2", "-j1", "-o", "out.h5", "--restart")):
            go(*command, cwd=tmp_path)
        if (tmp_path / "out.h5").exists():
            for command in (("show", "out.h5"), ("compare", "out.h5"), ("run", "out.h5", "-o", "other.h5")):
                go(*command, cwd=tmp_path)
            (tmp_path / "out.h5").unlink()
            (tmp_path / "other.h5").unlink(missing_ok=True)


@pytest.mark.parametrize("name", ESCAPES)
def test_tables_names_and_arguments(name: str, tmp_path: Path) -> None:
    runs.write_scenario(tmp_path)
    bad = ESCAPES[name].encode() + b"\xff\xe2\x80"
    word = bad.replace(b"\0", b"")
    table = tmp_path / "bad.csv"
    commands: list[tuple[str | bytes, ...]] = [
        ("fit", "three.yaml", "--events", "bad.csv", "-o", "x.yaml"),
        ("fit", "three.yaml", "--events", "bad.csv", "--mapping=bad.csv", "-o", "x.yaml"),
        ("score", "three.yaml", "--events", "bad.csv", "--from", "2026-06-01", "-t", "call", "-w", "20"),
        ("relational", "bad.csv"),
        ("sweep", "three.yaml", "--list", "bad.csv", "-o", "s.h5", "-n1"),
        ("sweep", "@bad.csv", "-o", "s.h5"),
    ]
    for text in (b"date,initiator,target,kind\n2026-01-0%bX,AAA,BBB,call\n",
                 b"date,initiator,target,kind\n2026-01-01,A%b,BBB,call\n",
                 b"date,initiator,target,%b\n2026-01-01,AAA,BBB,call\n", b"code,kind\n%b,call\n",
                 b"kinds.call.%b\n1\n", b"--%b x\n"):
        for hostile in (bad, bad[:-3]):
            table.write_bytes(text % hostile)
            for command in commands:
                go(*command, cwd=tmp_path)
    for command in (
        ("check", word), ("show", word), ("run", word), ("compare", word), ("merge", word), ("trace", word),
        ("run", "three.yaml", "-o", b"no/" + word), ("run", "three.yaml", b"--" + word), (word,),
        ("run", "three.yaml", b"--set=" + word + b"=1", "-n1"), ("run", "three.yaml", b"--variant=" + word, "-n1"),
        ("run", "three.yaml", "-n", word), ("sweep", "three.yaml", b"--param=" + word + b"=1:2"),
        ("sweep", "three.yaml", "--param=kinds.call.rate.per_year=2:8", b"--keep=" + word, "-n1"),
        ("sweep", "three.yaml", b"--design=" + word), ("relational", word), ("fit", word, "--events", word, "-o", "x"),
        ("run", "three.yaml", "-n1", "-q", "-o", word), ("show", word), ("run", "three.yaml", "-n2", "-o", word),
    ):
        go(*command, cwd=tmp_path)


def test_letters_arrive_whole(tmp_path: Path) -> None:
    """Whatever the size of the buffers between."""
    label = "Қазақстан Ünïted 中華 🏳" * 5
    runs.write_scenario(tmp_path, runs.SCENARIO.replace("label: First", f"label: {label}"))
    done = go("show", "three.yaml", cwd=tmp_path)
    assert done.returncode == 0
    path = tmp_path / ("é" * 100 + ".yaml")
    for n in range(8):
        done = go("check", "x" * n + str(path.name), cwd=tmp_path)
        assert f"{'x' * n}{path.name}".encode() in done.stderr


def test_progress_on_a_terminal_is_drawn(tmp_path: Path) -> None:
    runs.write_scenario(tmp_path)
    ours, theirs = pty.openpty()
    with subprocess.Popen([runs.ENTENTE, "run", "three.yaml", "-n", "20000", "-j1", "-o", "out.h5"], cwd=tmp_path,
                          stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
                if b"\r[" in seen:
                    process.terminate()
        except OSError:  # the terminal's other end is closed
            pass
    os.close(ours)
    assert b"\r[" in seen and b"\x1b[K" in seen
