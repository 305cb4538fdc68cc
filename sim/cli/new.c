/* `entente new`: a commented scenario to start from. */
#include "base/mem.h"
#include "cli/command.h"
#include "cli/options/options.h"
#include "scenario/scenario.h"
#include "text/output.h"
#include "text/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A valid scenario (tests/e2e/test_new.py) that is short enough to read completely. */
static const char first_steps[] =
    "# What this scenario is about, in a sentence or two.\n"
    "#\n"
    "# The question: does the visit of May bring Arcadia and Borduria closer by the end of the year?\n"
    "# (The report of `entente report` begins with this paragraph.)\n"
    "#\n"
    "#   entente check FILE.yaml     every problem, with its line\n"
    "#   entente show FILE.yaml      the expected events a year of each type\n"
    "#   entente trace FILE.yaml     one replicate as a chronicle\n"
    "#   entente run FILE.yaml       all replicates; then `entente compare FILE.h5`\n"
    "#   entente check --reference   all keys\n"
    "entente: 1\n"
    "title: Two neighbours and a visit\n"
    "period: {start: 2026-01-01, end: 2027-01-01}        # from midnight to midnight, UTC\n"
    "\n"
    "# All other sections use the short names; labels are for the reader. For many actors use a table:\n"
    "# `actors: {from: actors.csv}`, and likewise for ties.\n"
    "actors:\n"
    "  ARC: {label: Arcadia, gdp: 500 bn USD}\n"
    "  BOR: {label: Borduria, gdp: 80 bn USD}\n"
    "  SYL: {label: Syldavia, gdp: 40 bn USD}\n"
    "\n"
    "# strength: state of the relation, -1 hostile to 1 friendly; it returns to alignment in months.\n"
    "# alignment: the level to which strength returns. exports: yearly sales of each to the other.\n"
    "ties:\n"
    "  ARC-BOR: {strength: 0.2, alignment: 0.2, exports: {ARC: 3 bn USD, BOR: 2 bn USD}}\n"
    "  ARC-SYL: {strength: 0.3, alignment: 0.3, exports: {ARC: 1 bn USD, SYL: 1 bn USD}}\n"
    "  BOR-SYL: {strength: -0.2, alignment: -0.1}\n"
    "  relax: {strength: 30 d, alignment: 3 y}           # half-lives\n"
    "\n"
    "trade: {alignment_effect: 0.9}                      # long-run change of log trade per unit of "
    "alignment\n"
    "\n"
    "# Event types. One with a rate occurs at that rate; the others need the calendar or another event.\n"
    "kinds:\n"
    "  call:\n"
    "    scope: initiator -> target\n"
    "    level: leader\n"
    "    # Three a year in each direction at strength 0.2, exp(1 x 0.1) times as many at 0.3.\n"
    "    rate: {per_year: 3, log_effects: {strength: {coefficient: 1, reference: 0.2}}}\n"
    "    effect: {goldstein: 1, lasting: 0.1}            # a tenth of the effect also moves alignment\n"
    "    excited_by: [{kind: call, relation: reversed, branching: 0.2, half_life: 3 d}]    # a call back\n"
    "  visit:\n"
    "    scope: initiator -> target\n"
    "    level: leader\n"
    "    effect: {goldstein: 2.8, lasting: 0.2}\n"
    "    then:                                           # consequences\n"
    "      - {kind: call, probability: 0.5, delay: {exponential: {mean: 20 d}}}\n"
    "      - {kind: contract, probability: 0.3, delay: {exponential: {mean: 60 d}}}\n"
    "  contract:\n"
    "    scope: initiator -> target\n"
    "    value: {lognormal: {median: 200 m USD, sigma: 0.8}}\n"
    "    effect: {goldstein: 1, lasting: 0.2}\n"
    "\n"
    "# Planned events. Variants refer to an entry by its id; `source` gives its source.\n"
    "calendar:\n"
    "  - {id: may-visit, date: 2026-05-12, kind: visit, initiator: BOR, target: ARC, source: assumed}\n"
    "\n"
    "# Outcomes. The answer of the report concerns the first.\n"
    "quantities:\n"
    "  closeness: {strength: ARC-BOR, at: 2026-12-31, label: \"strength at the end of 2026: Arcadia and "
    "Borduria\"}\n"
    "  calls:     {count: call, tie: ARC-BOR, label: calls between the two}\n"
    "  contracts: {sum: value, kind: contract, tie: ARC-BOR, label: contracts between the two}\n"
    "\n"
    "# Counterfactuals. Each replicate is simulated for the scenario itself (base) and for each variant,\n"
    "# with common random numbers, so any difference is the effect of the variant.\n"
    "variants:\n"
    "  no_visit:\n"
    "    note: The visit of May does not take place.\n"
    "    drop: [may-visit]\n"
    "\n"
    "# Uncertain parameters, drawn anew for each replicate. (m) measured, (e) estimated, (a) assumed.\n"
    "uncertain:\n"
    "  ties.relax.strength: {triangular: [14 d, 30 d, 60 d], source: guess (a)}\n"
    "  kinds.visit.effect.lasting: {beta: {mean: 0.2, concentration: 10}, source: guess (a)}\n"
    "\n"
    "monte_carlo: {replicates: 1000, seed: 1}\n"
    "output: {every: 1 week, events: true, ties: all}\n";

typedef struct {
    common_t common;
    const char *template;
} new_options_t;

static const option_t option_table[] = {
    {NULL, .argument = "name", .required = "the name is missing; give NAME", TEXT(common_t, path)},
    {"template", 't', "TEMPLATE",
     "Start from mediation, summit, sanctions, trade-agreement or group, or from any other file "
     "templates/TEMPLATE.yaml of the library",
     TEXT(new_options_t, template)},
    {0},
};

static void check(struct argp_state *state, const void *arguments) {
    const common_t *common = arguments;
    if (!*common->path) argp_error(state, "the name is empty");
}

/* NAME.yaml, or NAME itself if it ends so. */
static char *file_name(const char *name) {
    size_t n = strlen(name);
    bool whole = n > 5 && !strcmp(name + n - 5, ".yaml");
    char *path = NULL;
    if (asprintf(&path, "%s%s", name, whole ? "" : ".yaml") < 0) return NULL;
    return path;
}

/* Never overwrites a file; removes an incomplete one. */
static int write_new(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        fprintf(stderr, "entente: %s: %s\n", path,
                errno == EEXIST ? "exists already; choose another name or remove it" : strerror(errno));
        return ERR_CANTCREATE;
    }
    size_t done = 0, n = strlen(text);
    bool good = true;
    while (good && done < n) {
        ssize_t m = write(fd, text + done, n - done);
        if (m > 0) done += (size_t)m;
        good = m > 0 || (m < 0 && errno == EINTR);
    }
    if (close(fd)) good = false;
    if (good) return 0;
    fprintf(stderr, "entente: %s: writing failed: %s\n", path, strerror(errno));
    unlink(path);
    return ERR_IO;
}

/* The text of a template of the library; mem_free. */
static int read_template(const char *name, char **given, fault_t *err) {
    char file[256], *path = NULL;
    int ret = ERR_NOINPUT;
    if (!strchr(name, '/') && snprintf(file, sizeof file, "templates/%s.yaml", name) < (int)sizeof file)
        ret = scenario_library_file(file, &path);
    if (ret == ERR_NOINPUT)
        error_set(
            err, ret,
            "--template %s: the library has no templates/%s.yaml; there are mediation, summit, sanctions, "
            "trade-agreement and group, if the library is installed or named with `entente "
            "--library=FOLDER new`",
            name, name);
    if (ret == 0) ret = source_text(path, given, err);
    mem_free(path);
    return ret;
}

int command_new(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "NAME",
        "Writes NAME.yaml, a small commented scenario to start from; it never overwrites a file.\vThe "
        "scenario is valid as written: check it, run it, then adapt it.",
        check};
    new_options_t options = {0};
    options_parse(&line, argc, argv, &options);
    fault_t err = {0};
    char *path = file_name(options.common.path), *resolved = NULL, *given = NULL;
    int ret = path ? output_resolve(path, &resolved, &err) : ERR_NOMEM;
    if (!ret && options.template) ret = read_template(options.template, &given, &err);
    if (ret) command_ended(ret, NULL, &err);
    if (!ret) ret = write_new(resolved, given ? given : first_steps);
    if (ret == 0) printf("wrote %s. Next: entente check %s\n", path, path);
    mem_free(given);
    mem_free(resolved);
    free(path);
    options_free(option_table, &options);
    return error_exit_code(ret);
}
