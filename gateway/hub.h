#ifndef TROUPE_GATEWAY_HUB_H
#define TROUPE_GATEWAY_HUB_H

/*
 * Carries live events to who waits for them: subscriptions to one job, to all jobs of a group, or
 * to all jobs of an owner.
 * Pure but for allocation. It keeps no history. Embedded by its owner.
 */

#include "base/buffer.h"
#include "gateway/list.h"
#include "proto/messages.h"

struct subscription;

/* An event of the subscribed job, group or owner. text is its SSE form, rendered once for all;
 * empty when memory is short. A subscription may cancel itself, no other one, while it is told. */
typedef void subscription_event(struct subscription *subscription,
                                const struct message_event *event, struct slice text);

/* Events were missed, or may have been: what came after event number seen must be read again. */
typedef void subscription_gap(struct subscription *subscription, uint64_t seen);

/* Embedded by who listens. */
struct subscription {
    subscription_event *on_event;
    subscription_gap *on_gap;
    struct id job;      /* or a group; all zero: by owner */
    bool every;         /* of all jobs of all owners, whatever stands above; without text */
    struct slice owner; /* borrowed until hub_cancel */
    struct list node;   /* in its bucket */
    struct list all;    /* in hub.all */
};

struct hub {
    struct list *by_job;   /* owned, HUB_BUCKETS */
    struct list *by_owner; /* owned, HUB_BUCKETS */
    struct list every;     /* subscriptions to everything */
    struct list all;
    struct buffer text;
    uint64_t seed;
    uint64_t seen; /* the last event number that went out, with none missing before it since
                      the last gap */
};

/* Returns OK or NO_MEMORY. */
enum status hub_init(struct hub *hub, uint64_t seed);
void hub_fini(struct hub *hub);

/* subscription's callbacks and job or owner are set. */
void hub_subscribe(struct hub *hub, struct subscription *subscription);

/* Ends a subscription; one that is not subscribed stays so. */
void hub_cancel(struct subscription *subscription);

/* Tells the subscriptions of the event's job, group and owner. */
void hub_publish(struct hub *hub, const struct message_event *event);

/* Notes that everything up to this number has been published. */
void hub_advance(struct hub *hub, uint64_t event);

/* Tells every subscription of a gap, and goes on from event number last. */
void hub_gap(struct hub *hub, uint64_t last);

#endif
