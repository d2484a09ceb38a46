#include "broker/backups.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/build.h"
#include "base/checksums.h"
#include "base/file.h"
#include "base/log.h"
#include "broker/backup_record.h"
#include "broker/query.h"
#include "broker/store_check.h"

enum {
    PATH_SIZE_MAX = 4096,
    NAME_PLACE_SIZE =
        BACKUP_NAME_SIZE_MAX + 2, /* of a directory: a dot before it, the NUL behind */
};

struct backups {
    struct backups_options options;
    char directory[PATH_SIZE_MAX]; /* DATA/backups */
    pthread_mutex_t lock;          /* of what follows */
    bool running;
    bool started; /* thread is to be joined */
    pthread_t thread;
    struct backup_record
        current; /* what is being made; the thread's own while it runs, but for its name */
    bool untold; /* that it failed: its record could not be written */
    atomic_bool stop;
};

/* ---- names and paths ---- */

static bool name_is_valid(struct slice name)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t index = 0; index < name.size; index++) {
        char letter = (char)name.data[index];
        bool is_plain = letter != '\0' && strchr(first, letter) != NULL;
        bool is_mark = letter == '.' || letter == '-' || letter == '_';
        if (!is_plain && !(index > 0 && is_mark)) {
            return false;
        }
    }
    return name.size > 0 && name.size <= BACKUP_NAME_SIZE_MAX;
}

/* DIRECTORY/place[/part]. Returns OK or TOO_LARGE. */
static enum status path_of(const struct backups *backups, const char *place, const char *part,
                           char out[PATH_SIZE_MAX])
{
    int size = snprintf(out, PATH_SIZE_MAX, "%s/%s%s%s", backups->directory, place,
                        part == NULL ? "" : "/", part == NULL ? "" : part);
    return size > 0 && size < PATH_SIZE_MAX ? STATUS_OK : STATUS_TOO_LARGE;
}

static bool exists(const struct backups *backups, const char *name)
{
    char path[PATH_SIZE_MAX];
    return path_of(backups, name, NULL, path) == STATUS_OK && access(path, F_OK) == 0;
}

/* ---- records ---- */

static enum status entry_write(const struct backups *backups, const struct backup_record *entry,
                               const char *place)
{
    char path[PATH_SIZE_MAX];
    enum status status = path_of(backups, place, "record", path);
    return status == STATUS_OK ? backup_record_write(entry, path) : status;
}

static bool entry_read(const struct backups *backups, const char *place, struct backup_record *out)
{
    char path[PATH_SIZE_MAX];
    return path_of(backups, place, "record", path) == STATUS_OK && backup_record_read(path, out);
}

/* ---- what there is ---- */

static int newest_first(const void *left, const void *right)
{
    int64_t one = ((const struct backup_record *)left)->record.created_at;
    int64_t other = ((const struct backup_record *)right)->record.created_at;
    return (one < other) - (one > other);
}

/* Names the directories of backups, each in turn: NULL at the end. */
static const char *next_place(DIR *directory)
{
    struct dirent *item;
    while (directory != NULL && (item = readdir(directory)) != NULL) {
        const char *name = item->d_name + (item->d_name[0] == '.');
        if (name_is_valid(slice_from_string(name))) {
            return item->d_name;
        }
    }
    return NULL;
}

/* Reads at most BACKUPS_MAX. A directory without a record is none. */
static uint32_t read_all(const struct backups *backups, struct backup_record *entries)
{
    uint32_t count = 0;
    const char *place;
    DIR *directory = opendir(backups->directory);
    while (count < BACKUPS_MAX && (place = next_place(directory)) != NULL) {
        count += entry_read(backups, place, &entries[count]);
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return count;
}

static uint32_t count_all(const struct backups *backups)
{
    uint32_t count = 0;
    DIR *directory = opendir(backups->directory);
    while (next_place(directory) != NULL) {
        count++;
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return count;
}

/* ---- making one ---- */

static uint64_t size_of(const char *path)
{
    uint64_t size = 0;
    struct dirent *item;
    struct stat about;
    DIR *directory = opendir(path);
    while (directory != NULL && (item = readdir(directory)) != NULL) {
        if (fstatat(dirfd(directory), item->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(about.st_mode)) {
            size += (uint64_t)about.st_size;
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return size;
}

/* Copies, and reads the copy back: it must hold the last commit from before. */
static enum status copy(struct backups *backups, const char *path, struct store_content *content,
                        char **detail)
{
    struct view *view = NULL;
    struct meta meta = {0};
    enum status status = store_view_open(backups->options.store, &view);
    if (status == STATUS_OK) {
        status = query_meta(view, &meta);
    }
    store_view_close(&view);
    if (status == STATUS_OK) {
        status = store_copy(backups->options.store, path, detail);
    }
    if (status == STATUS_OK) {
        status = store_check(path, &backups->stop, content, detail);
    }
    return status == STATUS_OK && content->meta.commit < meta.commit ? STATUS_MALFORMED : status;
}

/* A whole one gets its name. */
static enum status give_name(const struct backups *backups, const char *place)
{
    char from[PATH_SIZE_MAX];
    char to[PATH_SIZE_MAX];
    enum status status = path_of(backups, place, NULL, from);
    if (status == STATUS_OK) {
        status = path_of(backups, backups->current.name, NULL, to);
    }
    if (status == STATUS_OK && rename(from, to) != 0) {
        status = STATUS_IO;
    } else if (status == STATUS_OK) {
        status = directory_sync(backups->directory);
        if (status != STATUS_OK && rename(to, from) != 0) {
            log_error("a backup that failed keeps its name", "backup=%s", backups->current.name);
        }
    }
    return status;
}

/* It failed: what there is of it is let go, but for the record of that. Under the lock. */
static void give_up(struct backups *backups, const char *place, const char *reason)
{
    char path[PATH_SIZE_MAX];
    struct backup_record *entry = &backups->current;
    backup_record_set_error(entry, reason);
    if (path_of(backups, place, "broker", path) == STATUS_OK) {
        directory_remove(path);
    }
    backups->untold = entry_write(backups, entry, place) != STATUS_OK;
}

static void tell(const struct backup_record *entry, enum status status)
{
    if (status == STATUS_OK) {
        log_info("backup made",
                 "backup=%s jobs=%" PRIu64 " live=%" PRIu64 " bytes=%" PRIu64 " ms=%" PRId64,
                 entry->name, entry->record.jobs, entry->record.live, entry->record.size,
                 entry->record.completed_at - entry->record.created_at);
    } else {
        log_error("backup failed", "backup=%s status=%s detail=\"%s\"", entry->name,
                  status_name(status), entry->error);
    }
}

static void *run(void *context)
{
    struct backups *backups = context;
    struct backup_record *entry = &backups->current;
    struct store_content content = {0};
    char place[NAME_PLACE_SIZE];
    char path[PATH_SIZE_MAX];
    char sums[PATH_SIZE_MAX];
    char *detail = NULL;
    snprintf(place, sizeof place, ".%s", entry->name);
    enum status status = path_of(backups, place, "broker", path);
    if (status == STATUS_OK) {
        status = path_of(backups, place, "SHA256SUMS", sums);
    }
    if (status == STATUS_OK) {
        status = copy(backups, path, &content, &detail);
    }
    if (status == STATUS_OK) {
        status = checksums_write(path, "broker", &backups->stop, sums);
    }
    entry->record.completed_at = clock_now_ms(backups->options.clock);
    if (status == STATUS_OK) {
        entry->record.size = size_of(path);
        entry->record.keys = content.keys;
        entry->record.jobs = content.jobs;
        entry->record.live = content.live;
        entry->record.event_last = content.meta.event_last;
    } else {
        directory_remove(path); /* takes a while */
    }
    /* Who sees what became of it may make the next one. */
    pthread_mutex_lock(&backups->lock);
    if (status == STATUS_OK) {
        status = entry_write(backups, entry, place);
        status = status == STATUS_OK ? give_name(backups, place) : status;
    }
    if (status != STATUS_OK) {
        give_up(backups, place, detail != NULL ? detail : status_text(status));
    }
    tell(entry, status);
    free(detail);
    backups->running = false;
    pthread_mutex_unlock(&backups->lock);
    return NULL;
}

/* Begins one under the lock. Returns the code to answer with. */
static enum reply_code start(struct backups *backups)
{
    char place[NAME_PLACE_SIZE];
    char path[PATH_SIZE_MAX];
    const struct backup_record *entry = &backups->current;
    snprintf(place, sizeof place, ".%s", entry->name);
    enum status status = path_of(backups, place, NULL, path);
    if (status == STATUS_OK) {
        directory_remove(path); /* of one that failed */
        status = directory_make(path, 0700);
    }
    if (status == STATUS_OK) {
        status = directory_sync(backups->options.data_directory); /* the first one made its entry */
    }
    if (status == STATUS_OK) {
        status = entry_write(backups, entry, place);
    }
    if (status == STATUS_OK && pthread_create(&backups->thread, NULL, run, backups) != 0) {
        status = STATUS_NO_MEMORY;
    }
    backups->running = status == STATUS_OK;
    backups->started = status == STATUS_OK;
    if (status != STATUS_OK) {
        log_error("cannot begin a backup", "backup=%s status=%s", entry->name, status_name(status));
        if (status != STATUS_TOO_LARGE) {
            directory_remove(path);
        }
    }
    return status == STATUS_OK     ? REPLY_CODE_OK
           : status == STATUS_FULL ? REPLY_CODE_DISK_FULL
                                   : REPLY_CODE_BUSY;
}

static bool has_room(const struct backups *backups)
{
    const struct backups_options *options = &backups->options;
    return store_space_left(options->store) >= options->space_floor + store_size(options->store);
}

/* Lets go of one whose failure only the memory knows, before that knows another. */
static void forget_untold(struct backups *backups)
{
    char place[NAME_PLACE_SIZE];
    char path[PATH_SIZE_MAX];
    snprintf(place, sizeof place, ".%s", backups->current.name);
    if (backups->untold && path_of(backups, place, NULL, path) == STATUS_OK) {
        directory_remove(path);
    }
    backups->untold = false;
}

/* Decides under the lock; *about becomes what the answer is about, if anything. */
static enum reply_code decide(struct backups *backups, struct slice name,
                              struct backup_record *about, bool *has_about)
{
    char text[BACKUP_NAME_SIZE_MAX + 1] = "";
    *has_about = false;
    if (!name_is_valid(name)) {
        return REPLY_CODE_INVALID;
    }
    memcpy(text, name.data, name.size);
    if (backups->running) {
        *has_about = true;
        backup_record_set(about, &(struct message_backup){
                                     .name = slice_from_string(backups->current.name),
                                     .created_at = backups->current.record.created_at,
                                 });
        return REPLY_CODE_CONFLICT;
    }
    if (exists(backups, text)) {
        *has_about = entry_read(backups, text, about);
        return REPLY_CODE_CONFLICT;
    }
    if (count_all(backups) >= BACKUPS_MAX) {
        return REPLY_CODE_CONFLICT;
    }
    if (!has_room(backups)) {
        return REPLY_CODE_DISK_FULL;
    }
    if (backups->started) {
        pthread_join(backups->thread, NULL);
        backups->started = false;
    }
    forget_untold(backups);
    backup_record_set(&backups->current, &(struct message_backup){
                                             .name = name,
                                             .created_at = clock_now_ms(backups->options.clock),
                                             .version = slice_from_string(build_version()),
                                         });
    backup_record_set(about, &backups->current.record);
    enum reply_code code = start(backups);
    *has_about = code == REPLY_CODE_OK;
    return code;
}

enum status backups_make(struct backups *backups, const struct message_make_backup *message,
                         struct frame_writer *writer)
{
    struct backup_record about;
    bool has_about;
    pthread_mutex_lock(&backups->lock);
    enum reply_code code = decide(backups, message->name, &about, &has_about);
    pthread_mutex_unlock(&backups->lock);
    const struct message page = {
        .type = MESSAGE_TYPE_BACKUP_PAGE,
        .backup_page = {message->request, (uint8_t)code, has_about},
    };
    enum status status = frame_write(writer, &page);
    if (status == STATUS_OK && has_about) {
        const struct message record = {.type = MESSAGE_TYPE_BACKUP, .backup = about.record};
        status = frame_write(writer, &record);
    }
    return status;
}

/* That the last one failed may be more than its record says: the disk may have taken no more. Under
 * the lock. */
static void take_failure(const struct backups *backups, struct backup_record *entries,
                         uint32_t count)
{
    const struct backup_record *last = &backups->current;
    for (uint32_t index = 0; index < count && !backups->running; index++) {
        bool is_last = strcmp(entries[index].name, last->name) == 0 &&
                       entries[index].record.created_at == last->record.created_at;
        if (is_last && last->record.error.size > 0) {
            backup_record_set(&entries[index], &last->record);
        }
    }
}

enum status backups_list(struct backups *backups, const struct message_list_backups *message,
                         struct frame_writer *writer)
{
    struct backup_record *entries = calloc(BACKUPS_MAX, sizeof *entries);
    if (entries == NULL) {
        return STATUS_NO_MEMORY;
    }
    pthread_mutex_lock(&backups->lock); /* none is half way to its name */
    uint32_t count = read_all(backups, entries);
    take_failure(backups, entries, count);
    pthread_mutex_unlock(&backups->lock);
    struct message record = {
        .type = MESSAGE_TYPE_BACKUP_PAGE,
        .backup_page = {message->request, REPLY_CODE_OK, count},
    };
    qsort(entries, count, sizeof *entries, newest_first);
    enum status status = frame_write(writer, &record);
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        /* Sorting has moved the texts. */
        struct backup_record *entry = &entries[index];
        record.type = MESSAGE_TYPE_BACKUP;
        record.backup = entry->record;
        record.backup.name = slice_from_string(entry->name);
        record.backup.version = slice_from_string(entry->version);
        record.backup.error = slice_from_string(entry->error);
        status = frame_write(writer, &record);
    }
    free(entries);
    return status;
}

/* ---- life ---- */

/* What has a dot and is no backup may be anything: a file system's snapshots, a repository. */
static bool is_unfinished(const struct backups *backups, const char *place)
{
    static const char *const parts[] = {"record", "broker"};
    char path[PATH_SIZE_MAX];
    if (place[0] != '.') {
        return false;
    }
    for (size_t index = 0; index < sizeof parts / sizeof parts[0]; index++) {
        if (path_of(backups, place, parts[index], path) == STATUS_OK && access(path, F_OK) == 0) {
            return true;
        }
    }
    return path_of(backups, place, NULL, path) == STATUS_OK && rmdir(path) == 0; /* it was empty */
}

/* Nothing of this run is being made yet: what has a dot is left over. */
static void remove_leftovers(const struct backups *backups)
{
    char path[PATH_SIZE_MAX];
    const char *place;
    DIR *directory = opendir(backups->directory);
    while ((place = next_place(directory)) != NULL) {
        if (is_unfinished(backups, place) && path_of(backups, place, NULL, path) == STATUS_OK) {
            log_warn("a backup that was not finished is removed", "path=%s", path);
            directory_remove(path);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
}

enum status backups_new(const struct backups_options *options, struct backups **out)
{
    struct backups *backups = calloc(1, sizeof *backups);
    *out = NULL;
    if (backups == NULL) {
        return STATUS_NO_MEMORY;
    }
    backups->options = *options;
    pthread_mutex_init(&backups->lock, NULL);
    int size = snprintf(backups->directory, sizeof backups->directory, "%s/backups",
                        options->data_directory);
    if (size < 0 || size >= PATH_SIZE_MAX) {
        backups_destroy(&backups);
        return STATUS_IO;
    }
    remove_leftovers(backups);
    *out = backups;
    return STATUS_OK;
}

void backups_destroy(struct backups **backups)
{
    struct backups *old = *backups;
    if (old == NULL) {
        return;
    }
    atomic_store(&old->stop, true);
    if (old->started) {
        pthread_join(old->thread, NULL);
    }
    pthread_mutex_destroy(&old->lock);
    free(old);
    *backups = NULL;
}
