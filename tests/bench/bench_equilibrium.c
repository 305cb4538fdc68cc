/* Speed of the equilibrium's solver on made-up economies: processor time and iterations a solve.
 *
 *     bench_equilibrium [ACTORS]      2 to 400; without it 10, 34, 100 and 200
 *
 * A solve is what one refresh of a replicate asks for: all costs change by log noise of 0.02, and half of the
 * links have tariffs of up to 25 %. Cold starts from no change; warm starts from the last solution, and costs
 * have moved by 0.002. Extreme is a cold start with log noise of 2 and tariffs of up to 1000 %. */
#include "../support/made_economy.h"
#include "model/trade/equilibrium.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST 400

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void measure(equilibrium_t *solver, made_economy_t *made, const char *name, bool warm, double noise,
                    double tariff) {
    const trade_shock_t change = {made->log_shift, made->new_tariffs, NULL};
    int repeats = 0, found = 0;
    long iterations = 0;
    double seconds = 0;
    while (seconds < 0.5) {
        if (warm && repeats)
            made_economy_drift(made, noise / 10);
        else
            made_economy_change(made, noise, tariff);
        double before = cpu_seconds();
        found += equilibrium_solve(solver, &change, warm) == EQUILIBRIUM_FOUND;
        seconds += cpu_seconds() - before;
        iterations += solver->iterations;
        repeats++;
    }
    printf("%-16s %4d actors %9.1f us/solve %6.1f iterations %7.2f us/iteration  found %d of %d\n", name,
           made->n, 1e6 * seconds / repeats, (double)iterations / repeats, 1e6 * seconds / (double)iterations,
           found, repeats);
}

static int bench(equilibrium_t *solver, int n) {
    made_economy_t made;
    if (made_economy_init(&made, n, 1) < 0) return -1;
    economy_t economy = {
        .n = n,
        .flows = made.flows,
        .rules = {.elasticity = 4, .deficits = DEFICITS_OF_OWN, .numeraire = NUMERAIRE_PRICES}};
    const char *names[2][3] = {{"cold", "warm", "extreme"},
                               {"labour, cold", "labour, warm", "labour, extreme"}};
    for (int elastic = 0; elastic < 2; elastic++) {
        economy.rules.labour_supply = elastic ? 0.5 : 0;
        economy.rules.scale = elastic ? 0.67 / 4 : 0;
        equilibrium_baseline(solver, &economy);
        measure(solver, &made, names[elastic][0], false, 0.02, 0.25);
        measure(solver, &made, names[elastic][1], true, 0.02, 0.25);
        measure(solver, &made, names[elastic][2], false, 2, 10);
    }
    made_economy_free(&made);
    return 0;
}

int main(int n_arguments, char **arguments) {
    equilibrium_t solver;
    int sizes[] = {10, 34, 100, 200}, n_sizes = 4, ret = 0;
    if (n_arguments > 1) {
        sizes[0] = atoi(arguments[1]);
        n_sizes = 1;
        if (sizes[0] < 2 || sizes[0] > MOST) return 64;
    }
    if (equilibrium_init(&solver, MOST) < 0) return 70;
    for (int k = 0; k < n_sizes && ret == 0; k++) ret = bench(&solver, sizes[k]);
    equilibrium_free(&solver);
    return ret < 0 ? 70 : 0;
}
