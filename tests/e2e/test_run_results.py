"""Results depend on the plan alone: not on workers, blocks, order, or how the run came about."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def scenario(folder: Path) -> Path:
    return runs.write_scenario(folder)


@pytest.fixture(scope="module")
def one(folder: Path, scenario: Path) -> Path:
    """One worker, blocks of 7: the last block is cut short."""
    path = folder / "one.h5"
    runs.run(scenario, path, "-j", 1, "--block", 7)
    return path


@pytest.mark.parametrize("workers", [2, 5, 16])
def test_workers_do_not_matter(folder: Path, scenario: Path, one: Path, workers: int) -> None:
    other = folder / f"workers-{workers}.h5"
    runs.run(scenario, other, "-j", workers, "--block", 7)
    assert runs.differences(one, other) == ""


def test_shares_in_reverse_order(folder: Path, scenario: Path, one: Path) -> None:
    """Each by a process of its own, as on a cluster; the merge goes by what they were told."""
    out, options = folder / "shares.h5", ("--block", 7, "--task")
    for task in (2, 1):
        runs.run(scenario, out, *options, f"{task}/3")
    missing = runs.entente("merge", out)
    assert missing.returncode == 65 and "are missing" in missing.stderr and not out.exists()
    environment = {**os.environ, "SLURM_ARRAY_TASK_ID": "4", "SLURM_ARRAY_TASK_MIN": "4", "SLURM_ARRAY_TASK_COUNT": "3"}
    told = runs.run(scenario, out, *options, "auto", env=environment)
    assert "share 0 of 3 is done" in told.stderr and told.stdout == ""
    done = runs.entente("merge", out, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["simulated"] == 0
    assert runs.differences(one, out) == "" and not Path(f"{out}.parts").exists()
    refused = runs.entente("run", scenario, "-o", out, "--task", "0/3", "--precision", "x=1")
    assert refused.returncode == 64 and "--task cannot be combined with" in refused.stderr


def test_a_recipe_that_is_no_command(folder: Path) -> None:
    parts = folder / "spoilt.h5.parts"
    parts.mkdir()
    (parts / "plan").write_text("format: 2\n")
    (parts / "recipe").write_text(f"{folder}\nwalk\nscenario.yaml\n")
    done = runs.entente("merge", folder / "spoilt.h5")
    assert done.returncode == 65 and "recipe is damaged" in done.stderr


def test_a_planted_difference_is_found(folder: Path, scenario: Path, one: Path) -> None:
    other = folder / "seed.h5"
    runs.run(scenario, other, "--block", 7, "-s", 6)
    assert runs.differences(one, other) != ""


@pytest.mark.parametrize("block", [1, 13, 100])
def test_blocks_do_not_matter(folder: Path, scenario: Path, one: Path, block: int) -> None:
    other = folder / f"block-{block}.h5"
    runs.run(scenario, other, "--block", block)
    with h5py.File(one) as a, h5py.File(other) as b:
        assert set(a) == set(b)

        def same(name: str, item: object) -> None:
            if isinstance(item, h5py.Dataset) and not name.startswith("provenance"):
                x, y = item[()], b[name][()]
                if item.dtype.kind == "f":
                    np.testing.assert_array_equal(x, y, err_msg=name)
                else:
                    assert (x == y).all(), name

        a.visititems(same)


def test_more_replicates_reuse_what_is_there(folder: Path, scenario: Path, one: Path) -> None:
    path = folder / "grown.h5"
    runs.run(scenario, path, "--block", 7, "-n", 21)
    done = json.loads(runs.run(scenario, path, "--block", 7, "--json").stdout)
    assert (done["reused"], done["simulated"]) == (21, 39)
    assert runs.differences(one, path) == ""


def test_growing_across_a_cut_block(folder: Path, scenario: Path, one: Path) -> None:
    path = folder / "cut.h5"
    runs.run(scenario, path, "--block", 7, "-n", 30)
    runs.run(scenario, path, "--block", 7)
    assert runs.differences(one, path) == ""


def test_a_complete_output_is_left_alone(scenario: Path, one: Path) -> None:
    before = one.stat().st_mtime_ns
    done = runs.run(scenario, one, "--block", 7)
    assert "complete already" in done.stderr
    assert one.stat().st_mtime_ns == before


def test_a_file_makes_itself_again(folder: Path, scenario: Path) -> None:
    made = folder / "made.h5"
    runs.run(scenario, made, "-n", 10, "-s", 99, "--set", "kinds.call.effect.lasting=0.3", "--variant", "silence")
    scenario_text = scenario.read_text()
    try:
        scenario.write_text("gone")  # only what the file holds counts
        done = runs.entente("run", "made.h5", cwd=folder)
    finally:
        scenario.write_text(scenario_text)
    assert done.returncode == 0, done.stderr
    assert runs.differences(made, folder / "made-again.h5") == ""


BARE = """\
entente: 1
title: little to store
period: {start: 2026-01-01, end: 2026-12-31}
actors: {AAA: {}, BBB: {}}
ties: {AAA-BBB: {strength: 0.2}}
"""
BARE_ENDS = {
    "no ties asked for": "kinds: {call: {scope: dyad, rate: {per_year: 3}}}\n",
    "metrics only": "kinds: {call: {scope: dyad, rate: {per_year: 3}}}\n"
    "output: {metrics: {of: [density]}, trajectories: false}\n",
    "no event types": "kinds: {}\n",
}


@pytest.mark.parametrize("ending", BARE_ENDS)
def test_a_file_with_little_in_it_makes_itself_again(tmp_path: Path, ending: str) -> None:
    (tmp_path / "bare.yaml").write_text(BARE + BARE_ENDS[ending])
    for arguments in (("bare.yaml", "-n", 5, "-o", "bare.h5"), ("bare.h5",)):
        done = runs.entente("run", *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert runs.entente("show", "bare.h5", cwd=tmp_path).returncode == 0
    empty = ("/kind", "/events") if ending == "no event types" else ()  # h5diff cannot compare what has no values
    assert runs.differences(tmp_path / "bare.h5", tmp_path / "bare-again.h5", empty) == ""


def test_a_subset_of_variants_is_the_same_there(folder: Path, one: Path) -> None:
    text = runs.SCENARIO.replace("variants:\n", "variants:\n  other: {set: {kinds.call.effect.lasting: 0.5}}\n")
    scenario = runs.write_scenario(folder, text)
    path = folder / "subset.h5"
    try:
        runs.run(scenario, path, "--variant", "silence")
    finally:
        runs.write_scenario(folder)
    with h5py.File(one) as a, h5py.File(path) as b:
        assert [name.decode() for name in b["variant"][()]] == ["base", "silence"]
        np.testing.assert_array_equal(a["quantity_value"][()], b["quantity_value"][()])


def test_settings_change_results_and_the_plan(folder: Path, scenario: Path, one: Path) -> None:
    path = folder / "set.h5"
    runs.run(scenario, path, "--set", "kinds.call.effect.lasting=0.3")
    with h5py.File(one) as a, h5py.File(path) as b:
        assert (a["quantity_value"][()] != b["quantity_value"][()]).any()
        assert b["provenance/setting"][0].decode() == "kinds.call.effect.lasting=0.3"
        assert a.attrs["identity"] != b.attrs["identity"]


def test_the_table_and_its_json(folder: Path, scenario: Path, one: Path) -> None:
    table = runs.run(scenario, one, "--block", 7).stdout
    assert max(map(len, table.splitlines())) <= 100
    assert re.search(r"^  silence +\d\.\d+ ", table, re.M)
    done = runs.run(scenario, folder / "table.h5", "--json")
    result = json.loads(done.stdout)
    assert result["replicates"] == 60 and result["failed"] == 0
    rows = {(row["quantity"], row["variant"]): row for row in result["quantities"]}
    with h5py.File(folder / "table.h5") as file:
        for q, name in enumerate(file["quantity"][()]):
            row = rows[name.decode(), "silence"]
            assert row["mean"] == pytest.approx(file["summary/mean"][1, q])
            assert row["difference"] == pytest.approx(file["summary/difference"][1, q])
    for line in done.stderr.splitlines():
        json.loads(line)


def test_trajectories_and_events_can_be_left_out(folder: Path, one: Path) -> None:
    text = re.sub(r"(?ms)^output:.*", "output: {every: 1 week, events: false, ties: all, trajectories: false}\n",
                  runs.SCENARIO)
    path = folder / "lean.h5"
    runs.run(runs.write_scenario(folder, text), path)
    runs.write_scenario(folder)
    with h5py.File(one) as a, h5py.File(path) as b:
        assert "strength" not in b and "events" not in b
        np.testing.assert_array_equal(a["quantity_value"][()], b["quantity_value"][()])
        np.testing.assert_allclose(a["summary/strength_mean"][()], b["summary/strength_mean"][()], atol=1e-3)


def test_compare(one: Path) -> None:
    done = runs.entente("compare", one, "b_strength", "strength:BBB-AAA@2026-06-20", "trade:AAA->BBB@2026-06-20",
                        "trade:AAA-BBB@2026-06-20", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert len(rows) == 4
    with h5py.File(one) as file:
        days = file["time"][()]
        at = int(np.abs(days - 170).argmin())
        base, other = file["strength"][:, :, at, 0].astype(float)
        both = file["trade"][:, :, at, :2].astype(float).sum(-1)
    gap = other - base
    assert rows[1]["difference"] == pytest.approx(gap.mean())
    assert rows[1]["difference_sd"] == pytest.approx(gap.std(ddof=1))
    off = gap - gap.mean()
    carriers = (off**2).sum() ** 2 / (off**4).sum()
    assert rows[1]["difference_carriers"] == pytest.approx(carriers)
    assert carriers < 10 and rows[1]["variance_reduction"] is None and rows[1]["difference_low"] is None
    assert rows[1]["n_differ"] == (gap != 0).sum()
    assert rows[3]["n_differ"] == 0 and rows[3]["variance_reduction"] is None
    assert rows[3]["difference"] == pytest.approx((both[1] - both[0]).mean())
    table = runs.entente("compare", one).stdout
    assert max(map(len, table.splitlines())) <= 100
    assert "b_strength" in table
    wrong = runs.entente("compare", one, "b_strenght")
    assert wrong.returncode == 64 and "did you mean b_strength" in wrong.stderr
    wrong = runs.entente("compare", one, "strength:AAA-BBX@2026-06-20")
    assert wrong.returncode == 64 and "AAA-BBB" in wrong.stderr
    wrong = runs.entente("compare", one, "strength:AAA-BBB@2036-06-20")
    assert wrong.returncode == 64 and "outside" in wrong.stderr


def test_exceedance_probabilities(folder: Path) -> None:
    """Thresholds of a scenario are quantities; `compare` takes any of any quantity or trajectory."""
    text = runs.SCENARIO.replace("at: 2026-12-31}", "at: 2026-12-31, thresholds: [0, 0.6], label: Tie}")
    text = text.replace("kind: deal, tie: AAA-BBB}", "kind: deal, tie: AAA-BBB, thresholds: [10 bn USD]}")
    text = text.replace("tie: AAA-CCC}", "tie: AAA-CCC, thresholds: [90 d]}")
    path = folder / "thresholds.h5"
    runs.run(runs.write_scenario(folder, text), path)
    runs.write_scenario(folder)
    with h5py.File(path) as file:
        names = [name.decode() for name in file["quantity"][()]]
        values = dict(zip(names, np.moveaxis(file["quantity_value"][()], -1, 0), strict=True))
        means = dict(zip(names, file["summary/mean"][()].T, strict=True))
        units = dict(zip(names, file["quantity_unit"][()], strict=True))
        labels = dict(zip(names, file["quantity_label"][()], strict=True))
        day = int(np.abs(file["time"][()] - 170).argmin())
        flow = file["trade"][:, :, day, 0]
    levels = {"b_strength>0": 0, "b_strength>0.6": 0.6, "value>10 bn USD": 10e9, "first_deal>90 d": 90}
    for own, level in levels.items():
        name = own.split(">")[0]
        np.testing.assert_array_equal(values[own], values[name] > level)
        np.testing.assert_allclose(means[own], (values[name] > level).mean(axis=1))
        assert units[own] == b"probability"
    assert names[names.index("value") + 1] == "value>10 bn USD"
    assert labels["b_strength>0.6"] == b"Tie: more than 0.6"
    asked = ("b_strength>0.55", "value<12 bn USD", "trade:AAA->BBB@2026-06-20>1.1 bn USD", "b_strength>0.6")
    rows = json.loads(runs.entente("compare", path, *asked, "--json").stdout)
    beyond = (values["b_strength"] > 0.55, values["value"] < 12e9, flow > 1.1e9, values["b_strength"] > 0.6)
    for row, happened in zip(rows, beyond, strict=True):
        assert row["mean"] == pytest.approx(happened[1].mean()) and row["unit"] == "probability"
        assert row["difference"] == pytest.approx(happened[1].mean() - happened[0].mean())
    wrong = runs.entente("compare", path, "value>much")
    assert wrong.returncode == 64 and "such as 50 M USD" in wrong.stderr


def skewness(x: np.ndarray) -> float:
    return float(((x - x.mean()) ** 3).mean() / x.std() ** 3)


def leave_out_share(x: np.ndarray, y: np.ndarray) -> float:
    """Of the variance of y: what a cubic in x explains, each row's noise estimated without the row."""
    if abs(skewness(np.log(x))) < abs(skewness(x)) / 2:
        x = np.log(x)
    columns = np.column_stack([((x - x.mean()) / x.std()) ** k for k in (1, 2, 3)])
    q, _ = np.linalg.qr(columns - columns.mean(axis=0))
    y = y - y.mean()
    rest = y - q @ (q.T @ y)
    leverage = (q**2).sum(axis=1)
    noise = y * rest / (1 - leverage - 1 / len(y))
    share = (((q.T @ y) ** 2).sum() - (leverage * noise).sum()) / (y**2).sum()
    influence = ((1 - share) * y**2 - rest**2) / y.var()
    return float(np.clip(share + (influence * (y**2 / y.var() - 1)).sum() / len(y) ** 2, 0, 1))


def test_the_share_of_the_parameters(folder: Path, one: Path) -> None:
    """Against numpy, for levels and changes; nothing where too few values carry the variance."""
    with h5py.File(one) as file:
        x, values, horizon = file["drawn"][:, 0], file["quantity_value"][()], file.attrs["horizon_days"]
        found = {name: file[f"summary/{name}"][()] for name in file["summary"] if file[f"summary/{name}"].ndim == 2}
    values = np.where(np.isinf(values), horizon, values)
    told = 0
    for v, q in np.ndindex(found["mean"].shape):
        change = values[v, :, q] - values[0, :, q]
        for of, y, mean in (("", values[v, :, q], "mean"), ("difference_", change, "difference")):
            carriers = found[f"{mean}_carriers"][v, q]
            share, low, high = (found[f"{of}share{end}"][v, q] for end in ("", "_low", "_high"))
            ends = found[f"{of}parameters_low"][v, q], found[f"{of}parameters_high"][v, q]
            enough = 20 if of and (change != 0).mean() < 0.5 else 10
            if carriers < enough or np.isnan(found[f"{mean}_low"][v, q]):
                assert np.isnan([share, low, high, *ends]).all()
                continue
            told += 1
            assert share == pytest.approx(leave_out_share(x, y), abs=1e-9)
            assert low <= share <= high and y.min() <= ends[0] <= ends[1] <= y.max()
            assert (ends[0] == ends[1]) == (low == 0)
            chance = found[f"{of}chance_low"][v, q], found[f"{of}chance_high"][v, q]
            assert chance == pytest.approx(np.quantile(y, [0.05, 0.95])) or np.isinf(chance).any()
    assert told >= 5
    assert "of the variance" in runs.entente("show", one).stdout
    rows = json.loads(runs.run(folder / "three.yaml", one, "--block", 7, "--json").stdout)["quantities"]
    assert rows[0]["share"] == pytest.approx(found["share"][0, 0])
    assert rows[0]["difference_share"] is None and "difference_parameters_low" in rows[1]
    without = folder / "fixed.h5"
    done = runs.run(folder / "three.yaml", without, "-n", 9, "--fixed")
    assert "of the variance" not in done.stdout and "  chance" in done.stdout and "parameters" not in done.stdout


def test_trajectories_that_are_not_summarised_are_told(folder: Path) -> None:
    text = runs.SCENARIO.replace("every: 1 week", "every: 4 h")
    scenario = runs.write_scenario(folder, text)
    path = folder / "many.h5"
    cells = 2 * (365 * 6 + 1) * 2
    done = runs.run(scenario, path, "-n", 3)
    counted = f"variants x times x ties are {cells}, more than the limit of 3000"
    assert f"are stored but not summarised: {counted}" in done.stderr
    with h5py.File(path) as file:
        assert file["summary"].attrs["cells_left_out"] == cells
        assert "strength" in file and "strength_mean" not in file["summary"] and "histogram" not in file
    assert f"not summarised ({cells} variants x times x ties; the limit is 3000)" in runs.entente("show", path).stdout
    runs.write_scenario(folder, text.replace("ties: all", "ties: all\n  trajectories: false"))
    done = runs.run(scenario, path, "-n", 3, "--restart")
    assert "are neither stored nor summarised" in done.stderr
    runs.write_scenario(folder)
    runs.run(scenario, path, "-n", 3, "--restart")
    with h5py.File(path) as file:
        assert file["summary"].attrs["cells_left_out"] == 0 and "strength_mean" in file["summary"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["-n", "0"], 64), (["-j", "x"], 64), (["--variant", "silense"], 64), (["--set", "no.such=1"], 64)],
)
def test_wrong_arguments(folder: Path, scenario: Path, arguments: list[str], code: int) -> None:
    done = runs.entente("run", scenario, "-o", folder / "wrong.h5", *arguments)
    assert done.returncode == code
    assert done.stderr and not (folder / "wrong.h5").exists()
    assert not os.path.exists(folder / "wrong.h5.parts")


def test_show_output(one: Path) -> None:
    done = runs.entente("show", one)
    assert done.returncode == 0, done.stderr
    for word in ("Three states", "2026-01-01 to 2027-01-01", "silence", "AAA-BBB", "seed", "b_strength", "three.yaml"):
        assert word in done.stdout


def test_parameters_that_are_the_same_are_drawn_once(folder: Path) -> None:
    """Two kinds whose rates are one: their counts follow one draw, or what --set makes of the first."""
    kinds = "".join(f"  {name}: {{scope: initiator -> target, rate: {{per_year: 50}}}}\n" for name in ("one", "two"))
    head = runs.SCENARIO.split("kinds:")[0]
    text = head + "kinds:\n" + kinds + "uncertain:\n  kinds.one.rate.per_year: {uniform: [5, 100]}\n"

    def counts(name: str, more: str, *options: str) -> np.ndarray:
        name = f"rates-{name}"
        (folder / f"{name}.yaml").write_text(text + more)
        runs.run(folder / f"{name}.yaml", folder / f"{name}.h5", "-n", 60, *options)
        with h5py.File(folder / f"{name}.h5") as file:
            assert file["drawn"].shape == (60, 1)
            return np.asarray(file["event_count"])[0]

    same = "  kinds.two.rate.per_year: {same_as: kinds.one.rate.per_year}\n"
    one, two = counts("same", same).T
    assert np.corrcoef(one, two)[0, 1] > 0.9
    one, two = counts("apart", "").T
    assert np.corrcoef(one, two)[0, 1] < 0.5
    one, two = counts("set", same, "--set", "kinds.one.rate.per_year=10").T
    assert 36 < one.mean() < 44 and 36 < two.mean() < 44  # ten a year on four dyads
