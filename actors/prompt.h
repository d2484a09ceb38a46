#ifndef TROUPE_ACTORS_PROMPT_H
#define TROUPE_ACTORS_PROMPT_H

/*
 * The words that providers are asked with, made of a character's document. Pure. Texts of users are
 * cleaned and cut: a prompt is at most PROMPT_SIZE_MAX bytes whatever the document holds.
 */

#include <jansson.h>
#include "base/buffer.h"
#include "base/id.h"

enum {
    PROMPT_SIZE_MAX = 3900, /* bytes: the narrowest of the known image APIs takes 4000 characters */
    PERSONALITY_DEPTH_MAX = 16, /* of values in each other, as in a body of the API */
};

struct portrait_ids {
    const struct id *character;
    const struct id *media;
};

/* Appends "Portrait of NAME. hair: ..., eyes: ..., ..., seed: N, variation: M". pose_words may be
 * empty. The character gives the seed, so that it looks the same in all its pictures where its
 * words leave something open; the media entry gives the variation: each picture differs, and the
 * same job draws the same one. Returns OK, TOO_LARGE (out) or NO_MEMORY. */
enum status prompt_portrait(json_t *character, struct slice pose_words,
                            const struct portrait_ids *ids, struct buffer *out);

/* A number for a model to be random by, always the same for an id. */
uint32_t prompt_seed(const struct id *id);

/* What the chat model is told to be, and is told about the character: it answers with a JSON
 * object (see personality_read). */
extern const char prompt_personality_system[];
enum status prompt_personality(json_t *character, struct buffer *out);

/* The same for a sentence that says how a picture moves. */
extern const char prompt_motion_system[];
enum status prompt_motion(json_t *character, struct slice pose_words, int64_t duration_s,
                          struct buffer *out);

/* Reads a chat model's answer: a JSON object, one inside other words, or just words, which become
 * the summary, as does an object that is too deep. Returns a new object, or NULL without memory. */
json_t *personality_read(struct slice answer);

#endif
