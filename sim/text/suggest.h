/* Suggestions for a mistyped word: the nearest of a list by Damerau-Levenshtein distance. */
#ifndef ENTENTE_TEXT_SUGGEST_H
#define ENTENTE_TEXT_SUGGEST_H

/* Insertions, deletions, changes and swaps of neighbours (letters' case counts for less than a change: 0
 * when only the case differs) that lead from one word to the other. Where more than 255 bytes in a row differ
 * it is the length of the longer of the two. */
int suggest_distance(const char *a, const char *b);

/* Keeps the candidate nearest to a word while a list is walked:
 *     suggest_t s = suggest_for("coeficient");
 *     for (...) suggest_offer(&s, name[i]);
 *     if (s.best) "did you mean \"%s\"?"
 * Only words that may be a typing error count: a distance of at most a third of the word's length, or 1. */
typedef struct {
    const char *word, *best; /* borrowed; best is NULL while nothing was near */
    int distance;
} suggest_t;

suggest_t suggest_for(const char *word);
void suggest_offer(suggest_t *self, const char *candidate); /* NULL is ignored */

#endif
