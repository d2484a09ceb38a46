#include "actors/role_tools.h"

#include <stdio.h>
#include "proto/poses.h"

bool role_read(struct task *task, struct slice bytes, const char *what, json_t **out)
{
    if (bytes.size == 0) {
        bytes = SLICE_LITERAL("{}");
    }
    enum status status = document_parse(bytes, out);
    if (status == STATUS_NO_MEMORY) {
        role_fail_no_memory(task);
    } else if (status != STATUS_OK) {
        char text[128];
        snprintf(text, sizeof(text), "the %s is not a JSON object", what);
        task_fail(task, FAIL_KIND_PERMANENT, "bad_input", slice_from_string(text), 0);
    }
    return status == STATUS_OK;
}

void role_set_draft(struct task *task, json_t *draft)
{
    struct buffer bytes;
    buffer_init(&bytes, DOCUMENT_SIZE_MAX);
    if (document_write(draft, &bytes) == STATUS_OK) {
        task_set_draft(task, buffer_slice(&bytes));
    }
    buffer_fini(&bytes);
}

bool role_find_asset(struct task *task, json_t *draft, const char *name, struct asset *out)
{
    struct asset asset;
    char path[ASSET_PATH_SIZE_MAX];
    if (!draft_read_asset(draft, name, &asset)) {
        return false;
    }
    if (!task_providers(task)->is_null &&
        asset_store_find(task_assets(task), slice_from_string(asset.url), path) != STATUS_OK) {
        return false;
    }
    *out = asset;
    return true;
}

struct slice role_pose_words(json_t *payload)
{
    const struct pose *pose = pose_find(slice_from_string(role_text(payload, "poseId")));
    return slice_from_string(pose == NULL ? NULL : pose->prompt);
}

const char *role_text(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

void role_fail_no_memory(struct task *task)
{
    task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_LITERAL("the worker is out of memory"), 0);
}
