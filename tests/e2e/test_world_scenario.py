"""scenarios/world-2027.yaml: it agrees with the tables of scenarios/world, starts from the trade of 2023, and is small
enough for a laptop."""

from __future__ import annotations

import csv
import math
import os
import re
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

ROOT = Path(os.environ["ENTENTE_SOURCE_DIR"])
SCENARIO = ROOT / "scenarios/world-2027.yaml"
TEXT = SCENARIO.read_text()
REPLICATES = 3


def rows(name: str) -> list[dict[str, str]]:
    with open(ROOT / f"scenarios/world/{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def section(name: str) -> str:
    return re.search(rf"^{name}:\n((?:[ \n].*\n?)+)", TEXT, re.M)[1]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world") / "w.h5"
    runs.run(SCENARIO, out, "-n", REPLICATES, "-q", "--variant", "war_and_sanctions_end")
    return out


def test_groups_are_those_of_the_table() -> None:
    table: dict[str, set[str]] = {}
    for row in rows("groups"):
        if (row["status"] == "member" or row["group"] == "Abraham Accords") and row["actor"] != "HKG":
            table.setdefault(row["group"], set()).add(row["actor"])
    found = re.findall(r"^  ([^\s:{][^:\n]*):\s*\{?\s*members: \[([^\]]*)\]", section("groups"), re.M)
    assert len(found) > 20
    for name, members in found:
        assert set(re.findall(r"\w+", members)) == table[name.removesuffix(" members")], name


def test_sanctions_are_those_of_the_table() -> None:
    """In force in the table; those of the European Union are its members' too."""
    table = {(row["sender"], row["target"]) for row in rows("sanctions") if not row["until"]}
    european = {row["actor"] for row in rows("groups") if (row["group"], row["status"]) == ("EU", "member")}
    found = re.findall(r"condition: sanctions, tie: (\w+) -> (\w+)", section("ongoing"))
    assert len(found) > 30 and set(found) <= table
    assert not european & {sender for sender, _ in found}  # the Union's are theirs


def test_trade_begins_with_the_figures_of_2023(tmp_path: Path) -> None:
    """But for the noise; also where the model's shift by sanctions and war is in force."""
    made = tmp_path / "still.h5"
    still = [word for part in ("flow", "actor") for word in ("--set", f"trade.noise.{part}.sd=0")]
    runs.run(SCENARIO, made, "-n", REPLICATES, "-q", "--variant", "base", *still)
    figures = {f"{row['a']}-{row['b']}": sum(float(row[key] or 0) for key in ("trade_ab_usd", "trade_ba_usd"))
               for row in rows("ties")}
    with h5py.File(made) as file:
        ties = [name.decode() for name in file["tie"]]
        first = file["trade"][0, :, 0, :].reshape(REPLICATES, len(ties), 2).sum(axis=2)
    compared = 0
    for t, name in enumerate(ties):
        if figures[name] > 0 and name != "RUS-UKR":
            compared += 1
            np.testing.assert_allclose(first[:, t], figures[name], rtol=0.03, err_msg=name)
    assert compared >= 7
    ukraine = figures["RUS-UKR"]
    assert all(abs(math.log(value / ukraine)) < 0.1 for value in first[:, ties.index("RUS-UKR")])


def test_a_year_of_the_world(made: Path) -> None:
    with h5py.File(made) as file:
        assert not file["status"][()].any()
        names = [name.decode() for name in file["quantity"]]
        variants = [name.decode() for name in file["variant"]]
        values = {name: file["quantity_value"][:, :, q] for q, name in enumerate(names)}
    assert variants == ["base", "war_and_sanctions_end"]
    assert (500 < values["visits"]).all() and (values["visits"] < 1100).all()
    assert (1500 < values["calls"]).all() and (values["calls"] < 4000).all()
    assert (values["us_visits"] < 40).all() and (values["sanctions"] < 8).all()
    assert not values["war"][1].any()
    assert (values["deu_rus_trade"][1] > values["deu_rus_trade"][0]).all()


@pytest.mark.parametrize("command", ["check", "show"])
def test_is_read_at_once(command: str) -> None:
    """Within 5 s of one core and 500 MB."""
    done = subprocess.Popen([runs.ENTENTE, command, SCENARIO], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    assert done.returncode == 0
    assert used.ru_utime + used.ru_stime < 5 and used.ru_maxrss < 500_000
