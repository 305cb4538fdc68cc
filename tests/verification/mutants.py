"""Errors planted in a copy of the engine, and which ring of the verification sees them.

    python3 tests/verification/mutants.py [NAME...]

Copies the sources to a temporary folder, compiles them, and for each mutant changes one place, links the
quick rings anew and runs them. Prints a table; ends with 1 if an error passes all rings, if the unchanged
engine fails one, or if a place to change is no longer there. The ring `checked` is the naive one with the
engine's invariants looked at after every event, as in a debug build. Needs a C compiler and the libraries of
the build (heeds CC, CFLAGS).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RINGS = {  # name -> test, and whether the engine looks at its invariants
    "naive": ("naive", False), "checked": ("naive", True), "laws": ("laws", False), "states": ("state_laws", False),
    "steps": ("steps", False), "pvalues": ("pvalues", False), "structure": ("structure", False),
    "courses": ("courses", False), "rare": ("rare", False),
}
CPU_SECONDS = 60
LOOP = "sim/engine/engine.c"  # the one file that asks for them


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "branching 10 % too large", "sim/engine/process/prepare.c",
        "r->mean = excitation->branching;",
        "r->mean = 1.1 * excitation->branching;",
    ),
    Mutant(
        "bound: not above b and b0", "sim/engine/process/intensity.c",
        "s_least = GSL_MIN(s, self->view.b_least), self->view.s_most = GSL_MAX(s, self->view.b_most);",
        "s_least = s, self->view.s_most = s;",
    ),
    Mutant(
        "bound: the drift stands still", "sim/model/predictor.c",
        "GSL_MAX(d->now, d->world->model->horizon) / DAYS_PER_YEAR);",
        "d->now / DAYS_PER_YEAR);",
    ),
    Mutant(
        "bound: strip 0 taken to hold everything", "sim/engine/process/candidate.c",
        "if (!sleeps && room < 0) {",
        "if (!sleeps && room < 0.3) {",
    ),
    Mutant(
        "bound: what was found below the old one is lost", "sim/engine/process/candidate.c",
        "if (measure_top(measure, strip) <= known) continue;",
        "if (measure_top(measure, strip) <= 2 * known) continue;",
    ),
    Mutant(
        "offspring: too many numbers taken for none", "sim/engine/process/process.h",
        "(uint32_t)(elementary_exp(-receiver->most) * (1 - 1e-9) * 0x1p32)",
        "(uint32_t)(fmin(1, elementary_exp(-receiver->most) + 0.01) * (1 - 1e-9) * 0x1p32)",
    ),
    Mutant(
        "offspring: one stream for all kinds", "sim/engine/process/excite.c",
        "(uint32_t)r->key,",
        "0,",
    ),
    Mutant(
        "bound: season at its mean", "sim/engine/process/prepare.c",
        "state->season_max = GSL_MAX(state->season_max, factor)",
        "state->season_max = 1",
    ),
    Mutant(
        "stream reused by all kinds of a dyad", "sim/engine/process/process.c",
        "rng_key_number(self->seed, self->kind_keys[p->kind])",
        "rng_key_number(self->seed, 0)",
    ),
    Mutant(
        "stream reused by all replicates", "sim/engine/process/measure.c",
        "self->replicate, (uint32_t)cell,",
        "0, (uint32_t)cell,",
    ),
    Mutant(
        "stream reused by all strips", "sim/engine/process/measure.c",
        "{(uint32_t)strip | n << 8,",
        "{n << 8,",
    ),
    Mutant(
        "marks keyed by the process alone", "sim/engine/event/due.c",
        "rng_key_number(rng_key_number(p->key, self->replicate), time_bits)",
        "rng_key_number(p->key, 0 * time_bits)",
    ),
    Mutant(
        "stale state: a bump does not re-anchor", "sim/model/world.c",
        "    world_anchor(self, tie, now);\n    tie_state_t *state = &self->ties[tie];\n    double before",
        "    tie_state_t *state = &self->ties[tie];\n    double before",
    ),
    Mutant(
        "stale state: the view of a tie is kept", "sim/engine/process/candidate.c",
        "    if (self->view.tie == tie) view_forget(self);\n",
        "",
    ),
    Mutant(
        "offspring: the season looked at when they are begotten", "sim/engine/event/due.c",
        "process_factor(self, p, self->now) > offspring->needs",
        "self->kinds[p->kind].season_max > offspring->needs",
    ),
    Mutant(
        "strength decays with the wrong sign", "sim/model/tie.h",
        "double exp_s = elementary_exp(-r->k_s * dt), gap",
        "double exp_s = elementary_exp(fmin(5, r->k_s * dt)), gap",
    ),
    Mutant(
        "offspring: delays not exponential", "sim/engine/process/excite.c",
        "- elementary_log(two_words(words[3], words[2])) / r->decay",
        "+ 2 * two_words(words[3], words[2]) / r->decay",
    ),
    Mutant(
        "intensity 5 % too high", "sim/engine/process/prepare.c",
        "elementary_log(kind->rate_per_year / DAYS_PER_YEAR)",
        "elementary_log(1.05 * kind->rate_per_year / DAYS_PER_YEAR)",
    ),
    Mutant(
        "parent: off by one", "sim/engine/process/excite.c",
        ".parent = touch->row",
        ".parent = touch->row - (touch->row > 0)",
    ),
    Mutant(
        "season left out", "sim/engine/process/prepare.c",
        "        state->season[day] = factor;",
        "        state->season[day] = factor > 0;",
    ),
    Mutant("lasting share left out", "sim/model/world.c", "if (lasting != 0) state->b", "if (0) state->b"),
    Mutant(
        "dirty sites: the other direction forgotten", "sim/engine/process/candidate.c",
        "        site_bind(self, SCOPE_DIRECTED, 2 * tie + 1);\n",
        "",
    ),
    Mutant(
        "a dyad's stream depends on the file", "sim/engine/process/process.c",
        "if (self->model->kinds[p->kind].scope == SCOPE_DYAD && a > b)",
        "if (0)",
    ),
    Mutant(
        "calendar ordered as in the file", "sim/engine/event/schedule.c",
        "self->calendar_rank[plan->entry] << 8",
        "(uint64_t)plan->entry << 8",
    ),
    Mutant(
        "a busy leader travels", "sim/engine/process/intensity.c",
        "if (leaders_needed(self, &plan) && !leaders_free(self, &plan)) return 0;",
        "",
    ),
    Mutant(
        "bunch: its first process stands for all", "sim/engine/process/candidate.c",
        "first + (uint32_t)least, time);",
        "first, time);",
    ),
    Mutant(
        "bunch: its last process is not looked at", "sim/engine/process/candidate.c",
        "for (int k = 1; k < n; k++) {",
        "for (int k = 1; k < n - 1; k++) {",
    ),
    Mutant(
        "room: more of it than there is", "sim/engine/process/candidate.c",
        "(float)((double)p->log_ceiling - p->log_rate)",
        "(float)((double)p->log_ceiling - p->log_rate + 0.3)",
    ),
    Mutant(
        "room: that of the rate before", "sim/engine/process/prepare.c",
        "    process_make_room(self, p);\n}\n\nvoid processes_refresh",
        "}\n\nvoid processes_refresh",
    ),
    Mutant(
        "summit: who declined comes", "sim/engine/event/reply.c",
        "    if (answer && !answer->comes) return ROLE_N;\n",
        "",
    ),
    Mutant(
        "summit: a member that accepted comes as a guest", "sim/engine/event/reply.c",
        "return member ? ROLE_MEMBER : ROLE_GUEST;",
        "return member && !answer ? ROLE_MEMBER : ROLE_GUEST;",
    ),
    Mutant(
        "summit: the first answer counts", "sim/engine/event/reply.c",
        "    *answer = (answer_t){actor, comes};",
        "    if (answer->actor != actor || !answer->comes) *answer = (answer_t){actor, comes};",
    ),
    Mutant(
        "summit: answers come after it", "sim/engine/event/due.c",
        "    if (find_ending(self, due)) return;\n",
        "",
    ),
    Mutant(
        "summit: participants in the file's order", "sim/engine/event/happen.c",
        "        int actor = self->by_name[r];\n        if (actor != plan->initiator",
        "        int actor = r;\n        if (actor != plan->initiator",
    ),
    Mutant(
        "roles of undirected events as they were given", "sim/engine/event/calendar.c",
        "    plan->initiator = j, plan->target = i;\n",
        "",
    ),
    Mutant(
        "setting: counts follow the new half-life from their start", "sim/model/world.c",
        "    settle_counts(self, now);\n",
        "",
    ),
    Mutant(
        "setting: phases follow the new length from their start", "sim/model/world.c",
        "    settle_conditions(self, now);\n",
        "",
    ),
    Mutant(
        "setting: ties follow the new half-lives from their anchor", "sim/model/world.c",
        "    for (int tie = 0; tie < self->model->n_ties; tie++) world_anchor(self, tie, now);\n    settle",
        "    settle",
    ),
    Mutant(
        "setting: rates are not read anew", "sim/engine/event/intervene.c",
        "    processes_prepare(self);\n",
        "",
    ),
    Mutant(
        "branch: the points after it are not its own", "sim/engine/process/candidate.c",
        "(measure_t){path_key(self, p->key), self->replicate",
        "(measure_t){p->key, self->replicate",
    ),
    Mutant(
        "branch: candidates of before stay", "sim/engine/path.c",
        "    processes_renew(self);\n",
        "",
    ),
    Mutant(
        "branch: offspring after it are drawn twice", "sim/engine/process/excite.c",
        "time <= self->offspring_until",
        "time <= INFINITY",
    ),
    Mutant(
        "branch: no offspring after it", "sim/engine/process/excite.c",
        "b < self->n_branches; b++",
        "b < 0; b++",
    ),
    Mutant(
        "splitting: every path has the weight of its tree", "sim/run/split/split.c",
        "weight *= (double)self->n_starts / n;",
        "weight *= 1;",
    ),
    Mutant(
        "splitting: an event before the next level is lost", "sim/run/split/split.c",
        "} else if (one->stop == STOP_NONE &&",
        "} else if (level == watch->n_levels && one->stop == STOP_NONE &&",
    ),
    Mutant(
        "difference: a diary is not looked at", "sim/engine/course/footprint.c",
        "    self->footprint.differ |= diaries(self, kind, i, j, length);\n",
        "    (void)length;\n",
    ),
    Mutant(
        "difference: pending consequences are not looked at", "sim/engine/course/footprint.c",
        "self->footprint.differ |= items_of_dyad(self, i, j);\n}",
        "self->footprint.differ |= 0;\n}",
    ),
    Mutant(
        "difference: a decayed count is not part of the state", "sim/model/world.c",
        "2 * (size_t)self->n_counters * sizeof *self->counts}",
        "0 * (size_t)self->n_counters}",
    ),
    Mutant(
        "difference: a sampled statistic is not part of the state", "sim/model/world.c",
        "2 * sampled * sizeof *self->sampled}",
        "0 * sampled}",
    ),
    Mutant(
        "difference: a condition is not part of the state", "sim/model/world.c",
        "{&self->on_ties, conditions * sizeof *self->on_ties}",
        "{&self->on_ties, 0 * conditions}",
    ),
    Mutant(
        "difference: a parameter of a kind is the base's", "sim/model/model.c",
        "if (!is_probability_of_calendar(self, variant->settings[n].param)) return false;",
        "if (0) return is_probability_of_calendar(self, variant->settings[n].param);",
    ),
    Mutant(
        "difference: a refresh looks at own ties alone", "sim/engine/course/step.c",
        "    take_near(self, c);\n",
        "",
    ),
    Mutant(
        "difference: third parties are not read", "sim/engine/course/footprint.c",
        "    if (self->kinds[kind].duties & DUTY_SPREADS) add_ties_of(self, i);\n",
        "",
    ),
    Mutant(
        "difference: the ends of a tie are not read", "sim/engine/course/footprint.c",
        "    add_ends(self);\n",
        "",
    ),
    Mutant(
        "difference: an actor's ties stay the root's", "sim/engine/course/courses.c",
        "is_roots(self, course, blocks[k]) && !is_needed(self, course, blocks[k])",
        "is_roots(self, course, blocks[k])",
    ),
    Mutant(
        "difference: one candidate comes twice", "sim/engine/event/due.c",
        "            courses |= left & -left;",
        "            courses |= 0;",
    ),
    Mutant(
        "difference: a course that is not in a step loses what it had", "sim/engine/course/step.c",
        "(of_root ? differing(self) | ~due->courses : due->courses)",
        "(of_root ? differing(self) : due->courses)",
    ),
    Mutant(
        "difference: what counts have added to a bound is the root's", "sim/engine/course/courses.c",
        "            if (is_new || rates) site_forget(self, (scope_t)scope, site);\n",
        "",
    ),
    Mutant(
        "difference: what was added is taken for the same", "sim/engine/course/merge.c",
        "mapped(own, root, a->parent) != b->parent)\n            return false;",
        "0)\n            return false;",
    ),
    Mutant(
        "difference: an answer is not part of the state", "sim/engine/course/courses.c",
        "(size_t)model->n_actors * sizeof *self->answers}};",
        "0 * sizeof *self->answers}};",
    ),
    Mutant(
        "residual: off by one", "tests/verification/test_pvalues.c",
        "x[r] = compensator(p, dt);",
        "x[r] = compensator(p, r + 1 < log->n ? log->time[r + 1] - p.t : dt);",
    ),
    Mutant(
        "residual: the event counts before itself", "tests/verification/test_pvalues.c",
        "x[r] = compensator(p, dt);",
        "p.excited += branching * decay, x[r] = compensator(p, dt), p.excited -= branching * decay;",
    ),
)


def output(*command: str) -> list[str]:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


class Build:
    """Objects of one copy of the sources; a changed file is compiled anew by those that include it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("sim", "tests"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        igraph = output("pkg-config", "--cflags", "--libs", "igraph")
        flags = os.environ.get("CFLAGS", "-O1").split()
        flags += ["-std=gnu11", "-D_GNU_SOURCE", "-fno-math-errno", "-ffp-contract=off"]
        flags += [f'-DENTENTE_SOURCE_DIR="{ROOT}"', f"-I{folder / 'sim'}", f"-I{folder / 'tests'}"]
        self.compiler = [os.environ.get("CC", "cc"), *flags, *[f for f in igraph if f.startswith("-I")]]
        self.libraries = ["-lcmocka", *[f for f in igraph if not f.startswith("-I")]]
        self.libraries += ["-lgsl", "-lgslcblas", "-lxxhash", "-lm"]
        layers = [folder / "sim" / layer for layer in ("base", "model", "engine", "stats", "run/split")]
        self.sources = [path for layer in layers for path in sorted(layer.rglob("*.c"))]
        verification = sorted((folder / "tests" / "verification").glob("*.c"))
        self.sources += [path for path in verification if not path.name.startswith("test_")]
        self.tests = [self.test(name) for name in dict.fromkeys(test for test, _ in RINGS.values())]

    def test(self, name: str) -> Path:
        return self.folder / "tests" / "verification" / f"test_{name}.c"

    def object(self, source: Path, checked: bool = False) -> Path:
        own = checked and source == self.folder / LOOP
        return self.folder / ("_".join(source.relative_to(self.folder).parts) + (".checked.o" if own else ".o"))

    def compile(self, sources: Sequence[Path]) -> None:
        def one(source: Path, checked: bool) -> None:
            flags = ["-DENTENTE_DEBUG"] if checked else []
            target = str(self.object(source, checked))
            subprocess.run([*self.compiler, *flags, "-w", "-c", str(source), "-o", target], check=True)

        jobs = [(source, False) for source in sources]
        jobs += [(source, True) for source in sources if source == self.folder / LOOP]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda job: one(*job), jobs))

    def users_of(self, file: Path) -> list[Path]:
        return [file] if file.suffix == ".c" else self.sources + self.tests

    def run(self) -> dict[str, str]:
        """What each quick ring says: "passed", "seen", or "stuck"."""
        verdicts = {}
        for ring, (test, checked) in RINGS.items():
            program = str(self.folder / ring)
            objects = [str(self.object(source, checked)) for source in [self.test(test), *self.sources]]
            link = [*self.compiler, *objects, "-o", program, *self.libraries]
            subprocess.run(link, check=True)
            environment = {**os.environ, "ENTENTE_VERIFY_OUT": str(self.folder / "out")}
            limit = ["prlimit", f"--cpu={CPU_SECONDS}"]  # of the processor: a busy machine changes no verdict
            done = subprocess.run([*limit, program, "--quick"], capture_output=True, check=False, env=environment)
            verdicts[ring] = {0: "passed", -signal.SIGXCPU: "stuck", -signal.SIGKILL: "stuck"}.get(
                done.returncode, "seen"
            )
        return verdicts


def main(names: Sequence[str]) -> int:
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        build = Build(Path(temporary) / "copy")
        build.compile(build.sources + build.tests)
        header = f"{'planted error':58}" + "".join(f"{ring:>11}" for ring in RINGS)
        print(header, "-" * len(header), sep="\n", flush=True)
        for mutant in (Mutant("(none)", "sim/engine/engine.c", "", ""), *MUTANTS):
            if names and mutant.name not in names:
                continue
            file = build.folder / mutant.file
            text = file.read_text()
            if mutant.old not in text:
                print(f"{mutant.name:58} does not apply: {mutant.file} has changed")
                failed = True
                continue
            if mutant.old:
                file.write_text(text.replace(mutant.old, mutant.new))
                build.compile(build.users_of(file))
            verdicts = build.run()
            seen = any(v != "passed" for v in verdicts.values())
            failed |= seen != bool(mutant.old)
            cells = ["-" if verdict == "passed" else verdict for verdict in verdicts.values()]
            print(f"{mutant.name:58}" + "".join(f"{cell:>11}" for cell in cells), flush=True)
            if mutant.old:
                file.write_text(text)
                build.compile(build.users_of(file))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
