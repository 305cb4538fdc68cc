"""Input that is no scenario, or too much of one: a located message, exit 65 or 66, in time, no crash."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

ENTENTE = os.environ["ENTENTE"]
MINIMAL = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios" / "minimal.yaml"


def check(path: Path, *options: str, seconds: float = 4) -> subprocess.CompletedProcess[str]:
    start = time.monotonic()
    run = subprocess.run(
        [ENTENTE, "check", *options, str(path)],
        capture_output=True, text=True, errors="replace", timeout=20, check=False,
    )
    assert time.monotonic() - start < seconds
    return run


def refuses(tmp_path: Path, content: bytes, message: str, place: str | None = None) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    run = check(path)
    assert run.returncode == 65, run.stderr
    assert message in run.stderr
    if place:
        assert f"x.yaml:{place}: error" in run.stderr


def test_missing_file(tmp_path: Path) -> None:
    run = check(tmp_path / "no.yaml")
    assert run.returncode == 66
    assert "there is no file" in run.stderr


def test_directory(tmp_path: Path) -> None:
    run = check(tmp_path)
    assert run.returncode == 66
    assert "is a directory" in run.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("entente: 1\n")
    path.chmod(0)
    run = check(path)
    assert run.returncode == 66
    assert "cannot open" in run.stderr


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    run = check(path, seconds=1)
    assert run.returncode == 65
    assert "100.0 MiB; at most 64 MiB are read" in run.stderr


def test_endless_device() -> None:
    run = check(Path("/dev/zero"))
    assert run.returncode == 65
    assert "more than 64 MiB" in run.stderr


READERS = {
    "scenario": ("check", "IN"),
    "table of a scenario": ("check", "SCENARIO"),
    "events": ("fit", MINIMAL, "--events", "IN", "-o", "x.yaml"),
    "codes": ("fit", MINIMAL, "--events", "EVENTS", "--mapping", "IN", "-o", "x.yaml"),
    "countries": ("fit", MINIMAL, "--events", "EVENTS", "--countries", "IN", "-o", "x.yaml"),
    "relational": ("relational", "IN"),
    "list": ("sweep", MINIMAL, "--list", "IN", "-o", "x.h5"),
    "result": ("compare", "IN"),
}


def reader(name: str, folder: Path, source: str) -> list[str]:
    scenario, events = folder / "s.yaml", folder / "events.csv"
    lines = MINIMAL.read_text().splitlines()
    start = lines.index("ties:")
    end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith(" "))
    scenario.write_text("\n".join([*lines[:start], f"ties: {{from: {source}}}", *lines[end:]]) + "\n")
    events.write_text("date,initiator,target,kind\n2026-01-05,AAA,BBB,call\n")
    words = {"IN": source, "SCENARIO": str(scenario), "EVENTS": str(events)}
    return [ENTENTE, *(words.get(str(word), str(word)) for word in READERS[name])]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/urandom", "/dev/null"])
def test_devices(name: str, device: str, tmp_path: Path) -> None:
    done = subprocess.run(reader(name, tmp_path, device), capture_output=True, text=True, errors="replace", timeout=20,
                          cwd=tmp_path, check=False)  # fmt: skip
    assert done.returncode in (65, 66) and device in done.stderr, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv", "s.yaml"]


@pytest.mark.parametrize("name", READERS)
def test_a_named_pipe_is_read_to_its_end(name: str, tmp_path: Path) -> None:
    """It waits for who writes, as any program does; then what was written is bad."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(reader(name, tmp_path, str(pipe)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, cwd=tmp_path)  # fmt: skip
    if name != "result":  # is a file with a seal at its end, which a pipe is not
        with pipe.open("w") as file:
            file.write("neither: [one nor other\n")
    said = process.communicate(timeout=20)[1]
    assert process.returncode in (65, 66) and str(pipe) in said, said


def test_pipe() -> None:
    run = subprocess.run(
        [ENTENTE, "check", "/dev/stdin"], input=MINIMAL.read_text(),
        capture_output=True, text=True, timeout=10, check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    "opening", ["[", "{", "{a: ", "- ", "? ", "[{", '"', "'", "&a ", "!", "|\n", "%", "\t", "a:\n ", ","],
)
def test_repeated_opening(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(opening * 100_000)
    run = check(path)
    assert run.returncode == 65
    assert "error" in run.stderr


def test_deep_block(tmp_path: Path) -> None:
    text = "".join(" " * i + "a:\n" for i in range(1000))
    refuses(tmp_path, text.encode(), "more than 64 lists and mappings inside one another", "65:65")


def test_alias_bomb(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    refuses(tmp_path, "\n".join(lines).encode(), "aliases", "2:8")


@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        (b"%%%%", "directives", "1:1"),
        (b"entente: 1\n%TAG ! x\n", "directives", "2:1"),
        (b"? b:\t|", "explicit keys", "1:1"),
        (b"a:\n  - ? b:\t-\n", "explicit keys", "2:5"),
        (b"a: \xef\xbb\xbf? b:\t-\n", "byte order mark", "1:4"),
    ],
)
def test_what_breaks_the_yaml_library(tmp_path: Path, content: bytes, message: str, place: str) -> None:
    refuses(tmp_path, content, message, place)


def test_hanging_bytes(tmp_path: Path) -> None:
    refuses(tmp_path, b"%\xeb", "byte 0xEB is not valid UTF-8", "1:2")


def test_zero_byte(tmp_path: Path) -> None:
    refuses(tmp_path, b"entente: 1\ntitle: a\0b\n", "zero byte", "2:9")


def test_escape_sequences_do_not_reach_the_terminal(tmp_path: Path) -> None:
    refuses(tmp_path, b"entente: 1\ntitle: \x1b[31mred\n", "control character 0x1B", "2:8")
    run = check(tmp_path / "x.yaml")
    assert "\x1b" not in run.stderr


def test_escaped_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text('entente: 1\n"\\e[31mkey": 1\nperiod: "\\e[2J"\n')
    assert "\x1b" not in check(path).stderr


@pytest.mark.parametrize("bad", [b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80"])
def test_invalid_utf8(tmp_path: Path, bad: bytes) -> None:
    refuses(tmp_path, b"entente: 1\ntitle: " + bad + b"\n", "not valid UTF-8", "2:8")


def test_only_the_first_hundred_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("entente: 1\n" + "".join(f"k{i}: 1\n" for i in range(5000)))
    run = check(path)
    assert run.returncode == 65
    assert run.stderr.count(": error: ") == 100
    assert "5005 errors; the first 100 are shown" in run.stderr


@pytest.mark.parametrize("change", ["crlf", "bom", "crlf and bom"])
def test_line_ends_and_byte_order_mark(tmp_path: Path, change: str) -> None:
    text = MINIMAL.read_text()
    if "crlf" in change:
        text = text.replace("\n", "\r\n")
    content = text.encode("utf-8-sig" if "bom" in change else "utf-8")
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    assert check(path).returncode == 0


def test_json_of_problems(tmp_path: Path) -> None:
    import json

    path = tmp_path / "x.yaml"
    path.write_text("entente: 1\ntitel: x\n")
    run = check(path, "--json")
    (report,) = json.loads(run.stdout)
    assert run.returncode == 65
    assert not report["ok"]
    assert report["errors"] == len(report["problems"]) == 6
    problem = next(p for p in report["problems"] if p["line"] == 2)
    assert problem["column"] == 1
    assert 'did you mean "title"' in problem["text"]


PAIR = """\
entente: 1
title: Many kinds
period: {start: 2026-01-01, end: 2027-01-01}
actors: {A: {gdp: 1 bn USD}, B: {gdp: 1 bn USD}}
ties: {A-B: {strength: 0}}
kinds:
"""


def test_more_kinds_than_fit(tmp_path: Path) -> None:
    kinds = "".join(f"  k{n}: {{scope: dyad}}\n" for n in range(33000))
    refuses(tmp_path, (PAIR + kinds).encode(), "33000 event types are more than the limit of 32767", "7:3")


def test_a_long_cycle_is_named(tmp_path: Path) -> None:
    kinds = "".join(f"  k{n}: {{scope: dyad, then: [{{kind: k{(n + 1) % 300}}}]}}\n" for n in range(300))
    refuses(tmp_path, (PAIR + kinds).encode(), "without an end: k0 -> k1 -> k2", "7:3")


def test_many_ties_in_time(tmp_path: Path) -> None:
    names = [f"A{i}" for i in range(200)]
    ties = ["a,b,strength,alignment,trade_ab_usd,trade_ba_usd,distance_km,contiguity"]
    ties += [f"{a},{b},0.1,0.1,1e9,2e9,1000,0" for i, a in enumerate(names) for b in names[i + 1:]]
    (tmp_path / "ties.csv").write_text("\n".join(ties) + "\n")
    (tmp_path / "actors.csv").write_text("name,gdp_usd\n" + "".join(f"{a},1e12\n" for a in names))
    path = tmp_path / "x.yaml"
    path.write_text(
        "entente: 1\ntitle: many\nperiod: {start: 2026-01-01, end: 2027-01-01}\n"
        "actors: {from: actors.csv}\nties: {from: ties.csv}\n"
        "kinds: {call: {scope: initiator -> target, rate: {per_year: 0.1, log_effects: {log_distance: -0.5, "
        "tie: {of: contiguity, coefficient: 1}}}}}\n"
        "uncertain: {ties.A0-A1.strength: {uniform: [0, 0.2]}}\n"
    )
    run = check(path)
    assert run.returncode == 0, run.stderr
    assert "19900 ties" in run.stdout
