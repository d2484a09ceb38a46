#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include <assert.h>
#include <string.h>
#include "tests/sim/world.h"

void model_init(struct model *model)
{
    memset(model, 0, sizeof(*model));
    model->jobs = calloc(MODEL_JOBS_MAX, sizeof(*model->jobs));
    model->table = calloc(MODEL_TABLE_SIZE, sizeof(*model->table));
    model->sessions = calloc(MODEL_SESSIONS_MAX, sizeof(*model->sessions));
    model->groups = calloc(MODEL_GROUPS_MAX, sizeof(*model->groups));
    assert(model->groups != NULL);
    assert(model->jobs != NULL && model->table != NULL && model->sessions != NULL);
    for (int user = 0; user < USERS_MODEL_MAX; user++) {
        for (int key = 0; key <= MODEL_KEYS; key++) {
            model->keys[user][key].job = JOB_UNKNOWN;
        }
    }
}

void model_fini(struct model *model)
{
    free(model->jobs);
    free(model->groups);
    free(model->table);
    free(model->sessions);
    free(model->event_jobs);
    memset(model, 0, sizeof(*model));
}

/* ---- jobs ---- */

struct model_job *model_job_new(struct world *world)
{
    struct model *model = &world->model;
    assert(model->job_count < MODEL_JOBS_MAX);
    struct model_job *job = &model->jobs[model->job_count++];
    job->live_index = JOB_UNKNOWN;
    return job;
}

uint32_t model_job_number(const struct model *model, const struct model_job *job)
{
    return job == NULL ? JOB_UNKNOWN : (uint32_t)(job - model->jobs);
}

static uint32_t id_hash(const struct id *id)
{
    uint64_t value;
    memcpy(&value, id->bytes + 8, sizeof(value));
    return (uint32_t)(value * 0x9e3779b97f4a7c15U >> 40);
}

static void table_put(struct model *model, const struct id *id, uint32_t entry)
{
    uint32_t place = id_hash(id) % MODEL_TABLE_SIZE;
    while (model->table[place] != 0) {
        place = (place + 1) % MODEL_TABLE_SIZE;
    }
    model->table[place] = entry;
}

enum {
    ENTRY_JOB = 0,
    ENTRY_CHARACTER = 1,
    ENTRY_MEDIA = 2,
};

void model_job_index(struct model *model, struct model_job *job)
{
    uint32_t entry = model_job_number(model, job) * 4 + 1;
    table_put(model, &job->id, entry + ENTRY_JOB);
    if (job->kind == JOB_KIND_WEBHOOK) {
        return;
    }
    table_put(model, &job->media, entry + ENTRY_MEDIA);
    if (job->kind == JOB_KIND_CHARACTER) {
        table_put(model, &job->character, entry + ENTRY_CHARACTER);
    }
}

static struct model_job *table_find(const struct model *model, const struct id *id, bool document)
{
    uint32_t place = id_hash(id) % MODEL_TABLE_SIZE;
    for (; model->table[place] != 0; place = (place + 1) % MODEL_TABLE_SIZE) {
        struct model_job *job = &model->jobs[(model->table[place] - 1) / 4];
        switch ((model->table[place] - 1) % 4) {
        case ENTRY_JOB:
            if (!document && id_equal(&job->id, id)) {
                return job;
            }
            break;
        case ENTRY_CHARACTER:
            if (document && id_equal(&job->character, id)) {
                return job;
            }
            break;
        case ENTRY_MEDIA:
            if (document && id_equal(&job->media, id)) {
                return job;
            }
            break;
        }
    }
    return NULL;
}

struct model_job *model_find(const struct model *model, const struct id *id)
{
    return table_find(model, id, false);
}

struct model_job *model_find_document(const struct model *model, const struct id *id)
{
    return table_find(model, id, true);
}

struct model_job *model_job_of(struct world *world, const struct id *id)
{
    struct model_job *job = model_find(&world->model, id);
    world_check(world, "job", job != NULL, "an effect names a job that nobody asked for");
    return job;
}

uint64_t model_digest(struct slice bytes)
{
    uint64_t digest = 0xcbf29ce484222325U;
    for (size_t index = 0; index < bytes.size; index++) {
        digest = (digest ^ bytes.data[index]) * 0x100000001b3U;
    }
    return bytes.size == 0 ? 0 : digest | 1;
}

uint64_t model_error(struct slice code, struct slice message)
{
    return code.size == 0 ? 0 : model_digest(code) ^ model_digest(message) << 1;
}

uint32_t model_attempts_max(uint8_t kind)
{
    return kind == JOB_KIND_WEBHOOK ? ATTEMPTS_WEBHOOK_MAX : ATTEMPTS_MAX;
}

uint32_t model_workers_lost_max(uint8_t kind)
{
    return kind == JOB_KIND_WEBHOOK ? WORKERS_LOST_WEBHOOK_MAX : WORKERS_LOST_MAX;
}

int64_t model_timeout(uint8_t kind)
{
    static const int64_t timeouts[JOB_KIND_COUNT] = {TIMEOUT_CHARACTER_MS, TIMEOUT_IMAGE_MS,
                                                     TIMEOUT_VIDEO_MS, TIMEOUT_WEBHOOK_MS};
    return timeouts[kind];
}

int64_t model_backoff(uint8_t kind, uint32_t attempts_made)
{
    static const int64_t seconds[ATTEMPTS_WEBHOOK_MAX] = {5,     300,   1800,  7200,  18000,
                                                          36000, 50400, 72000, 86400, 0};
    return kind == JOB_KIND_WEBHOOK ? seconds[attempts_made] * 1000
                                    : (int64_t)BACKOFF_BASE_MS << attempts_made;
}

uint32_t model_asked(const struct model *model)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < model->live_count; index++) {
        count += model->jobs[model->live[index]].kind != JOB_KIND_WEBHOOK;
    }
    return count;
}

static const char *const user_names[USERS_MODEL_MAX] = {
    "ada", "bob", "cleo", "dan", "eve", "finn", "gus", "hana",
};

struct slice model_user(uint32_t user)
{
    return slice_from_string(user_names[user]);
}

int model_user_of(struct slice owner)
{
    for (int user = 0; user < USERS_MODEL_MAX; user++) {
        if (slice_equal(owner, slice_from_string(user_names[user]))) {
            return user;
        }
    }
    return -1;
}

static int64_t own_deadline(const struct model_job *job, int64_t usual)
{
    int64_t start = job->run_at > job->accepted_at ? job->run_at : job->accepted_at;
    return job->deadline != 0 ? job->deadline : start + usual;
}

/* Of its first life: what waits for another job has no less time than that. */
static int64_t first_deadline(const struct model *model, const struct model_job *job, int64_t usual)
{
    int64_t deadline = own_deadline(job, usual);
    while (job->deadline == 0 && job->parent != 0) {
        job = &model->jobs[job->parent - 1];
        int64_t other = own_deadline(job, usual);
        deadline = other > deadline ? other : deadline;
    }
    return deadline;
}

int64_t model_deadline(const struct model *model, const struct model_job *job)
{
    int64_t usual = job->kind == JOB_KIND_WEBHOOK ? DEADLINE_WEBHOOK_MS : DEADLINE_MS;
    return job->current.retries > 0 ? job->current.retried_at + usual
                                    : first_deadline(model, job, usual);
}

bool model_is_terminal(const struct model_state *state)
{
    return state->exists && state->state != STATE_NONE && state->state >= JOB_STATE_COMPLETED;
}

bool model_document_exists(const struct model_job *job, const struct model_state *state,
                           const struct id *id)
{
    if (!state->exists || state->state != JOB_STATE_COMPLETED || job->kind == JOB_KIND_WEBHOOK) {
        return false;
    }
    bool of_media = id_equal(id, &job->media);
    if (of_media ? state->media_gone : state->character_gone) {
        return false;
    }
    bool portrait = job->kind == JOB_KIND_CHARACTER && of_media;
    return portrait ? state->media != 0 : true;
}

void model_trace_live(struct world *world)
{
    const struct model *model = &world->model;
    for (uint32_t index = 0; index < model->session_count; index++) {
        const struct model_session *session = &model->sessions[index];
        if (session->open) {
            world_trace(world, "session peer credit dispatched holds",
                        job_kind_name((enum job_kind)session->kind), (int64_t)session->peer,
                        (int64_t)session->credit, (int64_t)session->dispatched,
                        session->holds_left);
        }
    }
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *job = &model->jobs[model->live[index]];
        world_trace(world, "live job kind lease next",
                    job_state_name((enum job_state)job->current.state), model->live[index],
                    job->kind, job->current.lease, job->current.next_attempt_at);
    }
}

/* ---- durable and lost ---- */

void model_touch(struct model *model, struct model_job *job)
{
    model->written = true;
    if (!job->dirty) {
        job->dirty = true;
        model->dirty[model->dirty_count++] = model_job_number(model, job);
    }
}

void model_event_note(struct model *model, uint64_t event, uint32_t job)
{
    assert(event == model->event_last + 1);
    if (event >= model->event_capacity) {
        model->event_capacity = model->event_capacity == 0 ? 4096 : model->event_capacity * 2;
        model->event_jobs =
            realloc(model->event_jobs, model->event_capacity * sizeof(*model->event_jobs));
        assert(model->event_jobs != NULL);
    }
    model->event_jobs[event] = job;
    model->event_last = event;
}

bool model_dirty(const struct model *model)
{
    return model->written;
}

static void live_set(struct model *model, struct model_job *job, bool live)
{
    bool was = job->live_index != JOB_UNKNOWN;
    if (live && !was) {
        job->live_index = model->live_count;
        model->live[model->live_count++] = model_job_number(model, job);
    } else if (!live && was) {
        uint32_t last = model->live[--model->live_count];
        model->live[job->live_index] = last;
        model->jobs[last].live_index = job->live_index;
        job->live_index = JOB_UNKNOWN;
    }
}

uint8_t model_priority(const struct model_job *job)
{
    uint8_t asked = job->priority != 0 ? job->priority : PRIORITY_USUAL;
    return job->current.priority != 0 ? job->current.priority : asked;
}

void model_live_update(struct model *model, struct model_job *job)
{
    live_set(model, job, job->current.exists && !model_is_terminal(&job->current));
}

void model_committed(struct world *world)
{
    struct model *model = &world->model;
    for (uint32_t index = 0; index < model->dirty_count; index++) {
        struct model_job *job = &model->jobs[model->dirty[index]];
        job->durable = job->current;
        job->dirty = false;
        model_ledger_committed(world, model->dirty[index]);
    }
    model_webhook_committed(model);
    model_dedupe_committed(model);
    model_keyed_committed(model);
    model_money_committed(model);
    model_provider_committed(model);
    model_queue_committed(model);
    model_bulks_committed(model);
    model_audit_committed(&model->audit);
    model->dirty_count = 0;
    model->written = false;
    model->event_durable = model->event_last;
}

void model_crashed(struct world *world)
{
    struct model *model = &world->model;
    for (uint32_t index = 0; index < model->dirty_count; index++) {
        struct model_job *job = &model->jobs[model->dirty[index]];
        job->current = job->durable;
        job->dirty = false;
        model_ledger_crashed(world, model->dirty[index]);
        model_live_update(model, job);
        const struct model_group *group = model_group_of(model, job);
        struct model_key *key = &model->keys[job->user][group == NULL ? job->key : group->key];
        if (!job->current.exists && key->job == model_job_number(model, job)) {
            key->job = JOB_UNKNOWN;
        }
    }
    model_webhook_crashed(model);
    model_dedupe_crashed(model);
    model_keyed_crashed(model);
    model_money_crashed(model);
    model_provider_crashed(model);
    model_queue_crashed(model);
    model_bulks_crashed(model);
    model_audit_crashed(&model->audit);
    model->dirty_count = 0;
    model->written = false;
    model->event_last = model->event_durable;
    for (uint32_t index = 0; index < model->session_count; index++) {
        model->sessions[index].open = false;
    }
    memset(model->passed, 0, sizeof(model->passed));
    model->space_low = false;
}

/* ---- restart ---- */

static void restarted_job(struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    int number = (int)model_job_number(&world->model, job);
    const struct job *head = core_find(world->shell.core, &job->id);
    world_check(world, "acknowledged jobs survive", state->exists || !job->acknowledged,
                "job %d was acknowledged and is lost", number);
    if (!state->exists || model_is_terminal(state)) {
        world_check(world, "ended jobs stay ended", head == NULL,
                    "job %d is in memory after a restart", number);
        return;
    }
    world_check(world, "acknowledged jobs survive", head != NULL,
                "job %d is not in memory after a restart", number);
    world_check(world, "the store replayed is the memory",
                head->state == state->state && head->version == state->version &&
                    head->lease == state->lease && head->attempts_made == state->attempts_made &&
                    head->progress == state->progress && head->paid_lease == state->paid_lease &&
                    head->retries == state->retries &&
                    job_is_cancelling(head) == state->cancel_asked &&
                    head->stop_by == state->stop_by,
                "job %d: state %s version %u lease %u, should be %s %u %u", number,
                job_state_name(head->state), head->version, head->lease,
                job_state_name(state->state), state->version, state->lease);
}

static void restarted_count(void *context, const struct job *job, struct slice owner)
{
    (void)job;
    (void)owner;
    (*(uint32_t *)context)++;
}

void model_restarted(struct world *world)
{
    struct model *model = &world->model;
    model->turn_before = model->step_at = model->restarted_at = world->now;
    model->first_at = 0;
    model->restarted_late = model->late;
    model->restarted_live = model->live_count;
    for (uint32_t index = 0; index < model->job_count; index++) {
        restarted_job(world, &model->jobs[index]);
        model->jobs[index].current.drop_at = 0; /* in memory only */
    }
    model_groups_whole(world);
    model_bulks_restarted(world);
    uint32_t count = 0;
    core_each(world->shell.core, restarted_count, &count);
    world_check(world, "accepted = live + ended", count == model->live_count,
                "%u live jobs after a restart, should be %u", count, model->live_count);
}

/* ---- what is said ---- */

void model_sending(struct world *world, const struct outgoing *outgoing)
{
    if (outgoing->type == EFFECT_ERROR || outgoing->type == EFFECT_WELCOME) {
        return;
    }
    world_check(world, "persist, then speak",
                model_queue_is_durable(&world->model) &&
                    world->model.audit.durable == world->model.audit.last,
                "a queue is spoken of before it is durable");
    const struct id *id = outgoing->type == EFFECT_REPLY ? &outgoing->reply.job : &outgoing->id;
    if (id_is_zero(id)) {
        return;
    }
    const struct model_endpoint *endpoint = model_endpoint_find(&world->model, id);
    world_check(world, "persist, then speak", endpoint == NULL || !endpoint->dirty,
                "an endpoint is spoken of before it is durable");
    world_check(world, "persist, then speak", model_bulk_is_durable(&world->model, id),
                "a bulk is spoken of before it is durable");
    const struct model_group *group = model_group_find(&world->model, id);
    const struct model_job *job =
        group == NULL ? model_find(&world->model, id) : &world->model.jobs[group->first];
    if (job == NULL || !job->current.exists || job->current.expired) {
        return; /* an answer about a job that there is not, or no longer */
    }
    uint8_t bytes[KEY_BYTES_MAX];
    struct slice value;
    struct slice key = group == NULL ? key_job(bytes, id) : key_group(bytes, id);
    bool durable = store_memory_get_durable(&world->store, key, &value);
    world_check(world, "persist, then speak", durable && !job->dirty,
                "job %u is spoken of before it is durable", model_job_number(&world->model, job));
}
