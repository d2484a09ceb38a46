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
};

/* Appends "Portrait of NAME. hair: ..., eyes: ..., ..., seed: N". pose_words may be empty. media
 * gives the seed: each picture of a character differs, and the same job draws the same one.
 * Returns OK, TOO_LARGE (out) or NO_MEMORY. */
enum status prompt_portrait(json_t *character, struct slice pose_words, const struct id *media,
                            struct buffer *out);

/* The seed in a portrait's prompt. */
uint32_t prompt_seed(const struct id *media);

/* What the chat model is told to be, and is told about the character: it answers with a JSON
 * object (see personality_read). */
extern const char prompt_personality_system[];
enum status prompt_personality(json_t *character, struct buffer *out);

/* The same for a sentence that says how a picture moves. */
extern const char prompt_motion_system[];
enum status prompt_motion(json_t *character, struct slice pose_words, int64_t duration_s,
                          struct buffer *out);

/* Reads a chat model's answer: a JSON object, one inside other words, or just words, which
 * become the summary. Returns a new object, or NULL without memory. */
json_t *personality_read(struct slice answer);

#endif
