#ifndef TROUPE_BROKER_BATCH_H
#define TROUPE_BROKER_BATCH_H

/*
 * One commit: puts, deletes and counter additions over a flat key space, in order, as bytes. Pure.
 * The recorder (recorder.h) fills it from the core's effects; the store applies it as a whole or
 * not at all; the simulator applies it to its own memory.
 */

#include "base/buffer.h"

enum batch_operation {
    BATCH_PUT = 1,
    BATCH_DELETE = 2,
    BATCH_ADD = 3, /* value: signed 64 bits, little endian, added to the stored number, which is 0
                      where there is none */
};

enum {
    COMMIT_SIZE_MAX = 1 << 20, /* bytes that a turn stops draining at: design, one commit */
    BATCH_SIZE_MAX = 8 << 20,  /* bytes: room for what one turn's last group and its tick add */
    KEY_BYTES_MAX = 512,       /* bytes of a key */
    BATCH_ADD_SIZE = 8,        /* bytes of an addition's value */
};

struct batch {
    struct buffer bytes; /* operation, key size, value size, key, value; each integer 32 bits
                            little endian */
    uint32_t count;      /* operations */
    uint64_t number;     /* the commit's number */
};

void batch_init(struct batch *batch);
void batch_fini(struct batch *batch);
void batch_clear(struct batch *batch, uint64_t number);

/* Each appends one operation. Return OK, TOO_LARGE or NO_MEMORY; a failure changes nothing. */
enum status batch_put(struct batch *batch, struct slice key, struct slice value);
enum status batch_delete(struct batch *batch, struct slice key);
enum status batch_add(struct batch *batch, struct slice key, int64_t amount);

/* Appends the operations of another batch, of which there are count. Returns as above. */
enum status batch_append(struct batch *batch, struct slice operations, uint32_t count);

/* Bytes of all keys and values. */
size_t batch_size(const struct batch *batch);

/* One operation; the slices borrow from the batch. */
struct batch_entry {
    enum batch_operation operation;
    struct slice key;
    struct slice value;
};

/* Walks the operations: *position starts at 0. Returns false at the end. */
bool batch_next(const struct batch *batch, size_t *position, struct batch_entry *out);

#endif
