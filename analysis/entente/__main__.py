"""Pictures from the shell: python3 -m entente figure OUT.h5 -o FIGURE.png."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

import entente


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what is asked for; the exit code (0; 66 no input, 65 it does not fit, 73 no output)."""
    parser = argparse.ArgumentParser(prog="python3 -m entente", description="Pictures of an output file.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    figure = commands.add_parser("figure", help="fan chart of ties by variant, with paired differences")
    figure.add_argument("result", metavar="OUT.h5", help="output file of `entente run`")
    figure.add_argument(
        "-o", "--output", metavar="FIGURE", required=True, help="PNG, SVG or PDF, by its ending"
    )
    figure.add_argument(
        "--tie", action="append", metavar="A-B", help="a tie, again for more; the first two if none is given"
    )
    figure.add_argument("--variable", choices=["strength", "alignment"], default="strength")
    figure.set_defaults(command=draw_fan)
    options = parser.parse_args(arguments)
    mpl.use("Agg")
    try:
        drawn: Figure = options.command(options)
    except FileNotFoundError as error:
        return _fail(66, error)
    except (KeyError, ValueError) as error:
        return _fail(65, error.args[0])
    try:
        drawn.savefig(options.output)
    except (OSError, ValueError) as error:
        return _fail(73, f"{options.output}: {error}")
    return 0


def _fail(code: int, reason: object) -> int:
    print(f"entente: {reason}", file=sys.stderr)
    return code


def draw_fan(options: argparse.Namespace) -> Figure:
    """The fan chart of `figure`."""
    with entente.open(options.result) as result:
        ties = options.tie or [str(name) for name in result.data["tie"].values[:2]]
        return result.fan(ties, options.variable)


if __name__ == "__main__":
    sys.exit(main())
