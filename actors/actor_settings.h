#ifndef TROUPE_ACTORS_ACTOR_SETTINGS_H
#define TROUPE_ACTORS_ACTOR_SETTINGS_H

/* What an actor reads from its environment, checked. main owns the one instance. */

#include "actors/providers.h"
#include "actors/providers_file.h"
#include "actors/role.h"
#include "s3/settings.h"

struct actor_settings {
    const char *endpoint;        /* borrowed from the environment, like the other texts */
    const char *assets;          /* NULL with the null provider, and for webhooks */
    const char *metrics_address; /* NULL: off */
    bool has_bucket;             /* assets go to s3 ... */
    struct s3_settings s3;
    int64_t slots;
    int64_t grace_ms;
    int64_t paid_grace_ms;
    struct providers providers;
    struct providers_file file;
    bool lacks_provider; /* of a use of the role: it can check the others, and perform no job */
    char *keys[PROVIDER_USE_COUNT];  /* owned, from files or the environment; never logged */
    char *hosts[PROVIDER_USE_COUNT]; /* owned: names of the hosted providers */
    char *urls[PROVIDER_USE_COUNT];  /* owned: their base addresses */
};

/* Reads and checks all settings of a role. Returns OK, or INVALID after logging what is wrong. That
 * a use has no provider is logged, too, and left to the caller. */
enum status actor_settings_read(const struct role *role, struct actor_settings *settings);
void actor_settings_fini(struct actor_settings *settings);

/* The settings' part of --help. */
extern const char actor_settings_help[];

#endif
