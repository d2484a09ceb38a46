#ifndef TROUPE_BROKER_BULK_WORK_H
#define TROUPE_BROKER_BULK_WORK_H

/*
 * Has bulks go on in the background: a reader thread looks for the next jobs of one, the core takes
 * them in one step, and then it is another's turn. Part of the shell; embedded by the broker.
 */

#include "broker/core/core.h"

enum {
    BULK_PAUSE_MS = 25,   /* between two pages: 5,120 jobs a second at most, and the turns between
                              are for everything else */
    BULK_AGAIN_MS = 1000, /* before a look that failed is made again */
};

struct broker;
struct read;

struct bulk_work {
    struct bulk bulk;       /* that the page is of, as it was when the look began */
    struct bulk_page *page; /* owned */
    bool under_way;         /* a reader has both */
    int64_t next_at;        /* the next look, if a bulk goes on */
    enum status status;     /* of the last look: a failure that lasts is logged once */
};

/* Returns OK or NO_MEMORY; bulk_work_fini is due in either case, after the readers have ended. */
enum status bulk_work_init(struct bulk_work *work);
void bulk_work_fini(struct bulk_work *work);

/* When the next look is due; INT64_MAX while one is under way or no bulk goes on. */
int64_t bulk_work_wake(const struct broker *broker);

/* Has a reader look when it is time to; after the commit. */
void bulk_work_push(struct broker *broker);

/* Hands the core what a reader found. */
void bulk_work_take(struct broker *broker, struct read *read);

#endif
