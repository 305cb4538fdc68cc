#!/usr/bin/env python3
"""What keeps the rooms of sim/ small: files a folder, lines a file and a function, parameters a function, and that
each external name says where it is from.

    tools/house.py [BUILD]   (build/release; without one the names of symbols are not looked at)

Prints what is over a limit and ends with 1 if anything is. What is allowed beyond it stands in EXCEPTIONS.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES, LINES, BODY, PARAMETERS = 20, 500, 70, 8
EXCEPTIONS: set[str] = set()  # a folder, a file, or a file:name


def code_of(text: str) -> str:
    """The text with comments and literals blanked, line for line."""
    pattern = r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    return re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.S)


def functions(code: str) -> Iterator[tuple[str, int, int, int]]:
    """Of each function with a body: its name, first line, number of lines and of parameters."""
    for found in re.finditer(r"^[a-z][^;{}#=]*?\b(\w+)\(", code, re.M):
        parameters, i = closed(code, found.end() - 1, "()")
        if not code[i:].lstrip().startswith("{") or found[0].startswith("typedef"):
            continue
        _body, end = closed(code, code.index("{", i), "{}")
        first = code.count("\n", 0, found.start()) + 1
        yield found[1], first, code.count("\n", found.start(), end) + 1, commas(parameters)


def closed(code: str, start: int, pair: str) -> tuple[str, int]:
    """What stands between the bracket at `start` and the one that closes it, and where that ends."""
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] == pair[0]) - (code[i] == pair[1])
        if depth == 0:
            return code[start + 1:i], i + 1
    return "", len(code)


def commas(parameters: str) -> int:
    depth = n = 0
    for c in parameters:
        depth += (c in "([{") - (c in ")]}")
        n += c == "," and depth == 0
    return n + 1 if parameters.strip() not in ("", "void") else 0


def declarations(code: str) -> Iterator[tuple[str, int]]:
    """Of each prototype its name and number of parameters."""
    for found in re.finditer(r"^[a-z][^;{}#=()]*?\b(\w+)\(", code, re.M):
        parameters, i = closed(code, found.end() - 1, "()")
        if re.match(r"\s*(__attribute__.*?)?;", code[i:], re.S):
            yield found[1], commas(parameters)


def over_limits() -> Iterator[tuple[str, str]]:
    for folder in sorted(path for path in [*(ROOT / "sim").rglob("*")] if path.is_dir()):
        n = sum(path.is_file() for path in folder.iterdir())
        if n > FILES:
            yield str(folder.relative_to(ROOT)), f"{n} files at one level; {FILES} are the most"
    for path in sorted((ROOT / "sim").rglob("*.[ch]")):
        name, text = str(path.relative_to(ROOT)), path.read_text()
        code, n = code_of(text), text.count("\n")
        if n > LINES:
            yield name, f"{n} lines; {LINES} are the most"
        for function, first, lines, parameters in functions(code):
            if lines > BODY:
                yield f"{name}:{function}", f"line {first}: {lines} lines; {BODY} are the most"
            if parameters > PARAMETERS:
                yield f"{name}:{function}", f"line {first}: {parameters} parameters; {PARAMETERS} are the most"
        for function, parameters in declarations(code) if path.suffix == ".h" else ():
            if parameters > PARAMETERS:
                yield f"{name}:{function}", f"{parameters} parameters; {PARAMETERS} are the most"


def starts(name: str) -> set[str]:
    """store_file_open: store, store_file, store_file_open, and their plurals."""
    parts = name.split("_")
    begun = {"_".join(parts[:i]) for i in range(1, len(parts) + 1)}
    return begun | {f"{start}{ending}" for start in begun for ending in ("s", "es")}


def prefixes(layer: str, file: str, symbol: str, headers: dict[Path, str]) -> set[str]:
    """What the symbol of that file may begin with: the file's name or that of the header which declares it, with or
    without their folder's name; the folder's name."""
    folder = ROOT / "sim" / layer
    sources = list(folder.rglob(f"{file}.c"))
    at = sources + [path for path in headers if folder in path.parents and re.search(rf"\b{symbol}\b", headers[path])]
    good = {path.parent.name for path in at} - {layer}
    for path in at:
        good |= starts(path.stem) | starts(path.stem.removeprefix(f"{layer}_"))
    return good - {"internal"}


def without_prefix(build: Path) -> Iterator[tuple[str, str]]:
    """External symbols that do not say what file or type they belong to."""
    headers = {path: code_of(path.read_text()) for path in (ROOT / "sim").rglob("*.h")}
    types = {name for text in headers.values() for name in re.findall(r"\b([a-z]\w*)_t\b", text)}
    types |= {f"{name}{ending}" for name in types for ending in ("s", "es")}
    for folder in sorted((ROOT / "sim").iterdir()):
        library = build / f"libentente_{folder.name}.a"
        command = ["nm", "-A", "--defined-only", "--extern-only", library]
        for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
            found = re.search(r":([\w.]+)\.c\.o:\w* +([A-Z]) (\w+)$", line)
            if not found or found[3].startswith("__gnu_lto"):
                continue
            file, sort, symbol = found.groups()
            one_word = sort == "T" and "_" not in symbol
            if one_word or not starts(symbol) & (types | prefixes(folder.name, file, symbol, headers)):
                source = next(folder.rglob(f"{file}.c"), file)
                yield f"{Path(source).relative_to(ROOT)}:{symbol}", "an external name without its file's or type's"


def main(build: Path) -> int:
    unused, bad = set(EXCEPTIONS), False
    for name, what in [*over_limits(), *(without_prefix(build) if build.is_dir() else ())]:
        excepted = {path for path in EXCEPTIONS if name == path or name.startswith((f"{path}/", f"{path}:"))}
        unused -= excepted
        if not excepted:
            print(f"{name}: {what}")
            bad = True
    if not build.is_dir():
        print(f"house: {build} is not there: external names are not looked at")
    for name in sorted(unused):
        print(f"{name}: nothing is over a limit; it needs no exception")
    return int(bad or bool(unused))


if __name__ == "__main__":
    sys.exit(main(ROOT / (sys.argv[1] if len(sys.argv) > 1 else "build/release")))
