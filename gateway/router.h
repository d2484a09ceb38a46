#ifndef TROUPE_GATEWAY_ROUTER_H
#define TROUPE_GATEWAY_ROUTER_H

/*
 * Finds the route of a method and a path in a table. Pure; the table is routes.c's. It knows
 * nothing of handlers but their type.
 */

#include "base/slice.h"

struct exchange;

/* Answers one exchange, now or later. */
typedef void route_handler(struct exchange *exchange);

enum route_auth {
    ROUTE_AUTH_NONE,
    ROUTE_AUTH_BEARER,
    ROUTE_AUTH_BEARER_LARGE, /* the same, and the body may have GROUP_BODY_SIZE_MAX bytes */
    ROUTE_AUTH_VIEWER,       /* a bearer or the session cookie, with the role viewer or admin */
    ROUTE_AUTH_ADMIN,        /* with the role admin */
    ROUTE_AUTH_ASSET,        /* by setting: none or bearer */
};

/* pattern: segments that stand for themselves, ":name" for any one segment, and "*" as the last one
 * for all that is left. */
struct route {
    const char *method; /* GET routes answer HEAD as well */
    const char *pattern;
    route_handler *handler;
    enum route_auth auth;
};

enum {
    ROUTE_PARAMS_MAX = 2,
    ROUTER_ALLOW_SIZE = 64, /* bytes of an Allow header with every method */
};

struct route_match {
    const struct route *route;
    struct slice params[ROUTE_PARAMS_MAX]; /* borrowed from path, in the pattern's order */
    size_t param_count;
    bool head;                     /* the method is HEAD, the route GET's */
    char allow[ROUTER_ALLOW_SIZE]; /* on any result but NO_PATH: the path's methods */
};

enum router_result {
    ROUTER_FOUND,
    ROUTER_NO_PATH,   /* nothing has this path: 404 */
    ROUTER_NO_METHOD, /* the path exists, not for this method: 405, allow tells which */
    ROUTER_OPTIONS,   /* OPTIONS of a path that exists: allow tells which */
};

/* A pattern without parameters must stand before those that would take its path as well: it hides
 * them, for every method. */
enum router_result router_find(const struct route *routes, size_t count, struct slice method,
                               struct slice path, struct route_match *out);

/* The parameter of that name (":name") in the path of a route that was found. Returns false when
 * the pattern has none. */
bool router_param(const struct route_match *match, const char *name, struct slice *out);

#endif
