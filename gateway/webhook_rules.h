#ifndef TROUPE_GATEWAY_WEBHOOK_RULES_H
#define TROUPE_GATEWAY_WEBHOOK_RULES_H

/*
 * What clients may say of a webhook: where it is, which events it wants. Pure. What an address
 * resolves to is looked at when it is called (actors/http.c); here only what its text shows.
 */

#include "gateway/body.h"
#include "gateway/http_error.h"

/* What a body says of an endpoint. Borrowed from it. */
struct webhook_wish {
    struct slice url;         /* empty: not said */
    uint32_t events;          /* bit set of event_kind; 0: not said */
    bool has_description;     /* null counts as an empty one */
    struct slice description; /* valid with has_description */
    bool enabled;             /* said to be true: one that was disabled is told of events again */
};

/* Reads url, events, description and enabled; notes every wrong one. private_allowed: http and
 * addresses of private networks may be named. is_new: url is required, and enabled not known. */
void webhook_wish_read(const struct body *body, bool is_new, bool private_allowed,
                       struct webhook_wish *out, struct problems *problems);

/* Notes under the name field what is wrong with an address. */
void webhook_url_check(const char *field, struct slice url, bool private_allowed,
                       struct problems *problems);

/* Reads a list of events' names into a bit set; notes under the name field what is wrong. */
uint32_t webhook_events_read(const char *field, const struct json_value *list,
                             struct problems *problems);

#endif
