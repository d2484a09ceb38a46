#ifndef TROUPE_BROKER_BACKUP_RECORD_H
#define TROUPE_BROKER_BACKUP_RECORD_H

/* What a backup is, as it stands in a file beside it: a BACKUP record (proto/messages_backup.h). */

#include <stdbool.h>
#include "base/slice.h"
#include "proto/messages.h"

/* A BACKUP with the texts that it borrows. Owned by its holder, which may not move it. */
struct backup_record {
    struct message_backup record;
    char name[BACKUP_NAME_SIZE_MAX + 1];
    char version[VERSION_SIZE_MAX + 1];
    char error[ERROR_TEXT_SIZE_MAX + 1];
};

/* Takes the texts over, as much of them as there is room for. */
void backup_record_set(struct backup_record *out, const struct message_backup *record);
void backup_record_set_error(struct backup_record *out, const char *error);

/* Writes it durably. Returns OK, or as file_write. */
enum status backup_record_write(const struct backup_record *record, const char *path);

/* Reads one; false when there is none, or it is damaged. */
bool backup_record_read(const char *path, struct backup_record *out);

#endif
