#ifndef TROUPE_TESTS_SIM_PROVIDER_H
#define TROUPE_TESTS_SIM_PROVIDER_H

/*
 * The providers that all actors of a world call, on the other side of the network: each takes
 * orders (ledger.h), is asked for them, and does all that the studio can be made to do wrong
 * (docs/studio.md). A request goes on when who made it is dead. The world owns the one struct.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct world;
struct exchange;

enum {
    WORLD_PROVIDERS_MAX = 2,
    PROVIDER_UNKNOWN = UINT8_MAX,
};

/* What may go wrong with one request. */
enum mishap {
    MISHAP_NONE,
    MISHAP_REFUSED,      /* 4xx: this order is not taken, whoever asks */
    MISHAP_THROTTLED,    /* 429 with Retry-After */
    MISHAP_LOCKED,       /* 401, 402: no order of this account is */
    MISHAP_CONFLICT,     /* 409; who knows calls by their keys has not taken it, others perhaps */
    MISHAP_ERROR,        /* 500, 503, and perhaps when to come again */
    MISHAP_GATEWAY,      /* 502, 504: taken or not */
    MISHAP_UNREACHABLE,  /* no connection */
    MISHAP_HANG_BEFORE,  /* no answer, and nothing was done */
    MISHAP_HANG_LATE,    /* no answer, and it is done when nobody waits any more */
    MISHAP_HANG_AFTER,   /* no answer, and it is done */
    MISHAP_RESET_BEFORE, /* the connection is lost instead of the answer, likewise */
    MISHAP_RESET_AFTER,
    MISHAP_DRIP,      /* the answer comes slowly, perhaps too slowly */
    MISHAP_NONSENSE,  /* an answer or a result that is none, or half of one */
    MISHAP_DUPLICATE, /* one order is performed twice */
    MISHAP_LOST,      /* the task is forgotten */
    MISHAP_FAILED,    /* the task fails in the end */
    MISHAP_NEVER,     /* the task never ends */
    MISHAP_COUNT,
};

enum ask_kind {
    ASK_ORDER,  /* a picture or a video: the one that costs most */
    ASK_CHAT,   /* a chat that costs something */
    ASK_UPLOAD, /* to take a picture, which costs nothing */
    ASK_LIST,   /* whether there is an order of this job */
    ASK_POLL,   /* how a task is */
    ASK_FETCH,  /* its result */
    ASK_DROP,   /* to do no more for it */
};

struct ask {
    enum ask_kind kind;
    uint8_t provider;                  /* who is asked */
    uint32_t actor, place, generation; /* who asks */
    uint32_t ticket;                   /* of its requests */
    uint32_t job;
    uint32_t lease;
    uint32_t key; /* of a call and its repetition */
    uint32_t task;
    uint32_t upload; /* of an order's picture; 0: none */
    uint8_t number;  /* of the operation */
    bool is_task;    /* it is asked for again until it is made */
    int64_t timeout_ms;
    int64_t close_by; /* the attempt ends by then; 0: it goes on */
};

enum says {
    SAYS_OK, /* an order: taken; the list: there is one; a result: whole; a drop: done */
    SAYS_REFUSED,
    SAYS_THROTTLED,
    SAYS_LOCKED,
    SAYS_CONFLICT,
    SAYS_ERROR,
    SAYS_BUSY, /* 503, 529, and when to come again */
    SAYS_GATEWAY,
    SAYS_UNREACHABLE,
    SAYS_NOTHING, /* no answer in time */
    SAYS_BROKEN,  /* the connection was lost */
    SAYS_NONSENSE,
    SAYS_RUNNING, /* polls: it is at work; SAYS_OK: the result can be fetched */
    SAYS_FAILED,
    SAYS_GONE, /* it does not know the task; the list: there is none */
};

/* Whether the same request may be answered otherwise a moment later. */
bool says_may_pass(enum says says);

struct provider_answer {
    enum says says;
    uint32_t task; /* or the upload */
    int64_t retry_after_ms;
};

struct exchanges {
    struct exchange *items; /* owned */
    uint32_t count, capacity;
    uint32_t free; /* number + 1 of one that is not used */
};

void exchanges_init(struct exchanges *exchanges);
void exchanges_fini(struct exchanges *exchanges);

/* Asks; the answer comes later by actor_answer, unless nobody waits for it then. */
void provider_ask(struct world *world, const struct ask *ask);

/* Handler of WAKE_PROVIDER. */
void provider_wake(struct world *world, uint32_t index, bool is_answer);

/* A call that costs nothing. Returns whether it is answered. */
bool provider_is_up(const struct world *world, uint8_t provider);

/* Its name; and who has this name, or PROVIDER_UNKNOWN. */
struct slice provider_name(uint8_t provider);
uint8_t provider_of(const struct world *world, struct slice name);

#endif
