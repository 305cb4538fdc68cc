/* The options of a command as one table: spelling, help, accepted values and destination of each. Parsing,
 * --help, the checks and the reconstructed command line (option_words) use it.
 *
 * An option of one value may be repeated with the same value only. A command never writes to a file that it
 * reads, or two outputs to one file (exit code 73), and reads standard input, "-", once. A former name of an
 * option is an error that gives the current name.
 *
 * The arguments of a command are a struct, zeroed except for its defaults. It may begin with common_t, whose
 * options are defined below, so that the options of several commands are spelled and checked in one place.
 * */
#ifndef ENTENTE_CLI_OPTIONS_H
#define ENTENTE_CLI_OPTIONS_H

#include "observed/events.h"
#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an option that may be repeated was given; the texts are borrowed. */
typedef struct {
    int n;
    const char **items;
} texts_t;

bool texts_add(texts_t *self, const char *text); /* false without memory */

typedef enum {
    OPTION_END,    /* of the table */
    OPTION_FLAG,   /* bool */
    OPTION_TEXT,   /* const char * */
    OPTION_TEXTS,  /* texts_t, in their order */
    OPTION_NUMBER, /* whole; of 32 or 64 bits */
    OPTION_READ    /* a function's */
} option_type_t;

typedef enum { FILE_NONE, FILE_READ, FILE_WRITTEN } option_file_t;

typedef struct {
    const char *name; /* NULL: what is given without an option, in the order of the rows */
    int letter;       /* of the short form, or 0 */
    const char *argument, *help;
    int flags;            /* of argp */
    const char *required; /* the message if it is missing */
    bool once;            /* it is about this call, and changes no result */
    bool repeats;         /* of OPTION_READ; OPTION_TEXTS always may be repeated */
    option_file_t file;   /* whether the text names one */
    option_type_t type;   /* of the member of the arguments at `at`, of `size` bytes */
    size_t at, size;
    size_t given;         /* of a bool that tells whether it was given, or 0 */
    uint64_t least, most; /* of a number */
    void (*read)(struct argp_state *state, void *arguments, const char *text);
} option_t;

typedef struct {
    const option_t *options;                                        /* OPTION_END last */
    const char *usage, *about;                                      /* as argp's args_doc and doc */
    void (*check)(struct argp_state *state, const void *arguments); /* of what was given together, or NULL */
} command_line_t;

/* Where a value goes: the last designators of a row. */
#define TO(arguments, member) .at = offsetof(arguments, member), .size = sizeof(((arguments *)NULL)->member)
#define FLAG(arguments, member) .type = OPTION_FLAG, TO(arguments, member)
#define TEXT(arguments, member) .type = OPTION_TEXT, TO(arguments, member)
#define TEXTS(arguments, member) .type = OPTION_TEXTS, TO(arguments, member)
#define INPUT(arguments, member) .file = FILE_READ, TEXT(arguments, member)
#define INPUTS(arguments, member) .file = FILE_READ, TEXTS(arguments, member)
#define OUTPUT(arguments, member) .file = FILE_WRITTEN, TEXT(arguments, member)
#define NUMBER(arguments, member, low, high) \
    .type = OPTION_NUMBER, TO(arguments, member), .least = (low), .most = (high)
#define GIVEN(arguments, member) .given = offsetof(arguments, member)

/* ---- options of several commands ------------------------------------------------------------------ */

typedef struct {
    const char *path, *out, *from, *until;
    bool has_seed, restart, quiet, json, fixed, only_merge;
    int workers, task, n_tasks; /* n_tasks 0: no share, all of it */
    uint64_t seed;
    uint32_t replicates, block; /* 0: the scenario's */
    texts_t sets, variants, events;
    events_source_t source; /* without the files: options_source */
} common_t;

/* The rows; `...` is text that is specific to the command. */
#define OPTION_SCENARIO(...)                                                                            \
    {                                                                                                   \
        NULL, .argument = "scenario", .required = "the scenario is missing; give its file" __VA_ARGS__, \
              INPUT(common_t, path)                                                                     \
    }
#define OPTION_OUTPUT(what, text, ...) \
    { "output", 'o', what, text, OUTPUT(common_t, out), __VA_ARGS__ }
#define OPTION_REPLICATES(of)                                                              \
    {                                                                                      \
        "replicates", 'n', "NUMBER", "Replicates" of " in place of the scenario's number", \
            NUMBER(common_t, replicates, 1, INT32_MAX)                                     \
    }
#define OPTION_SEED                                                          \
    {                                                                        \
        "seed", 's', "SEED", "Master seed in place of the scenario's",       \
            NUMBER(common_t, seed, 0, UINT64_MAX), GIVEN(common_t, has_seed) \
    }
#define OPTION_WORKERS                                                                                  \
    {                                                                                                   \
        "workers", 'j', "NUMBER",                                                                       \
            "Worker processes (default: one for each processor); their number does not change results", \
            NUMBER(common_t, workers, 1, 1024)                                                          \
    }
#define OPTION_SET(at) \
    { "set", 0, "PATH=VALUE", "Give a parameter another value" at "; may be repeated", TEXTS(common_t, sets) }
#define OPTION_FIXED \
    { "fixed", 0, NULL, "Hold uncertain parameters fixed at the scenario's values", FLAG(common_t, fixed) }
#define OPTION_VARIANTS                                                                                  \
    {                                                                                                    \
        "variant", 0, "NAME", "Simulate only the base and this variant; may be repeated (default: all)", \
            TEXTS(common_t, variants)                                                                    \
    }
#define OPTION_RESTART(what)                                                                               \
    {                                                                                                      \
        "restart", 0, NULL, "Delete what an earlier " what " of this output left", .once = true,           \
                                                                                   FLAG(common_t, restart) \
    }
#define OPTION_QUIET(text) \
    { "quiet", 'q', NULL, text, .once = true, FLAG(common_t, quiet) }
#define OPTION_JSON(text) \
    { "json", 0, NULL, text, .once = true, FLAG(common_t, json) }
#define OPTION_BLOCK(text, ...) \
    { "block", 0, "NUMBER", text, NUMBER(common_t, block, 1, 100000), __VA_ARGS__ }
#define OPTION_TASK                                                                      \
    {                                                                                    \
        "task", 0, "I/N",                                                                \
            "Do only share I (from 0) of N, and merge nothing; `auto`: as the "          \
            "scheduler's variables say; `auto/N`: of N, where they do not say how many", \
            .type = OPTION_READ, .read = options_read_task                               \
    }
#define OPTION_ONLY_MERGE                                                                                \
    {                                                                                                    \
        "only-merge", 0, NULL, "Simulate nothing (entente merge)", .flags = OPTION_HIDDEN, .once = true, \
                                                                   FLAG(common_t, only_merge)            \
    }
#define OPTION_UNTIL                                                                                      \
    {                                                                                                     \
        "until", 0, "DATE", "Use only events before this date (default: until the last day of the data)", \
            TEXT(common_t, until)                                                                         \
    }
#define OPTION_FROM(text, ...) \
    { "from", 0, "DATE", text, TEXT(common_t, from), __VA_ARGS__ }
/* How dates are read, two rows. */
#define OPTIONS_DATES                                                                                      \
    {"dates",                                                                                              \
     0,                                                                                                    \
     "ORDER",                                                                                              \
     "Order of dates such as 3/4/2018: mdy, month first; dmy, day first; ymd: all dates have the year "    \
     "first (default: as the dates of the file show)",                                                     \
     .type = OPTION_READ,                                                                                  \
     .read = options_read_dates},                                                                          \
    {                                                                                                      \
        "unknown-days", 0, "HOW",                                                                          \
            "Dates without a day (1994-06, 1994-06--9): drop leaves the row out; draw draws a day of the " \
            "month (or year) (default: an error)",                                                         \
            .type = OPTION_READ, .read = options_read_unknown_days                                         \
    }
/* Six rows, for observed/events.h. */
#define OPTIONS_EVENTS                                                                                      \
    {"events",                                                                                              \
     0,                                                                                                     \
     "CSV",                                                                                                 \
     "The observed events: plain (date, initiator, target, kind or code), ICEWS, POLECAT or GDELT; may be " \
     "repeated: "                                                                                           \
     "all files are read as one table",                                                                     \
     .required = "the events are missing; give --events CSV",                                               \
     INPUTS(common_t, events)},                                                                             \
        {"mapping", 0, "CSV", "The event type of each code (such as scenarios/tables/cameo_kinds.csv)",     \
         INPUT(common_t, source.mapping)},                                                                  \
        {"countries", 0, "CSV",                                                                             \
         "The actor of each country code (such as scenarios/tables/countries.csv; default: codes are the "  \
         "actors' names)",                                                                                  \
         INPUT(common_t, source.countries)},                                                                \
        {"by", 0, "SYSTEM",                                                                                 \
         "The column of --countries that the events use: iso3 (default), cow, gw, fips; name, in "          \
         "country_names.csv",                                                                               \
         TEXT(common_t, source.system)},                                                                    \
        OPTIONS_DATES

/* --task, into common_t (share.c). */
void options_read_task(struct argp_state *state, void *arguments, const char *text);

/* --dates and --unknown-days, into common_t (events_options.c). */
void options_read_dates(struct argp_state *state, void *arguments, const char *text);
void options_read_unknown_days(struct argp_state *state, void *arguments, const char *text);
/* Whether a file can be read only once: standard input, a pipe. */
bool options_is_stream(const char *path);

/* Part of the `check` of a command with these options. */
void options_check_events(struct argp_state *state, const common_t *common);
/* The request for events as the options give it; the texts are borrowed. */
events_source_t options_source(const common_t *common);

/* ---- parsing ----------------------------------------------------------------------------------------- */

/* Fills `arguments`, or ends the program: with a message and exit code 64 (73 if an output must not be
 * written), or after --help. What is printed from here on is laid out for a terminal (cli/terminal.h). */
void options_parse(const command_line_t *line, int argc, char **argv, void *arguments);
/* The same with words from elsewhere, whose values those of argv go before; `words` begins as argv does. */
void options_parse_over(const command_line_t *line, int n_words, char **words, int argc, char **argv,
                        void *arguments);
void options_free(const option_t *options, void *arguments); /* the lists of texts */

/* A whole number of an option's text ("--window"), or the end of the program with a message. */
uint64_t option_number(struct argp_state *state, const char *option, const char *text, uint64_t least,
                       uint64_t most);

/* The words of a command with the same results: the contents of `arguments`, without options that concern
 * one call (`once`) or that a function reads. Ends with NULL; NULL without memory; free with
 * option_words_free. */
char **option_words(const option_t *options, const void *arguments);
void option_words_free(char **words); /* safe on NULL */

#endif
