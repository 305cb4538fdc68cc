"""The packages that entente needs, checked before anything else is imported, so that all missing ones are named.

Older interpreters must be able to read this file: it reports that they are too old.
"""

import importlib
import importlib.util
import os
import shlex
import subprocess
import sys

#: The oldest Python that runs the package.
PYTHON = (3, 11)

#: By the name it is imported under: the package for pip, the package of Debian and Ubuntu.
PACKAGES = {
    "numpy": ("numpy", "python3-numpy"),
    "pandas": ("pandas", "python3-pandas"),
    "xarray": ("xarray", "python3-xarray"),
    "h5py": ("h5py", "python3-h5py"),
    "h5netcdf": ("h5netcdf", "python3-h5netcdf"),
    "cftime": ("cftime", "python3-cftime"),
    "matplotlib": ("matplotlib", "python3-matplotlib"),
    "yaml": ("PyYAML", "python3-yaml"),
}

#: Exit code of `python3 -m entente` if something is missing (EX_UNAVAILABLE of sysexits.h).
UNAVAILABLE = 69

#: Where Debian and Ubuntu have the interpreter that sees their packages.
_SYSTEM = "/usr/bin/python3"


def check() -> None:
    """Import what is needed. If something is missing: ModuleNotFoundError, or for `python3 -m entente` exit 69."""
    reason = _too_old() or _missing(_failures())
    if not reason:
        return
    if sys.argv[:1] == ["-m"]:  # so it is while `python3 -m entente` looks for its module
        sys.stderr.write(f"entente: {reason}\n")
        raise SystemExit(UNAVAILABLE)
    raise ModuleNotFoundError(reason)


def _too_old() -> str:
    if sys.version_info >= PYTHON:
        return ""
    here, least = (".".join(str(part) for part in version[:2]) for version in (sys.version_info, PYTHON))
    return f"{sys.executable} is Python {here}; the package entente needs {least} or later"


def _failures() -> dict:
    """Why each package that does not import does not, by its name."""
    reasons = {}
    for name in PACKAGES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            reasons[name] = str(error).split("\n")[0]
    return reasons


def _missing(reasons: dict) -> str:
    """What to do about packages that do not import; empty if there are none."""
    if not reasons:
        return ""
    lines = [f"the interpreter {sys.executable} lacks what the package entente needs:"]
    lines += [f"  {name}: {reason}" for name, reason in reasons.items()]
    if _system_has_all():
        words = sys.orig_argv[1:] if sys.argv[:1] == ["-m"] else []
        command = " ".join([_SYSTEM, *(shlex.quote(word) for word in words)])
        lines += [f"{_SYSTEM} has all of it; use that one:", f"  {command}"]
    apt, pip = (" ".join(PACKAGES[name][i] for name in reasons) for i in (1, 0))
    lines += [f"Debian, Ubuntu (for {_SYSTEM}):", f"  apt install {apt}"]
    lines += ["this interpreter, by pip:", f"  {shlex.quote(sys.executable or 'python3')} -m pip install {pip}"]
    return "\n".join(lines)


def _system_has_all() -> bool:
    """Whether the system's own interpreter, if it is another one, imports everything."""
    if not os.access(_SYSTEM, os.X_OK) or os.path.realpath(_SYSTEM) == os.path.realpath(sys.executable or _SYSTEM):
        return False
    command = [_SYSTEM, "-c", f"import {', '.join(PACKAGES)}"]
    try:
        quiet = subprocess.DEVNULL
        return subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


if __name__ == "__main__":  # the program asks whether this interpreter has everything, in a moment
    raise SystemExit(UNAVAILABLE if _too_old() or not all(map(importlib.util.find_spec, PACKAGES)) else 0)
