/* A scenario and two tables that it may name (a.csv, b.csv), from memory: read and told, nothing simulated.
 */
#include "fuzz/fuzz.h"
#include "scenario/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    enum { MOST = 3 };
    static const char *const paths[MOST] = {"s.yaml", "a.csv", "b.csv"};
    char *texts[MOST];
    size_t lengths[MOST];
    int n_texts = fuzz_split(bytes, n, MOST, texts, lengths);
    scenario_t scenario = {0};
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    int ret =
        scenario_read_texts(&scenario, n_texts, paths, (const char *const *)texts, lengths, &diagnostics);
    fuzz_need(ret == 0 || diagnostics.counts[SEVERITY_ERROR] > 0 || ret == ERR_NOMEM,
              "a refused scenario is explained");
    diagnostics_print(&diagnostics, stderr, DIAGNOSTICS_SHOWN);
    diagnostics_free(&diagnostics);
    scenario_free(&scenario);
    for (int i = 0; i < n_texts; i++) free(texts[i]);
    return 0;
}
