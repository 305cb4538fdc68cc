/* The output of `entente score`: a table, JSON, and every forecast as CSV. */
#ifndef ENTENTE_CLI_SCORE_SCORE_TABLE_H
#define ENTENTE_CLI_SCORE_SCORE_TABLE_H

#include "cli/options/options.h"
#include "fit/score/skill.h"

typedef struct { /* one target and window */
    const char *target;
    const int *ties; /* [skill.n_dyads] */
    skill_t skill;
    gain_t gains[BASELINE_N][SCORE_N];
} scored_t;

typedef struct {
    const model_t *model;
    const char *scenario;
    const texts_t *events; /* files */
    int from, until;       /* days from the scenario's start: of the first forecast, the end of the data */
    const int *origins;    /* days from the scenario's start */
    int replicates;
    uint64_t seed;
    int n;
    const scored_t *items;
} score_report_t;

void score_print(const score_report_t *report);
int score_print_json(const score_report_t *report); /* 0 or ERR_NOMEM */
/* Whether the next one may write there (output_check); then one row a forecast. ERR_CANTCREATE, ERR_IO. */
int score_check_csv(const char *path, fault_t *err);
int score_write_csv(const score_report_t *report, const char *path, fault_t *err);

#endif
