/* Options on the events that a command reads. */
#include "cli/options/options.h"

#include <string.h>

void options_check_events(struct argp_state *state, const common_t *common) {
    if (common->source.system && !common->source.countries)
        argp_error(state, "--by %s: the table of countries is missing; give --countries CSV",
                   common->source.system);
}

events_source_t options_source(const common_t *common) {
    events_source_t source = common->source;
    source.n_files = common->events.n;
    source.files = common->events.items;
    return source;
}

void options_read_dates(struct argp_state *state, void *arguments, const char *text) {
    common_t *common = arguments;
    for (int o = ORDER_YMD; o < ORDER_N; o++)
        if (!strcmp(text, date_order_names[o])) {
            common->source.order = (date_order_t)o;
            return;
        }
    argp_error(state, "--dates %s: ymd, mdy or dmy is expected", text);
}

void options_read_unknown_days(struct argp_state *state, void *arguments, const char *text) {
    common_t *common = arguments;
    if (strcmp(text, "drop") != 0 && strcmp(text, "draw") != 0)
        argp_error(state, "--unknown-days %s: drop or draw is expected", text);
    common->source.unknown_days = !strcmp(text, "drop") ? UNKNOWN_DAYS_DROPPED : UNKNOWN_DAYS_DRAWN;
}
