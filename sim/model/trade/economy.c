#include "model/trade/economy.h"

#include <math.h>
#include <stdbool.h>

#define MOST_ELASTICITY 50
#define MOST_LABOUR_SUPPLY 10

static const struct {
    const char *what, *allowed;
} texts[] = {
#define X(name, what, allowed) {what, allowed},
    ECONOMY_PROBLEM_LIST(X)
#undef X
};

const char *economy_problem_what(economy_problem_id_t id) {
    return texts[id].what;
}

const char *economy_problem_allowed(economy_problem_id_t id) {
    return texts[id].allowed;
}

static double tariff(const economy_t *self, int i, int j) {
    return self->tariffs ? self->tariffs[(size_t)i * (size_t)self->n + (size_t)j] : 0;
}

static double kept(const economy_t *self, int i) {
    return self->kept ? self->kept[i] : 0;
}

void economy_accounts(const economy_t *self, const accounts_t *out) {
    int n = self->n;
    for (int i = 0; i < n; i++) out->income[i] = out->spending[i] = out->revenue[i] = out->transfer[i] = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double flow = self->flows[(size_t)i * (size_t)n + (size_t)j], taken = flow * tariff(self, i, j);
            double sold = (1 - kept(self, j)) * flow;
            out->income[i] += sold;
            out->income[j] += kept(self, j) * flow;
            out->spending[j] += flow + taken;
            out->revenue[j] += taken;
            if (i == j) continue;
            out->transfer[j] +=
                sold; /* of trade alone: what is left of it after large sums would be rounded */
            out->transfer[i] -= sold;
        }
}

typedef struct {
    economy_problem_t *problems;
    size_t n, most;
} list_t;

static void report(list_t *list, economy_problem_id_t id, int i, int j, double value) {
    if (list->n < list->most) list->problems[list->n] = (economy_problem_t){id, i, j, value};
    list->n++;
}

static void check_rules(const trade_rules_t *rules, list_t *list) {
    bool elasticity = rules->elasticity > 0 && rules->elasticity <= MOST_ELASTICITY;
    if (!elasticity) report(list, ECONOMY_ELASTICITY, -1, -1, rules->elasticity);
    if (!(rules->labour_supply >= 0 && rules->labour_supply <= MOST_LABOUR_SUPPLY))
        report(list, ECONOMY_LABOUR_SUPPLY, -1, -1, rules->labour_supply);
    if (!(rules->scale >= 0 && (!elasticity || rules->scale * rules->elasticity < 1)))
        report(list, ECONOMY_SCALE, -1, -1, rules->scale);
}

/* nu, and where the rules are right how much labour more labour calls for. */
static void check_kept(const economy_t *self, int i, bool rules, list_t *list) {
    double nu = kept(self, i), psi = self->rules.scale;
    double feedback = self->rules.labour_supply * (psi + (1 + psi) * nu / (1 - nu));
    if (!(nu >= 0 && nu < 1))
        report(list, ECONOMY_KEPT, i, -1, nu);
    else if (rules && !(feedback < 1))
        report(list, ECONOMY_FEEDBACK, i, -1, feedback);
}

static void check_figures(const economy_t *self, int i, list_t *list) {
    for (int j = 0; j < self->n; j++) {
        double flow = self->flows[(size_t)i * (size_t)self->n + (size_t)j], t = tariff(self, i, j);
        if (!(flow >= 0 && flow < INFINITY)) report(list, ECONOMY_FLOW, i, j, flow);
        if (!(t >= 0 && t < INFINITY && (i != j || t == 0))) report(list, ECONOMY_TARIFF, i, j, t);
    }
}

static void check_actor(const economy_t *self, int i, list_t *list) {
    double sold = 0, bought = 0;
    for (int j = 0; j < self->n; j++) {
        sold += self->flows[(size_t)i * (size_t)self->n + (size_t)j];
        bought += self->flows[(size_t)j * (size_t)self->n + (size_t)i];
    }
    if (bought > 0 && !(sold > 0)) report(list, ECONOMY_NO_SALES, i, -1, sold);
    if (sold > 0 && !(bought > 0)) report(list, ECONOMY_NO_PURCHASES, i, -1, bought);
}

size_t economy_check(const economy_t *self, economy_problem_t *problems, size_t most) {
    list_t list = {problems, 0, most};
    check_rules(&self->rules, &list);
    bool rules = list.n == 0;
    for (int i = 0; i < self->n; i++) {
        check_kept(self, i, rules, &list);
        check_figures(self, i, &list);
    }
    if (!list.n)
        for (int i = 0; i < self->n; i++) check_actor(self, i, &list);
    return list.n;
}
