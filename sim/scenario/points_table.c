/* Points of a sweep that a table lists. */
#include "scenario/scenario.h"

#include "base/mem.h"
#include "text/source.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *trim(char *text) {
    text += strspn(text, " \t");
    size_t n = strlen(text);
    while (n && strchr(" \t\r\n", text[n - 1])) text[--n] = '\0';
    return text;
}

/* A cell without the quotes that some programs put around each. */
static char *unquote(char *cell) {
    cell = trim(cell);
    size_t n = strlen(cell);
    if (n < 2 || *cell != '"' || cell[n - 1] != '"') return cell;
    cell[n - 1] = '\0';
    return cell + 1;
}

static int read_head(points_t *self, scenario_t *scenario, char *line, const char *path, int number,
                     fault_t *err) {
    size_t capacity = 0;
    if (!strchr(line, ',') && strpbrk(line, ";\t"))
        return error_set(
            err, ERR_DATA,
            "%s:%d: the cells seem to be separated by %s; separate them by commas, and write numbers with a "
            "decimal point",
            path, number, strchr(line, ';') ? "semicolons" : "tabs");
    for (char *cell; (cell = strsep(&line, ","));) {
        cell = unquote(cell);
        int param = scenario_param(scenario, cell);
        if (param < 0)
            return error_set(err, ERR_DATA, "%s:%d: \"%s\" is not a parameter of the scenario", path, number,
                             cell);
        if (ARRAY_RESERVE(self->params, self->n_axes, capacity)) return error_memory(err);
        for (int a = 0; a < self->n_axes; a++)
            if (self->params[a] == param)
                return error_set(err, ERR_DATA, "%s:%d: %s is swept twice", path, number,
                                 scenario->model.params[param].path);
        self->params[self->n_axes++] = param;
    }
    return 0;
}

#define ROW_PROBES 64 /* of so many rows each is tried */

static int set_row_probes(points_t *self) {
    self->n_probes = self->n_points < ROW_PROBES ? self->n_points : ROW_PROBES;
    size_t n = (size_t)self->n_probes * (size_t)self->n_axes;
    self->probes = mem_alloc(n, sizeof *self->probes);
    if (self->probes) memcpy(self->probes, self->values, n * sizeof *self->probes);
    return self->probes ? 0 : ERR_NOMEM;
}

static int read_row(points_t *self, scenario_t *scenario, char *line, const char *path, int number,
                    fault_t *err) {
    double *row = self->values + (size_t)self->n_points * (size_t)self->n_axes;
    int n = 0;
    for (char *cell; (cell = strsep(&line, ",")); n++) {
        setting_t setting;
        fault_t own = {0};
        if (n >= self->n_axes) continue;
        if (scenario_set(scenario, scenario->model.params[self->params[n]].path, unquote(cell), &setting,
                         &own) < 0)
            return error_set(err, ERR_DATA, "%s:%d: %s", path, number, own.text);
        row[n] = setting.value;
    }
    if (n != self->n_axes)
        return error_set(err, ERR_DATA, "%s:%d: %d values; the header names %d parameters", path, number, n,
                         self->n_axes);
    self->n_points++;
    return 0;
}

int scenario_points(scenario_t *self, const char *path, points_t *points, fault_t *err) {
    int ret = 0, number = 0;
    char *whole, *rest, *line;
    size_t capacity = 0;
    *points = (points_t){.design = DESIGN_LIST};
    TRY(source_text(path, &whole, err));
    for (rest = whole; (line = strsep(&rest, "\n"));) {
        number++;
        char *text = trim(number == 1 && !strncmp(line, "\xEF\xBB\xBF", 3) ? line + 3 : line);
        if (!*text || *text == '#') continue;
        if (!points->n_axes) {
            TRY(read_head(points, self, text, path, number, err));
            continue;
        }
        size_t cells = (size_t)points->n_points * (size_t)points->n_axes;
        if (cells + (size_t)points->n_axes > capacity) {
            capacity = 2 * cells + 64 * (size_t)points->n_axes;
            double *larger = mem_resize(points->values, capacity, sizeof *larger);
            TRY_MEM(larger);
            points->values = larger;
        }
        TRY(read_row(points, self, text, path, number, err));
    }
    if (!points->n_points)
        ret = error_set(err, ERR_DATA, "%s: a header and at least one row are expected", path);
    points->size = points->n_points;
    if (!ret && set_row_probes(points) < 0) ret = error_memory(err);
out:
    mem_free(whole);
    if (ret) points_free(points);
    return ret;
}
