"""Calls the program `entente`: run a scenario, sweep its parameters, leave out its events, compare its variants."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import pandas as pd

from entente import options
from entente.files import expanded
from entente.options import Option
from entente.progress import Lines, Silent, shower
from entente.result import Result
from entente.select import several

AnyPath = str | os.PathLike[str]

#: Where pip puts the program and its library (analysis/setup.py).
_WITHIN = Path(__file__).parent / "program_files"

class ProgramError(RuntimeError):
    """The program ended with an error; `str` is its message, `code` its exit code (of sysexits.h)."""

    def __init__(self, code: int, message: str, output: str = "", restart_helps: bool = False) -> None:
        """Keep what the program printed, and whether it recommends `--restart`, beside the message."""
        super().__init__(message.strip() or f"entente ended with exit code {code}")
        self.code, self.output, self.restart_helps = code, output, restart_helps


def program() -> Path:
    """Path of the program: $ENTENTE, else the newest build beside this package, the one in it, or one on the PATH."""
    if named := os.environ.get("ENTENTE"):
        path = expanded(named)
        if not (path.is_file() and os.access(path, os.X_OK)):
            raise FileNotFoundError(f"$ENTENTE is {named}, which is no program")
        return path
    builds = (Path(__file__).parents[2] / "build").glob("*/entente")
    if built := [path for path in builds if os.access(path, os.X_OK) and path.is_file()]:
        return max(built, key=lambda path: path.stat().st_mtime)
    if os.access(_WITHIN / "bin" / "entente", os.X_OK):
        return _WITHIN / "bin" / "entente"
    for folder in os.get_exec_path():
        found = Path(folder, "entente")
        if found.is_file() and os.access(found, os.X_OK) and not _is_of_python(found):
            return found
    raise FileNotFoundError(
        "the program entente is not built and not on PATH: build it in its source tree (make program), and set $ENTENTE"
        " to it or install the package anew (pip install ./analysis), which takes it along"
    )


def environment() -> dict[str, str]:
    """The environment of the program: one that came with the package finds the library that came with it."""
    library = _WITHIN / "share" / "entente" / "scenarios"
    before = os.environ.get("ENTENTE_LIBRARY", "")
    more = {"ENTENTE_LIBRARY": f"{before}:{library}".strip(":")} if library.is_dir() else {}
    return os.environ | more


def _is_of_python(path: Path) -> bool:
    """Whether it is the command that pip made, which looks for the program itself."""
    with path.open("rb") as file:
        return b"python" in file.readline(200) and b"entente" in file.read(2000)


def run(
    scenario: AnyPath,
    output: AnyPath | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    variants: str | Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    quiet: bool = False,
    *,
    restart: bool = False,
    fixed: bool = False,
    precision: Mapping[str, object] | None = None,
    task: str | None = None,
) -> Result | Any:
    """Simulate `scenario` and open the output file.

    `output` defaults to the scenario's name with `.h5` in the current folder. `settings` sets parameters by path,
    {"kinds.call.effect.lasting": 0.2}. Arguments that are not given have the scenario's values. `fixed` holds
    uncertain parameters fixed at the scenario's values. `precision` continues until the half-width of the 95 %
    interval of the mean of each named quantity is at most the given value, {"kaz_strength": 0.005}. Progress appears
    on standard error (in a notebook: below the cell) unless `quiet`.

    The same call again continues an interrupted run, adds replicates if more are requested, and simulates nothing if
    the file is complete. If the scenario or an option has changed, ProgramError gives the differences; `restart=True`
    then deletes the earlier result. With `task`, "I/N", the call simulates only that share and returns the program's
    output, because there is no file yet (see `merge`).

    Raises ProgramError with the diagnostics if the scenario has mistakes.
    """
    given = dict(
        replicates=replicates, seed=seed, workers=workers, variants=variants, settings=settings, restart=restart,
        fixed=fixed, precision=precision, task=task,
    )  # fmt: skip
    return _simulate("run", scenario, output, given, quiet, opens=task is None)


def sweep(
    scenario: AnyPath,
    output: AnyPath | None = None,
    parameters: Mapping[str, object] | None = None,
    design: str | None = None,
    points: int | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    variants: str | Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    quiet: bool = False,
    *,
    restart: bool = False,
    list: AnyPath | None = None,
    keep: str | Sequence[str] = (),
    uncertain: bool = False,
    everything: bool = False,
    independent: bool = False,
    block: int | None = None,
    task: str | None = None,
    slurm: int | bool = False,
    sbatch: str | Sequence[str] = (),
    dry_run: bool = False,
) -> Result | Any:
    """Simulate the points of a design over the scenario's parameters; `Result.sensitivity` ranks the parameters.

    `parameters` are ranges by path as on the command line, {"kinds.call.rate.per_year": "0.2:2:log"}, or lists of
    values; None as a range means the distribution in the scenario's `uncertain`; `uncertain=True` sweeps all uncertain
    parameters. Without either, the call uses the scenario's `sweep`. `design` is grid, random, latin, sobol, saltelli
    or morris; `points` is the number of points (for a grid per parameter, for saltelli rows, for morris trajectories).
    `list` is a CSV file whose rows are the points. `keep` leaves out points that break a constraint, "NAME: PATH <
    PATH". `everything` also stores the trajectories and events of the scenario's `output`; `independent` gives each
    point its own random numbers; `block` is the number of replicates in a part. The other arguments, and the effect of
    the same call again, are as in `run`.

    With `task`, "I/N", `slurm`, a number of tasks (and options for `sbatch`), or `dry_run` there is no file yet: the
    call returns the program's output, and `merge` opens the result of the tasks.
    """
    given = dict(
        replicates=replicates, seed=seed, workers=workers, variants=variants, settings=settings, parameters=parameters,
        design=design, points=points, list=None if list is None else expanded(list), keep=keep, uncertain=uncertain,
        everything=everything, independent=independent, block=block, restart=restart, task=task, slurm=slurm,
        dry_run=dry_run,
    )  # fmt: skip
    opens = task is None and not slurm and not dry_run
    return _simulate("sweep", scenario, output, given, quiet, opens, several(sbatch))


def attribute(
    scenario: AnyPath,
    output: AnyPath | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    settings: Mapping[str, object] | None = None,
    quiet: bool = False,
    *,
    without: str | Sequence[str] = (),
    history: bool = False,
    kinds: bool = False,
    conditions: bool = False,
    interventions: bool = False,
    interactions: int | None = None,
    everything: bool = False,
    fixed: bool = False,
    restart: bool = False,
    task: str | None = None,
) -> Result | Any:
    """Leave out each event of the calendar in turn; `Result.attribution` ranks them by what they change.

    `output` defaults to the scenario's name with `-attribution.h5` in the current folder. `history`, `kinds`,
    `conditions` and `interventions` leave out each of these as well; `without` names what is left out in place of the
    calendar, "invite-kaz", "kind:call", or several together, "invite-kaz+invite-uzb". `interactions` is a number of
    events, those with the largest effects, of which all pairs are left out too: their file is `output` with `-pairs` in
    its name. `everything` stores trajectories and events, as the scenario's `output` says. The rest, and what the same
    call again does, is as in `run`.
    """
    given = dict(
        replicates=replicates, seed=seed, workers=workers, settings=settings, without=without, history=history,
        kinds=kinds, conditions=conditions, interventions=interventions, interactions=interactions,
        everything=everything, fixed=fixed, restart=restart, task=task,
    )  # fmt: skip
    if output is None:
        output = f"{Path(source_of(scenario).name).stem}-attribution.h5"
    return _simulate("attribute", scenario, output, given, quiet, opens=task is None)


def merge(output: AnyPath) -> Result:
    """Complete a run, sweep or attribution from the parts that its tasks have written beside `output`, and open it."""
    target = expanded(output)
    call(["merge", "--quiet", positional(target)])
    return Result(target)


def compare(result: Result | AnyPath, quantities: str | Sequence[str] | Result = ()) -> pd.DataFrame:
    """Paired differences between the variants of an output file, as `entente compare` gives them.

    One row for each quantity and variant: the mean difference, its 95 % interval, and the variance reduction by common
    random numbers. For a sweep one row for each quantity, variant and swept parameter, with the measures of the design
    and their intervals (`total`, `total_low`, `total_high`, ...). `quantities` limits the rows; a stored trajectory or
    a threshold can be named too, "strength:KAZ-USA@2026-06-20", "kaz_strength>0.25". `compare(a, b)` of two results is
    `a.compare(b)`.
    """
    if isinstance(quantities, Result):
        return (result if isinstance(result, Result) else Result(result)).compare(quantities)
    path = result.path if isinstance(result, Result) else expanded(result)
    rows = json.loads(call(["compare", "--json", "--", str(path), *several(quantities)]))
    flat = [row for each in rows for row in _flat(each)]
    table = pd.DataFrame(flat)
    numbers = [name for name in table if table[name].map(lambda x: x is None or isinstance(x, float)).all()]
    return table.astype(dict.fromkeys(numbers, float))


def _flat(row: dict[str, Any]) -> list[dict[str, Any]]:
    """A row of `compare --json` as one flat row, or for a sweep as several."""
    own = {name: value for name, value in row.items() if name != "parameters"}
    if "parameters" not in row:
        return [own]
    out = []
    for parameter in row["parameters"]:
        line = dict(own)
        for name, value in parameter.items():
            if isinstance(value, dict):
                line |= {name + {"value": ""}.get(end, f"_{end}"): x for end, x in value.items()}
            else:
                line[name] = value
        out.append(line)
    return out


class Source(NamedTuple):
    """What a command reads: the word for it on the command line, what messages call it, and if it is standard input
    its text and the folder that its files are relative to.
    """

    word: str
    name: str
    text: str | None = None
    folder: Path | None = None


def source_of(scenario: Any) -> Source:
    """The source of a path, or of an `entente.Scenario`."""
    if hasattr(scenario, "source"):
        return cast(Source, scenario.source())
    path = expanded(scenario)
    return Source(positional(path), path.name)


def described(command: str) -> dict[str, Option]:
    """The options of a command by their names in Python, as the command's own `--help` lists them."""
    path = program()
    return _described(command, str(path), path.stat().st_mtime_ns)


@cache
def _described(command: str, path: str, _: int) -> dict[str, Option]:
    environment = {name: value for name, value in os.environ.items() if name != "ARGP_HELP_FMT"}
    said = subprocess.run([path, command, "--help"], env=environment, capture_output=True, text=True, check=False)
    return options.parse(said.stdout)


def call(
    arguments: Sequence[str],
    echo: bool = False,
    *,
    source: Source | None = None,
    show: Lines | None = None,
    replacing: str = "restart=True",
) -> str:
    """Run the program and return its standard output. With `echo`, show its messages as they arrive.

    The text of `source` is the standard input, and its folder the folder in which the program works. `show` shows the
    messages in another way than `echo`. `replacing` is what an error recommends in place of `--restart`. An interrupt
    (Ctrl-C, the stop button of a notebook) lets the program commit what is finished and is then raised.
    """
    show = show or (Lines() if echo else Silent())
    text, folder = (source.text, source.folder) if source else (None, None)
    command: list[Any] = [program().absolute(), *arguments]
    known = described(arguments[0]) if arguments and not arguments[0].startswith("-") else {}
    said: list[str] = []
    restart_helps = False
    # In a group of its own, so that an interrupt at the terminal reaches it once, by way of this process.
    with _input(text) as stdin, subprocess.Popen(
        command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
        process_group=0, cwd=folder, env=environment(),
    ) as process:  # fmt: skip
        stdout, stderr = process.stdout, process.stderr
        assert stdout is not None and stderr is not None
        out: list[str] = []
        # Both pipes are read at once: a full one would make the program wait for ever.
        reader = threading.Thread(target=out.extend, args=(stdout,), daemon=True)
        reader.start()
        ended = False
        try:
            for line in stderr:
                restart_helps |= "--restart" in line
                line = options.for_python(line, known, replacing)
                said.append(line.replace("standard input", source.name) if source and text is not None else line)
                show.line(said[-1])
            reader.join()
            process.wait()
            ended = process.returncode == 0
        except BaseException:
            _end(process)
            raise
        finally:
            show.end(ended)
    if process.returncode:
        raise ProgramError(process.returncode, "".join(said), "".join(out), restart_helps)
    return "".join(out)


@contextmanager
def _input(text: str | None) -> Iterator[Any]:
    """What the program reads as its standard input: `text`, or nothing."""
    if text is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:  # a pipe that nobody reads would block
        file.write(text.encode())
        file.seek(0)
        yield file


def _end(process: subprocess.Popen[str]) -> None:
    """Let the program commit what is finished; at another interrupt, end its workers at once."""
    for _ in range(2):
        process.terminate()
        try:
            process.wait()
            return
        except KeyboardInterrupt:
            continue


def _simulate(
    command: str,
    scenario: AnyPath,
    output: AnyPath | None,
    given: Mapping[str, Any],
    quiet: bool,
    opens: bool = True,
    sbatch: Sequence[str] = (),
) -> Result | str:
    """Run the program on `scenario`, and open its output if `opens`."""
    source = source_of(scenario)
    target = expanded(output) if output is not None else Path(Path(source.name).stem + ".h5")
    target.parent.mkdir(parents=True, exist_ok=True)
    words = [command, source.word, f"--output={target.absolute()}", *options.words(given)]
    show = shower(f"{command} of {Path(source.name).stem}", quiet, opens)
    after = ["--", *sbatch] if sbatch else []
    said = call([*words, *show.options, *after], source=source, show=show)
    return Result(target) if opens else said


def positional(path: Path) -> str:
    """A path that the program cannot mistake for an option."""
    return f"./{path}" if str(path).startswith(("-", "@")) else str(path)
