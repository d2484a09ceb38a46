#include <stdio.h>

#include "actors/studio/control.h"
#include "actors/studio/openai.h"
#include "actors/studio/routes.h"
#include "actors/studio/wavespeed.h"

enum {
    CHAT_SIZE_MAX = 1024 * 1024,       /* a long conversation */
    PROMPT_BODY_SIZE_MAX = 256 * 1024, /* 32,000 characters of four bytes, escaped */
    UPLOAD_BODY_SIZE_MAX = WAVESPEED_UPLOAD_SIZE_MAX + 64 * 1024, /* the file and its wrapping */
    SUBMIT_SIZE_MAX = 28 * 1024 * 1024, /* a picture of 20 MB as a data: URL */
    SMALL_SIZE_MAX = 64 * 1024,
};

static const struct route ROUTES[] = {
    {"GET", "/healthz", VENDOR_OPENAI, STEP_NONE, false, true, 0, control_health},
    {"GET", "/v1/models", VENDOR_OPENAI, STEP_NONE, false, false, 0, openai_models},
    {"POST", "/v1/chat/completions", VENDOR_OPENAI, STEP_CHAT, false, false, CHAT_SIZE_MAX,
     openai_chat},
    {"POST", "/v1/images/generations", VENDOR_OPENAI, STEP_IMAGE, false, false,
     PROMPT_BODY_SIZE_MAX, openai_image},
    {"POST", "/api/v3/media/upload/binary", VENDOR_WAVESPEED, STEP_UPLOAD, false, false,
     UPLOAD_BODY_SIZE_MAX, wavespeed_upload},
    {"POST", "/api/v3/upload", VENDOR_WAVESPEED, STEP_UPLOAD, false, false, UPLOAD_BODY_SIZE_MAX,
     wavespeed_upload},
    {"POST", "/api/v3/predictions/delete", VENDOR_WAVESPEED, STEP_CANCEL, false, false,
     SMALL_SIZE_MAX, wavespeed_delete_many},
    {"POST", "/api/v3/predictions", VENDOR_WAVESPEED, STEP_LIST, false, false, SMALL_SIZE_MAX,
     wavespeed_list},
    {"GET", "/api/v3/predictions/", VENDOR_WAVESPEED, STEP_POLL, false, false, 0, wavespeed_result},
    {"DELETE", "/api/v3/predictions/", VENDOR_WAVESPEED, STEP_CANCEL, false, false, SMALL_SIZE_MAX,
     wavespeed_delete},
    {"GET", "/api/v3/models", VENDOR_WAVESPEED, STEP_NONE, false, false, 0, wavespeed_models},
    {"POST", "/api/v3/", VENDOR_WAVESPEED, STEP_SUBMIT, false, false, SUBMIT_SIZE_MAX,
     wavespeed_submit},
    {"GET", "/files/", VENDOR_WAVESPEED, STEP_DOWNLOAD, false, true, 0, wavespeed_download},
    {"HEAD", "/files/", VENDOR_WAVESPEED, STEP_DOWNLOAD, false, true, 0, wavespeed_download},
    {"GET", "/studio/faults", VENDOR_OPENAI, STEP_NONE, true, false, 0, control_faults_read},
    {"PUT", "/studio/faults", VENDOR_OPENAI, STEP_NONE, true, false, FAULT_JSON_SIZE_MAX,
     control_faults_write},
    {"DELETE", "/studio/faults", VENDOR_OPENAI, STEP_NONE, true, false, 0, control_faults_clear},
    {"GET", "/studio/ledger", VENDOR_OPENAI, STEP_NONE, true, false, 0, control_ledger_read},
    {"DELETE", "/studio/ledger", VENDOR_OPENAI, STEP_NONE, true, false, 0, control_ledger_clear},
};

static bool path_fits(const char *pattern, struct slice path)
{
    size_t size = strlen(pattern);
    if (pattern[size - 1] == '/') {
        return path.size > size && memcmp(path.data, pattern, size) == 0;
    }
    return slice_equal(path, slice_from_string(pattern));
}

/* "/api/v3/" below takes in every model's path, but not those that name something else. */
static bool is_shadowed(const struct route *route, struct slice path)
{
    return route->handle == wavespeed_submit && path.size > 20 &&
           memcmp(path.data, "/api/v3/predictions/", 20) == 0;
}

const struct route *route_find(struct slice method, struct slice path, bool control,
                               char *allow_out, size_t allow_size)
{
    size_t used = 0;
    allow_out[0] = '\0';
    for (size_t index = 0; index < sizeof ROUTES / sizeof ROUTES[0]; index++) {
        const struct route *route = &ROUTES[index];
        if (!path_fits(route->path, path) || (route->control && !control) ||
            is_shadowed(route, path)) {
            continue;
        }
        if (slice_equal(method, slice_from_string(route->method))) {
            return route;
        }
        int size = snprintf(allow_out + used, allow_size - used, "%s%s", used == 0 ? "" : ", ",
                            route->method);
        used += size > 0 && used + (size_t)size < allow_size ? (size_t)size : 0;
    }
    return NULL;
}

enum vendor route_vendor(struct slice path)
{
    return path.size >= 5 && memcmp(path.data, "/api/", 5) == 0 ? VENDOR_WAVESPEED : VENDOR_OPENAI;
}
