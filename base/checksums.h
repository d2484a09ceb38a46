#ifndef TROUPE_BASE_CHECKSUMS_H
#define TROUPE_BASE_CHECKSUMS_H

/*
 * Lists of checksums, as sha256sum(1) of the GNU coreutils writes and checks them: a line for each
 * file, with its SHA-256 in hexadecimal, two spaces and its path. But for checksum_next, which is
 * pure, the functions may block.
 */

#include <stdatomic.h>
#include "base/buffer.h"
#include "base/encoding.h"

enum {
    CHECKSUM_SIZE = 2 * SHA256_SIZE, /* characters of a hash */
    CHECKSUMS_SIZE_MAX = 16 << 20,   /* bytes of a list */
};

struct checksum {
    struct slice hash; /* CHECKSUM_SIZE characters; borrowed from the list, as the path */
    struct slice path; /* not empty, without control characters */
};

/* Takes the next line off the list. Returns OK, NOT_FOUND when there is none, or MALFORMED. */
enum status checksum_next(struct slice *list, struct checksum *out);

/* Writes the hash of what a file holds, and a NUL. Stops when *stop becomes true, which may be
 * NULL. Returns OK, NOT_FOUND, DENIED, NO_MEMORY, AGAIN (it was stopped) or IO. */
enum status checksum_of_file(const char *path, const atomic_bool *stop,
                             char out[CHECKSUM_SIZE + 1]);

/* Writes a list of the files of a directory, which has no others in it, to path, durably (file.h);
 * prefix and a slash come before their names. Returns as checksum_of_file, TOO_LARGE, INVALID (a
 * name that has no place in a line) or FULL. */
enum status checksums_write(const char *directory, const char *prefix, const atomic_bool *stop,
                            const char *path);

#endif
