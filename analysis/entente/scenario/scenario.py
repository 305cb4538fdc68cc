"""A scenario as an object: built, edited, checked, run."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from entente import files, options, program
from entente.commands import Command
from entente.errors import UnknownName
from entente.program import AnyPath, ProgramError, Source
from entente.progress import Lines, shower
from entente.result import Result
from entente.scenario import document, earlier, fitted, paths, shown
from entente.scenario.problems import INVALID, InvalidScenario, Problem, Problems

#: What the program calls a scenario that comes by standard input.
_STDIN = "standard input"


class Text(str):
    """A text that a notebook shows as it is printed."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


class Scenario:
    """A scenario: its keys and values as the language has them (docs/scenario-format.md), from a file or a dict.

        s = entente.Scenario.from_yaml("scenarios/minimal.yaml")
        s.set("kinds.call.rate.per_year", 3)      # or s["kinds.call.rate.per_year"] = 3
        s.check()                                 # every problem, with its place
        result = s.run(n=500)

    `document` is the whole as dicts and lists; change it with `set`, or directly. `settings` are values of parameters
    that the text has no room for, such as those in a list of a library: commands get them as `--set`. `folder` is the
    folder that paths in the scenario are relative to. The program reads the text of `to_yaml()`, or the file itself
    while nothing is changed, so a result has the same identity as that of the same text from the shell.
    """

    def __init__(
        self, contents: Mapping[str, Any] | None = None, *, folder: AnyPath = ".", name: str | None = None
    ) -> None:
        """From a mapping with the keys of a scenario; `entente: 1` and `title` may be left out.

        Values may be dates, lengths of time, arrays and frames of pandas (a list of entries). `name` is what files are
        called by; by default it is made of the title.
        """
        self.document: dict[str, Any] = {"entente": 1} | document.plain(contents or {})
        self.document.setdefault("title", name or "Scenario")
        self.folder = files.expanded(folder).absolute()
        self.path: Path | None = None
        self._name = name
        self.settings: dict[str, Any] = {}
        self._text = ""
        self._read: dict[str, Any] = {}
        self._known: tuple[str, list[tuple[str, str]]] = ("", [])

    @classmethod
    def from_yaml(cls, path: AnyPath) -> Scenario:
        """The scenario in the file at `path`; raises ValueError with the place if it is not YAML."""
        source = files.expanded(path).absolute()
        self = cls._of(source.read_text(encoding="utf-8"), source.name, source.parent, source.stem)
        self.path = source
        return self

    @classmethod
    def from_text(cls, text: str, *, folder: AnyPath = ".", name: str | None = None) -> Scenario:
        """The scenario whose YAML is `text`; its paths are relative to `folder`."""
        return cls._of(text, name or "scenario", files.expanded(folder).absolute(), name)

    @classmethod
    def _of(cls, text: str, called: str, folder: Path, name: str | None) -> Scenario:
        self = cls(folder=folder, name=name)
        self.document = document.parse(text, called)
        self._text, self._read = text, copy.deepcopy(self.document)
        return self

    @property
    def name(self) -> str:
        """What files of this scenario are called by."""
        if self._name:
            return self._name
        words = re.findall(r"[a-z0-9]+", str(self.document.get("title", "")).lower())
        return "-".join(words)[:60].strip("-") or "scenario"

    def copy(self) -> Scenario:
        """A scenario of its own with the same contents."""
        return copy.deepcopy(self)

    # its text

    def to_yaml(self, path: AnyPath | None = None) -> str:
        """The text of the scenario; with `path`, also written there.

        A scenario from a file keeps its text while nothing is changed, and after a change the comment at its head. In
        another folder the paths in the text lead to other files; `check` finds that. The text does not have `settings`.
        """
        plain = document.plain(self.document)
        text = self._text if plain == self._read and self._text else self._written(plain)
        if path is not None:
            with files.replacing(files.expanded(path), like=(b"",)) as temporary:
                temporary.write_text(text, encoding="utf-8")
        return Text(text)

    def _written(self, plain: dict[str, Any]) -> str:
        return document.write(plain, document.head_of(self._text))

    def source(self) -> Source:
        """What the program reads: the file while nothing is changed, else the text as standard input."""
        text = str(self.to_yaml())
        if self.path is not None and text == self._text and self.path.is_file():
            if self.path.read_text(encoding="utf-8") == text:
                return program.source_of(self.path)
        return Source("-", self._called(), text, self.folder)

    def _called(self) -> str:
        """What messages call the text; its lines are not those of the file once it is changed."""
        return f"{self.path.name} (edited)" if self.path else self.name

    # its values

    def set(self, path: str | Mapping[str, Any], value: Any = None) -> Scenario:
        """Give the value at `path` another value, or all values of a mapping of paths; returns this scenario.

        A path is as `entente show --parameters` has it, or any other of the document: "calendar.summit.date". The last
        part may be a new name: `s.set("kinds.visit", {...})`. Raises UnknownName with suggestions for a path that the
        language does not have; what value it takes, `check` tells.
        """
        changed, settings = self.document, dict(self.settings)  # all or nothing
        for each, new in path.items() if isinstance(path, Mapping) else [(path, value)]:
            plain, before = document.plain(new, str(each)), changed
            changed = copy.deepcopy(changed)
            try:
                paths.put(changed, str(each), plain, _schema(), self._parameter_paths)
            except paths.Elsewhere:
                self._ask(["show", *options.words({"settings": {each: plain}})])  # raises if it cannot be so
                changed, settings[str(each)] = before, plain
        self.document, self.settings = changed, settings
        return self

    def get(self, path: str) -> Any:
        """The value at `path`: of the document, else as the program reads it from a table, a library or a default."""
        if path in self.settings:
            return self.settings[path]
        found = paths.find(self.document, path)
        if found is not None:
            holder, key = found
            return holder[key]
        known = dict(self._parameters())
        for each in (path, paths.turned(path)):
            if each in known:
                return known[each]
        raise UnknownName(paths.unknown("path", path, [*paths.leaves(self.document), *known]))

    def __getitem__(self, path: str) -> Any:
        """The value at a path (see `get`)."""
        return self.get(path)

    def __setitem__(self, path: str, value: Any) -> None:
        """Set the value at a path (see `set`)."""
        self.set(path, value)

    def __delitem__(self, path: str) -> None:
        """Take out what stands at a path of the document."""
        found = paths.find(self.document, path, whole=True)
        if found is None:
            raise UnknownName(paths.unknown("path", path, list(paths.leaves(self.document))))
        holder, key = found
        del holder[key]

    def _ipython_key_completions_(self) -> list[str]:
        return sorted({*paths.leaves(self.document), *self._parameter_paths()})

    @property
    def paths(self) -> shown.Paths:
        """The paths, to be completed by the tab key: `s.set(s.paths.kinds.call.rate.per_year, 3)`."""
        return shown.Paths(self._ipython_key_completions_())

    def with_variant(self, name: str, /, **keys: Any) -> Scenario:
        """A copy with one more variant, or another in its place: `note`, `drop`, `add`, `set`, `cancel`, ...

        s.with_variant("no_talks", drop=["talks"], note="The talks are called off.")
        """
        return self.copy().set(f"variants.{name}", keys)

    def parameters(self) -> pd.DataFrame:
        """The parameters that runs can vary, as the program reads them: [path] x [value, allowed]; both are texts."""
        rows = _table(self._ask(["show", "--parameters"]))
        return pd.DataFrame(rows, columns=["parameter", "value", "allowed"]).set_index("parameter")

    def _parameters(self) -> list[tuple[str, str]]:
        """Path and value of each parameter; none while the scenario is invalid."""
        text = f"{self.to_yaml()}{self.settings}"
        if self._known[0] != text:
            try:
                found = [(row[0], row[1]) for row in _table(self._ask(["show", "--parameters", "--all"]))]
            except (ProgramError, FileNotFoundError):
                found = self._known[1]  # those of when it was valid
            self._known = (text, found)
        return self._known[1]

    def _parameter_paths(self) -> list[str]:
        return [path for path, _ in self._parameters()]

    # what the program does with it

    def check(self) -> Problems:
        """Every problem of the scenario with its place, as a list that prints and that a notebook shows."""
        source = self.source()
        try:
            said = program.call(["check", "--json", "--quiet", source.word], source=source)
        except ProgramError as error:
            said = error.output
            if not said.startswith("["):
                raise
        found = json.loads(said) or [{"problems": [], "left_out": []}]
        return Problems(
            [self._problem(each) for each in found[0]["problems"]], found[0].get("left_out", [])
        )

    def _problem(self, told: dict[str, Any]) -> Problem:
        own = told["file"] == _STDIN or (self.path is not None and Path(told["file"]) == self.path)
        name = self.source().name if own else told["file"]
        try:
            text = str(self.to_yaml()) if own else (self.folder / told["file"]).read_text(encoding="utf-8")
            line = text.splitlines()[told["line"] - 1]
        except (OSError, UnicodeDecodeError, IndexError):
            line = ""
        return Problem(told["severity"], name, told["line"], told["column"], told["text"], line)

    @Command
    def run(
        self,
        n: int | None = None,
        output: AnyPath | None = None,
        *,
        replace: bool | None = None,
        quiet: bool = False,
        **options: Any,
    ) -> Result | str:
        """Simulate `n` replicates, by default the scenario's number, and open the output file.

        `output` is by default the scenario's name with `.h5` in the current folder. The same call again continues an
        interrupted run, adds replicates, or simulates nothing if the file is complete. If the scenario or an option
        has changed, `replace` puts the new result in the place of the earlier one; by default it does so in a notebook
        if the same cell made the file. InvalidScenario has every problem of an invalid scenario. After an interrupt
        finished parts are kept. With `task` there is no file yet: the program's output is returned (`entente.merge`).
        """
        return self._result("run", "", output, replace, quiet, {"replicates": n} | options)

    @Command
    def sweep(
        self,
        parameters: Mapping[str, object] | None = None,
        design: str | None = None,
        points: int | None = None,
        n: int | None = None,
        output: AnyPath | None = None,
        *,
        replace: bool | None = None,
        quiet: bool = False,
        **options: Any,
    ) -> Result | str:
        """Simulate the points of a design over parameters, {"kinds.call.rate.per_year": "1:10:log"} (`entente.sweep`).

        `output` is by default the scenario's name with `-sweep.h5`; `n`, `replace` and `quiet` are as in `run`. With
        `task`, `slurm` or `dry_run` there is no file yet: the program's output is returned.
        """
        given = {"parameters": parameters, "design": design, "points": points, "replicates": n} | options
        return self._result("sweep", "-sweep", output, replace, quiet, given)

    @Command
    def attribute(
        self,
        n: int | None = None,
        output: AnyPath | None = None,
        *,
        replace: bool | None = None,
        quiet: bool = False,
        **options: Any,
    ) -> Result | str:
        """Leave out each entry of the calendar in turn; `Result.attribution` ranks them by what they change.

        `output` is by default the scenario's name with `-attribution.h5`; the rest is as in `run`.
        """
        return self._result("attribute", "-attribution", output, replace, quiet, {"replicates": n} | options)

    @Command
    def forecast(
        self, events: AnyPath, as_of: object, output: AnyPath | None = None, *, replace: bool | None = None,
        quiet: bool = False, **options: Any,
    ) -> Result | str:  # fmt: skip
        """Simulate from the day `as_of` on, given the events of a file before it, and open the output file.

        `output` is by default the scenario's name with `-forecast.h5`; the rest is as in `run`.
        """
        given = {"events": events, "as_of": as_of} | options
        return self._result("forecast", "-forecast", output, replace, quiet, given)

    @Command
    def trace(self, replicate: int = 0, **options: Any) -> str:
        """One replicate as a readable chronicle: every event with its time, actors, effect and cause."""
        return Text(self._call("trace", {"replicate": replicate} | options))

    @Command
    def fit(self, events: AnyPath | pd.DataFrame, **options: Any) -> fitted.Fit:
        """Estimate rates and excitation from observed events: a file, several, or a frame with the plain columns.

        Returns a `Fit`: its text, the estimates as a frame, and the fitted scenario.
        """
        return fitted.fit(self, events, options)

    def _result(
        self, command: str, suffix: str, output: AnyPath | None, replace: bool | None, quiet: bool,
        given: dict[str, Any],
    ) -> Result | str:  # fmt: skip
        """Do a command that writes a result, and open it."""
        target = files.expanded(output if output is not None else f"{self.name}{suffix}.h5").absolute()
        target.parent.mkdir(parents=True, exist_ok=True)
        opens = not any(given.get(name) for name in ("task", "slurm", "dry_run"))
        replaces = earlier.made_here(target) if replace is None else replace
        show = shower(f"{command} of {self.name}", quiet, opens and "json" in program.described(command))
        with earlier.making(target):
            try:
                said = self.write(command, target, given, show)
            except ProgramError as error:
                if not (replaces and error.restart_helps):
                    raise
                said = self.write(command, target, given | {"restart": True}, show)
        return Result(target) if opens else Text(said)

    def write(self, command: str, target: Path, given: Mapping[str, Any], show: Lines | None = None) -> str:
        """Let a command of the program write the file at `target`, and return what it printed.

        For a command without a method here: `s.write("rare", path, {...})`. `given` has its options by their names.
        """
        return self._call(command, given, show, target.absolute())

    def _call(
        self, command: str, given: Mapping[str, Any], show: Lines | None = None, target: Path | None = None
    ) -> str:
        """Call the program on this scenario; raises InvalidScenario with every problem if it is invalid."""
        known = program.described(command)
        extra = given.get("sbatch")
        named = {k: v for k, v in given.items() if k not in ("n", "set", "sbatch")}
        if given.get("n") is not None:
            named["replicates"] = given["n"]
        if self.settings or given.get("set"):
            if "settings" not in known:
                raise ValueError(f"`entente {command}` has no --set for {', '.join(self.settings)}")
            named["settings"] = self.settings | dict(given.get("set") or {}) | dict(given.get("settings") or {})
        words = options.words(named, known)
        output = [f"--output={target}"] if target is not None else []
        source = self.source()
        after = ["--", *program.several(extra)] if extra else []
        line = [command, *output, *words, *(show.options if show else ()), source.word, *after]
        try:
            return program.call(line, source=source, show=show, replacing="replace=True")
        except ProgramError as error:
            if error.code == INVALID and not error.restart_helps and (problems := self.check()).errors:
                raise InvalidScenario(problems) from error
            raise

    def _ask(self, arguments: list[str]) -> str:
        source = self.source()
        return program.call([*arguments, *options.words({"settings": self.settings}), source.word], source=source)

    def __repr__(self) -> str:
        """Title and where it is from."""
        where = self.path.name if self.path else "from Python"
        return f"<entente.Scenario {self.document.get('title', self.name)!r}, {where}>"

    def _repr_html_(self) -> str:
        return shown.html(self)


def _schema() -> paths.Schema:
    return paths.Schema(json.loads(program.call(["check", "--schema"])))


def _table(text: str) -> list[list[str]]:
    """The rows of a table of the program, whose columns are two blanks apart."""
    rows = [re.split(r" {2,}", line.strip()) for line in text.splitlines() if line.startswith("  ")]
    return [[*row, "", ""][:3] for row in rows if row[0] != "parameter"]
