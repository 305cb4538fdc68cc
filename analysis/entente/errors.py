"""The errors for an unknown name, and for something that a file does not contain.

All are ValueErrors: one `except ValueError` catches every error of a request or a file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: Largest number of valid names that the message for an unknown name lists.
_MOST_NAMES = 12


class UnknownName(ValueError):
    """An unknown name; the message gives the nearest names and the valid ones."""


class NotStored(ValueError):
    """The output file does not contain what was requested; the message names the scenario key that stores it."""


class Unwritable(OSError):
    """An output that must not be overwritten: it is the input, or a file of another type."""


def chosen(what: str, name: object, known: Iterable[object]) -> str:
    """`name` as text if it is one of `known`; raises UnknownName with suggestions if not.

    `what` is the sort of name, in the singular: "variant".
    """
    names = [str(each) for each in known]
    if str(name) in names:
        return str(name)
    raise UnknownName(unknown(what, name, names))


def unknown(what: str, name: object, names: list[str]) -> str:
    """The message for a name that is not one of `names`."""
    if not names:
        return f"no {what} {str(name)!r}: there is none"
    plain = {each.casefold(): each for each in reversed(names)}
    near = [plain[each] for each in difflib.get_close_matches(str(name).casefold(), list(plain), n=3)]
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    shown = list(dict.fromkeys([*near, *names]))[:_MOST_NAMES] if len(names) > _MOST_NAMES else names
    more = f" and {len(names) - len(shown):,} more" if len(names) > len(shown) else ""
    return f"no {what} {str(name)!r}{hint}; there {'is' if len(names) == 1 else 'are'} {', '.join(shown)}{more}"
