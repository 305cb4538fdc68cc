"""Takes the program and its scenarios along into the package, where they can be found; pyproject.toml has the rest.

The program is the file that $ENTENTE names, else the newest of ../build. Without one the package is installed alone,
and uses the `entente` on the PATH.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent


def program() -> Path | None:
    """The program to take along."""
    if named := os.environ.get("ENTENTE"):
        return Path(named).expanduser()
    there = (HERE.parent / "build").glob("*/entente")
    built = [path for path in there if os.access(path, os.X_OK) and path.is_file()]
    return max(built, key=lambda path: path.stat().st_mtime) if built else None


class WithProgram(build_py):
    """Builds the package with the program and its library in `program_files`."""

    def run(self) -> None:
        """Copy the modules, then the program."""
        super().run()
        found, prefix = program(), Path(self.build_lib) / "entente" / "program_files"
        shutil.rmtree(prefix, ignore_errors=True)
        if found is None:
            print("entente: no program in $ENTENTE or ../build (make program): none is taken along")
            return
        (prefix / "bin").mkdir(parents=True)
        shutil.copy2(found, prefix / "bin" / "entente")
        if (HERE.parent / "scenarios").is_dir():
            shutil.copytree(HERE.parent / "scenarios", prefix / "share" / "entente" / "scenarios")


class OfOneSystem(Distribution):
    """A package with the program is for one processor and system."""

    def has_ext_modules(self) -> bool:
        """Whether it has the program."""
        return program() is not None


setup(cmdclass={"build_py": WithProgram}, distclass=OfOneSystem)
