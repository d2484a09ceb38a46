#include <assert.h>
#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/model_stop.h"
#include "tests/sim/world.h"

/* Groups: accepted all or not at all, cancelled as one; and jobs that wait for another one. */

struct model_group *model_group_new(struct world *world)
{
    struct model *model = &world->model;
    assert(model->group_count < MODEL_GROUPS_MAX);
    return &model->groups[model->group_count++];
}

struct model_group *model_group_find(const struct model *model, const struct id *id)
{
    for (uint32_t index = 0; index < model->group_count; index++) {
        if (id_equal(&model->groups[index].id, id)) {
            return &model->groups[index];
        }
    }
    return NULL;
}

struct model_group *model_group_of(const struct model *model, const struct model_job *job)
{
    return job->group == 0 ? NULL : &model->groups[job->group - 1];
}

void model_group_acknowledged(struct world *world, const struct id *id)
{
    struct model_group *group = model_group_find(&world->model, id);
    world_check(world, "group", group != NULL, "an answer names a group that nobody asked for");
    group->acknowledged = true;
    for (uint32_t index = 0; index < group->count; index++) {
        world->model.jobs[group->first + index].acknowledged = true;
    }
}

static bool is_live(const struct model_state *state)
{
    return state->exists && !model_is_terminal(state);
}

static uint32_t count_existing(const struct model *model, const struct model_group *group)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < group->count; index++) {
        count += model->jobs[group->first + index].current.exists;
    }
    return count;
}

uint32_t model_group_live(const struct model *model, const struct model_group *group)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < group->count; index++) {
        count += is_live(&model->jobs[group->first + index].current);
    }
    return count;
}

static void check_whole(struct world *world, const struct model_group *group)
{
    uint32_t count = count_existing(&world->model, group);
    world_check(world, "groups are accepted as a whole", count == 0 || count == group->count,
                "%u of %u jobs of the group of job %u", count, group->count, group->first);
    world_check(world, "acknowledged jobs survive", count > 0 || !group->acknowledged,
                "the group of job %u is lost", group->first);
}

void model_groups_whole(struct world *world)
{
    for (uint32_t index = 0; index < world->model.group_count; index++) {
        check_whole(world, &world->model.groups[index]);
    }
}

/* ---- requests ---- */

void model_group_before(struct world *world, const struct core_event *event)
{
    struct model *model = &world->model;
    struct model_step *step = &model->step;
    const struct message *message = event->message;
    bool is_submit = message->type == MESSAGE_TYPE_SUBMIT_GROUP;
    struct model_group *group = model_group_find(model, is_submit ? &message->submit_group.group
                                                                  : &message->cancel_group.group);
    world_check(world, "group", group != NULL, "a request names a group that nobody asked for");
    step->group = group;
    step->group_existed = count_existing(model, group) > 0;
    step->group_lived = model_group_live(model, group) > 0;
    if (is_submit) {
        step->first = model_key_first(world, group->user, group->key);
        model_key_seen(world, &model->jobs[group->first], group->key);
    }
}

/* A job that is refused, or the group for itself. */
static bool refusal_is_true(const struct world *world, const struct model_group *group,
                            const struct message_reply *reply)
{
    const struct model *model = &world->model;
    if (reply->code == REPLY_CODE_DISK_FULL) {
        return model->space_low;
    }
    if (reply->code == REPLY_CODE_TOO_MANY_JOBS) {
        return model_asked(model) + group->count > world->settings.jobs_max;
    }
    if (reply->code == REPLY_CODE_OVER_BUDGET) {
        return model_money_may_refuse(world, group->user, group->count);
    }
    return reply->item > 0 && reply->item <= group->count &&
           model_refusal_is_true(world, &model->jobs[group->first + reply->item - 1],
                                 (enum reply_code)reply->code);
}

static void check_refused(struct world *world, const struct model_group *group,
                          const struct message_reply *reply)
{
    world_check(world, "refusals are true",
                world->model.step.writes == 0 && refusal_is_true(world, group, reply),
                "the group of job %u is refused: %s, item %u", group->first,
                reply_code_name(reply->code), reply->item);
    if (reply->item > 0) {
        world_seen(world, SEEN_GROUP_REFUSED);
    }
}

static void check_again(struct world *world, const struct id *expected,
                        const struct message_reply *reply)
{
    world_check(world, "a known group gets its first answer",
                reply->code == REPLY_CODE_OK && reply->replayed &&
                    id_equal(&reply->job, expected) && world->model.step.writes == 0,
                "%s", reply_code_name(reply->code));
    world_seen(world, SEEN_GROUP_REPLAYED);
}

static void check_submit(struct world *world, const struct message_reply *reply)
{
    struct model *model = &world->model;
    const struct model_group *group = model->step.group;
    const struct model_job *first = model->step.first;
    if (model->step.group_existed) {
        check_again(world, &group->id, reply);
    } else if (first != NULL && first->key_hash != group->key_hash) {
        world_check(world, "one body for an idempotency key",
                    reply->code == REPLY_CODE_KEY_REUSED && model->step.writes == 0, "%s",
                    reply_code_name(reply->code));
    } else if (first != NULL) {
        check_again(world, &model_group_of(model, first)->id, reply);
    } else if (reply->code != REPLY_CODE_OK) {
        check_refused(world, group, reply);
    } else {
        world_check(world, "groups are accepted as a whole",
                    count_existing(model, group) == group->count && !reply->replayed &&
                        id_equal(&reply->job, &group->id),
                    "the group of job %u", group->first);
    }
}

/* Every job that lived is cancelled, or asked to stop. */
static void check_cancelled(struct world *world, const struct model_group *group)
{
    const struct model *model = &world->model;
    for (uint32_t index = 0; index < group->count; index++) {
        const struct model_state *state = &model->jobs[group->first + index].current;
        world_check(world, "a group is cancelled as one",
                    model_is_terminal(state) ||
                        ((state->state == JOB_STATE_ACTIVE || model_stop_waits(state)) &&
                         state->cancel_asked),
                    "job %u is %s", group->first + index,
                    job_state_name((enum job_state)state->state));
    }
    world_seen(world, SEEN_GROUP_CANCELLED);
}

static void check_cancel(struct world *world, const struct message_cancel_group *cancel,
                         const struct message_reply *reply)
{
    const struct model_step *step = &world->model.step;
    bool may = cancel->admin || model_user_of(cancel->owner) == step->group->user;
    enum reply_code expected = REPLY_CODE_OK;
    if (!step->group_existed || !may) {
        expected = REPLY_CODE_NOT_FOUND;
    } else if (!step->group_lived) {
        expected = REPLY_CODE_ALREADY_ENDED;
    }
    world_check(world, "cancels are answered",
                reply->code == expected && id_equal(&reply->job, &cancel->group),
                "%s, should be %s", reply_code_name(reply->code), reply_code_name(expected));
    if (expected == REPLY_CODE_OK) {
        check_cancelled(world, step->group);
    } else {
        world_check(world, "cancels are answered", step->writes == 0, "it changed");
    }
}

void model_group_answer(struct world *world, const struct core_event *event,
                        const struct message_reply *reply)
{
    const struct message *message = event->message;
    bool is_submit = message->type == MESSAGE_TYPE_SUBMIT_GROUP;
    uint64_t request = is_submit ? message->submit_group.request : message->cancel_group.request;
    world_check(world, "one answer", reply->request == request, "to another request");
    check_whole(world, world->model.step.group);
    if (is_submit) {
        check_submit(world, reply);
    } else {
        check_cancel(world, &message->cancel_group, reply);
    }
}

/* ---- effects ---- */

void model_group_effect(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    const struct model_group *group = model_group_find(model, &effect->group->group);
    world_check(world, "accepted once",
                group != NULL && count_existing(model, group) == 0 &&
                    effect->group->count == group->count,
                "a group is accepted that was accepted before");
    model->written = true;
    if (group->key != 0) {
        model->keys[group->user][group->key] = (struct model_key){group->first, world->now};
    }
}

void model_group_event(struct world *world, const struct model_job *job,
                       const struct message_event *event)
{
    const struct model_group *group = model_group_of(&world->model, job);
    if (group == NULL) {
        world_check(world, "events name their group",
                    id_is_zero(&event->group) && event->group_left == 0, "job is of no group");
        return;
    }
    uint32_t live = model_group_live(&world->model, group);
    world_check(world, "events name their group",
                id_equal(&event->group, &group->id) && event->group_left == live,
                "group of job %u: %u left, should be %u", group->first, event->group_left, live);
    if (live == 0) {
        world_seen(world, SEEN_GROUP_ENDED);
    }
}

/* ---- who waits for whom ---- */

void model_parent_event(struct world *world, const struct model_job *job,
                        const struct message_event *event)
{
    const struct model_state *state = &job->current;
    int number = (int)model_job_number(&world->model, job);
    bool fails = slice_equal(event->error_code, SLICE_LITERAL("dependency_failed"));
    if (job->parent == 0) {
        world_check(world, "dependants fail with their parent", !fails, "job %d has none", number);
        return;
    }
    const struct model_job *parent = &world->model.jobs[job->parent - 1];
    bool completed = parent->current.state == JOB_STATE_COMPLETED;
    world_check(world, "a dependant waits for its parent",
                event->kind != EVENT_KIND_QUEUED || event->state == JOB_STATE_PENDING, "job %d",
                number);
    if (state->state == JOB_STATE_PENDING && event->state == JOB_STATE_WAITING) {
        world_check(world, "a dependant waits for its parent", completed, "job %d", number);
        world_seen(world, SEEN_RELEASED);
    }
    if (fails) {
        world_check(world, "dependants fail with their parent",
                    model_is_terminal(&parent->current) && !completed &&
                        state->state == JOB_STATE_PENDING && world->model.step.is_tick,
                    "job %d", number);
        world_seen(world, SEEN_ORPHANED);
    }
}

void model_parent_turn(struct world *world, const struct model_job *job)
{
    if (job->parent == 0 || job->current.state != JOB_STATE_PENDING) {
        return;
    }
    world_check(world, "nothing waits for what will never be",
                is_live(&world->model.jobs[job->parent - 1].current), "job %u",
                model_job_number(&world->model, job));
}
