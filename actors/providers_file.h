#ifndef TROUPE_ACTORS_PROVIDERS_FILE_H
#define TROUPE_ACTORS_PROVIDERS_FILE_H

/*
 * The file that names the hosted providers of each use, in the order in which they are asked
 * (docs/providers.md). It holds no keys, but where they are.
 *
 *     {"chat": [{"name", "url", "api", "model", "keyFile" or "keyEnv", "account", "price",
 *                "timeoutSeconds", "pollSeconds", "limits": {"perSecond", "perMinute", "perDay"}}],
 *      "image": [{… "idempotencyHeader", "lookUp", "allowNsfw", "chargesCancelled"}],
 *      "video": [{… as of image}]}
 */

#include "actors/provider_list.h"
#include "base/status.h"

struct json_t;

enum {
    PROVIDERS_FILE_SIZE_MAX = 64 << 10, /* bytes: 24 providers take a tenth of it */
    PROVIDERS_FILE_KEYS_MAX = PROVIDER_USE_COUNT * PROVIDER_LIST_MAX,
};

/* What the lists point into. */
struct providers_file {
    struct json_t *root; /* owned */
    char *keys[PROVIDERS_FILE_KEYS_MAX];
    size_t key_count;
};

/* Reads the file into the lists, which borrow from *out until providers_file_fini. Returns OK, or
 * INVALID after logging what is wrong. */
enum status providers_file_read(const char *path, struct provider_list lists[PROVIDER_USE_COUNT],
                                struct providers_file *out);
void providers_file_fini(struct providers_file *file);

/* Whether it is http or https, without credentials (its host is told as the provider's name) and
 * without a slash at its end; logs otherwise. */
bool provider_url_is_valid(const char *name, const char *url);

/* The size of a valid address without the part that each API's own paths begin with (`/v1`,
 * `/api/v3`): vendors' pages show it with that. */
size_t provider_url_base(const char *url, enum provider_api api);

#endif
