#include "cli/passed_over.h"

#include <stdio.h>
#include <string.h>
#include "base/file.h"
#include "base/setting_names.h"
#include "base/settings.h"
#include "cli/secrets.h"
#include "cli/terminal_text.h"

enum {
    PROVIDERS_SIZE_MAX = 64 << 10, /* bytes of the file that names the providers */
};

struct document *passed_over_providers(void)
{
    struct buffer text;
    struct document *providers = NULL;
    const char *path = settings_text("TROUPE_PROVIDERS_FILE", NULL);
    buffer_init(&text, PROVIDERS_SIZE_MAX);
    if (path != NULL && file_read(path, &text) == STATUS_OK) {
        document_parse(buffer_slice(&text), &providers);
    }
    buffer_fini(&text);
    return providers;
}

/* setting_tell */
static void tell(void *context, const char *name, const char *like)
{
    const struct document *providers = context;
    if (providers != NULL && secrets_names(providers, name)) {
        return;
    }
    if (like != NULL) {
        terminal_line(stderr, "troupe: warning: unknown setting %s, did you mean %s?", name, like);
    } else {
        terminal_line(stderr, "troupe: warning: unknown setting %s", name);
    }
}

void passed_over_unknown(const struct document *providers)
{
    settings_unknown_tell(tell, (void *)providers);
}

bool passed_over_has(const struct document *providers, const char *name)
{
    const char *like;
    return setting_is_unknown(name, settings_text(name, ""), &like) &&
           (providers == NULL || !secrets_names(providers, name));
}

static void tell_unused(bool is_unused, const char *name, const char *instead)
{
    if (is_unused && settings_text(name, NULL) != NULL) {
        fprintf(stderr, "troupe: warning: `troupe up` does not use %s: %s\n", name, instead);
    }
}

void passed_over_unused(const char *provider, bool has_rate)
{
    static const char *const hosted[] = {"TROUPE_PROVIDERS_FILE", "TROUPE_CHAT_URL",
                                         "TROUPE_IMAGE_URL", "TROUPE_VIDEO_URL"};
    bool is_local = strcmp(provider, "local") == 0;
    bool is_live = strcmp(provider, "live") == 0;
    tell_unused(true, "TROUPE_HTTP_LISTEN", "--port says where the API listens");
    tell_unused(true, "TROUPE_METRICS", "--metrics says where the programs tell theirs");
    tell_unused(true, "TROUPE_ASSETS", "--assets says where pictures and videos go");
    tell_unused(has_rate, "TROUPE_RATE", "--rate was given");
    tell_unused(is_local, "TROUPE_STUDIO_LISTEN", "the studio takes a free port");
    tell_unused(true, "TROUPE_STUDIO_URL",
                is_local ? "it starts a studio itself" : "only --provider local has a studio");
    for (size_t index = 0; index < sizeof hosted / sizeof hosted[0]; index++) {
        tell_unused(!is_live, hosted[index],
                    "hosted providers need --provider live, or TROUPE_PROVIDER=live");
    }
}
