#ifndef TROUPE_BROKER_SHELL_STATE_H
#define TROUPE_BROKER_SHELL_STATE_H

/* What the parts of the shell share; nobody else includes this. */

#include "broker/endpoint.h"
#include "broker/inputs.h"
#include "broker/publisher.h"
#include "broker/readers.h"
#include "broker/recorder.h"
#include "broker/shell.h"
#include "broker/store.h"

struct shell {
    struct shell_options options;
    struct clock clock;
    struct store *store;
    struct readers *readers;
    struct core *core;
    struct recorder *recorder;
    struct endpoint *actors;
    struct endpoint *gateways;
    struct publisher publisher;
    struct inputs inputs;
    struct read *dispatches; /* of this turn: what they read is on disk only after its commit */
    struct batch batch;
    struct effects effects;
    int64_t now; /* of this turn */
    int64_t space_checked_at;
    int64_t pinged_at;
    int64_t swept_at;
    bool space_low;
    enum status status; /* why the shell has to stop; OK while it can go on */
};

/* ---- shell.c ---- */

/* Whether this turn goes on and its commit is below so many bytes. */
bool shell_has_room(const struct shell *shell, size_t size);

/* ---- shell_input.c: what comes in ---- */

struct endpoint_hooks shell_actor_hooks(struct shell *shell);
struct endpoint_hooks shell_gateway_hooks(struct shell *shell);

/* Takes answers of the readers, as far as they fit this turn. */
void shell_take_reads(struct shell *shell);

/* ---- shell_output.c: what follows ---- */

/* Makes this turn the last unless status is OK. */
void shell_fail(struct shell *shell, enum status status);

/* Steps the core and hands its effects on. */
void shell_step(struct shell *shell, const struct core_event *event);

/* Hands the turn's dispatches to the readers; after the commit. */
void shell_give_dispatches(struct shell *shell);

/* Hands a gateway's request to the readers; answers BUSY when they have too much to do. */
void shell_read(struct shell *shell, enum read_type type, uint64_t peer, uint64_t session,
                const struct message *request);

/* Tells a gateway to ask again, unless its session is over. */
void shell_answer_busy(struct shell *shell, uint64_t peer, uint64_t session,
                       const struct message *request);

#endif
