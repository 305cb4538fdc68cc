#!/usr/bin/env python3
"""Runs notebooks from top to bottom, each on a copy, and says how long they took.

    make notebooks
    PYTHONPATH=analysis python3 tools/notebooks.py [--replicates N] [NOTEBOOK...]

Without names, all of notebooks/. What they write goes to a folder that is removed. Ends with 1 if one fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def notebooks() -> list[Path]:
    """All that there are, in their order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def execute(notebook: Path, folder: Path, replicates: int | None = None) -> dict[str, Any]:
    """Run a copy of `notebook` below `folder`, where it finds scenarios; the copy with its output.

    `replicates` takes the place of every number of replicates in it, and a sweep then has few points. Raises
    RuntimeError with the traceback.
    """
    (folder / "notebooks").mkdir()
    (folder / "scenarios").symlink_to(ROOT / "scenarios")
    text = notebook.read_text(encoding="utf-8")
    if replicates is not None:
        text, found = re.subn(r"replicates=\d+", f"replicates={replicates}", text)
        text = re.sub(r"points=\d+", "points=4", text)
        if not found:
            raise RuntimeError(f"{notebook.name} has no run to make small")
    copy = folder / "notebooks" / notebook.name
    copy.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(copy)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "analysis")}  # the kernel starts in another folder
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    ran: dict[str, Any] = json.loads(copy.read_text(encoding="utf-8"))
    return ran


def main() -> int:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description="Runs notebooks from top to bottom.")
    parser.add_argument("notebook", nargs="*", type=Path, help="default: all")
    parser.add_argument("--replicates", type=int, help="instead of the notebooks' own numbers")
    options = parser.parse_args()
    failed, start = 0, time.monotonic()
    for notebook in options.notebook or notebooks():
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                execute(notebook, Path(folder), options.replicates)
                said = "ok"
            except RuntimeError as error:
                failed, said = 1, f"failed\n{error}"
        print(f"{time.monotonic() - begun:6.1f} s  {notebook.stem}: {said}", flush=True)
    print(f"{time.monotonic() - start:6.1f} s  in all")
    return failed


if __name__ == "__main__":
    sys.exit(main())
