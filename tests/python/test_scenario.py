"""Scenarios in Python: the same text both ways, paths, checks, runs that are safe to repeat, and every option."""

from __future__ import annotations

import datetime
import inspect
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entente
from entente import options, program
from entente.scenario import document, earlier
from test_program import SCENARIO

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
SHIPPED = sorted(path for path in (ROOT / "scenarios").glob("*.yaml"))
RATE = "kinds.call.rate.per_year"


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> entente.Scenario:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "three.yaml").write_text(SCENARIO)
    return entente.Scenario.from_yaml("three.yaml")


def same(one: Path, other: Path) -> bool:
    """Whether two output files differ at most in how they were made."""
    done = subprocess.run(["h5diff", "--exclude-path", "/provenance", one, other], check=False, capture_output=True)
    return done.returncode == 0


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_written_scenario_is_the_same_model(path: Path, tmp_path: Path) -> None:
    """What `show` lists of the model, and what `check` counts, is that of the file; the text is another one."""
    own = entente.Scenario.from_yaml(path)
    assert own.to_yaml() == path.read_text(encoding="utf-8")
    written = entente.Scenario.from_text(document.write(own.document), folder=path.parent)
    assert written.document == own.document and written.source().text is not None
    assert written.check().errors == []
    pd.testing.assert_frame_equal(written.parameters(), own.parameters())


def test_yaml_is_that_of_the_program() -> None:
    text = (
        "on: tie\nstart: 2026-01-01\nhour: 12:30\nyes: no\nlabel: 1.50\nn: 1e3\nempty:\nwords: '5'\nquoted: 'true'\n"
        "flow: {a: [1, -2.5], b: true}\n"
    )
    read = document.parse(text)
    assert read == {
        "on": "tie", "start": "2026-01-01", "hour": "12:30", "yes": "no", "label": 1.5, "n": 1000, "empty": None,
        "words": "5", "quoted": "true", "flow": {"a": [1, -2.5], "b": True},
    }  # fmt: skip
    assert document.parse(document.write(read)) == read
    assert "label: 1.50\n" in document.write(read) and "n: 1e3\n" in document.write(read)
    assert document.write({"a": "x: y", "b": "~", "c": "# no", "d": "two\nlines"}).count("\n") == 6
    with pytest.raises(ValueError, match=r"mine\.yaml:3:1: the key 'a' is there twice"):
        document.parse("a: 1\nb: 2\na: 3\n", "mine.yaml")
    with pytest.raises(ValueError, match=r"mine\.yaml:2:2: expected"):
        document.parse("a: [1\nb: 2\n", "mine.yaml")
    with pytest.raises(ValueError, match="a scenario is a mapping"):
        document.parse("")


def test_a_dict_may_hold_what_python_has() -> None:
    s = entente.Scenario(
        {
            "period": {"start": datetime.date(2026, 1, 1), "end": pd.Timestamp("2026-07-01T12:00")},
            "actors": {"AAA": None, "BBB": {}},
            "ties": {"AAA-BBB": {"strength": np.float64(0.25)}},
            "kinds": {"call": {"scope": "dyad", "rate": {"per_year": np.int64(3)}, "effect": {"lasting": 0.1}}},
            "calendar": pd.DataFrame(
                {"id": ["a", "b"], "date": [datetime.date(2026, 2, 1), datetime.date(2026, 3, 1)], "kind": "call",
                 "initiator": "AAA", "target": "BBB", "source": [None, "seen"]}
            ),
            "quantities": {"n": {"count": "call"}},
        },
        name="two",
    )  # fmt: skip
    assert s.document["period"] == {"start": "2026-01-01", "end": "2026-07-01T12:00:00"}
    assert "source" not in s.document["calendar"][0] and s.document["calendar"][1]["source"] == "seen"
    assert s.check().errors == []
    more = s.with_variant("none", drop=["a", "b"])
    more.set({"monte_carlo.seed": 3, "groups.Both": {"members": ["AAA", "BBB"]}})
    assert more.document["variants"] == {"none": {"drop": ["a", "b"]}} and "variants" not in s.document
    assert more.check().errors == []
    with pytest.raises(TypeError, match=r"actors\.AAA\.gdp: a scenario cannot hold a object"):
        entente.Scenario({"actors": {"AAA": {"gdp": object()}}})


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        (RATE, 3, "3"),
        ("kinds.call.effect.lasting", 0.25, "0.25"),
        ("ties.BBB-AAA.strength", -0.1, "-0.1"),
        ("actors.AAA.gdp", "2 tn USD", "2 tn USD"),  # not in the text: an entry beside nothing
        ("effects.gain_divisor", 90, "90"),
    ],
)
def test_set_is_what_the_program_reads(scenario: entente.Scenario, path: str, value: object, shown: str) -> None:
    before = scenario.parameters()["value"].to_dict()
    assert scenario.set(path, value) is scenario and scenario[path] == value
    after = scenario.parameters()["value"].to_dict()
    changed = {name for name in after if after[name] != before.get(name)}
    assert [after[name] for name in changed] == [shown]


def test_set_reaches_entries_of_lists_and_short_forms(tmp_path: Path) -> None:
    s = entente.Scenario.from_yaml(ROOT / "scenarios" / "central-asia-2026.yaml")
    known = s.parameters()["value"]
    there = [path for path in known.index if re.match(r"(kinds|calendar)\..*\.probability$", path)]
    assert len(there) > 5
    there = there[:: max(1, len(there) // 12)]
    elsewhere = []
    for path in there:
        changed = s.copy().set(path, 0.123)
        after = changed.parameters()["value"]
        assert [name for name in after.index if after[name] != known.get(name)] == [path]
        assert changed[path] == 0.123
        elsewhere += list(changed.settings)
    assert 0 < len(elsewhere) < len(there)
    with pytest.raises(entente.ProgramError, match="probability"):
        s.copy().set(elsewhere[0], 2)
    with s.copy().set(elsewhere[0], 0.5).run(n=2, quiet=True, output=tmp_path / "set.h5") as result:
        assert f"--set {elsewhere[0]}=0.5" in result.provenance()["command"].replace("--set=", "--set ")
    s["kinds.visit"] = {"scope": "dyad"}
    assert s.document["kinds"]["visit"] == {"scope": "dyad"}
    del s["kinds.visit"]
    assert "visit" not in s.document["kinds"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("kinds.cal.rate.per_year", r"no path 'kinds\.cal' \(did you mean kinds\.call"),
        ("kinds.call.rate.peryear", r"did you mean kinds\.call\.rate\.per_year"),
        ("calender", "did you mean calendar"),
        ("ties.AAA-BBX.strength", r"did you mean ties\.AAA-BBB"),
    ],
)
def test_a_wrong_path_is_told_and_changes_nothing(scenario: entente.Scenario, path: str, said: str) -> None:
    before = scenario.to_yaml()
    with pytest.raises(entente.UnknownName, match=said):
        scenario.set({RATE: 9, path: 1})
    with pytest.raises((entente.UnknownName, KeyError)):
        scenario.get(path)
    assert scenario.to_yaml() == before


def test_paths_are_completed(scenario: entente.Scenario) -> None:
    keys = scenario._ipython_key_completions_()
    assert {RATE, "ties.AAA-BBB.strength", "effects.gain_divisor"} <= set(keys)
    assert "call" in dir(scenario.paths.kinds) and scenario.paths.kinds.call.rate.per_year == RATE
    with pytest.raises(AttributeError, match=r"no path 'kinds\.cal'; below kinds are"):
        _ = scenario.paths.kinds.cal


def test_a_result_is_that_of_the_shell(scenario: entente.Scenario, tmp_path: Path) -> None:
    plain = scenario.run(n=4, output="plain.h5", quiet=True)
    assert Path(plain.provenance()["scenario"]).name == "three.yaml"
    scenario.set("kinds.call.rate.per_year", 7)
    scenario.run(n=4, output="edited.h5", quiet=True).close()
    scenario.to_yaml("edited.yaml")
    program.call(["run", "-q", "-n4", "-oshell.h5", "edited.yaml"])
    assert same(tmp_path / "edited.h5", tmp_path / "shell.h5")
    assert not same(tmp_path / "edited.h5", tmp_path / "plain.h5")
    program.call(["run", "-q", "-n9", "-oedited.h5", "edited.yaml"])  # the shell goes on with it
    assert entente.open_result("edited.h5").data.sizes["replicate"] == 9


def test_tables_are_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "there"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "ties.csv").write_text("a,b,strength\nAAA,BBB,0.4\n")
    monkeypatch.chdir(tmp_path)
    contents = {
        "period": {"start": "2026-01-01", "end": "2026-03-01"}, "actors": {"AAA": {}, "BBB": {}},
        "ties": {"from": "tables/ties.csv"}, "kinds": {"call": {"scope": "dyad", "rate": {"per_year": 3}}},
        "quantities": {"s": {"strength": "AAA-BBB", "at": "2026-02-01"}},
    }  # fmt: skip
    s = entente.Scenario(contents, folder="there", name="far")
    with s.run(n=3, quiet=True) as result:
        assert result.path == tmp_path / "far.h5"
    s.set("ties.BBB-AAA.strength", -0.5)
    assert s.parameters().loc["ties.AAA-BBB.strength", "value"] == "-0.5"
    assert entente.Scenario(contents, folder=tmp_path).check().errors


def test_check_lists_every_problem(scenario: entente.Scenario) -> None:
    assert scenario.check() == [] and str(scenario.check()) == "no problems"
    scenario.set(RATE, -1).set("ties.AAA-BBB.strength", 3)
    problems = scenario.check()
    assert len(problems.errors) == 2
    for problem in problems:
        assert problem.file == "three.yaml (edited)"
        line = scenario.to_yaml().splitlines()[problem.line - 1]
        assert problem.source == line and line[problem.column - 1 :].startswith(("-1", "3"))
    page = problems._repr_html_()
    assert "<mark>-1</mark>" in page and "2 errors" in page
    with pytest.raises(entente.InvalidScenario) as caught:
        scenario.run(n=3, quiet=True)
    assert caught.value.problems == problems and caught.value.code == 65
    for problem in problems:
        assert problem.text in str(caught.value) and f"three.yaml (edited):{problem.line}:" in str(caught.value)
    assert not Path("three.h5").exists()


def test_a_changed_scenario_is_no_dead_end(scenario: entente.Scenario) -> None:
    scenario.run(n=4, quiet=True).close()
    scenario.set("ties.AAA-BBB.strength", 0.31)
    with pytest.raises(entente.ProgramError, match=r"three\.yaml \(edited\) has changed.*replace=True"):
        scenario.run(n=4, quiet=True)
    with scenario.run(n=4, quiet=True, replace=True) as new:
        np.testing.assert_allclose(new.sel(tie="BBB-AAA")["strength"].isel(time=0), 0.31, atol=2e-3)
    made = Path("three.h5").stat().st_mtime_ns
    scenario.run(n=4, quiet=True, replace=True).close()
    assert Path("three.h5").stat().st_mtime_ns == made  # the same one is used again, also with `replace`
    grid: dict[str, Any] = {"design": "grid", "n": 2, "quiet": True}
    scenario.sweep({RATE: "2:4"}, points=2, **grid).close()
    with pytest.raises(entente.ProgramError, match="replace=True"):
        scenario.sweep({RATE: "3:5"}, points=2, **grid)
    with scenario.sweep({RATE: [3, 5, 7]}, replace=True, **grid) as swept:
        assert list(swept.data[RATE].values) == [3, 5, 7]


def test_a_cell_replaces_what_it_has_made(scenario: entente.Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"cell": "a"}
    monkeypatch.setattr(earlier, "cell", lambda: here["cell"])
    scenario.run(n=2, quiet=True).close()
    scenario.set(RATE, 6).run(n=2, quiet=True).close()
    here["cell"] = "b"
    with pytest.raises(entente.ProgramError, match="replace=True"):
        scenario.set(RATE, 7).run(n=2, quiet=True)
    here["cell"] = "a"
    shutil.copy("three.h5", "copy.h5")
    os.replace("copy.h5", "three.h5")  # somebody else's now
    with pytest.raises(entente.ProgramError, match="replace=True"):
        scenario.run(n=2, quiet=True)


@pytest.mark.parametrize("command", ["run", "sweep", "attribute", "trace", "fit"])
def test_every_option_is_in_the_signature(scenario: entente.Scenario, command: str) -> None:
    listed = options.parse(program.call([command, "--help"]))
    lines = set(re.findall(r"^ +(?:-.{1,2} )?--([a-z-]+)", program.call([command, "--help"]), re.MULTILINE))
    assert lines == {option.name for option in listed.values()} | {"help", "usage", "version"}
    method = getattr(scenario, command)
    own = set(inspect.signature(method).parameters)
    assert set(listed) - own <= {"json", "restart", "replicates", "output", "quiet"}
    assert "settings" in own or command == "fit"
    assert all(f"\n    {name}: " in method.__doc__ for name in own & set(listed) - {"output", "quiet"})


def test_options_reach_the_command(scenario: entente.Scenario) -> None:
    assert "replicate 2" in scenario.trace(2) and "silence" in scenario.trace(variant="silence")
    result = scenario.run(n=2, quiet=True, variants=["silence"], settings={RATE: 3}, seed=5, workers=1, fixed=True)
    assert "--fixed" in result.provenance()["command"] and result.provenance()["seed"] == 5
    said = scenario.sweep({RATE: "2:4"}, "grid", 3, dry_run=True)
    assert "3 points" in said and not Path("three-sweep.h5").exists()
    assert isinstance(scenario.run(n=4, output="t.h5", task="0/2"), str)
    with pytest.raises(entente.UnknownName, match=r"no option 'replicate' \(did you mean replicates"):
        scenario.run(replicate=3)
    other = scenario.with_variant("louder", set={RATE: "x 2"}, note="More calls.")
    assert "louder" not in scenario.document["variants"]
    assert other.run(n=2, output="o.h5", quiet=True).variants == ["base", "silence", "louder"]


def test_a_forecast_begins_with_what_happened(scenario: entente.Scenario) -> None:
    Path("events.csv").write_text("date,initiator,target,kind\n2026-01-20,AAA,BBB,call\n2026-02-20,BBB,AAA,call\n")
    with scenario.forecast("events.csv", datetime.date(2026, 3, 1), n=4, quiet=True) as result:
        assert result.path.name == "three-forecast.h5" and result.data.sizes["replicate"] == 4


def test_functions_take_a_scenario_too(scenario: entente.Scenario) -> None:
    scenario.set(RATE, 6)
    with entente.attribute(scenario, replicates=3, quiet=True) as result:
        assert result.path.name == "three-attribution.h5" and len(result.attribution("calls")) == 1
    rare = entente.rare(scenario, "calls", above=30, replicates=20)
    assert rare.attrs["event"] == "calls>30" and Path("three-rare.h5").exists()


def test_a_fit_gives_a_scenario(scenario: entente.Scenario) -> None:
    scenario.set(RATE, 40)
    events = scenario.run(n=1, quiet=True).events()
    fit = scenario.fit(events, kind="call", least=5)
    assert "rate.per_year" in fit.text and "/tmp" not in fit.text
    assert fit.scenario.check().errors == []
    assert fit.scenario[RATE] != 40 and fit.estimates["kinds"]


INTERRUPTED = """
import signal, sys
import entente
signal.signal(signal.SIGINT, signal.default_int_handler)
s = entente.Scenario.from_yaml(sys.argv[1]).set("monte_carlo.seed", 4)
try:
    s.run(n=200000, output=sys.argv[2], workers=1)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    s.run(n=20, output=sys.argv[2], workers=1, quiet=True, replace=True)
"""


def test_an_interrupt_stops_cleanly(scenario: entente.Scenario, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, "three.yaml", "out.h5"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd=tmp_path,
    )  # fmt: skip
    assert process.stderr is not None
    assert "replicates" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 0 and "interrupted" in out, said
    assert entente.open_result(tmp_path / "out.h5").data.sizes["replicate"] == 20


def test_it_is_shown(scenario: entente.Scenario) -> None:
    page = scenario._repr_html_()
    assert "3 actors" in page and "silence" in page and "<details>" in page
    scenario.set("title", "<b>A & B</b>")
    assert "<b>A & B</b>" not in scenario._repr_html_() and "&lt;b&gt;" in scenario._repr_html_()
    assert "1 error" in scenario.set(RATE, -1)._repr_html_()
    assert repr(scenario).startswith("<entente.Scenario '<b>A & B</b>'")
