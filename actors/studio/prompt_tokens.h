#ifndef TROUPE_ACTORS_STUDIO_PROMPT_TOKENS_H
#define TROUPE_ACTORS_STUDIO_PROMPT_TOKENS_H

/*
 * Splits a prompt into lower-case words and says for each what it speaks about: by the label before
 * it ("hair: long") or by the noun after it ("long silver hair"). Part of prompt.h; pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum section {
    SECTION_NONE,  /* running text */
    SECTION_NAME,  /* the character's name: never read as a description */
    SECTION_OTHER, /* labelled, but with nothing that is drawn: traits, story */
    SECTION_HAIR,
    SECTION_EYES,
    SECTION_SKIN,
    SECTION_CLOTHING,
    SECTION_MOOD,
    SECTION_POSE,
    SECTION_STYLE,
    SECTION_AGE,
    SECTION_GENDER,
    SECTION_SEED,
    SECTION_VARIATION,
    SECTION_BACKGROUND,
};

enum {
    TOKEN_WORD_SIZE =
        24, /* bytes with the NUL; longer words are cut, none that matters is longer */
};

struct token {
    char word[TOKEN_WORD_SIZE];
    enum section section;
    bool starts;   /* the first after a comma, a full stop or a line end */
    bool sentence; /* the first after a full stop, a semicolon or a line end */
    bool label;    /* followed by a colon */
    bool capital;
};

/* Fills in at most count_max tokens and returns how many. */
size_t tokens_read(struct slice text, struct token *tokens, size_t count_max);

#endif
