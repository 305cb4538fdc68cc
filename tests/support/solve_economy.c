/* Solves economies for tests/e2e/test_equilibrium.py: reads them from standard input as words, writes the
 * solutions.
 *
 *     n elasticity labour_supply scale output deficits revenue numeraire warm
 *     flows[n n] tariffs[n n] kept[n]    log_shift[n n] tariffs[n n] endowment[n]
 *
 * One line each: status iterations residual; wage, employment, gate, price, income, spending, revenue,
 * transfer, [n] each; the flows [n n]. */
#include "model/trade/equilibrium.h"

#include <stdio.h>
#include <stdlib.h>

static double *numbers(size_t n) {
    double *list = calloc(n, sizeof *list);
    for (size_t k = 0; k < n; k++)
        if (scanf("%lf", &list[k]) != 1) exit(1);
    return list;
}

static void show(const double *list, int n) {
    for (int k = 0; k < n; k++) printf("%.17g ", list[k]);
    printf("\n");
}

static void solve(equilibrium_t *solver, int n) {
    int output, deficits, revenue, numeraire, warm;
    economy_t economy = {.n = n};
    trade_rules_t *rules = &economy.rules;
    if (scanf("%lf %lf %lf %d %d %d %d %d", &rules->elasticity, &rules->labour_supply, &rules->scale, &output,
              &deficits, &revenue, &numeraire, &warm) != 8)
        exit(1);
    rules->output = (output_rule_t)output;
    rules->deficits = (deficit_rule_t)deficits;
    rules->revenue = (revenue_rule_t)revenue;
    rules->numeraire = (numeraire_t)numeraire;
    size_t line = (size_t)n, square = line * line;
    double *flows = numbers(square), *tariffs = numbers(square), *kept = numbers(line);
    double *shift = numbers(square), *new_tariffs = numbers(square), *endowment = numbers(line);
    economy.flows = flows;
    economy.tariffs = tariffs;
    economy.kept = kept;
    economy_problem_t problem;
    if (economy_check(&economy, &problem, 1)) {
        printf("problem %d %d %d\n", (int)problem.id, problem.i, problem.j);
        exit(2);
    }
    if (!warm) equilibrium_baseline(solver, &economy);
    equilibrium_status_t status =
        equilibrium_solve(solver, &(trade_shock_t){shift, new_tariffs, endowment}, warm);
    printf("%d %d %g %d\n", (int)status, solver->iterations, solver->residual, solver->actor);
    const double *lines[] = {solver->wage,   solver->employment, solver->gate,    solver->price,
                             solver->income, solver->spending,   solver->revenue, solver->transfer};
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) show(lines[k], n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) printf("%.17g ", equilibrium_flow(solver, i, j));
    printf("\n");
    double *all[] = {flows, tariffs, kept, shift, new_tariffs, endowment};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

int main(void) {
    equilibrium_t solver;
    int n;
    if (equilibrium_init(&solver, 500) < 0) return 1;
    while (scanf("%d", &n) == 1) solve(&solver, n);
    equilibrium_free(&solver);
    return 0;
}
