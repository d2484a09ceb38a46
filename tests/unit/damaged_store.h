#ifndef TROUPE_TESTS_UNIT_DAMAGED_STORE_H
#define TROUPE_TESTS_UNIT_DAMAGED_STORE_H

/*
 * A store of which blocks are damaged on disk. The blocks are RocksDB's own: the store is written
 * and closed, a byte of its table is changed, and it is opened again. Which byte lies in the
 * block of a key is found by trying, from the middle on: the table is in the order of its keys, and
 * a scan tells which of them cannot be read. In a directory of its own.
 */

#include "broker/batch.h"
#include "broker/store.h"

enum {
    DAMAGED_KEYS_MAX = 10000,
};

struct damaged_store {
    char directory[64];
    struct store *store; /* open but while it is written or damaged, as is its view */
    struct view *view;
    struct view_damage damage; /* noted in the view since the store was opened */
    uint32_t count;            /* of the keys, in their order */
    uint8_t keys[DAMAGED_KEYS_MAX][KEY_BYTES_MAX];
    size_t sizes[DAMAGED_KEYS_MAX];
    bool seen[DAMAGED_KEYS_MAX];        /* by the last scan */
    bool seen_before[DAMAGED_KEYS_MAX]; /* without the newest damage */
    struct batch batch;
    uint32_t next; /* where the scan is among the keys */
};

void damaged_store_init(struct damaged_store *disk);
void damaged_store_fini(struct damaged_store *disk);

/* Writes all that the view has, into one table, and opens it. */
void damaged_store_write(struct damaged_store *disk, struct view *view);

/* Closes it and opens it again: what was committed meanwhile is in a table of its own. */
void damaged_store_reopen(struct damaged_store *disk);

/* Damages the block that has the key as well. */
void damaged_store_damage(struct damaged_store *disk, struct slice key);

/* Scans everything, and notes what was seen. */
enum status damaged_store_scan(struct damaged_store *disk);

struct slice damaged_store_key(const struct damaged_store *disk, uint32_t place);
uint32_t damaged_store_place(const struct damaged_store *disk, struct slice key);

#endif
