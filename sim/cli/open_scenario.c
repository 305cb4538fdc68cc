#include "cli/open_scenario.h"

#include "base/error.h"
#include "model/without.h"
#include "text/suggest.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* Room for n more. */
static bool grow(opened_t *self, int n) {
    size_t most = (size_t)self->n_settings + (size_t)n;
    setting_t *settings = reallocarray(self->settings, most + 1, sizeof *settings);
    if (settings) self->settings = settings;
    char **texts = reallocarray(self->setting_texts, most + 1, sizeof *texts);
    if (texts) self->setting_texts = texts;
    return settings && texts;
}

/* Takes out what an earlier setting says of the parameter; false if that one is at `*first` or behind it,
 * where the same thing must not be said twice, and says otherwise. */
static bool replace_earlier(opened_t *self, int *first, const char *text, const setting_t *setting) {
    int at = 0;
    while (at < self->n_settings && self->settings[at].param != setting->param) at++;
    if (at == self->n_settings) return true;
    const char *there = self->setting_texts[at];
    bool again = at >= *first;
    if (again && self->settings[at].value != setting->value) {
        fprintf(stderr,
                "entente: --set %s: --set %s gives the same parameter another value; give one of the two\n",
                text, there);
        return false;
    }
    free(self->setting_texts[at]);
    self->n_settings--;
    *first -= !again;
    size_t rest = (size_t)(self->n_settings - at);
    memmove(&self->settings[at], &self->settings[at + 1], rest * sizeof *self->settings);
    memmove(&self->setting_texts[at], &self->setting_texts[at + 1], rest * sizeof *self->setting_texts);
    return true;
}

/* One "PATH=VALUE", for which there is room. Those from `*first` on are of the same command line. */
static int add_setting(opened_t *self, const char *text, int *first) {
    fault_t err = {0};
    setting_t setting = {.param = -1};
    const char *equals = strchr(text, '=');
    if (!equals) {
        fprintf(stderr, "entente: --set %s: PATH=VALUE is expected, such as kinds.call.rate.per_year=0.8\n",
                text);
        return EX_USAGE;
    }
    char *path = strndup(text, (size_t)(equals - text)), *own = strdup(text);
    int ret =
        path && own ? scenario_set(&self->scenario, path, equals + 1, &setting, &err) : error_memory(&err);
    free(path);
    if (ret == 0 && replace_earlier(self, first, text, &setting)) {
        self->settings[self->n_settings] = setting;
        self->setting_texts[self->n_settings++] = own;
        return 0;
    }
    free(own);
    if (ret) fprintf(stderr, "entente: --set %s: %s\n", text, err.text);
    return ret == ERR_NOMEM ? EX_SOFTWARE : EX_USAGE;
}

int opened_set(opened_t *self, int n, const char *const *texts) {
    int status = 0, first = self->n_settings;
    if (!grow(self, n)) return EX_SOFTWARE;
    for (int i = 0; i < n; i++) { /* every mistake is reported, not only the first */
        int one = add_setting(self, texts[i], &first);
        if (one) status = one;
    }
    return status;
}

/* Each uncertain parameter at the scenario's own value. */
static int fix(opened_t *self) {
    static const char *const units[DIM_N] = {
        [DIM_DURATION] = " d", [DIM_MONEY] = " USD", [DIM_DISTANCE] = " km"};
    const model_t *model = &self->scenario.model;
    int status = grow(self, model->n_uncertain) ? 0 : EX_SOFTWARE, first = 0;
    for (int u = 0; u < model->n_uncertain && status == 0; u++) {
        const param_t *param = &model->params[model->uncertain[u].param];
        const char *unit = units[param->dimension];
        char *text = NULL;
        if (asprintf(&text, "%s=%.17g%s", param->path, *param->value, unit ? unit : "") < 0)
            return EX_SOFTWARE;
        status = add_setting(self, text, &first);
        free(text);
    }
    return status;
}

static int read_from(opened_t *self, const common_t *common, const char *path, const char *text) {
    diagnostics_t diagnostics;
    *self = (opened_t){0};
    diagnostics_init(&diagnostics);
    int ret = text ? scenario_read_text(&self->scenario, path, text, &diagnostics)
                   : scenario_read(&self->scenario, path, &diagnostics);
    diagnostics_print(&diagnostics, stderr, DIAGNOSTICS_SHOWN);
    diagnostics_free(&diagnostics);
    if (ret == ERR_NOMEM) fputs("entente: out of memory\n", stderr);
    if (ret < 0) return error_exit_code(ret);
    int status = common->fixed ? fix(self) : 0;
    return status ? status : opened_set(self, common->sets.n, common->sets.items);
}

int opened_read(opened_t *self, const common_t *common) {
    return read_from(self, common, common->path, NULL);
}

int opened_read_text(opened_t *self, const common_t *common, const char *path, const char *text) {
    return read_from(self, common, path, text);
}

void opened_close(opened_t *self) {
    scenario_free(&self->scenario);
    free(self->settings);
    for (int n = 0; n < self->n_settings; n++) free(self->setting_texts[n]);
    free(self->setting_texts);
    *self = (opened_t){0};
}

/* The variant that leaves something out; -1 after saying what is not there. */
static int left_out_variant(model_t *model, const char *name, int *status) {
    const char *unknown = "";
    char other[WITHOUT_BYTES], best[WITHOUT_BYTES] = "";
    int variant = without_variant(model, name, &unknown);
    if (variant >= 0) return variant;
    *status = variant == ERR_NOMEM ? EX_SOFTWARE : EX_USAGE;
    if (variant == ERR_NOMEM) {
        fputs("entente: out of memory\n", stderr);
        return -1;
    }
    suggest_t near = suggest_for(unknown);
    for (int what = 0; what < WITHOUT_N; what++)
        for (int i = 0; i < without_count(model, what); i++) {
            const char *before = near.best;
            suggest_offer(&near, without_name(model, what, i, other));
            if (near.best != before) near.best = memcpy(best, other, sizeof other);
        }
    fprintf(stderr,
            "entente: nothing called \"%s\" can be left out of this scenario%s%s%s; there are entries of the "
            "calendar, history:ID, kind:NAME, condition:NAME@SITE and intervention:ID (entente show)\n",
            unknown, near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
    return -1;
}

int opened_variant(opened_t *self, const char *name, int *status) {
    model_t *model = &self->scenario.model;
    if (name && without_is(name)) return left_out_variant(model, name, status);
    int variant = name ? model_variant(model, name) : 0;
    if (variant >= 0) return variant;
    suggest_t near = suggest_for(name);
    fprintf(stderr, "entente: no variant \"%s\" in this scenario; there are:", name);
    for (int v = 0; v < model->n_variants; v++) {
        suggest_offer(&near, model->variants[v].name);
        fprintf(stderr, "%s %s", v ? "," : "", model->variants[v].name);
    }
    if (near.best) fprintf(stderr, "; did you mean %s?", near.best);
    fputc('\n', stderr);
    *status = EX_USAGE;
    return -1;
}

bool opened_actor_or_tie(const model_t *model, const char *text, int *a, int *b) {
    *a = model_actor(model, text);
    *b = -1;
    for (const char *hyphen = strchr(text, '-'); *a < 0 && hyphen; hyphen = strchr(hyphen + 1, '-')) {
        char *first = strndup(text, (size_t)(hyphen - text));
        if (!first) return false;
        int i = model_actor(model, first), j = model_actor(model, hyphen + 1);
        free(first);
        if (i >= 0 && j >= 0) *a = i, *b = j;
    }
    return *a >= 0;
}
