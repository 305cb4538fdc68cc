"""The causes of events: the log of one replicate as a forest.

An event with a parent (excited by it, or a consequence of it) is a child of that parent. Events of the calendar, of
the history, and baseline events are roots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from entente import times
from entente.errors import UnknownName
from entente.select import check_columns


class Tree(NamedTuple):
    """An event with its offspring and consequences."""

    row: int  #: its row in the log, the index of the frame it was made from
    event: Mapping[str, Any]  #: its columns
    children: tuple[Tree, ...]  #: in order of time

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Tree]]:
        """This tree and all its subtrees, depth first, each with its depth."""
        stack = [(depth, self)]
        while stack:
            level, tree = stack.pop()
            yield level, tree
            stack.extend((level + 1, child) for child in reversed(tree.children))

    @property
    def size(self) -> int:
        """Number of events in the tree, including its root."""
        return sum(1 for _ in self.walk())


def forest(events: pd.DataFrame) -> list[Tree]:
    """The trees of one replicate's events (as of `Result.events`), roots in order of time.

    The frame's index gives the rows. A row whose parent is not in the frame becomes a root, so a selection of events
    also gives a forest.
    """
    check_columns(events, "parent")
    if events.index.has_duplicates:
        raise ValueError("forest needs the events of one replicate of one variant")
    known = set(events.index)
    below: dict[int, list[Tree]] = {}
    roots: list[Tree] = []
    # A parent's row comes before its children's, so from the last row up every child is ready.
    ordered = events.sort_index(ascending=False)
    for row, event in zip(ordered.index, ordered.to_dict("records"), strict=True):
        tree = Tree(int(row), event, tuple(reversed(below.pop(row, []))))
        parent = int(event["parent"])
        if parent in known and parent != row:
            below.setdefault(parent, []).append(tree)
        else:
            roots.append(tree)
    return roots[::-1]


def find(trees: list[Tree], row: int) -> Tree:
    """The subtree whose root is the event at `row`, anywhere in the forest."""
    for tree in trees:
        for _, below in tree.walk():
            if below.row == row:
                return below
    rows = sorted(below.row for tree in trees for _, below in tree.walk())
    known = f"rows lie from {rows[0]} to {rows[-1]}" if rows else "there are no events"
    raise UnknownName(f"no event at row {row}; {known}")


def title(event: Mapping[str, Any]) -> str:
    """What happened, in a few words: "call USA -> KAZ"."""
    who, whom = _text(event["initiator"]), _text(event["target"]) or _text(event.get("group"))
    return " ".join(part for part in (_text(event["kind"]), who, f"-> {whom}" if whom else "") if part)


def outline(tree: Tree) -> str:
    """The tree as indented text, one line for each event: date, event, cause."""
    return "\n".join(
        f"{times.text(branch.event['time'])}  {'  ' * depth}{title(branch.event)}  ({branch.event['cause']})"
        for depth, branch in tree.walk()
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
