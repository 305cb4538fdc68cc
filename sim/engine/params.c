/* The parameters of a replicate: the model's are written, and put back at its end. */
#include "engine/internal.h"

int params_set(engine_t *self, int param, double value) {
    if (ARRAY_RESERVE(self->saved, self->n_saved, self->saved_capacity) < 0) return ERR_NOMEM;
    self->saved[self->n_saved++] = (saved_t){param, *self->model->params[param].value};
    *self->model->params[param].value = value;
    return 0;
}

void params_restore(engine_t *self) {
    while (self->n_saved > 0) {
        saved_t saved = self->saved[--self->n_saved];
        *self->model->params[saved.param].value = saved.value;
    }
}

int params_begin(engine_t *self, int n_settings, const setting_t *settings) {
    int ret = 0;
    const model_t *model = self->model;
    uint64_t key = rng_key_text(rng_key_number(self->seed, self->replicate), "uncertain");
    TRY(uncertain_draw(model, key, self->courses[0].result->draws));
    for (int u = 0; u < model->n_uncertain; u++)
        TRY(params_set(self, model->uncertain[u].param, self->courses[0].result->draws[u]));
    for (int n = 0; n < n_settings; n++) TRY(params_set(self, settings[n].param, settings[n].value));
    for (int f = 0; f < model->n_followers; f++) {
        const follower_t *follower = &model->followers[f];
        bool is_set = false;
        for (int n = 0; n < n_settings; n++) is_set |= settings[n].param == follower->param;
        if (!is_set) TRY(params_set(self, follower->param, *model->params[follower->of].value));
    }
    for (int c = 0; c < self->n_courses; c++)
        for (int u = 0; u < model->n_uncertain; u++) /* what a setting fixes is not drawn */
            self->courses[c].result->draws[u] = *model->params[model->uncertain[u].param].value;
    for (int n = 0; n < self->variant->n_settings && self->n_courses == 1; n++)
        TRY(params_set(self, self->variant->settings[n].param,
                       setting_value(model, &self->variant->settings[n])));
out:
    return ret;
}
