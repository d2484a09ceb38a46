#include <assert.h>
#include "broker/query.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* What clients read of a group between two turns is the sum of its jobs. */

/* Jobs that are kept no longer do not count. */
static uint32_t count_kept(const struct model *model, const struct model_group *group)
{
    uint32_t kept = 0;
    for (uint32_t index = 0; index < group->count; index++) {
        kept += !model->jobs[group->first + index].durable.expired;
    }
    return kept;
}

static enum reply_code code_of(const struct model *model, const struct model_group *group)
{
    if (!model->jobs[group->first].durable.exists) {
        return REPLY_CODE_NOT_FOUND;
    }
    return count_kept(model, group) > 0 ? REPLY_CODE_OK : REPLY_CODE_EXPIRED;
}

static void check_state(struct world *world, const struct model_group *group,
                        const struct message_group_state *found)
{
    const struct model *model = &world->model;
    uint32_t counts[JOB_STATE_COUNT] = {0};
    uint64_t version = 0;
    uint32_t progress = 0;
    uint32_t kept = count_kept(model, group);
    for (uint32_t index = 0; index < group->count; index++) {
        const struct model_state *state = &model->jobs[group->first + index].durable;
        if (state->expired) {
            continue;
        }
        counts[state->state]++;
        version += state->version;
        progress += model_is_terminal(state) ? 100 : state->progress;
    }
    world_check(world, "groups are the sum of their jobs",
                found->total == kept && found->version == version &&
                    found->progress == progress / kept &&
                    found->pending == counts[JOB_STATE_PENDING] &&
                    found->waiting == counts[JOB_STATE_WAITING] &&
                    found->active == counts[JOB_STATE_ACTIVE] &&
                    found->completed == counts[JOB_STATE_COMPLETED] &&
                    found->failed == counts[JOB_STATE_FAILED] &&
                    found->cancelled == counts[JOB_STATE_CANCELLED],
                "the group of job %u", group->first);
    bool has_ended = found->pending + found->waiting + found->active == 0;
    world_check(world, "groups are the sum of their jobs", (found->completed_at != 0) == has_ended,
                "the group of job %u: completedAt", group->first);
}

static struct slice answer_open(struct world *world, struct frame_writer *writer,
                                struct buffer *bytes, enum status asked)
{
    world_check(world, "queries answer", asked == STATUS_OK, "%s", status_name(asked));
    frame_end(writer);
    return buffer_slice(bytes);
}

/* Compares the state, and the page of jobs behind it. */
static void check_page(struct world *world, const struct model_group *group,
                       struct frame_reader *reader, uint32_t skip)
{
    struct message message;
    enum status status = frame_next(reader, &message);
    const struct model *model = &world->model;
    world_check(world, "queries answer",
                status == STATUS_OK && message.type == MESSAGE_TYPE_GROUP_STATE, "%s",
                status_name(status));
    uint32_t count = message.group_state.count;
    world_check(world, "groups are the sum of their jobs",
                message.group_state.code == code_of(model, group), "the group of job %u: %s",
                group->first, reply_code_name(message.group_state.code));
    if (message.group_state.code != REPLY_CODE_OK) {
        return;
    }
    check_state(world, group, &message.group_state);
    const struct model_job *job = &model->jobs[group->first];
    for (uint32_t passed = 0; passed < skip && count > 0; job++) {
        passed += !job->durable.expired;
    }
    for (uint32_t index = 0; index < count; index++, job++) {
        status = frame_next(reader, &message);
        while (job->durable.expired) {
            job++;
        }
        world_check(world, "groups list their jobs in order",
                    status == STATUS_OK && id_equal(&message.job_state.job, &job->id) &&
                        id_equal(&message.job_state.group, &group->id) &&
                        id_is_zero(&message.job_state.parent) == (job->parent == 0) &&
                        message.job_state.version == job->durable.version,
                    "the group of job %u, its job %u", group->first, skip + index);
    }
}

static void check_group(struct world *world, const struct model_group *group)
{
    struct buffer bytes;
    struct frame_writer writer;
    struct frame_reader reader;
    struct store_view view;
    const struct message_get_group request = {.request = 9,
                                              .group = group->id,
                                              .skip = prng_below(&world->prng, group->count + 1),
                                              .limit = prng_below(&world->prng, group->count + 1)};
    buffer_init(&bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(&writer, &bytes, 0);
    assert(status == STATUS_OK);
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    status = query_group(&view.view, &request, &world->settings.retention, &writer);
    status = frame_open(&reader, answer_open(world, &writer, &bytes, status));
    assert(status == STATUS_OK);
    check_page(world, group, &reader, request.skip);
    buffer_fini(&bytes);
}

/* The next event of the group's jobs after one; event_last + 1 when there is none. */
static uint64_t event_after(const struct model *model, const struct model_group *group,
                            uint64_t event)
{
    uint32_t job;
    do {
        event++;
        job = event <= model->event_last ? model->event_jobs[event] : 0;
    } while (event <= model->event_last &&
             (job < group->first || job >= group->first + group->count ||
              model->jobs[job].durable.expired));
    return event;
}

static void check_events_page(struct world *world, const struct model_group *group,
                              struct frame_reader *reader, uint64_t after)
{
    const struct model *model = &world->model;
    struct message message;
    enum status status = frame_next(reader, &message);
    const struct message_event_page page = message.event_page;
    uint64_t event = after;
    world_check(world, "queries answer",
                status == STATUS_OK && message.type == MESSAGE_TYPE_EVENT_PAGE, "%s",
                status_name(status));
    for (uint32_t index = 0; index < page.count; index++) {
        status = frame_next(reader, &message);
        event = event_after(model, group, event);
        world_check(world, "a group's events are whole",
                    status == STATUS_OK && message.event.event == event, "the group of job %u",
                    group->first);
    }
    bool exists = model->jobs[group->first].durable.exists;
    bool more = event_after(model, group, event) <= model->event_last;
    world_check(world, "a group's events are whole",
                (page.code == REPLY_CODE_OK) == exists && (!exists || page.more || !more),
                "the group of job %u: %u events", group->first, page.count);
    world_check(world, "a group's events end",
                !exists || page.more || page.ended == (model_group_live(model, group) == 0),
                "the group of job %u", group->first);
}

static void check_events(struct world *world, const struct model_group *group)
{
    struct buffer bytes;
    struct frame_writer writer;
    struct frame_reader reader;
    struct store_view view;
    const struct message_get_events request = {
        .group = group->id,
        .owner = model_user(group->user),
        .after = (uint64_t)prng_between(&world->prng, 0, (int64_t)world->model.event_last),
        .limit = 1 + prng_below(&world->prng, 60),
    };
    buffer_init(&bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(&writer, &bytes, 0);
    assert(status == STATUS_OK);
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    status = query_events(&view.view, &request, world->now, &writer);
    status = frame_open(&reader, answer_open(world, &writer, &bytes, status));
    assert(status == STATUS_OK);
    check_events_page(world, group, &reader, request.after);
    buffer_fini(&bytes);
}

void model_group_check(struct world *world, const struct model_group *group)
{
    check_group(world, group);
    check_events(world, group);
    world_seen(world, SEEN_GROUP_TOLD);
}
