#ifndef TROUPE_ACTORS_STUDIO_STUDIO_H
#define TROUPE_ACTORS_STUDIO_STUDIO_H

/* All that the studio knows while it runs. Owned by main; used from the loop's thread only. */

#include "actors/studio/faults.h"
#include "actors/studio/ledger.h"
#include "actors/studio/media.h"
#include "actors/studio/options.h"
#include "actors/studio/pool.h"
#include "actors/studio/repeats.h"
#include "actors/studio/tasks.h"
#include "base/clock.h"

struct server;

struct studio {
    struct options options;
    struct clock clock;
    struct faults faults;
    struct ledger ledger;
    struct repeats repeats;
    struct media media;
    struct tasks tasks;
    struct pool *pool;
    struct server *server;
};

/* 32 random hexadecimal digits: not to be guessed, as who knows a file's id may read it. */
void studio_id_make(char out[MEDIA_ID_SIZE]);

#endif
