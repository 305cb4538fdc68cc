"""Pictures from the shell: python3 -m entente figure OUT.h5 -o FIGURE.png."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import matplotlib as mpl

import entente


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what is asked for; the exit code (0, or 66 if the input is not there, 65 if it does not fit)."""
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
        options.command(options)
    except FileNotFoundError as error:
        print(f"entente: {error}", file=sys.stderr)
        return 66
    except (KeyError, ValueError, OSError) as error:
        print(f"entente: {error.args[0] if error.args else error}", file=sys.stderr)
        return 65
    return 0


def draw_fan(options: argparse.Namespace) -> None:
    """The fan chart of `figure`."""
    with entente.open(options.result) as result:
        ties = options.tie or [str(name) for name in result.data["tie"].values[:2]]
        figure = result.fan(ties, options.variable)
        figure.savefig(options.output)


if __name__ == "__main__":
    sys.exit(main())
