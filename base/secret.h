#ifndef TROUPE_BASE_SECRET_H
#define TROUPE_BASE_SECRET_H

/*
 * Keys and other secrets, which stand in a setting or in a file. A file that others can read keeps
 * no secret: it must be closed to everybody but its owner (mode 0600 or less). One on a read-only
 * mount may have any mode, because whoever mounted it chose who sees it: secrets of containers are
 * such files. What was read is wiped before its memory is freed.
 */

#include "base/buffer.h"

enum {
    SECRET_SIZE_MAX = 4096, /* bytes of a file */
};

/* Reads a secret from a file, or takes it from a text (both may be NULL: an empty one), without
 * what is blank at its end; what is left must be printable ASCII without blanks. name is the
 * setting's, for the log. *out is the caller's, for secret_forget. Returns OK, or INVALID after
 * logging what is wrong. May block. */
enum status secret_read(const char *name, const char *path, const char *text, char **out);

/* Wipes and frees it. Accepts a NULL inside; nulls the caller's pointer. */
void secret_forget(char **secret);

/* Appends all bytes of a secret's file, as they are. Returns what file_read does, or INVALID: it is
 * open to others. */
enum status secret_file_read(const char *path, struct buffer *out);

/* Wipes what the buffer holds, and releases it. */
void secret_buffer_fini(struct buffer *buffer);

#endif
