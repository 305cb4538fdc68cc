/* Small models made by hand, so that the engine is tested without a scenario file. */
#ifndef ENTENTE_TESTS_TOY_H
#define ENTENTE_TESTS_TOY_H

#include "base/date.h"
#include "engine/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* `n_actors` actors named A, B, ... with a tie between each pair, all at 0, and room for `n_kinds` kinds. */
static inline void toy_init(model_t *m, int n_actors, int n_kinds, double horizon) {
    model_init(m);
    arena_t *arena = &m->arena;
    m->horizon = horizon;
    m->event_cap = 1e9;
    m->n_actors = n_actors;
    m->actors = arena_alloc(arena, (size_t)n_actors, sizeof *m->actors);
    for (int i = 0; i < n_actors; i++) {
        char name[16];
        snprintf(name, sizeof name, "%c%d", 'A' + i % 26, i);
        m->actors[i] = (actor_t){.name = arena_text(arena, name),
                                 .gdp_usd = 1e12,
                                 .lat = NAN,
                                 .lon = NAN,
                                 .from = -INFINITY,
                                 .until = INFINITY};
    }
    m->n_ties = n_actors * (n_actors - 1) / 2;
    m->ties = arena_alloc(arena, (size_t)m->n_ties + 1, sizeof *m->ties);
    for (int a = 0, e = 0; a < n_actors; a++)
        for (int b = a + 1; b < n_actors; b++, e++)
            m->ties[e] = (tie_t){.a = a, .b = b, .trade_usd = {NAN, NAN}, .distance_km = NAN};
    m->n_kinds = n_kinds;
    m->kinds = arena_alloc(arena, (size_t)n_kinds, sizeof *m->kinds);
    for (int k = 0; k < n_kinds; k++) {
        char name[16];
        snprintf(name, sizeof name, "kind%d", k);
        m->kinds[k] = (kind_t){.name = arena_text(arena, name), .level_weight = {0, 0, 1}};
        m->kinds[k].pair_weight[ROLE_INITIATOR][ROLE_TARGET] = 1;
        m->kinds[k].pair_weight[ROLE_TARGET][ROLE_INITIATOR] = 1;
    }
    m->n_variants = 1;
    m->variants = arena_alloc(arena, 4, sizeof *m->variants);
    m->variants[0].name = arena_text(arena, "base");
    m->output.every = 1e9;
}

/* A dated event of which nothing is given but its kind, who and when. */
static inline calendar_entry_t toy_entry(const char *id, int kind, int initiator, int target, double time) {
    return (calendar_entry_t){.id = (char *)id,
                              .kind = kind,
                              .initiator = initiator,
                              .target = target,
                              .group = -1,
                              .time = time,
                              .until = time,
                              .probability = 1,
                              .days = NAN,
                              .value_usd = NAN,
                              .level = -1,
                              .success = -1,
                              .sector = -1,
                              .to = -1,
                              .parent = -1,
                              .in_base = true};
}

static inline term_t *toy_terms(model_t *m, predictor_t *predictor, int n) {
    predictor->n = n;
    return predictor->terms = arena_alloc(&m->arena, (size_t)n, sizeof *predictor->terms);
}

static inline void toy_excite(model_t *m, int kind, int source, relation_t relation, double branching,
                              double decay) {
    kind_t *k = &m->kinds[kind];
    if (!k->excitations) k->excitations = arena_alloc(&m->arena, 16, sizeof *k->excitations);
    k->excitations[k->n_excitations++] = (excitation_t){source, relation, branching, log(2) / decay};
}

#endif
