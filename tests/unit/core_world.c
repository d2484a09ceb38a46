#include "tests/unit/core_world.h"

enum {
    MINUTE_MS = 60000,
};

struct core_options world_options(void)
{
    struct core_options options;
    core_options_default(&options);
    memset(options.rate, 0, sizeof(options.rate));
    options.session_base = 100;
    return options;
}

void world_init(struct world *world, const struct core_options *options)
{
    struct core_options plain = world_options();
    memset(world, 0, sizeof(*world));
    world->now = WORLD_START;
    options = options == NULL ? &plain : options;
    assert_int_equal(core_new(options, world->now - 2000, &world->core), STATUS_OK);
    world_tick(world);
}

void world_init_late(struct world *world)
{
    world_init(world, NULL);
    world_pass(world, MINUTE_MS + TICK_MS);
}

void world_fini(struct world *world)
{
    core_destroy(&world->core);
    core_destroy(&world->core);
}

struct id world_id(uint32_t number)
{
    struct id id = {{0}};
    memcpy(id.bytes, &number, sizeof(number));
    id.bytes[ID_SIZE - 1] = 1;
    return id;
}

void world_step(struct world *world, const struct core_event *event)
{
    core_step(world->core, event, world->now, &world->effects);
    core_check(world->core);
    assert_true(core_wake(world->core) >= world->now);
}

void world_tick(struct world *world)
{
    const struct core_event event = {.type = CORE_EVENT_TICK};
    world_step(world, &event);
}

void world_pass(struct world *world, int64_t ms)
{
    int64_t end = world->now + ms;
    while (world->now < end) {
        world->now = world->now + TICK_MS < end ? world->now + TICK_MS : end;
        world_tick(world);
    }
}

void world_pass_until(struct world *world, enum effect_type type, int64_t ms)
{
    int64_t end = world->now + ms;
    do {
        assert_true(world->now < end);
        world->now += TICK_MS;
        world_tick(world);
    } while (world_effects(world, type) == 0);
}

struct message world_submit_message(enum job_kind kind, uint32_t number)
{
    struct message message = {.type = MESSAGE_TYPE_SUBMIT};
    message.submit = (struct message_submit){
        .request = number,
        .job = world_id(number),
        .kind = (uint8_t)kind,
        .owner = SLICE_LITERAL("user"),
        .character = world_id(1000000 + number),
        .media = world_id(2000000 + number),
        .payload = SLICE_LITERAL("{}"),
    };
    if (kind == JOB_KIND_VIDEO) {
        message.submit.source = world_id(3000000 + number);
    }
    return message;
}

struct facts world_facts(const struct world *world)
{
    return (struct facts){
        .commit = core_commit(world->core) - 1,
        .character = FACT_OWNED,
        .source = FACT_OWNED,
    };
}

void world_request(struct world *world, const struct message *message, const struct facts *facts)
{
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = WORLD_GATEWAY, .message = message, .facts = facts};
    world_step(world, &event);
}

void world_submit_for(struct world *world, enum job_kind kind, uint32_t number, const char *owner)
{
    struct message message = world_submit_message(kind, number);
    struct facts facts = world_facts(world);
    message.submit.owner = slice_from_string(owner);
    world_request(world, &message, &facts);
    if (world_effects(world, EFFECT_RESOLVE) > 0) {
        world_tick(world); /* many in one turn: another fact fell into the same slot */
        facts = world_facts(world);
        world_request(world, &message, &facts);
    }
    world_expect_reply(world, REPLY_CODE_OK);
}

void world_submit(struct world *world, enum job_kind kind, uint32_t number)
{
    world_submit_for(world, kind, number, "user");
}

void world_cancel(struct world *world, uint32_t number)
{
    struct message message = {.type = MESSAGE_TYPE_CANCEL_JOB};
    message.cancel_job = (struct message_cancel_job){
        .request = 7, .job = world_id(number), .owner = SLICE_LITERAL("user")};
    world_request(world, &message, NULL);
}

void world_actor(struct world *world, uint64_t peer, uint64_t session,
                 const struct message *message)
{
    const struct core_event event = {
        .type = CORE_EVENT_ACTOR, .peer = peer, .session = session, .message = message};
    world_step(world, &event);
}

uint64_t world_hello(struct world *world, enum job_kind kind, uint32_t number, uint32_t slots,
                     uint32_t hold_count)
{
    struct message message = {.type = MESSAGE_TYPE_HELLO};
    message.hello = (struct message_hello){
        .kind = (uint8_t)kind,
        .instance = world_id(number),
        .slots = slots,
        .hold_count = hold_count,
        .credit = slots,
    };
    world_actor(world, number, 0, &message);
    return world_effect(world, EFFECT_WELCOME)->session;
}

void world_hold(struct world *world, uint64_t peer, uint32_t job, uint32_t lease)
{
    struct message message = {.type = MESSAGE_TYPE_HOLD};
    message.hold = (struct message_hold){.job = world_id(job), .lease = lease};
    world_actor(world, peer, 0, &message);
}

uint64_t world_greet(struct world *world, uint32_t number, uint32_t provider_count)
{
    struct message message = {.type = MESSAGE_TYPE_HELLO};
    message.hello = (struct message_hello){.kind = JOB_KIND_IMAGE,
                                           .instance = world_id(number),
                                           .slots = 5,
                                           .credit = 5,
                                           .provider_count = provider_count};
    world_actor(world, number, 0, &message);
    return world_effect(world, EFFECT_WELCOME)->session;
}

void world_declare(struct world *world, uint64_t peer, struct message_provider provider)
{
    struct message message = {.type = MESSAGE_TYPE_PROVIDER, .provider = provider};
    world_actor(world, peer, 0, &message);
}

uint64_t world_caller(struct world *world, uint32_t number, struct message_provider provider)
{
    uint64_t session = world_greet(world, number, 1);
    if (provider.name.size == 0) {
        provider.name = SLICE_LITERAL("studio");
        provider.use = PROVIDER_USE_IMAGE;
    }
    world_declare(world, number, provider);
    return session;
}

void world_report(struct world *world, uint64_t peer, uint64_t session, uint32_t successes,
                  uint32_t failures, enum provider_fault fault, uint64_t retry_after_ms)
{
    struct message message = {.type = MESSAGE_TYPE_REPORT};
    message.report = (struct message_report){.provider = SLICE_LITERAL("studio"),
                                             .successes = successes,
                                             .failures = failures,
                                             .fault = (uint8_t)fault,
                                             .retry_after_ms = retry_after_ms};
    world_actor(world, peer, session, &message);
    assert_int_equal(world->effects.count, 0);
}

void world_heartbeat(struct world *world, uint64_t peer, uint64_t session, uint64_t credit)
{
    struct message message = {.type = MESSAGE_TYPE_HEARTBEAT};
    message.heartbeat.credit = credit;
    world_actor(world, peer, session, &message);
}

void world_progress(struct world *world, uint64_t peer, uint64_t session, uint32_t job,
                    uint32_t lease, uint8_t progress, const char *step)
{
    struct message message = {.type = MESSAGE_TYPE_PROGRESS};
    message.progress = (struct message_progress){
        .job = world_id(job),
        .lease = lease,
        .progress = progress,
        .step = slice_from_string(step),
    };
    world_actor(world, peer, session, &message);
}

void world_operation(struct world *world, uint64_t peer, uint64_t session, uint32_t job,
                     uint32_t lease, enum operation_state state)
{
    struct message message = {.type = MESSAGE_TYPE_OPERATION};
    message.operation = (struct message_operation){
        .job = world_id(job),
        .lease = lease,
        .operation = 2,
        .state = (uint8_t)state,
        .provider = SLICE_LITERAL("studio"),
        .task = SLICE_LITERAL("task-1"),
    };
    world_actor(world, peer, session, &message);
}

void world_done(struct world *world, uint64_t peer, uint64_t session, uint32_t job, uint32_t lease)
{
    world_done_at_price(world, peer, session, job, lease, 0);
}

void world_done_at_price(struct world *world, uint64_t peer, uint64_t session, uint32_t job,
                         uint32_t lease, uint32_t price)
{
    struct message message = {.type = MESSAGE_TYPE_DONE};
    message.done = (struct message_done){
        .job = world_id(job),
        .lease = lease,
        .url = SLICE_LITERAL("/assets/picture.png"),
        .document = SLICE_LITERAL("{\"id\":1}"),
        .media = SLICE_LITERAL("{\"id\":2}"),
        .price = price,
    };
    world_actor(world, peer, session, &message);
}

void world_fail(struct world *world, uint64_t peer, uint64_t session, uint32_t job, uint32_t lease,
                enum fail_kind kind, uint64_t retry_after_ms)
{
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){
        .job = world_id(job),
        .lease = lease,
        .kind = (uint8_t)kind,
        .code = SLICE_LITERAL("provider_failed"),
        .message = SLICE_LITERAL("no luck"),
        .retry_after_ms = retry_after_ms,
    };
    world_actor(world, peer, session, &message);
}

void world_release(struct world *world, uint64_t peer, uint64_t session, uint32_t job,
                   uint32_t lease)
{
    struct message message = {.type = MESSAGE_TYPE_RELEASE};
    message.release = (struct message_release){.job = world_id(job), .lease = lease};
    world_actor(world, peer, session, &message);
}

void world_bye(struct world *world, uint64_t peer, uint64_t session)
{
    struct message message = {.type = MESSAGE_TYPE_BYE};
    world_actor(world, peer, session, &message);
}

void world_peer_lost(struct world *world, uint64_t peer)
{
    const struct core_event event = {.type = CORE_EVENT_PEER_LOST, .peer = peer};
    world_step(world, &event);
}

uint64_t world_lease(struct world *world, enum job_kind kind, uint32_t job, uint32_t worker)
{
    world_submit(world, kind, job);
    uint64_t session = world_hello(world, kind, worker, 1, 0);
    world_tick(world);
    const struct effect *dispatch = world_effect(world, EFFECT_DISPATCH);
    struct id id = world_id(job);
    assert_true(id_equal(&dispatch->id, &id));
    assert_int_equal(dispatch->peer, worker);
    return session;
}

uint32_t world_effects(const struct world *world, enum effect_type type)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < world->effects.count; index++) {
        count += world->effects.items[index].type == type;
    }
    return count;
}

const struct effect *world_effect(const struct world *world, enum effect_type type)
{
    const struct effect *found = NULL;
    for (uint32_t index = 0; index < world->effects.count; index++) {
        if (world->effects.items[index].type == type) {
            assert_null(found);
            found = &world->effects.items[index];
        }
    }
    assert_non_null(found);
    return found;
}

struct position world_position(const struct world *world, uint32_t number)
{
    struct id id = world_id(number);
    struct position found;
    core_position(world->core, &id, world->now, &found);
    return found;
}

const struct job *world_job(const struct world *world, uint32_t number)
{
    struct id id = world_id(number);
    const struct job *job = core_find(world->core, &id);
    assert_non_null(job);
    return job;
}

const struct message_event *world_expect_event(const struct world *world, uint32_t number,
                                               enum event_kind kind)
{
    const struct message_event *last = NULL;
    struct id id = world_id(number);
    for (uint32_t index = 0; index < world->effects.count; index++) {
        const struct effect *effect = &world->effects.items[index];
        if (effect->type == EFFECT_EVENT && id_equal(&effect->event.job, &id)) {
            last = &effect->event;
        }
    }
    assert_non_null(last);
    assert_string_equal(event_kind_name((enum event_kind)last->kind), event_kind_name(kind));
    return last;
}

void world_expect_state(const struct world *world, uint32_t number, enum job_state state)
{
    enum job_state actual = (enum job_state)world_job(world, number)->state;
    assert_string_equal(job_state_name(actual), job_state_name(state));
}

const struct message_reply *world_expect_reply(const struct world *world, enum reply_code code)
{
    const struct effect *effect = world_effect(world, EFFECT_REPLY);
    assert_int_equal(effect->peer, WORLD_GATEWAY);
    assert_string_equal(reply_code_name((enum reply_code)effect->reply.code),
                        reply_code_name(code));
    return &effect->reply;
}

void world_expect_text(struct slice slice, const char *text)
{
    assert_true(slice_equal(slice, slice_from_string(text)));
}
