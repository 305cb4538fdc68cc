#include "text/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LONGEST 255

static int lower(char c) {
    return tolower((unsigned char)c);
}

static int least(int a, int b) {
    return a < b ? a : b;
}

static bool same(const char *a, const char *b) {
    return lower(*a) == lower(*b);
}

/* The optimal string alignment form: three rows of the usual table are enough. What both words begin and end
 * with costs nothing and need not be walked. */
int suggest_distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    for (; n && m && same(a, b); n--, m--) a++, b++;
    for (; n && m && same(a + n - 1, b + m - 1); n--, m--) {}
    if (n == 0 || m == 0) return (int)(n + m);
    if (n > LONGEST || m > LONGEST) return n > m ? (int)n : (int)m;
    int rows[3][LONGEST + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];
    for (int j = 0; j <= (int)m; j++) last[j] = j;
    for (int i = 1; i <= (int)n; i++) {
        row[0] = i;
        for (int j = 1; j <= (int)m; j++) {
            int change = !same(&a[i - 1], &b[j - 1]);
            row[j] = least(least(row[j - 1], last[j]) + 1, last[j - 1] + change);
            if (i > 1 && j > 1 && same(&a[i - 1], &b[j - 2]) && same(&a[i - 2], &b[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        int *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[m];
}

suggest_t suggest_for(const char *word) {
    int length = (int)strlen(word);
    int limit = length < 2 ? 0 : length < 6 ? 1 : length / 3;
    return (suggest_t){.word = word, .distance = limit + 1};
}

void suggest_offer(suggest_t *self, const char *candidate) {
    if (!candidate || !*candidate) return;
    int longer = (int)strlen(candidate) - (int)strlen(self->word);
    if ((longer < 0 ? -longer : longer) >= self->distance) return; /* as many letters differ at least */
    int distance = suggest_distance(self->word, candidate);
    if (distance < self->distance) {
        self->distance = distance;
        self->best = candidate;
    }
}
