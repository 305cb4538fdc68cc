"""The command `entente` of an installation by pip: it becomes the program that came with the package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from entente import program

#: Exit code where there is no program (EX_UNAVAILABLE of sysexits.h).
UNAVAILABLE = 69


def main() -> None:
    """Start the program with the same words; its commands of Python use this interpreter."""
    try:
        path = str(program.program())
    except FileNotFoundError as error:
        sys.stderr.write(f"entente: {error}\n")
        sys.exit(UNAVAILABLE)
    package = str(Path(__file__).parents[1])
    own = {"PYTHON": sys.executable, "PYTHONPATH": package}
    os.execve(path, ["entente", *sys.argv[1:]], own | program.environment())
