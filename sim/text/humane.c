#include "text/humane.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    double size;
    const char *name;
} scales[] = {{1e12, " tn USD"}, {1e9, " bn USD"}, {1e6, " M USD"}, {1e3, " k USD"}, {1, " USD"}};

char *humane_usd(double usd, char *out, size_t size) {
    size_t last = sizeof scales / sizeof *scales - 1, n = 0;
    while (n < last && fabs(usd) < 0.9995 * scales[n].size) n++;
    double shown = usd / scales[n].size;
    int decimals = fabs(shown) >= 99.95 || n == last ? 0 : fabs(shown) >= 9.995 ? 1 : 2;
    snprintf(out, size, "%.*f%s", decimals, shown, scales[n].name);
    return out;
}

char *humane_value(double value, const char *unit, char *out, size_t size) {
    if (isnan(value))
        snprintf(out, size, "-");
    else if (isinf(value))
        snprintf(out, size, "never");
    else if (!strncmp(unit, "USD", 3))
        humane_usd(value, out, size);
    else if (fabs(value) >= 1000)
        snprintf(out, size, "%.0f", value);
    else if (fabs(value) >= 100)
        snprintf(out, size, "%.1f", value);
    else if (fabs(value) >= 10)
        snprintf(out, size, "%.2f", value);
    else
        snprintf(out, size, "%.3f", value);
    return out;
}
