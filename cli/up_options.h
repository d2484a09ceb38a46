#ifndef TROUPE_CLI_UP_OPTIONS_H
#define TROUPE_CLI_UP_OPTIONS_H

/* What `troupe up` was asked for. */

#include "cli/stack.h"

enum {
    UP_ROLES = 4,            /* programs of actors: character, image, video, webhook */
    UP_ACTORS_MAX = 64,      /* of each role */
    UP_WORD_SIZE_MAX = 4095, /* bytes of a word that children get as a setting: a path's */
};

struct up_options {
    const char *provider; /* local, live, null or null:MS */
    const char *rate;     /* "off", or NULL */
    const char *metrics;  /* NULL: the broker and the actors serve none */
    int64_t metrics_port;
    const char *assets; /* NULL: in the data directory */
    int64_t port;
    int64_t actors; /* of each role */
    bool json;
    char data[PATH_SIZE_MAX];
};

/* Reads the words of the command line. Returns an exit code of command.h, after a message unless it
 * is 0. */
int up_options_read(struct up_options *options, int count, char **words);

/* Whether the studio is the provider, which the stack then runs itself. */
bool up_options_is_local(const struct up_options *options);

/* Whether who watches on a terminal is to see trouble only, as they have not said otherwise. */
bool up_options_are_quiet(void);

#endif
