/* A small layout in a folder of its own, parts of it, and their merging. */
#ifndef ENTENTE_TESTS_SMALL_STORE_H
#define ENTENTE_TESTS_SMALL_STORE_H

#include "check.h"
#include "toy.h"

#include "base/mem.h"
#include "store/store.h"

#include <unistd.h>

enum { N_TIMES = 3, N_TIES = 2 };

typedef struct {
    char folder[64];
    model_t model;
    observation_t observation;
    double times[N_TIMES];
    int ties[N_TIES], variants[2];
    layout_t layout;
    fault_t err;
} fixture_t;

static inline int set_up(void **state) {
    fixture_t *f = calloc(1, sizeof *f);
    strcpy(f->folder, "/tmp/entente-store-XXXXXX");
    if (!mkdtemp(f->folder)) return -1;
    toy_init(&f->model, 3, 2, 10);
    f->model.n_quantities = 1;
    f->model.quantities = arena_alloc(&f->model.arena, 1, sizeof(quantity_t));
    f->model.quantities[0] = (quantity_t){.name = "q", .label = "q", .unit = "1"};
    f->model.n_variants = 2;
    f->model.variants[1].name = "other";
    assert_int_equal(model_finish(&f->model), 0);
    f->ties[1] = 2;
    f->variants[1] = 1;
    for (int t = 0; t < N_TIMES; t++) f->times[t] = 5 * t;
    f->observation = (observation_t){
        .n_times = N_TIMES, .times = f->times, .n_ties = N_TIES, .ties = f->ties, .events = true};
    f->layout = (layout_t){.model = &f->model,
                           .observation = &f->observation,
                           .seed = UINT64_MAX,
                           .n_variants = 2,
                           .variants = f->variants,
                           .trajectories = true,
                           .events = true,
                           .chunk_replicates = 4,
                           .strength = rounding_absolute(0),
                           .trade = rounding_relative(0)};
    *state = f;
    return 0;
}

static inline int tear_down(void **state) {
    fixture_t *f = *state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    int failed = system(command);
    model_free(&f->model);
    free(f);
    return failed;
}

/* A result that tells its replicate and variant. */
static inline void fill(const fixture_t *f, result_t *r, uint32_t replicate, int variant) {
    double mark = replicate + 0.5 * variant;
    r->stop = STOP_NONE;
    r->stop_time = 10;
    r->quantities[0] = mark;
    for (int k = 0; k < f->model.n_kinds; k++) r->kind_counts[k] = replicate;
    int cells = f->observation.n_times * N_TIES;
    for (int i = 0; i < cells; i++) r->strength[i] = r->alignment[i] = (float)(mark + 0.001 * i);
    for (int i = 0; i < 2 * cells; i++) r->trade[i] = (float)(1e9 * mark + i);
    log_clear(&r->log);
    for (uint32_t i = 0; i < replicate % 3; i++) {
        log_row_t row = {.time = mark, .kind = (int16_t)(i % 2), .parent = (int32_t)i - 1, .value_usd = NAN};
        assert_true(log_append(&r->log, &row) >= 0);
    }
}

static inline int write_file(const char *path, const part_t *part, fault_t *err) {
    part_file_t *file;
    int ret = part_file_create(&file, path, "mine", err);
    if (ret) return ret;
    ret = part_file_add(file, part, err);
    if (!ret) return part_file_finish(file, err);
    part_file_close(file);
    return ret;
}

static inline int read_file(const char *path, part_t *part, fault_t *err) {
    part_file_t *file;
    int ret = part_file_open(&file, path, err);
    if (!ret) ret = part_file_next(file, part, err);
    if (!ret) assert_string_equal(part_file_identity(file), "mine");
    part_file_close(file);
    return ret;
}

static inline void write_part(fixture_t *f, const char *path, uint32_t first, uint32_t n) {
    part_t part;
    result_t result;
    assert_int_equal(part_init(&part, &f->layout, -1, first, n), 0);
    assert_int_equal(result_init(&result, &f->model, &f->observation), 0);
    for (uint32_t i = 0; i < n; i++)
        for (int v = 0; v < 2; v++) {
            fill(f, &result, first + i, v);
            assert_int_equal(part_add(&part, i, v, &result), 0);
        }
    f->err = (fault_t){0};
    assert_int_equal(write_file(path, &part, &f->err), 0);
    result_free(&result);
    part_free(&part);
}

/* Of replicates 0 to n, where `earlier` is there from it, else from parts of four. */
static inline void merge(fixture_t *f, const char *out, uint32_t n, store_t *earlier) {
    store_t *s;
    part_t part;
    f->err = (fault_t){0};
    unlink(out);
    assert_int_equal(store_create(&s, out, &f->layout, n, 2, &f->err), 0);
    assert_int_equal(part_init_packed(&part, &f->layout, 4), 0);
    for (uint32_t first = 0; first < n; first += 4) {
        uint32_t count = n - first < 4 ? n - first : 4;
        char path[96];
        snprintf(path, sizeof path, "%s/%u.part", f->folder, first);
        if (earlier && first + count <= store_replicates(earlier)) {
            if (store_read_part(earlier, -1, first, count, &part, &f->err)) fail_msg("%s", f->err.text);
        } else {
            write_part(f, path, first, count);
            assert_int_equal(read_file(path, &part, &f->err), 0);
        }
        assert_true(part.point == -1 && part.first == first && part.n == count);
        if (store_append(s, &part, &f->err)) fail_msg("%s", f->err.text);
    }
    part_free(&part);
    if (store_finish(s, &f->err)) fail_msg("%s", f->err.text);
}

#endif
