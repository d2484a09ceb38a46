#include "broker/core/state.h"

#include <stdlib.h>

_Static_assert(EFFECTS_TIMERS_MAX < EFFECTS_TICK_MAX, "timers leave room for jobs to start");
_Static_assert(EFFECTS_TICK_MAX <= EFFECTS_MAX, "a tick is a step");
_Static_assert(EFFECTS_TICK_MAX + 2 <= EFFECTS_MAX,
               "a deletion and its answer fit behind its jobs");
_Static_assert(5 * GROUP_JOBS_MAX + 2 * DELIVERIES_STEP_MAX + EFFECTS_PER_JOB_MAX <= EFFECTS_MAX,
               "a group ends in one step");
_Static_assert(4 * (ENDPOINTS_USER_MAX + 1) + 8 <= EFFECTS_PER_JOB_MAX, "each is told of a change");
_Static_assert(EFFECTS_PER_JOB_MAX <= EFFECTS_TIMERS_MAX, "a job's change always fits at last");

static uint32_t *job_next(void *context, uint32_t index)
{
    return &core_job(context, index)->hash_next;
}

static uint64_t job_hash(void *context, uint32_t index)
{
    return hash_id(&core_job(context, index)->id);
}

static const struct table_methods jobs_methods = {.next = job_next, .hash = job_hash};

void core_options_default(struct core_options *options)
{
    *options = (struct core_options){
        .session_base = 1,
        .rate = {[JOB_KIND_CHARACTER] = 10, [JOB_KIND_IMAGE] = 5, [JOB_KIND_VIDEO] = 3},
        .jobs_max = JOBS_MAX,
        .retention = {.ended_ms = {[JOB_STATE_COMPLETED] = RETENTION_COMPLETED_S * INT64_C(1000),
                                   [JOB_STATE_FAILED] = RETENTION_FAILED_S * INT64_C(1000),
                                   [JOB_STATE_CANCELLED] = RETENTION_CANCELLED_S * INT64_C(1000)},
                      .tombstone_ms = RETENTION_TOMBSTONE_S * INT64_C(1000)},
        .user_active_max = {[JOB_KIND_WEBHOOK] = WEBHOOK_USER_ACTIVE_MAX},
    };
}

static enum status init_queues(struct core *core)
{
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        struct queue *queue = &core->queues[kind];
        queue->users = JOB_NONE;
        queue->workers = JOB_NONE;
        for (uint32_t class = 0; class < WAITING_CLASS_COUNT; class ++) {
            queue->waiting[class] = JOB_NONE;
        }
        if (limiter_init(&queue->limiter, core->options.rate[kind], core->now) != STATUS_OK) {
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

enum status core_new(const struct core_options *options, int64_t now, struct core **out)
{
    struct core *core = calloc(1, sizeof(*core));
    assert(options->jobs_max <= JOBS_MAX);
    *out = NULL;
    if (core == NULL) {
        return STATUS_NO_MEMORY;
    }
    core->options = *options;
    core->now = now;
    core->commit = options->commit_last + 1;
    core->event_last = options->event_last;
    core->audit_last = options->audit_last;
    core->session_last = options->session_base;
    core->ended = JOB_NONE;
    core->spenders = (struct spenders){.first = JOB_NONE, .last = JOB_NONE};
    slab_init(&core->slab);
    timers_init(&core->timers);
    uses_init(&core->uses);
    changes_init(&core->changes);
    endpoints_init(&core->endpoints);
    providers_init(&core->providers, options->event_last == 0 ? 0 : now);
    enum status status = table_init(&core->jobs, &jobs_methods);
    status = status == STATUS_OK ? users_init(&core->users) : status;
    status = status == STATUS_OK ? groups_init(&core->groups) : status;
    status = status == STATUS_OK ? workers_init(&core->workers) : status;
    status = status == STATUS_OK ? init_queues(core) : status;
    if (status != STATUS_OK) {
        core_destroy(&core);
    }
    *out = core;
    return status;
}

void core_destroy(struct core **core)
{
    struct core *old = *core;
    if (old == NULL) {
        return;
    }
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        limiter_fini(&old->queues[kind].limiter);
        rounds_fini(&old->queues[kind].rounds);
    }
    endpoints_fini(&old->endpoints);
    workers_fini(&old->workers);
    groups_fini(&old->groups);
    users_fini(&old->users);
    table_fini(&old->jobs);
    last_errors_fini(&old->last_errors);
    timers_fini(&old->timers);
    slab_fini(&old->slab);
    free(old);
    *core = NULL;
}

uint32_t core_index(const struct core *core, const struct id *id)
{
    uint32_t index = table_first(&core->jobs, hash_id(id));
    while (index != JOB_NONE && !id_equal(&core_job(core, index)->id, id)) {
        index = core_job(core, index)->hash_next;
    }
    return index;
}

/* Gives back the jobs that ended in the last step: its effects are no longer looked at. */
static void forget_ended(struct core *core)
{
    while (core->ended != JOB_NONE) {
        uint32_t index = core->ended;
        struct job *job = core_job(core, index);
        assert(job_state_is_terminal((enum job_state)job->state));
        core->ended = job->hash_next;
        users_give(&core->users, job->owner);
        if (job->member != JOB_NONE) {
            groups_give(&core->groups, job->member);
        }
        slab_give(&core->slab, index);
    }
}

/* A step that comes late finds the workers' messages still in the sockets: they get the time that
 * this process did not look. */
static void forgive_lateness(struct core *core, int64_t now)
{
    int64_t gap = now - core->now;
    uint32_t index = core->workers.expiry;
    if (gap <= LATE_MS || index == JOB_NONE) {
        return;
    }
    do {
        struct worker *worker = core_worker(core, index);
        worker->deadline += gap;
        index = worker->links[WORKER_LIST_EXPIRY].next;
    } while (index != core->workers.expiry);
}

/* The shell keeps the other messages of gateways to itself: they are reads. */
static void take_request(struct core *core, const struct core_event *event)
{
    if (event->message->type == MESSAGE_TYPE_SUBMIT) {
        core_submit(core, event);
    } else if (event->message->type == MESSAGE_TYPE_CANCEL_JOB) {
        core_cancel(core, event);
    } else if (event->message->type == MESSAGE_TYPE_SUBMIT_GROUP) {
        core_submit_group(core, event);
    } else if (event->message->type == MESSAGE_TYPE_CANCEL_GROUP) {
        core_cancel_group(core, event);
    } else if (event->message->type == MESSAGE_TYPE_PUT_ENDPOINT) {
        core_put_endpoint(core, event);
    } else if (event->message->type == MESSAGE_TYPE_DELETE_ENDPOINT) {
        core_delete_endpoint(core, event);
    } else if (event->message->type == MESSAGE_TYPE_RETRY_JOB) {
        core_retry(core, event);
    } else if (event->message->type == MESSAGE_TYPE_DELETE_DOCUMENT) {
        core_delete_document(core, event);
    } else if (event->message->type == MESSAGE_TYPE_REMOVED) {
        core_removed(core, event);
    } else if (event->message->type == MESSAGE_TYPE_SET_QUEUE) {
        core_set_queue(core, event);
    } else if (event->message->type == MESSAGE_TYPE_SET_WORKER) {
        core_set_worker(core, event);
    } else if (event->message->type == MESSAGE_TYPE_CHANGE_JOB) {
        core_change(core, event);
    } else if (event->message->type == MESSAGE_TYPE_START_BULK) {
        core_start_bulk(core, event);
    } else if (event->message->type == MESSAGE_TYPE_STOP_BULK) {
        core_stop_bulk(core, event);
    } else if (event->message->type == MESSAGE_TYPE_NOTE_AUDIT ||
               event->message->type == MESSAGE_TYPE_MAKE_BACKUP) {
        core_note_audit(core, event);
    } else {
        core->statistics.refused++;
    }
}

/* Restored jobs came in the order of the store. */
static void start(struct core *core)
{
    if (core->started) {
        return;
    }
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (uint32_t class = 0; class < WAITING_CLASS_COUNT; class ++) {
            waiting_sort(&core->queues[kind].waiting[class], &core->slab);
        }
    }
    core->started = true;
    core->started_at = core->now;
}

void core_step(struct core *core, const struct core_event *event, int64_t now,
               struct effects *effects)
{
    assert(now >= core->now);
    assert(core->effects == NULL);
    forget_ended(core);
    last_errors_sweep(&core->last_errors);
    forgive_lateness(core, now);
    effects->count = 0;
    core->delivered = 0;
    core->effects = effects;
    core->now = now;
    start(core);
    switch (event->type) {
    case CORE_EVENT_GATEWAY:
        take_request(core, event);
        audit_request(core, event);
        break;
    case CORE_EVENT_ACTOR:
        core_actor(core, event);
        break;
    case CORE_EVENT_PEER_LOST:
        session_peer_lost(core, event->peer);
        break;
    case CORE_EVENT_SPACE:
        core->space_low = event->space_low;
        break;
    case CORE_EVENT_SWEEP:
        core_sweep(core, event->sweep);
        break;
    case CORE_EVENT_PAGE:
        core_page(core, event->page);
        break;
    case CORE_EVENT_TICK:
        core_tick(core);
        core->commit++;
        break;
    }
    core->effects = NULL;
}

uint64_t core_commit(const struct core *core)
{
    return core->commit;
}

uint64_t core_audit_last(const struct core *core)
{
    return core->audit_last;
}

int64_t core_wake(const struct core *core)
{
    const struct timer *timer = timers_first(&core->timers);
    int64_t wake = timer == NULL ? INT64_MAX : timer->at;
    if (core->unfinished || core->workers.drain != JOB_NONE || core->groups.orphans != JOB_NONE) {
        return core->now;
    }
    if (core->workers.expiry != JOB_NONE) {
        int64_t deadline = core_worker(core, core->workers.expiry)->deadline;
        wake = deadline < wake ? deadline : wake;
    }
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        int64_t at = core_dispatch_at(core, (enum job_kind)kind);
        wake = at < wake ? at : wake;
    }
    return wake < core->now ? core->now : wake;
}
