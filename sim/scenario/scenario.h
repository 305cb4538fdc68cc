/* A scenario read from its file: the model, and all its texts.
 *
 * Reading reports all problems at once, with file, line and column (text/diagnostic.h). The language is
 * described in docs/scenario-format.md; the tables that define it are in the read_*.c files
 * (scenario/field.h). */
#ifndef ENTENTE_SCENARIO_SCENARIO_H
#define ENTENTE_SCENARIO_SCENARIO_H

#include "model/model.h"
#include "stats/design/design.h"
#include "text/diagnostic.h"
#include "text/source.h"

typedef struct {
    const char *what, *why; /* "kinds.NAME", "no actor has a GDP" */
} left_out_t;

/* Not to be moved once read: model.params point into it. */
typedef struct {
    model_t model;
    sources_t sources; /* what was read: path and text, the scenario's own file first */
    sweep_t sweep;
    left_out_t *left_out; /* [n_left_out] of libraries: what the scenario cannot use */
    int n_left_out;
    const char
        *no_equilibrium; /* why trade is in none although it has figures, and none was asked for; NULL */
} scenario_t;

/* Reads, validates and finishes a scenario. 0; ERR_DATA with every problem in `diagnostics` (an
 * initialised, empty one); ERR_NOINPUT if a file cannot be read (reported as well); ERR_NOMEM. Warnings
 * alone are no failure. The caller frees with scenario_free in any case. */
int scenario_read(scenario_t *self, const char *path, diagnostics_t *diagnostics);

/* The same from memory: `paths[i]` is the path of `texts[i]` of `lengths[i]` bytes, as scenario.sources gave
 * them; the first is the scenario's own. Nothing is read from disk. */
int scenario_read_texts(scenario_t *self, int n, const char *const *paths, const char *const *texts,
                        const size_t *lengths, diagnostics_t *diagnostics);

/* A scenario of which only the first text is given, under the path that it would have; the files that it
 * names are read from disk. */
int scenario_read_text(scenario_t *self, const char *path, const char *text, diagnostics_t *diagnostics);

void scenario_free(scenario_t *self); /* safe on a zeroed scenario */

/* Where a file of the library is: in the folders of ENTENTE_LIBRARY, else in the installed one. 0 with the
 * path (mem_free), ERR_NOINPUT, ERR_NOMEM. */
int scenario_library_file(const char *name, char **path);

/* "kinds.call.rate.per_year", "0.8": the setting of `--set PATH=VALUE`. The value has the parameter's unit
 * ("30 d", "1 bn USD") and must lie in its range. 0, or ERR_USAGE with a message that says what is wrong. */
int scenario_set(scenario_t *self, const char *path, const char *value_text, setting_t *setting,
                 fault_t *err);

/* "NAME: PATH < PATH" of swept parameters (also <=, >, >=; one side may be a value). The name is of the
 * model's arena. 0, ERR_USAGE, ERR_NOMEM. */
int scenario_constraint(scenario_t *self, const char *text, int n_swept, const int *swept, constraint_t *out,
                        fault_t *err);

/* The points of a sweep that a CSV table lists: its header names the parameters' paths, each row is a point;
 * values as for --set. 0, ERR_NOINPUT, ERR_DATA, ERR_NOMEM; points_free in any case. */
int scenario_points(scenario_t *self, const char *path, points_t *points, fault_t *err);

/* Index in model.params of a path. Besides the registered path, a path is known with or without the last key
 * that a short form leaves out (`.probability`, `.coefficient`), and a tie by either order of its actors. -1.
 */
int scenario_param(const scenario_t *self, const char *path);
int scenario_unknown(const scenario_t *self, const char *path,
                     fault_t *err); /* of one that is none: ERR_USAGE */

/* The scenario language as JSON Schema (draft-07), and as the tables of docs/scenario-format.md: both are
 * made of the reader's own tables. 0 or ERR_NOMEM. */
int scenario_schema(FILE *out);
int scenario_reference(FILE *out);

#endif
