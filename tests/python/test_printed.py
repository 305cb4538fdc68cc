"""What the commands of the package print is text, whatever paths, arguments and files hold."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import entente
from entente.__main__ import main
from entente.printable import printable
from sealing import seal
from test_report import SCENARIO

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

ESCAPES = {
    "title": "\x1b]0;owned\x07",
    "C1": "\x9b31m",
    "bidi": "\u202egnp.exe\u2066",
    "return": "all is well\r",
    "delete": "\x7f\x08",
    "no text": "\udcff\udce2\udc80",
}
TURNS = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]


def unprintable(text: str) -> list[str]:
    return [letter for letter in text
            if ord(letter) in TURNS or (letter not in "\n\t" and (ord(letter) < 32 or 127 <= ord(letter) < 160))
            or 0xD800 <= ord(letter) <= 0xDFFF]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("printable")
    (folder / "two.yaml").write_text(SCENARIO)
    with entente.run(folder / "two.yaml", folder / "two.h5", replicates=4, quiet=True) as made:
        return made.path


def go(*arguments: str | Path) -> tuple[int, str]:
    """The exit code and all that was printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    assert not unprintable(said.getvalue()), (arguments, said.getvalue())
    assert "Traceback" not in said.getvalue() and code != 70, said.getvalue()
    return code, said.getvalue()


def test_every_letter() -> None:
    for code in range(0x110000):
        made = printable(chr(code))
        assert made == ("?" if unprintable(chr(code)) else chr(code))


@pytest.mark.parametrize("name", ESCAPES)
def test_paths_and_arguments(name: str, result: Path, tmp_path: Path) -> None:
    bad = ESCAPES[name]
    for arguments in (
        ("figure", tmp_path / f"{bad}.h5", "-o", tmp_path / "x.png"),
        ("figure", result, "-o", tmp_path / f"x.{bad}"),
        ("figure", result, "-o", tmp_path / "x.png", "--tie", bad),
        ("figure", result, "-o", tmp_path / "x.png", f"--{bad}"),
        ("report", result, "-o", tmp_path / f"no{bad}" / "x.html"),
        (bad,),
    ):
        code, said = go(*arguments)
        assert code in (64, 65, 66, 73) and said, arguments
    code, said = go("export", result, "-o", tmp_path / bad, "--format", "csv")
    assert code == 0 and "?" in said  # the paths that it names


@pytest.mark.parametrize("name", [name for name in ESCAPES if name != "no text"])
def test_names_in_a_file(name: str, result: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(result, tmp_path / "bad.h5"))
    with h5py.File(path, "r+") as file:
        file.attrs["title"] = ESCAPES[name]
        for texts in ("quantity_label", "quantity_unit", "actor_label"):
            file[texts][...] = np.array([ESCAPES[name]] * file[texts].size, dtype=object)
    seal(path)
    for command, out in (("figure", "x.png"), ("export", "tables")):
        go(command, path, "-o", tmp_path / out)
    go("figure", path, "-o", tmp_path / "x.png", "--tie", "NO-BODY")
