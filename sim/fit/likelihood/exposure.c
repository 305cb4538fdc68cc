/* The integral of the baseline rate as weighted points.
 *
 * Between two touches of a place its statistics change smoothly and the season in steps. An interval is
 * therefore integrated by interpolation at the Gauss-Legendre nodes. The weight of a node is the integral of
 * the season times the node's Lagrange polynomial: exact for a season of steps times a polynomial of degree
 * n - 1, n = 4 (2 if the interval is short). The relative error of the changing part is about 1e-6. */
#include "fit/likelihood/internal.h"

#include "base/mem.h"
#include "model/predictor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NODES = 4 };

typedef struct {
    int n;
    double x[MOST_NODES];
} quadrature_t;
static const quadrature_t rules[] = {
    {1, {0}},
    {2, {-0.5773502691896257, 0.5773502691896257}},
    {4, {-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526}}};

/* The shortest half-life with which the term's statistic changes, days; INFINITY if it only jumps. */
static double days_of_change(const likelihood_t *self, const term_t *term) {
    const dynamics_t *dynamics = &self->model->dynamics;
    switch (term->statistic->motion) {
    case MOTION_NONE:
        return INFINITY;
    case MOTION_STRENGTH:
        return fmin(dynamics->strength_half_life, dynamics->alignment_half_life);
    case MOTION_ALIGNMENT:
        return dynamics->alignment_half_life;
    case MOTION_COUNT:
        return term->half_life;
    case MOTION_CLOCK:
        return 60; /* pieces of a month */
    }
    assert(false);
    return INFINITY;
}

double exposure_longest(const likelihood_t *self) {
    double shortest = INFINITY;
    if (self->options.longest > 0) return self->options.longest;
    for (int s = 0; s < self->kind->log_rate.n; s++)
        shortest = fmin(shortest, days_of_change(self, &self->kind->log_rate.terms[s]));
    return shortest / 2;
}

/* Adds the integral of the season over [from, until) times the Lagrange polynomial of each node. */
static void weigh(const likelihood_t *self, const quadrature_t *rule, const piece_t *piece, double *nodes) {
    static const double at[2] = {0.21132486540518712, 0.78867513459481288};
    size_t stride = (size_t)self->n_classes + (size_t)self->n_terms;
    double half = (piece->until - piece->from) / 2, middle = piece->from + half;
    double a = piece->from;
    while (a < piece->until) {
        double b = self->has_season ? fmin(piece->until, floor(a) + 1) : piece->until;
        int day = day_of(self, a);
        for (int g = 0; g < 2; g++) {
            double u = (a + at[g] * (b - a) - middle) / half;
            for (int n = 0; n < rule->n; n++) {
                double l = self->season[day] * (b - a) / 2;
                for (int m = 0; m < rule->n; m++)
                    if (m != n) l *= (u - rule->x[m]) / (rule->x[n] - rule->x[m]);
                nodes[(size_t)n * stride + self->weekday_of[day]] += l;
            }
        }
        a = b;
    }
}

static int add_piece(likelihood_t *self, const world_t *world, piece_t piece, double longest) {
    int ret = 0;
    double span = piece.until - piece.from;
    const quadrature_t *rule = &rules[self->still || longest == INFINITY ? 0
                                      : span < 0.015 * longest           ? 1
                                                                         : 2];
    size_t stride = (size_t)self->n_classes + (size_t)self->n_terms, need = self->n_nodes + (size_t)rule->n;
    TRY(ARRAY_RESERVE(self->pieces, self->n_pieces, self->pieces_capacity));
    if (need > self->nodes_capacity) {
        double *nodes = mem_resize(self->nodes, 2 * need * stride, sizeof *nodes);
        if (!nodes) return ERR_NOMEM;
        self->nodes = nodes;
        self->nodes_capacity = 2 * need;
    }
    double *nodes = self->nodes + self->n_nodes * stride;
    memset(nodes, 0, (size_t)rule->n * stride * sizeof *nodes);
    weigh(self, rule, &piece, nodes);
    for (int n = 0; n < rule->n; n++)
        for (int s = 0; s < self->n_terms; s++)
            nodes[(size_t)n * stride + (size_t)(self->n_classes + s)] =
                term_at(self, world, s, piece.place,
                        rule->n == 1 ? piece.from : piece.from + span / 2 * (1 + rule->x[n]));
    piece.first = self->n_nodes;
    piece.n_nodes = rule->n;
    self->n_nodes = need;
    self->pieces[self->n_pieces++] = piece;
out:
    return ret;
}

int exposure_add(likelihood_t *self, const world_t *world, int place, double from, double until,
                 double longest) {
    int ret = 0;
    if (self->still) longest = INFINITY;
    double a = from;
    while (a < until) {
        int month = self->month_of[day_of(self, a)];
        double b = fmin(until, a + longest);
        if (self->options.months) /* to the month's end at most */
            for (int day = (int)floor(a) + 1; day < b; day++)
                if (self->month_of[day_of(self, day)] != month) b = day;
        TRY(add_piece(self, world, (piece_t){.place = place, .month = month, .from = a, .until = b},
                      longest));
        a = b;
    }
out:
    return ret;
}

static int by_place(const void *a, const void *b) {
    const piece_t *x = a, *y = b;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

int exposure_sort(likelihood_t *self) {
    size_t stride = (size_t)self->n_classes + (size_t)self->n_terms, n = 0;
    if (self->n_pieces) qsort(self->pieces, self->n_pieces, sizeof *self->pieces, by_place);
    double *nodes = mem_alloc(self->n_nodes * stride, sizeof *nodes);
    if (!nodes) return ERR_NOMEM;
    for (size_t p = 0; p < self->n_pieces; p++) {
        piece_t *piece = &self->pieces[p];
        size_t count = (size_t)piece->n_nodes;
        memcpy(nodes + n * stride, self->nodes + piece->first * stride, count * stride * sizeof *nodes);
        piece->first = n;
        n += count;
    }
    mem_free(self->nodes);
    self->nodes = nodes;
    self->nodes_capacity = self->n_nodes;
    return 0;
}
