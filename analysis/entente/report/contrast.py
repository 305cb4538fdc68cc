"""How a variant is compared with the base: the sign as the question is put, and the words for both sides."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entente.report.labels import Names
from entente.report.scenario import note, part
from entente.result import WITHOUT

#: Keys of a variant that leave something out, and those that bring something in.
_LESS, _MORE = {"drop", "cancel"}, {"add", "interventions", "accept"}
_NAMED = re.compile(r"(?:no|without)[_ -](.+)")


@dataclass(frozen=True)
class Contrast:
    """A comparison of two variants; the effect is the first side minus the second.

    A variant that leaves something out is the second side: the effect is what that thing adds, whatever the variant has
    in its place. Any other variant is the first side.
    """

    variant: str  #: the variant that is not the base
    base: str
    sign: int  #: the effect is this times (variant minus base)
    subject: str  #: what makes the difference: "the invitation"
    first: str  #: where it is, after a number: "with the invitation"
    second: str  #: where it is not: "without it"
    note: str  #: the scenario's note on the variant

    @property
    def sides(self) -> tuple[str, str]:
        """The variants of the first and of the second side."""
        return (self.variant, self.base) if self.sign > 0 else (self.base, self.variant)

    def does(self, verb: str) -> str:
        """`verb`, as "adds", for the subject: "add" where that is a plural such as "the sanctions"."""
        plural = re.fullmatch(r"the .*[^siu ]s", self.subject)
        return verb.removesuffix("s") if plural else verb

    def named_in(self, words: str) -> bool:
        """Whether `words`, in lower case, name what makes the difference."""
        thing = re.sub(r"^the |[“”]", "", self.subject).casefold()
        return bool(thing) and re.search(rf"\b{re.escape(thing)}", words) is not None


def contrast(scenario: Mapping[str, Any], names: Names, variant: str, base: str) -> Contrast:
    """The comparison of `variant` with `base`, by what the scenario says of it and by its name."""
    said = note(scenario, variant)
    written = part(scenario, "variants").get(variant)
    keys = set(written) - {"note", "label"} if isinstance(written, dict) else set()
    if variant.startswith(WITHOUT):
        thing = names.entry(variant.removeprefix(WITHOUT))
        return Contrast(variant, base, -1, thing, "with it", "without it", said)
    named = _NAMED.fullmatch(variant)
    if named and (keys & _LESS or not keys & _MORE):
        thing = _the(names.words(named.group(1)))
        return Contrast(variant, base, -1, thing, f"with {thing}", "without", said)
    label = f"“{names.variant(variant)}”"
    if keys and keys <= _LESS:
        subject = f"the scenario as written, against {label},"
        return Contrast(variant, base, -1, subject, "in the scenario as written", f"in {label}", said)
    if found := re.fullmatch(r"with[_ -](.+)", variant):
        thing = _the(names.words(found.group(1)))
        return Contrast(variant, base, 1, thing, f"with {thing}", "without", said)
    return Contrast(variant, base, 1, label, f"in {label}", "in the scenario as written", said)


def _the(thing: str) -> str:
    """With its article; a month has none."""
    return thing if thing.split(" ")[0] in calendar.month_name else f"the {thing}"
