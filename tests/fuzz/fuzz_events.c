/* Tables of events. The first byte chooses how codes become kinds and actors; then the events, and if it says
 * so a table of codes and one of countries. */
#include "fuzz/fuzz.h"
#include "observed/events.h"
#include "scenario/scenario.h"
#include <math.h>

/* Small ones, since they are read for each input. */
static const char cameo[] =
    "code,kind,dyad,level\n040,minister_visit,undirected,\n042,leader_visit,directed,leader\n"
    "043,,mirror,\n057,call,directed,\n*,call,undirected,\n";
static const char plover[] =
    "code,kind,dyad\nCONSULT-phone,call,undirected\nCONSULT-visit,minister_visit,directed\n";
static const char countries[] =
    "actor,iso3,name\nUSA,USA,United States\nKAZ,KAZ,Kazakhstan\nUZB,UZB,Uzbekistan\n"
    "USA,,America\n";

static scenario_t scenario;
static fuzz_file_t files[3], own[3]; /* of the input; ours */

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    fuzz_need(!scenario_read(&scenario, ENTENTE_SOURCE_DIR "/scenarios/white-house-2018.yaml", &diagnostics),
              "the scenario is valid");
    diagnostics_free(&diagnostics);
    for (int i = 0; i < 3; i++) {
        fuzz_file_init(&files[i], "fuzz");
        fuzz_file_init(&own[i], "own");
    }
    fuzz_file_put(&own[0], cameo, sizeof cameo - 1);
    fuzz_file_put(&own[1], plover, sizeof plover - 1);
    fuzz_file_put(&own[2], countries, sizeof countries - 1);
    return 0;
}

static void check(const events_t *events) {
    const model_t *model = &scenario.model;
    for (int i = 0; i < events->n; i++) {
        const observed_t *e = &events->items[i];
        fuzz_need(isfinite(e->time) && (i == 0 || events->items[i - 1].time <= e->time),
                  "events are in order");
        fuzz_need(e->kind >= 0 && e->kind < model->n_kinds && e->initiator >= 0 &&
                      e->initiator < model->n_actors && e->target < model->n_actors,
                  "events are of the scenario");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    enum { MOST = 3 };
    const char *const mappings[] = {NULL, own[0].path, own[1].path};
    if (!n) return 0;
    char *texts[MOST];
    size_t lengths[MOST];
    int n_texts = fuzz_split(bytes + 1, n - 1, MOST, texts, lengths);
    for (int i = 0; i < n_texts; i++) fuzz_file_put(&files[i], texts[i], lengths[i]);
    const char *path = files[0].path;
    events_source_t source = {.n_files = 1,
                              .files = &path,
                              .order = (date_order_t)(bytes[0] / 16 % ORDER_N),
                              .unknown_days = (unknown_days_t)(bytes[0] / 64 % 3)};
    source.mapping = n_texts > 1 ? files[1].path : mappings[bytes[0] % 3];
    if (bytes[0] & 4) source.countries = n_texts > 2 ? files[2].path : own[2].path;
    if (bytes[0] & 8) source.system = "iso3";
    events_t events = {0};
    fault_t err = {0};
    if (events_import(&events, &scenario.model, &source, n & 1 ? INFINITY : scenario.model.horizon, stderr,
                      &err))
        fuzz_need(err.code != 0, "refused events are explained");
    else
        check(&events);
    events_free(&events);
    for (int i = 0; i < n_texts; i++) free(texts[i]);
    return 0;
}
