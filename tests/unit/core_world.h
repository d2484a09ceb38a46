#ifndef TROUPE_TESTS_UNIT_CORE_WORLD_H
#define TROUPE_TESTS_UNIT_CORE_WORLD_H

/*
 * What the tests of the core share: a core at a virtual time, messages with sensible content, and a
 * look at the effects of the last step. Every step is followed by core_check. Ids are made from
 * small numbers.
 */

#include "broker/core/core.h"

#include "tests/unit/test.h"

enum {
    WORLD_START = 1000000, /* the first moment, in milliseconds */
    WORLD_GATEWAY = 900,   /* the peer that requests come from */
};

struct world {
    struct core *core;
    int64_t now;
    struct effects effects; /* of the last step */
};

/* Starts a core; options NULL: no rate limits. The limiters' first second is over. */
void world_init(struct world *world, const struct core_options *options);
void world_fini(struct world *world);

/* A core without rate limits whose first minute is over: windows that a restart filled are empty
 * again. */
void world_init_late(struct world *world);

/* Options without rate limits. */
struct core_options world_options(void);

struct id world_id(uint32_t number);

/* A step with any event. */
void world_step(struct world *world, const struct core_event *event);

/* Lets so much time pass in steps of TICK_MS, so that nothing is late, and ends with a tick. The
 * effects are those of the last tick. */
void world_pass(struct world *world, int64_t ms);
void world_tick(struct world *world);

/* Passes time until a tick makes an effect of this type; fails after ms. */
void world_pass_until(struct world *world, enum effect_type type, int64_t ms);

/* A SUBMIT of job `number` by "user"; change what the test is about. */
struct message world_submit_message(enum job_kind kind, uint32_t number);

/* Facts that allow any job. */
struct facts world_facts(const struct world *world);

/* Hands in a request, with facts or NULL. */
void world_request(struct world *world, const struct message *message, const struct facts *facts);

/* Submits a plain job with facts and expects it to be accepted. */
void world_submit(struct world *world, enum job_kind kind, uint32_t number);
void world_submit_for(struct world *world, enum job_kind kind, uint32_t number, const char *owner);
void world_cancel(struct world *world, uint32_t number);

/* A worker: peer and instance have the same number. Returns its session; holds follow by
 * world_hold. */
uint64_t world_hello(struct world *world, enum job_kind kind, uint32_t number, uint32_t slots,
                     uint32_t hold_count);
void world_hold(struct world *world, uint64_t peer, uint32_t job, uint32_t lease);

/* An image worker with five slots that is about to declare so many providers. Returns its session.
 */
uint64_t world_greet(struct world *world, uint32_t number, uint32_t provider_count);
void world_declare(struct world *world, uint64_t peer, struct message_provider provider);

/* One that declares a single provider, which the session is opened with. Without a name it is
 * "studio", for images. */
uint64_t world_caller(struct world *world, uint32_t number, struct message_provider provider);

/* What it tells of its calls of "studio". */
void world_report(struct world *world, uint64_t peer, uint64_t session, uint32_t successes,
                  uint32_t failures, enum provider_fault fault, uint64_t retry_after_ms);
void world_actor(struct world *world, uint64_t peer, uint64_t session,
                 const struct message *message);
void world_heartbeat(struct world *world, uint64_t peer, uint64_t session, uint64_t credit);
void world_progress(struct world *world, uint64_t peer, uint64_t session, uint32_t job,
                    uint32_t lease, uint8_t progress, const char *step);
void world_operation(struct world *world, uint64_t peer, uint64_t session, uint32_t job,
                     uint32_t lease, enum operation_state state);
void world_done(struct world *world, uint64_t peer, uint64_t session, uint32_t job, uint32_t lease);
void world_done_at_price(struct world *world, uint64_t peer, uint64_t session, uint32_t job,
                         uint32_t lease, uint32_t price); /* micro-dollars */
void world_fail(struct world *world, uint64_t peer, uint64_t session, uint32_t job, uint32_t lease,
                enum fail_kind kind, uint64_t retry_after_ms);
void world_release(struct world *world, uint64_t peer, uint64_t session, uint32_t job,
                   uint32_t lease);
void world_bye(struct world *world, uint64_t peer, uint64_t session);
void world_peer_lost(struct world *world, uint64_t peer);

/* Submits a job, opens worker `worker` with one slot and leases the job to it. Returns the session.
 */
uint64_t world_lease(struct world *world, enum job_kind kind, uint32_t job, uint32_t worker);

/* ---- looks ---- */

uint32_t world_effects(const struct world *world, enum effect_type type);

/* The only effect of this type; fails when there is none or there are several. */
const struct effect *world_effect(const struct world *world, enum effect_type type);
const struct job *world_job(const struct world *world, uint32_t number);
struct position world_position(const struct world *world, uint32_t number);

/* Fails unless the last step made an event of this kind for the job, last of its events. */
const struct message_event *world_expect_event(const struct world *world, uint32_t number,
                                               enum event_kind kind);
void world_expect_state(const struct world *world, uint32_t number, enum job_state state);

/* Fails unless the last step answered the gateway with this code. */
const struct message_reply *world_expect_reply(const struct world *world, enum reply_code code);
void world_expect_text(struct slice slice, const char *text);

#endif
