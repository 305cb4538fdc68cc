"""`entente new`, the manual page and the completions: they fit the program they come with."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])


def commands() -> list[str]:
    shown = runs.entente("--help").stdout
    return re.findall(r"(?m)^  ([a-z][a-z-]*) ", shown[: shown.index("--help")])


def long_options(command: str) -> set[str]:
    return set(re.findall(r"(?m)^ {2,6}(?:-., )?(--[a-z-]+)", runs.entente(command, "--help").stdout))


def test_the_new_scenario_is_right_and_runs(tmp_path: Path) -> None:
    made = runs.entente("new", "mine", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert "mine.yaml" in made.stdout
    checked = runs.entente("check", tmp_path / "mine.yaml")
    assert (checked.returncode, checked.stderr) == (0, "")  # no warning either
    runs.run(tmp_path / "mine.yaml", tmp_path / "mine.h5", "-n", "20")
    compared = runs.entente("compare", tmp_path / "mine.h5")
    assert "no_visit" in compared.stdout


TEMPLATES = sorted(path.stem for path in (ROOT / "scenarios" / "templates").glob("*.yaml"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_are_right_and_run(tmp_path: Path, template: str) -> None:
    library = f"--library={ROOT / 'scenarios'}"
    assert template in runs.entente("new", "--help").stdout
    made = runs.entente(library, "new", "-t", template, "mine", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    checked = runs.entente("check", tmp_path / "mine.yaml")  # it needs no library
    assert (checked.returncode, checked.stderr) == (0, "")
    runs.run(tmp_path / "mine.yaml", tmp_path / "mine.h5", "-n", "20")
    assert runs.entente("compare", tmp_path / "mine.h5").returncode == 0


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    assert len(TEMPLATES) == 5
    for name in ("sumit", "../kinds/diplomacy"):
        made = runs.entente(f"--library={ROOT / 'scenarios'}", "new", "--template", name, "mine", cwd=tmp_path)
        assert made.returncode == 66 and "trade-agreement" in made.stderr
    assert not list(tmp_path.iterdir())


def test_it_never_overwrites(tmp_path: Path) -> None:
    there = tmp_path / "mine.yaml"
    there.write_text("mine\n")
    made = runs.entente("new", there)  # with the ending or without
    assert made.returncode == 73
    assert "exists already" in made.stderr
    assert runs.entente("new", tmp_path / "mine").returncode == 73
    assert there.read_text() == "mine\n"
    (tmp_path / "link.yaml").symlink_to(there)
    assert runs.entente("new", tmp_path / "link").returncode == 73
    assert there.read_text() == "mine\n"
    (tmp_path / "free.yaml").symlink_to(tmp_path / "elsewhere")  # there is nothing to overwrite
    assert runs.entente("new", tmp_path / "free").returncode == 0
    assert (tmp_path / "free.yaml").is_symlink()
    assert (tmp_path / "elsewhere").read_text().startswith("# What this scenario is about")


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert runs.entente("new").returncode == 64
    assert runs.entente("new", "").returncode == 64
    assert runs.entente("new", "one", "two", cwd=tmp_path).returncode == 64
    made = runs.entente("new", tmp_path / "no" / "mine")
    assert made.returncode == 73
    assert "No such file or directory" in made.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_manual_page_tells_every_option() -> None:
    made = subprocess.run(
        ["sh", ROOT / "tools" / "man.sh", runs.ENTENTE], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    page = made.stdout.replace("\\-", "-")
    assert page.startswith('.TH ENTENTE 1 "" "entente ')
    for command in commands():
        assert f".SS entente {command}\n" in page
        for option in long_options(command):
            assert option in page
    if shutil.which("man"):
        shown = subprocess.run(
            ["man", "--warnings", "-l", "-"], input=made.stdout, capture_output=True, text=True, check=False
        )
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "EXIT STATUS" in shown.stdout


def complete(tmp_path: Path, *words: str) -> list[str]:
    """What bash offers for the last of `words`."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    if not (tmp_path / "bin" / "entente").exists():
        (tmp_path / "bin" / "entente").symlink_to(Path(runs.ENTENTE).resolve())
    quoted = " ".join(f"'{word}'" for word in ("entente", *words))
    script = (
        f"source '{ROOT / 'tools' / 'completion' / 'entente.bash'}'; COMP_WORDS=({quoted}); "
        f"COMP_CWORD={len(words)}; _entente; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment, check=True
    )
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_commands_options_and_files(tmp_path: Path) -> None:
    assert set(commands()) <= set(complete(tmp_path, ""))
    assert complete(tmp_path, "che") == ["check"]
    offered = {word.rstrip("=") for word in complete(tmp_path, "run", "--")}
    assert offered == long_options("run") >= {"--seed", "--variant"}
    for name in ("a.yaml", "b.h5", "c.txt", "d.csv"):
        (tmp_path / name).touch()
    assert sorted(complete(tmp_path, "show", "")) == ["a.yaml", "b.h5", "bin", "d.csv"]
    assert complete(tmp_path, "new", "") == []


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh")
def test_zsh_reads_its_completion() -> None:
    subprocess.run(["zsh", "-n", ROOT / "tools" / "completion" / "_entente"], check=True)


def test_scripts_can_be_run() -> None:
    assert (ROOT / "tools" / "man.sh").stat().st_mode & stat.S_IXUSR


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_names(tmp_path: Path) -> None:
    """Of the scenario, or output file, on the line."""
    shutil.copy(ROOT / "scenarios" / "minimal.yaml", tmp_path / "s.yaml")
    assert complete(tmp_path, "run", "s.yaml", "--variant", "") == ["base", "no_summit"]
    assert complete(tmp_path, "run", "s.yaml", "--variant", "=", "no") == ["no_summit"]
    assert complete(tmp_path, "run", "s.yaml", "--variant", "=") == ["base", "no_summit"]
    assert complete(tmp_path, "run", "s.yaml", "--set", "kinds.call.rate.p") == ["kinds.call.rate.per_year"]
    assert complete(tmp_path, "attribute", "s.yaml", "--without", "") == ["spring-summit"]
    assert runs.entente("run", tmp_path / "s.yaml", "-n", 2, "-o", tmp_path / "out.h5").returncode == 0
    assert complete(tmp_path, "compare", "out.h5", "") == ["strength"]
    assert complete(tmp_path, "figure", "out.h5", "--tie", "") == ["AAA-BBB"]
    assert complete(tmp_path, "trace", "s.yaml", "--only", "B") == ["BBB"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_completion_works_from_the_build_folder(tmp_path: Path) -> None:
    """Bash looks up a path by its last part; the words then begin with the path."""
    script = f"source '{ROOT / 'tools' / 'completion' / 'entente.bash'}'; complete -p entente"
    found = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True).stdout
    assert found == "complete -F _entente entente\n"
    command = Path(runs.ENTENTE).resolve()
    words = f"COMP_WORDS=('{command}' che); COMP_CWORD=1; _entente; echo $COMPREPLY"
    script = script.replace("complete -p entente", words)
    found = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True).stdout
    assert found == "check\n"
