#ifndef TROUPE_S3_SETTINGS_H
#define TROUPE_S3_SETTINGS_H

/*
 * The settings of an object store (TROUPE_S3_...), read and checked. Secrets come from the
 * environment or from files that nobody else can read, and are never logged. main owns the
 * instances.
 */

#include "s3/bucket.h"

struct s3_settings {
    struct s3_bucket bucket;
    struct s3_bucket visitors; /* the same, as those see it who are sent there */
    char *key_id;              /* owned, like the next two */
    char *secret;
    char *token;
};

/* Whether a value of TROUPE_ASSETS names a bucket; *location is what follows "s3:". */
bool s3_is_location(const char *assets, const char **location);

/* The directory that a value of TROUPE_ASSETS names. */
const char *s3_directory_of(const char *assets);

/* Reads everything for bucket[/prefix]. Returns OK, INVALID after logging what is wrong, or
 * NO_MEMORY. To be released in any case. */
enum status s3_settings_read(const char *location, struct s3_settings *settings);

/* Accepts zeroed settings; may be called twice. */
void s3_settings_fini(struct s3_settings *settings);

/* The settings' part of --help. */
extern const char s3_settings_help[];

#endif
