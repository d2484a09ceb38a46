#ifndef TROUPE_CLI_ABOUT_H
#define TROUPE_CLI_ABOUT_H

/* What a job is about, and what became of it: its character's name, the ids and addresses of what
 * it made. Asks the server for what the job itself does not tell. */

#include "cli/follow.h"

enum {
    ABOUT_NAME_SIZE = 256, /* bytes of a character's name, the NUL included; more is cut */
};

/* Writes the name of the character that a job makes or is made from, "" when nobody tells it: of a
 * character that is not there yet only an admin hears, where the token is made here. */
void about_name(struct session *session, const char *family, const struct document *job,
                char out[ABOUT_NAME_SIZE]);

/* What is made: character, image, video; or what has many: batch, pipeline. */
const char *about_type(const char *family, const struct document *job);

/* Follows a job, batch or pipeline of which `about` tells (NULL: nothing is known): prints in a
 * line what it is, the jobs of many by their names, and at the end in rows or lines what became of
 * it; as JSON the events alone. Returns an exit code. */
int about_follow(struct session *session, const struct follow_options *options,
                 const struct document *about);

/* Prints the portrait of the character that a job has made: its media entry and its address. None
 * when it has made none, or that is gone. */
void about_print_portrait(struct session *session, const struct document *job);

/* Prints a row with the address of an asset that a member tells, whole, so that it can be opened;
 * none when there is no such member. */
void about_print_url(const struct session *session, const char *name,
                     const struct document *document, const char *path);

#endif
