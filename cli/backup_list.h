#ifndef TROUPE_CLI_BACKUP_LIST_H
#define TROUPE_CLI_BACKUP_LIST_H

/* Lists of backups: read from their directory when no stack tells of them, and printed. */

#include <stdbool.h>
#include "cli/document.h"

/* Reads the backups below a directory, those that the broker has written a record beside; the
 * newest first, as the admin API lists them. A directory that is not there has none. Returns OK,
 * DENIED, NO_MEMORY or TOO_LARGE; *out is the caller's. */
enum status backup_list_read(const char *directory, struct document **out);

/* Prints data.backups as a table. */
enum status backup_list_print(const struct document *list);

#endif
