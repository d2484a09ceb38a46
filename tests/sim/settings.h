#ifndef TROUPE_TESTS_SIM_SETTINGS_H
#define TROUPE_TESTS_SIM_SETTINGS_H

/*
 * What one seed's world is like. Every seed draws its own mix, with many faults switched off in
 * many worlds: rare meetings of two faults need worlds in which few others get in the way.
 */

#include "broker/core/core.h"
#include "tests/sim/prng.h"
#include "tests/sim/provider.h"

enum {
    GATEWAYS_MAX = 3,
    ACTORS_MAX = 8,
    USERS_MAX = 6,
};

/* What one provider does, and what its actors are told of it. */
struct terms {
    uint32_t limits[3];  /* calls of its account in a second, a minute and a day; 0: no limit */
    uint32_t price;      /* micro-dollars of its cheapest operation; 0: they cost nothing */
    bool keys;           /* it knows a call that is made again */
    bool lists;          /* it tells what was ordered */
    enum charge dropped; /* whether a dropped task is paid for, as its actors are told ... */
    bool refunds;        /* ... or, when they are not, whether one that is not made is free */
};

/* Chances are in a thousand; means in milliseconds. */
struct settings {
    uint32_t gateways;
    uint32_t actors;
    uint32_t users;
    uint32_t rate[JOB_KIND_COUNT];
    uint32_t active_max[JOB_KIND_COUNT];
    uint32_t user_active_max[JOB_KIND_COUNT];
    uint32_t jobs_max;
    struct retention retention;
    uint32_t slots_max; /* of an actor */
    uint32_t live_max;  /* live jobs above which clients ask for no more */
    uint32_t drain_max; /* records in a turn */
    int64_t tick_ms;
    int64_t delay_ms; /* of the network */
    int64_t commit_ms;
    int64_t read_ms;       /* of a reader */
    int64_t client_ms;     /* between two wishes of a gateway's clients */
    int64_t step_ms;       /* between two steps of a job */
    int64_t fault_ms;      /* between two faults of the world */
    uint32_t flood;        /* a client submits many at once */
    uint32_t keyed;        /* a submit carries an idempotency key */
    uint32_t deduped;      /* or a dedupe key */
    uint32_t media;        /* a submit is an image or video job */
    uint32_t grouped;      /* a submit is of a group of jobs */
    uint32_t cancel;       /* a wish is a cancel */
    uint32_t retry;        /* or a retry */
    uint32_t endpoints;    /* a wish is about a webhook endpoint */
    uint32_t webhook;      /* a submit has a webhook of its own */
    uint32_t deletes;      /* a wish is a deletion */
    uint32_t steers;       /* a wish is to pause a queue or drain a worker, or to let it go on */
    uint32_t manages;      /* a wish is to do something with jobs, as those who run the stack do */
    uint32_t timed;        /* a submit has a start time, a start-by or a deadline */
    uint32_t crash;        /* weights of faults */
    uint32_t commit_crash; /* a turn with writes dies somewhere in its commit */
    uint32_t outage;
    uint32_t stall;
    uint32_t slow_disk;
    uint32_t space;
    uint32_t drop;
    uint32_t partition;
    uint32_t given_up;
    uint32_t late; /* a frame that could not be sent is kept */
    uint32_t actor_crash;
    uint32_t actor_hang;
    uint32_t
        late_task; /* an actor stands still when it has ordered one, and its lease is lost ... */
    uint32_t late_drop; /* ... or when it has had one dropped */
    uint32_t actor_drain;
    uint32_t lie;   /* a wake of a lying actor tells a lie */
    uint32_t liars; /* an actor is a liar */
    uint32_t fail;  /* a job's step fails */
    uint32_t slow;
    uint32_t hang;                  /* a job never ends by itself */
    uint32_t deaf;                  /* an actor does not comply with a cancel */
    uint32_t mishaps[MISHAP_COUNT]; /* of a request to the provider */
    uint32_t providers;             /* in the order in which they are asked */
    bool provider_tasks;            /* pictures are tasks that are polled, as videos are */
    int64_t provider_timeout_ms;    /* of a request */
    int64_t repeat_after_ms;        /* from a call of unknown outcome to its repetition */
    uint32_t provider_down; /* a fault of the world is that it is down for everybody for a while */
    bool declares;          /* the actors tell the broker of their provider */
    struct terms terms[WORLD_PROVIDERS_MAX];
    uint64_t budget, budget_soft; /* of a user and day; 0: none */
    uint32_t view_behind;
    uint32_t read_fails;  /* the store cannot be read for one request */
    uint32_t drop_unread; /* nor for a job that is to stop, which is not damaged then */
};

void settings_draw(struct settings *settings, struct prng *prng);

/* Switches every fault off and lets everything be quick: what is left over must end. */
void settings_calm(struct settings *settings);

#endif
