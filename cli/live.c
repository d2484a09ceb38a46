#include "cli/live.h"

#include <stdio.h>
#include <string.h>
#include "base/settings.h"
#include "cli/command.h"

int live_check(const char *provider, int64_t actors)
{
    static const char *const settings[] = {"TROUPE_CHAT_URL",  "TROUPE_CHAT_MODEL",
                                           "TROUPE_IMAGE_URL", "TROUPE_IMAGE_MODEL",
                                           "TROUPE_VIDEO_URL", "TROUPE_VIDEO_MODEL"};
    int missing = 0;
    bool has_file = settings_text("TROUPE_PROVIDERS_FILE", NULL) != NULL;
    if (strcmp(provider, "live") != 0 || actors == 0 || has_file) {
        return EXIT_CODE_OK;
    }
    for (size_t index = 0; index < sizeof settings / sizeof settings[0]; index++) {
        if (settings_text(settings[index], NULL) == NULL) {
            fprintf(stderr, missing == 0 ? "troupe: --provider live needs %s" : ", %s",
                    settings[index]);
            missing++;
        }
    }
    if (missing > 0) {
        fprintf(stderr, " in the environment (keys: TROUPE_CHAT_KEY, TROUPE_IMAGE_KEY, "
                        "TROUPE_VIDEO_KEY), or TROUPE_PROVIDERS_FILE\n");
    }
    return missing > 0 ? EXIT_CODE_USAGE : EXIT_CODE_OK;
}
