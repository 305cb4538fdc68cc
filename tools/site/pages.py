"""The pages of the site that are files of the repository, and where links between them lead on the site."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from blocks import blocks

ROOT = Path(__file__).resolve().parents[2]
REFERENCE_MARK = "<!-- reference -->\n"
LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\]]*\])*\])\(([^)\s]+)\)")


class Pages:
    """Which file of the repository is which page of the site, by paths from the root of each."""

    def __init__(self, source: Path) -> None:
        self.source = source  #: where the pages are gathered for the generator
        self.at = {"README.md": "index.md", "docs/README.md": "guides.md"}
        self.at |= {name: name.lower() for name in ("CHANGELOG.md", "CONTRIBUTING.md")}
        for path in sorted((ROOT / "docs").glob("*.md")):
            self.at.setdefault(str(path.relative_to(ROOT)), path.name)
        for path in sorted((ROOT / "scenarios").rglob("*.md")):
            self.at[str(path.relative_to(ROOT))] = f"{path.parent.relative_to(ROOT)}.md"
        for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
            self.at[str(path.relative_to(ROOT))] = str(path.relative_to(ROOT).with_suffix(".md"))
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            self.at[str(path.relative_to(ROOT))] = f"notebooks/{path.stem}.md"
        self.at |= {
            "scenarios": "scenarios/index.md",
            "notebooks": "notebooks/index.md",
            "analysis": "python/index.md",
            "sim": "headers/index.md",
            "tests": "contributing.md",
        }

    def guides(self) -> list[str]:
        """The pages of docs/, by name."""
        return [page.removesuffix(".md") for name, page in self.at.items() if name.startswith("docs/")]

    def text(self, name: str) -> str:
        """The page of the file `name` of the repository as the site has it."""
        return self.moved((ROOT / name).read_text(encoding="utf-8"), name)

    def moved(self, text: str, name: str) -> str:
        """`text` of the file `name` with its links as the site needs them, and with the languages of its blocks."""
        return in_prose(fenced(text), lambda prose: LINK.sub(lambda link: self._link(link, name), prose))

    def write(self, page: str, text: str) -> None:
        path = self.source / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _link(self, link: re.Match[str], name: str) -> str:
        target, _, anchor = link[2].partition("#")
        if re.match(r"[a-z]+:", target) or not target:
            return link[0]
        there = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        page = self.at.get(there)
        if page is None:
            if not (ROOT / there).is_file():
                raise ValueError(f"{name}: {target} leads nowhere")
            page = f"files/{there}"
            (self.source / page).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / there, self.source / page)
        here = posixpath.dirname(self.at[name])
        path = posixpath.relpath(page, here or ".")
        return f"{link[1]}({path}{f'#{anchor}' if anchor else ''})"


def fenced(text: str) -> str:
    """`text` with a fence, and the language, around each code block."""
    lines = text.split("\n")
    for block in reversed(list(blocks(text))):
        tick = "````" if "```" in block.text else "```"
        new = [f"{tick}{block.language}", *block.text.split("\n"), tick]
        lines[block.line - 1 : block.line - 1 + block.n_lines] = new
    return "\n".join(lines)


def in_prose(text: str, change) -> str:
    """`text` with `change` made to all of it but fenced blocks and code spans."""
    parts = re.split(r"(^(`{3,}).*?^\2$|`[^`\n]+`)", text, flags=re.M | re.S)
    # of each split: prose, the code, the ticks of its fence
    out = []
    for i in range(0, len(parts), 3):
        out.append(change(parts[i]))
        out += parts[i + 1 : i + 2]
    return "".join(out)


def slug(heading: str) -> str:
    """The anchor of a heading."""
    plain = re.sub(r"[`*\\]", "", heading).strip().lower()
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain))


def headings(text: str) -> set[str]:
    """The anchors of a page."""
    return {slug(found) for found in re.findall(r"^#+ (.*)$", text, re.M)}


def split_reference(text: str) -> tuple[str, str]:
    """The manual of the scenario language and, as a page of its own, the reference at its end."""
    manual, reference = text.split(REFERENCE_MARK)
    manual = re.sub(r"\n## Reference\s*\Z", "", manual.rstrip()) + "\n"
    reference = "# Scenario reference\n\nEvery key of a scenario, from the program's own tables: the same as "
    reference += "`entente check --reference`, and as `scenarios/schema.json` for editors.\n" + re.sub(
        r"^### ", "## ", text.split(REFERENCE_MARK)[1], flags=re.M
    )
    return (
        redirected(manual, of_reference(manual, reference), "scenario-reference.md"),
        redirected(reference, headings(manual) - headings(reference), "scenario-format.md"),
    )


def of_reference(manual: str, reference: str) -> set[str]:
    """The anchors that the manual and its reference had as one page, and that are of the reference."""
    return headings(reference) - headings(manual) | {"reference"}


def redirected(text: str, anchors: Iterable[str], page: str, frm: str = "") -> str:
    """`text` with links to an anchor of `frm` (the page itself) leading to the same anchor of `page` beside it."""
    away = set(anchors)

    def change(link: re.Match[str]) -> str:
        target, _, anchor = link[2].partition("#")
        if posixpath.basename(target) != frm or anchor not in away:
            return link[0]
        there = posixpath.join(posixpath.dirname(target), page)
        return f"{link[1]}({there}{'' if anchor == 'reference' else f'#{anchor}'})"

    return in_prose(text, lambda prose: LINK.sub(change, prose))
