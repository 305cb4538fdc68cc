#include "stats/choice/regret.h"

#include "base/error.h"
#include "base/mem.h"
#include "stats/sample.h"
#include <string.h>

static void find_regrets(int n_options, size_t n, const double *values, bool least, double *regrets) {
    double sign = least ? -1 : 1;
    for (size_t s = 0; s < n; s++) {
        double best = sign * values[s];
        for (int o = 1; o < n_options; o++)
            if (sign * values[(size_t)o * n + s] > best) best = sign * values[(size_t)o * n + s];
        for (int o = 0; o < n_options; o++)
            regrets[(size_t)o * n + s] = best - sign * values[(size_t)o * n + s];
    }
}

/* By regrets, which order the options of a state as their values do. */
static bool dominates(size_t n, const double *regrets, const double *others) {
    bool better = false;
    for (size_t s = 0; s < n; s++) {
        if (regrets[s] > others[s]) return false;
        better |= regrets[s] < others[s];
    }
    return better;
}

static void summarise(size_t n, const double *values, const double *regrets, double *sorted, regret_t *out) {
    size_t n_best = 0;
    *out = (regret_t){.mean = sample_mean(values, n), .regret = sample_mean(regrets, n), .dominated_by = -1};
    for (size_t s = 0; s < n; s++) {
        n_best += regrets[s] == 0;
        if (regrets[s] > regrets[out->worst]) out->worst = s;
    }
    out->best = (double)n_best / (double)n;
    out->regret_most = regrets[out->worst];
    memcpy(sorted, regrets, n * sizeof *sorted);
    sample_sort(sorted, n);
    out->regret_90 = sample_quantile(sorted, n, 0.9);
}

int regret_all(int n_options, size_t n, const double *values, bool least, double *regrets, regret_t *out) {
    double *sorted = mem_alloc(n, sizeof *sorted);
    if (!sorted) return ERR_NOMEM;
    find_regrets(n_options, n, values, least, regrets);
    for (int o = 0; o < n_options; o++) {
        const double *own = regrets + (size_t)o * n;
        summarise(n, values + (size_t)o * n, own, sorted, &out[o]);
        for (int k = 0; k < n_options && out[o].dominated_by < 0; k++)
            if (k != o && dominates(n, regrets + (size_t)k * n, own)) out[o].dominated_by = k;
    }
    mem_free(sorted);
    return 0;
}
