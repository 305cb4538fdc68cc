"""Pictures and reports from the shell.

python3 -m entente figure OUT.h5 -o FIGURE.png
python3 -m entente report OUT.h5 -o PAGE.html
python3 -m entente export OUT.h5 -o FOLDER
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

import entente
from entente import export, report


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked for; the exit code (0; 66 no input, 65 it does not fit, 73 no output)."""
    parser = argparse.ArgumentParser(
        prog="python3 -m entente", description="Pictures of an output file, and a report on it."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    figure = commands.add_parser("figure", help="fan chart of ties by variant; of a sweep, what matters most")
    figure.add_argument("result", metavar="OUT.h5", help="output file of `entente run` or `entente sweep`")
    figure.add_argument(
        "-o", "--output", metavar="FIGURE", required=True, help="PNG, SVG or PDF, by its ending"
    )
    figure.add_argument(
        "--tie", action="append", metavar="A-B", help="a tie, again for more; the first two if none is given"
    )
    figure.add_argument("--variable", choices=["strength", "alignment"], default="strength")
    figure.add_argument("--quantity", metavar="NAME", help="of a sweep: the quantity; the first if none is given")
    figure.add_argument("--variant", metavar="NAME", help="of a sweep: the difference that this variant makes")
    figure.set_defaults(command=draw_figure)
    page = commands.add_parser("report", help="one page: question, answer, charts, assumptions")
    page.add_argument("result", metavar="OUT.h5", help="output file of `entente run`")
    page.add_argument("-o", "--output", metavar="PAGE.html", required=True, help="the page to write")
    page.add_argument(
        "--quantity", metavar="NAME", help="what the answer is about; the first quantity if none is given"
    )
    page.set_defaults(command=write_report)
    tables = commands.add_parser("export", help="summary, quantities, parameters and events as tables")
    tables.add_argument("result", metavar="OUT.h5", help="output file of `entente run`")
    tables.add_argument("-o", "--output", metavar="FOLDER", required=True, help="where the tables go")
    tables.add_argument("--format", choices=["parquet", "csv"], help="default: Parquet if pyarrow is there")
    tables.set_defaults(command=write_tables)
    options = parser.parse_args(arguments)
    mpl.use("Agg")
    try:
        options.command(options)
    except FileNotFoundError as error:
        return _fail(66, error)
    except (KeyError, ValueError) as error:
        return _fail(65, error.args[0])
    except _Unwritable as error:
        return _fail(73, f"{options.output}: {error}")
    return 0


class _Unwritable(Exception):
    """The output cannot be written."""


def _fail(code: int, reason: object) -> int:
    print(f"entente: {reason}", file=sys.stderr)
    return code


def draw_figure(options: argparse.Namespace) -> None:
    """The picture of `figure`: what matters in a sweep, the fan chart of a run."""
    with entente.open(options.result) as result:
        if "point" in result.data.sizes:
            indices = result.sensitivity()
            quantity = options.quantity or str(indices["quantity"].values[0])
            source = entente.plot.source_line(result.data, result.provenance())
            drawn = entente.plot.sensitivity(indices, quantity, options.variant, source=source)
        else:
            ties = options.tie or [str(name) for name in result.data["tie"].values[:2]]
            drawn = result.fan(ties, options.variable)
    try:
        drawn.savefig(options.output)
    except (OSError, ValueError) as error:
        raise _Unwritable(error) from error


def write_report(options: argparse.Namespace) -> None:
    """The page of `report`."""
    with entente.open(options.result) as result:
        text = report.page(result, options.quantity)
    try:
        Path(options.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise _Unwritable(error.strerror) from error


def write_tables(options: argparse.Namespace) -> None:
    """The tables of `export`."""
    with entente.open(options.result) as result:
        try:
            written = export.tables(result, options.output, options.format)
        except OSError as error:
            raise _Unwritable(error.strerror) from error
    print("\n".join(str(path) for path in written))


if __name__ == "__main__":
    sys.exit(main())
