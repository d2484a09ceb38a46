#ifndef TROUPE_ACTORS_ASSET_OBJECT_H
#define TROUPE_ACTORS_ASSET_OBJECT_H

/*
 * Pictures and videos in a bucket: half of asset_store.h. An object is there only when it is whole:
 * a small one is put at once, a larger one in parts of STORE_PART_SIZE, of which one is in memory;
 * a store joins them at the end, and says how large the whole is. What is cut off is told to the
 * store. At most STORE_WRITES_MAX writes hold a part; the next one that has bytes waits for its
 * turn. The asset store owns the one instance.
 */

#include "actors/asset.h"
#include "actors/store_call.h"
#include "actors/turns.h"

struct object_writer;
struct object_cleanup;

struct object_store {
    struct store_line line;
    struct turns turns; /* of writers in parts */
    struct object_cleanup *cleanups;
    uint32_t cleanup_count;
};

/* Ends what is tidied up. No writer is left. */
void object_store_fini(struct object_store *store);

struct object_plan {
    const char *url;          /* /assets/... */
    const char *content_type; /* a literal */
    uint64_t size_max;        /* bytes */
    struct subject subject;   /* whose it is */
    bool is_whole; /* its bytes come at once, and are in memory anyway: no turn, no parts */
};

/* OK: the writer goes on; else it has failed (see object_writer_error). */
typedef void object_wake_function(void *context, enum status status);
typedef void object_done_function(void *context, enum status status, const struct asset *asset);

/* wake is called when a writer that said AGAIN goes on, or has failed. Returns OK or NO_MEMORY. */
enum status object_writer_begin(struct object_store *store, const struct object_plan *plan,
                                object_wake_function *wake, void *context,
                                struct object_writer **out);

/* The object is of another kind than was planned: before STORE_PART_SIZE bytes are added.
 * content_type is a literal. */
void object_writer_tell(struct object_writer *writer, const char *extension,
                        const char *content_type);

/* Appends. Returns OK, AGAIN (not taken: it is not its turn yet, or the store is slower; wake is
 * called when it may be), TOO_LARGE, NO_MEMORY or IO (see object_writer_error). May be called from
 * a transfer's write function. */
enum status object_writer_add(struct object_writer *writer, struct slice bytes);

/* Ends the object, and calls back later: OK with url, size and sha256 filled in, or IO. */
void object_writer_commit(struct object_writer *writer, object_done_function *done, void *context);

/* Why it failed, in words. */
const char *object_writer_error(const struct object_writer *writer);

/* What was not committed will not be there. Accepts NULL; nulls the caller's pointer. */
void object_writer_destroy(struct object_writer **writer);

/* The key of an asset's URL. */
struct slice object_key(const char *url);

#endif
