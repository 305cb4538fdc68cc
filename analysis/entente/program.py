"""Calls the program `entente`: run a scenario, sweep its parameters, compare its variants."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from entente.result import Result


class ProgramError(RuntimeError):
    """The program ended with an error; `str` is what it said, `code` its exit code (of sysexits.h)."""

    def __init__(self, code: int, message: str) -> None:
        """Keep the exit code beside the message."""
        super().__init__(message.strip() or f"entente ended with exit code {code}")
        self.code = code


def program() -> Path:
    """The program: $ENTENTE, else the newest build beside this package, else the one on PATH."""
    if named := os.environ.get("ENTENTE"):
        return Path(named)
    builds = (Path(__file__).parents[2] / "build").glob("*/entente")
    if built := [path for path in builds if os.access(path, os.X_OK) and path.is_file()]:
        return max(built, key=lambda path: path.stat().st_mtime)
    if found := shutil.which("entente"):
        return Path(found)
    raise FileNotFoundError("the program entente is not built and not on PATH; set $ENTENTE to where it is")


def run(
    scenario: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    variants: Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    quiet: bool = False,
) -> Result:
    """Simulate `scenario` and open the output file.

    `output` defaults to the scenario's name with `.h5` in the current folder. `settings` sets parameters by
    path, {"kinds.call.effect.lasting": 0.2}. What is not given is the scenario's own. Progress appears on
    standard error (in a notebook: below the cell) unless `quiet`. A run that was interrupted goes on where
    it stopped. Raises `ProgramError` with the diagnostics if the scenario has mistakes.
    """
    options = _options(replicates, seed, workers, variants, settings)
    return _simulate("run", scenario, output, options, quiet)


def sweep(
    scenario: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    parameters: Mapping[str, str | None] | None = None,
    design: str | None = None,
    points: int | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    variants: Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    quiet: bool = False,
) -> Result:
    """Simulate the points of a design over the scenario's parameters; `Result.sensitivity` tells what matters.

    `parameters` are ranges by path as on the command line, {"kinds.call.rate.per_year": "0.2:2:log"}; None
    for a range takes the distribution that the scenario's `uncertain` has. Without any, the scenario's own
    `sweep` is taken. `design` is grid, random, latin, sobol, saltelli or morris; `points` is their number (a
    grid's per parameter, saltelli's rows, morris's trajectories). The rest is as in `run`.
    """
    options = _options(replicates, seed, workers, variants, settings)
    for path, values in (parameters or {}).items():
        options.append(f"--param={path}" if values is None else f"--param={path}={values}")
    if design is not None:
        options.append(f"--design={design}")
    if points is not None:
        options.append(f"--points={points}")
    return _simulate("sweep", scenario, output, options, quiet)


def _options(
    replicates: int | None,
    seed: int | None,
    workers: int | None,
    variants: Sequence[str],
    settings: Mapping[str, object] | None,
) -> list[str]:
    options = []
    for flag, number in (("-n", replicates), ("-s", seed), ("-j", workers)):
        if number is not None:
            options += [flag, str(number)]
    options += [f"--variant={name}" for name in variants]
    options += [f"--set={path}={value}" for path, value in (settings or {}).items()]
    return options


def _simulate(
    command: str,
    scenario: str | os.PathLike[str],
    output: str | os.PathLike[str] | None,
    options: Sequence[str],
    quiet: bool,
) -> Result:
    """Run the program on `scenario` and open what it wrote."""
    target = Path(output) if output is not None else Path(Path(scenario).stem + ".h5")
    target.parent.mkdir(parents=True, exist_ok=True)
    call([command, str(scenario), "-o", str(target), *options], echo=not quiet)
    return Result(target)


def compare(result: Result | str | os.PathLike[str], quantities: Sequence[str] = ()) -> pd.DataFrame:
    """Paired differences between the variants of an output file, as `entente compare` gives them.

    One row a quantity and variant: the mean difference, its 95 % interval, the variance reduction that
    pairing achieved. `quantities` limits the rows.
    """
    path = result.path if isinstance(result, Result) else result
    text = call(["compare", "--json", str(path), *quantities])
    return pd.read_json(io.StringIO(text))


def call(arguments: Sequence[str], echo: bool = False) -> str:
    """Run the program; its standard output. With `echo`, its messages are shown as they come."""
    command: list[Any] = [program(), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            said = []
            for line in process.stderr:
                said.append(line)
                if echo:
                    print(line, end="", file=sys.stderr, flush=True)
            out = process.stdout.read()
        except KeyboardInterrupt:
            process.terminate()  # it commits what is finished, so that the same call goes on from there
            raise
    if process.returncode:
        raise ProgramError(process.returncode, "".join(said))
    return out
