/* Parameters over time: interventions may set them in mid-run. */
#include "naive_internal.h"

/* What the parameter is from t on, until the next setting. */
double naive_param_from(const naive_t *n, const double *where, double t) {
    for (int k = 0; k < n->n_settings; k++)
        if (n->settings[k].where == where && n->settings[k].time > t) return n->settings[k].before;
    return *where;
}

/* The first moment after t at which any parameter is set, at most `until`. */
double naive_next_setting(const naive_t *n, double t, double until) {
    for (int k = 0; k < n->n_settings; k++)
        if (n->settings[k].time > t && n->settings[k].time < until) until = n->settings[k].time;
    return until;
}

/* Half-lives that go by from `from` to `to`. */
double naive_half_lives(const naive_t *n, const double *half_life, double from, double to) {
    double sum = 0;
    for (double t = from, next; t < to; t = next) {
        next = naive_next_setting(n, t, to);
        sum += (next - t) / naive_param_from(n, half_life, t);
    }
    return sum;
}

void naive_set(const model_t *m, const setting_t *setting) {
    const param_t *param = &m->params[setting->param];
    *param->value = setting->scales ? naive_clamp(*param->value * setting->value, param->low, param->high)
                                    : setting->value;
}

void naive_set_params(naive_t *n) {
    const model_t *m = n->m;
    for (int u = 0; u < m->n_uncertain; u++) {
        const param_t *param = &m->params[m->uncertain[u].param];
        uint64_t key = rng_key_text(rng_key_text(n->key, "uncertain"), param->path);
        n->result->draws[u] = naive_clamp(naive_draw(&m->uncertain[u].dist, key, 0), param->low, param->high);
        *param->value = n->result->draws[u];
    }
    for (int s = 0; s < n->variant->n_settings; s++) naive_set(m, &n->variant->settings[s]);
}
