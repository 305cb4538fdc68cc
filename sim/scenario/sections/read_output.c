/* What the output file contains. */
#include "model/metrics.h"
#include "scenario/reader.h"

#include <string.h>

static void read_output_ties(reader_t *r, const field_t *field, const node_t *node, void *at) {
    output_t *output = at;
    if (node->type == NODE_SCALAR && !strcmp(node->text, "all")) {
        output->all_ties = true;
        return;
    }
    if (node->type != NODE_LIST) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    output->ties = READER_NEW(r, node->n, int);
    for (int i = 0; i < node->n; i++) {
        int tie = reader_tie(r, node->items[i]);
        bool again = false;
        for (int k = 0; k < output->n_ties; k++) again |= output->ties[k] == tie;
        if (again && tie >= 0)
            reader_warning(r, node->items[i]->mark, "%s: this tie is given a second time", r->path);
        if (tie >= 0 && !again) output->ties[output->n_ties++] = tie;
    }
}
static const type_t type_output_ties = {
    SHAPE_OWN, "all, or a list of ties", read_output_ties,
    "{\"anyOf\": [{\"const\": \"all\"}, {\"type\": \"array\", \"items\": {\"type\": "
    "\"string\"}}]}"};

static void read_metrics(reader_t *r, const field_t *field, const node_t *node, void *at) {
    output_t *output = (output_t *)((char *)at - field->at);
    int n = node->type == NODE_LIST ? node->n : 1;
    output->metrics = READER_NEW(r, n, char *);
    for (int i = 0; i < n; i++) {
        const node_t *item = node->type == NODE_LIST ? node->items[i] : node;
        int metric = reader_find(r, CATALOG_METRIC, item);
        if (metric >= 0 && !metric_is_there(&metrics[metric]))
            reader_error(r, item->mark,
                         "%s: %s is computed by igraph, which this build of the program does not have",
                         r->path, metrics[metric].name);
        else if (metric >= 0)
            output->metrics[output->n_metrics++] = reader_text(r, catalog_name(r, CATALOG_METRIC, metric));
    }
}
static const type_t type_metrics = {SHAPE_NAMES, "names of metrics", read_metrics, NULL};

static const field_t precision_fields[] = {
    {"strength", &type_number, FIELD_STRUCTURAL, AT(output_t, precision), BETWEEN(0, 1), .fallback = "0.001",
     .what = "Absolute error of stored strengths and alignments; 0 stores exact values.", .example = "0.001"},
    {"trade", &type_number, FIELD_STRUCTURAL, AT(output_t, trade_precision), BETWEEN(0, 1),
     .fallback = "0.001", .what = "Relative error of stored trade.", .example = "0.001"},
};
static const section_t section_precision = {
    .name = "output.precision",
    .what = "Precision of stored trajectories (rounding makes files small).",
    SECTION_FIELDS(precision_fields)};

static const field_t metrics_fields[] = {
    {"every", &type_number, FIELD_STRUCTURAL, AT(output_t, metrics_every), .dimension = DIM_DURATION,
     POSITIVE, .fallback = "30 d", .what = "Interval between their times.", .example = "30 d"},
    {"of", &type_metrics, FIELD_REQUIRED, AT(output_t, metrics), .catalog = CATALOG_METRIC,
     .what = "Its name.", .example = "[density, balance]"},
};
static const section_t section_metrics = {
    .name = "output.metrics", .what = "Metrics of the network.", SECTION_FIELDS(metrics_fields)};

static const field_t output_fields[] = {
    {"every", &type_number, FIELD_STRUCTURAL, AT(output_t, every), .dimension = DIM_DURATION, POSITIVE,
     .fallback = "1 week", .what = "Interval between the times of trajectories.", .example = "1 week"},
    {"events", &type_bool, 0, AT(output_t, events), .fallback = "true",
     .what = "Whether the event log is stored."},
    {"trajectories", &type_bool, 0, AT(output_t, trajectories), .fallback = "true",
     .what = "Whether trajectories are stored."},
    {"ties", &type_output_ties, 0, .unset = "the ties in quantities", .what = "The ties of the trajectories.",
     .example = "[KAZ-USA, UZB-USA]"},
    {"precision", &type_section, 0, .section = &section_precision, .what = "Precision of trajectories.",
     .example = "{strength: 0.001, trade: 0.001}"},
    {"metrics", &type_section, FIELD_LATENT, .section = &section_metrics, .unset = "none",
     .what = "Metrics of the network.", .example = "{every: 30 d, of: [density, balance]}"},
};
const section_t section_output = {
    .name = "output", .what = "What a run stores besides the summary.", SECTION_FIELDS(output_fields)};
