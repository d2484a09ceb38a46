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

static void take_lookup(void *context, enum status status, const char *path)
{
    (void)path;
    struct asset_lookup *lookup = context;
    if (status == STATUS_OK) {
        *lookup->out = lookup->asset;
    }
    if (status == STATUS_IO) { /* what it was paid for is there: the next attempt finds it */
        task_fail(lookup->task, FAIL_KIND_RETRY, "asset_store",
                  SLICE_LITERAL("the asset store does not tell what it has"), 0);
    } else {
        task_next(lookup->task);
    }
}

void role_find_asset(struct task *task, struct asset_lookup *lookup, json_t *draft,
                     const char *name, struct asset *out)
{
    const struct subject subject = subject_of(task_job(task));
    lookup->task = task;
    lookup->out = out;
    if (!draft_read_asset(draft, name, &lookup->asset)) {
        task_next(task);
    } else if (task_providers(task)->is_null) {
        *out = lookup->asset;
        task_next(task);
    } else if (asset_reader_begin(task_assets(task), &subject, lookup->asset.url, false,
                                  take_lookup, lookup, &lookup->reader) != STATUS_OK) {
        role_fail_no_memory(task);
    }
}

void asset_lookup_fini(struct asset_lookup *lookup)
{
    asset_reader_destroy(&lookup->reader);
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
