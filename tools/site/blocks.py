"""Finds the code blocks of a Markdown page, and says in which language each is.

A block is fenced, or indented by four spaces after a blank line. A fence may name its language; of any other block the
first words tell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Programs that a command line of the documents starts.
PROGRAMS = (
    "entente build/release/entente make sudo cmake ctest python3 tar git qsub bsub flux sbatch apptainer docker "
    "Rscript conda spack brew ssh kubectl snakemake nextflow condor_submit wsl cd mkdir pip"
).split()


class Block(NamedTuple):
    """A code block: number of its first line (from 1, a fence included), of lines, language and text."""

    line: int
    n_lines: int
    language: str  #: sh, yaml, python, text, or what a fence says
    text: str


def blocks(page: str) -> Iterator[Block]:
    """Every code block of `page`, in order."""
    lines = page.split("\n")
    i, blank = 0, True
    while i < len(lines):
        fence = re.match(r"(```+)\s*(\S*)", lines[i])
        end = i + 1
        if fence:
            while end < len(lines) and not lines[end].startswith(fence[1]):
                end += 1
            text = "\n".join(lines[i + 1 : end])
            end += 1
            yield Block(i + 1, end - i, fence[2] or language(text), text)
        elif blank and re.match(r"    \S", lines[i]) and not in_list(lines, i):
            while end < len(lines) and (not lines[end].strip() or lines[end].startswith("    ")):
                end += 1
            while not lines[end - 1].strip():
                end -= 1
            text = "\n".join(line[4:] for line in lines[i:end])
            yield Block(i + 1, end - i, language(text), text)
        blank = not lines[end - 1].strip()
        i = end


def in_list(lines: list[str], i: int) -> bool:
    """Whether the indented line `i` continues an item of a list."""
    before = next((line for line in reversed(lines[:i]) if line.strip() and not line.startswith(" ")), "")
    return bool(re.match(r"[-*] |\d+\. ", before))


def language(text: str) -> str:
    """What a block without a name is: sh, yaml or text."""
    own = [line for line in text.split("\n") if line.strip() and not line.startswith(("#", " ", "-"))]
    if own and all(re.match(r"[A-Za-z_]\w*: ?\S|[A-Za-z_]\w*:$", line) for line in own):
        return "yaml"
    return "sh" if own and all(is_command(line) for line in own) else "text"


def is_command(line: str) -> bool:
    """Whether a line of a block starts a program, as a shell reads it."""
    first = re.match(r"(?:[A-Z_]+=\S+ )*(\S+)", line)
    return bool(first) and first[1] in PROGRAMS
