/* Parameters over time: interventions may set them in mid-run. */
#include "naive_internal.h"

#include "base/math/quantile.h"

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

/* The normal numbers with the correlations of a joint distribution, one after another: each is its
 * expectation given those before it, and its own number. */
static double naive_normal(const joint_draw_t *joint, const param_t *params, uint64_t key, int member) {
    int size = joint->n;
    double factor[size][size], value = 0;
    for (int i = 0; i <= member; i++)
        for (int j = 0; j <= i; j++) {
            double sum = joint->correlation[i * size + j];
            for (int k = 0; k < j; k++) sum -= factor[i][k] * factor[j][k];
            factor[i][j] = i == j ? sqrt(sum) : sum / factor[j][j];
        }
    for (int k = 0; k <= member; k++) {
        rng_stream_t stream;
        rng_stream_init(&stream, rng_key_text(key, params[joint->params[k]].path), 0);
        value += factor[member][k] * quantile_normal(rng_stream_unit(&stream));
    }
    return value;
}

static double naive_uncertain(const naive_t *n, const uncertain_t *uncertain) {
    uint64_t key = rng_key_text(n->key, "uncertain");
    const joint_draw_t *joint = uncertain->joint < 0 ? NULL : &n->m->joints[uncertain->joint];
    if (!joint)
        return naive_draw(&uncertain->dist, rng_key_text(key, n->m->params[uncertain->param].path), 0);
    if (joint->correlation)
        return dist_at_normal(&uncertain->dist, naive_normal(joint, n->m->params, key, uncertain->member));
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_text(key, joint->name), 1);
    int row = (int)(rng_stream_unit(&stream) * joint->n_rows);
    return joint->rows[row * joint->n + uncertain->member];
}

void naive_set_params(naive_t *n) {
    const model_t *m = n->m;
    for (int u = 0; u < m->n_uncertain; u++) {
        const param_t *param = &m->params[m->uncertain[u].param];
        n->result->draws[u] = naive_clamp(naive_uncertain(n, &m->uncertain[u]), param->low, param->high);
        *param->value = n->result->draws[u];
    }
    for (int s = 0; s < n->variant->n_settings; s++) naive_set(m, &n->variant->settings[s]);
}
