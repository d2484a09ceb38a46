#include "tests/sim/model_stop.h"

#include "tests/sim/model_session.h"

/* Why a job is to stop though nobody asked for it. */
static bool is_stop_due(const struct world *world, const struct model_job *job,
                        enum job_ending ending)
{
    const struct model_state *state = &job->current;
    switch (ending) {
    case JOB_ENDING_CANCEL:
        return true; /* told with an event */
    case JOB_ENDING_DEADLINE:
        return world->now >= model_deadline(&world->model, job);
    case JOB_ENDING_START_DEADLINE:
        return false; /* a job that has not started has no task */
    case JOB_ENDING_TIMEOUT:
        return model_session_is_overdue(world, job) &&
               state->attempts_made + 1 == model_attempts_max(job->kind);
    case JOB_ENDING_STALLED:
        return model_session_silence(world, &state->worker) >= LEASE_MS &&
               state->workers_lost + 1 == model_workers_lost_max(job->kind);
    case JOB_ENDING_FAILED:
        return state->attempts_made + 1 == model_attempts_max(job->kind);
    case JOB_ENDING_COUNT:
        break;
    }
    return false;
}

static bool has_task(const struct model_state *state)
{
    bool found = false;
    for (int number = 0; number < PAID_NUMBERS; number++) {
        found |= state->operation_state[number] == OPERATION_STATE_SUBMITTED &&
                 state->operation_lease[number] != 0;
    }
    return found;
}

/* Who is at work for a job that is to stop, or gets it for that, drops its task: the next one is
 * told of it. The head is as the step leaves it, which may be further than what was told so far. */
static void note_asked(struct world *world, struct model_job *job, const struct job *head)
{
    struct model_state *state = &job->current;
    bool is_asking = head->stop_by != 0 && (head->state == JOB_STATE_ACTIVE || state->was_dropped);
    state->is_asked = has_task(state) && (state->is_asked || is_asking);
    world_check(world, "who was asked to drop a task is remembered",
                job->is_lied_about || state->is_asked == ((head->flags & JOB_FLAG_ASKED) != 0),
                "job %u: %d", model_job_number(&world->model, job), state->is_asked);
}

void model_stop_take(struct world *world, struct model_job *job, const struct job *head)
{
    struct model_state *state = &job->current;
    bool is_dropped = (head->flags & JOB_FLAG_DROP) != 0;
    bool is_new = head->stop_by != state->stop_by;
    if (model_is_terminal(state)) {
        return;
    }
    world_check(world, "a job that is to stop does", state->stop_by == 0 || head->stop_by != 0,
                "job %d goes on", (int)model_job_number(&world->model, job));
    world_check(world, "a job stops for a reason",
                state->stop_by != 0 || !is_new || is_stop_due(world, job, job_ending(head)),
                "job %d", (int)model_job_number(&world->model, job));
    bool is_sent = is_dropped > state->was_dropped;
    bool waits = head->state == JOB_STATE_WAITING && !is_dropped;
    world_check(
        world, "a job stops in time",
        !is_new || (waits && head->stop_by == world->now + DROP_WAIT_MS) ||
            (!waits && head->stop_by == world->now + CANCEL_MS && (state->stop_by == 0 || is_sent)),
        "job %d", (int)model_job_number(&world->model, job));
    if (is_sent && state->stop_by != 0 && state->state == JOB_STATE_WAITING) {
        world_seen(world, SEEN_DROP_WAITED);
    }
    if (is_new && job_ending(head) != JOB_ENDING_CANCEL) {
        world_seen(world, SEEN_STOPPED_UNASKED);
    }
    state->ends_failed = head->stop_by != 0 && job_ending(head) == JOB_ENDING_FAILED;
    world_check(world, "a job ends of a failure when its task is dropped",
                !state->ends_failed || is_dropped || waits, "job %d",
                (int)model_job_number(&world->model, job));
    state->stop_by = head->stop_by;
    state->next_attempt_at = waits && head->stop_by != 0 ? 0 : state->next_attempt_at;
    state->was_dropped = is_dropped;
    state->is_untold = (head->flags & JOB_FLAG_UNTOLD) != 0;
    note_asked(world, job, head);
}

void model_stop_over(struct world *world)
{
    const struct model_step *step = &world->model.step;
    const struct model_state *state = &step->job->current;
    bool is_sent = (state->state == JOB_STATE_ACTIVE && state->was_dropped) ||
                   (state->state == JOB_STATE_WAITING && state->stop_by != 0);
    enum job_state end = step->before.cancel_asked ? JOB_STATE_CANCELLED : JOB_STATE_FAILED;
    world_check(world, "a job that is to stop ends, or has its task dropped",
                state->state == end || (is_sent && !step->before.was_dropped), "job %u is %s",
                model_job_number(&world->model, step->job), job_state_name(state->state));
}

void model_stop_handed_back(struct world *world)
{
    const struct model_step *step = &world->model.step;
    struct model_state *state = &step->job->current;
    const struct model_state *before = &step->before;
    uint32_t number = model_job_number(&world->model, step->job);
    if (!before->was_dropped) {
        model_stop_over(world);
    } else if (state->state == JOB_STATE_ACTIVE) {
        world_check(world, "a task that is handed back goes to another worker",
                    state->lease == before->lease + 1 && state->stop_by == before->stop_by &&
                        has_task(before) && !id_equal(&state->worker, &before->worker),
                    "job %u", number);
        world_seen(world, SEEN_DROP_ELSEWHERE);
    } else if (state->state == JOB_STATE_WAITING) {
        world_check(world, "a task that is handed back waits for what is left of the time",
                    state->stop_by == before->stop_by && before->stop_by > world->now &&
                        has_task(before),
                    "job %u", number);
        state->is_returned = true;
    } else {
        world_check(world, "a task that is handed back goes to another worker",
                    before->stop_by <= world->now || step->job->is_lied_about || !has_task(before),
                    "job %u is %s", number, job_state_name(state->state));
    }
}

/* For as long as it has been tried; at once is too early for a disk. */
static void note_unread(struct world *world, struct model_state *state)
{
    int64_t tried_ms = world->now - (world->model.step.before.stop_by - CANCEL_MS);
    world_check(world, "what a disk fails to read waits", model_stop_waits(state), "it is %s",
                job_state_name(state->state));
    state->drop_at = world->now + (tried_ms > DROP_AGAIN_MS ? tried_ms : DROP_AGAIN_MS);
}

void model_stop_unread(struct world *world)
{
    const struct model_step *step = &world->model.step;
    struct model_state *state = &step->job->current;
    const struct model_state *before = &step->before;
    bool is_kept = state->stop_by == before->stop_by && before->stop_by > world->now;
    bool may_end = before->stop_by <= world->now || step->job->is_lied_about || !has_task(before);
    if (!before->was_dropped) {
        model_stop_over(world);
    } else {
        world_check(world, "a task that no worker got goes out again in what is left of the time",
                    model_is_terminal(state) ? may_end : is_kept && has_task(before),
                    "job %u is %s", model_job_number(&world->model, step->job),
                    job_state_name(state->state));
    }
    if (!model_is_terminal(state)) {
        note_unread(world, state);
    }
}

void model_stop_sent(struct world *world, struct model_job *job)
{
    struct model_state *state = &job->current;
    world_check(world, "what a disk failed to read is read again later",
                world->now >= state->drop_at, "job %u: %lld ms too early",
                model_job_number(&world->model, job), (long long)(state->drop_at - world->now));
    if (state->drop_at != 0) {
        world_seen(world, SEEN_DROP_READ);
    }
    state->drop_at = 0;
    state->is_returned = false;
}

void model_stop_untold(struct world *world)
{
    const struct model_step *step = &world->model.step;
    const struct model_state *state = &step->job->current;
    world_check(world, "who knows of no task leaves it to another", !model_is_terminal(state),
                "job %u is %s", model_job_number(&world->model, step->job),
                job_state_name(state->state));
    model_stop_over(world);
}

uint32_t model_stop_unheard(const struct model *model)
{
    uint32_t number = model->job_count;
    while (number > 0) {
        const struct model_state *state = &model->jobs[--number].durable;
        if (state->is_asked && state->state > JOB_STATE_COMPLETED && !state->expired) {
            return number;
        }
    }
    return JOB_UNKNOWN;
}

bool model_stop_waits(const struct model_state *state)
{
    return state->state == JOB_STATE_WAITING && state->stop_by != 0;
}

bool model_stop_has_waited(const struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    return model_stop_waits(state) && world->now >= state->stop_by &&
           world->now >= world->model.first_at + CANCEL_MS;
}

void model_stop_turn(struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    uint32_t number = model_job_number(&world->model, job);
    if (state->stop_by == 0 || state->state == JOB_STATE_ACTIVE) {
        return;
    }
    world_check(world, "only what is at work, or whose task is to be dropped, is to stop",
                model_stop_waits(state) && (has_task(state) || job->is_lied_about), "job %u",
                number);
    world_check(world, "a task waits to be dropped in time", !model_stop_has_waited(world, job),
                "job %u", number);
    const struct id *but = state->is_returned ? &state->worker : NULL;
    world_check(world, "a task is dropped as soon as a worker has a place",
                world->now < state->drop_at ||
                    !model_limits_has_place(&world->model, job->kind, but),
                "job %u", number);
}

void model_stop_late(struct world *world, uint8_t number)
{
    const struct model_step *step = &world->model.step;
    const struct model_state *before = &step->before;
    const struct model_state *state = &step->job->current;
    bool is_news = before->state == JOB_STATE_ACTIVE && number < PAID_NUMBERS &&
                   !has_task(before) && !before->was_dropped;
    if (!is_news || step->job->is_lied_about) {
        return;
    }
    bool is_stopping = before->stop_by != 0;
    world_check(world, "who does not know of a task is at work no longer",
                is_stopping ? state->is_untold : state->state == JOB_STATE_WAITING, "job %u is %s",
                model_job_number(&world->model, step->job), job_state_name(state->state));
    world_check(world, "who does not know of a task is not at fault",
                state->attempts_made == before->attempts_made &&
                    state->workers_lost == before->workers_lost,
                "job %u", model_job_number(&world->model, step->job));
    world_seen(world, SEEN_TASK_NEWS);
}

bool model_stop_is_outage(struct slice code)
{
    static const struct slice codes[] = {
        SLICE_LITERAL("provider_unreachable"), SLICE_LITERAL("provider_broken"),
        SLICE_LITERAL("provider_timeout"),     SLICE_LITERAL("provider_error"),
        SLICE_LITERAL("provider_answer"),
    };
    bool is_faulty = false;
    for (size_t index = 0; index < sizeof(codes) / sizeof(codes[0]); index++) {
        is_faulty |= slice_equal(code, codes[index]);
    }
    return is_faulty;
}

void model_stop_kept(struct world *world)
{
    const struct model_state *state = &world->model.step.job->current;
    for (uint32_t index = 0; index < OPERATIONS_MAX; index++) {
        bool is_its_own = state->operation_lease[index] == world->model.step.lease;
        world_check(world, "who goes on after an outage keeps its task",
                    !is_its_own || state->operation_state[index] != OPERATION_STATE_CANCELLED,
                    "operation %u of job %u", index,
                    model_job_number(&world->model, world->model.step.job));
    }
}

bool model_stop_is_refusal(const struct core_event *event)
{
    bool is_fail = event->type == CORE_EVENT_ACTOR && event->message->type == MESSAGE_TYPE_FAIL;
    return is_fail && (event->message->fail.kind == FAIL_KIND_PERMANENT ||
                       event->message->fail.kind == FAIL_KIND_GONE);
}
