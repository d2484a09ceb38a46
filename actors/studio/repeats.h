#ifndef TROUPE_ACTORS_STUDIO_REPEATS_H
#define TROUPE_ACTORS_STUDIO_REPEATS_H

/* What was asked for with an Idempotency-Key: a request that is made again with its key is charged
 * once (draft-ietf-httpapi-idempotency-key-header). The newest keys are kept. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "actors/studio/ledger.h"
#include "actors/studio/media.h"

enum {
    REPEATS_MAX = 1024,
};

enum repeat {
    REPEAT_FIRST,       /* the first with its key, or one without a key */
    REPEAT_SAME,        /* the same words again, and the first is done */
    REPEAT_UNDER_WAY,   /* the same words again, and it is not */
    REPEAT_OTHER_WORDS, /* the key of another request */
};

struct repeat_entry {
    char key[LEDGER_TEXT_SIZE];
    uint64_t words;         /* hash of the body */
    char id[MEDIA_ID_SIZE]; /* of the prediction; "" of none, or none yet */
    bool is_done;
};

struct repeats {
    struct repeat_entry entries[REPEATS_MAX]; /* a ring */
    size_t next;
};

/* Tells which it is; a first is kept until REPEATS_MAX others have come. key "" is none. *out is
 * the entry, borrowed until the next call; NULL without a key. */
enum repeat repeats_take(struct repeats *repeats, const char *key, uint64_t words,
                         struct repeat_entry **out);

/* What was begun with this key is done, or has come to nothing. Unknown keys are passed over. */
void repeats_done(struct repeats *repeats, const char *key);
void repeats_forget(struct repeats *repeats, const char *key);

#endif
