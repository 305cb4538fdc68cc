#include "model/trade/equilibrium.h"

#include "base/error.h"
#include "base/mem.h"
#include "model/trade/equilibrium_system.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define MOST_ITERATIONS 300 /* accelerated; one in a hundred extreme changes takes more than 120 */
#define MOST_PATIENCE 3000  /* plain ones, where acceleration leads nowhere */
#define WORSE 2.0           /* by what factor a step may raise the largest condition */
#define MOST_STEP 2.0       /* log units of a price in one iteration */
#define MOST_SHIFT 100.0
#define MOST_ENDOWMENT 1e6

/* ---- room ------------------------------------------------------------------------------------------ */

static double *take(double **memory, size_t n) {
    double *room = *memory;
    *memory += n;
    return room;
}

int equilibrium_init(equilibrium_t *self, int most) {
    size_t n = (size_t)most;
    *self = (equilibrium_t){.most = most};
    self->memory = mem_alloc(9 * n * n + 44 * n, sizeof(double));
    if (!self->memory || anderson_init(&self->mixer, 2 * most) < 0 ||
        trade_blocks_init(&self->blocks, most) < 0) {
        equilibrium_free(self);
        return ERR_NOMEM;
    }
    double *memory = self->memory;
    double **squares[] = {&self->flows, &self->shares, &self->tariffs, &self->pull,    &self->net_room,
                          &self->shift, &self->rates,  &self->open,    &self->coupling};
    double **lines[] = {&self->base.income, &self->base.spending, &self->base.revenue, &self->base.transfer,
                        &self->wage,        &self->employment,    &self->gate,         &self->price,
                        &self->relief,      &self->income,        &self->spending,     &self->revenue,
                        &self->transfer,    &self->kept,          &self->power,        &self->deficit,
                        &self->home,        &self->log_endowment, &self->supply,       &self->market,
                        &self->market_net,  &self->foreign_net,   &self->reach,        &self->sold,
                        &self->steep,       &self->exports,       &self->own,          &self->in,
                        &self->out,         &self->excess,        &self->spread,       &self->block_measure,
                        &self->block_total};
    double **pairs[] = {&self->x, &self->step, &self->trial, &self->plain};
    for (size_t k = 0; k < sizeof squares / sizeof *squares; k++) *squares[k] = take(&memory, n * n);
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) *lines[k] = take(&memory, n);
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) *pairs[k] = take(&memory, 2 * n);
    return 0;
}

void equilibrium_free(equilibrium_t *self) {
    mem_free(self->memory);
    anderson_free(&self->mixer);
    trade_blocks_free(&self->blocks);
    *self = (equilibrium_t){0};
}

const char *equilibrium_status_text(equilibrium_status_t status) {
    static const char *const texts[] = {
#define X(name, text) text,
        EQUILIBRIUM_STATUS_LIST(X)
#undef X
    };
    return texts[status];
}

/* ---- the change ------------------------------------------------------------------------------------ */

double equilibrium_shift_of_cost(double elasticity, double cost) {
    return -elasticity * logarithm(1 + cost);
}

static bool refuse(equilibrium_t *self, int i, int j) {
    self->status = EQUILIBRIUM_BAD_SHOCK;
    self->actor = i;
    self->partner = j;
    return false;
}

static bool take_endowment(equilibrium_t *self, const double *endowment, bool *changed) {
    for (int i = 0; i < self->n; i++) {
        double a = endowment ? endowment[i] : 1;
        if (!(a >= 1 / MOST_ENDOWMENT && a <= MOST_ENDOWMENT)) return refuse(self, i, -1);
        double log_endowment = a == 1 ? 0 : logarithm(a);
        *changed |= log_endowment != self->log_endowment[i];
        self->log_endowment[i] = log_endowment;
    }
    return true;
}

/* What the change does to a share at given prices; -1 if it is no number or out of range. */
static double pull_of(const equilibrium_t *self, double shift, double t, double t0, int j) {
    if (!(shift <= MOST_SHIFT && t >= 0)) return -1;
    if (shift < EQUILIBRIUM_CLOSED || t == INFINITY) return 0;
    if (t != t0) shift -= self->power[j] * logarithm((1 + t) / (1 + t0));
    return shift == 0 ? 1 : shift < EQUILIBRIUM_CLOSED ? 0 : exponential(shift);
}

/* What is no longer as in the last change. */
static bool take_costs(equilibrium_t *self, const trade_shock_t *shock, bool *changed) {
    int n = self->n;
    const double *tariffs = shock->tariffs ? shock->tariffs : self->tariffs;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int at = i * n + j;
            double t = tariffs[at], shift = shock->log_shift ? shock->log_shift[at] : 0;
            if (shift == self->shift[at] && t == self->rates[at]) continue;
            double pull = pull_of(self, shift, t, self->tariffs[at], j);
            if (pull < 0 || (i == j && t != 0)) return refuse(self, i, j);
            pull *= self->shares[at];
            self->n_open += (size_t)(pull > 0) - (size_t)(self->open[at] > 0);
            self->n_taxed += (size_t)(t > 0) - (size_t)(self->rates[at] > 0);
            self->shift[at] = shift;
            self->rates[at] = t;
            self->open[at] = pull;
            *changed = true;
        }
    return true;
}

/* Closes what cannot trade any more, and sets domestic trade apart. */
static void close_links(equilibrium_t *self) {
    int n = self->n;
    memcpy(self->pull, self->open, (size_t)n * (size_t)n * sizeof *self->pull);
    if (self->n_open < self->n_links || !self->whole)
        trade_blocks_find(&self->blocks, n, self->pull, self->base.transfer, self->base.income);
    self->whole = self->n_open == self->n_links;
    for (int i = 0; i < n; i++) {
        self->home[i] = self->pull[i * n + i];
        self->pull[i * n + i] = 0;
    }
    self->net = self->n_taxed ? self->net_room : self->pull;
    for (int at = 0; self->n_taxed && at < n * n; at++)
        self->net[at] = self->pull[at] / (1 + self->rates[at]);
}

/* ---- the solution ---------------------------------------------------------------------------------- */

static void bound(double *step, int length) {
    double most = 0;
    for (int k = 0; k < length; k++) most = fmax(most, fabs(step[k]));
    if (most > MOST_STEP)
        for (int k = 0; k < length; k++) step[k] *= MOST_STEP / most;
}

static double look(equilibrium_t *self, double part, int length) {
    for (int k = 0; k < length; k++) self->trial[k] = self->x[k] + part * self->step[k];
    self->iterations++;
    return equilibrium_evaluate(self, self->trial, self->plain);
}

/* From where one stands along the plain step, `part` of it or less where it leads out of what can be
 * evaluated; INFINITY where that leads nowhere. */
static double plod(equilibrium_t *self, const double *plain, double part, int length) {
    memcpy(self->step, plain, (size_t)length * sizeof *self->step);
    bound(self->step, length);
    double there = look(self, part, length);
    for (int k = 0; k < 10 && there == INFINITY; k++) {
        part /= 4;
        there = look(self, part, length);
    }
    return there;
}

/* Looks along the accelerated step, shortened where it leads out of what can be evaluated or much further
 * from the solution. If that does not help, what was learnt is forgotten. */
static double advance(equilibrium_t *self, double residual, int length) {
    anderson_step(&self->mixer, self->x, self->plain, self->step);
    bound(self->step, length);
    double part = 1;
    for (int k = 0; k < 3; k++) {
        double there = look(self, part, length);
        if (there <= WORSE * residual) return there;
        part /= 2;
    }
    anderson_begin(&self->mixer, length);
    return plod(self, self->mixer.g, 0.5, length);
}

static double stand(equilibrium_t *self) {
    self->iterations++;
    return equilibrium_evaluate(self, self->x, self->plain);
}

/* Where a cold start begins: no wage has changed, or, if that gives too little income for the transfers, no
 * income. */
static double begin(equilibrium_t *self) {
    memset(self->x, 0, 2 * (size_t)self->n * sizeof *self->x);
    double residual = stand(self);
    if (residual < INFINITY) return residual;
    for (int i = 0; i < self->n; i++) self->x[i] = -self->log_endowment[i];
    return stand(self);
}

/* Goes on until no condition is larger than `goal`, for `most` evaluations. */
static double iterate(equilibrium_t *self, double residual, double goal, int most) {
    int length = equilibrium_length(self);
    most += self->iterations;
    anderson_begin(&self->mixer, length);
    while (residual > goal && residual < INFINITY && self->iterations < most) {
        residual = self->patient ? plod(self, self->plain, 1, length) : advance(self, residual, length);
        if (residual < INFINITY) memcpy(self->x, self->trial, (size_t)length * sizeof *self->x);
    }
    return residual;
}

/* Acceleration may lead astray in a world that has become another one. Then small plain steps come closer, if
 * there is an equilibrium, until acceleration finds it from there. */
static double search(equilibrium_t *self, bool warm) {
    self->patient = false;
    double residual = iterate(self, warm ? stand(self) : begin(self), EQUILIBRIUM_TOLERANCE, MOST_ITERATIONS);
    if (residual > EQUILIBRIUM_TOLERANCE && warm)
        residual = iterate(self, begin(self), EQUILIBRIUM_TOLERANCE, MOST_ITERATIONS);
    static const double goals[] = {1e-2, 1e-4, 1e-6, 1e-8};
    for (int k = 0; k < 4 && residual > EQUILIBRIUM_TOLERANCE; k++) {
        self->patient = true;
        residual = iterate(self, k ? stand(self) : begin(self), goals[k], MOST_PATIENCE);
        if (residual > goals[k]) break;
        self->patient = false;
        residual = iterate(self, stand(self), EQUILIBRIUM_TOLERANCE, MOST_ITERATIONS);
    }
    return residual;
}

/* No number may be taken for a solution that is none. */
static void give_nothing(equilibrium_t *self) {
    double *numbers[] = {self->wage,     self->employment, self->gate,     self->price,  self->income,
                         self->spending, self->revenue,    self->transfer, self->relief, self->supply};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        for (int i = 0; i < self->n; i++) numbers[k][i] = NAN;
}

equilibrium_status_t equilibrium_solve(equilibrium_t *self, const trade_shock_t *shock, bool warm) {
    warm = warm && self->status == EQUILIBRIUM_FOUND;
    bool changed = false,
         taken = take_endowment(self, shock->endowment, &changed) && take_costs(self, shock, &changed);
    if (taken && !changed && !warm && self->is_cold) return self->status;
    self->iterations = 0;
    self->residual = INFINITY;
    if (taken) {
        self->actor = self->partner = -1;
        close_links(self);
        self->residual = search(self, warm);
        self->status = self->residual <= EQUILIBRIUM_TOLERANCE ? EQUILIBRIUM_FOUND
                       : self->residual < INFINITY             ? EQUILIBRIUM_UNFINISHED
                                                               : EQUILIBRIUM_UNPAYABLE;
    }
    if (self->status == EQUILIBRIUM_FOUND)
        equilibrium_settle(self);
    else
        give_nothing(self);
    self->is_cold = taken && !warm;
    return self->status;
}

/* ---- the baseline ---------------------------------------------------------------------------------- */

void equilibrium_baseline(equilibrium_t *self, const economy_t *economy) {
    int n = economy->n;
    assert(n <= self->most);
    self->n = n;
    self->rules = economy->rules;
    economy_accounts(economy, &self->base);
    self->n_links = self->n_taxed = 0;
    for (int j = 0; j < n; j++) {
        self->kept[j] = economy->kept ? economy->kept[j] : 0;
        double psi = self->rules.scale;
        self->power[j] = self->rules.elasticity * ((1 + psi) / (1 - self->kept[j]) - psi);
        self->deficit[j] = self->base.income[j] > 0 ? self->base.transfer[j] / self->base.income[j] : 0;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int at = i * n + j;
            double flow = self->flows[at] = economy->flows[at];
            double t = self->tariffs[at] = economy->tariffs ? economy->tariffs[at] : 0;
            self->open[at] = self->shares[at] = flow > 0 ? flow * (1 + t) / self->base.spending[j] : 0;
            self->shift[at] = 0;
            self->rates[at] = t;
            self->n_links += flow > 0;
            self->n_taxed += t > 0;
        }
    self->n_open = self->n_links;
    self->whole = self->is_cold = self->coupled = false;
    close_links(self);
    if (self->rules.labour_supply == 0 || self->rules.output == OUTPUT_FIXED) equilibrium_couple(self);
    equilibrium_solve(self, &(trade_shock_t){0}, false);
}
