"""Libraries of kinds, filtered tables, the search path, and scenarios that extend others."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import runs

SCENARIOS = Path(os.environ["ENTENTE_SOURCE_DIR"]) / "scenarios"
BARE = """\
entente: 1
title: Three states that the library does not know
period: {start: 2026-01-01, end: 2027-01-01}
actors: {AAA: {}, BBB: {}, CCC: {}}
groups: {Club: {members: [AAA, BBB], chair: {2026: AAA}}}
ties: {all: true}
conditions: {from: kinds/diplomacy.yaml}
kinds: {from: kinds/diplomacy.yaml}
quantities: {q: {strength: AAA-BBB}}
monte_carlo: {replicates: 5}
"""
OTHER = """\
parameters: {club: {of: group, default: Club}}
kinds:
  call: {rate: {per_year: 3}}
  dinner: {scope: group, summit: {group: $club}, then: [{kind: call, initiator: host, target: member}]}
"""


def check(path: Path, *before: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([os.environ["ENTENTE"], *before, "check", path], capture_output=True, text=True,
                          timeout=20, check=False, env={**os.environ, **environment})


def written(folder: Path, text: str, name: str = "x.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def kinds(path: Path) -> list[str]:
    run = subprocess.run([os.environ["ENTENTE"], f"--library={SCENARIOS}", "check", "--stability", "--json", path],
                         capture_output=True, text=True, timeout=20, check=True)
    return list(json.loads(run.stdout)[0]["stability"]["events_a_year"])


def test_the_library_works_anywhere(tmp_path: Path) -> None:
    path = written(tmp_path, BARE)
    nowhere = check(path)
    assert nowhere.returncode == 66
    assert "share/entente/scenarios), whose folders `entente --library=FOLDER COMMAND` adds to" in nowhere.stderr
    for done in (check(path, f"--library={SCENARIOS}"), check(path, ENTENTE_LIBRARY=f"/nowhere:{SCENARIOS}")):
        assert (done.returncode, done.stderr) == (0, "")
        assert "because no actor has a GDP: kinds.call.log_gdp_initiator" in done.stdout
        assert "kinds.c5_summit" in done.stdout
    assert {"call", "sanction_imposed"} < set(kinds(path))
    assert not {"c5_summit", "g20_summit", "exclusion"} & set(kinds(path))


def test_a_run_is_repeated_without_the_library(tmp_path: Path) -> None:
    path, out, again = written(tmp_path, BARE), tmp_path / "x.h5", tmp_path / "y.h5"
    env = {**os.environ, "ENTENTE_LIBRARY": str(SCENARIOS)}
    words = ["-q", "-j1", "-o"]
    subprocess.run([os.environ["ENTENTE"], "run", path, *words, out], env=env, check=True)
    subprocess.run([os.environ["ENTENTE"], "run", out, *words, again], check=True)
    assert runs.differences(out, again) == ""


def test_a_part_of_a_library(tmp_path: Path) -> None:
    choice = "{file: kinds/diplomacy.yaml, only: [leader_visit, memorandum, g20_summit], with: {g20: Club}}"
    path = written(tmp_path, BARE.replace("kinds: {from: kinds/diplomacy.yaml}", f"kinds: {{from: {choice}}}"))
    assert set(kinds(path)) == {"leader_visit", "memorandum", "g20_summit"}
    choice = choice.replace("only", "except")
    path = written(tmp_path, BARE.replace("kinds: {from: kinds/diplomacy.yaml}", f"kinds: {{from: {choice}}}"))
    assert "call" in kinds(path) and "memorandum" not in kinds(path)


def test_own_text_may_not_name_what_is_left_out(tmp_path: Path) -> None:
    own = "kinds: {from: {file: kinds/diplomacy.yaml, except: [call]}, statement: {then: [{kind: call}]}}"
    path = written(tmp_path, BARE.replace("kinds: {from: kinds/diplomacy.yaml}", own))
    assert 'no event type is called "call"' in check(path, f"--library={SCENARIOS}").stderr


def test_libraries_combine(tmp_path: Path) -> None:
    written(tmp_path, OTHER, "other.yaml")
    path = written(tmp_path, BARE.replace("kinds: {from: kinds/diplomacy.yaml}",
                                          "kinds: {from: [kinds/diplomacy.yaml, other.yaml], call: {level: official}}"))
    assert "dinner" in kinds(path)
    shown = runs.entente(f"--library={SCENARIOS}", "show", "--parameters", path).stdout
    assert any("kinds.call.rate.per_year" in line and " 3 " in line for line in shown.splitlines())


def test_a_choice_of_what_is_not_there(tmp_path: Path) -> None:
    written(tmp_path, OTHER, "other.yaml")
    own = "kinds: {from: {file: other.yaml, only: [cal], except: [x], with: {club: Nobody, clib: Club}, wth: 1}}"
    done = check(written(tmp_path, BARE.replace("kinds: {from: kinds/diplomacy.yaml}", own)),
                 f"--library={SCENARIOS}")
    assert done.returncode == 65
    assert 'unknown key "wth"' in done.stderr
    own = own.replace(", wth: 1", "")
    done = check(written(tmp_path, BARE.replace("kinds: {from: kinds/diplomacy.yaml}", own)),
                 f"--library={SCENARIOS}")
    assert 'no event type "cal"; did you mean "call"?' in done.stderr
    assert 'no event type "x"' in done.stderr
    assert 'no parameter "clib"; did you mean "club"?' in done.stderr
    assert 'the scenario has no group "Nobody"' in done.stderr
    assert "x.yaml:8:" in done.stderr


TABLE = "name,region,gdp_usd\nAAA,East,1e9\nBBB,East,2e9\nCCC,West,3e9\nDDD,South,4e9\n"
TIES = "a,b,strength\nAAA,BBB,0.1\nAAA,CCC,0.2\nBBB,CCC,0.3\nCCC,DDD,0.4\n"
FILTERED = """\
entente: 1
title: Filtered
period: {start: 2026-01-01, end: 2027-01-01}
actors: {from: %s}
ties: {from: ties.csv}
kinds: {call: {scope: initiator -> target, rate: {per_year: 4}, effect: {goldstein: 1}}}
"""


def counts(folder: Path, choice: str) -> str:
    (folder / "actors.csv").write_text(TABLE)
    (folder / "more.csv").write_text("name,region\nEEE,East\n")
    (folder / "ties.csv").write_text(TIES)
    done = check(written(folder, FILTERED % choice))
    return done.stdout.split("ok: ")[1].split(", 1 event")[0] if done.returncode == 0 else done.stderr


def test_tables_are_filtered(tmp_path: Path) -> None:
    assert counts(tmp_path, "actors.csv") == "4 actors, 4 ties"
    assert counts(tmp_path, "{file: actors.csv, where: {region: East}}") == "2 actors, 1 tie"
    assert counts(tmp_path, "{file: actors.csv, where: {region: [East, West]}}") == "3 actors, 3 ties"
    assert counts(tmp_path, "{file: actors.csv, only: [CCC, DDD]}") == "2 actors, 1 tie"
    assert counts(tmp_path, "{file: actors.csv, where: {region: [East, West]}, except: BBB}") == "2 actors, 1 tie"
    assert counts(tmp_path, "[{file: actors.csv, only: [AAA, BBB]}, more.csv]") == "3 actors, 1 tie"


def test_filters_that_fit_nothing(tmp_path: Path) -> None:
    assert "no row has this value" in counts(tmp_path, "{file: actors.csv, where: {region: Easr}}")
    assert 'no such column; did you mean "region"?' in counts(tmp_path, "{file: actors.csv, where: {regio: East}}")
    assert 'no row of "AAB"; did you mean "AAA"?' in counts(tmp_path, "{file: actors.csv, only: [AAB]}")


BASE = FILTERED % "actors.csv" + """\
calendar:
  - {id: first, date: 2026-02-01, kind: call, initiator: AAA, target: BBB}
  - {id: second, date: 2026-03-01, kind: call, initiator: AAA, target: BBB}
quantities: {calls: {count: call, tie: AAA-BBB}}
variants: {none: {drop: [first]}}
"""


def test_a_scenario_extends_another(tmp_path: Path) -> None:
    counts(tmp_path, "actors.csv")
    written(tmp_path, BASE, "base.yaml")
    (tmp_path / "deep").mkdir()
    other = written(tmp_path, """\
extends: {file: ../base.yaml, without: [variants.none, calendar.second]}
title: Another
kinds: {call: {rate: {per_year: 2}}}
calendar:
  - {id: first, date: 2026-06-01}
  - {id: third, date: 2026-07-01, kind: call, initiator: BBB, target: CCC}
""", "deep/other.yaml")
    done = check(other)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 actors, 4 ties, 1 event type, 2 calendar entries, 1 quantity, 1 variant," in done.stdout
    third = written(tmp_path, "extends: deep/other.yaml\nkinds: {call: {rate: {per_year: 0}}}\n", "third.yaml")
    chronicle = runs.entente("trace", third).stdout
    assert chronicle.startswith("Another\n")
    assert [line[:10] for line in chronicle.splitlines()[3:]] == ["2026-06-01", "2026-07-01"]


def test_a_part_of_a_library_is_a_part_in_what_extends_it(tmp_path: Path) -> None:
    """What a library says of what was not taken is left out, whichever of the files has `kinds`."""
    choice = "{from: {file: kinds/diplomacy.yaml, only: [threat]}}"
    base = written(tmp_path, BARE.replace("{from: kinds/diplomacy.yaml}\nquant", f"{choice}\nquant"), "base.yaml")
    more = "kinds: {from: {file: kinds/diplomacy.yaml, only: [call]}}\n"
    for own in ("title: x\n", "kinds: {threat: {note: x}}\n", more):
        done = check(written(tmp_path, f"extends: base.yaml\n{own}"), f"--library={SCENARIOS}")
        assert (done.returncode, done.stderr) == (0, ""), own
    # what a scenario itself says is never left out, also not the text of the scenario that is extended
    base.write_text(base.read_text().replace("[threat]}", "[threat]}, threat: {then: [{kind: call}]}"))
    for own in ("title: x\n", "kinds: {threat: {note: x}}\n"):
        done = check(written(tmp_path, f"extends: base.yaml\n{own}"), f"--library={SCENARIOS}")
        assert 'no event type is called "call"' in done.stderr


def test_a_missing_library_is_the_only_news(tmp_path: Path) -> None:
    text = BARE.replace("ties: {all: true}", "ties: {from: world/ties.csv}").replace("{strength: AAA-BBB}",
        "{condition: sanctions, tie: AAA-BBB}") + "uncertain: {ties.AAA-BBB.strength: {uniform: [0, 1]}}\n"
    text = text.replace("kinds: {from: kinds/diplomacy.yaml}",
                        "kinds: {from: kinds/diplomacy.yaml, call: {level: leader}}")
    done = check(written(tmp_path, text))
    assert done.returncode == 66
    assert done.stderr.count("error: ") == done.stderr.count("there is no file ") == 3, done.stderr


def test_no_warning_of_a_library_that_nobody_can_follow(tmp_path: Path) -> None:
    """A baseline rate of 0 leaves the library's statistics idle; the library's own warnings stay."""
    text = BARE.replace("{from: kinds/diplomacy.yaml}\nq",
                        "{from: kinds/diplomacy.yaml, threat: {rate: {per_year: 0}}}\nq")
    done = check(written(tmp_path, text), f"--library={SCENARIOS}")
    assert (done.returncode, done.stderr) == (0, "")
    written(tmp_path, "kinds: {idle: {scope: dyad, rate: {per_year: 0, log_effects: {strength: 1}}}}\n", "own.yaml")
    text = BARE.replace("{from: kinds/diplomacy.yaml}\nq", "{from: own.yaml}\nq")
    assert "kinds.idle.rate.log_effects does nothing" in check(written(tmp_path, text), f"--library={SCENARIOS}").stderr


def test_actors_have_defaults(tmp_path: Path) -> None:
    rate = "{per_year: 4, log_effects: {initiator: {of: junta, coefficient: 1}}}"
    text = FILTERED.replace("actors: {from: %s}", "actors: %s").replace("{per_year: 4}", rate)
    junta, none = "AAA: {attributes: {junta: 1}}", "default: {gdp: 7 bn USD, attributes: {junta: 0}}"
    actors = f"{{from: actors.csv, {none}, {junta}, EEE: }}"
    said = counts(tmp_path, "actors.csv")
    assert said == "4 actors, 4 ties"
    done = check(written(tmp_path, text % "{from: actors.csv, AAA: {attributes: {junta: 1}}}"))
    assert "junta of BBB, CCC, DDD; give it (or actors.default.attributes)" in done.stderr
    path = written(tmp_path, text % actors)
    shown = runs.entente("show", "--parameters", path).stdout
    assert [float(line.split()[1]) for line in shown.splitlines() if ".junta" in line] == [1, 0, 0, 0, 0]
    gdp = [float(line.split()[1]) for line in shown.splitlines() if ".gdp" in line]
    assert gdp == [1, 2, 3, 4, 7]  # a row's own figure stays; EEE is in no table
    assert check(path).returncode == 0
    assert "actors.default is" in check(written(tmp_path, text % "{from: actors.csv, default: 3}")).stderr


def test_an_extended_scenario_names_the_file_of_a_mistake(tmp_path: Path) -> None:
    counts(tmp_path, "actors.csv")
    written(tmp_path, BASE.replace("per_year: 4", "per_year: -4"), "base.yaml")
    done = check(written(tmp_path, "extends: base.yaml\nquantities: {calls: {count: cal}}\n", "other.yaml"))
    assert "base.yaml:6:" in done.stderr and "other.yaml:2:" in done.stderr


def test_circles_and_missing_bases(tmp_path: Path) -> None:
    a = written(tmp_path, "extends: b.yaml\n", "a.yaml")
    written(tmp_path, "extends: a.yaml\n", "b.yaml")
    done = check(a)
    assert done.returncode == 65 and "extends itself" in done.stderr and "1 error" in done.stderr
    assert check(written(tmp_path, "extends: no.yaml\n")).returncode == 66
    bad = written(tmp_path, "extends: {file: a.yaml, wihout: x}\n")
    assert 'unknown key "wihout"' in check(bad).stderr
    counts(tmp_path, "actors.csv")
    written(tmp_path, BASE, "base.yaml")
    done = check(written(tmp_path, "extends: {file: base.yaml, without: [variants.nobody]}\n"))
    assert 'has no "variants.nobody"' in done.stderr


def test_the_option_needs_a_folder(tmp_path: Path) -> None:
    done = check(written(tmp_path, BARE), "--library=/no/such/folder")
    assert done.returncode == 64 and "a folder is expected" in done.stderr
