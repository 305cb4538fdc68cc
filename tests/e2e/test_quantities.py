"""Outcomes against values that follow from the scenario by hand, and variants that scale a parameter."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

import runs

START = """\
entente: 1
title: Two states
period: {start: 2026-01-01, end: 2026-12-31}
actors: {AAA: {}, BBB: {}, CCC: {}}
ties: {all: true, AAA-BBB: {strength: 0.2, alignment: 0.1}}
"""

SCALED = START + """\
kinds:
  call: {scope: initiator -> target, rate: {per_year: 3}}
quantities:
  start: {strength: AAA-BBB, at: 2026-01-01}
  calls: {count: call}
variants:
  set: {set: {ties.AAA-BBB.strength: 0.4}}
  twice: {set: {ties.AAA-BBB.strength: x 2}}
  most: {set: {ties.AAA-BBB.strength: x 4}}
  often: {set: {kinds.call.rate.per_year: x 1.5}}
uncertain:
  ties.AAA-BBB.strength: {uniform: [0.1, 0.4]}
monte_carlo: {replicates: 200, seed: 3}
output: {events: false, trajectories: false}
"""


def quantities(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """By variant and quantity, a value for each replicate (of all points)."""
    with h5py.File(path) as file:
        values = file["quantity_value"][()]
        values = np.moveaxis(values, -3, 0).reshape(values.shape[-3], -1, values.shape[-1])
        names = file["quantity"].asstr()[()]
        return {variant: dict(zip(names, values[v].T, strict=True))
                for v, variant in enumerate(file["variant"].asstr()[()])}


def test_scales_what_is_drawn(tmp_path: Path) -> None:
    scenario = runs.write_scenario(tmp_path, SCALED)
    runs.run(scenario, tmp_path / "out.h5")
    of = quantities(tmp_path / "out.h5")
    drawn = of["base"]["start"]
    assert np.ptp(drawn) > 0.2
    np.testing.assert_allclose(of["twice"]["start"], 2 * drawn, rtol=1e-12)
    np.testing.assert_allclose(of["most"]["start"], np.minimum(4 * drawn, 1), rtol=1e-12)
    np.testing.assert_allclose(of["set"]["start"], 0.4, rtol=1e-12)
    # A higher rate keeps all events of the lower one.
    assert (of["often"]["calls"] >= of["base"]["calls"]).all()
    assert of["often"]["calls"].mean() > 1.3 * of["base"]["calls"].mean()


def test_scales_what_is_swept_or_set(tmp_path: Path) -> None:
    text = SCALED + "sweep: {design: grid, parameters: {ties.AAA-BBB.strength: {values: [0.1, 0.2, 0.5]}}}\n"
    scenario = runs.write_scenario(tmp_path, text)
    done = runs.entente("sweep", scenario, "-n", 4, "-o", tmp_path / "sweep.h5")
    assert done.returncode == 0, done.stderr
    of = quantities(tmp_path / "sweep.h5")
    np.testing.assert_allclose(of["base"]["start"], np.repeat([0.1, 0.2, 0.5], 4))
    np.testing.assert_allclose(of["twice"]["start"], np.repeat([0.2, 0.4, 1.0], 4))
    runs.run(scenario, tmp_path / "set.h5", "--set", "ties.AAA-BBB.strength=0.3", "-n", 4)
    np.testing.assert_allclose(quantities(tmp_path / "set.h5")["twice"]["start"], 0.6)


def test_shows_factors(tmp_path: Path) -> None:
    done = runs.entente("show", runs.write_scenario(tmp_path, SCALED))
    assert "set: ties.AAA-BBB.strength x 2\n" in done.stdout, done.stdout


# Nothing happens by itself: the strength decays towards an alignment of 0 with a half-life of 30 days, and on
# 2026-05-01 and 2026-09-01 the condition begins and ends.
STATES = """\
entente: 1
title: Decay
period: {start: 2026-01-01, end: 2026-12-31}
actors: {AAA: {}, BBB: {}, CCC: {}}
ties: {all: true, relax: {strength: 30 d}, AAA-BBB: {strength: 0.8, alignment: 0, baseline: 0},
       AAA-CCC: {strength: -0.4, alignment: 0, baseline: 0}}
conditions: {crisis: {on: tie}}
kinds:
  quarrel: {scope: initiator -> target, starts: [crisis]}
  peace: {scope: initiator -> target, ends: [crisis]}
calendar:
  - {id: quarrel, date: 2026-05-01, kind: quarrel, initiator: AAA, target: BBB}
  - {id: peace, date: 2026-09-01, kind: peace, initiator: AAA, target: BBB}
quantities:
  strength: {strength: AAA-BBB, at: 2026-01-31, dates: [2026-01-31, 2026-03-02]}
  other: {strength: AAA-CCC, at: 2026-01-31, dates: [2026-01-31, 2026-03-02]}
  mean: {strength: AAA-BBB, take: mean, from: 2026-01-31, until: 2026-03-02}
  fine: {strength: AAA-BBB, take: mean, from: 2026-01-31, until: 2026-03-02, every: 1 h}
  least: {strength: AAA-BBB, take: min, until: 2026-03-02, every: 1 h}
  most: {strength: AAA-BBB, take: max, every: 1 h}
  gap: {combine: [strength, other], take: difference, dates: [2026-01-31, 2026-03-02]}
  total: {combine: [strength, other]}
  middle: {combine: [strength, other], take: mean}
  ahead: {combine: [strength, other], take: difference, above: 0.59}
  days: {condition: crisis, tie: AAA-BBB, take: days, dates: [2026-06-01, 2026-12-31]}
  share: {condition: crisis, tie: AAA-BBB, take: mean, from: 2026-08-22, until: 2026-09-11}
  ever: {condition: crisis, tie: AAA-BBB, take: max, until: 2026-05-01}
  ever_in_may: {condition: crisis, tie: AAA-BBB, take: max, until: 2026-05-02}
  always: {condition: crisis, tie: AAA-BBB, take: min, from: 2026-06-01, until: 2026-07-01}
  either: {combine: [ever, ever_in_may], take: max}
  first: {first: [quarrel, peace], dates: [2026-05-01, 2026-05-02]}
  last: {first: peace}
  sooner: {combine: [first, last], take: min}
variants:
  never: {drop: [quarrel]}
monte_carlo: {replicates: 3}
output: {events: false, trajectories: false}
"""


def test_states_of_a_decay(tmp_path: Path) -> None:
    runs.run(runs.write_scenario(tmp_path, STATES), tmp_path / "out.h5")
    of = quantities(tmp_path / "out.h5")
    base = {name: float(values[0]) for name, values in of["base"].items()}
    assert all((values == values[0]).all() for values in of["base"].values())
    mean = 0.4 * (1 - 0.5) / np.log(2)  # of 0.4 x 2^(-t/30) over 30 days
    expected = {
        "strength": 0.4, "strength@2026-01-31": 0.4, "strength@2026-03-02": 0.2, "other": -0.2,
        "other@2026-01-31": -0.2, "other@2026-03-02": -0.1, "gap": 0.6, "gap@2026-01-31": 0.6,
        "gap@2026-03-02": 0.3, "total": 0.2, "middle": 0.1, "ahead": 1, "days": 123, "days@2026-06-01": 31,
        "days@2026-12-31": 123, "share": 0.5, "ever": 0, "ever_in_may": 1, "always": 1, "either": 1, "first": 120,
        "first@2026-05-01": 0, "first@2026-05-02": 1, "last": 243, "sooner": 120,
    }
    for name, value in expected.items():
        assert abs(base.pop(name) - value) < 1e-9, name
    assert abs(base.pop("mean") / mean - 1) < 3e-5  # steps of a day: (ln 2 / 30)^2 / 24
    assert abs(base.pop("fine") / mean - 1) < 5e-8
    half_an_hour = 2 ** (-0.5 / 24 / 30)
    assert abs(base.pop("least") - 0.2 / half_an_hour) < 1e-9
    assert abs(base.pop("most") - 0.8 * half_an_hour) < 1e-9
    assert not base
    assert (of["never"]["days"] == 0).all()
    assert (of["never"]["first"] == 243).all()
    assert (of["never"]["first@2026-05-02"] == 0).all()


# A summit of two days with a meeting at its side, a visit that begins on its last day, one a day later.
TRIPS = """\
entente: 1
title: Trips
period: {start: 2026-01-01, end: 2026-12-31}
actors: {AAA: {}, BBB: {}, CCC: {}}
groups: {Trio: {members: [AAA, BBB, CCC]}}
ties: {all: true}
kinds:
  meeting: {scope: dyad}
  visit: {scope: initiator -> target, days: 1, in_person: true}
  summit:
    {scope: group, days: 2, in_person: true,
     summit: {group: Trio, attendance: 1, sidelines: [{kind: meeting, pairs: host-member, probability: 1}]}}
calendar:
  - {id: summit, date: 2026-03-01, kind: summit, host: AAA}
  - {id: next, date: 2026-03-02, kind: visit, initiator: BBB, target: AAA}
  - {id: later, date: 2026-03-04, kind: visit, initiator: BBB, target: AAA}
  - {id: home, date: 2026-03-05, kind: visit, initiator: AAA, target: BBB}
quantities:
  events: {count: [summit, meeting, visit], tie: AAA-BBB}
  trips: {count: [summit, meeting, visit], tie: AAA-BBB, by: trip, dates: [2026-03-02, 2026-03-05]}
  summits: {count: [summit, meeting], tie: AAA-CCC, by: trip}
  with_any: {count: [summit, meeting], tie: [AAA-BBB, AAA-CCC], by: trip}
  pairs: {count: summit, tie: [AAA-BBB, AAA-CCC]}
  visits_of: {count: visit, initiator: [AAA, CCC]}
  visits_to: {count: visit, target: [AAA, BBB]}
monte_carlo: {replicates: 2}
output: {events: false, trajectories: false}
"""


def test_trips_and_any_of(tmp_path: Path) -> None:
    runs.run(runs.write_scenario(tmp_path, TRIPS), tmp_path / "out.h5")
    found = {name: float(values[0]) for name, values in quantities(tmp_path / "out.h5")["base"].items()}
    assert found == {"events": 5, "trips": 3, "trips@2026-03-02": 1, "trips@2026-03-05": 2, "summits": 1,
                     "with_any": 1, "pairs": 2, "visits_of": 1, "visits_to": 3}


def test_ratio_of_trade(tmp_path: Path) -> None:
    text = STATES.replace("alignment: 0, baseline: 0},\n", "alignment: 0, baseline: 0, exports: {AAA: 3 bn USD}},\n")
    text = text.replace("AAA-CCC: {", "AAA-CCC: {exports: {AAA: 1 bn USD}, ")
    text = text.replace("quantities:\n", """quantities:
  b: {trade: AAA-BBB, at: 2026-01-01}
  c: {trade: AAA-CCC, at: 2026-01-01}
  both: {combine: [b, c]}
  b_share: {combine: [b, both], take: ratio, thresholds: [0.7, 0.8]}
""")
    runs.run(runs.write_scenario(tmp_path, text), tmp_path / "out.h5")
    base = quantities(tmp_path / "out.h5")["base"]
    np.testing.assert_allclose(base["both"], 4e9)
    np.testing.assert_allclose(base["b_share"], 0.75)
    assert (base["b_share>0.7"] == 1).all()
    assert (base["b_share>0.8"] == 0).all()


def test_every_command_knows_them(tmp_path: Path) -> None:
    """`compare`, `sweep`, `attribute` and `show` take dated and combined quantities by their names."""
    scenario, out = runs.write_scenario(tmp_path, STATES), tmp_path / "out.h5"
    runs.run(scenario, out)
    gap = "gap@2026-03-02"
    done = runs.entente("compare", out, gap, "days", f"{gap}>0.2")
    assert done.returncode == 0, done.stderr
    assert gap in done.stdout
    assert gap in runs.entente("show", scenario).stdout
    assert gap in runs.entente("show", out).stdout
    done = runs.entente("attribute", scenario, gap, "days", "-o", tmp_path / "left-out.h5", "-n", 3)
    assert done.returncode == 0, done.stderr
    assert "123" in done.stdout
    done = runs.entente("sweep", scenario, "--param", "ties.relax.strength=10 d,60 d", "--design", "grid", "-n", 2,
                        "--quantity", gap, "-o", tmp_path / "sweep.h5")
    assert done.returncode == 0, done.stderr
    assert gap in done.stdout
    done = runs.entente("run", scenario, "--precision", "days=1", "-o", tmp_path / "precise.h5")
    assert done.returncode == 0, done.stderr
