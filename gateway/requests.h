#ifndef TROUPE_GATEWAY_REQUESTS_H
#define TROUPE_GATEWAY_REQUESTS_H

/*
 * What was asked of the broker and is not answered yet: numbered, bounded, with deadlines, and with
 * everything that is needed to ask again after a reconnect. Pure but for allocation. It does not
 * send: session.c takes what is unsent. Embedded by its owner.
 */

#include "gateway/limits.h"
#include "gateway/list.h"
#include "proto/codec.h"
#include "proto/messages.h"

struct request;

/* How a request ended. */
struct answer {
    const struct message *message; /* NULL: none came in time */
    struct frame_reader records;   /* stands at the records that belong to message */
    bool maybe_done;               /* none came, but the broker may have got the request */
};

/* Told once, when the request is in no table any more. Everything in answer is borrowed. */
typedef void request_done(struct request *request, const struct answer *answer);

/* Embedded by who asks. message (its slices too) and records must live until done or
 * requests_remove. */
struct request {
    struct message message;
    struct slice records; /* encoded, that follow message in its frame: a group's jobs */
    uint32_t record_count;
    request_done *done;
    int64_t deadline_ms;
    bool sent;          /* at least once */
    bool repeated;      /* sent more than once, or about to be */
    struct list node;   /* in requests.waiting, by deadline */
    struct list unsent; /* in requests.unsent */
};

struct requests {
    struct request **slots; /* owned, BROKER_REQUESTS_MAX */
    uint32_t *free_slots;   /* owned, a stack */
    size_t free_count;
    uint64_t sequence;
    struct list waiting;
    struct list unsent;
    uint64_t refused; /* since the start: there was no room, or */
    uint64_t expired; /* no answer came in time */
};

/* Returns OK or NO_MEMORY. */
enum status requests_init(struct requests *requests);
void requests_fini(struct requests *requests);

/* Adds a request, whose message has its type and fields but the number. Returns OK, or FULL and
 * then done is not called. */
enum status requests_add(struct requests *requests, struct request *request, int64_t now_ms);

/* Forgets a request whose asker is gone; one that is not in the table stays so. */
void requests_remove(struct requests *requests, struct request *request);

/* The next one to send, or NULL. It stays unsent until requests_sent. */
struct request *requests_unsent(struct requests *requests);
void requests_sent(struct request *request);

/* Marks everything unsent again: the broker may not have got it. */
void requests_resend(struct requests *requests);

/* Ends the request that message answers. Returns OK, or NOT_FOUND (its asker is gone, or it is
 * nobody's). */
enum status requests_answer(struct requests *requests, const struct message *message,
                            struct frame_reader records);

/* Ends what is over its deadline. */
void requests_expire(struct requests *requests, int64_t now_ms);

/* Requests in the table. */
size_t requests_count(const struct requests *requests);

#endif
