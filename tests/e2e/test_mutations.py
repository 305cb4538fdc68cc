"""Every shipped scenario with one key taken out, or one scalar of a wrong type: `entente check` ends with 0
or 65, never otherwise; what is wrong has a line and a column of one of the scenario's files."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ENTENTE = os.environ["ENTENTE"]
SCENARIOS = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios"
FILES = sorted(SCENARIOS.glob("*.yaml")) + sorted((SCENARIOS / "kinds").glob("*.yaml"))
LEAST = 600  # mutations over all files
PLACE = re.compile(r"^(\S+?):(\d+):(\d+): (error|warning): ", re.M)

# A key with its value on one line, in a block or a flow mapping; and a scalar value.
KEY = re.compile(r"(?P<key>[A-Za-z_][\w.+/-]*): ?(?P<value>\{[^{}]*\}|\[[^\[\]]*\]|[^,{}\[\]\n#]*)")
WRONG = ["{}", "[]", "[1, 2]", "{a: 1}", "-17", "1e400", "nonsense", '""', "2026-99-99", "~", "true", "nan",
         "KAZ-", "- x"]


def mutations(text: str, count: int, seed: int) -> list[str]:
    """Texts that differ from `text` by one key removed, renamed or doubled, or one value of a wrong type."""
    draw = random.Random(seed)
    matches = [m for m in KEY.finditer(text)
               if not text[text.rfind("\n", 0, m.start()) + 1:m.start()].lstrip().startswith("#")]
    result = []
    for _ in range(count):
        match = draw.choice(matches)
        before, after = text[:match.start()], text[match.end():]
        key, value = match["key"], match["value"]
        how = draw.randrange(5)
        if how == 0:
            new = ""
            if after.startswith(","):
                after = after[1:]
        elif how == 1:
            new = f"{key[:-1]}q: {value}"
        elif how == 2:
            new = f"{key}: {value}, {key}: {value}"
        else:
            new = f"{key}: {draw.choice(WRONG)}"
        result.append(before + new + after)
    return result


def check(folder: Path, scenario: str) -> tuple[int, str]:
    run = subprocess.run(
        [ENTENTE, "check", "--quiet", scenario],
        cwd=folder, capture_output=True, text=True, timeout=20, check=False,
    )
    return run.returncode, run.stderr


def assert_sound(folder: Path, scenario: str, changed: str) -> int:
    code, messages = check(folder, scenario)
    assert code in (0, 65, 66), f"exit {code}\n{messages}\n{changed}"
    places = PLACE.findall(messages)
    if code != 0:
        assert any(severity == "error" for *_, severity in places), messages
    for file, line, column, _ in places:
        lines = (folder / file).read_text().split("\n")
        assert 1 <= int(line) <= len(lines)
        assert 1 <= int(column) <= len(lines[int(line) - 1]) + 1, messages
    return code


def mutate(folder: Path, file: Path, count: int, seed: int) -> list[int]:
    """Checks `count` mutations of a file in a copy of the scenarios' folder; the exit codes."""
    shutil.copytree(SCENARIOS, folder, dirs_exist_ok=True)
    place = folder / file.relative_to(SCENARIOS)
    user = file if file.parent == SCENARIOS else next(
        scenario for scenario in FILES if file.name in scenario.read_text() and scenario.parent == SCENARIOS
    )
    codes = []
    for text in mutations(file.read_text(), count, seed):
        place.write_text(text)
        codes.append(assert_sound(folder, user.name, text if len(text) < 3000 else file.name))
    return codes


def test_mutations_of_every_scenario(tmp_path: Path) -> None:
    each = -(-LEAST // len(FILES))
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(mutate, tmp_path / str(n), file, each, n) for n, file in enumerate(FILES)]
        codes = [code for job in jobs for code in job.result()]
    assert len(codes) >= LEAST
    # A check that never complains, or always, would be no check.
    assert 0.4 < sum(code != 0 for code in codes) / len(codes) < 1


@pytest.mark.parametrize("file", [f for f in FILES if f.parent == SCENARIOS], ids=lambda path: path.stem)
def test_scenarios_are_right(file: Path) -> None:
    code, messages = check(file.parent, file.name)
    assert code == 0, messages
    assert not messages
