#include "cli/backup_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "broker/backup_record.h"
#include "cli/stack.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "proto/backup_json.h"

enum {
    MEMBER_SIZE = 64,
    TEXT_SIZE_MAX = 1 << 20, /* bytes of all records as JSON, or as a table */
};

/* One of a directory: what its record says, and whether the copy is there. */
struct entry {
    struct backup_record about;
    bool has_store;
};

/* ---- reading ---- */

static bool entry_read(const char *directory, const char *name, struct entry *out)
{
    char backup[PATH_SIZE_MAX];
    char path[PATH_SIZE_MAX];
    struct stat about;
    bool is_read = stack_path(directory, name, backup) == STATUS_OK &&
                   stack_path(backup, "record", path) == STATUS_OK &&
                   backup_record_read(path, &out->about);
    out->has_store = is_read && stack_path(backup, "broker/CURRENT", path) == STATUS_OK &&
                     stat(path, &about) == 0;
    return is_read;
}

static int newest_first(const void *left, const void *right)
{
    int64_t one = ((const struct entry *)left)->about.record.created_at;
    int64_t other = ((const struct entry *)right)->about.record.created_at;
    return (one < other) - (one > other);
}

/* What no broker is making any more was cut off, and what has no store cannot be restored. */
static const char *error_of(const struct entry *entry)
{
    if (entry->about.error[0] != '\0') {
        return entry->about.error;
    }
    if (entry->about.record.completed_at == 0) {
        return "it was cut off";
    }
    return entry->has_store ? "" : "its store is not there";
}

static void entry_write(struct json_writer *writer, const struct entry *entry)
{
    /* Sorting has moved the texts. */
    struct message_backup record = entry->about.record;
    record.name = slice_from_string(entry->about.name);
    record.version = slice_from_string(entry->about.version);
    record.error = slice_from_string(error_of(entry));
    backup_json_write(writer, &record);
}

static enum status write_all(const struct entry *entries, size_t count, struct document **out)
{
    struct buffer text;
    struct json_writer writer;
    buffer_init(&text, TEXT_SIZE_MAX);
    json_writer_init(&writer, &text);
    json_object_begin(&writer);
    json_name(&writer, "data");
    json_object_begin(&writer);
    json_name(&writer, "backups");
    json_array_begin(&writer);
    for (size_t index = 0; index < count; index++) {
        entry_write(&writer, &entries[index]);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    json_object_end(&writer);
    enum status status = json_writer_status(&writer);
    if (status == STATUS_OK) {
        status = document_parse(buffer_slice(&text), out);
    }
    buffer_fini(&text);
    return status;
}

enum status backup_list_read(const char *directory, struct document **out)
{
    struct dirent *item;
    size_t count = 0;
    DIR *listed = opendir(directory);
    if (listed == NULL && errno != ENOENT) {
        return STATUS_DENIED;
    }
    struct entry *entries = calloc(BACKUPS_MAX, sizeof *entries);
    while (entries != NULL && listed != NULL && count < BACKUPS_MAX &&
           (item = readdir(listed)) != NULL) {
        count += entry_read(directory, item->d_name, &entries[count]);
    }
    enum status status = STATUS_NO_MEMORY;
    if (entries != NULL) {
        qsort(entries, count, sizeof *entries, newest_first);
        status = write_all(entries, count, out);
    }
    free(entries);
    if (listed != NULL) {
        closedir(listed);
    }
    return status;
}

/* ---- printing ---- */

static const char *text_at(const struct document *list, size_t index, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.backups.%zu.%s", index, name);
    return document_text(list, member, "");
}

static void put_backup(struct table *table, const struct document *list, size_t index)
{
    static const char *const numbers[] = {"bytes", "jobs", "liveJobs"};
    const char *state = text_at(list, index, "state");
    char member[MEMBER_SIZE];
    table_put(table, TABLE_PLAIN, "%s", text_at(list, index, "name"));
    table_put(table,
              strcmp(state, "failed") == 0    ? TABLE_RED
              : strcmp(state, "running") == 0 ? TABLE_YELLOW
                                              : TABLE_GREEN,
              "%s", state);
    table_put(table, TABLE_PLAIN, "%s", text_at(list, index, "createdAt"));
    for (size_t column = 0; column < sizeof numbers / sizeof numbers[0]; column++) {
        snprintf(member, sizeof member, "data.backups.%zu.%s", index, numbers[column]);
        table_put(table, TABLE_PLAIN, "%lld", (long long)document_integer(list, member, 0));
    }
    table_put(table, TABLE_PLAIN, "%s", text_at(list, index, "error"));
}

enum status backup_list_print(const struct document *list)
{
    static const char *const names[] = {"NAME",  "STATE",      "CREATED", "#BYTES",
                                        "#JOBS", "#NOT ENDED", "ERROR",   NULL};
    static const struct table_step steps[] = {
        {"CREATED", 19}, {"NOT ENDED", 0}, {"BYTES", 0}, {"CREATED", 0}, {NULL, 0}};
    struct table table;
    size_t count = document_count(list, "data.backups");
    table_init(&table, names);
    table_narrow(&table, steps);
    for (size_t index = 0; index < count; index++) {
        put_backup(&table, list, index);
    }
    enum status status = terminal_table(&table, false, "there are no backups");
    table_fini(&table);
    return status;
}
