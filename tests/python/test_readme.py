"""What the README and the docs say holds: the scenario shown is a right one, links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from entente import program

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")
def test_the_scenario_of_the_readme_is_right(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    folder = shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (folder / "readme.yaml").write_text(shown)
    program.call(["check", str(folder / "readme.yaml")])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def tables(text: str) -> list[list[str]]:
    """Lines of each table of a page; what stands in a code block is none."""
    out: list[list[str]] = [[]]
    code = False
    for line in text.splitlines():
        code ^= line.startswith("```")
        if line.startswith("|") and not code:
            out[-1].append(line)
        elif out[-1]:
            out.append([])
    return [table for table in out if table]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_tables_are_whole(page: Path) -> None:
    """A blank line within a table makes its rest plain text: each has a head and a rule."""
    for table in tables(page.read_text(encoding="utf-8")):
        assert len(table) > 2 and re.fullmatch(r"\|(\s*:?-+:?\s*\|)+", table[1]), table[0]
        columns = {len(re.findall(r"(?<!\\)\|", re.sub(r"`[^`]*`", "", line))) for line in table}
        assert len(columns) == 1, table[0]
