#include "observed/fold.h"

#include "text/source.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The letters from U+00C0 to U+017F without their marks; capitals stand for pairs (below). */
static const char latin[] = "aaaaaaAceeeeiiii"
                            "dnooooo ouuuuyTS"
                            "aaaaaaAceeeeiiii"
                            "dnooooo ouuuuyTy"
                            "aaaaaaccccccccdd"
                            "ddeeeeeeeeeegggg"
                            "gggghhhhiiiiiiii"
                            "iiIIjjkkklllllll"
                            "lllnnnnnnnnnoooo"
                            "ooOOrrrrrrssssss"
                            "ssttttttuuuuuuuu"
                            "uuuuwwyyyzzzzzzs";
static const struct {
    char sign;
    const char *letters;
} pairs[] = {{'A', "ae"}, {'I', "ij"}, {'O', "oe"}, {'S', "ss"}, {'T', "th"}};

/* Further letters with marks: of Romanian and Vietnamese. */
static const struct {
    uint32_t first, last;
    char letter;
} further[] = {{0x218, 0x219, 's'},   {0x21A, 0x21B, 't'},   {0x1EA0, 0x1EB7, 'a'}, {0x1EB8, 0x1EC7, 'e'},
               {0x1EC8, 0x1ECB, 'i'}, {0x1ECC, 0x1EE3, 'o'}, {0x1EE4, 0x1EF1, 'u'}, {0x1EF2, 0x1EF9, 'y'}};

/* What is left out: combining marks and quotes of all sorts. */
static bool is_nothing(uint32_t c) {
    return (c >= 0x300 && c <= 0x36F) || c == '\'' || c == '"' || c == '`' || c == 0xB4 ||
           (c >= 0x2B9 && c <= 0x2BF) || (c >= 0x2018 && c <= 0x201F) || (c >= 0x2032 && c <= 0x2037);
}

/* Separators of words: blanks, dashes, punctuation. */
static bool is_gap(uint32_t c) {
    return (c < 0x80 && !isalnum((int)c) && c != '&') || c == 0xA0 || (c >= 0x2000 && c <= 0x2015) ||
           c == 0x202F || c == 0x2212;
}

static uint32_t decode(const char *text, size_t n) {
    static const unsigned char lead[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t c = (unsigned char)*text & lead[n];
    for (size_t i = 1; i < n; i++) c = c << 6 | ((unsigned char)text[i] & 0x3F);
    return c;
}

/* The letters that stand for the character of n bytes, into `out` of 8 bytes. */
static void letters_of(const char *text, size_t n, char *out) {
    uint32_t c = decode(text, n);
    if (is_nothing(c)) {
        *out = 0;
        return;
    }
    snprintf(out, 8, "%.*s", (int)n, text);
    if (c < 0x80) *out = (char)tolower((int)c);
    if (c == '&') snprintf(out, 8, " and ");
    if (is_gap(c)) snprintf(out, 8, " ");
    for (size_t f = 0; f < sizeof further / sizeof *further; f++)
        if (c >= further[f].first && c <= further[f].last) out[0] = further[f].letter, out[1] = 0;
    if (c < 0xC0 || c > 0x17F) return;
    out[0] = latin[c - 0xC0], out[1] = 0;
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++)
        if (*out == pairs[p].sign) snprintf(out, 8, "%s", pairs[p].letters);
}

/* Drops a word of the text at either end. */
static void drop_the(char *text) {
    size_t n = strlen(text);
    if (n > 4 && !strcmp(text + n - 4, " the")) text[n -= 4] = 0;
    if (n > 4 && !strncmp(text, "the ", 4)) memmove(text, text + 4, n - 3);
}

void fold_text(const char *text, char *out, size_t size) {
    size_t n = 0, word = 0, length;
    char letters[8];
    for (const char *c = text;; c += length) {
        length = *c ? source_utf8_length(c, strlen(c)) : 1;
        if (length == 0) length = 1; /* not UTF-8: as it is */
        if (*c)
            letters_of(c, length, letters);
        else
            strcpy(letters, " ");
        for (const char *l = letters; *l; l++) {
            if (n + 5 >= size) goto out;
            if (*l != ' ') {
                out[n++] = *l;
                continue;
            }
            if (n - word == 2 && !memcmp(out + word, "st", 2)) memcpy(out + word, "saint", 5), n += 3;
            if (n > word) out[n++] = ' ', word = n;
        }
        if (!*c) break;
    }
out:
    if (n > 0 && out[n - 1] == ' ') n--;
    out[n] = 0;
    drop_the(out);
}
