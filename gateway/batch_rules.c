#include "gateway/batch_rules.h"

#include <stdio.h>
#include "gateway/validate.h"

/* In the order of enum job_kind. */
static const char *const TYPES[] = {"character", "image", "video", NULL};

/* Members that are about the job, not for its actor. */
static const char *const OWN_MEMBERS[] = {"type", "characterId", "mediaId", "options", NULL};

bool batch_jobs(const struct body *body, struct json_value *jobs, struct problems *problems)
{
    *jobs = body_member(body, "jobs");
    if (jobs->kind == JSON_KIND_ABSENT) {
        problems_add(problems, "jobs", "is required");
    } else if (jobs->kind != JSON_KIND_LIST) {
        problems_add(problems, "jobs", "must be a list");
    } else if (jobs->count == 0 || jobs->count > GROUP_JOBS_MAX) {
        problems_add(problems, "jobs", "must have 1 to %d jobs", GROUP_JOBS_MAX);
    }
    return problems->count == 0;
}

static void item_check(struct group_item *item, bool private_allowed, struct problems *problems)
{
    struct json_value type = body_member(item->body, "type");
    int kind = type.kind == JSON_KIND_TEXT ? validate_word_index(TYPES, type.text) : -1;
    if (kind < 0) {
        problems_add(problems, "type", "must be one of character, image, video");
        return;
    }
    item->kind = (enum job_kind)kind;
    if (item->kind != JOB_KIND_CHARACTER) {
        group_item_id(item->body, "characterId", &item->character, problems);
    }
    if (item->kind == JOB_KIND_VIDEO) {
        group_item_id(item->body, "mediaId", &item->source, problems);
    }
    group_item_check(item, private_allowed, problems);
}

bool batch_item_read(const struct json_value *jobs, uint32_t index, bool private_allowed,
                     struct group_item *item, struct problems *problems)
{
    char prefix[PROBLEM_FIELD_SIZE];
    size_t before = problems->count;
    struct json_value value = body_item(jobs, index);
    *item = (struct group_item){.own_members = OWN_MEMBERS};
    if (value.kind != JSON_KIND_OBJECT) {
        snprintf(prefix, sizeof(prefix), "jobs[%u]", index);
        problems_add(problems, prefix, "must be an object");
        return false;
    }
    snprintf(prefix, sizeof(prefix), "jobs[%u].", index);
    problems->prefix = prefix;
    item->body = body_object(&value);
    item_check(item, private_allowed, problems);
    problems->prefix = NULL;
    return problems->count == before;
}
