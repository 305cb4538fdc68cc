"""The code blocks and commands of the documents: options exist, examples run, YAML is valid, Python has a syntax."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
sys.path.insert(0, str(ROOT / "tools" / "site"))

from blocks import blocks  # noqa: E402

jsonschema = pytest.importorskip("jsonschema")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")),
         *sorted((ROOT / "scenarios").rglob("*.md"))]  # fmt: skip
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")


# ---- commands ---------------------------------------------------------------------------------------


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every call of the program in blocks and in code spans."""
    text = page.read_text(encoding="utf-8")
    joined = [re.sub(r"\\\n *", "", block.text) for block in blocks(text) if block.language in ("sh", "text")]
    lines = [line for part in joined for line in part.split("\n")] + re.findall(r"`(entente [^`\n]+)`", text)
    for line in lines:
        call = re.split(r" {2,}", line)[0]  # what it does may follow
        found = re.match(r"(?:build/release/)?entente ([a-z-]+ .*)", call)
        if found:
            words = shlex.split(found[1].replace("...", "").replace("&&", "--"), comments=True)
            yield words[: words.index("--")] if "--" in words else words


@cache
def options(command: str) -> frozenset[str]:
    """Spellings of the options of a command."""
    told = runs.entente(command, "--help")
    assert told.returncode == 0, command
    return frozenset(re.findall(r"^ {2,6}.*?(?<!\S)(--?[a-z][a-z-]*|-[A-Za-z?])(?=[ ,=\n])", told.stdout, re.M)) | {
        name for line in re.findall(r"^ {2,6}(-.*)", told.stdout, re.M)
        for name in re.findall(r"(?<!\S)(--[a-z-]+|-[A-Za-z?])(?=[ ,=]|$)", line)
    }  # fmt: skip


@by_page
def test_commands_have_their_options(page: Path) -> None:
    for words in commands(page):
        given = {word.split("=")[0] for word in words[1:] if re.match(r"--?[A-Za-z]", word)}
        assert given <= options(words[0]), f"{words}: {given - options(words[0])}"


#: Examples as they stand, with fewer replicates and points; others need data, a scheduler or a reader, or minutes.
RUN = {"run", "sweep", "attribute", "trace", "compare", "choose", "discover", "show", "check", "figure",
       "export"}  # fmt: skip


def smaller(words: list[str]) -> list[str]:
    """The same command with few replicates and points."""
    out = list(words)
    for option, most in (("-n", "4"), ("--points", "8"), ("--interactions", "2")):
        if option in out:
            out[out.index(option) + 1] = most
    if out[0] in ("run", "sweep", "attribute") and "-n" not in out:
        out += ["-n", "4"]
    if out[0] == "sweep" and out[1].startswith("@"):
        out += ["--points", "2"]
    return out


@pytest.mark.long
@by_page
def test_examples_run(page: Path, tmp_path: Path) -> None:
    """In their order, each whose files are there: the shipped scenarios, and what the commands before wrote."""
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    for words in commands(page):
        first = words[1].removeprefix("@") if len(words) > 1 else ""
        if words[0] not in RUN or not (tmp_path / first).is_file() or "--task" in words:
            continue
        done = runs.entente(*smaller(words), cwd=tmp_path)
        few = words[0] == "discover" and "boxes" in done.stderr  # too few points for a box
        assert done.returncode == 0 or few, f"{words}\n{done.stderr}"


# ---- YAML and Python --------------------------------------------------------------------------------


class Loader(yaml.SafeLoader):
    """Dates stay text, as the schema has them, and no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(set(map(str, keys))) == len(keys), keys
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    first: [(tag, how) for tag, how in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
SCHEMA = json.loads((ROOT / "scenarios" / "schema.json").read_text())


def parts(text: str) -> list[str]:
    """The block, or, where it shows one key in several ways, each of them."""
    keys = re.findall(r"^(\w+):", text, re.M)
    return [text] if len(set(keys)) == len(keys) else re.split(r"\n(?=\w)", text)


def places(key: str, schema: dict[str, object]) -> Iterator[dict[str, object]]:
    """What the schema says of `key`, wherever it may stand."""
    found: list[object] = [schema]
    while found:
        each = found.pop()
        if isinstance(each, dict):
            own = each.get("properties")
            if isinstance(own, dict) and key in own:
                yield own[key]
            found += each.values()
        elif isinstance(each, list):
            found += each


def of_the_language(key: str, value: object, schema: dict[str, object] = SCHEMA) -> bool:
    """Whether `key` with this value may stand somewhere in a scenario."""
    return any(jsonschema.Draft7Validator({**place, "definitions": schema["definitions"]}).is_valid(value)
               for place in places(key, schema))  # fmt: skip


def laid_over(schema: object) -> object:
    """The schema of a scenario that extends another: what is required may stand there."""
    if isinstance(schema, dict):
        return {key: laid_over(value) for key, value in schema.items() if key != "required" or isinstance(value, dict)}
    return [laid_over(each) for each in schema] if isinstance(schema, list) else schema


def yaml_blocks(page: Path) -> Iterator[str]:
    """Those of the scenario language, not of others (`apiVersion` of Kubernetes)."""
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language == "yaml" and not block.text.startswith("apiVersion:"):
            yield block.text


@by_page
def test_yaml_is_of_the_language(page: Path, tmp_path: Path) -> None:
    """A whole scenario is checked by the program; of a part each key is valid somewhere in the schema."""
    for text in yaml_blocks(page):
        if re.search(r"^entente:", text, re.M):
            (tmp_path / "shown.yaml").write_text(text)
            done = runs.entente(f"--library={ROOT / 'scenarios'}", "check", tmp_path / "shown.yaml")
            assert done.returncode == 0, done.stderr
            continue
        for part in parts(text):
            read = yaml.load(part, Loader)
            schema = laid_over(SCHEMA) if "extends" in read else SCHEMA
            for key, value in read.items():
                assert of_the_language(str(key), value, schema), f"{key}: {value}"


def test_a_part_that_is_wrong_is_found() -> None:
    assert of_the_language("kinds", {"call": {"rate": {"per_year": 1}}})
    assert not of_the_language("kinds", {"call": {"rte": {"per_year": 1}}})
    assert not of_the_language("kindz", {})


@by_page
def test_python_has_a_syntax(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language == "python":
            ast.parse(block.text)


# ---- the tutorial -----------------------------------------------------------------------------------


def test_the_tutorial_runs_as_it_stands(tmp_path: Path) -> None:
    """Its files are written, its commands run, and each line of output that it shows is printed."""
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    names = iter(re.findall(r"file,? `(\w+\.yaml)`[,:.]", page))
    printed = ""
    for block in blocks(page):
        if block.language == "yaml":
            (tmp_path / next(names)).write_text(block.text + "\n")
        elif block.language == "sh":
            printed = ""
            for line in block.text.split("\n"):
                done = runs.entente(*shlex.split(line)[1:], cwd=tmp_path)
                assert done.returncode == 0, f"{line}\n{done.stderr}"
                printed += done.stdout
        elif "error" not in block.text:
            for line in block.text.split("\n"):
                assert line in printed, f"{line}\n{printed}"
    broken = (tmp_path / "neighbours.yaml").read_text().replace("strength: 0.1,", "strenght: 0.1,")
    (tmp_path / "neighbours.yaml").write_text(broken)
    (told,) = (block.text for block in blocks(page) if "error" in block.text)
    assert told in runs.entente("check", "neighbours.yaml", cwd=tmp_path).stderr
