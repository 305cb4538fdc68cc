#include "cli/fit/fit_changes.h"

#include "base/mem.h"
#include "cli/fit/fit_estimates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTE_BYTES = 128 }; /* names have 80 bytes */

int fit_changes_init(fit_changes_t *self, const model_t *model, const char *data) {
    *self = (fit_changes_t){.data = data};
    self->kinds = open_memstream(&self->kinds_text, &self->kinds_size);
    self->priors = open_memstream(&self->priors_text, &self->priors_size);
    self->joints = open_memstream(&self->joints_text, &self->joints_size);
    self->effects = mem_alloc((size_t)model->n_kinds, sizeof *self->effects);
    self->actors = mem_alloc((size_t)model->n_kinds, sizeof *self->actors);
    self->is_fitted = mem_alloc((size_t)model->n_kinds, sizeof *self->is_fitted);
    bool good =
        self->kinds && self->priors && self->joints && self->effects && self->actors && self->is_fitted;
    return good ? 0 : ERR_NOMEM;
}

void fit_changes_free(fit_changes_t *self, const model_t *model) {
    if (self->kinds) fclose(self->kinds);
    if (self->priors) fclose(self->priors);
    if (self->joints) fclose(self->joints);
    free(self->kinds_text);
    free(self->priors_text);
    free(self->joints_text);
    mem_free(self->drawn);
    fit_dynamics_free(&self->dynamics);
    for (int k = 0; self->effects && k < model->n_kinds; k++) mem_free(self->effects[k]);
    for (int k = 0; self->actors && k < model->n_kinds; k++) actor_effects_free(&self->actors[k]);
    mem_free(self->effects);
    mem_free(self->actors);
    mem_free(self->is_fitted);
    for (int i = 0; i < self->n_shared; i++) free(self->shared[i]);
    free(self->shared);
    *self = (fit_changes_t){0};
}

/* A kind's fit, row by row of its parameters. */
typedef struct {
    const parameters_t *parameters;
    const likelihood_fit_t *fit;
} estimates_t;

/* The path that has the prior of a pooled parameter; NULL if this is the first. */
static const char *shared_prior(fit_changes_t *self, const char *path, int shared) {
    if (shared < 0) return NULL;
    if (shared >= self->n_shared) {
        char **more = realloc(self->shared, (size_t)(shared + 1) * sizeof *more);
        if (!more) return NULL;
        for (int i = self->n_shared; i <= shared; i++) more[i] = NULL;
        self->shared = more;
        self->n_shared = shared + 1;
    }
    if (self->shared[shared]) return self->shared[shared];
    self->shared[shared] = strdup(path);
    return NULL;
}

/* How the prior of each kind of parameter is written: the value as a number, then a width. */
static const char *const prior_forms[PARAMETER_N] = {
    [PARAMETER_RATE] = "lognormal: {median: %s, sigma: %.6g}",
    [PARAMETER_COEFFICIENT] = "normal: {mean: %s, sd: %.6g}",
    [PARAMETER_BRANCHING] = "gamma: {mean: %s, shape: %.6g}",
    [PARAMETER_HALF_LIFE] = "lognormal: {median: %s, sigma: %.6g}",
    [PARAMETER_WEEKDAY] = "lognormal: {median: %s, sigma: %.6g}",
    [PARAMETER_MONTH] = "lognormal: {median: %s, sigma: %.6g}",
};

static bool is_factor(const parameter_t *row) {
    return row->kind == PARAMETER_WEEKDAY || row->kind == PARAMETER_MONTH;
}

/* The estimate as the scenario writes it. */
static const char *number_of(const estimates_t *of, int i, char out[32]) {
    const parameter_t *row = &of->parameters->rows[i];
    const char *unit = parameter_sorts[row->kind].unit;
    snprintf(out, 32, "%.*g%s%s", is_factor(row) ? 6 : 9, parameter_value(row, of->fit->maximum.x[i]),
             *unit ? " " : "", unit);
    return out;
}

static void note_drawn(fit_changes_t *self, int i) {
    if (ARRAY_RESERVE(self->drawn, self->n_drawn, self->drawn_capacity) < 0)
        self->failed = true;
    else
        self->drawn[self->n_drawn++] = i;
}

/* Writes the standard error of row `i` as a distribution of the parameter `path`, unless it was held fixed.
 */
static void put_prior(fit_changes_t *self, const estimates_t *of, int i, const char *path) {
    const parameter_t *row = &of->parameters->rows[i];
    char number[32];
    double x = of->fit->maximum.x[i], se = fit_normal_sd(of->fit, i);
    if (!*path || !of->fit->is_free[i] || (is_factor(row) && !(se > 0))) return;
    const char *same = shared_prior(self, path, of->fit->shared[i]);
    fprintf(self->priors, "  \"%s\": {", path);
    if (same) {
        fprintf(self->priors, "same_as: \"%s\"}\n", same);
        return;
    }
    fprintf(self->priors, prior_forms[row->kind], number_of(of, i, number),
            row->kind == PARAMETER_BRANCHING ? (x / se) * (x / se) : se);
    fprintf(self->priors, ", source: \"fitted to %s (e)\"}\n", self->data);
    if (self->dynamics.n)
        self->failed |= fit_dynamics_draw(&self->dynamics, path, self->part, i) < 0;
    else
        note_drawn(self, i);
}

/* The attribute that is an actor's effect on that side. */
static void actor_attribute(const likelihood_fit_t *fit, const char *kind, int side, char *out, size_t size) {
    static const char *const words[] = {"sends", "receives"};
    snprintf(out, size, "%s_%s", fit->actors.n_sides == 2 ? words[side > 0] : "own", kind);
}

/* The path of row `i`; after the parameters come the actors' effects. */
static void path_of(const estimates_t *of, const model_t *model, const char *kind, int i,
                    char out[PARAM_PATH_BYTES]) {
    int effect = i - of->parameters->n, sides = of->fit->actors.n_sides;
    char attribute[ATTRIBUTE_BYTES];
    if (effect < 0) {
        snprintf(out, PARAM_PATH_BYTES, "%s", of->parameters->rows[i].path);
        return;
    }
    actor_attribute(of->fit, kind, effect % sides, attribute, sizeof attribute);
    snprintf(out, PARAM_PATH_BYTES, "actors.%s.attributes.%s", model->actors[effect / sides].name, attribute);
}

/* The distributions of actors' effects. */
static void put_actor_priors(fit_changes_t *self, const estimates_t *of, const model_t *model,
                             const char *kind) {
    const actor_effects_t *actors = &of->fit->actors;
    int n = of->parameters->n, all = n + actors->n_actors * actors->n_sides;
    for (int i = n; i < all && !self->failed; i++) {
        double sd = sqrt(of->fit->with_actors[(size_t)i * ((size_t)all + 1)]);
        char path[PARAM_PATH_BYTES];
        if (!(sd > 0)) continue;
        path_of(of, model, kind, i, path);
        fprintf(self->priors, "  \"%s\": {normal: {mean: %.6g, sd: %.4g}, source: \"fitted to %s (e)\"}\n",
                path, actors->effects[i - n], sd, self->data);
        note_drawn(self, i);
    }
}

/* The correlation of the estimates that have a distribution, by the covariance of their standard errors. */
static void put_joint(fit_changes_t *self, const estimates_t *of, const model_t *model, const char *kind) {
    const likelihood_fit_t *fit = of->fit;
    const double *covariance = fit->with_actors     ? fit->with_actors
                               : fit_is_robust(fit) ? fit->robust
                                                    : fit->maximum.covariance;
    size_t n = (size_t)of->parameters->n + (size_t)fit->actors.n_actors * (size_t)fit->actors.n_sides;
    char path[PARAM_PATH_BYTES];
    if (self->n_drawn < 2) return;
    fprintf(self->joints, "    fitted_%s:\n      parameters:\n", kind);
    for (int i = 0; i < self->n_drawn; i++) {
        path_of(of, model, kind, self->drawn[i], path);
        fprintf(self->joints, "        - \"%s\"\n", path);
    }
    fputs("      correlation:\n", self->joints);
    for (int i = 0; i < self->n_drawn; i++) {
        size_t a = (size_t)self->drawn[i];
        for (int j = 0; j < i; j++) {
            size_t b = (size_t)self->drawn[j];
            double alike = covariance[a * n + b] / sqrt(covariance[a * n + a] * covariance[b * n + b]);
            fprintf(self->joints, "%s%.9g", j ? ", " : "        - [", isfinite(alike) ? alike : 0);
        }
        fputs(i ? ", 1]\n" : "        - [1]\n", self->joints);
    }
    fprintf(self->joints, "      source: \"fitted to %s (e)\"\n", self->data);
}

static const char *ref_name(const model_t *model, const term_t *term) {
    switch (term->statistic->ref) {
    case REF_ACTOR_ATTRIBUTE:
        return model->actor_attributes[term->ref];
    case REF_TIE_ATTRIBUTE:
        return model->tie_attributes[term->ref];
    case REF_GROUP:
        return model->groups[term->ref].name;
    case REF_CONDITION:
        return model->conditions[term->ref].name;
    default:
        return model->kinds[term->ref].name;
    }
}

/* Whether the scenario gives the statistic of this coefficient as a list, whose paths name what each is of.
 */
static bool is_listed(const char *path, const statistic_t *statistic) {
    const char *last = strrchr(path, '.');
    size_t length = strlen(statistic->name);
    if (!last || strcmp(last, ".coefficient") != 0) return false; /* a number alone */
    return (size_t)(last - path) < length || strncmp(last - length, statistic->name, length) != 0;
}

/* The coefficients of one statistic; several terms are written as a whole list, which replaces the
 * scenario's. `own`: the attribute that is the random effect, a further term with the coefficient 1; "":
 * none.
 */
static void write_statistic(fit_changes_t *self, const model_t *model, const predictor_t *predictor,
                            const statistic_t *statistic, const char *own, const estimates_t *of) {
    int n = *own != 0;
    bool whole = n > 0;
    for (int s = 0; s < predictor->n; s++) {
        if (predictor->terms[s].statistic != statistic) continue;
        int i = parameters_at(of->parameters, PARAMETER_COEFFICIENT, s);
        whole |= n++ > 0 || is_listed(of->parameters->rows[i].path, statistic);
    }
    if (n == 0) return;
    char number[32];
    fprintf(self->kinds, "        %s:%s", statistic->name, whole ? "\n" : "");
    for (int s = 0; s < predictor->n; s++) {
        const term_t *term = &predictor->terms[s];
        if (term->statistic != statistic) continue;
        int i = parameters_at(of->parameters, PARAMETER_COEFFICIENT, s);
        fprintf(self->kinds, whole ? "          - {coefficient: %s" : " {coefficient: %s",
                number_of(of, i, number));
        if (whole) {
            fprintf(self->kinds, ", reference: %.9g", term->reference);
            if (statistic->ref != REF_NONE)
                fprintf(self->kinds, ", %s: \"%s\"", statistic->ref == REF_KIND ? "kind" : "of",
                        ref_name(model, term));
            if (statistic->has_half_life) fprintf(self->kinds, ", half_life: %.9g d", term->half_life);
        }
        fputs("}\n", self->kinds);
        const char *path = of->parameters->rows[i].path;
        char listed[PARAM_PATH_BYTES]; /* in a list the attribute names the only one */
        if (*path && *own && n == 2 && !is_listed(path, statistic)) {
            const char *last = strrchr(path, '.');
            snprintf(listed, sizeof listed, "%.*s.%s%s", (int)(last - path), path, ref_name(model, term),
                     last);
            path = listed;
        }
        put_prior(self, of, i, path);
    }
    if (*own) fprintf(self->kinds, "          - {coefficient: 1, of: %s}\n", own);
}

/* The attribute that is the statistic's random effect; "": none. */
static void own_attribute(const likelihood_fit_t *fit, const char *kind, statistic_id_t id, char *out,
                          size_t size) {
    *out = 0;
    if (id == STATISTIC_TIE && fit->effects) snprintf(out, size, "own_%s", kind);
    if (fit->actors.n_sides && (id == STATISTIC_INITIATOR || id == STATISTIC_TARGET))
        actor_attribute(fit, kind, id == STATISTIC_TARGET, out, size);
}

static void write_factors(fit_changes_t *self, const estimates_t *of, parameter_kind_t kind,
                          const char *key) {
    int n = of->parameters->count[kind];
    if (n) fprintf(self->kinds, "      %s: [", key);
    for (int f = 0; f < n; f++) {
        char number[32];
        int i = parameters_at(of->parameters, kind, f);
        fprintf(self->kinds, "%s%s", f ? ", " : "", number_of(of, i, number));
        put_prior(self, of, i, of->parameters->rows[i].path);
    }
    if (n) fputs("]\n", self->kinds);
}

/* Excitation is written as a complete list, as in the scenario but with the estimates. */
static void write_excitation(fit_changes_t *self, const model_t *model, const kind_t *kind,
                             const estimates_t *of) {
    if (kind->n_excitations) fputs("    excited_by:\n", self->kinds);
    for (int n = 0; n < kind->n_excitations; n++) {
        const excitation_t *e = &kind->excitations[n];
        int branching = parameters_at(of->parameters, PARAMETER_BRANCHING, n),
            half_life = parameters_at(of->parameters, PARAMETER_HALF_LIFE, n);
        char numbers[2][32];
        fprintf(self->kinds, "      - {kind: %s, relation: %s, branching: %s, half_life: %s}\n",
                model->kinds[e->kind].name, relation_names[e->relation], number_of(of, branching, numbers[0]),
                number_of(of, half_life, numbers[1]));
        put_prior(self, of, branching, of->parameters->rows[branching].path);
        put_prior(self, of, half_life, of->parameters->rows[half_life].path);
    }
}

static void write_fit(fit_changes_t *self, const model_t *model, const kind_t *kind,
                      const likelihood_t *likelihood, const likelihood_fit_t *fit) {
    const estimates_t of = {likelihood_table(likelihood), fit};
    char number[32], own[ATTRIBUTE_BYTES];
    self->n_drawn = 0;
    self->part = fit_dynamics_part(&self->dynamics, (int)(kind - model->kinds));
    int rate = parameters_at(of.parameters, PARAMETER_RATE, 0);
    fprintf(self->kinds, "  %s:\n    rate:\n      per_year: %s\n", kind->name, number_of(&of, rate, number));
    put_prior(self, &of, rate, of.parameters->rows[rate].path);
    if (kind->log_rate.n || fit->effects || fit->actors.n_sides) fputs("      log_effects:\n", self->kinds);
    for (int s = 0; s < STATISTIC_N; s++) {
        own_attribute(fit, kind->name, statistics[s].id, own, sizeof own);
        write_statistic(self, model, &kind->log_rate, &statistics[s], own, &of);
    }
    write_excitation(self, model, kind, &of);
    if (of.parameters->count[PARAMETER_WEEKDAY] || of.parameters->count[PARAMETER_MONTH])
        fputs("    season:\n", self->kinds);
    write_factors(self, &of, PARAMETER_WEEKDAY, "weekday");
    write_factors(self, &of, PARAMETER_MONTH, "month");
    fit_dynamics_put_kind(&self->dynamics, kind->name, self->kinds);
    put_actor_priors(self, &of, model, kind->name);
    put_joint(self, &of, model, kind->name);
}

/* Writes the random effects of ties, with what they owe to those on other kinds. */
static void write_effects(fit_changes_t *self, const model_t *model, int k, const likelihood_t *likelihood,
                          likelihood_fit_t *fit) {
    const parameters_t *parameters = likelihood_table(likelihood);
    double *effects = fit->effects;
    self->effects[k] = effects;
    fit->effects = NULL;
    for (int i = 0; i < parameters->n; i++)
        for (int e = 0; parameters->rows[i].effects && e < model->n_ties; e++)
            effects[e] += fit->maximum.x[i] * parameters->rows[i].effects[e];
    for (int e = 0; e < model->n_ties; e++) { /* a lognormal of the same mean */
        double sd = fit->effect_sds[e];
        if (sd > 0.02) /* less is not worth a line */
            fprintf(
                self->priors,
                "  \"ties.%s-%s.attributes.own_%s\": {normal: {mean: %.6g, sd: %.4g}, source: \"fitted to "
                "%s (e)\"}\n",
                model->actors[model->ties[e].a].name, model->actors[model->ties[e].b].name,
                model->kinds[k].name, effects[e] - sd * sd / 2, sd, self->data);
    }
}

void fit_changes_add(fit_changes_t *self, const model_t *model, int k, likelihood_t *likelihood,
                     likelihood_fit_t *fit) {
    self->is_fitted[k] = true;
    write_fit(self, model, &model->kinds[k], likelihood, fit);
    if (fit->effects) write_effects(self, model, k, likelihood, fit);
    if (fit->actors.n_sides && actor_effects_copy(&self->actors[k], &fit->actors) < 0) self->failed = true;
}

/* Actors' effects, as attributes of each. */
static void put_actors(const fit_changes_t *self, const model_t *model, FILE *out) {
    for (int actor = 0; actor < model->n_actors; actor++) {
        bool begun = false;
        for (int k = 0; k < model->n_kinds; k++)
            for (int side = 0; side < self->actors[k].n_sides; side++) {
                const likelihood_fit_t fit = {.actors = self->actors[k]};
                char attribute[ATTRIBUTE_BYTES];
                actor_attribute(&fit, model->kinds[k].name, side, attribute, sizeof attribute);
                if (!begun) fprintf(out, "  %s: {attributes: {", model->actors[actor].name);
                fprintf(out, "%s%s: %.6g", begun ? ", " : "", attribute,
                        fit.actors.effects[actor * fit.actors.n_sides + side]);
                begun = true;
            }
        if (begun) fputs("}}\n", out);
    }
}

/* What the parameters of ties add. */
static void write_dynamics(fit_changes_t *self, const model_t *model) {
    if (!self->dynamics.n) return;
    for (int k = 0; k < model->n_kinds; k++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = self->is_fitted[k] ? NULL : open_memstream(&text, &size);
        if (!out) continue;
        fit_dynamics_put_kind(&self->dynamics, model->kinds[k].name, out);
        fclose(out);
        if (size) fprintf(self->kinds, "  %s:\n%s", model->kinds[k].name, text);
        free(text);
    }
    fit_dynamics_put_priors(&self->dynamics, self->data, self->priors);
    fit_dynamics_put_joint(&self->dynamics, self->data, self->joints);
}

/* Effects of ties, as attributes of each, after what the dynamics say of all. */
static void put_ties(const fit_changes_t *self, const model_t *model, FILE *out) {
    fit_dynamics_put_relax(&self->dynamics, out);
    for (int e = 0; e < model->n_ties; e++) {
        bool begun = false;
        for (int k = 0; k < model->n_kinds; k++) {
            if (!self->effects[k]) continue;
            if (!begun)
                fprintf(out, "  %s-%s: {attributes: {", model->actors[model->ties[e].a].name,
                        model->actors[model->ties[e].b].name);
            fprintf(out, "%sown_%s: %.6g", begun ? ", " : "", model->kinds[k].name, self->effects[k][e]);
            begun = true;
        }
        if (begun) fputs("}}\n", out);
    }
}

/* A section's text, "" where it has none; the caller frees; NULL without memory. */
static char *section_text(const fit_changes_t *self, const model_t *model, const char *heading,
                          void (*put)(const fit_changes_t *, const model_t *, FILE *)) {
    char *body = NULL, *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&body, &size);
    if (!out) return NULL;
    put(self, model, out);
    fclose(out);
    if (asprintf(&text, "%s%s", size ? heading : "", body) < 0) text = NULL;
    free(body);
    return text;
}

char *fit_changes_text(fit_changes_t *self, const model_t *model) {
    char *text = NULL, *effects = fit_dynamics_effects(&self->dynamics);
    write_dynamics(self, model);
    fclose(self->kinds);
    fclose(self->priors);
    fclose(self->joints);
    self->kinds = self->priors = self->joints = NULL;
    char *actors = section_text(self, model, "actors:\n", put_actors),
         *ties = section_text(self, model, "ties:\n", put_ties);
    bool good = !self->failed && effects && actors && ties;
    if (good && asprintf(&text, "%s%s%skinds:\n%suncertain:\n%s%s%s", effects, actors, ties, self->kinds_text,
                         self->priors_text, *self->joints_text ? "  joint:\n" : "", self->joints_text) < 0)
        text = NULL;
    free(effects);
    free(actors);
    free(ties);
    return text;
}
