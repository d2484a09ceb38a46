#ifndef TROUPE_ACTORS_STUDIO_OPENAI_H
#define TROUPE_ACTORS_STUDIO_OPENAI_H

/* The OpenAI-compatible endpoints (platform.openai.com/docs/api-reference): models, chat
 * completions, pictures. */

#include "actors/studio/exchange.h"

enum {
    OPENAI_CHOICE_COUNT_MAX = 8,  /* n of a chat request */
    OPENAI_PICTURE_COUNT_MAX = 4, /* n of an image request */
    OPENAI_PROMPT_SIZE_MAX =
        32000, /* bytes of an image prompt: the vendor's own limit in characters */
    OPENAI_MESSAGE_COUNT_MAX = 512,
};

void openai_models(struct exchange *exchange);
void openai_chat(struct exchange *exchange);
void openai_image(struct exchange *exchange);

#endif
