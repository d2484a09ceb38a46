#ifndef TROUPE_BROKER_CORE_KEYED_H
#define TROUPE_BROKER_CORE_KEYED_H

/*
 * Idempotency keys of requests that change what is there (a retry, a new secret). Those that make
 * something write theirs with what they make (EFFECT_ACCEPT, EFFECT_GROUP); these have an effect of
 * their own. One key space for all, of each owner.
 */

#include "broker/core/core.h"

/* What a request says of its key; key is empty for none. */
struct keyed {
    struct slice owner;
    struct slice key;
    struct slice hash;
};

bool keyed_is_valid(const struct keyed *keyed);

/* Whether the key has been used since it was looked up, or was not looked up. facts may be NULL. */
bool keyed_is_open(const struct core *core, const struct keyed *keyed, const struct facts *facts);

enum keyed_verdict {
    KEYED_NEW,    /* or without a key */
    KEYED_REPEAT, /* of the same request */
    KEYED_REUSED, /* for another one */
};

/* facts are resolved; NULL only without a key. */
enum keyed_verdict keyed_judge(const struct keyed *keyed, const struct facts *facts);

/* The request has been carried out: the key stands for it from now on. id: what it was about. */
void keyed_note(struct core *core, const struct keyed *keyed, const struct id *id);

#endif
