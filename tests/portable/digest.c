/* Checksums of what must be the same bits on every processor, a line each: a million arguments of each
 * elementary function, quantiles, and the events of random models.
 *
 *     portable_digest [functions]
 *
 * With -DWITHOUT_METRICS it needs no igraph, so that it can be built for another processor from the sources
 * of base, model and engine alone. */
#include "../verification/random_model.h"

#include "base/math/elementary.h"
#include "base/math/quantile.h"
#include "engine/engine.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WITHOUT_METRICS
#include "model/metrics.h"
int metrics_columns(const model_t *model) {
    (void)model;
    return 0;
}
int metrics_compute(const world_t *world, double now, double *values) {
    (void)world, (void)now, (void)values;
    return 0;
}
#endif

/* FNV-1a; of NaN the sign is no part. */
static void add(uint64_t *sum, double x) {
    uint64_t bits = elementary_bits(isnan(x) ? NAN : x) & (isnan(x) ? INT64_MAX : UINT64_MAX);
    for (int byte = 0; byte < 8; byte++) *sum = (*sum ^ (bits >> 8 * byte & 255)) * UINT64_C(0x100000001b3);
}

#define START UINT64_C(0xcbf29ce484222325)

static double exp_of(double x) {
    return elementary_exp(x);
}
static double log_of(double x) {
    return elementary_log(x);
}

/* ---- functions -------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    double (*one)(double);
    void (*many)(double *, const double *, size_t);
    double low, high;
} functions[] = {
    {"exp", exp_of, elementary_exp_n, -750, 712}, {"exp small", exp_of, elementary_exp_n, -2, 2},
    {"log", log_of, elementary_log_n, -0.01, 3},  {"log1p", elementary_log1p, elementary_log1p_n, -1.01, 9},
    {"expm1", elementary_expm1, NULL, -4, 4},     {"sin", elementary_sin, NULL, -100, 100},
    {"cos", elementary_cos, NULL, -100, 100},     {"asin", elementary_asin, NULL, -1.01, 1.01},
};

enum { ARGUMENTS = 1000000, BLOCK = 1000 };

static bool show_functions(void) {
    bool good = true;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        uint64_t of_one = START, of_many = START;
        rng_stream_t stream;
        rng_stream_init(&stream, rng_key_text(1, functions[f].name), 0);
        for (int block = 0; block < ARGUMENTS / BLOCK; block++) {
            double x[BLOCK], out[BLOCK];
            for (int i = 0; i < BLOCK; i++) {
                double u = rng_stream_unit(&stream);
                x[i] = functions[f].low + (functions[f].high - functions[f].low) * u;
                add(&of_one, functions[f].one(x[i]));
            }
            if (functions[f].many) functions[f].many(out, x, BLOCK);
            for (int i = 0; i < BLOCK && functions[f].many; i++) add(&of_many, out[i]);
        }
        printf("%-12s %016" PRIx64 "\n", functions[f].name, of_one);
        good = good && (!functions[f].many || of_one == of_many);
    }
    return good;
}

static void show_quantiles(void) {
    static const double shapes[] = {0.2, 1, 2, 7.5, 60};
    uint64_t normal = START, gamma = START, beta = START;
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_text(1, "quantiles"), 0);
    for (int i = 0; i < 20000; i++) {
        double u = rng_stream_unit(&stream);
        add(&normal, quantile_normal(u));
        add(&gamma, quantile_gamma(shapes[i % 5], u));
        add(&beta, quantile_beta(shapes[i % 5], shapes[i / 5 % 5], u));
    }
    printf("%-12s %016" PRIx64 "\n%-12s %016" PRIx64 "\n%-12s %016" PRIx64 "\n", "normal", normal, "gamma",
           gamma, "beta", beta);
}

/* ---- the engine ------------------------------------------------------------------------------------- */

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "portable_digest: %s\n", what);
    exit(1);
}

static void add_log(uint64_t *sum, const log_t *log) {
    for (int32_t row = 0; row < log->n; row++) {
#define X(name, type, ...) add(sum, (double)log->name[row]);
        LOG_COLUMNS(X)
#undef X
    }
}

static void show_engine(void) {
    uint64_t sum = START;
    long rows = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        model_t model;
        engine_t *engine;
        observation_t observation;
        result_t result;
        random_model(&model, seed);
        must(engine_init(&engine, &model, seed) == 0, "no engine");
        must(observation_init(&observation, &model) == 0 && result_init(&result, &model, &observation) == 0,
             "no memory");
        for (int variant = 0; variant < model.n_variants; variant++) {
            must(engine_run(engine, 0, variant, 0, NULL, &observation, &result) == 0, "no run");
            add_log(&sum, &result.log);
            rows += result.log.n;
            size_t cells = (size_t)observation.n_times * (size_t)observation.n_ties;
            for (size_t c = 0; c < cells; c++) add(&sum, (double)result.strength[c]);
            for (size_t c = 0; c < 2 * cells; c++) add(&sum, (double)result.trade[c]);
        }
        result_free(&result);
        observation_free(&observation);
        engine_free(engine);
        model_free(&model);
    }
    printf("%-12s %016" PRIx64 " %ld rows\n", "engine", sum, rows);
}

int main(int argc, char **argv) {
    must(show_functions(), "arguments side by side give other bits");
    show_quantiles();
    if (argc < 2 || strcmp(argv[1], "functions") != 0) show_engine();
    return 0;
}
