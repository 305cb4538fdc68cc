/* Regret, boxes and trees on cases with known answers; a box or a split in noise is none. */
#include "../support/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "stats/choice/cart.h"
#include "stats/choice/prim.h"
#include "stats/choice/regret.h"
#include <math.h>
#include <string.h>

/* ---- regret ----------------------------------------------------------------------------------------- */

enum { OPTIONS = 3, STATES = 5 };

static void test_regret(void **state) {
    (void)state;
    static const double values[OPTIONS * STATES] = {
        1, 4, 2, 0, 3, /* regrets 2, 0, 1, 4, 0 */
        3, 1, 3, 4, 1, /*         0, 3, 0, 0, 2 */
        3, 1, 2, 4, 1, /*         0, 3, 1, 0, 2: never better than the second */
    };
    static const double expected[OPTIONS * STATES] = {2, 0, 1, 4, 0, 0, 3, 0, 0, 2, 0, 3, 1, 0, 2};
    double regrets[OPTIONS * STATES], negative[OPTIONS * STATES];
    regret_t of[OPTIONS], mirrored[OPTIONS];
    assert_int_equal(regret_all(OPTIONS, STATES, values, false, regrets, of), 0);
    for (int i = 0; i < OPTIONS * STATES; i++) CHECK_NEAR(regrets[i], expected[i], 0);
    CHECK_NEAR(of[0].mean, 2, 1e-15);
    CHECK_NEAR(of[0].regret, 1.4, 1e-15);
    CHECK_NEAR(of[0].regret_90, 3.2, 1e-15); /* between 2 and 4 */
    CHECK_NEAR(of[0].regret_most, 4, 0);
    assert_int_equal(of[0].worst, 3);
    CHECK_NEAR(of[0].best, 0.4, 1e-15);
    CHECK_NEAR(of[1].regret, 1, 1e-15);
    CHECK_NEAR(of[1].best, 0.6, 1e-15);
    assert_int_equal(of[0].dominated_by, -1);
    assert_int_equal(of[1].dominated_by, -1);
    assert_int_equal(of[2].dominated_by, 1);
    for (int i = 0; i < OPTIONS * STATES; i++) negative[i] = -values[i];
    assert_int_equal(regret_all(OPTIONS, STATES, negative, true, regrets, mirrored), 0);
    for (int o = 0; o < OPTIONS; o++) CHECK_NEAR(mirrored[o].regret, of[o].regret, 0);
}

static void test_equal_options(void **state) {
    (void)state;
    static const double values[4] = {1, 2, 1, 2};
    double regrets[4];
    regret_t of[2];
    assert_int_equal(regret_all(2, 2, values, false, regrets, of), 0);
    for (int o = 0; o < 2; o++) {
        assert_int_equal(of[o].dominated_by, -1);
        CHECK_NEAR(of[o].regret_most, 0, 0);
        CHECK_NEAR(of[o].best, 1, 0);
    }
}

/* ---- boxes ------------------------------------------------------------------------------------------ */

enum { POINTS = 2000, AXES = 4 };

typedef struct {
    double x[AXES * POINTS], y[POINTS];
    bool taken[POINTS];
    box_limits_t limits[AXES];
    box_points_t data;
    box_found_t box;
} cube_t;

static void cube_init(cube_t *c, uint64_t seed) {
    rng_stream_t stream;
    memset(c, 0, sizeof *c);
    rng_stream_init(&stream, seed, 0);
    for (int i = 0; i < AXES * POINTS; i++) c->x[i] = rng_stream_unit(&stream);
    c->data = (box_points_t){POINTS, AXES, c->x, c->y};
    c->box.limits = c->limits;
}

static double at(const cube_t *c, int axis, int i) {
    return c->x[axis * POINTS + i];
}

/* A corner of two of four parameters: that box, and nothing of the other two. */
static void test_finds_the_box(void **state) {
    (void)state;
    static cube_t c;
    int n = 0;
    cube_init(&c, 1);
    for (int i = 0; i < POINTS; i++) n += (c.y[i] = at(&c, 0, i) > 0.6 && at(&c, 2, i) < 0.5) != 0;
    assert_int_equal(prim_find(&c.data, PRIM_BALANCED, POINTS / 20, c.taken, &c.box), 0);
    assert_true(c.box.density > 0.95 && c.box.coverage > 0.95);
    assert_int_equal(c.box.n_limited, 2);
    CHECK_NEAR(c.limits[0].low, 0.6, 0.02);
    CHECK_NEAR(c.limits[2].high, 0.5, 0.02);
    assert_true(isnan(c.limits[0].high) && isnan(c.limits[2].low));
    double found = 0, inside = 0;
    for (int i = 0; i < POINTS; i++) {
        bool in = at(&c, 0, i) > c.limits[0].low && at(&c, 2, i) < c.limits[2].high;
        assert_true(in == c.taken[i]);
        inside += in;
        found += in && c.y[i] != 0;
    }
    CHECK_NEAR(c.box.density, found / inside, 1e-12);
    CHECK_NEAR(c.box.coverage, found / n, 1e-12);
}

/* Two corners: one after the other. */
static void test_finds_both(void **state) {
    (void)state;
    static cube_t c;
    double covered = 0;
    cube_init(&c, 2);
    for (int i = 0; i < POINTS; i++)
        c.y[i] = (at(&c, 0, i) > 0.5 && at(&c, 1, i) > 0.5) || (at(&c, 0, i) < 0.3 && at(&c, 3, i) < 0.3);
    for (int b = 0; b < 2; b++) {
        assert_int_equal(prim_find(&c.data, PRIM_BALANCED, POINTS / 20, c.taken, &c.box), 0);
        assert_true(c.box.density > 0.9);
        assert_int_equal(c.box.n_limited, 2);
        covered += c.box.coverage;
    }
    assert_true(covered > 0.95);
}

/* Sizes: where they are largest. */
static void test_finds_the_highest(void **state) {
    (void)state;
    static cube_t c;
    cube_init(&c, 3);
    for (int i = 0; i < POINTS; i++) c.y[i] = fmax(0, at(&c, 1, i) - 0.2) * (at(&c, 3, i) > 0.5);
    assert_int_equal(prim_find(&c.data, PRIM_HIGHEST, POINTS / 10, c.taken, &c.box), 0);
    assert_int_equal(c.box.n_limited, 2);
    CHECK_NEAR(c.limits[1].low, 0.8, 0.03); /* 10 % of the points: 0.2 x 0.5 */
    CHECK_NEAR(c.limits[3].low, 0.5, 0.03);
    CHECK_NEAR(c.box.density, 0.7, 0.02);
}

/* Values that are the same in many points stay together. */
static void test_values_of_a_grid(void **state) {
    (void)state;
    static const double x[9] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
    double y[9];
    bool taken[9] = {false};
    box_limits_t limits;
    box_found_t box = {.limits = &limits};
    for (int i = 0; i < 9; i++) y[i] = x[i] < 0.45;
    box_points_t data = {9, 1, x, y};
    assert_int_equal(prim_find(&data, PRIM_BALANCED, 1, taken, &box), 0);
    assert_int_equal(box.n, 4);
    CHECK_NEAR(limits.high, 0.45, 1e-12);
    CHECK_NEAR(box.density, 1, 0);
    CHECK_NEAR(box.coverage, 1, 0);
}

/* Chance alone: of 40 cubes of noise few have a limit, and a faint effect in all of them is seen. */
static int with_limits(double effect) {
    static cube_t c;
    int n = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        rng_stream_t stream;
        cube_init(&c, 100 + seed);
        rng_stream_init(&stream, 100 + seed, 1);
        for (int i = 0; i < POINTS; i++)
            c.y[i] = rng_stream_unit(&stream) < 0.3 + effect * (at(&c, 1, i) > 0.5);
        assert_int_equal(prim_find(&c.data, PRIM_BALANCED, POINTS / 20, c.taken, &c.box), 0);
        n += c.box.n_limited > 0;
    }
    return n;
}

static void test_noise(void **state) {
    (void)state;
    assert_true(with_limits(0) <= 2);
    assert_int_equal(with_limits(0.4), 40);
}

/* ---- trees ------------------------------------------------------------------------------------------ */

typedef struct {
    cart_t tree;
    box_found_t boxes[CART_NODES];
    box_limits_t limits[CART_NODES][AXES];
} grown_t;

static void grow(const cube_t *c, grown_t *g) {
    assert_int_equal(cart_grow(&c->data, POINTS / 20, &g->tree), 0);
    assert_in_range(g->tree.n_leaves, 1, 16);
    for (int b = 0; b < g->tree.n_leaves; b++) g->boxes[b].limits = g->limits[b];
    assert_int_equal(cart_boxes(&g->tree, &c->data, g->boxes), 0);
}

/* A corner of two of four parameters: a leaf is that corner, and all leaves together are the cube. */
static void test_tree_finds_the_corner(void **state) {
    (void)state;
    static cube_t c;
    static grown_t g;
    double covered = 0;
    size_t n = 0;
    cube_init(&c, 1);
    for (int i = 0; i < POINTS; i++) c.y[i] = at(&c, 0, i) > 0.6 && at(&c, 2, i) < 0.5;
    grow(&c, &g);
    assert_int_equal(g.tree.n_leaves, 3);
    CHECK_NEAR(g.boxes[0].density, 1, 1e-12);
    CHECK_NEAR(g.boxes[0].coverage, 1, 0.02); /* the first split looks at one parameter alone */
    assert_int_equal(g.boxes[0].n_limited, 2);
    CHECK_NEAR(g.boxes[0].limits[0].low, 0.6, 0.01);
    CHECK_NEAR(g.boxes[0].limits[2].high, 0.5, 0.01);
    assert_true(isnan(g.boxes[0].limits[0].high) && isnan(g.boxes[0].limits[2].low));
    for (int b = 0; b < 3; b++) {
        covered += g.boxes[b].coverage;
        n += g.boxes[b].n;
        if (b) CHECK_NEAR(g.boxes[b].density, 0, 0.01);
    }
    CHECK_NEAR(covered, 1, 1e-12);
    assert_int_equal(n, POINTS);
}

/* With noise on it the corner stays: 90 % hold within, 10 % elsewhere. */
static void test_tree_under_noise(void **state) {
    (void)state;
    static cube_t c;
    static grown_t g;
    for (uint64_t seed = 0; seed < 20; seed++) {
        rng_stream_t stream;
        cube_init(&c, 50 + seed);
        rng_stream_init(&stream, 50 + seed, 1);
        for (int i = 0; i < POINTS; i++)
            c.y[i] = rng_stream_unit(&stream) < (at(&c, 0, i) > 0.6 && at(&c, 2, i) < 0.5 ? 0.9 : 0.1);
        grow(&c, &g);
        assert_true(g.tree.n_leaves >= 3 && g.tree.n_leaves <= 5);
        CHECK_NEAR(g.boxes[0].limits[0].low, 0.6, 0.05);
        CHECK_NEAR(g.boxes[0].limits[2].high, 0.5, 0.05);
        CHECK_NEAR(g.boxes[0].density, 0.9, 0.08); /* 400 points, five standard errors */
    }
}

/* Chance alone: pruning leaves hardly a split of it, and keeps an effect. Without pruning each tree has 16
 * leaves or nearly so. */
static int with_splits(double effect) {
    static cube_t c;
    static grown_t g;
    int n = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        rng_stream_t stream;
        cube_init(&c, 100 + seed);
        rng_stream_init(&stream, 100 + seed, 1);
        for (int i = 0; i < POINTS; i++)
            c.y[i] = rng_stream_unit(&stream) < 0.3 + effect * (at(&c, 1, i) > 0.5);
        grow(&c, &g);
        n += g.tree.n_leaves > 1;
    }
    return n;
}

static void test_tree_of_noise(void **state) {
    (void)state;
    assert_true(with_splits(0) <= 2);
    assert_int_equal(with_splits(0.4), 40);
}

/* No points, one value of y, equal values of the parameter: a single leaf. */
static void test_tree_without_a_split(void **state) {
    (void)state;
    static const double x[6] = {1, 1, 1, 1, 1, 1}, y[6] = {0, 1, 0, 1, 0, 1}, same[6] = {1, 1, 1, 1, 1, 1};
    static const double grid[6] = {1, 2, 3, 4, 5, 6};
    const box_points_t cases[] = {{0, 1, x, y}, {6, 1, x, y}, {6, 1, grid, same}, {6, 0, x, y}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cart_t tree;
        box_limits_t limits[2];
        box_found_t box = {.limits = limits};
        assert_int_equal(cart_grow(&cases[k], 1, &tree), 0);
        assert_int_equal(tree.n_leaves, 1);
        assert_int_equal(cart_boxes(&tree, &cases[k], &box), 0);
        assert_int_equal(box.n, cases[k].n);
        assert_int_equal(box.n_limited, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regret),
        cmocka_unit_test(test_equal_options),
        cmocka_unit_test(test_finds_the_box),
        cmocka_unit_test(test_finds_both),
        cmocka_unit_test(test_finds_the_highest),
        cmocka_unit_test(test_values_of_a_grid),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_tree_finds_the_corner),
        cmocka_unit_test(test_tree_under_noise),
        cmocka_unit_test(test_tree_of_noise),
        cmocka_unit_test(test_tree_without_a_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
