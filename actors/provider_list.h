#ifndef TROUPE_ACTORS_PROVIDER_LIST_H
#define TROUPE_ACTORS_PROVIDER_LIST_H

/*
 * The providers of one use, in the order in which they are asked, and what this process has learned
 * of each: who has just failed or been denied is passed over for a while when there is another one.
 * What all processes know of them is the broker's (PROTOCOL.md, Providers). Pure. main owns the
 * lists.
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/slice.h"
#include "proto/messages.h"

enum {
    PROVIDER_LIST_MAX = 8, /* of one use; a role has two at most */
};
_Static_assert(2 * PROVIDER_LIST_MAX <= PROVIDERS_ACTOR_MAX, "all of a role are declared");

enum provider_api {
    PROVIDER_API_OPENAI,    /* one request, one answer: chats, and pictures */
    PROVIDER_API_WAVESPEED, /* an order, and a task that is polled: pictures and videos */
};

struct provider_endpoint {
    const char *name; /* recorded with operations: a task is only resumed where it was submitted */
    const char *url;  /* base address, without a slash at its end */
    const char *model;
    enum provider_api api;
    const char *key;              /* NULL or empty: no Authorization */
    const char *account;          /* whose limits its calls count for; NULL: its own */
    bool allows_nsfw;             /* what it marks as not safe for work is taken */
    enum charge cancelled_charge; /* whether a task that it has dropped is paid for */
    bool looks_up; /* its list of predictions tells what became of a call of unknown outcome */
    const char *idempotency_header; /* by which it knows a call that is made again; NULL: none */
    int64_t timeout_ms;             /* of a request, see provider_timeout_ms; 0: the usual */
    int64_t poll_ms;                /* between polls of a task, at first; 0: the usual */
    uint32_t limit_second;          /* calls of the account in any second, of all hosts; 0: any */
    uint32_t limit_minute;
    uint32_t limit_day;
    uint32_t price; /* micro-dollars of a call that is charged; 0: nothing, or not told */

    int64_t avoid_until_ms; /* passed over until then */
    uint32_t successes;     /* calls that the broker has not been told of */
};

struct provider_list {
    size_t count;
    struct provider_endpoint items[PROVIDER_LIST_MAX];
};

/* Which API a use has unless its provider says otherwise; "openai", "wavespeed", and whether that
 * is one of them, which the use can have. */
enum provider_api provider_api_usual(enum provider_use use);
const char *provider_api_name(enum provider_api api);
bool provider_api_find(const char *name, enum provider_use use, enum provider_api *out);

/* Returns the one of that name, or NULL. */
struct provider_endpoint *provider_list_find(struct provider_list *list, struct slice name);

/* Returns the first that is not passed over now; when all are, the one that is soonest not. The
 * list is not empty. */
struct provider_endpoint *provider_list_choose(struct provider_list *list, int64_t now_ms);

/* How long a request to it may take that costs its provider some work: usual_ms unless the endpoint
 * has a time of its own. */
int64_t provider_timeout_ms(const struct provider_endpoint *endpoint, int64_t usual_ms);

/* Whether one that is not passed over is there besides this one. */
bool provider_list_has_other(const struct provider_list *list,
                             const struct provider_endpoint *endpoint, int64_t now_ms);

/* Passes it over until then at least. */
void provider_avoid(struct provider_endpoint *endpoint, int64_t until_ms);

#endif
