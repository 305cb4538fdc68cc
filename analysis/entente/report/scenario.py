"""The parts of the scenario's text that the report uses: the question, notes, sources.

The text is in the output file and may come from anywhere, so the parser limits its size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

#: Characters that are parsed at most, and values that the parsed text may have once its aliases are written out.
_MOST_TEXT, _MOST_VALUES = 1_000_000, 200_000

_SURE = {"m": "measured", "e": "estimated", "a": "assumed"}


def own_text(provenance: Mapping[str, Any]) -> str:
    """The text of the scenario's own file; empty if the output file has none."""
    return str(next(iter(provenance.get("files", {}).values()), ""))


def parsed(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario's own file as parsed, every scalar a string; empty if it cannot be read, or is too large."""
    return _tree(own_text(provenance))


def trees(provenance: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The scenario's file and the libraries that it names, as parsed; without those that cannot be read."""
    files = provenance.get("files", {}).items()
    return [tree for name, words in files if str(name).endswith((".yaml", ".yml")) and (tree := _tree(str(words)))]


def _tree(written: str) -> dict[str, Any]:
    if len(written) > _MOST_TEXT:
        return {}
    try:
        # libyaml's parser ends the interpreter where text is nested too deep; Python's raises.
        tree = yaml.load(written, Loader=yaml.BaseLoader)
        if not isinstance(tree, dict) or _size(tree, {}) > _MOST_VALUES:
            return {}
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return tree


def _size(node: Any, known: dict[int, int]) -> int:
    """Values in `node`, each alias counted with all that it stands for; raises ValueError if one holds itself."""
    if not isinstance(node, (dict, list)):
        return 1
    if id(node) not in known:
        known[id(node)] = -1
        parts = [*node.keys(), *node.values()] if isinstance(node, dict) else node
        known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    if known[id(node)] < 0:
        raise ValueError("an alias holds itself")
    return known[id(node)]


def part(scenario: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A section of the scenario that is a mapping; empty if it is none."""
    found = scenario.get(name)
    return found if isinstance(found, dict) else {}


def entries_of(scenario: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The entries of a section of the scenario that is a list; empty if it is none."""
    found = scenario.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def question(
    provenance: Mapping[str, Any],
    scenario: Mapping[str, Any],
    variants: Sequence[str],
    name: Callable[[str], str] = str,
) -> str:
    """The paragraph "The question: ..." or "The questions: ..." of the scenario's first comment or of its note.

    Without one, the notes of its variants, or their names as `name` writes them.
    """
    head = re.match(r"(?:[ \t]*#[^\n]*\n|[ \t]*\n)*", own_text(provenance))
    comment = re.sub(r"(?m)^[ \t]*# ?", "", head.group(0) if head else "")
    for words in (comment, str(scenario.get("note", ""))):
        if found := re.search(r"(?s)The questions?: (.*?)(?:\n\s*\n|\Z)", words):
            asked = re.sub(r"\s+", " ", found.group(1)).strip()
            return asked[:1].upper() + asked[1:]
    notes = [note(scenario, each).rstrip(".") for each in variants[1:]]
    if notes:
        named = [said or f"“{name(each)}”" for said, each in zip(notes, variants[1:], strict=True)]
        return f"What changes? {'; '.join(named)}"
    return "How may it go?"


def note(scenario: Mapping[str, Any], variant: str) -> str:
    """The scenario's note on one of its variants."""
    entry = part(scenario, "variants").get(variant)
    return str(entry.get("note", "")) if isinstance(entry, dict) else ""


def source(written: str) -> tuple[str, str]:
    """The source without its mark of confidence, and the mark in full: "... (a)" is assumed."""
    end = max(len(written) - 200, 0)
    found = re.search(r"\s*\(([mea])\b[^)]*\)\s*$", written[end:])
    if not found:
        return written, "assumed" if not written or written.startswith("assumed") else ""
    return written[: end + found.start()], _SURE[found.group(1)]


def in_words(value: Any) -> str:
    """A value of the scenario on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {in_words(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(in_words(item) for item in value)
    return str(value)
