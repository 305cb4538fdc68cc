"""Makes a binary archive that needs nothing of the system it runs on: program, libraries, scenarios, Python.

    bundle.py BUILD OUT.tar.gz

BUILD is a configured and built folder. The archive holds the installed files, every shared library of theirs with the
loader that fits them, and this interpreter with the packages that `entente report` imports: it runs from any folder of
a Linux system of the same processor, whatever libraries that system has. Exit code 69: something is not installed here.
"""

import importlib
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile

#: Started instead of the files in libexec, which the system's own loader would give the system's libraries.
LAUNCHER = """#!/bin/sh
# Starts {name} with the libraries of this archive.
self=$0
while [ -L "$self" ]; do
    link=$(readlink "$self")
    case $link in /*) self=$link ;; *) self=$(dirname "$self")/$link ;; esac
done
root=$(cd "$(dirname "$self")/.." && pwd)
{settings}exec "$root/lib/private/{loader}" --argv0 "$root/bin/{name}" --library-path "$root/lib/private" \\
    "$root/libexec/{name}" "$@"
"""
PROGRAM_SETTINGS = """export ENTENTE_PROGRAM="$root/bin/entente"
export PYTHON="${PYTHON:-$root/bin/python3}"
"""
PYTHON_SETTINGS = """export PYTHONDONTWRITEBYTECODE=1 # the archive may lie where nobody can write
export PYTHONNOUSERSITE=1
export MATPLOTLIBRC="${MATPLOTLIBRC:-$root/lib/python3/dist-packages/matplotlib/mpl-data/matplotlibrc}"
"""

#: Of the interpreter's own library, what no command of the package needs.
NOT_NEEDED = ("test", "idlelib", "lib2to3", "ensurepip", "tkinter", "turtledemo", "pydoc_data", "__pycache__")
#: Packages that are imported only when something is drawn or read.
ALSO = ("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "PIL.PngImagePlugin",
        "dateutil", "h5py", "h5netcdf", "netCDF4", "cftime", "entente.plot", "entente.report", "entente.export")


def main() -> int:
    if len(sys.argv) != 3:
        sys.stderr.write(__doc__)
        return 64
    build, out = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    name = out.name.removesuffix(".tar.gz")
    with tempfile.TemporaryDirectory(prefix="entente-bundle-") as folder:
        root = pathlib.Path(folder) / name
        subprocess.run(["cmake", "--install", build, "--prefix", root, "--strip"], check=True,
                       stdout=subprocess.DEVNULL)
        add_python(root)
        loader = add_libraries(root)
        add_launcher(root, "entente", loader, PROGRAM_SETTINGS)
        add_launcher(root, "python3", loader, PYTHON_SETTINGS)
        write(root, out)
    print(f"{out} ({out.stat().st_size / 1e6:.0f} MB)")
    return 0


def add_python(root: pathlib.Path) -> None:
    """The interpreter, its library, and the packages that entente imports, each whole."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    own = pathlib.Path(sysconfig.get_path("stdlib"))
    copy(own, root / "lib" / version)
    for package in imported(root / "lib" / version / pathlib.Path(sysconfig.get_path("purelib")).name):
        copy(package, root / "lib" / "python3" / "dist-packages" / package.name)
    # Debian keeps matplotlib's data elsewhere; matplotlib looks beside itself first.
    data = sys.modules["matplotlib"].get_data_path()
    copy(pathlib.Path(data), root / "lib" / "python3" / "dist-packages" / "matplotlib" / "mpl-data")
    (root / "libexec").mkdir()
    (root / "bin" / "entente").rename(root / "libexec" / "entente")
    shutil.copy2(pathlib.Path(sys.executable).resolve(), root / "libexec" / "python3")


def imported(installed: pathlib.Path) -> list[pathlib.Path]:
    """Top-level packages and modules outside the standard library that entente has loaded, and their metadata."""
    sys.path.insert(0, str(installed))
    try:
        for name in ALSO:
            importlib.import_module(name)
    except ImportError as error:
        raise SystemExit(f"bundle.py: {error}; `make deps` installs what is missing") from None
    places = [pathlib.Path(path) for path in sys.path if path.endswith(("dist-packages", "site-packages"))]
    names = {name.split(".")[0] for name, module in sys.modules.items() if getattr(module, "__file__", None)}
    found = []
    for place in places:
        if place == installed or not place.is_dir():
            continue
        for entry in sorted(place.iterdir()):
            distribution = re.match(r"(.+?)-[^-]*\.(dist|egg)-info$", entry.name)
            top = distribution[1] if distribution else entry.name.split(".")[0]
            if top in names or (distribution and top.lower() in {name.lower() for name in names}):
                found.append(entry)
    return found


def copy(source: pathlib.Path, target: pathlib.Path) -> None:
    """A file or a folder, links followed: what they lead to may not be where the archive is unpacked."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=left_out, dirs_exist_ok=True, ignore_dangling_symlinks=True)
    else:
        shutil.copy2(source, target)


def left_out(folder: str, names: list[str]) -> set[str]:
    """What `shutil.copytree` leaves out: also the tests of a package, unless the package itself imports them."""
    unwanted = shutil.ignore_patterns(*NOT_NEEDED, "*.a", "config-*", "*.pyc")(folder, names)
    loaded = {pathlib.Path(module.__file__).parent for name, module in sys.modules.items()
              if name.endswith(".tests") and getattr(module, "__file__", None)}
    tests = pathlib.Path(folder) / "tests"
    return unwanted | ({"tests"} if tests not in loaded else set())


def add_libraries(root: pathlib.Path) -> str:
    """Every shared library that the archive's files need, and the loader, whose name is returned."""
    private = root / "lib" / "private"
    private.mkdir(parents=True)
    needing = [root / "libexec" / "entente", root / "libexec" / "python3", *root.glob("lib/python3*/**/*.so")]
    loader = ""
    for file in needing:
        listed = subprocess.run(["ldd", file], capture_output=True, text=True, check=False).stdout
        if "not found" in listed:
            raise SystemExit(f"bundle.py: {file.name} needs what is not installed here:\n{listed}")
        for path in map(pathlib.Path, re.findall(r"(/\S+) \(0x", listed)):
            if not (private / path.name).exists():
                shutil.copy2(path, private / path.name)
            if path.name.startswith("ld-"):
                loader = path.name
    return loader


def add_launcher(root: pathlib.Path, name: str, loader: str, settings: str) -> None:
    path = root / "bin" / name
    path.write_text(LAUNCHER.format(name=name, loader=loader, settings=settings), encoding="ascii")
    path.chmod(0o755)


def write(root: pathlib.Path, out: pathlib.Path) -> None:
    """The archive, whole or not at all; nobody's names and times in it."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        return entry

    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    with tarfile.open(partial, "w:gz", compresslevel=6) as archive:
        archive.add(root, arcname=root.name, filter=plain)
    partial.rename(out)


if __name__ == "__main__":
    sys.exit(main())
