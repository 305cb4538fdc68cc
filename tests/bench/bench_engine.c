/* Speed of the engine on standard workloads: events/s, ns an event, bytes a process, peak memory.
 *
 *     bench_engine [WORKLOAD [SIZE]]      one line each: workload size events seconds ns/event bytes/process
 *
 * Pairing is on: every process reads its own fixed measure, whatever the workload. The log is not kept. */
#include "../support/toy.h"
#include "engine/internal.h"

#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* `n` independent Poisson processes of rate 1 a day: one kind on as many dyads. */
static void poisson(model_t *m, int n, double horizon) {
    toy_init(m, (int)ceil(0.5 + sqrt(0.25 + 2.0 * n)), 1, horizon);
    m->kinds[0].scope = SCOPE_DYAD;
    m->kinds[0].rate_per_year = DAYS_PER_YEAR;
    m->n_ties = n;
}

/* D nodes, base rate 0.5, decay 1, branching 0.1 to itself and the two neighbours on either side. */
static void hawkes_ring(model_t *m, int n, double horizon) {
    toy_init(m, 2, n, horizon);
    for (int k = 0; k < n; k++) {
        m->kinds[k].scope = SCOPE_DYAD;
        m->kinds[k].rate_per_year = 0.5 * DAYS_PER_YEAR;
        for (int d = -2; d <= 2; d++) toy_excite(m, k, (k + d + n) % n, RELATION_SAME, 0.1, 1);
    }
}

/* One kind on all directed dyads, with inertia and reciprocity of half-life 30 d. */
static void inertia(model_t *m, int n, double horizon) {
    toy_init(m, n, 1, horizon);
    m->kinds[0].scope = SCOPE_DIRECTED;
    m->kinds[0].rate_per_year = 0.02 * DAYS_PER_YEAR;
    term_t *terms = toy_terms(m, &m->kinds[0].log_rate, 2);
    terms[0] =
        (term_t){.statistic = &statistics[STATISTIC_INERTIA], .ref = 0, .coefficient = 0.5, .half_life = 30};
    terms[1] = (term_t){
        .statistic = &statistics[STATISTIC_RECIPROCITY], .ref = 0, .coefficient = 0.3, .half_life = 30};
}

/* Ten kinds on every dyad: rates that follow a relaxing strength, excitation among all ten. */
static void ten_kinds(model_t *m, int n, double horizon) {
    toy_init(m, n, 10, horizon);
    for (int k = 0; k < 10; k++) {
        kind_t *kind = &m->kinds[k];
        kind->scope = SCOPE_DYAD;
        kind->rate_per_year = 2;
        kind->goldstein = k % 3 ? 4 : -4;
        kind->lasting = 0.05;
        *toy_terms(m, &kind->log_rate, 1) =
            (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = k % 3 ? 1 : -1};
        for (int source = 0; source < 10; source++) toy_excite(m, k, source, RELATION_SAME, 0.04, 0.5);
    }
}

typedef struct {
    const char *name;
    void (*make)(model_t *, int, double);
    int sizes[4];
    double events; /* aimed at */
    double rate;   /* events a day and unit of size (of size^2 where squared) */
    bool squared;
} workload_t;

static const workload_t workloads[] = {
    {"poisson", poisson, {1000, 100000}, 2e6, 1, false},
    {"hawkes-ring", hawkes_ring, {100, 1000, 10000}, 2e6, 1, false},
    {"inertia", inertia, {20, 50, 100, 500}, 5e5, 0.03, true},
    {"ten-kinds", ten_kinds, {20, 200, 1000}, 1e6, 0.05, true},
};

static size_t bytes_per_process(const engine_t *engine) {
    size_t bytes = engine->n_processes * (sizeof(process_t) + 2 * sizeof(double) + sizeof(float)) +
                   engine->n_bunches * (sizeof(heap_entry_t) + sizeof(uint32_t)) +
                   engine->offspring_capacity * sizeof(offspring_t);
    return bytes / (engine->n_processes ? engine->n_processes : 1);
}

/* Peak memory of this process, MB. */
static long peak(void) {
    long kb = 0;
    char line[128];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld kB", &kb) == 1) break;
    if (status) fclose(status);
    return kb / 1024;
}

static void tell(const char *name, int size, double events, double seconds, size_t bytes, const char *note) {
    printf("%-12s %7d %10.0f events %7.3f s %8.0f ns/event %10.0f events/s %5zu B/process %6ld MB%s\n", name,
           size, events, seconds, 1e9 * seconds / events, events / seconds, bytes, peak(), note);
    fflush(stdout);
}

/* The queue alone: take the first, draw an exponential wait, put it back. What no engine on it can beat. */
static int bare_heap(int n) {
    const double events = 5e6;
    heap_t heap;
    rng_stream_t stream;
    if (heap_init(&heap, (uint32_t)n, NULL) < 0) return 1;
    rng_stream_init(&stream, 1, 1);
    for (int i = 0; i < n; i++) heap_set(&heap, (uint32_t)i, -log(rng_stream_unit(&stream)));
    double before = cpu_seconds();
    for (double k = 0; k < events; k++)
        heap_set(&heap, heap_top(&heap)->id, heap_top(&heap)->time - log(rng_stream_unit(&stream)));
    tell("bare-heap", n, events, cpu_seconds() - before, sizeof(heap_entry_t) + sizeof(uint32_t), "");
    heap_free(&heap);
    return 0;
}

static int measure(const workload_t *w, int size) {
    model_t model;
    engine_t *engine;
    observation_t observation = {0};
    result_t result;
    double units = w->squared ? (double)size * size : size;
    w->make(&model, size, w->events / (w->rate * units));
    if (model_finish(&model) < 0 || engine_init(&engine, &model, 1) < 0 ||
        result_init(&result, &model, &observation) < 0)
        return 1;
    double before = cpu_seconds();
    if (engine_run(engine, 0, 0, 0, NULL, &observation, &result) < 0) return 1;
    double seconds = cpu_seconds() - before;
    tell(w->name, size, (double)result.n_events, seconds, bytes_per_process(engine),
         result.stop ? stop_names[result.stop] : "");
    result_free(&result);
    engine_free(engine);
    model_free(&model);
    return 0;
}

/* Each in a process of its own, so that its peak is its own. */
static int apart(const workload_t *w, int size) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) _exit(w ? measure(w, size) : bare_heap(size));
    int status;
    return child < 0 || waitpid(child, &status, 0) < 0 || status != 0;
}

int main(int argc, char **argv) {
    int status = 0;
    const char *name = argc > 1 ? argv[1] : NULL;
    int only = argc > 2 ? atoi(argv[2]) : 0;
    static const int heaps[] = {1000, 100000};
    for (int s = 0; s < 2; s++)
        if ((!name || !strcmp(name, "bare-heap")) && (!only || only == heaps[s]))
            status |= apart(NULL, heaps[s]);
    for (size_t n = 0; n < sizeof workloads / sizeof *workloads; n++) {
        if (name && strcmp(name, workloads[n].name)) continue;
        for (int s = 0; s < 4 && workloads[n].sizes[s]; s++)
            if (!only || only == workloads[n].sizes[s]) status |= apart(&workloads[n], workloads[n].sizes[s]);
    }
    return status;
}
