/* Names of countries as they compare: without case, accents and punctuation.
 *
 * "Côte d’Ivoire" and "COTE D'IVOIRE" fold to "cote divoire", "Bahamas, The" and "The Bahamas" to "bahamas",
 * "St. Lucia" and "Saint Lucia" to "saint lucia". */
#ifndef ENTENTE_OBSERVED_FOLD_H
#define ENTENTE_OBSERVED_FOLD_H

#include <stddef.h>

/* Writes the folded text (UTF-8; ended by a zero, cut where `size` bytes are full). Letters outside of Latin
 * stay as they are. */
void fold_text(const char *text, char *out, size_t size);

#endif
