#ifndef TROUPE_ACTORS_ASSET_FILE_H
#define TROUPE_ACTORS_ASSET_FILE_H

/*
 * Pictures and videos in a directory, characters/<character id>/<random>.<extension>: half of
 * asset_store.h. A file appears under its name only when it is whole and synced; until then it is a
 * dot-file beside it. The random name (128 bits) makes the URL a capability. Calls may block for a
 * sync.
 */

#include "actors/asset.h"
#include "base/encoding.h"

struct asset_directory {
    char *root;
};

/* Writes the URL of a character's asset. Returns false when it is too long. */
bool asset_url(const struct id *character, const uint8_t random[ID_SIZE], const char *extension,
               char out[URL_SIZE_MAX + 1]);

/* Gives the URL of an asset another extension. */
void asset_url_set_extension(char url[URL_SIZE_MAX + 1], const char *extension);

/* Whether a URL is one of those: nothing that climbs out of a directory. */
bool asset_url_is_ours(struct slice url);

/* Makes the directory when it is missing. Returns OK, DENIED, IO or NO_MEMORY. */
enum status asset_directory_init(struct asset_directory *store, const char *root);
void asset_directory_fini(struct asset_directory *store);

enum {
    ASSET_PATH_SIZE_MAX = 1024, /* bytes with the NUL: the directory's own is the most of it */
};

/* A file being written. Embedded by its owner, zeroed before first use. */
struct file_writer {
    const struct asset_directory *store;
    int fd; /* valid while open */
    bool open;
    uint64_t size;
    uint64_t size_max;
    uint64_t asked_size; /* bytes that the disk was asked to write */
    struct sha256_stream hash;
    char url[URL_SIZE_MAX + 1];
    char path_part[ASSET_PATH_SIZE_MAX]; /* the dot-file */
};

/* Opens a new file of a character; size_max in bytes. random are 16 bytes for its name. Returns
 * OK, TOO_LARGE (the directory's path), DENIED, FULL, IO or NO_MEMORY. */
enum status file_writer_begin(struct file_writer *writer, const struct asset_directory *store,
                              const struct id *character, const uint8_t random[ID_SIZE],
                              const char *extension, uint64_t size_max);

/* Appends; may wait until the disk has what came some megabytes earlier. Returns OK, TOO_LARGE,
 * DENIED, FULL or IO; after a failure only file_writer_fini is allowed. */
enum status file_writer_add(struct file_writer *writer, struct slice bytes);

/* Syncs the file and gives it its name. Fills in url, size and sha256. Returns OK, DENIED, FULL
 * or IO; then there is no such file. */
enum status file_writer_commit(struct file_writer *writer, struct asset *out);

/* Removes what was not committed. Accepts a zeroed writer; may be called twice. */
void file_writer_fini(struct file_writer *writer);

/* Removes a file that was committed, if it is there. */
void asset_directory_remove(const struct asset_directory *store, const char *url);

/* Finds the file of a URL of this store. Returns OK, MALFORMED (not such a URL) or NOT_FOUND. */
enum status asset_directory_find(const struct asset_directory *store, struct slice url,
                                 char path_out[ASSET_PATH_SIZE_MAX]);

#endif
