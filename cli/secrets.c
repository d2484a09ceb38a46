#include "cli/secrets.h"

#include <stdio.h>
#include <string.h>

enum {
    MEMBER_SIZE = 48,
};

/* Whether a name is one of those, or one of those with more behind it, as in TROUPE_CHAT_KEY_FILE.
 * names end with NULL. */
static bool begins_as(const char *name, const char *const *names)
{
    while (*names != NULL && strncmp(name, *names, strlen(*names)) != 0) {
        names++;
    }
    return *names != NULL;
}

bool secrets_names(const struct document *providers, const char *name)
{
    static const char *const uses[] = {"chat", "image", "video"};
    char member[MEMBER_SIZE];
    for (size_t use = 0; use < sizeof uses / sizeof uses[0]; use++) {
        size_t count = document_count(providers, uses[use]);
        for (size_t index = 0; index < count; index++) {
            snprintf(member, sizeof member, "%s.%zu.keyEnv", uses[use], index);
            if (strcmp(document_text(providers, member, ""), name) == 0) {
                return true;
            }
        }
    }
    return false;
}

bool secrets_hide(const struct secrets *secrets, const char *name)
{
    static const char *const keys[] = {"TROUPE_CHAT_KEY", "TROUPE_IMAGE_KEY", "TROUPE_VIDEO_KEY",
                                       NULL};
    static const char *const bucket[] = {"TROUPE_S3_KEY_ID", "TROUPE_S3_SECRET", "TROUPE_S3_TOKEN",
                                         NULL};
    if (strcmp(name, "TROUPE_TOKEN") == 0) { /* of who calls the API from the command line */
        return true;
    }
    bool is_key = begins_as(name, keys) ||
                  (secrets->providers != NULL && secrets_names(secrets->providers, name));
    bool is_of_bucket = begins_as(name, bucket);
    /* The same variable can be both. */
    bool is_needed = (is_key && secrets->calls_providers) || (is_of_bucket && secrets->uses_bucket);
    return (is_key || is_of_bucket) && !is_needed;
}
