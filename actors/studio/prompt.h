#ifndef TROUPE_ACTORS_STUDIO_PROMPT_H
#define TROUPE_ACTORS_STUDIO_PROMPT_H

/*
 * Reads a portrait's words: "Portrait of Mira. hair: long silver, eyes: green, mood: happy, seed:
 * 42", the same as JSON, or a sentence. What the words leave open is chosen by the seed, each thing
 * by itself, so that saying one thing changes that thing only. Pure; never fails: words that mean
 * nothing to it are skipped.
 */

#include "actors/studio/spec.h"
#include "base/slice.h"

enum {
    PROMPT_SIZE_MAX = 32768,       /* bytes that are read; the rest of a longer prompt is ignored */
    PROMPT_TOKEN_COUNT_MAX = 2048, /* words that are read */
};

/* Fills in out. The seed is, in this order: the one that the words name, else otherwise (the
 * request's own seed field) when it is not NULL, else a hash of the words. */
void prompt_parse(struct slice prompt, const uint64_t *otherwise, struct portrait_spec *out);

/* Appends nothing and allocates nothing: finds the seed alone, by the same rule. */
uint64_t prompt_seed(struct slice prompt, const uint64_t *otherwise);

#endif
