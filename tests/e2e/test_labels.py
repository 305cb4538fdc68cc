"""Labels and notes: accepted wherever there is a name, stored where results need them, shown by the tables."""

from __future__ import annotations

import json
import os
from pathlib import Path

import h5py

import runs

SCENARIO = """\
entente: 1
title: Labels
note: of everything
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {label: Arcadia, note: n}, BBB: {label: Borduria}}
groups: {G: {members: [AAA, BBB], label: The two, note: n, source: s}}
ties: {AAA-BBB: {strength: 0.1, note: n}}
conditions: {pact: {label: Pact of friendship, note: n, alignment_shift: 0.1}}
kinds:
  call: {scope: initiator -> target, label: Telephone call, note: n, rate: {per_year: 6}, effect: {goldstein: 2}}
  visit: {scope: initiator -> target, effect: {goldstein: 4}}
ongoing: [{condition: pact, tie: AAA-BBB, label: The pact in force, note: n}]
history: [{date: 2025-12-01, kind: visit, initiator: AAA, target: BBB, label: The earlier visit, note: n}]
calendar: [{id: v1, date: 2026-03-01, kind: visit, initiator: AAA, target: BBB, label: The visit in March, note: n}]
interventions: [{id: end, at: 2026-06-01, label: End of the pact, note: n, close: [{condition: pact, tie: AAA-BBB}]}]
quantities: {strength: {strength: AAA-BBB, label: How close they are, note: n}}
variants: {alone: {label: Without the visit, note: n, drop: [v1]}, same: {set: {kinds.call.rate.per_year: 7}}}
uncertain:
  kinds.call.rate.per_year: {uniform: [4, 8], label: How often they call, note: n, source: s}
  kinds.call.effect.goldstein: {uniform: [1, 3]}
monte_carlo: {replicates: 40}
"""


def test_results_have_them(tmp_path: Path) -> None:
    told = runs.run(runs.write_scenario(tmp_path, SCENARIO), tmp_path / "out.h5").stdout
    with h5py.File(tmp_path / "out.h5") as file:
        found = {name: [text.decode() for text in file[f"{name}_label"]] for name in ("variant", "kind", "parameter")}
    assert found["variant"] == ["", "Without the visit", ""]
    assert found["kind"] == ["Telephone call", ""]
    assert sorted(found["parameter"]) == ["", "How often they call"]
    read = [runs.entente(command, tmp_path / "out.h5").stdout for command in ("show", "compare")]
    for text in (told, *read):
        assert "alone  Without the visit" in text and "How close they are" in text
    assert "How often they call" in runs.entente("compare", tmp_path / "out.h5", "--why").stdout
    shown = runs.entente("show", tmp_path / "three.yaml").stdout
    for label in ("Telephone call", "Pact of friendship", "Without the visit"):
        assert label in shown, label


def test_attribution_has_them(tmp_path: Path) -> None:
    runs.write_scenario(tmp_path, SCENARIO)
    done = runs.entente("attribute", tmp_path / "three.yaml", "-o", tmp_path / "a.h5", "--kinds", "-n", 20)
    assert done.returncode == 0 and "v1         The visit in March" in done.stdout, done.stdout + done.stderr
    assert "kind:call  Telephone call" in done.stdout


def test_no_result_depends_on_them(tmp_path: Path) -> None:
    plain, labelled = tmp_path / "plain", tmp_path / "labelled"
    for folder, text in ((plain, SCENARIO.replace("label: Without the visit, ", "")), (labelled, SCENARIO)):
        folder.mkdir()
        runs.run(runs.write_scenario(folder, text), folder / "out.h5")
    without, with_label = runs.results(plain / "out.h5"), runs.results(labelled / "out.h5")
    assert with_label.pop("variant_label") and without == with_label
    again = runs.entente("run", labelled / "three.yaml", "-o", plain / "out.h5")
    assert again.returncode == 0, again.stderr  # the same identity


def test_every_name_has_a_label_and_a_note() -> None:
    """In the schema: all that has a name of its own; a description is no parameter, and has no label."""
    schema = json.loads((Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios" / "schema.json").read_text())
    named = ["actor", "group", "condition", "kind", "ongoing", "entry", "intervention", "quantity", "variant"]
    for name in named:
        form = schema["definitions"][name]
        keys = form.get("anyOf", [form])[0]["properties"]
        assert {"label", "note"} <= set(keys), name
