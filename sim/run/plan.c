#include "run/plan.h"

#include "base/date.h"
#include "base/mem.h"
#include "run/tally.h"
#include "version.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- size of blocks -------------------------------------------------------------------------------- */

#define BLOCK_SECONDS 0.5
#define BLOCK_BYTES ((double)32 * 1024 * 1024) /* of trajectories in memory */
/* What a run of one variant costs, roughly, in seconds: an event, a process, a number looked at. */
#define COST_RUN 5e-5
#define COST_EVENT 3e-6
#define COST_PROCESS 2e-7
#define COST_LOOK 4e-8
#define COST_METRIC 1e-5

static double cost_of_events(const model_t *model) {
    double years = model->horizon / DAYS_PER_YEAR, cost = COST_EVENT * (model->n_calendar + model->n_history);
    for (int k = 0; k < model->n_kinds; k++) {
        const kind_t *kind = &model->kinds[k];
        if (kind->rate_per_year <= 0 && !kind->n_excitations) continue;
        double places = kind->scope == SCOPE_DIRECTED ? 2.0 * model->n_ties
                        : kind->scope == SCOPE_DYAD   ? model->n_ties
                        : kind->scope == SCOPE_ACTOR  ? model->n_actors
                                                      : 1;
        cost += places * (COST_PROCESS + COST_EVENT * kind->rate_per_year * years);
    }
    return cost;
}

uint32_t plan_block_replicates(const model_t *model, const observation_t *observation, int n_variants) {
    static const uint32_t series[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};
    double cells = (double)observation->n_times * observation->n_ties;
    double metrics = (double)observation->n_metric_times * observation->n_metric_columns;
    double seconds =
        n_variants * (COST_RUN + cost_of_events(model) + COST_LOOK * 4 * cells + COST_METRIC * metrics);
    double bytes = n_variants * (16 * cells + 4 * metrics), most = BLOCK_SECONDS / seconds;
    if (bytes > 0 && BLOCK_BYTES / bytes < most) most = BLOCK_BYTES / bytes;
    uint32_t n = 1;
    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        if (series[i] <= most) n = series[i];
    return n;
}

/* ---- text ------------------------------------------------------------------------------------------ */

/* What of a YAML text can affect results: comments and blank lines cannot, and the replicates, the points
 * and the seed are told apart from it. The same length or shorter, written over `text`. */
static void normalise(char *text) {
    char *to = text, *line_start = text;
    char quote = 0;
    for (const char *from = text; *from; from++) {
        bool after_blank = to == line_start || to[-1] == ' ' || to[-1] == '\t';
        if (quote) {
            if (*from == quote) quote = 0;
        } else if ((*from == '"' || *from == '\'') && (after_blank || strchr("{[:,", to[-1]))) {
            quote = *from;
        } else if (*from == '#' && after_blank) {
            while (from[1] && from[1] != '\n') from++;
            continue;
        }
        if (*from != '\n') {
            *to++ = *from;
            continue;
        }
        while (to > line_start && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r')) to--;
        if (to > line_start) {
            *to++ = '\n';
            line_start = to;
        }
    }
    *to = '\0';
    static const char *const keys[] = {"replicates:", "seed:", "points:"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        for (char *at = text; (at = strstr(at, keys[k]));) {
            at += strlen(keys[k]);
            size_t skip = strspn(at, " 0123456789_");
            memmove(at, at + skip, strlen(at + skip) + 1);
        }
}

static void hash_file(const char *path, const char *text, char out[HASH_SIZE], fault_t *err) {
    size_t length = strlen(text), n = strlen(path);
    bool yaml = (n > 5 && !strcmp(path + n - 5, ".yaml")) || (n > 4 && !strcmp(path + n - 4, ".yml"));
    char *copy = mem_alloc(length + 1, 1);
    if (!copy) {
        error_set(err, ERR_NOMEM, "out of memory");
        return;
    }
    memcpy(copy, text, length + 1);
    if (yaml) normalise(copy);
    hash_bytes(copy, strlen(copy), out);
    mem_free(copy);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int make_text(plan_t *self, fault_t *err) {
    const plan_request_t *r = &self->request;
    char *text = NULL, hash[HASH_SIZE];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return error_set(err, ERR_NOMEM, "out of memory");
    fprintf(out, "format: %s\nprogram: %s\n", STORE_SCHEMA, ENTENTE_VERSION);
    for (int f = 0; f < r->n_files; f++) {
        hash_file(r->file_paths[f], r->file_texts[f], hash, err);
        fprintf(out, "file %s: %s\n", base_name(r->file_paths[f]), hash);
    }
    fprintf(out, "seed: %llu\n", (unsigned long long)r->seed);
    for (int s = 0; s < r->n_settings; s++) {
        const char *equals = strchr(r->setting_texts[s], '=');
        int length = equals ? (int)(equals - r->setting_texts[s]) : (int)strlen(r->setting_texts[s]);
        fprintf(out, "set %.*s: %s\n", length, r->setting_texts[s], equals ? equals + 1 : "");
    }
    fprintf(out, "variants:");
    for (int v = 0; v < r->n_variants; v++) fprintf(out, " %s", r->model->variants[r->variants[v]].name);
    fprintf(out, "\n");
    if (r->points) {
        fprintf(out, "swept:");
        for (int s = 0; s < r->points->n_axes; s++)
            fprintf(out, " %s", r->model->params[r->points->params[s]].path);
        fprintf(out, "\ndesign: %s\n", design_names[r->points->design]);
        if (self->layout.events || self->layout.trajectories || self->observation.n_metric_times)
            fprintf(out, "stored: everything\n");
        if (r->independent) fprintf(out, "random numbers: of each point's own\n");
    }
    fprintf(out, "replicates a block: %u\n", self->block_replicates);
    bool failed = ferror(out);
    if (fclose(out) || failed) {
        free(text);
        return error_set(err, ERR_NOMEM, "out of memory");
    }
    self->text = text;
    hash_bytes(text, size, self->identity);
    return err->code;
}

/* "name: value" at `line`; the lengths of both. */
static size_t split_line(const char *line, size_t *name) {
    size_t length = strcspn(line, "\n");
    const char *colon = memmem(line, length, ": ", 2);
    *name = colon ? (size_t)(colon - line) : length;
    return length;
}

/* The line of that name in a text, or NULL. */
static const char *find_line(const char *text, const char *name, size_t n) {
    for (const char *line = text; *line;) {
        size_t own, length = split_line(line, &own);
        if (own == n && !strncmp(line, name, n)) return line;
        line += length + (line[length] != '\0');
    }
    return NULL;
}

static void add(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(char *out, size_t size, const char *format, ...) {
    size_t used = strlen(out);
    if (used && used + 3 < size) {
        out[used++] = ';';
        out[used++] = ' ';
    }
    va_list args;
    va_start(args, format);
    vsnprintf(out + used, size - used, format, args);
    va_end(args);
}

bool plan_differences(const char *there, const char *here, char *out, size_t size) {
    *out = '\0';
    for (const char *line = here; *line;) {
        size_t name, length = split_line(line, &name), other_name = 0, other_length = 0;
        const char *other = find_line(there, line, name);
        if (other) other_length = split_line(other, &other_name);
        bool file = !strncmp(line, "file ", 5);
        if (!other)
            add(out, size, file ? "%.*s is new" : "%.*s was not given", (int)name - (file ? 5 : 0),
                line + (file ? 5 : 0));
        else if (other_length != length || strncmp(line, other, length)) {
            if (file)
                add(out, size, "%.*s has changed", (int)name - 5, line + 5);
            else
                add(out, size, "%.*s: %.*s there, %.*s here", (int)name, line, (int)(other_length - name - 2),
                    other + name + 2, (int)(length - name - 2), line + name + 2);
        }
        line += length + (line[length] != '\0');
    }
    for (const char *line = there; *line;) {
        size_t name, length = split_line(line, &name);
        bool file = !strncmp(line, "file ", 5);
        if (!find_line(here, line, name))
            add(out, size, file ? "%.*s is no longer read" : "%.*s was given there",
                (int)name - (file ? 5 : 0), line + (file ? 5 : 0));
        line += length + (line[length] != '\0');
    }
    return *out != '\0';
}

/* ---- plan ------------------------------------------------------------------------------------------ */

/* What to look at. Trajectories that are not stored are still summarised, unless there are too many. */
static int make_observation(plan_t *self, const plan_request_t *request, int64_t *left_out) {
    output_t *output = &request->model->output;
    const bool stored = output->trajectories;
    output->trajectories = true;
    int ret = observation_init(&self->observation, request->model);
    output->trajectories = stored;
    if (ret < 0) return ret;
    int n_points = request->points ? request->points->n_points : 0;
    layout_t layout = {
        .observation = &self->observation, .n_variants = request->n_variants, .n_points = n_points};
    if (tally_cells(&layout, TALLY_STRENGTH)) return 0;
    *left_out = (int64_t)request->n_variants * self->observation.n_times * self->observation.n_ties *
                (n_points ? n_points : 1);
    if (!stored) self->observation.n_times = 0;
    return 0;
}

int plan_init(plan_t *self, const plan_request_t *request, fault_t *err) {
    const model_t *model = request->model;
    int64_t left_out = 0;
    *self = (plan_t){.request = *request};
    if (make_observation(self, request, &left_out) < 0) return error_set(err, ERR_NOMEM, "out of memory");
    self->block_replicates = request->block_replicates
                                 ? request->block_replicates
                                 : plan_block_replicates(model, &self->observation, request->n_variants);
    self->layout = (layout_t){
        .model = model,
        .observation = &self->observation,
        .seed = request->seed,
        .n_variants = request->n_variants,
        .variants = request->variants,
        .trajectories = model->output.trajectories && self->observation.n_times && self->observation.n_ties,
        .left_out = left_out,
        .events = model->output.events,
        .chunk_replicates = self->block_replicates,
        .strength = rounding_absolute(model->output.precision),
        .trade = rounding_relative(model->output.trade_precision),
    };
    const points_t *points = request->points;
    if (points) {
        self->layout.n_points = points->n_points;
        self->layout.n_swept = points->n_axes;
        self->layout.swept = points->params;
        self->layout.swept_values = points->values;
    }
    plan_set_replicates(self, request->n_replicates);
    return make_text(self, err);
}

/* Blocks of at most k points one after another. */
static int rows_of(int n_points, int k) {
    return (n_points + k - 1) / k;
}

void plan_set_replicates(plan_t *self, uint32_t n_replicates) {
    uint32_t b = self->block_replicates;
    self->request.n_replicates = n_replicates;
    self->blocks_per_point = (int)((n_replicates + b - 1) / b);
    self->points_per_block = self->layout.n_points && n_replicates < b ? (int)(b / n_replicates) : 1;
    int n_points = self->layout.n_points, k = self->points_per_block,
        rows = rows_of(self->earlier_points, k) + rows_of(n_points - self->earlier_points, k);
    self->n_blocks = self->blocks_per_point * (n_points ? rows : 1);
}

void plan_set_earlier_points(plan_t *self, int n_points) {
    self->earlier_points = n_points < self->layout.n_points ? n_points : self->layout.n_points;
    plan_set_replicates(self, self->request.n_replicates);
}

void plan_free(plan_t *self) {
    observation_free(&self->observation);
    free(self->text);
    *self = (plan_t){0};
}

block_t plan_block(const plan_t *self, int index) {
    block_t block = {.point = -1, .n_points = 1};
    if (self->layout.n_points) {
        int k = self->points_per_block, row = index / self->blocks_per_point,
            before = rows_of(self->earlier_points, k), end = self->earlier_points;
        block.point = row * k;
        if (row >= before) {
            block.point = self->earlier_points + (row - before) * k;
            end = self->layout.n_points;
        }
        block.n_points = end - block.point < k ? end - block.point : k;
    }
    block.first = (uint32_t)(index % self->blocks_per_point) * self->block_replicates;
    uint32_t left = self->request.n_replicates - block.first;
    block.n = left < self->block_replicates ? left : self->block_replicates;
    return block;
}

int64_t block_replicates_in_all(const block_t *self) {
    return (int64_t)self->n * self->n_points;
}

int plan_nth(const plan_t *self, int n) {
    int n_rows = self->n_blocks / self->blocks_per_point;
    return n % n_rows * self->blocks_per_point + n / n_rows;
}

uint64_t plan_seed(const plan_t *self, int point) {
    const plan_request_t *r = &self->request;
    const layout_t *l = &self->layout;
    if (!r->independent || point < 0) return r->seed;
    uint64_t key = rng_key_text(rng_key_number(0, r->seed), "point");
    for (int s = 0; s < l->n_swept; s++) {
        uint64_t bits;
        memcpy(&bits, &l->swept_values[(size_t)point * (size_t)l->n_swept + (size_t)s], sizeof bits);
        key = rng_key_number(rng_key_text(key, r->model->params[l->swept[s]].path), bits);
    }
    return key;
}

void plan_block_identity(const plan_t *self, const block_t *block, char out[HASH_SIZE]) {
    const layout_t *l = &self->layout;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    *out = '\0';
    if (!memory) return;
    fprintf(memory, "%s %u %u", self->identity, block->first, block->n);
    for (int s = 0; s < l->n_swept * block->n_points && block->point >= 0; s++)
        fprintf(memory, " %a", l->swept_values[(size_t)block->point * (size_t)l->n_swept + (size_t)s]);
    if (!fclose(memory)) hash_bytes(text, size, out);
    free(text);
}

int plan_n_settings(const plan_t *self) {
    return self->request.n_settings + self->layout.n_swept;
}

void plan_settings(const plan_t *self, int point, setting_t *out) {
    const plan_request_t *r = &self->request;
    const layout_t *l = &self->layout;
    for (int s = 0; s < r->n_settings; s++) *out++ = r->settings[s];
    for (int s = 0; s < l->n_swept && point >= 0; s++)
        *out++ = (setting_t){l->swept[s], l->swept_values[(size_t)point * (size_t)l->n_swept + (size_t)s]};
}
