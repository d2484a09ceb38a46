#ifndef TROUPE_BROKER_STORE_H
#define TROUPE_BROKER_STORE_H

/*
 * The one owner of RocksDB: applies batches durably and gives views. One database a broker. The
 * seam for other engines (a replicated log) is store_commit: a numbered batch goes in, a verdict
 * comes out. Opaque; owned by main.
 */

#include "base/build.h"
#include "broker/batch.h"
#include "broker/forget.h"
#include "broker/view.h"

enum {
    SPACE_FLOOR = 512 << 20, /* bytes: with less free space new work is refused */
    STORE_FORMAT = 1,        /* of keys and values as a whole (values.h): an older broker refuses */
};

struct store;

/* RocksDB, for --version. */
struct build_library store_library(void);

enum commit_result {
    COMMIT_DURABLE, /* synced: it may be spoken of */
    COMMIT_FENCED,  /* another broker owns this shard now: stop */
    COMMIT_UNKNOWN, /* may or may not have happened: stop, and find out at the next start */
};

/* Zero but for directory in production. */
struct store_options {
    const char *directory;
    bool unsynced; /* for tests: commits are not synced, so that a power cut loses them */
    uint64_t
        fault_commit;     /* for tests: this commit, counted from 1, is written in part of the cases
                              only (odd ones are) and answered by UNKNOWN; 0 for none */
    uint64_t fault_read;  /* for tests: this get or scan, counted from 1, fails; 0 for none */
    char fault_read_kind; /* only those of such keys (keys.h) count; '\0': all */
};

/* Opens or makes the database in the directory (made with mode 0700 if needed) and locks it.
 * Returns OK, BUSY (another broker has it), DENIED, FULL, MALFORMED (damaged or of a newer
 * format), NO_MEMORY or IO; *detail is then a text for people, to be freed by the caller. */
enum status store_open(const struct store_options *options, struct store **out, char **detail);
void store_close(struct store **store);

/* Writes the batch with sync. Blocks for the disk. An empty batch is durable at once. For one
 * thread only. */
enum commit_result store_commit(struct store *store, const struct batch *batch);

/* Why the last commit was not durable; "" when it was. Valid until the next commit. */
const char *store_error(const struct store *store);

/* A snapshot with everything committed before the call; view->commit says up to which batch. Any
 * thread. Returns OK or NO_MEMORY. Release it with store_view_close, which accepts NULL. */
enum status store_view_open(struct store *store, struct view **out);
void store_view_close(struct view **view);

/* Makes a copy of everything committed before the call in a new directory, whose parent exists on
 * the same file system: tables are linked, not copied. Commits go on meanwhile. Any thread but
 * the loop's: it blocks for the disk. Returns OK, FULL, DENIED or IO; *detail is then a text for
 * people, to be freed by the caller. */
enum status store_copy(struct store *store, const char *directory, char **detail);

/* Bytes of the tables. Any thread. */
uint64_t store_size(const struct store *store);

/* From now on what is older (forget.h) goes when tables are rewritten anyway; no later than a
 * month after it could, because RocksDB rewrites every table by then. Any thread. */
void store_forget(struct store *store, const struct forgetting *forgetting);

/* What RocksDB tells of itself. */
enum store_number {
    STORE_NUMBER_KEYS, /* an estimate */
    STORE_NUMBER_TABLE_BYTES,
    STORE_NUMBER_LIVE_BYTES, /* an estimate */
    STORE_NUMBER_MEMTABLE_BYTES,
    STORE_NUMBER_CACHE_BYTES,
    STORE_NUMBER_PENDING_BYTES, /* of compactions */
    STORE_NUMBER_COMPACTIONS,   /* running */
    STORE_NUMBER_STOPPED,       /* 1 while writes are */
    STORE_NUMBER_ERRORS,        /* of background work */
};
enum {
    STORE_NUMBER_COUNT = STORE_NUMBER_ERRORS + 1,
};

/* Reads one of them. Returns whether it is told. Any thread. */
bool store_number(const struct store *store, enum store_number number, uint64_t *out);

/* Free bytes of the file system below the directory, or UINT64_MAX when it cannot be told. */
uint64_t store_space_left(const struct store *store);

#endif
