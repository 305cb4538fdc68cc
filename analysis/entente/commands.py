"""Commands of the program as methods, with every option that the command's own `--help` lists."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from entente import program

#: Options that a method has as an argument of its own, or that only concern what the command prints.
_OWN = frozenset({"json", "output", "quiet", "restart"})


class Command:
    """A method for the program's command of this name; its signature and help have the command's options.

    The method takes them as `**options` and hands them to `entente.options.words`.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        """For a method named as the command."""
        self._method = method
        functools.update_wrapper(self, method)

    def __get__(self, instance: Any, owner: type) -> Any:
        """The method of an object."""
        return self if instance is None else Bound(self._method, instance)


class Bound:
    """The command of one object."""

    def __init__(self, method: Callable[..., Any], instance: Any) -> None:
        """For a method and the object."""
        self._method, self._instance = method, instance
        self.__name__ = method.__name__

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the method."""
        return self._method(self._instance, *arguments, **named)

    def __repr__(self) -> str:
        """The command."""
        return f"<entente {self.__name__} of {self._instance!r}>"

    @property
    def __signature__(self) -> inspect.Signature:
        """The arguments of the method and the options of the command."""
        own = list(inspect.signature(self._method).parameters.values())[1:]
        fixed = [each for each in own if each.kind is not inspect.Parameter.VAR_KEYWORD]
        there = {each.name for each in fixed} | _OWN | ({"replicates"} if "n" in {x.name for x in fixed} else set())
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
            for name in _options(self.__name__) if name not in there
        ]  # fmt: skip
        return inspect.Signature([*fixed, *more])

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        """What the method says, and the command's options with their help."""
        there = inspect.signature(self).parameters
        lines = [
            f"    {name}: {each.argument + ': ' if each.argument else ''}{each.help}"
            for name, each in _options(self.__name__).items() if name in there and name not in _OWN
        ]  # fmt: skip
        listed = "\n".join(lines)
        return f"{inspect.cleandoc(self._method.__doc__ or '')}\n\nOptions of `entente {self.__name__}`:\n{listed}"


def _options(command: str) -> dict[str, Any]:
    try:
        return program.described(command)
    except FileNotFoundError:  # help is there without the program, if not for its options
        return {}
