#include "broker/store_walk.h"

#include <string.h>
#include "broker/batch.h"
#include "broker/store_status.h"

enum {
    WIDTH_MORE = 32, /* bytes of keys that are told apart, beyond those of the range's ends */
};

/* Keys as numbers of `width` bytes, the first one the highest; a shorter key ends with zeros. */
struct walk {
    rocksdb_t *database;
    const rocksdb_readoptions_t *options;
    rocksdb_iterator_t *iterator;
    size_t width;
    uint8_t low[KEY_BYTES_MAX];  /* what lies right behind this one cannot be read */
    uint8_t high[KEY_BYTES_MAX]; /* from here on it can */
    uint8_t end[KEY_BYTES_MAX];  /* of the range */
};

static enum status status_of(const rocksdb_iterator_t *iterator)
{
    char *error = NULL;
    rocksdb_iter_get_error(iterator, &error);
    enum status status = error == NULL ? STATUS_OK : store_read_status(error);
    rocksdb_free(error);
    return status;
}

static void widen(struct slice key, size_t width, uint8_t *out)
{
    size_t size = key.size < width ? key.size : width;
    memset(out, 0, width);
    if (size > 0) {
        memcpy(out, key.data, size);
    }
}

/* Whether what follows the place can be read. Behind the range there is nothing to read. Each time
 * with a new iterator: RocksDB 7.8 tells of the same block again when a seek comes back to the one
 * before it. */
static enum status seek(struct walk *walk, const uint8_t *place)
{
    size_t size = walk->width;
    if (memcmp(place, walk->end, walk->width) >= 0) {
        return STATUS_OK;
    }
    while (size > 0 && place[size - 1] == 0) {
        size--; /* a shorter key comes before one with zeros behind it */
    }
    rocksdb_iter_destroy(walk->iterator);
    walk->iterator = rocksdb_create_iterator(walk->database, walk->options);
    rocksdb_iter_seek(walk->iterator, (const char *)place, size);
    return status_of(walk->iterator);
}

/* Seeks ever further behind what cannot be read, each time 256 times as far, until something can
 * be; that is at the end of the range at the latest. */
static enum status step_over(struct walk *walk)
{
    enum status status = STATUS_MALFORMED;
    for (size_t place = walk->width; place > 0 && status == STATUS_MALFORMED; place--) {
        if (walk->low[place - 1] == UINT8_MAX) {
            continue;
        }
        memcpy(walk->high, walk->low, place);
        memset(walk->high + place, 0, walk->width - place);
        walk->high[place - 1]++;
        status = seek(walk, walk->high);
        if (status == STATUS_MALFORMED) {
            memcpy(walk->low, walk->high, walk->width);
        }
    }
    if (status == STATUS_MALFORMED) {
        memcpy(walk->high, walk->end, walk->width);
        status = STATUS_OK;
    }
    return status;
}

/* Gives the middle of low and high. Returns false when nothing is between them. */
static bool halve(const struct walk *walk, uint8_t *out)
{
    unsigned carry = 0;
    for (size_t place = walk->width; place > 0; place--) {
        carry += (unsigned)walk->low[place - 1] + walk->high[place - 1];
        out[place - 1] = (uint8_t)carry;
        carry >>= 8;
    }
    for (size_t place = 0; place < walk->width; place++) {
        unsigned twice = carry << 8 | out[place];
        out[place] = (uint8_t)(twice / 2);
        carry = twice % 2;
    }
    return memcmp(out, walk->low, walk->width) > 0;
}

/* The iterator stands before something that cannot be read, behind the key `last`. Takes it to the
 * first key behind that which can be. Returns OK, NOT_FOUND at the end of the range, or IO. At most
 * nine seeks for each byte of the width. */
static enum status pass_over(struct walk *walk, struct slice last, struct slice to)
{
    uint8_t middle[KEY_BYTES_MAX];
    size_t width = (last.size > to.size ? last.size : to.size) + WIDTH_MORE;
    walk->width = width < KEY_BYTES_MAX ? width : KEY_BYTES_MAX;
    widen(last, walk->width, walk->low);
    widen(to, walk->width, walk->end);
    enum status status = step_over(walk);
    while (status == STATUS_OK && halve(walk, middle)) {
        enum status found = seek(walk, middle);
        if (found == STATUS_IO) {
            status = found;
        }
        memcpy(found == STATUS_OK ? walk->high : walk->low, middle, walk->width);
    }
    if (status == STATUS_OK && memcmp(walk->high, walk->end, walk->width) >= 0) {
        return STATUS_NOT_FOUND;
    }
    return status == STATUS_OK ? seek(walk, walk->high) : status;
}

/* The last key that was visited: the iterator's own lives until it moves. */
struct last {
    uint8_t bytes[KEY_BYTES_MAX];
    size_t size;
};

static void keep(struct last *last, struct slice key)
{
    last->size = key.size < KEY_BYTES_MAX ? key.size : KEY_BYTES_MAX;
    if (last->size > 0) {
        memcpy(last->bytes, key.data, last->size);
    }
}

/* Visits what can be read, up to the end or something that cannot. Returns whether all of it was
 * wanted. */
static bool visit_some(rocksdb_iterator_t *iterator, struct last *last, view_visit *visit,
                       void *context)
{
    while (rocksdb_iter_valid(iterator)) {
        size_t key_size;
        size_t value_size;
        const char *key = rocksdb_iter_key(iterator, &key_size);
        const char *value = rocksdb_iter_value(iterator, &value_size);
        keep(last, slice_make(key, key_size));
        if (!visit(context, slice_make(key, key_size), slice_make(value, value_size))) {
            return false;
        }
        rocksdb_iter_next(iterator);
    }
    return true;
}

enum status store_walk(rocksdb_t *database, const rocksdb_readoptions_t *options, struct slice from,
                       struct slice to, view_visit *visit, void *context)
{
    struct last last;
    struct walk walk = {.database = database,
                        .options = options,
                        .iterator = rocksdb_create_iterator(database, options)};
    enum status status = STATUS_OK;
    bool is_damaged = false;
    keep(&last, from);
    rocksdb_iter_seek(walk.iterator, (const char *)from.data, from.size);
    while (status == STATUS_OK && visit_some(walk.iterator, &last, visit, context)) {
        status = status_of(walk.iterator);
        if (status != STATUS_MALFORMED) {
            break; /* the end of the range, or the disk */
        }
        is_damaged = true;
        status = pass_over(&walk, slice_make(last.bytes, last.size), to);
    }
    rocksdb_iter_destroy(walk.iterator);
    return is_damaged && status != STATUS_IO ? STATUS_MALFORMED : status;
}
