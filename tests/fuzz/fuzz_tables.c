/* The tables of a scenario: actors, ties, calendar, in this order. */
#include "fuzz/fuzz.h"
#include "scenario/scenario.h"

static const char scenario_text[] =
    "entente: 1\n"
    "title: T\n"
    "period: {start: 2026-01-01, end: 2027-01-01}\n"
    "actors: {from: a.csv}\n"
    "ties: {from: b.csv}\n"
    "kinds:\n"
    "  call: {scope: initiator -> target, level: leader, rate: {per_year: 1}, effect: {goldstein: 1}}\n"
    "calendar:\n"
    "  - {from: c.csv}\n";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    enum { MOST = 4 };
    static const char *const paths[MOST] = {"s.yaml", "a.csv", "b.csv", "c.csv"};
    char *texts[MOST] = {(char *)scenario_text};
    size_t lengths[MOST] = {sizeof scenario_text - 1};
    int n_texts = 1 + fuzz_split(bytes, n, MOST - 1, texts + 1, lengths + 1);
    scenario_t scenario = {0};
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    scenario_read_texts(&scenario, n_texts, paths, (const char *const *)texts, lengths, &diagnostics);
    diagnostics_print(&diagnostics, stderr, DIAGNOSTICS_SHOWN);
    diagnostics_free(&diagnostics);
    scenario_free(&scenario);
    for (int i = 1; i < n_texts; i++) free(texts[i]);
    return 0;
}
