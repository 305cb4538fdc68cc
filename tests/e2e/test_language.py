"""The language as the program tells it, as scenarios/schema.json and docs/scenario-format.md have it, and as
the shipped scenarios use it, is one language."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ENTENTE = os.environ["ENTENTE"]
ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
MANUAL = ROOT / "docs" / "scenario-format.md"
sys.path.insert(0, str(ROOT / "tools"))

import update_language  # noqa: E402

RENEW = "run tools/update_language.py on the program"


def schema() -> dict[str, Any]:
    return json.loads((ROOT / "scenarios" / "schema.json").read_text())


def load(text: str) -> Any:
    """YAML as the program reads it: no dates, `yes` is a text."""
    yaml = pytest.importorskip("yaml")

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[1] in ("int", "null")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?$"), list("-+.0123456789"),
    )
    return yaml.load(text, Loader)


def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft7Validator.check_schema(schema())
    return jsonschema.Draft7Validator(schema())


def test_schema_is_the_program_s() -> None:
    assert (ROOT / "scenarios" / "schema.json").read_text() == update_language.made(ENTENTE, "--schema"), RENEW


def test_manual_is_the_program_s() -> None:
    assert MANUAL.read_text() == update_language.manual(ENTENTE), RENEW


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_fit_the_schema(path: Path) -> None:
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator().iter_errors(load(path.read_text()))]
    assert not errors


@pytest.mark.parametrize("name", ["unknown-key", "wrong-type", "missing-key", "ranges", "levels"])
def test_the_schema_refuses_what_the_reader_refuses(name: str) -> None:
    text = (ROOT / "tests" / "golden" / f"{name}.yaml").read_text()
    assert list(validator().iter_errors(load(text)))


def test_every_definition_is_used_and_defined() -> None:
    text = json.dumps(schema())
    used = set(re.findall(r'"#/definitions/([^"]+)"', text))
    assert used == set(schema()["definitions"])


def test_links_in_the_manual_lead_somewhere() -> None:
    text = MANUAL.read_text()
    found = re.findall(r"^#+ (.*)$", text, re.M)
    headings = {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in found}
    missing = set(re.findall(r"\]\(#([\w-]+)\)", text)) - headings
    assert not missing


def test_examples_in_the_reference_are_yaml() -> None:
    rows = [line.split(" | ") for line in MANUAL.read_text().split(update_language.MARK)[1].split("\n")]
    examples = [row[-1].rstrip(" |").strip("`") for row in rows if len(row) == 5 and row[-1].startswith("`")]
    assert len(examples) > 80
    for example in examples:
        assert load(f"x: {example}")["x"] is not None


def test_values_the_manual_calls_the_same(tmp_path: Path) -> None:
    delays = ["{gamma: {mean: 10 d, shape: 2}}", "{gamma: [10 d, 2]}", "{exponential: 10 d}", "10 d",
              "{constant: 10 d}"]
    for delay in delays:
        path = tmp_path / "x.yaml"
        path.write_text(
            "entente: 1\ntitle: x\nperiod: {start: 2026-01-01, end: 2027-01-01}\nactors: {A: {}, B: {}}\n"
            "ties: {A-B: }\n"
            f"kinds: {{call: {{scope: dyad, then: [{{kind: call, probability: 0.1, delay: {delay}}}]}}}}\n"
        )
        run = subprocess.run([ENTENTE, "check", str(path)], capture_output=True, text=True, timeout=10, check=False)
        assert run.returncode == 0, run.stderr
