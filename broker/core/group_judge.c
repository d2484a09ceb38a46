#include "broker/core/state.h"

/* Whether a new group may be accepted: each of its jobs, and what ties them to each other. */

enum {
    SEEN_PLACES = 4096, /* of the set of a group's job ids; a power of two, four for each */
};

_Static_assert(SEEN_PLACES >= 4 * GROUP_JOBS_MAX, "the set of ids stays sparse");
_Static_assert(GROUP_JOBS_MAX < UINT16_MAX, "a place of it holds a number of a job");

struct judging {
    const struct core *core;
    const struct core_event *event;
    uint32_t dependants;
    uint16_t seen[SEEN_PLACES]; /* index + 1 of each job so far, by its id */
};

bool group_needs_documents(const struct message_submit *item)
{
    return kind_needs_character(item->kind) && id_is_zero(&item->parent);
}

/* Where an id stands in the set, or the empty place for it. */
static uint16_t *find_id(struct judging *judging, const struct id *job)
{
    uint32_t place = (uint32_t)hash_id(job) % SEEN_PLACES;
    while (judging->seen[place] != 0 &&
           !id_equal(&judging->event->items[judging->seen[place] - 1].job, job)) {
        place = (place + 1) % SEEN_PLACES;
    }
    return &judging->seen[place];
}

/* Whether the parent is an earlier job that makes what this one is made from: a picture shows the
 * character of a character job, a video is made from the picture of an image job. It starts when
 * that is there, and at no other time. */
static bool has_valid_parent(struct judging *judging, const struct message_submit *item)
{
    uint16_t place = *find_id(judging, &item->parent);
    if (place == 0 || item->run_at != 0) {
        return false;
    }
    const struct message_submit *parent = &judging->event->items[place - 1];
    bool is_same = id_equal(&item->character, &parent->character);
    if (item->kind == JOB_KIND_IMAGE) {
        return is_same && parent->kind == JOB_KIND_CHARACTER;
    }
    return is_same && item->kind == JOB_KIND_VIDEO && parent->kind == JOB_KIND_IMAGE &&
           id_equal(&item->source, &parent->media);
}

static bool has_valid_links(struct judging *judging, const struct message_submit *item)
{
    const struct message_submit_group *group = &judging->event->message->submit_group;
    if (!id_equal(&item->group, &group->group) || !slice_equal(item->owner, group->owner)) {
        return false;
    }
    if (id_is_zero(&item->parent)) {
        return true;
    }
    judging->dependants++;
    return judging->dependants <= DEPENDANTS_MAX && group->kind == GROUP_KIND_PIPELINE &&
           has_valid_parent(judging, item);
}

static enum reply_code judge_item(struct judging *judging, uint32_t index)
{
    const struct message_submit *item = &judging->event->items[index];
    if (!submit_is_valid(item, judging->core->now) || item->key.size > 0 ||
        !has_valid_links(judging, item) || core_index(judging->core, &item->job) != JOB_NONE) {
        return REPLY_CODE_INVALID;
    }
    uint16_t *place = find_id(judging, &item->job);
    if (*place != 0) {
        return REPLY_CODE_INVALID;
    }
    *place = (uint16_t)(index + 1);
    if (!group_needs_documents(item)) {
        return REPLY_CODE_OK;
    }
    const struct item_facts *facts = &judging->event->facts->items[index];
    return submit_judge_documents(item->kind, (enum fact_owned)facts->character,
                                  (enum fact_owned)facts->source);
}

enum reply_code group_judge(const struct core *core, const struct core_event *event, uint32_t *item)
{
    const struct message_submit_group *group = &event->message->submit_group;
    struct judging judging = {.core = core, .event = event};
    *item = 0;
    if (core->space_low) {
        return REPLY_CODE_DISK_FULL;
    }
    if (core_asked(core) + group->count > core->options.jobs_max) {
        return REPLY_CODE_TOO_MANY_JOBS;
    }
    for (uint32_t index = 0; index < group->count; index++) {
        enum reply_code code = judge_item(&judging, index);
        if (code != REPLY_CODE_OK) {
            *item = index + 1;
            return code;
        }
    }
    return REPLY_CODE_OK;
}
