/* Numbers as a person reads them. */
#ifndef ENTENTE_TEXT_HUMANE_H
#define ENTENTE_TEXT_HUMANE_H

#include <stddef.h>

/* "1.25 bn USD", "340 M USD", "0 USD": three digits; `out` is returned. */
char *humane_usd(double usd, char *out, size_t size);

/* A quantity's value in its unit ("USD", "USD/year", "1", "events", ...), three or four digits. */
char *humane_value(double value, const char *unit, char *out, size_t size);

#endif
