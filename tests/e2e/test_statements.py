"""What the documents and comments say of the code, as far as it can be looked up: names, paths, options, tables."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from pathlib import Path

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
SOURCES = sorted(path for folder in ("sim", "tests") for path in (ROOT / folder).rglob("*.[ch]"))
SCRIPTS = sorted(path for pattern in ("tests/**/*.py", "analysis/**/*.py", "tools/*", "cmake/*", "*.txt", "Makefile")
                 for path in ROOT.glob(pattern) if path.is_file())


@cache
def words_of_the_code() -> frozenset[str]:
    """All words of the sources outside comments, and of the scripts."""
    text = [re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.S) for path in SOURCES]
    text += [path.read_text(errors="replace") for path in SCRIPTS if path.name != Path(__file__).name]
    return frozenset(re.findall(r"[A-Za-z_]\w*", " ".join(text)))


@cache
def paths() -> tuple[str, ...]:
    """All files that are part of the project, from its root."""
    skipped = {".git", "build", "out", "__pycache__"}
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in skipped or Path(folder, name) == ROOT / "tests" / "build"]
        found += [f"/{Path(folder, name).relative_to(ROOT)}" for name in (*files, *folders)]
    return tuple(found)


def is_path(text: str) -> bool:
    """Whether a file or folder ends so; * stands for a part of a name."""
    pattern = re.compile("/" + re.escape(text.strip("/")).replace(r"\*", "[^/]*") + "$")
    return any(pattern.search(path) for path in paths())


def test_tables_are_whole() -> None:
    """The second line of a table rules it off; a blank line within one would make its rest plain text."""
    for document in DOCUMENTS:
        lines = ["", *document.read_text().split("\n"), ""]
        for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
            if line.startswith("|") and not before.startswith("|"):
                assert re.fullmatch(r"\|[-| :]+", after), f"{document.name}: {line}"


def test_what_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    spans = [span for span in re.findall(r"`([^`\n]+)`", text) if not span.startswith("build/")]
    examples = {"NAME.c", "sysexits.h", "math.h"}
    assert len(spans) > 100
    for span in spans:
        if re.fullmatch(r"[\w./*-]+\.(c|h|md|py|txt)|[\w.]+(/[\w.*-]+)+/?", span) and span not in examples:
            assert is_path(span) or is_path(f"sim/{span}"), span
        elif re.fullmatch(r"[a-zA-Z]+_\w+|[A-Z]{5,}", span):
            assert span in words_of_the_code(), span
    targets = re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.M)
    for target in re.findall(r"^    make (\w[\w-]*)|`make ([\w-]+)`", text, re.M):
        assert "".join(target) in targets, target
    for command in re.findall(r"`entente (\w+)", text):
        assert runs.entente(command, "--help").returncode == 0, command


def test_every_subcommand_has_its_file() -> None:
    own, of_python = runs.commands()
    for command in own:
        text = next((ROOT / "sim" / "cli").rglob(f"{command}.c")).read_text()
        assert f"int command_{command}(" in text and "option_table[]" in text
    for command in of_python:
        assert f"int command_{command}(" in (ROOT / "sim" / "cli" / "python.c").read_text()


def test_memory_below_the_program_can_be_made_to_fail() -> None:
    """Only mem.c asks the C library for memory; what it lends by itself (a stream in memory, a path) is named here."""
    own = {"strdup": {"sim/scenario/overlay.c"}}
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        if not name.startswith("sim/") or name.startswith("sim/cli/") or name == "sim/base/mem.c":
            continue
        for call in re.findall(r"\b(malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf)\(", path.read_text()):
            assert name in own.get(call, set()), f"{name}: {call}"


def test_comments_name_what_there_is() -> None:
    """Functions, macros and files that a comment of the sources speaks of."""
    # formulas; names of attributes and of joint draws; libraries
    notation = re.compile(r"[A-Za-z]+\d?_(\w|[ijk]{2}|\d+)$|(own|fitted|sends|receives)_KIND$|NAME_|gsl_|H5")
    examples = {"scenarios/x.yaml", "s.yaml", "scenario.yaml", "format.md", "sysexits.h", "hdf5.h", "NAME.c"}
    for path in (path for path in SOURCES if path.is_relative_to(ROOT / "sim")):
        name = path.relative_to(ROOT)
        for comment in re.findall(r"/\*.*?\*/", path.read_text(), re.S):
            for word in re.findall(r"\b[A-Za-z][A-Za-z0-9]*_\w+\b", comment):
                known = word in words_of_the_code() or notation.match(word)
                assert known or any(f"/{word}." in there for there in paths()), f"{name}: {word}"
            for file in re.findall(r"\b(?:[a-z_]+/)*[a-z_0-9]+\.(?:c|h|md|py|csv|yaml)\b", comment):
                assert file in examples or is_path(file), f"{name}: {file}"


@cache
def options_there_are() -> frozenset[str]:
    """Of all commands, hidden ones included, and of the Python package."""
    text = " ".join(path.read_text() for path in (ROOT / "sim" / "cli").rglob("*.[ch]"))
    found = set(re.findall(r'"([a-z][a-z-]+)",[\s\\]+(?:0|\'.\'),', text)) | set(re.findall(r'"--([a-z-]+)=', text))
    python = (ROOT / "analysis" / "entente" / "__main__.py").read_text()
    return frozenset(found | set(re.findall(r'"--([a-z-]+)"', python)) | {"help", "usage", "version"})


def test_options_in_the_documents_are_there() -> None:
    others = {  # of programs of others
        "preset", "build", "prefix", "install", "exclude-path", "partition", "mem", "time", "wrap", "array", "gpus",
        "user", "rm", "use-local",
        "no-deps", "dependency", "account", "bank", "cc", "queue", "nodes", "cpus-per-task",
    }
    gone = set()
    for document in DOCUMENTS:
        if document.name == "CHANGELOG.md":
            continue
        gone |= {(document.name, option) for option in re.findall(r"(?<![\w-])--([a-z][a-z-]+)", document.read_text())
                 if option not in options_there_are() | others}
    assert gone == set()


def test_the_manual_page_tells_the_rules() -> None:
    page = subprocess.run([ROOT / "tools" / "man.sh", runs.ENTENTE], capture_output=True, text=True, check=True).stdout
    assert "may be given twice with the same value only" in " ".join(page.split())
