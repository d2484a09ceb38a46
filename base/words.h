#ifndef TROUPE_BASE_WORDS_H
#define TROUPE_BASE_WORDS_H

/* Words that are known, and what was meant by one that is not. Pure. */

#include <stdbool.h>

enum {
    WORDS_SIZE_MAX = 256, /* bytes of a list of them as text, the NUL included */
};

/* Whether a word is among words, a list that NULL ends. */
bool words_has(const char *const *words, const char *word);

/* The one of words that another one looks most like: it begins with that, or has one or two letters
 * changed, missing or too many, or two in the wrong order. NULL when none does. */
const char *words_like(const char *const *words, const char *word);

/* The same with at most so many letters wrong (0: none is like it). */
const char *words_nearest(const char *const *words, const char *word, int wrong_max);

/* Writes words with commas between them, and "or" before the last one. Returns out. */
const char *words_write(const char *const *words, char out[WORDS_SIZE_MAX]);

#endif
