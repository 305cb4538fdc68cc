"""Where a parameter's path leads in the document of a scenario, and which paths there may be, by the schema.

A path is as `entente show --parameters` has it (docs/scenario-format.md, "Parameters and their paths"): keys joined by
dots, items of lists by their `id`, else by their event type, condition or group, else by their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from entente.errors import UnknownName, unknown

#: Sections whose keys are themselves paths, with dots.
_OF_PATHS = frozenset({"uncertain", "set", "parameters"})
#: What an item of a list is named by, if that is unique.
_NAMED_BY = ("kind", "condition", "group")
#: Ends of a path that may be omitted.
_OMITTED = ("probability", "coefficient", "constant")

Container = dict[str, Any] | list[Any]
Place = tuple[Container, Any]


class Elsewhere(Exception):
    """A parameter that the program knows, in a list of a library or a table, where the scenario cannot change it."""


class Schema:
    """The scenario language, as `entente check --schema` prints it."""

    def __init__(self, schema: dict[str, Any]) -> None:
        """From the JSON Schema."""
        self._schema = schema

    def forms(self, at: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        """What may stand at a place, with references and alternatives resolved; at None, the whole scenario."""
        out, rest = [], list(at) if at is not None else [self._schema]
        while rest:
            form = rest.pop()
            if "$ref" in form:
                rest.append(self._schema["definitions"][form["$ref"].rsplit("/", 1)[-1]])
            elif "anyOf" in form:
                rest += form["anyOf"]
            else:
                out.append(form)
        return out

    def below(self, forms: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
        """What may stand below these forms at a key or in a list; empty if nothing may."""
        out = []
        for form in forms:
            if key in form.get("properties", {}):
                out.append(form["properties"][key])
            elif isinstance(form.get("additionalProperties"), dict):
                out.append(form["additionalProperties"])
            if "items" in form:
                out.append(form["items"])
        return self.forms(out)

    def keys(self, forms: list[dict[str, Any]]) -> list[str]:
        """The keys of these forms."""
        return [key for form in forms for key in form.get("properties", {})]

    def is_list(self, forms: list[dict[str, Any]]) -> bool:
        """Whether a list may be of these forms, and no mapping."""
        return any("items" in form for form in forms) and not any(form.get("type") == "object" for form in forms)

    def is_named(self, forms: list[dict[str, Any]]) -> bool:
        """Whether a mapping of these forms has names that the scenario chooses."""
        return any(isinstance(form.get("additionalProperties"), dict) for form in forms)


def find(document: dict[str, Any], path: str, whole: bool = False) -> Place | None:
    """The mapping or list that holds the value at `path`, and its key or number there; None if there is none.

    A path that omits its end (`probability`, ...) leads to it, or with `whole` to the mapping that it is in.
    """
    node: Any = document
    place: Place | None = None
    parts = path.split(".")
    while parts:
        key, n = _step(node, parts)
        if key is None:
            ends = len(parts) == 1 and parts[0] in _OMITTED and not isinstance(node, (dict, list))
            return place if ends else None
        place, node, parts = (node, key), node[key], parts[n:]
    if place is not None and isinstance(node, dict) and not whole:
        omitted = [key for key in _OMITTED if key in node and not isinstance(node[key], (dict, list))]
        return (node, omitted[0]) if omitted else place
    return place


def _step(node: Any, parts: list[str]) -> tuple[Any, int]:
    """The key of `node` that the first of `parts` name, and how many of them; (None, 0) if there is none."""
    if isinstance(node, dict):
        for n in range(len(parts), 0, -1):  # a name may have dots
            name = ".".join(parts[:n])
            if name in node:
                return name, n
        other = "-".join(reversed(parts[0].split("-")))
        return (other, 1) if other in node else (None, 0)
    if isinstance(node, list):
        for i, name in enumerate(_names(node)):
            if parts[0] in (name, str(i)):
                return i, 1
    return None, 0


def _names(items: list[Any]) -> list[str]:
    """The name of each item of a list."""
    out = []
    for i, item in enumerate(items):
        known = [item[key] for key in _NAMED_BY if key in item] if isinstance(item, dict) else []
        own = [name for name in known if sum(isinstance(x, dict) and name in x.values() for x in items) == 1]
        name = item["id"] if isinstance(item, dict) and "id" in item else own[0] if own else i
        out.append(str(name))
    return out


def put(document: dict[str, Any], path: str, value: Any, schema: Schema, known: Callable[[], list[str]]) -> None:
    """Set the value at `path`, and create it if the language has such a path.

    The last part may be a new name (a new event type); one before it must be there, or be in a table or library:
    `known` gives the parameters that the program finds. Raises UnknownName with suggestions otherwise, and Elsewhere
    for a parameter that the text of the scenario has no room for.
    """
    found = find(document, path, whole=isinstance(value, (dict, list)))
    if found is None:
        _create(document, path, value, schema, known)
    else:
        holder, key = found
        holder[key] = value


def _create(document: dict[str, Any], path: str, value: Any, schema: Schema, known: Callable[[], list[str]]) -> None:
    node: Any = document
    forms = schema.forms()
    parts = path.split(".")
    for i, part in enumerate(parts):
        last = i == len(parts) - 1
        so_far = ".".join(parts[: i + 1])
        if isinstance(node, dict) and i and parts[i - 1] in _OF_PATHS:
            node[".".join(parts[i:])] = value
            return
        key, _ = _step(node, parts[i : i + 1])
        if key is None:
            below = schema.below(forms, part)
            _may_create(so_far, node, (forms, below), schema, known, last)
            key = _made(node, part, [] if schema.is_list(below) else {})
        if last:
            node[key] = value
            return
        forms = schema.below(forms, part)
        if not isinstance(node[key], (dict, list)):  # a short form: `success: 0.3`, `AAA: null`
            short = schema.keys(forms)
            own = next((each for each in _OMITTED if each in short), None)
            node[key] = {own: node[key]} if own and node[key] is not None else {}
        node = node[key]


def _made(node: Any, part: str, new: Container) -> Any:
    """The key of a new entry of `node`; an item of a list has its name as its id."""
    if isinstance(node, dict):
        node[part] = new
        return part
    node.append({"id": part})
    return len(node) - 1


def _may_create(
    so_far: str, node: Any, forms: tuple[Any, Any], schema: Schema, known: Callable[[], list[str]], last: bool
) -> None:  # fmt: skip
    """Raise UnknownName unless an entry `so_far` may be created in `node`."""
    here, below = forms
    keys, part = schema.keys(here), so_far.rsplit(".", 1)[-1]
    if isinstance(node, dict) and part in keys:
        return
    if isinstance(node, dict) and below and last:
        return
    if any(f"{each}.".startswith((f"{so_far}.", f"{turned(so_far)}.")) for each in known()):
        if isinstance(node, dict) or any(isinstance(item, dict) and "from" in item for item in node):
            return
        raise Elsewhere(so_far)
    there = [str(key) for key in node] if isinstance(node, dict) else _names(node)
    names = there if schema.is_named(here) or isinstance(node, list) else list(dict.fromkeys([*there, *keys]))
    before = so_far.rpartition(".")[0]
    near = [f"{before}.{name}" if before else name for name in names]
    raise UnknownName(unknown("path", so_far, near))


def turned(path: str) -> str:
    """The path with the actors of its tie in the other order."""
    parts = path.split(".")
    if parts[0] == "ties" and len(parts) > 1:
        parts[1] = "-".join(reversed(parts[1].split("-")))
    return ".".join(parts)


def leaves(node: Any, before: str = "") -> Iterator[str]:
    """The paths of all plain values in a document, and of the mappings on the way."""
    items: Iterator[tuple[str, Any]]
    if isinstance(node, dict):
        items = iter(node.items())
    elif isinstance(node, list) and any(isinstance(each, dict) for each in node):
        items = zip(_names(node), node, strict=True)
    else:
        return
    for name, value in items:
        path = f"{before}.{name}" if before else str(name)
        yield path
        if name not in _OF_PATHS:
            yield from leaves(value, path)
