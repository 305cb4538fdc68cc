"""What is said of a name that there is not: whole paths, what a mapping holds, and nothing printed before."""

from __future__ import annotations

import shlex
from pathlib import Path

import h5py
import pytest

import runs

TEXT = runs.SCENARIO.replace(
    "  call:\n", "  attack: {scope: initiator -> target, rate: {per_year: 1}, days: 2 d}\n  call:\n"
)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return runs.write_scenario(tmp_path, TEXT.replace("replicates: 60", "replicates: 3"))


@pytest.mark.parametrize(("path", "said"), [
    ("kinds.attack.rate", "kinds.attack.rate is a mapping; its parameters are kinds.attack.rate.per_year"),
    ("kinds.attack.rat", 'did you mean "kinds.attack.rate.per_year"?'),
    ("kinds.attack.rate.per_yaer", 'did you mean "kinds.attack.rate.per_year"?'),
    ("kinds.atack.rate.per_year", 'did you mean "kinds.attack.rate.per_year"?'),
    ("kinds.call.rate.log_effects.strenght", 'did you mean "kinds.call.rate.log_effects.strength"?'),
    ("ties.BBB-AAA", "ties.AAA-BBB is a mapping; its parameters are ties.AAA-BBB.strength, "),
    ("ties.BBB-AAA.strenth", 'did you mean "ties.AAA-BBB.strength"?'),
    ("actors.AAA.gpd", 'did you mean "actors.AAA.gdp"?'),
    ("monte_carlo", "monte_carlo is a mapping; none of its numbers can be varied"),
    ("kinds", " and "),
    ("nothing.of.the.kind", 'no parameter is called "nothing.of.the.kind" ('),
    ("", 'no parameter is called "" ('),
])
def test_paths(scenario: Path, path: str, said: str) -> None:
    for command in (("run", scenario, "-o", "no.h5", f"--set={path}=1"), ("show", scenario, f"--set={path}=1"),
                    ("trace", scenario, f"--set={path}=1"), ("sweep", scenario, "-o", "no.h5", f"--param={path}=1:2")):
        done = runs.entente(*command, cwd=scenario.parent)
        assert done.returncode == 64 and done.stdout == ""
        assert said in done.stderr, done.stderr
    if path:
        scenario.write_text(scenario.read_text().replace("  silence: {", f"  silence: {{set: {{{path}: 1}}, "))
        checked = runs.entente("check", scenario)
        assert checked.returncode == 65 and said in checked.stderr, checked.stderr


def test_an_added_entry_is_one_of_the_calendar(scenario: Path) -> None:
    """The path of what an intervention or a variant adds; and the list of paths although one is wrong."""
    text = scenario.read_text() + """
interventions:
  - id: answer
    at: 2026-03-01
    add: [{id: reply, after: 3 d, kind: call, initiator: BBB, target: AAA, probability: 0.4}]
"""
    scenario.write_text(text)
    for path in ("interventions.answer.add.reply.probability", "variants.silence.add.reply.probability"):
        done = runs.entente("show", scenario, f"--set={path}=1")
        assert done.returncode == 64 and 'it is called "calendar.reply.probability"' in done.stderr
    shown = runs.entente("show", scenario, "--parameters", "--set=calendar.reply.probability=1")
    assert shown.returncode == 0 and "calendar.reply.probability" in shown.stdout
    assert "3 d after answer" in runs.entente("show", scenario).stdout
    scenario.write_text(text.replace("uncertain:\n", "uncertain:\n  calendar.repyl.probability: {uniform: [0, 1]}\n"))
    shown = runs.entente("show", scenario, "--parameters")
    assert shown.returncode == 65 and "calendar.repyl.probability" in shown.stderr
    assert "calendar.reply.probability" in shown.stdout and "kinds.call.rate.per_year" in shown.stdout
    scenario.write_text(text.replace("scope: initiator", "scop: initiator", 1))
    shown = runs.entente("show", scenario, "--parameters")
    assert shown.returncode == 65 and shown.stdout == ""


def test_compare_prints_nothing_before_it_knows_all(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.h5"
    runs.run(scenario, out, "-q")
    for names in (("b_strenght",), ("calls", "b_strenght"), ("calls", "strength:AAA-BBB@1900-01-01"),
                  ("calls", "calls>x")):
        for form in ((), ("--json",)):
            done = runs.entente("compare", out, *form, *names)
            assert done.returncode == 64 and done.stdout == "", done.stdout
    assert "did you mean b_strength?" in runs.entente("compare", out, "b_strenght").stderr


def test_the_command_is_as_a_shell_reads_it(scenario: Path, tmp_path: Path) -> None:
    folder = tmp_path / "it's a $HOME \"folder\""
    folder.mkdir()
    runs.run(scenario, folder / "o.h5", "-q")
    with h5py.File(folder / "o.h5") as file:
        command = file["provenance"].attrs["command"]
    words = shlex.split(command.decode() if isinstance(command, bytes) else command)
    assert words == ["entente", "run", str(scenario), "-o", str(folder / "o.h5"), "-q"]
