#ifndef TROUPE_TESTS_UNIT_LEDGER_H
#define TROUPE_TESTS_UNIT_LEDGER_H

/*
 * A memory view filled through the recorder, as the core would do it: jobs are accepted, change,
 * have events and end. Everything until ledger_commit is one turn.
 */

#include "broker/records.h"
#include "tests/unit/memory_view.h"

struct ledger {
    struct memory_view memory;
    struct recorder *recorder;
    struct batch batch;
    uint64_t event_last;
    uint64_t commit;
    int64_t now;
};

/* Every job of a ledger is submitted with it. */
#define LEDGER_TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

void ledger_init(struct ledger *ledger);
void ledger_fini(struct ledger *ledger);

/* A job as it is after acceptance; its id begins with number. Its event `queued` is the next. */
struct job ledger_job(enum job_kind kind, uint32_t number);

void ledger_accept(struct ledger *ledger, struct job *job, const char *owner, const char *payload);

/* As ledger_accept, with an idempotency key. */
void ledger_accept_with_key(struct ledger *ledger, struct job *job, const char *owner,
                            const char *key);

/* As ledger_accept, with a dedupe key. */
void ledger_accept_with_dedupe(struct ledger *ledger, struct job *job, const char *owner,
                               const char *key, uint64_t ttl_ms);
void ledger_save(struct ledger *ledger, const struct job *job, const char *owner,
                 const char *error_code);

/* Writes an event of the job as it is now, with the next numbers of shard and job. */
void ledger_event(struct ledger *ledger, struct job *job, const char *owner, enum event_kind kind);

/* Ends the job; document and media are for completed ones and may be empty. */
void ledger_end(struct ledger *ledger, struct job *job, const char *owner, enum job_state state,
                const char *document, const char *media);

/* A job that has ended: it is accepted and ends, and both are committed. */
void ledger_ended(struct ledger *ledger, struct job *job, const char *owner, enum job_state state,
                  const char *document, const char *media);

/* Ends the job as failed, with this error. */
void ledger_fail(struct ledger *ledger, struct job *job, const char *owner, const char *error_code,
                 struct slice error_message);

/* Makes an ended job wait again, as an explicit retry does. */
void ledger_revive(struct ledger *ledger, struct job *job, const char *owner);
void ledger_effect(struct ledger *ledger, const struct effect *effect);
void ledger_commit(struct ledger *ledger);

#endif
