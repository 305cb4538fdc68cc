/* The stopping rule: what it looks at, and how often intervals of runs that it stopped hold the truth. */
#include "../support/check.h"

#include "base/math/quantile.h"
#include "base/rng.h"
#include "stats/precision.h"
#include <stdlib.h>

/* ---- looks ------------------------------------------------------------------------------------------- */

static void test_of_means(void **state) {
    (void)state;
    precision_t wanted = {.quantity = 1, .variant = PRECISION_MEANS, .half_width = 0.1};
    estimate_t e[4] = {{0}};
    e[1] = (estimate_t){.low = -0.05, .high = 0.05};
    e[3] = (estimate_t){.low = -0.2, .high = 0.2}; /* the other variant: twice too wide */
    precision_look_t look = precision_look(&wanted, 1, e, 2, 2, 1000);
    assert_false(look.reached);
    assert_int_equal(look.next, 4000); /* 4.4 times as many, and at most four times */
    assert_int_equal(look.variant, 1);
    CHECK_NEAR(look.half_width, 0.2, 1e-12);
    CHECK_NEAR(look.needed, 4400, 1e-6);
    e[3].high = e[3].low + 0.21;
    look = precision_look(&wanted, 1, e, 2, 2, 1000);
    assert_false(look.reached);
    assert_in_range(look.next, 1200, 1220);
    e[3].high = e[3].low + 0.2;
    assert_true(precision_look(&wanted, 1, e, 2, 2, 1000).reached);
    e[3].low = NAN; /* no interval, as all values are equal */
    assert_true(precision_look(&wanted, 1, e, 2, 2, 1000).reached);
    e[3].sd = 1; /* no interval yet */
    look = precision_look(&wanted, 1, e, 2, 2, 1000);
    assert_false(look.reached);
    assert_int_equal(look.next, 4000);
    assert_true(isinf(look.needed));
}

static void test_of_a_change(void **state) {
    (void)state;
    precision_t wanted = {.quantity = 0, .variant = 2, .half_width = 0.1};
    estimate_t e[3] = {
        {.low = -9, .high = 9, .sd = 1}, /* neither the means nor the other change matter */
        {.difference_low = -9, .difference_high = 9, .difference_sd = 1},
        {.difference = -2, .difference_low = -2.15, .difference_high = -1.85, .difference_sd = 1}};
    precision_look_t look = precision_look(&wanted, 1, e, 3, 1, 1000);
    assert_false(look.reached);
    assert_int_equal(look.variant, 2);
    CHECK_NEAR(look.needed, 1000 * 2.25 * 1.1, 1e-6);
    wanted.relative = true; /* 10 % of 2 */
    assert_true(precision_look(&wanted, 1, e, 3, 1, 1000).reached);
    wanted.half_width = 0.05;
    look = precision_look(&wanted, 1, e, 3, 1, 1000);
    CHECK_NEAR(look.allowed, 0.1, 1e-12);
    e[2] = (estimate_t){.difference_low = -0.02, .difference_high = 0.02, .difference_sd = 1};
    look = precision_look(&wanted, 1, e, 3, 1, 1000); /* nothing yet that it could be relative to */
    assert_true(!look.reached && isinf(look.needed));
    e[2] = (estimate_t){.difference_low = NAN, .difference_high = NAN}; /* no pair differs */
    assert_true(precision_look(&wanted, 1, e, 3, 1, 1000).reached);
}

/* ---- coverage ---------------------------------------------------------------------------------------- */

enum { SEEDS = 1000, MOST = 20000 };

static double unit(uint64_t seed, uint32_t i, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(rng_key_number(1, seed), i), purpose);
    return rng_stream_unit(&stream);
}

static double normal(uint64_t seed, uint32_t i) {
    return sqrt(-2 * log(1 - unit(seed, i, 1))) * cos(2 * M_PI * unit(seed, i, 2));
}

static double exponential(uint64_t seed, uint32_t i) {
    return -log(1 - unit(seed, i, 1));
}

static double often(uint64_t seed, uint32_t i) {
    return unit(seed, i, 1) < 0.3;
}

static double seldom(uint64_t seed, uint32_t i) {
    return unit(seed, i, 1) < 0.03;
}

/* One pair in twenty differs, by about 2. */
static double few_differ(uint64_t seed, uint32_t i) {
    return unit(seed, i, 3) < 0.05 ? 2 + normal(seed, i) : 0;
}

static double lognormal(uint64_t seed, uint32_t i) {
    return exp(0.75 * normal(seed, i));
}

/* One pair in fifty differs, up or down. */
static double mostly_equal(uint64_t seed, uint32_t i) {
    double u = unit(seed, i, 3);
    return u < 0.015 ? 1 : u < 0.02 ? -1 : 0;
}

typedef struct {
    const char *name;
    double (*value)(uint64_t seed, uint32_t i);
    double truth;
    bool probability;
    precision_t wanted;
} case_t;

/* Widths that the first check, or the second, often just reaches or just misses among them. */
static const case_t cases[] = {
    {"normal, at the first check", normal, 0, false, {0, PRECISION_MEANS, 0.137, false}},
    {"normal", normal, 0, false, {0, PRECISION_MEANS, 0.08, false}},
    {"exponential", exponential, 1, false, {0, PRECISION_MEANS, 0.1, false}},
    {"exponential, relative", exponential, 1, false, {0, PRECISION_MEANS, 0.06, true}},
    {"probability of 0.3", often, 0.3, true, {0, PRECISION_MEANS, 0.03, false}},
    {"probability of 0.03, to a quarter of it", seldom, 0.03, true, {0, PRECISION_MEANS, 0.25, true}},
    {"normal, just before a check", normal, 0, false, {0, PRECISION_MEANS, 0.125, false}},
    {"lognormal, sigma 0.75", lognormal, 1.3247847587, false, {0, PRECISION_MEANS, 0.07, false}},
    {"change in one pair of fifty", mostly_equal, 0.01, false, {0, 1, 0.004, false}},
    {"change in one pair of fifty, as a probability", mostly_equal, 0.01, true, {0, 1, 0.005, false}},
    {"change in one pair of twenty", few_differ, 0.1, false, {0, 1, 0.02, false}},
};

/* Student's interval of the mean, in place of the program's. */
static void set_students(estimate_t *e, uint32_t n) {
    double half = quantile_t(n - 1, 0.975) * e->sd / sqrt(n);
    e->low = e->mean - half, e->high = e->mean + half;
}

/* Whether the interval holds the truth when the rule stops; *n replicates. With `every`: a rule that checks
 * after so many more, by Student's interval. */
static bool covers(const case_t *what, uint64_t seed, uint32_t first, uint32_t every, double *x,
                   uint32_t *n) {
    static const double none[MOST];
    uint32_t made = 0;
    for (*n = first;;) {
        estimate_t e[2];
        fault_t err = {0};
        for (; made < *n; made++) x[made] = what->value(seed, made);
        assert_int_equal(estimate_columns(x, none, *n, what->probability, NAN, &e[1], &err), 0);
        if (every) set_students(&e[1], *n);
        e[0] = e[1];
        precision_look_t look = precision_look(&what->wanted, 1, e, 2, 1, *n);
        bool change = what->wanted.variant == 1;
        if (look.reached)
            return change ? e[1].difference_low <= what->truth && what->truth <= e[1].difference_high
                          : e[1].low <= what->truth && what->truth <= e[1].high;
        *n = every ? *n + every : look.next;
        assert_true(*n <= MOST);
    }
}

/* 93 to 97 % are wanted. At 95 % the share of 1,000 seeds is outside of that with probability 0.4 %. */
static void test_coverage(void **state) {
    (void)state;
    double *x = calloc(MOST, sizeof *x);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        int covered = 0;
        double sum = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            uint32_t n;
            covered += covers(&cases[c], seed, PRECISION_FIRST, 0, x, &n);
            sum += n;
        }
        print_message("[ %s: covered %.1f %%, %.0f replicates ]\n", cases[c].name, 100.0 * covered / SEEDS,
                      sum / SEEDS);
        assert_in_range(covered, 930, 970);
    }
    free(x);
}

/* The twin: a rule that begins at ten and checks Student's interval at every replicate stops at samples that
 * look narrow. */
static void test_a_greedy_rule_covers_less(void **state) {
    (void)state;
    const case_t greedy = {"exponential", exponential, 1, false, {0, PRECISION_MEANS, 0.25, false}};
    double *x = calloc(MOST, sizeof *x);
    int covered = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint32_t n;
        covered += covers(&greedy, seed, 10, 1, x, &n);
    }
    print_message("[ greedy: covered %.1f %% ]\n", 100.0 * covered / SEEDS);
    assert_true(covered < 930);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_means),
        cmocka_unit_test(test_of_a_change),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_a_greedy_rule_covers_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
