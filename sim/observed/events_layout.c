#include "observed/events_layout.h"

#include "observed/events_date.h"

#include <string.h>

static const layout_t layouts[] = {
    {"plain",
     {[COLUMN_DATE] = "date",
      [COLUMN_INITIATOR] = "initiator",
      [COLUMN_TARGET] = "target",
      [COLUMN_KIND] = "kind",
      [COLUMN_CODE] = "code",
      [COLUMN_VALUE] = "value_usd",
      [COLUMN_INITIATOR_LEVEL] = "level",
      [COLUMN_TARGET_LEVEL] = "level",
      [COLUMN_ID] = "id",
      [COLUMN_LEVEL] = "level",
      [COLUMN_SUCCESS] = "success",
      [COLUMN_GROUP] = "group",
      [COLUMN_PARTICIPANTS] = "participants"},
     false},
    {"ICEWS",
     {[COLUMN_DATE] = "Event Date",
      [COLUMN_INITIATOR] = "Source Country",
      [COLUMN_TARGET] = "Target Country",
      [COLUMN_CODE] = "CAMEO Code",
      [COLUMN_TEXT] = "Event Text",
      [COLUMN_INITIATOR_LEVEL] = "Source Sectors",
      [COLUMN_TARGET_LEVEL] = "Target Sectors"},
     true},
    {"ICEWS by country",
     {[COLUMN_DATE] = "date",
      [COLUMN_INITIATOR] = "source_iso3",
      [COLUMN_TARGET] = "target_iso3",
      [COLUMN_CODE] = "cameo_code",
      [COLUMN_INITIATOR_LEVEL] = "source_level",
      [COLUMN_TARGET_LEVEL] = "target_level"},
     true},
    {"POLECAT",
     {[COLUMN_DATE] = "Event Date",
      [COLUMN_INITIATOR] = "Actor Country",
      [COLUMN_TARGET] = "Recipient Country",
      [COLUMN_CODE] = "Event Type",
      [COLUMN_MODE] = "Event Mode"},
     true},
    {"GDELT with a header",
     {[COLUMN_DATE] = "SQLDATE",
      [COLUMN_INITIATOR] = "Actor1CountryCode",
      [COLUMN_TARGET] = "Actor2CountryCode",
      [COLUMN_CODE] = "EventCode"},
     true},
};

/* GDELT's event tables have no header and are tab separated: 57 columns until March 2013, 58 with the
 * source's address since, 61 in version 2.0 (codebooks of 25 August 2013 and 19 February 2015). The columns
 * read (SQLDATE, Actor1CountryCode, Actor2CountryCode, EventCode) are the same in all versions. */
static const layout_t gdelt_1 = {"GDELT 1.0", {0}, true}, gdelt_2 = {"GDELT 2.0", {0}, true};
enum { GDELT_1_COLUMNS = 57, GDELT_1_COLUMNS_WITH_SOURCE = 58, GDELT_2_COLUMNS = 61 };

static const layout_t *find_gdelt(const events_table_t *t, int columns[COLUMN_N]) {
    moment_t moment;
    int n = t->n_columns;
    if (t->separator != '\t' ||
        (n != GDELT_1_COLUMNS && n != GDELT_1_COLUMNS_WITH_SOURCE && n != GDELT_2_COLUMNS))
        return NULL;
    if (strspn(t->cells[1], "0123456789") != 8 ||
        moment_parse(t->cells[1], ORDER_YMD, &moment) == MOMENT_EITHER)
        return NULL;
    for (int c = 0; c < COLUMN_N; c++) columns[c] = -1;
    columns[COLUMN_DATE] = 1;
    columns[COLUMN_INITIATOR] = 7;
    columns[COLUMN_TARGET] = 17;
    columns[COLUMN_CODE] = 26;
    return n == GDELT_2_COLUMNS ? &gdelt_2 : &gdelt_1;
}

static bool has_layout(const events_table_t *t, const layout_t *layout, int columns[COLUMN_N]) {
    for (int c = 0; c < COLUMN_N; c++)
        columns[c] = layout->columns[c] ? events_table_column(t, layout->columns[c]) : -1;
    return columns[COLUMN_DATE] >= 0 && columns[COLUMN_INITIATOR] >= 0 && columns[COLUMN_TARGET] >= 0 &&
           (columns[COLUMN_KIND] >= 0 || columns[COLUMN_CODE] >= 0 || columns[COLUMN_TEXT] >= 0);
}

static void keep_columns(events_table_t *t, const int columns[COLUMN_N], bool is_data) {
    memset(t->wanted, false, sizeof t->wanted);
    for (int c = 0; c < COLUMN_N; c++)
        if (columns[c] >= 0) t->wanted[columns[c]] = true;
    for (int c = 0; c < t->n_columns; c++)
        if (t->wanted[c] && !is_data) events_table_check_single(t, c);
}

/* The first row as it is, for the message. */
static void quote_row(const events_table_t *t, char *out, size_t size) {
    size_t n = 0;
    *out = 0;
    for (int c = 0; c < t->n_columns && n + 44 < size; c++)
        n += (size_t)snprintf(out + n, size - n, "%s%.40s", c ? ", " : "", t->cells[c]);
}

int layout_find(events_table_t *t, const layout_t **layout, int columns[COLUMN_N], fault_t *err) {
    char row[160];
    moment_t moment;
    *layout = find_gdelt(t, columns);
    for (size_t l = 0; !*layout && l < sizeof layouts / sizeof *layouts; l++)
        if (has_layout(t, &layouts[l], columns)) *layout = &layouts[l];
    bool is_data = *layout == &gdelt_1 || *layout == &gdelt_2;
    if (*layout) keep_columns(t, columns, is_data);
    if (*layout) return is_data;
    quote_row(t, row, sizeof row);
    bool no_header = moment_parse(t->cells[0], ORDER_TOLD, &moment) != MOMENT_NONE && moment.n_days <= 1;
    return error_set(err, ERR_DATA,
                     "%s:%ld: the columns of events are missing; the first row is: %s%s. Expected are date, "
                     "initiator, target and "
                     "kind (or code); for ICEWS Event Date, Source Country, Target Country and CAMEO Code "
                     "(or Event Text), or "
                     "date, source_iso3, target_iso3 and cameo_code; for POLECAT Event Date, Actor Country, "
                     "Recipient Country and Event Type; for GDELT SQLDATE, Actor1CountryCode, "
                     "Actor2CountryCode and EventCode, or "
                     "its 57, 58 or 61 columns "
                     "without a header, separated by tabs",
                     t->path, t->line, row,
                     no_header ? " (which looks like an event: a header is missing)" : "");
}
