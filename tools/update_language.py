"""Writes what is made of the program's own tables of keys: scenarios/schema.json and the reference in
docs/scenario-format.md, with scenarios/minimal.yaml as it stands there.

    python3 tools/update_language.py build/release/entente
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs" / "scenario-format.md"
SCHEMA = ROOT / "scenarios" / "schema.json"
MARK = "<!-- reference -->\n"
FIRST, LAST = "`scenarios/minimal.yaml`:\n", "\n| lines |"


def made(entente: str, option: str) -> str:
    """What `entente check` prints of the language."""
    return subprocess.run([entente, "check", option], capture_output=True, text=True, check=True).stdout


def with_minimal(text: str) -> str:
    """The manual with the smallest scenario as it is now."""
    before, rest = text.split(FIRST, 1)
    after = rest.split(LAST, 1)[1]
    lines = (ROOT / "scenarios" / "minimal.yaml").read_text().rstrip("\n").split("\n")
    quoted = "".join(f"    {line}".rstrip() + "\n" for line in lines)
    return f"{before}{FIRST}\n{quoted}{LAST}{after}"


def manual(entente: str) -> str:
    """The manual with the reference as the program tells it."""
    return with_minimal(MANUAL.read_text().split(MARK)[0]) + MARK + "\n" + made(entente, "--reference")


def main() -> None:
    entente = sys.argv[1]
    MANUAL.write_text(manual(entente))
    SCHEMA.write_text(made(entente, "--schema"))


if __name__ == "__main__":
    main()
