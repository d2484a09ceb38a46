#ifndef TROUPE_CLI_MADE_H
#define TROUPE_CLI_MADE_H

/* What jobs made, from the words that name it: `character CHARACTER` or `media CHARACTER MEDIA`. */

#include <stdbool.h>

struct made_options {
    const char *data, *user;
    bool json;
};

/* Performs method, GET or DELETE, on what the words name, and prints the answer; usage is the
 * answer to other words, and to a negative count, of bad options. Returns an exit code of
 * command.h. */
int made_perform(const char *usage, const char *method, const struct made_options *options,
                 int count, char **words);

#endif
