#include "tests/unit/damaged_store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "broker/keys.h"
#include "tests/unit/test.h"

enum {
    PATH_SIZE = 512,
    BATCH_KEYS = 500,
};

struct slice damaged_store_key(const struct damaged_store *disk, uint32_t place)
{
    return slice_make(disk->keys[place], disk->sizes[place]);
}

uint32_t damaged_store_place(const struct damaged_store *disk, struct slice key)
{
    for (uint32_t index = 0; index < disk->count; index++) {
        if (slice_equal(damaged_store_key(disk, index), key)) {
            return index;
        }
    }
    fail_msg("no such key");
    return 0;
}

static enum status open_store(struct damaged_store *disk)
{
    char *detail = NULL;
    const struct store_options options = {.directory = disk->directory, .unsynced = true};
    enum status status = store_open(&options, &disk->store, &detail);
    free(detail);
    if (status == STATUS_OK) {
        assert_int_equal(store_view_open(disk->store, &disk->view), STATUS_OK);
        disk->damage = (struct view_damage){0};
        disk->view->damage = &disk->damage;
    }
    return status;
}

static void close_store(struct damaged_store *disk)
{
    store_view_close(&disk->view);
    store_close(&disk->store);
}

void damaged_store_init(struct damaged_store *disk)
{
    memset(disk, 0, sizeof *disk);
    snprintf(disk->directory, sizeof disk->directory, "/tmp/troupe-damage-XXXXXX");
    assert_non_null(mkdtemp(disk->directory));
}

void damaged_store_fini(struct damaged_store *disk)
{
    char command[128];
    close_store(disk);
    snprintf(command, sizeof command, "rm -rf %s", disk->directory);
    assert_int_equal(system(command), 0);
}

void damaged_store_reopen(struct damaged_store *disk)
{
    close_store(disk);
    assert_int_equal(open_store(disk), STATUS_OK);
}

static bool copy_pair(void *context, struct slice key, struct slice value)
{
    struct damaged_store *disk = context;
    assert_true(disk->count < DAMAGED_KEYS_MAX && key.size <= KEY_BYTES_MAX);
    memcpy(disk->keys[disk->count], key.data, key.size);
    disk->sizes[disk->count++] = key.size;
    assert_int_equal(batch_put(&disk->batch, key, value), STATUS_OK);
    if (disk->batch.count == BATCH_KEYS) {
        assert_int_equal(store_commit(disk->store, &disk->batch), COMMIT_DURABLE);
        batch_clear(&disk->batch, disk->batch.number + 1);
    }
    return true;
}

void damaged_store_write(struct damaged_store *disk, struct view *view)
{
    static const uint8_t end = 0xff;
    assert_int_equal(open_store(disk), STATUS_OK);
    batch_init(&disk->batch);
    batch_clear(&disk->batch, 1);
    assert_int_equal(view->methods->scan(view, SLICE_EMPTY, slice_make(&end, 1), copy_pair, disk),
                     STATUS_OK);
    assert_int_equal(store_commit(disk->store, &disk->batch), COMMIT_DURABLE);
    batch_fini(&disk->batch);
    damaged_store_reopen(disk);
}

/* The only table. */
static off_t find_table(const struct damaged_store *disk, char path[PATH_SIZE])
{
    DIR *files = opendir(disk->directory);
    struct dirent *file;
    struct stat about = {0};
    assert_non_null(files);
    while ((file = readdir(files)) != NULL) {
        size_t length = strlen(file->d_name);
        if (length > 4 && strcmp(file->d_name + length - 4, ".sst") == 0) {
            assert_int_equal(about.st_size, 0);
            snprintf(path, PATH_SIZE, "%s/%s", disk->directory, file->d_name);
            assert_int_equal(stat(path, &about), 0);
        }
    }
    closedir(files);
    return about.st_size;
}

/* Changes a byte, or changes it back. */
static void flip(const char *path, off_t offset)
{
    FILE *table = fopen(path, "r+b");
    assert_non_null(table);
    assert_int_equal(fseek(table, offset, SEEK_SET), 0);
    int byte = fgetc(table);
    assert_int_equal(fseek(table, offset, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 0x55, table), EOF);
    assert_int_equal(fclose(table), 0);
}

static bool note(void *context, struct slice key, struct slice value)
{
    struct damaged_store *disk = context;
    (void)value;
    while (disk->next < disk->count && !slice_equal(damaged_store_key(disk, disk->next), key)) {
        disk->next++;
    }
    if (disk->next < disk->count) {
        disk->seen[disk->next++] = true;
    } else {
        disk->next = 0; /* a key of the store's own */
    }
    return true;
}

enum status damaged_store_scan(struct damaged_store *disk)
{
    static const uint8_t begin = 'A';
    static const uint8_t end = 0xff;
    memset(disk->seen, 0, sizeof disk->seen);
    disk->next = 0;
    return disk->view->methods->scan(disk->view, slice_make(&begin, 1), slice_make(&end, 1), note,
                                     disk);
}

/* Whether the newest damage lies before the key (-1), at it (0) or behind it (1). Nothing is opened
 * without the block of the format, and without the table's end. */
static int where_is_damage(struct damaged_store *disk, uint32_t place, bool is_end)
{
    if (open_store(disk) != STATUS_OK) {
        return disk->keys[place][0] > KEY_FORMAT && !is_end ? -1 : 1;
    }
    enum status status = damaged_store_scan(disk);
    close_store(disk);
    for (uint32_t index = 0; index < disk->count; index++) {
        if (disk->seen_before[index] && !disk->seen[index]) {
            assert_int_equal(status, STATUS_MALFORMED);
            return !disk->seen[place] ? 0 : index < place ? -1 : 1;
        }
    }
    return 1;
}

void damaged_store_damage(struct damaged_store *disk, struct slice key)
{
    char path[PATH_SIZE];
    uint32_t place = damaged_store_place(disk, key);
    off_t low = 0;
    off_t size = find_table(disk, path);
    off_t high = size;
    int where = 1;
    damaged_store_scan(disk);
    memcpy(disk->seen_before, disk->seen, sizeof disk->seen);
    close_store(disk);
    while (where != 0) {
        off_t middle = low + (high - low) / 2;
        assert_true(low < middle);
        flip(path, middle);
        where = where_is_damage(disk, place, middle > size / 2);
        if (where != 0) {
            flip(path, middle);
        }
        low = where < 0 ? middle : low;
        high = where > 0 ? middle : high;
    }
    assert_int_equal(open_store(disk), STATUS_OK);
}
