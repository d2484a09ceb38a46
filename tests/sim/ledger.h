#ifndef TROUPE_TESTS_SIM_LEDGER_H
#define TROUPE_TESTS_SIM_LEDGER_H

/*
 * What the provider was paid for, in its own books: every order that it took, whatever became of
 * its answer. The books outlive broker and actors, and what these say is checked against them. The
 * world owns the one ledger.
 */

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/provider.h"

struct world;
struct effect;
struct model_job;
struct message_fail;

enum {
    PAID_NUMBERS = 2, /* operations of a job: its first call, and the one repetition */
    CHAT_NUMBER = 4,  /* of a priced chat, which has no task, however often it is made */
    CALL_NUMBERS,
};

enum order_state {
    ORDER_TAKEN,
    ORDER_DROPPED, /* it was asked to */
    ORDER_LOST,    /* it knows nothing of it any more */
};

enum order_fate {
    FATE_MADE,
    FATE_FAILED, /* when its time is over: then it costs nothing */
    FATE_NEVER,  /* it is at work for ever */
};

/* What the last attempt that ended has asked of its task. */
struct closing {
    uint32_t lease; /* 0: nothing */
    uint32_t actor;
    uint32_t drops; /* that were asked for */
    bool is_looked; /* it was asked how the task is ... */
    bool is_known;  /* ... and told that it is made, or has failed */
    int64_t since;
    int64_t owed_at; /* since then another drop is to be asked for; 0: none is */
};

struct order {
    uint32_t job;
    uint32_t lease;
    uint32_t key;       /* under which it knows the call again */
    uint32_t met_lease; /* the last that was told by 409 that it is under way; 0 for none */
    uint32_t upload;    /* of its picture; 0: none */
    uint32_t before;    /* number + 1 of the job's order before this one; 0 for none */
    int64_t ends_at;
    uint8_t number;
    uint8_t provider; /* who has taken it */
    enum order_state state;
    enum order_fate fate;
    bool is_task; /* it is asked for until it is made */
    bool is_copy; /* of one request that it performed twice: nobody else's fault */
    bool refunded;
    bool was_made; /* before it was dropped and refunded: somebody may have counted it by then */
    bool is_used;  /* its result was fetched whole */
    bool is_over;  /* it is on record that nothing more comes of it ... */
    bool is_over_durable; /* ... as of the last commit */
    bool drop_sent;       /* somebody has asked, or tried to ask, to drop it ... */
    bool drop_asked;      /* ... because the broker has asked for that */
    struct closing closing;
};

struct ledger {
    struct order *orders; /* owned */
    uint32_t count, capacity;
    struct upload {
        uint32_t job; /* whose picture it is */
        uint32_t key; /* under which it was ordered of; 0: it was not */
        uint8_t provider;
    } * uploads; /* owned */
    uint32_t upload_count, upload_capacity;
    uint32_t *last; /* by job: number + 1 of its last order; owned */
};

void ledger_init(struct ledger *ledger);
void ledger_fini(struct ledger *ledger);

/* Takes an order, and its money. Returns its number + 1, which is the name of its task. */
uint32_t ledger_take(struct world *world, const struct order *order);

/* A provider takes the picture of a job. Returns its number + 1, which is its address. */
uint32_t ledger_upload(struct world *world, uint32_t job, uint8_t provider);

/* By its task; only tasks that were given exist. */
struct order *ledger_order(struct ledger *ledger, uint32_t task);

/* The last order of a job with a provider: under a key, whatever has become of it, or the last that
 * is at work or made; 0 for none. Copies and chats are not found. */
uint32_t ledger_find_key(const struct ledger *ledger, uint32_t job, uint8_t provider, uint32_t key);
uint32_t ledger_find_job(const struct ledger *ledger, uint32_t job, uint8_t provider, int64_t now);

/* Whether it costs something, as of now. */
bool order_is_charged(const struct order *order, int64_t now);
/* What one call of this job costs with a provider, by the number of its operation. */
uint32_t ledger_price(const struct world *world, uint32_t job, uint8_t number, uint8_t provider);

/* ---- model_closing.c: tasks at the end of an attempt ---- */

/* The provider is asked for a task, or to drop it; who asks hears what it says. */
void model_closing_asked(struct world *world, const struct ask *ask);
void model_closing_answered(struct world *world, const struct ask *ask, enum says says);
/* It stood still for so long that there is no time to drop it. */
void model_closing_late(struct world *world, uint32_t actor, uint32_t task);
/* The first poll of an attempt finds that a task which an earlier one has ordered is gone;
 * is_dropped: and the broker has said that it may be. */
void model_closing_gone(struct world *world, uint32_t job, uint32_t task, bool is_dropped);
/* An attempt under a live lease has failed. */
void model_closing_failed(struct world *world, uint32_t job, uint32_t lease);

/* ---- model_ledger.c: the books against what the broker records ---- */

/* An actor is about to ask for what costs money. */
void model_ledger_call(struct world *world, uint32_t job, uint32_t lease);
/* It was told by 409 that this call is under way. */
void model_ledger_met(struct world *world, const struct ask *ask);
/* The provider is asked for an order. */
void model_ledger_asked(struct world *world, const struct ask *ask);
/* The provider has taken an order. */
void model_ledger_taken(struct world *world, const struct order *order);
/* An operation is recorded; the job is as before. */
void model_ledger_operation(struct world *world, struct model_job *job,
                            const struct effect *effect);
/* The job ends; its operations are as before. */
void model_ledger_end(struct world *world, const struct model_job *job,
                      const struct effect *effect);
/* An attempt has failed under a live lease; the job is as after that. */
void model_ledger_failed(struct world *world, const struct model_job *job,
                         const struct message_fail *fail);
/* The job's records were committed, or lost with those of the turn. */
void model_ledger_committed(struct world *world, uint32_t job);
void model_ledger_crashed(struct world *world, uint32_t job);
/* Everything has ended. */
void model_ledger_check_end(struct world *world);

#endif
