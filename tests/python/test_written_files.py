"""What is written: whole or not at all, never onto what was read, and exit codes as documented."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import entente
import odd
import sealing
import synthetic
from entente import errors, export, files, report
from entente.__main__ import main

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, entente.Result]]:
    """Some of the odd files, opened."""
    folder = tmp_path_factory.mktemp("odd")
    names = ("usual", "quoted", "year_1618", "sweep", "sweep_everything")
    opened = {name: entente.open_result(odd.make(name, folder)) for name in names}
    yield opened
    for result in opened.values():
        result.close()


@pytest.fixture
def path(made: dict[str, entente.Result], tmp_path: Path) -> Path:
    return Path(shutil.copyfile(made["usual"].path, tmp_path / "in.h5"))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("command", ["figure", "report", "export"])
@pytest.mark.parametrize("way", ["itself", "link", "hard link", "other kind", "folder of that name", "no folder"])
def test_what_must_stay_stays(
    command: str, way: str, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong -o is told with exit code 73, and every file is as it was."""
    out = tmp_path / {"figure": "out.png", "report": "out.html", "export": "out"}[command]
    target = out / "events.csv" if command == "export" else out
    if way == "itself" and command == "figure":
        path = path.rename(tmp_path / "in.png")
    if way == "itself":
        out = path
    elif way == "folder of that name" and command != "export":
        out.mkdir()
    elif way == "no folder" and command != "export":
        out = tmp_path / "no" / out.name
    elif way in ("link", "hard link"):
        target.parent.mkdir(exist_ok=True)
        os.link(path, target) if way == "hard link" else target.symlink_to(path)
    elif way == "other kind":
        target.parent.mkdir(exist_ok=True)
        target.write_text("entente: 1\ntitle: years of work\n")
    else:
        pytest.skip("an export makes its folder")
    before = tree(tmp_path)
    more = ["--format", "csv"] if command == "export" else []
    assert main([command, str(path), "-o", str(out), *more]) == 73
    said = capsys.readouterr().err
    assert said.startswith("entente: ") and str(out) in said
    assert tree(tmp_path) == before


def test_an_earlier_output_is_replaced_through_a_link(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "elsewhere"
    kept.mkdir()
    for command, name in (("figure", "a.png"), ("figure", "a.svg"), ("figure", "a.pdf"), ("report", "a.html")):
        (tmp_path / name).symlink_to(kept / name)
        assert main([command, str(path), "-o", str(kept / name)]) == 0
        (kept / name).chmod(0o640)
        made = (kept / name).stat().st_ino
        assert main([command, str(path), "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).is_symlink()
        assert (kept / name).stat().st_mode & 0o777 == 0o640 and (kept / name).stat().st_ino != made
    assert not [item for item in kept.iterdir() if item.name.startswith(".")]


def test_a_pipe_is_written_as_it_is(path: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.png"
    os.mkfifo(fifo)
    with subprocess.Popen(["cat", str(fifo)], stdout=subprocess.PIPE) as reader:
        assert main(["figure", str(path), "-o", str(fifo)]) == 0
        assert reader.stdout is not None and reader.stdout.read().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 64, "required: COMMAND"),
        (["figures"], 64, "invalid choice: 'figures' (choose from 'figure', 'report', 'export', 'explore')"),
        (["figure"], 64, "OUT.h5, -o/--output"),
        (["figure", "in.h5"], 64, "-o/--output"),
        (["figure", "in.h5", "-o", "out.gif"], 64, "the name of a figure ends in .png, .svg or .pdf"),
        (["figure", "in.h5", "-o", "out.png", "--variable", "love"], 64, "invalid choice: 'love'"),
        (["figure", "in.h5", "-o", "out.png", "--quantity", "x"], 64, "--quantity is not for the figure of a run"),
        (["figure", "in.h5", "-o", "out.png", "--tie", "AAA-BBD"], 65, "no tie 'AAA-BBD' (did you mean AAA-BBB"),
        (["figure", "in.h5", "-o", "out.png", "--variable", "trade", "--tie", "BBB-CCC"], 65, "no tie with trade"),
        (["figure", "none.h5", "-o", "out.png"], 66, "no such file: none.h5"),
        (["figure", ".", "-o", "out.png"], 66, "no such file: ."),
        (["report", "text.h5", "-o", "out.html"], 65, "text.h5 has no seal"),
        (["report", "in.h5", "-o", "out.html", "--quantity", "strengths"], 65, "did you mean strength?"),
        (["export", "in.h5", "-o", "out", "--format", "xls"], 64, "invalid choice: 'xls'"),
        (["export", "cut.h5", "-o", "out"], 65, "cut.h5 has no seal: it is not an output file"),
        (["export", "other.h5", "-o", "out"], 65, "other.h5 is no output file of entente"),
        (["export", "empty.h5", "-o", "out"], 65, "empty.h5 is damaged: it lacks variant and replicate"),
    ],
)
def test_exit_codes(
    arguments: list[str], code: int, said: str, path: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    import h5py

    monkeypatch.chdir(tmp_path)
    Path("text.h5").write_text("no HDF5")
    Path("cut.h5").write_bytes(path.read_bytes()[:20000])
    for name, schema in (("other.h5", "9.0"), ("empty.h5", "2.0")):
        with h5py.File(name, "w") as file:
            file.attrs["entente_schema"] = schema
        sealing.seal(Path(name))
    before = tree(tmp_path)
    try:
        ended = main(arguments)
    except SystemExit as error:  # as argparse leaves
        ended = error.code
    told = capsys.readouterr().err
    assert (ended, said in told) == (code, True), told
    assert "Traceback" not in told
    assert tree(tmp_path) == before


def test_the_exit_codes_are_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["figure", "--help"]):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 0
        said = capsys.readouterr().out
        assert all(f"{code} " in said for code in (64, 65, 66, 69, 73, 74))


def test_what_a_terminal_obeys_does_not_reach_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figure", f"{tmp_path}/\x1b]0;x\x07\u202e.h5", "-o", str(tmp_path / "a.png")]) == 66
    said = capsys.readouterr().err
    assert "\x1b" not in said and "\x07" not in said and "\u202e" not in said
    assert "?]0;x??.h5" in said  # as the program itself prints it


@pytest.mark.parametrize("name", ["sweep", "sweep_everything"])
def test_a_sweeps_inputs_are_one_tidy_table(name: str, made: dict[str, entente.Result], tmp_path: Path) -> None:
    result = made[name]
    table = result.parameters()
    points, replicates = (list(result.data[dim].values) for dim in ("point", "replicate"))
    assert list(table.index) == [(p, r) for p in points for r in replicates]
    assert table.index.names == ["point", "replicate"]
    drawn = ["kinds.call.rate.per_year", "ties.relax.strength"]
    assert list(table.columns) == ["effects.gain_divisor", *drawn]
    for p in points:
        np.testing.assert_array_equal(
            table.loc[p, "effects.gain_divisor"], float(result.data["effects.gain_divisor"].sel(point=p))
        )
        for each in drawn:
            np.testing.assert_array_equal(table.loc[p, each], result.data["drawn"].sel(point=p, parameter=each))
    written = export.tables(result, tmp_path / "tables", "csv")
    names = ["summary", "quantities", "table", "parameters", "sensitivity"]
    assert [path.stem for path in written] == names + (["events"] if name == "sweep_everything" else [])
    read = pd.read_csv(tmp_path / "tables" / "parameters.csv").set_index(["point", "replicate"])
    np.testing.assert_allclose(read, table, rtol=1e-12)
    outputs = pd.read_csv(tmp_path / "tables" / "quantities.csv")
    assert len(outputs.merge(read.reset_index(), on=["point", "replicate"])) == len(outputs)
    if name == "sweep_everything":
        events = pd.read_csv(tmp_path / "tables" / "events.csv")
        own = sum(len(result.events(v, None, point=p)) for v in result.variants for p in points)
        assert len(events) == own > 0 and set(events["point"]) == set(points)


def test_a_parameter_that_is_drawn_and_swept_stands_once(tmp_path: Path) -> None:
    with entente.open_result(odd.make("sweep_1618", tmp_path)) as result:
        table = result.parameters()
        assert list(table.columns) == ["kinds.call.rate.per_year", "ties.relax.strength"]
        swept = result.data["kinds.call.rate.per_year"].values
        np.testing.assert_array_equal(table["kinds.call.rate.per_year"].groupby("point").nunique(), 1)
        np.testing.assert_array_equal(table["kinds.call.rate.per_year"].groupby("point").first(), swept)


def test_a_failed_export_leaves_what_was_there(
    made: dict[str, entente.Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tables"
    export.tables(made["sweep"], folder, "csv")
    export.tables(made["usual"], folder, "csv")
    before = tree(folder)
    write = pd.DataFrame.to_csv
    calls: list[int] = []

    def fail(self: pd.DataFrame, *given: object, **named: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        write(self, *given, **named)

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match="No space"):
        export.tables(made["quoted"], folder, "csv")
    assert tree(folder) == before
    calls.clear()
    assert main(["export", str(made["quoted"].path), "-o", str(folder), "--format", "csv"]) == 74
    assert tree(folder) == before


def test_no_cell_is_a_formula(made: dict[str, entente.Result], tmp_path: Path) -> None:
    result = made["quoted"]
    cells = 0
    for path in export.tables(result, tmp_path / "tables", "csv"):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                for cell in row:
                    if cell.startswith(("=", "+", "@", "\t", "\r")):
                        raise AssertionError(f"{path.name}: {cell}")
                    if cell.startswith("-"):
                        float(cell)  # a number, and nothing else, may begin with a minus
                    cells += cell.startswith("'")
    assert cells > 20
    summary = pd.read_csv(tmp_path / "tables" / "summary.csv")
    assert summary["label"].iloc[0] == "'=HYPERLINK(1) $\\sum$ <img src=x onerror=alert(1)>"
    negative = summary["difference"].dropna()
    np.testing.assert_allclose(negative, result.summary()["difference"].dropna())
    assert (negative < 0).any() and summary["difference"].dtype == float
    quantities = pd.read_csv(tmp_path / "tables" / "quantities.csv")
    assert list(quantities.columns) == ["variant", "replicate", "'+q$'\"&", "'@n"]


def test_dates_far_away_are_text_in_tables(made: dict[str, entente.Result], tmp_path: Path) -> None:
    export.tables(made["year_1618"], tmp_path, "csv")
    events = pd.read_csv(tmp_path / "events.csv")
    call = events[events["cause"] == "calendar"].iloc[0]
    assert call["time"] == "1618-02-01 00:00:00.000"
    assert (events["time"].str.match(r"1618-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3})?$")).all()


def test_graphs_are_well_formed_whatever_labels_hold(tmp_path: Path) -> None:
    """Control characters, half a surrogate pair: what XML cannot hold is replaced."""
    path = synthetic.write(tmp_path / "in.h5")
    with entente.open_result(path) as result:
        odd_label = "a\x00b\x08c\x1b[31m & <d> \ufffe \U0001f600 \tend"
        result.data["actor_label"] = ("actor", np.array([odd_label, "Kasachstan", "x"], dtype=object))
        written = export.graphml(result, tmp_path / "a.graphml", "2026-12-31")
    root = ElementTree.parse(written).getroot()
    labels = [item.text for item in root.iter() if item.get("key") == "label"]
    assert "a\ufffdb\ufffdc\ufffd[31m & <d> \ufffd \U0001f600 \tend" in labels


def test_a_half_written_file_never_has_the_name(tmp_path: Path) -> None:
    out = tmp_path / "a.html"
    out.write_bytes(b"<!doctype html>old")
    with pytest.raises(KeyboardInterrupt), files.replacing(out, [], files.HTML) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert tree(tmp_path) == {"a.html": b"<!doctype html>old"}
    with files.replacing(out, [], files.HTML) as temporary:
        assert temporary.parent == out.parent and temporary.suffix == ".html"
        temporary.write_bytes(b"<!doctype html>new")
    assert tree(tmp_path) == {"a.html": b"<!doctype html>new"}
    with pytest.raises(errors.Unwritable, match="there is a file of another type"):
        files.check_output(out, [], files.GRAPHML)


def test_python_functions_do_not_replace_what_was_read(path: Path) -> None:
    with entente.open_result(path) as result:
        before = path.read_bytes()
        for write in (
            lambda: report.write(result, path),
            lambda: export.graphml(result, path, "2026-06-30"),
            lambda: export.tables(result, path, "csv"),
        ):
            with pytest.raises(errors.Unwritable):
                write()
        assert path.read_bytes() == before


def test_from_a_shell_without_the_packages(tmp_path: Path) -> None:
    """An interpreter that sees no packages: what is missing, for which interpreter, how to get it; 69, no traceback."""
    bare = [sys.executable, "-S"]
    if subprocess.run([*bare, "-c", "import numpy"], capture_output=True, check=False).returncode == 0:
        pytest.skip("the packages are in the interpreter's own library")
    done = subprocess.run(
        [*bare, "-m", "entente", "report", "a b.h5", "-o", "x.html"], capture_output=True, text=True, check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 69 and done.stdout == ""
    for part in (
        f"the interpreter {sys.executable} lacks", "xarray: No module named 'xarray'", "apt install python3-numpy ",
        "python3-h5netcdf", f"{sys.executable} -m pip install numpy ", " PyYAML",
    ):  # fmt: skip
        assert part in done.stderr, part
    assert "Traceback" not in done.stderr
    done = subprocess.run([*bare, "-c", "import entente"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "ModuleNotFoundError: the interpreter" in done.stderr and "pip install" in done.stderr


def test_what_is_missing_is_told_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from entente import needs

    needs.check()  # nothing is missing here
    monkeypatch.setitem(needs.PACKAGES, "no_such_package", ("no-such", "python3-no-such"))
    with pytest.raises(ModuleNotFoundError) as caught:
        needs.check()
    said = str(caught.value)
    assert "no_such_package: No module named" in said and "numpy" not in said
    assert "apt install python3-no-such" in said and "-m pip install no-such" in said
    monkeypatch.setattr(needs, "PYTHON", (99, 1))
    with pytest.raises(ModuleNotFoundError, match=r"needs 99\.1 or later"):
        needs.check()


def test_the_systems_interpreter_is_named_if_it_has_all(monkeypatch: pytest.MonkeyPatch) -> None:
    from entente import needs

    other = shutil.which("true")
    monkeypatch.setattr(needs, "_SYSTEM", other)  # an "interpreter" that imports anything
    monkeypatch.setattr(sys, "argv", ["-m"])
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-m", "entente", "report", "a b.h5"])
    said = needs._missing({"numpy": "No module named 'numpy'"})
    assert f"{other} has all of it; use that one:\n  {other} -m entente report 'a b.h5'\n" in said
    monkeypatch.setattr(needs, "_SYSTEM", shutil.which("false"))
    assert "has all of it" not in needs._missing({"numpy": "No module named 'numpy'"})
