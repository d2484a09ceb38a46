#ifndef TROUPE_TESTS_SIM_ACTOR_MODEL_H
#define TROUPE_TESTS_SIM_ACTOR_MODEL_H

/*
 * Actors: faithful to the protocol (credit, HOLDs after a reconnect, results sent again until they
 * are acknowledged, paid calls only after their intent is durable, cancels, graceful stops), but
 * some crash, hang, are slow or lie. The protocol is in actor_model.c, a job's steps in
 * actor_work.c, its paid call in actor_paid.c, lies in actor_lies.c.
 */

#include "proto/codec.h"
#include "tests/sim/actor_paid.h"
#include "tests/sim/network.h"

enum {
    WORKS_MORE = 18,      /* above its slots: unacknowledged results, and what a liar is given */
    WORK_CLOSE_MS = 4000, /* to tell the provider and the broker what an attempt leaves behind */
};

/* What a liar's results look like. */
#define ACTOR_LIE "{\"lie\":1}"

enum actor_state {
    ACTOR_DOWN,     /* the process does not run */
    ACTOR_APART,    /* without a connection */
    ACTOR_DUE,      /* refused: says HELLO again in a moment */
    ACTOR_GREETING, /* HELLO is on its way */
    ACTOR_WELCOME,
};

enum work_state {
    WORK_FREE,
    WORK_RUNNING,   /* from step to step */
    WORK_RECORDING, /* waits until its record is acknowledged */
    WORK_CALLING,   /* the provider is asked */
    WORK_WAITING,   /* for a time */
    WORK_ENDED,     /* the result is sent and not acknowledged */
};

struct work {
    enum work_state state;
    uint32_t generation; /* wakes of an earlier job in this place are ignored */
    struct id id;
    uint32_t job; /* number in the model */
    uint32_t lease;
    uint8_t kind;
    uint8_t step;
    uint8_t progress;
    bool slow;
    bool hangs;
    bool deaf;
    bool is_last;     /* a counted failure ends the job */
    bool is_first;    /* no attempt was counted before */
    bool may_be_gone; /* an earlier attempt was asked to drop its task */
    bool has_tasks;   /* what it orders is polled */
    bool has_picture; /* as its draft says */
    bool has_words;   /* likewise: its chat was made */
    bool closing;     /* it fails, and tells the provider first ... */
    int64_t close_by; /* ... by then */
    int64_t timeout_at;
    int64_t sent_at; /* of what waits for an answer */
    int64_t wake_at;
    uint32_t ticket;      /* of its last request to the provider */
    uint32_t price;       /* of what it has announced */
    uint32_t upload;      /* of a video's picture, by this attempt or again; 0: none ... */
    uint32_t upload_kept; /* ... and as its draft says */
    enum message_type result;
    enum work_then then; /* after a wait */
    struct failure_told failure;
    struct work_pending pending;
    struct work_paid paid;
    struct work_operation operations[CALL_NUMBERS];
};

struct actor {
    enum actor_state state;
    struct id instance;
    uint8_t kind;
    uint32_t slots;
    bool liar;
    bool draining;
    int64_t drain_by;
    int64_t hung_until;
    int64_t avoid_until[WORLD_PROVIDERS_MAX];
    int64_t freed_at; /* when a slot was given back last: a heartbeat tells of it */
    int64_t hello_at; /* the last, or, when due, the next */
    uint32_t hellos;  /* on this connection: with two on their way it cannot tell their answers
                         apart */
    uint32_t link;
    uint64_t session;
    uint64_t received; /* jobs in this session */
    uint64_t credit;   /* granted in this session */
    struct frame *late;
    struct work *works; /* owned */
    uint32_t works_count;
};

void actor_init(struct world *world, uint32_t index);
void actor_fini(struct actor *actor);

/* Handlers of wakes. once: besides the regular ones. */
void actor_wake(struct world *world, uint32_t index, bool once);
void actor_work_wake(struct world *world, uint32_t index, uint32_t work, uint32_t generation);
void actor_lost(struct world *world, uint32_t index, uint32_t link);
void actor_receive(struct world *world, uint32_t index, uint32_t link, struct slice bytes);

/* Faults. */
void actor_crash(struct world *world, uint32_t index);
void actor_hang(struct world *world, uint32_t index, int64_t until);
void actor_drain(struct world *world, uint32_t index);

/* Everything has ended: the broker knows that all its slots are free. */
void actor_check_end(struct world *world, uint32_t index);

/* ---- between its files ---- */

/* Sends one message under a session. */
void actor_send_under(struct world *world, struct actor *actor, uint64_t session,
                      const struct message *message);
void actor_send(struct world *world, struct actor *actor, const struct message *message);
/* The grant that goes with every message. */
uint64_t actor_credit(struct actor *actor);
void actor_wake_work(struct world *world, struct actor *actor, struct work *work, int64_t delay);
uint32_t actor_index(const struct world *world, const struct actor *actor);

/* actor_work.c */
/* Returns NULL when there is no place for it: a liar drops it. */
struct work *work_begin(struct world *world, struct actor *actor, const struct message_job *message,
                        struct frame_reader *reader);
/* actor_job.c: checks a JOB, and reads the operations that follow it. */
void work_read(struct world *world, const struct message_job *message, bool is_current,
               struct frame_reader *reader, struct work_operation out[CALL_NUMBERS]);
void work_step(struct world *world, struct actor *actor, struct work *work);
void work_cancel(struct world *world, struct actor *actor, struct work *work);

/* ACK came: the lease is over. What a cancel has begun to close is closed all the same. */
void work_over(struct world *world, struct actor *actor, struct work *work);
void work_operation_ack(struct world *world, struct actor *actor, struct work *work,
                        const struct message_operation_ack *ack);
/* After a new session: sends again what is not acknowledged. */
void work_resume(struct world *world, struct actor *actor, struct work *work);
void work_release(struct world *world, struct actor *actor, struct work *work);
void work_free(struct work *work);
/* The attempt fails: it is closed, and then its end is told. */
void work_fail(struct world *world, struct actor *actor, struct work *work,
               const struct failure_told *failure);
void work_closed(struct world *world, struct actor *actor, struct work *work);
/* Its time is over: it fails for that. */
bool work_is_late(const struct world *world, const struct work *work);
void work_time_out(struct world *world, struct actor *actor, struct work *work);

/* actor_provider.c: the providers that all call. */
bool actor_declares(const struct world *world, const struct actor *actor);
struct message actor_provider(const struct world *world, const struct actor *actor,
                              uint8_t provider);
/* Tells how a call went. */
void actor_report(struct world *world, struct actor *actor, uint8_t provider,
                  enum provider_fault fault, uint32_t failures, int64_t retry_after_ms);
/* Passes it over for so long at least, when there is another. */
void actor_avoid(const struct world *world, struct actor *actor, uint8_t provider, int64_t ms);

/* actor_lies.c */
void actor_lie(struct world *world, struct actor *actor);
/* Says HELLO with false holds. */
void actor_lie_hello(struct world *world, struct actor *actor, struct message *hello,
                     struct message_hold *extra);

#endif
