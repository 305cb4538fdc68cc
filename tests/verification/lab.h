/* A model with an engine, what it looks at, and the last replicate. */
#ifndef ENTENTE_VERIFY_LAB_H
#define ENTENTE_VERIFY_LAB_H

#include "../support/check.h"
#include "../support/toy.h"

#include <stdlib.h>

typedef struct {
    model_t model;
    engine_t *engine;
    observation_t observation;
    result_t result;
} lab_t;

/* With a finished model. */
static inline void lab_start(lab_t *lab, uint64_t seed) {
    assert_int_equal(engine_init(&lab->engine, &lab->model, seed), 0);
    assert_int_equal(observation_init(&lab->observation, &lab->model), 0);
    assert_int_equal(result_init(&lab->result, &lab->model, &lab->observation), 0);
}

static inline void lab_open(lab_t *lab, uint64_t seed) {
    assert_int_equal(model_finish(&lab->model), 0);
    lab_start(lab, seed);
}

static inline void lab_close(lab_t *lab) {
    result_free(&lab->result);
    observation_free(&lab->observation);
    engine_free(lab->engine);
    model_free(&lab->model);
}

static inline void lab_variant(lab_t *lab, uint32_t replicate, int variant) {
    assert_int_equal(engine_run(lab->engine, replicate, variant, 0, NULL, &lab->observation, &lab->result),
                     0);
}

static inline void lab_run(lab_t *lab, uint32_t replicate) {
    lab_variant(lab, replicate, 0);
    assert_int_equal(lab->result.stop, STOP_NONE);
}

/* Whether the quick ring is asked for; the numbers of replicates follow it. */
static inline bool is_quick(int argc, char **argv) {
    return argc > 1 && !strcmp(argv[1], "--quick");
}

#endif
