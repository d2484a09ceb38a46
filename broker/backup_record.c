#include "broker/backup_record.h"

#include <string.h>
#include "base/file.h"
#include "proto/codec.h"
#include "proto/text.h"

enum {
    RECORD_SIZE_MAX = 2048, /* bytes of a BACKUP record */
};

static struct slice text_keep(char *out, size_t size_max, struct slice text)
{
    struct slice clipped = text_clip(text, size_max - 1);
    if (clipped.size > 0) {
        memcpy(out, clipped.data, clipped.size);
    }
    out[clipped.size] = '\0';
    return slice_make(out, clipped.size);
}

void backup_record_set(struct backup_record *out, const struct message_backup *record)
{
    out->record = *record;
    out->record.name = text_keep(out->name, sizeof out->name, record->name);
    out->record.version = text_keep(out->version, sizeof out->version, record->version);
    out->record.error = text_keep(out->error, sizeof out->error, record->error);
}

void backup_record_set_error(struct backup_record *out, const char *error)
{
    out->record.error = text_keep(out->error, sizeof out->error, slice_from_string(error));
}

enum status backup_record_write(const struct backup_record *record, const char *path)
{
    struct buffer bytes;
    const struct message message = {.type = MESSAGE_TYPE_BACKUP, .backup = record->record};
    buffer_init(&bytes, RECORD_SIZE_MAX);
    enum status status = record_write(&bytes, &message);
    if (status == STATUS_OK) {
        status = file_write(path, buffer_slice(&bytes), 0600);
    }
    buffer_fini(&bytes);
    return status;
}

bool backup_record_read(const char *path, struct backup_record *out)
{
    struct buffer bytes;
    struct message message;
    buffer_init(&bytes, RECORD_SIZE_MAX);
    enum status status = file_read(path, &bytes);
    struct slice rest = buffer_slice(&bytes);
    bool good = status == STATUS_OK && record_read(&rest, &message) == STATUS_OK &&
                message.type == MESSAGE_TYPE_BACKUP;
    if (good) {
        backup_record_set(out, &message.backup);
    }
    buffer_fini(&bytes);
    return good;
}
