#ifndef TROUPE_ACTORS_STUDIO_PERSONALITY_SCHEMA_H
#define TROUPE_ACTORS_STUDIO_PERSONALITY_SCHEMA_H

/* Answers that follow a JSON schema, and the phrases they are made of. Part of personality.h. */

#include "actors/studio/dice.h"
#include "actors/studio/personality.h"
#include "actors/studio/personality_words.h"

enum {
    PERSONALITY_TRAIT_COUNT = 5,
    PERSONALITY_PHRASE_SIZE = 640,
};

const char *personality_pick(struct dice *dice, const struct word_list *list);

/* Traits that the conversation names, filled up by the seed. */
void personality_traits(const struct chat_request *request,
                        const char *out[PERSONALITY_TRAIT_COUNT]);

/* A phrase from a list, chosen by seed and purpose, with the character's name filled in. */
void personality_phrase(const struct chat_request *request, const char *purpose,
                        const struct word_list *list, char out[PERSONALITY_PHRASE_SIZE]);

void personality_summary(const struct chat_request *request, char out[PERSONALITY_PHRASE_SIZE]);

/* Appends a JSON value with the types, members and choices of request->schema. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status personality_follow_schema(const struct chat_request *request, struct buffer *out);

#endif
