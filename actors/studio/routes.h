#ifndef TROUPE_ACTORS_STUDIO_ROUTES_H
#define TROUPE_ACTORS_STUDIO_ROUTES_H

/* Which handler answers what. Constant table. */

#include "actors/studio/exchange.h"

struct route {
    const char *method;
    const char
        *path; /* ends with '/': everything below it, which needs at least one character more */
    enum vendor vendor;   /* whose error shape */
    enum step step;       /* whose faults and latency */
    bool control;         /* exists only when faults are on */
    bool keyless;         /* needs no bearer key */
    size_t body_size_max; /* bytes; 413 beyond */
    void (*handle)(struct exchange *exchange);
};

/* Finds the route, or NULL; then allow_out lists the methods that the path does know ("" when it
 * is unknown). */
const struct route *route_find(struct slice method, struct slice path, bool control,
                               char *allow_out, size_t allow_size);

/* Whose errors an unknown path gets. */
enum vendor route_vendor(struct slice path);

#endif
