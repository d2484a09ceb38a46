#ifndef TROUPE_BASE_FILE_H
#define TROUPE_BASE_FILE_H

/* Small files and directories. May block. */

#include <sys/types.h>
#include "base/buffer.h"

/* Appends the whole file, or nothing. Returns OK, NOT_FOUND, DENIED, TOO_LARGE (out's limit),
 * NO_MEMORY or IO. */
enum status file_read(const char *path, struct buffer *out);

/* Writes a temporary file beside path, syncs it, renames it over path and syncs the directory: path
 * is whole or as it was. Returns OK, NOT_FOUND (the directory), DENIED, FULL or IO. After a failure
 * of the last step, the directory's sync, path holds the new content. */
enum status file_write(const char *path, struct slice content, mode_t mode);

/* Makes a directory and its parents with mode; one that exists is fine. Returns OK, DENIED, FULL
 * or IO. */
enum status directory_make(const char *path, mode_t mode);

/* Syncs a directory's entries. Returns OK or IO. */
enum status directory_sync(const char *path);

/* Removes a directory and all that is in it, following no link; one that is not there is fine.
 * Returns OK, DENIED or IO. */
enum status directory_remove(const char *path);

/* Opens and locks path (flock, exclusive, at once); the lock ends with the process or with
 * close(*fd_out). Returns OK, BUSY (somebody holds it), NOT_FOUND (the directory), DENIED, FULL
 * or IO. */
enum status file_lock(const char *path, int *fd_out);

#endif
