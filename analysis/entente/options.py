"""The options of the program's commands under their names in Python, read from the commands' own `--help`."""

from __future__ import annotations

import keyword
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from entente.errors import chosen
from entente.files import expanded

#: Arguments whose name is not the option's, in Python the plural or the whole word; every other has the option's name.
NAMES = {"variants": "variant", "settings": "set", "parameters": "param"}

_LINE = re.compile(r"^ +(?:-\w, )?--([a-z][a-z-]*)(?:(\[?)=(\S+(?: \S+)*))?(?=  |\n|$)", re.MULTILINE)
#: Arguments of options that are files, as `--help` names them.
_FILE = re.compile(r"(OUT\.h5|CSV|YAML|JSON|FOLDER|FILE)\]?")
#: What every command has, and Python has no use for.
_COMMON = frozenset({"help", "usage", "version"})


class Option(NamedTuple):
    """One option of a command: its name there, the argument that it takes ("" for none), and its help."""

    name: str
    argument: str
    help: str

    @property
    def is_file(self) -> bool:
        """Whether it names a file."""
        return _FILE.fullmatch(self.argument) is not None


def parse(help: str) -> dict[str, Option]:
    """The options that this output of `--help` lists, by their names in Python."""
    found = list(_LINE.finditer(help))
    python = {option: name for name, option in NAMES.items()}
    out = {}
    for line, following in zip(found, [*found[1:], None], strict=True):
        text = help[line.end() : following.start() if following else len(help)].split("\n\n")[0]
        name = line[1]
        if name not in _COMMON:
            own = Option(name, (line[3] or "").removesuffix("]"), " ".join(text.split()))
            out[python.get(name, _identifier(name))] = own
    return out


def words(given: Mapping[str, Any], known: Mapping[str, Option] | None = None) -> list[str]:
    """The command's options for these arguments; an argument that is None, False or empty is left out.

    With `known`, the command's own options, an unknown name raises UnknownName, and files become absolute.
    """
    out = []
    for name, value in given.items():
        if known is not None:
            name = _known_as(name, known)
        if value is None or value is False or (isinstance(value, (str, Sequence, Mapping)) and not value):
            continue
        flag = f"--{known[name].name if known else NAMES.get(name, name.replace('_', '-'))}"
        is_file = known is not None and known[name].is_file
        if isinstance(value, Mapping):
            out += [f"{flag}={path}" + ("" if x is None else f"={_value(x)}") for path, x in value.items()]
        elif value is True:
            out.append(flag)
        elif isinstance(value, (list, tuple)):
            out += [f"{flag}={_path(x) if is_file else x}" for x in value]
        else:
            out.append(f"{flag}={_path(value) if is_file or isinstance(value, os.PathLike) else value}")
    return out


def for_python(text: str, known: Mapping[str, Option], replacing: str = "restart=True") -> str:
    """The program's message, with the options that it recommends under their names in Python."""

    def named(found: re.Match[str]) -> str:
        for name, option in known.items():
            if option.name == found[1]:
                return replacing if name == "restart" else name if option.argument else f"{name}=True"
        return found[0]

    text = re.sub(r"(?<![\w-])--([a-z][a-z-]*[a-z])(?![\w-])", named, text)
    return re.sub(r"(?<=with )-o(?!\w)", "output", text)


def _known_as(name: str, known: Mapping[str, Option]) -> str:
    """The name among those that are `known`; the command's own word is one too, `variant` for `variants`."""
    own = (each for each, option in known.items() if name in (option.name, _identifier(option.name)))
    return next(own, "") or chosen("option", name, known)


def _identifier(option: str) -> str:
    """An option's name as Python has it: `left_truncated`, `from_`."""
    return option.replace("-", "_") + "_" * keyword.iskeyword(option)


def _path(value: object) -> str:
    return os.path.abspath(expanded(str(value)))


def _value(value: object) -> str:
    """A value as the command line has it: lists of values with commas."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
