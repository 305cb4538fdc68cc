"""CONTRIBUTING.md's recipes name every place: on a copy of the project a toy statistic, a column of the log and a
per-replicate variable are added by editing files that the recipe lists and no other; it builds, and the tests that the
additions touch pass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import runs

ROOT = Path(__file__).resolve().parents[2]

#: Each edit puts text before a text that stands in exactly one of the recipe's files.
EDITS = {
    "statistic": [
        ('    X(LOG_GDP_INITIATOR,',
         '    X(WARMTH, "warmth", LAZY, TIE, STRENGTH, NONE, REF_NONE, 0, "half the strength") \\\n'),
        ("    case STATISTIC_ALIGNMENT:\n        return alignment(d);",
         "    case STATISTIC_WARMTH: {\n        range_t s = strength(d);\n"
         "        return (range_t){s.now / 2, s.least / 2, s.most / 2};\n    }\n"),
        ("        [STATISTIC_ALIGNMENT] = {b, b, true},\n", "        [STATISTIC_WARMTH] = {s / 2, s / 2, true},\n"),
        ("        case STATISTIC_ALIGNMENT:\n            v =",
         "        case STATISTIC_WARMTH:\n            v = naive_tie_now(n, e, t).s / 2;\n            break;\n"),
        ("| `log_trade` | sampled |", "| `warmth` | lazy | half the strength |\n"),
    ],
    "log column": [
        ("    X(strength, float,", '    X(direction, int8_t, NULL, NONE, "1 if it has a target, else 0") \\\n'),
        ("        .effect = 0,\n        .strength = NAN,\n", "        .direction = plan->target >= 0,\n"),
        ("| `events/strength` |", "| `events/direction` | int8 | event | | 1 if it has a target, else 0 |\n"),
    ],
    "per-replicate variable": [
        ("    int64_t *kind_counts;", "    double last_event; /* days; NaN before any */\n"),
        ("    log_clear(&result->log);\n", "    result->last_event = NAN;\n"),
        ("        result->kind_counts[kind]++;\n", "        result->last_event = self->now;\n"),
        ("    X(STOP_TIME,",
         '    X(LAST_EVENT, last_event, double, last_event, RUN, "days since start", NONE, "last event") \\\n'),
        ("| `event_count` |", "| `last_event` | float64 | variant, replicate | | when the last event was held |\n"),
    ],
}
#: Where each recipe stands (from this text to the next line that begins so), and the most places it may cost.
RECIPES = {
    "statistic": ("### Add a statistic\n", "### ", 5),
    "log column": ("- A column of the event log:", "- ", 3),
    "per-replicate variable": ("- A per-replicate variable:", "\n", 4),
}


def listed(recipe: str) -> list[str]:
    """The files that the recipe names."""
    start, end, _ = RECIPES[recipe]
    text = (ROOT / "CONTRIBUTING.md").read_text().split(start, 1)[1].split("\n" + end, 1)[0]
    return [name for name in dict.fromkeys(re.findall(r"`([\w/.-]+\.(?:c|h|md))`", text)) if (ROOT / name).is_file()]


def follow(recipe: str, copy: Path) -> set[str]:
    """Makes the recipe's edits in the copy; the files that took them."""
    places = set()
    for anchor, added in EDITS[recipe]:
        holding = [name for name in listed(recipe) if anchor in (copy / name).read_text()]
        assert len(holding) == 1, f"{recipe}: {anchor!r} is in {holding} of the files that its recipe lists"
        text = (copy / holding[0]).read_text()
        assert text.count(anchor) == 1, f"{holding[0]}: {anchor!r} is there more than once"
        (copy / holding[0]).write_text(text.replace(anchor, added + anchor))
        places.add(holding[0])
    return places


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with all three additions, built."""
    copy = tmp_path_factory.mktemp("recipes") / "entente"

    def unneeded(folder: str, names: list[str]) -> set[str]:
        return {".git", "build", "out", "__pycache__"} & set(names) if Path(folder) == ROOT else set()

    shutil.copytree(ROOT, copy, ignore=unneeded)
    for recipe, (_, _, most) in RECIPES.items():
        places = follow(recipe, copy)
        print(f"{recipe}: {len(places)} places: {', '.join(sorted(places))}")
        assert len(places) <= most, (recipe, places)
    run(copy, "cmake", "--preset", "debug", "-DENTENTE_WERROR=ON")
    targets = ("entente", "test_model_predictor", "test_store", "verify_naive")
    run(copy, "cmake", "--build", "build/debug", "--target", *targets)
    run(copy, sys.executable, "tools/update_language.py", "build/debug/entente")
    return copy


def run(copy: Path, *command: str) -> None:
    environment = os.environ | {
        "ENTENTE": str(copy / "build/debug/entente"), "ENTENTE_SOURCE_DIR": str(copy),
        "PYTHONPATH": str(copy / "analysis"),
    }
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@pytest.mark.long
def test_additions_pass_the_tests_they_touch(copy: Path) -> None:
    run(copy, "build/debug/tests/test_model_predictor")
    run(copy, "build/debug/tests/test_store")
    run(copy, "build/debug/tests/verify_naive", "--quick")
    tests = ("test_output_format.py", "test_language.py", "test_damaged_results.py")
    run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "tests/pytest.ini",
        "-m", "not long",
        *(f"tests/e2e/{name}" for name in tests))


@pytest.mark.long
def test_additions_are_in_the_file(copy: Path, tmp_path: Path) -> None:
    scenario = runs.SCENARIO.replace("log_effects: {strength: 0.5}", "log_effects: {warmth: 1}")
    path = tmp_path / "out.h5"
    run(copy, str(copy / "build/debug/entente"), "run", str(runs.write_scenario(tmp_path, scenario)), "-o", str(path))
    with h5py.File(path) as file:
        assert set(file["events/direction"][:]) == {1}
        assert file["last_event"].shape == file["stop_time"].shape
        assert file["last_event"].attrs["units"].decode().startswith("days since 2026")
        last, end = file["last_event"][:], file["stop_time"][:]
        assert (last <= end).any() and not (last > end).any()
