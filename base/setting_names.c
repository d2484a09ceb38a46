#include "base/setting_names.h"

#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/words.h"

enum {
    NAME_SIZE_MAX = 64, /* bytes of a variable's name that is looked at, the NUL included */
};

const char *const setting_names[] = {
    /* all programs */
    "TROUPE_LOG_FORMAT",
    "TROUPE_LOG_LEVEL",
    "TROUPE_METRICS",
    /* the broker */
    "TROUPE_ACTIVE_CHARACTER",
    "TROUPE_ACTIVE_IMAGE",
    "TROUPE_ACTIVE_USER",
    "TROUPE_ACTIVE_USER_WEBHOOK",
    "TROUPE_ACTIVE_VIDEO",
    "TROUPE_ACTIVE_WEBHOOK",
    "TROUPE_ACTOR_ENDPOINT",
    "TROUPE_BUDGET_USER_DAY",
    "TROUPE_BUDGET_USER_DAY_SOFT",
    "TROUPE_DATA",
    "TROUPE_GATEWAY_ENDPOINT",
    "TROUPE_JOBS_MAX",
    "TROUPE_RATE",
    "TROUPE_RATE_CHARACTER",
    "TROUPE_RATE_IMAGE",
    "TROUPE_RATE_VIDEO",
    "TROUPE_RATE_WEBHOOK",
    "TROUPE_RETENTION_CANCELLED",
    "TROUPE_RETENTION_COMPLETED",
    "TROUPE_RETENTION_FAILED",
    "TROUPE_RETENTION_TOMBSTONE",
    "TROUPE_SPACE_FLOOR",
    "TROUPE_TEST_FAULT_COMMIT",
    "TROUPE_TEST_FAULT_READ",
    "TROUPE_TEST_GAP_MS",
    "TROUPE_TEST_UNSYNCED",
    /* the gateway */
    "TROUPE_ASSETS",
    "TROUPE_ASSETS_AUTH",
    "TROUPE_ASSETS_S3",
    "TROUPE_ASSETS_SWEEP",
    "TROUPE_CORS_ORIGINS",
    "TROUPE_HTTP_LISTEN",
    "TROUPE_JWT_SECRET_FILE",
    "TROUPE_METRICS_ACCESS",
    "TROUPE_S3_ENDPOINT",
    "TROUPE_S3_KEY_ID",
    "TROUPE_S3_KEY_ID_FILE",
    "TROUPE_S3_PUBLIC_ENDPOINT",
    "TROUPE_S3_REGION",
    "TROUPE_S3_SECRET",
    "TROUPE_S3_SECRET_FILE",
    "TROUPE_S3_STYLE",
    "TROUPE_S3_TOKEN",
    "TROUPE_S3_TOKEN_FILE",
    "TROUPE_SUBMIT_RATE",
    "TROUPE_WEBHOOK_PRIVATE",
    "TROUPE_WRITE_TIMEOUT",
    /* actors */
    "QUEUE_CONCURRENCY",
    "TROUPE_CHAT_KEY",
    "TROUPE_CHAT_KEY_FILE",
    "TROUPE_CHAT_MODEL",
    "TROUPE_CHAT_PRICE",
    "TROUPE_CHAT_URL",
    "TROUPE_GRACE_MS",
    "TROUPE_IMAGE_API",
    "TROUPE_IMAGE_KEY",
    "TROUPE_IMAGE_KEY_FILE",
    "TROUPE_IMAGE_MODEL",
    "TROUPE_IMAGE_PRICE",
    "TROUPE_IMAGE_URL",
    "TROUPE_PAID_GRACE_MS",
    "TROUPE_PROVIDER",
    "TROUPE_PROVIDERS_FILE",
    "TROUPE_REPEAT_AFTER",
    "TROUPE_RESULT_HOSTS",
    "TROUPE_RESULT_PRIVATE",
    "TROUPE_STUDIO_URL",
    "TROUPE_VIDEO_KEY",
    "TROUPE_VIDEO_KEY_FILE",
    "TROUPE_VIDEO_MODEL",
    "TROUPE_VIDEO_PRICE",
    "TROUPE_VIDEO_URL",
    "TROUPE_WEBHOOK_CONCURRENCY",
    /* the studio */
    "TROUPE_STUDIO_CONNECTIONS",
    "TROUPE_STUDIO_FAULTS",
    "TROUPE_STUDIO_FAULT_RULES",
    "TROUPE_STUDIO_FAULT_SEED",
    "TROUPE_STUDIO_FILM_LATENCY_MS",
    "TROUPE_STUDIO_KEY",
    "TROUPE_STUDIO_LATENCY_CANCEL_MS",
    "TROUPE_STUDIO_LATENCY_CHAT_MS",
    "TROUPE_STUDIO_LATENCY_DOWNLOAD_MS",
    "TROUPE_STUDIO_LATENCY_IMAGE_MS",
    "TROUPE_STUDIO_LATENCY_LIST_MS",
    "TROUPE_STUDIO_LATENCY_MS",
    "TROUPE_STUDIO_LATENCY_POLL_MS",
    "TROUPE_STUDIO_LATENCY_SUBMIT_MS",
    "TROUPE_STUDIO_LATENCY_UPLOAD_MS",
    "TROUPE_STUDIO_LISTEN",
    "TROUPE_STUDIO_MEMORY_MIB",
    "TROUPE_STUDIO_PUBLIC_URL",
    "TROUPE_STUDIO_THREADS",
    /* the command line */
    "TROUPE_TOKEN",
    "TROUPE_URL",
    "TROUPE_USER",
    /* no program: what starts them, units, Compose and scripts */
    "TROUPE_PORT",
    "TROUPE_PROVIDERS_DIR",
    "TROUPE_SETUP",
    NULL,
};

/* The more letters a name has behind its prefix, the more of them may be wrong. */
static const char *nearest_to(const char *name)
{
    enum {
        PREFIX_SIZE = sizeof "TROUPE_" - 1,
        LETTERS_EACH = 3, /* of which one is wrong */
        WRONG_MAX = 3,
    };
    size_t letters = strlen(name) > PREFIX_SIZE ? strlen(name) - PREFIX_SIZE : 0;
    size_t wrong = letters / LETTERS_EACH;
    return words_nearest(setting_names, name, wrong < WRONG_MAX ? (int)wrong : WRONG_MAX);
}

bool setting_is_unknown(const char *name, const char *value, const char **like)
{
    bool is_ours = strncmp(name, "TROUPE_", strlen("TROUPE_")) == 0;
    *like = NULL;
    if ((!is_ours && strncmp(name, "QUEUE_", strlen("QUEUE_")) != 0) || value[0] == '\0' ||
        words_has(setting_names, name)) {
        return false;
    }
    *like = nearest_to(name);
    return *like != NULL || is_ours; /* others have a QUEUE_, too */
}

void settings_unknown_tell(setting_tell *tell, void *context)
{
    char name[NAME_SIZE_MAX];
    const char *like;
    for (char *const *variable = environ; *variable != NULL; variable++) {
        size_t size = strcspn(*variable, "=");
        if (size >= sizeof name || (*variable)[size] == '\0') {
            continue;
        }
        memcpy(name, *variable, size);
        name[size] = '\0';
        if (setting_is_unknown(name, *variable + size + 1, &like)) {
            tell(context, name, like);
        }
    }
}

/* setting_tell */
static void log_one(void *context, const char *name, const char *like)
{
    static const char key[] = "_KEY";
    size_t size = strlen(name);
    (void)context;
    if (like != NULL) {
        log_warn("unknown setting", "name=%s did_you_mean=%s", name, like);
    } else if (size < strlen(key) || strcmp(name + size - strlen(key), key) != 0) {
        log_warn("unknown setting", "name=%s", name);
    }
}

void settings_unknown_log(void)
{
    settings_unknown_tell(log_one, NULL);
}
