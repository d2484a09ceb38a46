#ifndef TROUPE_ACTORS_ASSET_STORE_H
#define TROUPE_ACTORS_ASSET_STORE_H

/*
 * Where pictures and videos go: a directory (asset_file.h) or a bucket (asset_object.h), by one
 * interface. An asset's URL is /assets/characters/<character id>/<random>.<extension> in both; the
 * rest of it is a file's path, or an object's key. It is there only when it is whole. main owns the
 * one instance.
 */

#include "actors/asset_file.h"
#include "actors/asset_object.h"
#include "actors/store_health.h"
#include "s3/settings.h"

struct asset_store {
    bool is_bucket;
    struct asset_directory directory;
    struct object_store objects;
    struct store_health health;
    struct asset_writer *probe; /* under way, of a bucket; owned */
};

/* assets is TROUPE_ASSETS' value, s3 what goes with it; NULL: a directory. Makes the directory when
 * it is missing. Returns OK, DENIED, IO or NO_MEMORY. */
enum status asset_store_init(struct asset_store *store, const char *assets,
                             const struct s3_settings *s3);

/* What the store is reached by; before its first use. */
void asset_store_attach(struct asset_store *store, struct loop *loop, struct http *http,
                        const struct clock *clock);

/* Whether the store takes what is made, as far as is known. When it does not: finds out, once in a
 * while and as if for this character, whether it does again; *wait_ms_out is when to ask again, and
 * health.words say why. */
bool asset_store_takes(struct asset_store *store, const struct id *character, int64_t *wait_ms_out);

/* Before what it was attached to ends. */
void asset_store_fini(struct asset_store *store);

/* ---- writing ---- */

struct asset_writer;

struct asset_plan {
    const struct id *character;
    const char *extension;
    const char *content_type; /* a literal */
    uint64_t size_max;        /* bytes */
    struct subject subject;   /* whose it is */
    bool is_whole;            /* all bytes come with one add */
};

/* wake is called when a writer that said AGAIN goes on, or has failed. random are 16 bytes for the
 * name. Returns OK, or without a writer TOO_LARGE (the directory's path), DENIED, FULL, IO or
 * NO_MEMORY. */
enum status asset_writer_begin(const struct asset_plan *plan, struct asset_store *store,
                               const uint8_t random[ID_SIZE], object_wake_function *wake,
                               void *context, struct asset_writer **out);

/* The asset is of another kind than was planned, as its first bytes say: before STORE_PART_SIZE
 * bytes are added. content_type is a literal. */
void asset_writer_tell(struct asset_writer *writer, const char *extension,
                       const char *content_type);

/* Appends. Returns OK, AGAIN (nothing was taken), TOO_LARGE, DENIED, FULL, IO or NO_MEMORY; after a
 * failure only asset_writer_destroy is allowed. */
enum status asset_writer_add(struct asset_writer *writer, struct slice bytes);

/* Makes the asset: calls back, at once or later, with OK and url, size and sha256 filled in, or
 * with DENIED, FULL or IO; then there is none. The writer may be destroyed in the callback. */
void asset_writer_commit(struct asset_writer *writer, object_done_function *done, void *context);

/* Why it failed, in words: the store's own, or the status'. Accepts NULL. */
const char *asset_writer_error(const struct asset_writer *writer, enum status status);

/* What was not committed will not be there. Accepts NULL; nulls the caller's pointer. */
void asset_writer_destroy(struct asset_writer **writer);

/* ---- reading ---- */

struct asset_reader;

/* path is that of a file with the asset, valid until the reader is destroyed; "" when only its
 * being there was asked for. status: OK, NOT_FOUND, MALFORMED (not a URL of ours) or IO. */
typedef void asset_reader_function(void *context, enum status status, const char *path);

/* Looks for an asset, and when wants_file has it in a file (of a bucket: a temporary one without a
 * name, in TMPDIR). Calls back, at once or later; the reader may be destroyed in the callback.
 * subject: for whom. Returns OK or NO_MEMORY. */
enum status asset_reader_begin(struct asset_store *store, const struct subject *subject,
                               const char *url, bool wants_file, asset_reader_function *function,
                               void *context, struct asset_reader **out);

/* Accepts NULL; nulls the caller's pointer. */
void asset_reader_destroy(struct asset_reader **reader);

#endif
