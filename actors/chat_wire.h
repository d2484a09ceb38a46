#ifndef TROUPE_ACTORS_CHAT_WIRE_H
#define TROUPE_ACTORS_CHAT_WIRE_H

/* OpenAI-compatible chat completions: POST {base}/v1/chat/completions. Pure. */

#include "actors/provider_error.h"
#include "base/buffer.h"

struct chat_prompt {
    const char *system;
    struct slice user;
    bool wants_json; /* the answer is to be a JSON object */
};

/* Appends the request's body. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status chat_wire_request(const char *model, const struct chat_prompt *prompt,
                              struct buffer *out);

/* Reads a 200's body into text, without the thoughts that it may begin with. Of an answer that was
 * cut off (at the model's limit, with an error) its whole sentences are the text, and what holds no
 * whole object when wants_json is of no use. false: failure_out explains it (refused by a content
 * filter, an error, of no use, or nonsense), in words without secret (a key, may be NULL). */
bool chat_wire_answer(struct slice body, bool wants_json, const char *secret,
                      struct buffer *text_out, struct provider_failure *failure_out);

#endif
