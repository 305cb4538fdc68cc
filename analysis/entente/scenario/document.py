"""The text of a scenario as plain Python data, and back: YAML 1.2, with what YAML 1.1 would change left as it is.

A key `on`, a date and a time of day are texts here as in the program; PyYAML's own loader makes a truth value, a date
and a number of them.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import yaml

_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?\Z")
_IMPLICIT = {
    "tag:yaml.org,2002:bool": (re.compile(r"(?:true|false)\Z"), "tf"),
    "tag:yaml.org,2002:null": (re.compile(r"(?:~|null|)\Z"), ["~", "n", ""]),
    "tag:yaml.org,2002:float": (_NUMBER, "-+.0123456789"),
}
#: Longest line of a text that is written.
_WIDTH = 110
_DAY = datetime.timedelta(days=1)


class Written(float):
    """A number that remembers how it was written: a label `1.50` stays one."""

    text: str

    def __new__(cls, text: str) -> Written:
        """The number that `text` says."""
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __deepcopy__(self, _: object) -> Written:
        """The number itself, which does not change."""
        return self


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012  (PyYAML's name)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: Any) -> bool:
        """Everything is written out: a scenario has no anchors."""
        return True


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | float:
    text = str(node.value)
    plain = int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
    return plain if repr(plain) == text else Written(text)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in out:
            raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} is there twice", key.start_mark)
        out[name] = loader.construct_object(value, deep=True)
    return out


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "\n" in text.strip("\n") and not re.search(r"[ \t]\n|^\s", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_class: Any
for _class in (_Loader, _Dumper):
    for _tag, (_expression, _first) in _IMPLICIT.items():
        _class.add_implicit_resolver(_tag, _expression, list(_first))
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(Written, lambda dumper, x: dumper.represent_scalar("tag:yaml.org,2002:float", x.text))
_Dumper.add_representer(float, lambda dumper, x: dumper.represent_scalar("tag:yaml.org,2002:float", repr(x)))
_Dumper.add_representer(int, lambda dumper, x: dumper.represent_scalar("tag:yaml.org,2002:float", repr(x)))


def parse(text: str, name: str = "scenario") -> dict[str, Any]:
    """The mapping that `text` holds; raises ValueError with the place if it is no mapping in YAML."""
    try:
        read = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ValueError(f"{name}{place}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"{name}: {error}") from error
    if not isinstance(read, dict):
        raise ValueError(f"{name}: a scenario is a mapping, and this is {'empty' if read is None else 'none'}")
    out: dict[str, Any] = plain(read)
    return out


def write(document: Mapping[str, Any], head: str = "") -> str:
    """`document` as the text of a scenario, after the comment `head`."""
    text = yaml.dump(
        plain(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=_WIDTH
    )
    return head + text


def head_of(text: str) -> str:
    """The comment at the head of `text`, with its question; empty if there is none."""
    lines = text.splitlines(keepends=True)
    n = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    return "".join(lines[:n])


def plain(value: Any, path: str = "") -> Any:
    """`value` as mappings with texts as keys, lists, texts, numbers, truth values and None, sharing nothing with it.

    Dates of any type become texts, lengths of time days, arrays lists, and a pandas frame a list of its rows without
    their missing values. Raises TypeError, with the path, for anything else.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each, f"{path}.{key}" if path else str(key)) for key, each in value.items()}
    if isinstance(value, pd.DataFrame):
        return [plain(row.dropna().to_dict(), f"{path}.{i}") for i, (_, row) in enumerate(value.iterrows())]
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (str, os.PathLike)):
        return str(value) if isinstance(value, str) else os.fspath(value)
    if isinstance(value, (datetime.date, np.datetime64)):
        return _date(pd.Timestamp(value) if isinstance(value, np.datetime64) else value)
    if isinstance(value, (datetime.timedelta, np.timedelta64)):
        return f"{pd.Timedelta(value) / _DAY:.12g} d"
    if isinstance(value, (Sequence, np.ndarray, pd.Series, pd.Index, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [plain(each, f"{path}.{i}") for i, each in enumerate(items)]
    raise TypeError(f"{path or 'the scenario'}: a scenario cannot hold a {type(value).__name__}, {value!r}")


def _date(value: datetime.date) -> str:
    """A date as a scenario has it, without a time of day if that is midnight; UTC."""
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    if value.tzinfo is not None:
        value = value.astimezone(datetime.UTC).replace(tzinfo=None)
    text = value.isoformat(timespec="seconds")
    return text.removesuffix("T00:00:00")
