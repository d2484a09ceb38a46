#ifndef TROUPE_BROKER_CORE_CHANGES_H
#define TROUPE_BROKER_CORE_CHANGES_H

/*
 * Which facts on disk have changed lately: for each slot of a fixed table, the number of the last
 * batch that changed a key which falls into it. A fact read at commit c is stale when its slot says
 * more than c. Two keys in one slot only cost a second look; nothing is ever forgotten, nothing
 * grows.
 */

#include "base/slice.h"
#include "broker/core/limits.h"

struct changes {
    uint64_t commits[CHANGES_SIZE];
};

/* What a key is: the same bytes as a character and as a job are different facts. */
enum change_kind {
    CHANGE_KEY,      /* an idempotency key: owner and key */
    CHANGE_DEDUPE,   /* a dedupe key: owner and key, of any kind */
    CHANGE_DOCUMENT, /* a character or media id */
    CHANGE_JOB,      /* a job id, when it is accepted, ends or is retried */
    CHANGE_GROUP,    /* a group id, when it is accepted, its last job ends or one is retried */
};

void changes_init(struct changes *changes);

/* Notes that batch `commit` changes the fact. second may be empty. */
void changes_note(struct changes *changes, enum change_kind kind, struct slice first,
                  struct slice second, uint64_t commit);

/* Whether a fact read at `commit` may be out of date. */
bool changes_since(const struct changes *changes, enum change_kind kind, struct slice first,
                   struct slice second, uint64_t commit);

#endif
