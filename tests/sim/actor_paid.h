#ifndef TROUPE_TESTS_SIM_ACTOR_PAID_H
#define TROUPE_TESTS_SIM_ACTOR_PAID_H

/*
 * The part of a simulated actor (actor_model.h, which includes it) that pays: as docs/providers.md
 * says, and as the real ones do. The call is announced first; what an earlier attempt left behind
 * is resumed; a call whose outcome nobody knows is repeated once, after a while; an attempt is
 * closed at the provider before its end is told.
 */

#include "proto/codec.h"
#include "tests/sim/ledger.h"
#include "tests/sim/provider.h"

struct actor;
struct work;

/* What an attempt goes on with, once what it waits for has come. */
enum work_then {
    THEN_STEP,
    THEN_DECIDE,  /* what is on record is up to date */
    THEN_LOOK_UP, /* asks the provider for its list */
    THEN_INTENT,
    THEN_CHAT,
    THEN_GIVE_UP,
    THEN_ORDER,
    THEN_POLL,
    THEN_FETCH,
    THEN_FAIL,
    THEN_DROP,
    THEN_CLOSED,
};

enum paid_stage {
    PAID_NONE,
    PAID_ASKED, /* the intent is on its way */
    PAID_SENT,  /* the order is */
    PAID_TAKEN, /* the provider has it */
    PAID_FAILED,
    PAID_OVER,
};

/* How an attempt fails. */
struct failure_told {
    const char *code;
    enum fail_kind kind;
    bool is_unknown;
    bool is_charged;
    int64_t retry_after_ms;
};

/* What is on record of an operation, as the job came with it. */
struct work_operation {
    bool known;
    uint8_t state;
    uint8_t provider;
    uint32_t lease;
    uint32_t call;
    uint32_t price;
    uint32_t task; /* 0 for none */
    int64_t at;
};

/* A record that waits for its acknowledgement; then `then` follows. */
struct work_pending {
    bool waiting;
    bool resent; /* in another session: the first may be on record */
    uint8_t number;
    uint8_t state;
    uint8_t charged;
    uint8_t provider;
    uint32_t price;
    uint32_t task;
    enum work_then then;
};

struct work_paid {
    enum paid_stage stage;
    uint8_t number;
    uint8_t unknown_number; /* of the last call of unknown outcome */
    uint8_t provider;       /* who is asked ... */
    bool is_chosen;         /* ... once this attempt has come so far ... */
    bool is_bound;          /* ... and nobody else may be */
    bool is_elsewhere;      /* it repeats a call that was made with another */
    uint8_t poll_failures;
    uint8_t downloads; /* that failed */
    bool is_last;      /* it repeats one of unknown outcome */
    bool is_covered;   /* its provider charges both calls once: what that one has cost */
    bool is_resumed;   /* an earlier attempt ordered it ... */
    bool is_known;     /* ... and a poll of this one has found it */
    bool is_dropped;   /* ... or has not, and somebody may have had it dropped */
    bool is_recorded;  /* its task is */
    bool is_finished;  /* the provider has made it */
    bool is_done;      /* the result is there */
    enum work_then otherwise;
    uint32_t call; /* the lease under which the call was made first; 0: this one */
    uint32_t price;
    uint32_t task;
    uint32_t gone; /* a task that has failed or is lost */
    int64_t unknown_at;
    int64_t poll_ms;
    int64_t drop_pause_ms; /* before a drop that failed is asked for again */
    struct failure_told failure;
};

enum {
    TASK_TEXT_SIZE = 16,
};

/* actor_provider.c: the names of tasks; 0 for none, or for what is no task of this provider. */
struct slice task_name(uint32_t task, char out[TASK_TEXT_SIZE]);
uint32_t task_number(struct slice name);

void paid_begin(struct world *world, struct actor *actor, struct work *work);
/* It was answered, and costs what it costs: nothing waits for an acknowledgement. */
void paid_tell(struct world *world, struct actor *actor, const struct work *work);
/* Whether an earlier attempt has left a task to be polled. */
bool paid_has_task(const struct work *work);
/* Goes on after a wait or a record. */
void paid_go_on(struct world *world, struct actor *actor, struct work *work, enum work_then then);
void paid_denied(struct world *world, struct actor *actor, struct work *work,
                 const struct message_operation_denied *denied);
/* actor_close.c: the attempt ends without success: at once, or when the provider has been told. */
void paid_close(struct world *world, struct actor *actor, struct work *work, bool is_timeout);
/* Sends the record that waits, again or for the first time. */
void paid_send(struct world *world, struct actor *actor, const struct work *work);

/* actor_chat.c: the chat of some jobs. Returns whether the job can go on at once. */
bool chat_begin(struct world *world, struct actor *actor, struct work *work);
/* What was on record of it is up to date. */
void chat_order(struct world *world, struct actor *actor, struct work *work);
void chat_succeeded(struct world *world, struct actor *actor, struct work *work);
bool chat_is_open(const struct work *work);

/* actor_upload.c: the picture of a video. Returns whether the job can go on at once. */
bool upload_begin(struct world *world, struct actor *actor, struct work *work);
void upload_succeeded(struct world *world, struct actor *actor, struct work *work, uint32_t upload);
/* The member of a draft that keeps it: its size as written, 0 without one; and 0 for none. */
int upload_write(const struct work *work, char *out, size_t size);
uint32_t upload_read(struct slice draft);

/* actor_answer.c: what the provider says. */
void actor_answer(struct world *world, const struct ask *ask, const struct provider_answer *answer);

/* ---- between the files ---- */

void paid_ask(struct world *world, struct actor *actor, struct work *work, enum ask_kind kind,
              int64_t timeout_ms);
void paid_wait(struct world *world, struct actor *actor, struct work *work, int64_t ms,
               enum work_then then);
void paid_record(struct world *world, struct actor *actor, struct work *work,
                 enum operation_state state, enum charge charged, enum work_then then);
/* Nobody knows what became of a call that a lost attempt has announced: this is recorded first. */
void paid_mark(struct world *world, struct actor *actor, struct work *work, uint8_t number,
               enum work_then then);
/* The call failed: records whether it may have been charged, then the attempt fails. */
void paid_fail(struct world *world, struct actor *actor, struct work *work,
               const struct failure_told *told);
/* actor_provider.c: chooses whom to ask, once. known: who was asked by the call that is resumed or
 * repeated, or PROVIDER_UNKNOWN. */
void paid_choose(struct world *world, const struct actor *actor, struct work *work, uint8_t known);
/* Whether another may be asked, as things are. */
bool paid_may_go_elsewhere(const struct world *world, const struct actor *actor,
                           const struct work *work);
/* Tells how an order went; who is to be passed over fails the attempt for the next one. */
void paid_called(struct world *world, struct actor *actor, const struct work *work,
                 enum provider_fault fault, struct failure_told *failure);
/* Tells of an upload, a poll or a look into a list that has failed, when it has; counts: as a
 * failure of the provider. */
void paid_missed(struct world *world, struct actor *actor, const struct work *work,
                 enum provider_fault fault, bool counts, struct failure_told *failure);
/* Reads the record. Returns whether there is a task to be polled. *mark: the intent of a lost
 * attempt, of which nobody knows what followed. *known: who was asked last, or PROVIDER_UNKNOWN. */
bool paid_look_back(struct work *work, uint8_t *mark, uint8_t *known);
/* What a failure says of the money, and how a call that has failed is recorded. */
enum charge paid_charge(const struct failure_told *failure);
enum operation_state paid_outcome(const struct work_paid *paid);
/* The task is on record, or is to be: it is polled. */
void paid_poll(struct world *world, struct actor *actor, struct work *work, int64_t wait_ms);
/* The attempt ends, and its task runs on. */
void paid_leave(struct world *world, struct actor *actor, struct work *work);
/* What the provider says of a task that is to be dropped, and when it is told to drop it. */
void paid_looked(struct world *world, struct actor *actor, struct work *work, enum says says);
void paid_drop(struct world *world, struct actor *actor, struct work *work);
void paid_dropped(struct world *world, struct actor *actor, struct work *work, enum says says);
/* The result is taken. */
void paid_succeeded(struct world *world, struct actor *actor, struct work *work);

#endif
