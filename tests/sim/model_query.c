#include <assert.h>
#include <string.h>
#include "broker/query.h"
#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include "tests/sim/world.h"

/* What clients read of the store between two turns is true. */

/* ---- answers of queries ---- */

struct answer {
    struct buffer bytes;
    struct frame_writer writer;
    struct frame_reader reader;
    struct store_view view;
};

static void answer_begin(struct world *world, struct answer *answer)
{
    buffer_init(&answer->bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(&answer->writer, &answer->bytes, 0);
    assert(status == STATUS_OK);
    store_view_init(&answer->view, &world->store, world->store.synced, world->store.synced);
}

static void answer_open(struct world *world, struct answer *answer, enum status asked)
{
    world_check(world, "queries answer", asked == STATUS_OK, "%s", status_name(asked));
    frame_end(&answer->writer);
    enum status status = frame_open(&answer->reader, buffer_slice(&answer->bytes));
    world_check(world, "queries answer", status == STATUS_OK, "frame: %s", status_name(status));
}

static void answer_next(struct world *world, struct answer *answer, enum message_type type,
                        struct message *message)
{
    enum status status = frame_next(&answer->reader, message);
    world_check(world, "queries answer", status == STATUS_OK && message->type == type,
                "%s, should be %s", message_type_name(message->type), message_type_name(type));
}

/* Media jobs tell the name of their character, which honest workers give it. */
static void check_name(struct world *world, const struct model_job *job,
                       const struct message_job_state *found)
{
    char name[32];
    const struct model_job *maker = model_find_document(&world->model, &job->character);
    if (found->code != REPLY_CODE_OK || job->kind == JOB_KIND_CHARACTER ||
        job->kind == JOB_KIND_WEBHOOK) {
        return;
    }
    snprintf(name, sizeof(name), "Document %u", model_job_number(&world->model, maker));
    bool is_lie = maker->durable.document == model_digest(SLICE_LITERAL(ACTOR_LIE));
    bool exists = model_document_exists(maker, &maker->durable, &job->character);
    world_check(
        world, "job states name their character",
        slice_equal(found->character_name, slice_from_string(is_lie || !exists ? "" : name)) &&
            slice_equal(found->display_id, exists ? SLICE_LITERAL("ABCDEFGH") : SLICE_EMPTY),
        "job %u: %.*s", model_job_number(&world->model, job), SLICE_PRINT(found->character_name));
}

/* How a question about the job is answered. */
static enum reply_code code_of(const struct model_state *state)
{
    if (!state->exists || state->forgotten) {
        return REPLY_CODE_NOT_FOUND;
    }
    return state->expired ? REPLY_CODE_EXPIRED : REPLY_CODE_OK;
}

/* What its owner asked for is told, and the times that a retry sets anew. */
static void check_asked(struct world *world, const struct model_job *job,
                        const struct message_job_state *found)
{
    char labels[LABELS_MODEL_SIZE];
    uint32_t number = model_job_number(&world->model, job);
    if (found->code != REPLY_CODE_OK || job->kind == JOB_KIND_WEBHOOK) {
        return;
    }
    world_check(world, "job states tell what was asked",
                slice_equal(found->labels, gateway_labels(number, labels)) &&
                    found->run_at == job->run_at &&
                    found->deadline == model_deadline(&world->model, job) &&
                    found->start_by == (job->durable.retries > 0 ? 0 : job->start_by),
                "job %u", number);
}

static void check_state(struct world *world, const struct model_job *job)
{
    struct answer answer;
    struct message message;
    answer_begin(world, &answer);
    const struct message_get_job request = {.request = 7, .job = job->id};
    answer_open(world, &answer,
                query_job(&answer.view.view, &request, &world->settings.retention, &answer.writer));
    answer_next(world, &answer, MESSAGE_TYPE_JOB_STATE, &message);
    const struct message_job_state *found = &message.job_state;
    const struct model_state *state = &job->durable;
    uint32_t number = model_job_number(&world->model, job);
    bool exists = found->code == REPLY_CODE_OK;
    world_check(world, "job states are true", found->code == code_of(state), "job %u: %s", number,
                reply_code_name(found->code));
    bool same = found->state == state->state && found->version == state->version &&
                found->progress == state->progress &&
                found->attempts_made == state->attempts_made && found->retries == state->retries &&
                found->kind == job->kind && model_user_of(found->owner) == job->user;
    world_check(world, "job states are true", !exists || same, "job %u is %s", number,
                job_state_name(found->state));
    bool failed = state->state == JOB_STATE_FAILED;
    bool completed = state->state == JOB_STATE_COMPLETED;
    world_check(world, "job states say why",
                !exists || ((!failed || found->error_code.size > 0) &&
                            (completed && state->url) == (found->url.size > 0)),
                "job %u is %s", number, job_state_name(found->state));
    world_check(world, "a job that waits has its last error",
                !exists || state->state != JOB_STATE_WAITING ||
                    model_error(found->error_code, found->error_message) == state->last_error,
                "job %u", number);
    check_name(world, job, found);
    check_asked(world, job, found);
    bool has_end = found->completed_at == state->ended_at;
    int64_t life = world->settings.retention.ended_ms[state->state % JOB_STATE_COUNT];
    int64_t end = state->ended_at == 0 ? 0 : state->ended_at + life;
    world_check(world, "job states are true", !exists || (has_end && found->expires_at == end),
                "job %u: completedAt, expiresAt", number);
    buffer_fini(&answer.bytes);
}

static void check_document(struct world *world, const struct model_job *job, const struct id *id,
                           uint64_t digest)
{
    struct answer answer;
    struct message message;
    answer_begin(world, &answer);
    bool is_character = job->kind == JOB_KIND_CHARACTER && id_equal(id, &job->character);
    struct message_get_document request = {.request = 8, .id = *id};
    request.character = is_character ? request.character : job->character;
    answer_open(world, &answer, query_document(&answer.view.view, &request, &answer.writer));
    answer_next(world, &answer, MESSAGE_TYPE_DOCUMENT, &message);
    bool exists = message.document.code == REPLY_CODE_OK;
    uint32_t number = model_job_number(&world->model, job);
    world_check(world, "documents exist iff completed",
                exists == model_document_exists(job, &job->durable, id), "job %u is %s: %s", number,
                job_state_name(job->durable.state), reply_code_name(message.document.code));
    world_check(world, "documents are the worker's",
                !exists || model_digest(message.document.document) == digest, "job %u", number);
    buffer_fini(&answer.bytes);
}

static void check_documents(struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->durable;
    if (job->kind == JOB_KIND_WEBHOOK) {
        return;
    }
    if (job->kind == JOB_KIND_CHARACTER) {
        check_document(world, job, &job->character, state->document);
        check_document(world, job, &job->media, state->media);
    } else {
        check_document(world, job, &job->media, state->document);
    }
}

/* Reads one page of a timeline. Returns whether there is more. */
static bool check_events_page(struct world *world, const struct model_job *job, uint64_t *after,
                              uint32_t *version, uint8_t *state)
{
    struct answer answer;
    struct message message;
    answer_begin(world, &answer);
    const struct message_get_events request = {
        .job = job->id, .owner = model_user(job->user), .after = *after, .limit = 50};
    answer_open(world, &answer,
                query_events(&answer.view.view, &request, world->now, &answer.writer));
    answer_next(world, &answer, MESSAGE_TYPE_EVENT_PAGE, &message);
    const struct message_event_page page = message.event_page;
    uint32_t number = model_job_number(&world->model, job);
    world_check(world, "timelines are whole", page.code == code_of(&job->durable), "job %u: %s",
                number, reply_code_name(page.code));
    if (page.code != REPLY_CODE_OK) {
        buffer_fini(&answer.bytes);
        return false;
    }
    for (uint32_t index = 0; index < page.count; index++) {
        answer_next(world, &answer, MESSAGE_TYPE_EVENT, &message);
        const struct message_event *event = &message.event;
        world_check(world, "timelines are whole",
                    event->event > *after && event->version == *version + 1 &&
                        id_equal(&event->job, &job->id),
                    "job %u: version %u after %u", number, event->version, *version);
        *after = event->event;
        *version = event->version;
        *state = event->state;
    }
    world_check(world, "timelines end", page.more || page.ended == model_is_terminal(&job->durable),
                "job %u", number);
    buffer_fini(&answer.bytes);
    return page.more;
}

static void check_events(struct world *world, const struct model_job *job)
{
    uint64_t after = 0;
    uint32_t version = 0;
    uint8_t state = STATE_NONE;
    if (!job->durable.exists || job->durable.version > EVENTS_KEPT_MAX) {
        return;
    }
    while (check_events_page(world, job, &after, &version, &state)) {
    }
    if (job->durable.expired) {
        return;
    }
    world_check(world, "timelines are whole",
                version == job->durable.version && state == job->durable.state,
                "job %u: the last event has version %u and state %s",
                model_job_number(&world->model, job), version, job_state_name(state));
    world_seen(world, SEEN_TIMELINE);
}

/* ---- a user's stream of events ---- */

static bool is_told(const struct model_job *job, uint32_t user)
{
    return job->user == user && !job->durable.expired && job->kind != JOB_KIND_WEBHOOK;
}

/* The next event of a user after one; event_last + 1 when there is none. */
static uint64_t event_after(const struct model *model, uint32_t user, uint64_t event)
{
    do {
        event++;
    } while (event <= model->event_last && !is_told(&model->jobs[model->event_jobs[event]], user));
    return event;
}

static void check_stream(struct world *world, uint32_t user)
{
    const struct model *model = &world->model;
    struct answer answer;
    struct message message;
    const struct message_get_events request = {
        .owner = model_user(user),
        .after = (uint64_t)prng_between(&world->prng, 0, (int64_t)model->event_last),
        .limit = 1 + prng_below(&world->prng, 60),
    };
    answer_begin(world, &answer);
    answer_open(world, &answer,
                query_events(&answer.view.view, &request, world->now, &answer.writer));
    answer_next(world, &answer, MESSAGE_TYPE_EVENT_PAGE, &message);
    const struct message_event_page page = message.event_page;
    if (page.reset) {
        world_check(world, "streams are whole", world->now - WORLD_START_MS > EVENTS_KEPT_MS,
                    "user %u: reset", user);
        world_seen(world, SEEN_STREAM_RESET);
        buffer_fini(&answer.bytes);
        return;
    }
    uint64_t event = request.after;
    for (uint32_t index = 0; index < page.count; index++) {
        answer_next(world, &answer, MESSAGE_TYPE_EVENT, &message);
        event = event_after(model, user, event);
        world_check(world, "streams are whole", message.event.event == event,
                    "user %u: event %llu, should be %llu", user,
                    (unsigned long long)message.event.event, (unsigned long long)event);
    }
    uint64_t next = event_after(model, user, event);
    world_check(world, "streams are whole",
                page.more ? page.through > request.after && page.through >= event
                          : page.through == model->event_last,
                "user %u: %u events through %llu", user, page.count,
                (unsigned long long)page.through);
    world_check(world, "streams are whole", next > page.through, "user %u: event %llu is left out",
                user, (unsigned long long)next);
    buffer_fini(&answer.bytes);
    world_seen(world, SEEN_STREAM);
}

/* ---- lists ---- */

static uint64_t count_listed(const struct world *world, uint32_t user, uint8_t kinds,
                             uint8_t states)
{
    uint64_t count = 0;
    for (uint32_t index = 0; index < world->model.job_count; index++) {
        const struct model_job *job = &world->model.jobs[index];
        count += job->durable.exists && !job->durable.expired && job->user == user &&
                 (kinds & (1u << job->kind)) != 0 &&
                 (states == 0 || (states & (1u << job->durable.state)) != 0);
    }
    return count;
}

static void check_list_items(struct world *world, struct answer *answer,
                             const struct message_list_jobs *request, uint32_t count)
{
    struct message message;
    uint64_t newest = UINT64_MAX;
    for (uint32_t index = 0; index < count; index++) {
        answer_next(world, answer, MESSAGE_TYPE_JOB_STATE, &message);
        const struct model_job *job = model_job_of(world, &message.job_state.job);
        bool fits = (request->kinds & (1u << job->kind)) != 0 &&
                    (request->states == 0 || (request->states & (1u << job->durable.state)) != 0) &&
                    message.job_state.version == job->durable.version && !job->durable.expired;
        world_check(world, "lists are true", fits && job->event_first < newest, "job %u is listed",
                    model_job_number(&world->model, job));
        newest = job->event_first;
    }
}

static void count_live(const struct world *world, struct slice owner, struct live_counts *live)
{
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (int state = 0; state <= JOB_STATE_ACTIVE; state++) {
            live->counts[kind][state] =
                core_count(world->shell.core, owner, (enum job_kind)kind, (enum job_state)state);
        }
    }
}

/* Reads one page of a list; the request goes on to the next one. Returns whether there is one. */
static bool check_list_page(struct world *world, struct message_list_jobs *request, uint64_t total,
                            uint64_t *left, uint8_t cursor[CURSOR_SIZE_MAX])
{
    struct answer answer;
    struct message message;
    struct live_counts live = {0};
    count_live(world, request->owner, &live);
    answer_begin(world, &answer);
    answer_open(
        world, &answer,
        query_list(&answer.view.view, request, &live, &world->settings.retention, &answer.writer));
    answer_next(world, &answer, MESSAGE_TYPE_LIST_PAGE, &message);
    const struct message_list_page page = message.list_page;
    uint64_t count = *left < request->limit ? *left : request->limit;
    *left -= count;
    world_check(world, "lists are true",
                page.code == REPLY_CODE_OK && page.total == total && page.count == count &&
                    (page.next.size > 0) == (*left > 0),
                "kinds %u, states %u: total %llu and %u jobs, should be %llu and %llu",
                request->kinds, request->states, (unsigned long long)page.total, page.count,
                (unsigned long long)total, (unsigned long long)count);
    if (page.next.size > 0) {
        memcpy(cursor, page.next.data, page.next.size);
    }
    request->cursor = slice_make(cursor, page.next.size);
    request->skip = 0;
    check_list_items(world, &answer, request, page.count);
    buffer_fini(&answer.bytes);
    return request->cursor.size > 0;
}

static void check_list(struct world *world, uint32_t user)
{
    uint8_t cursor[CURSOR_SIZE_MAX];
    struct message_list_jobs request = {
        .owner = model_user(user),
        .kinds = (uint8_t)(1 + prng_below(&world->prng, 7)),
        .states = (uint8_t)prng_below(&world->prng, 64),
        .limit = 1 + prng_below(&world->prng, LIST_LIMIT_MAX),
        .skip = prng_below(&world->prng, 4),
    };
    uint64_t total = count_listed(world, user, request.kinds, request.states);
    uint64_t left = total > request.skip ? total - request.skip : 0;
    bool more = true;
    for (int pages = 0; more && pages < 3; pages++) {
        more = check_list_page(world, &request, total, &left, cursor);
    }
    world_seen(world, SEEN_LISTED);
}

static void add_user(void *context, const struct user_told *user)
{
    uint64_t *jobs = context;
    *jobs += user->waiting + user->active + user->delayed;
}

/* Users, looked at a few at a time, have all live jobs but deliveries. */
static void check_users(struct world *world)
{
    const struct model *model = &world->model;
    uint64_t expected = 0;
    uint64_t found = 0;
    uint32_t place = 0;
    for (uint32_t index = 0; index < model->live_count; index++) {
        expected += model->jobs[model->live[index]].kind < JOB_KIND_ASKED_COUNT;
    }
    while (
        core_users(world->shell.core, &place, 1 + prng_below(&world->prng, 3), add_user, &found)) {
    }
    world_check(world, "users have all live jobs", found == expected, "%llu, should be %llu",
                (unsigned long long)found, (unsigned long long)expected);
}

static void check_statistics(struct world *world)
{
    const struct model *model = &world->model;
    struct core_statistics found;
    uint64_t live[JOB_KIND_COUNT][JOB_STATE_COUNT] = {0};
    core_statistics(world->shell.core, &found);
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *job = &model->jobs[model->live[index]];
        live[job->kind][job->current.state]++;
    }
    uint64_t credit[JOB_KIND_COUNT] = {0};
    uint32_t workers[JOB_KIND_COUNT] = {0};
    uint32_t draining[JOB_KIND_COUNT] = {0};
    for (uint32_t index = 0; index < model->session_count; index++) {
        const struct model_session *session = &model->sessions[index];
        if (session->open && model_session_is_complete(session)) {
            bool works = model_orders_of(model, &session->instance) == WORKER_ORDERS_WORK;
            workers[session->kind]++;
            draining[session->kind] += !works;
            credit[session->kind] += works ? session->credit - session->dispatched : 0;
        }
    }
    world_check(world, "statistics count workers",
                memcmp(workers, found.workers, sizeof(workers)) == 0 &&
                    memcmp(draining, found.draining, sizeof(draining)) == 0 &&
                    memcmp(credit, found.credit, sizeof(credit)) == 0,
                "%u, %u, %u workers", found.workers[0], found.workers[1], found.workers[2]);
    world_check(world, "accepted = live + ended",
                memcmp(live, found.live, sizeof(live)) == 0 &&
                    found.accepted + found.revived + model->restarted_live ==
                        model->live_count + found.completed + found.failed + found.cancelled,
                "%llu accepted since the start, %u live", (unsigned long long)found.accepted,
                model->live_count);
}

void model_check_queries(struct world *world)
{
    const struct model *model = &world->model;
    check_list(world, prng_below(&world->prng, world->settings.users));
    check_stream(world, prng_below(&world->prng, world->settings.users));
    check_statistics(world);
    check_users(world);
    model_provider_told(world);
    if (model->group_count > 0) {
        model_group_check(world, &model->groups[prng_below(&world->prng, model->group_count)]);
    }
    model_check_documents(world);
    model_check_usage(world, (uint8_t)prng_below(&world->prng, world->settings.users));
    model_webhook_check_queries(world, prng_below(&world->prng, world->settings.users));
    if (model->job_count > 0) {
        const struct model_job *job = &model->jobs[prng_below(&world->prng, model->job_count)];
        check_state(world, job);
        check_documents(world, job);
        check_events(world, job);
    }
}

void model_check_end(struct world *world)
{
    const struct model *model = &world->model;
    model_check_restore(world);
    model_delete_end(world);
    for (uint32_t index = 0; index < model->job_count; index++) {
        const struct model_job *job = &model->jobs[index];
        uint32_t number = model_job_number(model, job);
        world_check(world, "acknowledged jobs survive", job->durable.exists || !job->acknowledged,
                    "job %u", number);
        world_check(world, "every job ends",
                    !job->durable.exists || model_is_terminal(&job->durable), "job %u is %s",
                    number, job_state_name(job->durable.state));
        check_state(world, job);
        check_documents(world, job);
        check_events(world, job);
    }
    for (uint32_t index = 0; index < model->group_count; index++) {
        model_group_check(world, &model->groups[index]);
    }
    for (uint32_t user = 0; user < world->settings.users; user++) {
        check_list(world, user);
        model_check_usage(world, (uint8_t)user);
        model_check_documents(world);
    }
}
