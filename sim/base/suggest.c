#include "base/suggest.h"

#include <ctype.h>
#include <string.h>

#define LONGEST 63

static int lower(char c) {
    return tolower((unsigned char)c);
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* The optimal string alignment form: three rows of the usual table are enough. */
int suggest_distance(const char *a, const char *b) {
    int n = (int)strnlen(a, LONGEST), m = (int)strnlen(b, LONGEST);
    int rows[3][LONGEST + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];
    for (int j = 0; j <= m; j++) last[j] = j;
    for (int i = 1; i <= n; i++) {
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int change = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least(least(row[j - 1], last[j]) + 1, last[j - 1] + change);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
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
