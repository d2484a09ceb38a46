#include "tests/sim/model_fail.h"
#include "tests/sim/model_stop.h"

/* A failure that would be tried again. */
static void check_again(struct world *world, bool counted, bool is_outage, int64_t delay)
{
    const struct model_step *step = &world->model.step;
    const struct model_state *state = &step->job->current;
    uint32_t attempts = step->before.attempts_made + (counted ? 1 : 0);
    enum job_state expected = JOB_STATE_WAITING;
    if (step->before.stop_by != 0) {
        model_stop_over(world);
        return;
    }
    if (attempts == model_attempts_max(step->job->kind)) {
        expected = JOB_STATE_FAILED;
        world_seen(world, SEEN_ATTEMPTS_OUT);
        if (state->ends_failed) {
            world_check(world, "only the task of an outage is dropped by another", is_outage,
                        "job %u", model_job_number(&world->model, step->job));
            return;
        }
    }
    world_check(world, "a failed attempt waits or ends",
                state->state == expected && state->attempts_made == attempts,
                "job %u is %s after %u attempts", model_job_number(&world->model, step->job),
                job_state_name(state->state), state->attempts_made);
    bool waits = expected == JOB_STATE_WAITING && delay > 0;
    world_check(world, "backoff", !waits || state->next_attempt_at == world->now + delay,
                "job %u waits %lld ms, should wait %lld",
                model_job_number(&world->model, step->job),
                (long long)(state->next_attempt_at - world->now), (long long)delay);
}

static int64_t longer(int64_t delay, uint64_t wished)
{
    return (int64_t)wished > delay ? (int64_t)wished : delay;
}

/* What has the providers taken for down is no fault of the job's. */
static bool is_outage(struct world *world, const struct message_fail *fail)
{
    return model_stop_is_outage(fail->code) && world->model.step.job->kind != JOB_KIND_WEBHOOK &&
           model_provider_down_until(world) > world->now;
}

static void check_outage(struct world *world, const struct message_fail *fail)
{
    const struct model_state *state = &world->model.step.job->current;
    int64_t probed_at = model_provider_down_until(world);
    check_again(world, false, false, 0);
    world_check(world, "who has met an outage lets another one probe",
                state->state != JOB_STATE_WAITING ||
                    state->next_attempt_at >=
                        probed_at + longer(BACKOFF_BASE_MS, fail->retry_after_ms),
                "it waits until %lld, the probe until %lld", (long long)state->next_attempt_at,
                (long long)probed_at);
    model_stop_kept(world);
    world_seen(world, fail->kind == FAIL_KIND_RETRY ? SEEN_OUTAGE : SEEN_OUTAGE_BUSY);
}

/* A provider that asks for a pause by an error (503): those that it holds go first. */
static void check_throttled(struct world *world, const struct message_fail *fail)
{
    bool is_paused = fail->retry_after_ms > 0 && model_stop_is_outage(fail->code);
    int64_t delay = longer(THROTTLE_MIN_MS, fail->retry_after_ms);
    bool is_unread = slice_equal(fail->code, SLICE_LITERAL("input_unreadable"));
    if (is_unread && world->model.step.before.stop_by != 0) {
        model_stop_unread(world);
        return;
    }
    check_again(world, false, false, is_paused ? delay + BACKOFF_BASE_MS : delay);
    if (is_paused) {
        model_stop_kept(world);
    }
    world_seen(world, is_paused ? SEEN_BUSY : SEEN_THROTTLED);
}

void model_fail_check(struct world *world, const struct message_fail *fail)
{
    const struct model_step *step = &world->model.step;
    const struct model_state *state = &step->job->current;
    int64_t backoff = model_backoff(step->job->kind, step->before.attempts_made);
    if (step->before.is_untold && step->before.stop_by != 0) {
        model_stop_untold(world);
        return;
    }
    switch ((enum fail_kind)fail->kind) {
    case FAIL_KIND_PERMANENT:
    case FAIL_KIND_GONE:
        world_check(world, "a permanent failure ends", state->state == JOB_STATE_FAILED,
                    "job is %s", job_state_name(state->state));
        break;
    case FAIL_KIND_RETRY:
        if (is_outage(world, fail)) {
            check_outage(world, fail);
            break;
        }
        check_again(world, true, model_stop_is_outage(fail->code),
                    longer(backoff, fail->retry_after_ms));
        break;
    case FAIL_KIND_THROTTLED:
        if (slice_equal(fail->code, SLICE_LITERAL("provider_down")) &&
            model_provider_down_until(world) > world->now && step->job->kind != JOB_KIND_WEBHOOK) {
            check_again(world, false, false, 0);
            world_check(world, "who waits for a provider keeps its place",
                        model_is_terminal(state) || state->next_attempt_at == 0,
                        "it waits until %lld", (long long)state->next_attempt_at);
            world_seen(world, SEEN_WAITS_FOR_PROVIDER);
            break;
        }
        if (is_outage(world, fail)) {
            check_outage(world, fail);
        } else {
            check_throttled(world, fail);
        }
        break;
    case FAIL_KIND_CANCELLED:
        if (step->before.stop_by != 0) {
            world_check(world, "who complies ends the job", model_is_terminal(state), "job is %s",
                        job_state_name(state->state));
            model_stop_over(world);
        } else {
            check_again(world, true, false, longer(backoff, fail->retry_after_ms));
        }
        break;
    }
}

void model_fail_handed_back(struct world *world)
{
    check_again(world, false, false, 0);
}
