/* `entente forecast --every`: forecasts of several days, a file each, and a table of all.
 *
 * FOLDER/2026-07-01.h5 is what `entente forecast --as-of 2026-07-01` writes. The same command continues a
 * series that was interrupted, and adds later days. The table has a row for each day, variant and quantity;
 * it is written when all files are there. */
#ifndef ENTENTE_CLI_FORECAST_SERIES_H
#define ENTENTE_CLI_FORECAST_SERIES_H

#include "cli/forecast/as_of.h"

/* The exit code, all said; it changes the arguments. */
int series_make(forecast_arguments_t *arguments, const char *command);

/* forecast.c: one forecast, its exit code, all said. */
int forecast_make(forecast_arguments_t *arguments, const char *command);
/* A date of an option as days from the start, 0 to `most`; ERR_USAGE. */
int forecast_day(const char *option, const char *text, const model_t *model, double most, double *day,
                 fault_t *err);

#endif
