#ifndef TROUPE_BROKER_BACKUPS_H
#define TROUPE_BROKER_BACKUPS_H

/*
 * Copies of the store, made while the broker runs, below DATA/backups:
 *
 *   NAME/broker      the copy: a store like DATA/broker, whose tables are links to the same files
 *   NAME/SHA256SUMS  the checksums of the copy's files (base/checksums.h)
 *   NAME/record      what it is: a BACKUP record (proto/messages_backup.h)
 *   .NAME            one that is being made, or one that failed, until the next start
 *
 * A copy gets its name only when all of it was read back (store_check.h). One is made at a time,
 * by a thread of its own. Opaque; owned by the broker. The functions that answer block for the disk
 * and are called by the readers' threads, several at once.
 */

#include "base/clock.h"
#include "broker/store.h"
#include "proto/codec.h"

struct backups;

struct backups_options {
    struct store *store; /* borrowed, as all of these */
    const struct clock *clock;
    const char *data_directory;
    uint64_t space_floor; /* a backup is made when all of it would leave as much free */
};

/* Removes what an earlier run left half-made. Returns OK, NO_MEMORY or IO. */
enum status backups_new(const struct backups_options *options, struct backups **out);

/* Ends the one that is being made. */
void backups_destroy(struct backups **backups);

/* Begins one, and writes the BACKUP_PAGE that answers. Returns OK, or why the answer does not fit.
 */
enum status backups_make(struct backups *backups, const struct message_make_backup *message,
                         struct frame_writer *writer);

/* Writes the BACKUP_PAGE of those that there are. Returns as above. */
enum status backups_list(struct backups *backups, const struct message_list_backups *message,
                         struct frame_writer *writer);

#endif
