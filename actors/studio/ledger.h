#ifndef TROUPE_ACTORS_STUDIO_LEDGER_H
#define TROUPE_ACTORS_STUDIO_LEDGER_H

/* What was charged, so that a test can see whether anything was paid twice. The newest entries,
 * and totals of all. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "actors/studio/step.h"
#include "actors/studio/trace.h"
#include "base/buffer.h"

enum {
    LEDGER_ENTRY_COUNT = 4096, /* newest entries kept: more than any test makes */
    LEDGER_TEXT_SIZE = 96,
};

struct ledger_entry {
    int64_t number; /* from 1, in order */
    int64_t at_ms;
    enum step step;         /* chat, image or submit: what costs money */
    int64_t price_microusd; /* millionths of a US dollar */
    uint64_t prompt_hash;
    char id[LEDGER_TEXT_SIZE]; /* of the completion, picture or prediction */
    char model[LEDGER_TEXT_SIZE];
    char idempotency_key[LEDGER_TEXT_SIZE]; /* the header's value, "" without */
    char trace[TRACE_SIZE];                 /* that the request was part of, "" for none */
    int64_t cancelled_at_ms;                /* 0: it was not */
    bool in_time;                           /* cancelled before its work was done */
    bool refunded;                          /* the task failed: nothing is to be paid */
};

struct ledger {
    struct ledger_entry
        entries[LEDGER_ENTRY_COUNT]; /* a ring: number n is at n % LEDGER_ENTRY_COUNT */
    int64_t count[STEP_COUNT];
    int64_t price_microusd[STEP_COUNT];
    int64_t last_number;
};

/* Copies the entry and gives it its number. */
void ledger_add(struct ledger *ledger, const struct ledger_entry *entry);

/* What was charged under this id was cancelled, in_time or after its work was done. It stays
 * charged: so do the hosted providers'. The first time counts; unknown ids are passed over. */
void ledger_cancel(struct ledger *ledger, const char *id, int64_t at_ms, bool in_time);

/* What was charged under this id failed at the provider: it is in no total any more. */
void ledger_refund(struct ledger *ledger, const char *id);

void ledger_clear(struct ledger *ledger);

/* Appends {"totals": {...}, "entries": [...]}, oldest first. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status ledger_write(const struct ledger *ledger, struct buffer *out);

#endif
