#ifndef TROUPE_ACTORS_STUDIO_PERSONALITY_H
#define TROUPE_ACTORS_STUDIO_PERSONALITY_H

/*
 * What the studio's chat endpoint says: a personality for a character, a motion prompt for a film,
 * or a short friendly answer to anything else. Offline, and the same words and seed give the same
 * answer. Pure but for allocation.
 */

#include <jansson.h>

#include "base/buffer.h"

enum {
    PERSONALITY_NAME_SIZE = 80,
    PERSONALITY_ANSWER_SIZE_MAX = 64 * 1024,
};

enum chat_topic {
    CHAT_PERSONALITY,
    CHAT_MOTION,
    CHAT_OTHER,
};

/* Guesses what a conversation asks for. */
enum chat_topic chat_topic_of(struct slice conversation);

/* Finds the character's name ("name: Mira", "\"name\":\"Mira\"", "named Mira"); otherwise "the
 * character". */
void chat_name_of(struct slice conversation, char out[PERSONALITY_NAME_SIZE]);

struct chat_request {
    struct slice conversation; /* all messages, one after the other */
    struct slice question;     /* the last message of the user */
    uint64_t seed;
    bool as_json;
    const json_t *schema; /* a JSON schema that the answer must follow, or NULL */
};

/* Appends the answer's text. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status chat_answer(const struct chat_request *request, struct buffer *out);

#endif
