"""`entente compare OLD.h5 NEW.h5`: differences of levels and changes, paired and not; what differs between the runs;
what has happened since an earlier forecast, ranked by how much it surprises."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import h5py
import numpy as np
import pytest

import runs

HEAD = "date,kind,initiator,target\n"
# calls in July on the tie that is at odds, one a day: about 0.9 were expected
PLANTED = "".join(f"2026-07-{day:02},call,CCC,AAA\n" for day in range(2, 12))
QUIET = "2026-07-03,call,AAA,BBB\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files")
    runs.write_scenario(path)
    (path / "june.csv").write_text(HEAD + "2026-02-03,call,AAA,BBB\n")
    (path / "planted.csv").write_text(HEAD + "2026-02-03,call,AAA,BBB\n" + PLANTED)
    (path / "quiet.csv").write_text(HEAD + "2026-02-03,call,AAA,BBB\n" + QUIET)
    for name, events, day, *words in (
        ("old", "june", "2026-07-01"), ("new", "planted", "2026-08-01"), ("quiet", "quiet", "2026-08-01"),
        ("other", "june", "2026-07-01", "-s", 6), ("more", "june", "2026-07-01", "-n", 400),
        ("part", "planted", "2026-08-01", "--kind=deal"),
    ):
        count = () if "-n" in words else ("-n", 200)
        done = runs.entente("forecast", "three.yaml", f"--events={events}.csv", f"--as-of={day}", "-q", *count, *words,
                            "-o", f"{name}.h5", cwd=path)
        assert done.returncode == 0, done.stderr
    runs.run(path / "three.yaml", path / "start.h5", "-n", 200, "-q")
    changed = runs.SCENARIO.replace("per_year: 6", "per_year: 7").replace("  first_deal:", "  second_deal:")
    changed = changed.replace("value: {sum", "calls: {sum").replace("calls: {count", "v: {count")
    (path / "changed.yaml").write_text(changed)
    runs.run(path / "changed.yaml", path / "changed.h5", "-n", 100, "-q")
    return path


def compare(folder: Path, *words: object) -> dict:
    done = runs.entente("compare", *words, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def column(path: Path, quantity: str, variant: int) -> np.ndarray:
    with h5py.File(path) as file:
        q = [name.decode() for name in file["quantity"][()]].index(quantity)
        return file["quantity_value"][variant, :, q]


def test_differences_are_paired_by_replicate(folder: Path) -> None:
    found = compare(folder, "old.h5", "new.h5")
    assert found["paired"] and found["old"]["as_of"] == "2026-07-01" and found["new"]["as_of"] == "2026-08-01"
    assert [(one["name"], one["what"]) for one in found["differing"]] == [("as_of", "changed"), ("calendar", "changed")]
    rows = {(row["quantity"], row["variant"], row["of"]): row for row in found["quantities"]}
    for quantity in ("b_strength", "calls"):
        old = [column(folder / "old.h5", quantity, v) for v in range(2)]
        new = [column(folder / "new.h5", quantity, v) for v in range(2)]
        for key, a, b in ((("base", "level"), old[0], new[0]), (("silence", "level"), old[1], new[1]),
                          (("silence", "change"), old[1] - old[0], new[1] - new[0])):
            row, gap = rows[quantity, *key], b - a
            assert row["old"] == pytest.approx(a.mean()) and row["new"] == pytest.approx(b.mean())
            assert row["difference"] == pytest.approx(gap.mean(), abs=1e-12) and row["n"] == 200
            assert row["n_differ"] == np.count_nonzero(gap)
            if row["difference_low"] is not None:
                assert row["difference_low"] < gap.mean() < row["difference_high"]
                width = row["difference_high"] - row["difference_low"]
                assert width == pytest.approx(2 * 1.97 * gap.std(ddof=1) / 200**0.5, rel=0.25)


def test_other_seeds_are_not_paired(folder: Path) -> None:
    found = compare(folder, "old.h5", "other.h5", "calls", "calls>7")
    assert not found["paired"] and [one["name"] for one in found["differing"]] == ["seed"]
    assert (found["differing"][0]["old"], found["differing"][0]["new"]) == ("5", "6")
    for row in found["quantities"]:
        if row["of"] == "change":
            continue
        v = ["base", "silence"].index(row["variant"])
        a, b = (column(folder / f"{name}.h5", "calls", v) for name in ("old", "other"))
        if row["quantity"] == "calls>7":
            a, b = a > 7, b > 7
        error = (a.var(ddof=1) / a.size + b.var(ddof=1) / b.size) ** 0.5
        assert row["difference"] == pytest.approx(b.mean() - a.mean(), abs=1e-12)
        assert row["difference_high"] - row["difference_low"] == pytest.approx(2 * 1.97 * error, rel=0.15)
        assert "n_differ" not in row


def test_a_longer_run_differs_in_nothing(folder: Path) -> None:
    text = runs.entente("compare", "old.h5", "more.h5", cwd=folder).stdout
    assert "nothing but the number of replicates" in text and "200 replicates have the same number" in text
    rows = compare(folder, "old.h5", "more.h5")["quantities"]
    assert all(row["difference"] == 0 for row in rows)


def test_scenarios_that_differ(folder: Path) -> None:
    found = compare(folder, "start.h5", "changed.h5", "b_strength")
    assert {one["name"] for one in found["differing"]} >= {"kind call", "quantities"}
    found = compare(folder, "start.h5", "changed.h5")
    assert {row["quantity"] for row in found["quantities"]} == {"b_strength"}  # calls are USD there
    assert found["only_old"] == ["calls", "value", "first_deal"] and found["only_new"] == ["v", "calls", "second_deal"]
    text = runs.entente("compare", "start.h5", "changed.h5", cwd=folder).stdout
    assert "Only in the old one: calls, value, first_deal" in text and max(map(len, text.splitlines())) <= 80


def counts_of_file(path: Path, start: float, end: float) -> list[Counter]:
    """Of each replicate: held events of the base by type and tie, once a day and direction."""
    with h5py.File(path) as file:
        actors, log = [name.decode() for name in file["actor"][()]], file["events"]
        kinds = [name.decode() for name in file["kind"][()]]
        columns = {name: log[name][()] for name in ("time", "kind", "initiator", "target", "status", "summit")}
        sets = []
        for at, n in zip(log["offset"][0], log["count"][0], strict=True):
            rows = {
                (kinds[columns["kind"][e]], int(columns["time"][e]), columns["initiator"][e], columns["target"][e])
                for e in range(at, at + n) if start <= columns["time"][e] < end and columns["status"][e] == 0
            }
            sets.append(Counter((kind, "-".join(sorted((actors[i], actors[j])))) for kind, _, i, j in rows))
    return sets


def test_surprises_are_those_of_the_older_file(folder: Path) -> None:
    """What is simulated again are the file's replicates: expected counts and mid-p follow from its event log."""
    found = compare(folder, "old.h5", "new.h5", "--surprises", 100)["surprises"]
    assert (found["from"], found["until"], found["replicates"]) == ("2026-07-01", "2026-08-01", 200)
    sets = counts_of_file(folder / "old.h5", 181, 212)
    seen = Counter({("call", "AAA-CCC"): 10})
    items = {(item["kind"], item["where"]): item for item in found["items"]}
    assert set(items) == set().union(*sets) | set(seen)
    for key, item in items.items():
        counts, k = np.array([one[key] for one in sets]), seen[key]
        more, equal = int((counts > k).sum()), int((counts == k).sum())
        less = 200 - more - equal
        assert item["observed"] == k and item["expected"] == pytest.approx(counts.mean())
        assert item["mid_p"] == pytest.approx(min(1, 2 * (min(more, less) + (equal + 1) / 2) / 201))
        assert item["tail"] == pytest.approx((min(more, less) + equal + 1) / 201)
        assert item["low"] <= np.median(counts) <= item["high"]
    assert [item["mid_p"] for item in found["items"]] == sorted(item["mid_p"] for item in found["items"])


def test_a_planted_surprise_leads_and_a_quiet_month_has_none(folder: Path) -> None:
    first = compare(folder, "old.h5", "new.h5", "--surprises", 1)["surprises"]
    assert [(item["kind"], item["where"]) for item in first["items"]] == [("call", "AAA-CCC")]
    assert first["items"][0]["mid_p"] < 0.01 and first["rare"] >= 1 > first["rare_expected"]
    quiet = compare(folder, "old.h5", "quiet.h5", "--surprises", 9)["surprises"]
    assert quiet["items"][0]["mid_p"] > 0.05 and quiet["rare"] == 0


def test_surprises_of_a_run_from_its_start(folder: Path) -> None:
    found = compare(folder, "start.h5", "new.h5", "--surprises", 100)["surprises"]
    assert (found["from"], found["until"]) == ("2026-01-01", "2026-08-01")
    calls = next(item for item in found["items"] if (item["kind"], item["where"]) == ("call", "AAA-BBB"))
    assert calls["observed"] == 1 and calls["mid_p"] < 0.05  # the table has one in seven months


def test_surprises_do_not_depend_on_workers_and_keep_to_what_is_covered(folder: Path) -> None:
    one, three = (runs.entente("compare", "old.h5", "new.h5", "--surprises=9", "-j", j, cwd=folder).stdout
                  for j in (1, 3))
    assert one == three and max(map(len, one.splitlines())) <= 80
    part = compare(folder, "old.h5", "part.h5", "--surprises", 100)["surprises"]
    assert {item["kind"] for item in part["items"]} == {"deal"}  # of calls the table says nothing


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["old.h5", "no.h5"], 66, "no.h5"),
        (["old.h5", "three.yaml"], 64, 'no quantity "three.yaml"'),
        (["old.h5", "new.h5", "start.h5"], 64, "start.h5: two files are compared at most"),
        (["old.h5", "new.h5", "--why"], 64, "--why is of one file"),
        (["old.h5", "--surprises=3"], 64, "--surprises is of two files"),
        (["new.h5", "old.h5", "--surprises=3"], 65, "old.h5 is no forecast of a later day than new.h5 (2026-08-01)"),
        (["old.h5", "start.h5", "--surprises=3"], 65, "start.h5 is no forecast of a later day"),
        (["old.h5", "new.h5", "cals"], 64, "old.h5: no quantity \"cals\" in this file; did you mean calls?"),
        (["start.h5", "changed.h5", "calls"], 65, "calls is in events in start.h5, and in USD in changed.h5"),
        (["start.h5", "changed.h5", "first_deal"], 64, "changed.h5: no quantity"),
    ],
)
def test_what_cannot_be_compared(folder: Path, words: list[str], code: int, message: str) -> None:
    done = runs.entente("compare", *words, cwd=folder)
    assert done.returncode == code and message in done.stderr and not done.stdout, done.stderr


def test_nothing_in_common(folder: Path, tmp_path: Path) -> None:
    text = runs.SCENARIO.replace("b_strength:", "s:").replace("calls:", "c:").replace("value: {s", "v: {s")
    runs.write_scenario(tmp_path, text.replace("first_deal:", "f:"))
    runs.run(tmp_path / "three.yaml", tmp_path / "odd.h5", "-n", 5, "-q")
    done = runs.entente("compare", folder / "old.h5", tmp_path / "odd.h5")
    assert done.returncode == 65 and "no quantity of the same name and unit: nothing to compare" in done.stderr
