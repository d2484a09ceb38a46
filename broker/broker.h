#ifndef TROUPE_BROKER_BROKER_H
#define TROUPE_BROKER_BROKER_H

/*
 * The shell around the core: everything that the loop in main.c works with. It reads the clock and
 * the sockets, hands records to the core, keeps what must be durable in the turn's batch, and holds
 * back what may be said only after the commit. One thread uses it.
 */

#include "base/clock.h"
#include "broker/backups.h"
#include "broker/bulk_work.h"
#include "broker/chronicle.h"
#include "broker/core/core.h"
#include "broker/crowd.h"
#include "broker/damaged.h"
#include "broker/dispatch.h"
#include "broker/inputs.h"
#include "broker/metrics.h"
#include "broker/options.h"
#include "broker/port.h"
#include "broker/publication.h"
#include "broker/readers.h"
#include "broker/recorder.h"
#include "broker/store.h"
#include "broker/leftovers.h"
#include "broker/sweeper.h"

enum {
    TURN_RECORDS_MAX = 512,          /* records of one turn: then it commits (design 2) */
    PORT_RECORDS_MAX = 64,           /* of one port before the other is looked at */
    TURN_ANSWERS_SIZE_MAX = 8 << 20, /* bytes of answers that one turn takes from the readers */
    LEFTOVERS_PAUSE_MS = 1000,       /* before a look for leftovers that failed is made again */
    SPACE_CHECK_MS = 1000,           /* between looks at the free space */
    PING_MS = 2000,                  /* silence after which an actor is sent something */
    PEER_IDLE_MS = 60000,            /* a peer without a session is forgotten after this silence */
    COMMIT_SLOW_MS = 1000,           /* a commit that takes longer is logged */
};

struct broker {
    const struct broker_options *options;
    struct clock clock;
    int64_t now; /* of this turn */
    int64_t started_at;
    char host[HOST_SIZE_MAX + 1]; /* this machine's name */
    void *context;                /* of ZeroMQ */
    struct store *store;
    struct core *core;
    struct effects *effects;      /* of the last step */
    struct message_submit *items; /* GROUP_JOBS_MAX: of the group that is being handed in */
    struct recorder *recorder;
    struct batch batch; /* of this turn */
    struct backups *backups;
    struct readers *readers;
    struct inputs inputs;
    struct dispatches dispatches;
    struct leftovers leftovers;
    struct sweeper sweeper;
    struct bulk_work bulk_work;
    struct crowd crowd;
    struct damaged damaged;
    struct read *resolves; /* to be pushed after the commit, in their order */
    struct read **resolves_end;
    struct port actors;
    struct port gateways;
    struct publication publication;
    struct buffer frame;      /* scratch space */
    uint64_t event_last;      /* number of the last event */
    uint64_t gateway_session; /* the last one that was opened */
    int64_t published_at;     /* when gateways last heard a batch number */
    int64_t space_checked_at;
    int64_t pinged_at;
    int64_t assets_looked_at; /* when a gateway was last told to look for those nobody uses */
    struct history *history;
    struct metrics_listener *metrics; /* NULL without an address */
    struct broker_meters meters;
    int64_t metrics_at;  /* when the numbers were last handed over */
    uint64_t space_left; /* bytes, at the last look; UINT64_MAX: it cannot be told */
    bool space_low;
    bool failed; /* the turn cannot be finished: what memory knows is more than what is written */
};

/* Opens the store, restores the live jobs and binds the endpoints. Returns OK, BUSY or another
 * status, after logging why. */
enum status broker_open(struct broker *broker, const struct broker_options *options);
void broker_close(struct broker *broker);

/* Logs what happened since the start, under this message. */
void broker_report(const struct broker *broker, const char *message);

/* What was not taken of peers since the start, frames and records. */
struct broker_refusals {
    uint64_t refused;     /* malformed, unknown, forbidden or above a limit */
    uint64_t sessionless; /* under a session that was not open, as the protocol expects it */
};

static inline struct broker_refusals broker_refusals(const struct broker *broker,
                                                     const struct core_statistics *core)
{
    return (struct broker_refusals){
        .refused =
            broker->gateways.refused_count + broker->actors.refused_count + core->refused_records,
        .sessionless = broker->gateways.sessionless_count + broker->actors.sessionless_count +
                       core->sessionless,
    };
}

/* Steps the core, and takes its effects: into the batch, or to be sent after the commit. record:
 * the bytes of the event's message, for a look at the store; read: where it came from when it was
 * looked up already, or NULL. */
void broker_step(struct broker *broker, const struct core_event *event, struct slice record,
                 struct read *read);

#endif
