#include "run/trial.h"

#include "base/mem.h"
#include "engine/engine.h"
#include <time.h>

#define REPLICATES_MOST 200

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The i-th point of an order that is spread over the design however early it ends. */
static int nth_point(int i, int n_points) {
    const double golden = 0.6180339887498949;
    double turns = golden * i;
    return (int)((turns - (int)turns) * n_points);
}

int trial_run(const plan_t *plan, double most, trial_t *trial) {
    const layout_t *layout = &plan->layout;
    int n_points = plan->request.points ? plan->request.points->n_points : 1, ret = 0;
    double all = (double)n_points * plan->request.n_replicates, begun = processor_seconds();
    engine_t *engine = NULL;
    result_t *results = mem_alloc((size_t)layout->n_variants, sizeof *results);
    setting_t *settings = mem_alloc((size_t)plan_n_settings(plan), sizeof *settings);
    *trial = (trial_t){0};
    if (!results || !settings) {
        ret = ERR_NOMEM;
        goto out;
    }
    for (int v = 0; v < layout->n_variants; v++)
        TRY(result_init(&results[v], layout->model, &plan->observation));
    TRY(engine_init(&engine, plan->request.model, plan->request.seed));
    for (int i = 0; i < REPLICATES_MOST && i < all && trial->seconds < most; i++) {
        plan_settings(plan, plan->request.points ? nth_point(i, n_points) : -1, settings);
        TRY(engine_run_all(engine, (uint32_t)i % plan->request.n_replicates, layout->n_variants,
                           layout->variants, plan_n_settings(plan), settings, &plan->observation, results));
        trial->n_replicates++;
        trial->seconds = processor_seconds() - begun;
    }
    trial->seconds *= trial->n_replicates ? all / trial->n_replicates : 0;
out:
    for (int v = 0; results && v < layout->n_variants; v++) result_free(&results[v]);
    mem_free(results);
    mem_free(settings);
    engine_free(engine);
    return ret;
}
