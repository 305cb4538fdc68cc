"""The program from Python: full pipes, running again, interrupts, `~`, and every option of the commands."""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import entente
from entente import options, plot, program, report
from entente.__main__ import main
from test_program import SCENARIO

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "three.yaml"
    path.write_text(SCENARIO)
    return path


def fake(folder: Path, script: str) -> Path:
    """A program that does what `script` says."""
    path = folder / "fake"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "script",
    [
        "head -c 1000000 /dev/zero | tr '\\0' x; echo done >&2",
        "head -c 1000000 /dev/zero | tr '\\0' '\\n' >&2; echo x",
        "for i in 1 2 3 4 5 6 7 8; do for to in 1 2; do head -c 100000 /dev/zero | tr '\\0' x >&$to; done; done",
    ],
    ids=["much out", "much said", "both in turn"],
)
def test_full_pipes_do_not_hang(tmp_path: Path, script: str) -> None:
    """A pipe holds 64 kB: who reads one to its end before the other waits for ever."""
    code = "from entente import program; print(len(program.call([])))"
    environment = {**os.environ, "ENTENTE": str(fake(tmp_path, script))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) in (1_000_000, 2, 800_000)


def test_running_again_goes_on(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    first = entente.run(scenario, out, replicates=5, quiet=True)
    made = out.stat().st_mtime_ns
    again = entente.run(scenario, out, replicates=5, quiet=True)
    assert out.stat().st_mtime_ns == made  # the file was complete
    more = entente.run(scenario, out, replicates=12, quiet=True)
    assert (again.data.sizes["replicate"], more.data.sizes["replicate"]) == (5, 12)
    np.testing.assert_array_equal(
        more.data["quantity_value"].isel(replicate=slice(5)), again.data["quantity_value"]
    )
    for use in (first.events, first.summary, first.provenance):
        with pytest.raises(ValueError, match=r"out\.h5 was replaced or removed since it was opened"):
            use()


def test_what_has_changed_is_told_and_restart_replaces_it(
    scenario: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.h5"
    entente.run(scenario, out, replicates=5, quiet=True).close()
    scenario.write_text(SCENARIO.replace("AAA-BBB: {strength: 0.2,", "AAA-BBB: {strength: 0.3,"))
    with pytest.raises(entente.ProgramError, match="restart=True") as caught:
        entente.run(scenario, out, replicates=5)
    assert caught.value.code == 65
    said = str(caught.value) + capfd.readouterr().err
    assert "--restart" not in said and "with -o" not in said
    with entente.run(scenario, out, replicates=5, quiet=True, restart=True) as new:
        start = new.sel(tie="BBB-AAA")["strength"].isel(time=0)
        np.testing.assert_allclose(start, 0.3, atol=2e-3)


def test_a_sweep_restarts_too(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "swept.h5"
    rate = "kinds.call.rate.per_year"
    given = {"design": "grid", "points": 2, "replicates": 3, "quiet": True}
    entente.sweep(scenario, out, {rate: "2:4"}, **given).close()
    with pytest.raises(entente.ProgramError, match="restart=True"):
        entente.sweep(scenario, out, {rate: "3:5"}, **given)
    with entente.sweep(scenario, out, {rate: [3, 5, 7]}, design="grid", replicates=3, quiet=True, restart=True) as new:
        assert list(new.data[rate].values) == [3, 5, 7]


#: Options that are not an argument of a function: what a command prints, which Python does not show.
PRINTED = {"json", "quantity", "top", "help", "usage", "version"}


@pytest.mark.parametrize(
    ("command", "function"), [("run", entente.run), ("sweep", entente.sweep), ("attribute", entente.attribute)]
)
def test_every_option_is_an_argument(command: str, function: object) -> None:
    listed = set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", program.call([command, "--help"]), re.MULTILINE))
    assert {"restart", "set", "workers"} <= listed
    flags = {option: name for name, option in options.NAMES.items()}
    arguments = inspect.signature(function).parameters
    for option in listed - PRINTED:
        name = flags.get(option, option.replace("-", "_"))
        assert name in arguments, f"--{option}"


def test_options_are_written_as_the_command_has_them() -> None:
    written = options.words(
        {
            "replicates": np.int64(0), "seed": 2**64 - 1, "workers": None, "variants": ["a b", "c"], "restart": True,
            "fixed": False, "settings": {"a.b": 0.1, "c": True}, "precision": {}, "slurm": True, "points": 4,
            "parameters": {"x": None, "y": "0:1:log", "z": [1, 2.5]}, "keep": "n: a < b", "design": "",
        }
    )  # fmt: skip
    assert written == [
        "--replicates=0", "--seed=18446744073709551615", "--variant=a b", "--variant=c", "--restart", "--set=a.b=0.1",
        "--set=c=true", "--slurm", "--points=4", "--param=x", "--param=y=0:1:log", "--param=z=1,2.5", "--keep=n: a < b",
    ]  # fmt: skip


def test_the_options_reach_the_program(scenario: Path, tmp_path: Path) -> None:
    with entente.run(scenario, tmp_path / "a.h5", 4, quiet=True, fixed=True, variants="silence") as fixed:
        assert fixed.variants == ["base", "silence"]
        assert fixed.parameters()["kinds.call.rate.per_year"].nunique() == 1
    with entente.run(scenario, tmp_path / "b.h5", quiet=True, precision={"b_strength": 0.5}) as precise:
        assert precise.data.sizes["replicate"] > 60
    out = tmp_path / "c.h5"
    for task in ("0/2", "1/2"):
        assert isinstance(entente.run(scenario, out, 6, quiet=True, task=task), str)
    with entente.merge(out) as merged:
        assert merged.data.sizes["replicate"] == 6
    points = tmp_path / "points.csv"
    points.write_text("kinds.call.rate.per_year\n2\n5\n")
    with entente.sweep(scenario, tmp_path / "d.h5", list=points, replicates=3, everything=True, quiet=True) as swept:
        assert swept.data["strength"].dims[0] == "point" and swept.has_events
        assert set(swept.events(point=1)["point"]) == {1}
        swept.fan("BBB-AAA", point=1)
        with pytest.raises(ValueError, match="choose one of its points"):
            swept.fan("BBB-AAA")
    rate = {"kinds.call.rate.per_year": "1:2"}
    said = entente.sweep(scenario, tmp_path / "e.h5", rate, "grid", 3, dry_run=True, quiet=True)
    assert "3" in said and not (tmp_path / "e.h5").exists()


def test_comparisons_have_a_row_a_change(scenario: Path, tmp_path: Path) -> None:
    with entente.run(scenario, tmp_path / "a.h5", 20, quiet=True) as run:
        table = entente.compare(run)
        assert list(table["quantity"]) == ["b_strength", "calls"] and table["difference"].dtype == float
        assert len(entente.compare(run, "calls")) == 1
    rate = "kinds.call.rate.per_year"
    ranges = {rate: None, "effects.gain_divisor": "50:200"}
    swept = entente.sweep(scenario, tmp_path / "b.h5", ranges, "saltelli", 8, 4, quiet=True)
    table = entente.compare(swept)
    assert len(table) == 2 * 2 * 2  # quantities, variants, parameters
    own = swept.sensitivity().sel(quantity="calls", variant="base", swept=rate)
    row = table.set_index(["quantity", "variant", "parameter"]).loc[("calls", "base", rate)]
    for name in ("total", "total_low", "total_high"):
        assert row[name] == pytest.approx(float(own[name]))


def test_home_is_expanded_in_every_path(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir("/")
    (tmp_path / "program").symlink_to(os.environ["ENTENTE"])
    monkeypatch.setenv("ENTENTE", "~/program")
    (tmp_path / "points.csv").write_text("kinds.call.rate.per_year\n2\n5\n")
    with entente.run("~/three.yaml", "~/out/a.h5", 3, quiet=True) as result:
        assert result.path == tmp_path / "out" / "a.h5"
        entente.export.tables(result, "~/tables", "csv")
        entente.export.graphml(result, "~/ties.graphml", "2026-06-01")
        report.write(result, "~/page.html")
    entente.sweep("~/three.yaml", "~/b.h5", list="~/points.csv", replicates=2, quiet=True).close()
    assert len(entente.compare("~/out/a.h5")) == 2
    entente.open_result("~/b.h5").close()
    for command, name in (("figure", "c.png"), ("report", "c.html"), ("export", "c")):
        assert main([command, "~/out/a.h5", "-o", f"~/{name}"]) == 0
    made = ("out/a.h5", "b.h5", "tables/summary.csv", "ties.graphml", "page.html", "c.png", "c.html", "c")
    assert all((tmp_path / name).exists() for name in made)
    assert not Path("/~").exists()


def test_what_is_no_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTENTE", str(tmp_path / "nothing"))
    with pytest.raises(FileNotFoundError, match=r"\$ENTENTE is .*nothing, which is no program"):
        program.call(["--version"])


def test_names_that_look_like_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-n.yaml").write_text(SCENARIO)
    Path("@x.yaml").write_text(SCENARIO)
    for name in ("-n.yaml", "@x.yaml"):
        with entente.run(name, replicates=2, quiet=True) as result:
            assert result.path.name == name.replace(".yaml", ".h5")
            entente.compare(result)
    rate = {"kinds.call.rate.per_year": "1:2"}
    entente.sweep("@x.yaml", "s.h5", rate, "grid", 2, 2, quiet=True).close()


INTERRUPTED = """
import signal, sys
import entente
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    entente.run(sys.argv[1], sys.argv[2], replicates=200000, workers=1)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_an_interrupt_ends_the_run_and_keeps_what_is_done(scenario: Path, tmp_path: Path) -> None:
    """The whole group is signalled, as by Ctrl-C and by Jupyter; the program hears of it once, and has ended."""
    out = tmp_path / "out.h5"
    command = [sys.executable, "-c", INTERRUPTED, str(scenario), str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    parts = out.with_name("out.h5.parts")
    deadline = time.monotonic() + 60
    while not list(parts.glob("p*.part")) and time.monotonic() < deadline:
        time.sleep(0.05)
    kept = len(list(parts.glob("p*.part")))
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert said == b"interrupted\n" and process.returncode == 0
    assert kept > 0 and len(list(parts.glob("p*.part"))) >= kept
    assert not out.exists()
    # Nothing holds the lock any more: the same call goes on at once.
    again = [sys.executable, "-c", INTERRUPTED, str(scenario), str(out)]
    process = subprocess.Popen(again, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    before = {path.name: path.stat().st_mtime_ns for path in parts.glob("p*.part")}
    time.sleep(2)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    after = {path.name: path.stat().st_mtime_ns for path in parts.glob("p*.part")}
    assert before.items() <= after.items()


def test_pictures_of_a_replaced_file_are_not_mixed(scenario: Path, tmp_path: Path) -> None:
    """What was opened does not take the events of the file that stands under its name now."""
    out = tmp_path / "out.h5"
    old = entente.run(scenario, out, 5, quiet=True)
    entente.run(scenario, out, 5, seed=9, restart=True, quiet=True).close()
    with pytest.raises(ValueError, match="open it again"):
        old.fan("AAA-BBB")
    old.data["quantity_value"].load()  # the old numbers are still there
    plot.exceedance(old.data, "calls")
