#ifndef TROUPE_ACTORS_CHAT_TEXT_H
#define TROUPE_ACTORS_CHAT_TEXT_H

/* What of a chat model's text is its answer. All in time that grows with its size alone, whatever
 * it holds. Pure. */

#include <jansson.h>
#include "base/slice.h"

/* What follows the thoughts that it begins with: <think>…</think> and the like, of which templates
 * of some models write the first mark themselves, or harmony's channels before "final". Nothing
 * when it has thoughts or blanks alone. */
struct slice chat_text_without_thoughts(struct slice text);

/* The first JSON object that is whole and in none that is not: a new reference, or NULL. */
json_t *chat_text_object(struct slice text);

/* Its beginning, up to the end of its last whole sentence, of which a blank need follow none of
 * CJK's; nothing when it has none. */
struct slice chat_text_sentences(struct slice text);

#endif
