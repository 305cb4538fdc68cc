"""Figures, a report and tables of an output file, and a scenario to explore, from the shell.

entente figure OUT.h5 -o FIGURE.png
entente report OUT.h5 -o PAGE.html
entente export OUT.h5 -o FOLDER
entente explore SCENARIO

`python3 -m entente` is the same where the program is not at hand.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO, cast

import matplotlib as mpl

import entente
from entente import export, files, report, select
from entente.errors import Unwritable
from entente.printable import Printable

USAGE, DATA, NO_INPUT, INTERNAL, CANNOT_CREATE, CANNOT_WRITE = 64, 65, 66, 70, 73, 74

_CODES = """\
Exit codes: 64 the command line is invalid, 65 the file does not contain what
was requested or is damaged, 66 it cannot be read, 69 packages are missing,
73 the output cannot be created (the input file, and a file of another type,
are never overwritten), 74 writing failed (disk full).
"""


_EXPLORE = """\
Prints the address of a page with a slider for each parameter. As a slider
moves, the scenario is simulated again, and the fan chart and the quantities
follow. The page is served to this machine alone (127.0.0.1), and only to who
has the token in the address. On another machine, forward the port:
ssh -L PORT:127.0.0.1:PORT HOST.
"""

#: Error numbers of a full disk.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Usage(Exception):
    """The command line is invalid."""


class _Parser(argparse.ArgumentParser):
    """Ends with exit code 64 if the command line is invalid, as the program does."""

    def error(self, message: str) -> NoReturn:
        """Raise an error with the mistake and how to get help."""
        sys.exit(_fail(USAGE, f"{message}\nTry `{self.prog} --help`."))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code (see `--help`)."""
    out, messages = (cast(TextIO, Printable(stream)) for stream in (sys.stdout, sys.stderr))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(messages):
        return _do(_parser().parse_args(arguments))


def _do(options: argparse.Namespace) -> int:
    mpl.use("Agg")
    try:
        options.command(options)
    except _Usage as error:
        return _fail(USAGE, error)
    except entente.ProgramError as error:
        return _fail(error.code, error)
    except Unwritable as error:
        return _fail(CANNOT_CREATE, error)
    except (FileNotFoundError, PermissionError) as error:
        return _fail(NO_INPUT, f"{error.filename}: {error.strerror}" if error.filename else error)
    except (ValueError, OSError) as error:
        full = isinstance(error, OSError) and error.errno in _FULL
        return _fail(CANNOT_WRITE if full else DATA, error)
    except Exception as error:  # a traceback does not help a user
        return _fail(INTERNAL, f"an error of the package: {type(error).__name__}: {error}")
    return 0


def _fail(code: int, reason: object) -> int:
    print(f"entente: {reason}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="entente",
        description="Draws figures of an output file, writes a report on it, exports its tables; explores a scenario.",
        epilog=_CODES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def add(name: str, help: str, output: str, what: str) -> argparse.ArgumentParser:
        each: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help, epilog=_CODES)
        each.formatter_class = argparse.RawDescriptionHelpFormatter
        each.add_argument("result", metavar="OUT.h5", help="output file of `entente run` or `entente sweep`")
        each.add_argument("-o", "--output", metavar=output, required=True, help=what)
        return each

    figure = add(
        "figure", "fan chart of ties by variant; for a sweep, the sensitivity", "FIGURE",
        "a PNG, SVG or PDF file, by its suffix",
    )  # fmt: skip
    figure.add_argument(
        "--tie", action="append", metavar="A-B",
        help="a tie, in either order; may be repeated (default: the first two); with trade, A-B is both flows and"
        " A->B the exports of A",
    )  # fmt: skip
    figure.add_argument("--variable", choices=["strength", "alignment", "trade"], help="default: strength")
    figure.add_argument("--quantity", metavar="NAME", help="for a sweep: the quantity (default: the first)")
    figure.add_argument("--variant", metavar="NAME", help="for a sweep: the variant with the paired difference")
    figure.set_defaults(command=draw_figure)
    page = add("report", "one page: question, answer, charts, assumptions", "PAGE.html", "the page to write")
    page.add_argument(
        "--quantity", metavar="NAME", help="the quantity that the answer concerns (default: the first)"
    )
    page.set_defaults(command=write_report)
    tables = add("export", "summary, quantities, parameters and events as tables", "FOLDER", "folder for the tables")
    tables.add_argument("--format", choices=["parquet", "csv"], help="default: Parquet if pyarrow is installed")
    tables.set_defaults(command=write_tables)
    _add_explore(commands)
    return parser


def _add_explore(commands: Any) -> None:
    what = "sliders for a scenario's parameters, on a page of this machine"
    each = commands.add_parser("explore", help=what, description=_EXPLORE, epilog=_CODES)
    each.formatter_class = argparse.RawDescriptionHelpFormatter
    each.add_argument("scenario", metavar="SCENARIO", help="a scenario file")
    each.add_argument(
        "--param", action="append", metavar="PATH[=LOW:HIGH]",
        help="a parameter with a slider; may be repeated (default: those of the scenario's `uncertain` and `sweep`)",
    )  # fmt: skip
    each.add_argument("--tie", metavar="A-B", help="the tie that is drawn first, in either order")
    each.add_argument("-n", "--replicates", type=int, default=200, metavar="NUMBER", help="default: 200")
    each.add_argument("--port", type=int, default=0, metavar="NUMBER", help="default: a free one")
    each.add_argument("--browser", action="store_true", help="also open the page in the browser")
    each.set_defaults(command=serve)


def draw_figure(options: argparse.Namespace) -> None:
    """Draw the figure of `figure`: the sensitivity of a sweep, or the fan chart of a run."""
    out = files.expanded(options.output)
    kind = out.suffix[1:].lower()
    if kind not in ("png", "svg", "pdf"):
        raise _Usage(f"{options.output}: the name of a figure ends in .png, .svg or .pdf")
    with entente.open_result(options.result) as result, files.replacing(out, [result.path], files.PICTURE) as temporary:
        sweep = "point" in result.data.sizes
        takes = ("quantity", "variant") if sweep else ("tie", "variable")
        for name in ("tie", "variable", "quantity", "variant"):
            if name not in takes and getattr(options, name) is not None:
                whose = "a sweep" if sweep else "a run"
                raise _Usage(f"--{name} is not for the figure of {whose}, which takes --{' and --'.join(takes)}")
        if sweep:
            indices = result.sensitivity()
            quantity = options.quantity or str(indices["quantity"].values[0])
            source = entente.plot.source_line(result.data, result.provenance())
            drawn = entente.plot.sensitivity(indices, quantity, options.variant, source=source)
        else:
            drawn = result.fan(options.tie or (), options.variable or "strength")
        drawn.savefig(temporary, format=kind)


def serve(options: argparse.Namespace) -> None:
    """Serve the page of `explore` until it is interrupted."""
    import webbrowser

    from entente.explore import Live
    from entente.explore.page import Server

    live = Live(options.scenario, _ranges(options.param), options.replicates)
    tie = select.tie_in(live.ties, options.tie) if options.tie else None
    try:
        server = Server(live, options.port, tie)
    except (OSError, OverflowError) as error:
        raise _Usage(f"--port {options.port}: {getattr(error, 'strerror', None) or error}") from error
    print(f"{server.url}\nCtrl-C ends it.", flush=True)
    if options.browser:
        webbrowser.open(server.url)
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


def _ranges(named: Sequence[str] | None) -> dict[str, Any] | None:
    """The sliders of `--param`: for each path its ends, or None."""
    out: dict[str, Any] = {}
    for each in named or ():
        path, equals, ends = each.partition("=")
        low, colon, high = ends.partition(":")
        if equals and not (colon and low and high):
            raise _Usage(f"--param {each}: PATH=LOW:HIGH is expected")
        out[path] = (low, high) if equals else None
    return out or None


def write_report(options: argparse.Namespace) -> None:
    """Write the page of `report`."""
    with entente.open_result(options.result) as result:
        report.write(result, options.output, options.quantity)


def write_tables(options: argparse.Namespace) -> None:
    """Write the tables of `export`."""
    with entente.open_result(options.result) as result:
        written = export.tables(result, options.output, options.format)
    print("\n".join(str(path) for path in written))


if __name__ == "__main__":
    sys.exit(main())
