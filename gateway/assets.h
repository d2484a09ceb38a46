#ifndef TROUPE_GATEWAY_ASSETS_H
#define TROUPE_GATEWAY_ASSETS_H

/*
 * Pictures and videos, from the assets directory: GET and HEAD with ranges and validators (RFC
 * 9110, 13 and 14); or from a bucket, whose bytes are passed on (assets_proxy.c), or where whoever
 * asks is sent (assets_bucket.c). A name is never written twice, so that an answer may be kept for
 * ever. Nothing outside the directory, or the bucket's prefix, is reached: no link is followed, no
 * name begins with a dot, nothing is listed. Embedded by the gateway.
 */

#include "base/id.h"
#include "base/slice.h"
#include "base/status.h"
#include "gateway/router.h"
#include "s3/request.h"

struct assets {
    const struct s3_bucket *bucket;   /* NULL: the directory */
    const struct s3_bucket *visitors; /* the same, as those see it who are sent there; NULL: nobody
                                         is, bytes are passed on */
    int root;                         /* the directory's descriptor */
    uint32_t open_count;
};

/* Opens the directory, making it when it is not there. Returns OK, or DENIED or IO after
 * logging. */
enum status assets_init(struct assets *assets, const char *path);

/* Assets are in a bucket, which lives as long, as visitors does. */
void assets_init_bucket(struct assets *assets, const struct s3_bucket *bucket,
                        const struct s3_bucket *visitors);
void assets_fini(struct assets *assets);

/* Whether path may name an asset: segments as above, none empty. */
bool assets_path_is_fit(struct slice path);

/* Opens the file at path (segments of letters, digits, "-", "_" and "."). *fd is the caller's.
 * Returns OK, NOT_FOUND (also for what is no plain file, or no path of ours), BUSY (no descriptor
 * or memory is left) or IO, with errno. */
enum status assets_open(const struct assets *assets, struct slice path, int *fd);

/* Removes all assets of a character. The first call makes all of them unreachable; *left is how
 * many files may be removed, and is counted down. Returns OK, AGAIN (there are more) or IO. */
enum status assets_remove_character(const struct assets *assets, const struct id *character,
                                    uint32_t *left);

/* Removes one of them; any other URL is left alone. One that is not there is fine. Returns OK or
 * IO. */
enum status assets_remove(const struct assets *assets, const struct id *character,
                          struct slice url);

route_handler assets_get;

/* The same with a bucket (assets_bucket.c). */
route_handler assets_get_object;

/* Its bytes, passed on (assets_proxy.c). */
route_handler assets_proxy;

#endif
