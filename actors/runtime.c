#include "actors/runtime.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>
#include "actors/limits.h"
#include "actors/providers.h"
#include "actors/task.h"
#include "base/build.h"
#include "base/log.h"
#include "base/random.h"

static void on_turn(void *context);
static void on_duty(void *context);
static void on_report(void *context);
static void on_reopen(void *context);
static void on_link_change(void *context, bool connected);
static void on_frame(void *context, struct slice frame);

enum status runtime_init(struct runtime *runtime, const struct runtime_options *options)
{
    *runtime = (struct runtime){.options = *options};
    clock_init(&runtime->clock, 0);
    random_bytes(&runtime->instance, sizeof(runtime->instance));
    runtime->instance = id_make(0, runtime->instance.bytes);
    gethostname(runtime->host, sizeof(runtime->host) - 1);
    leases_init(&runtime->leases, options->slots);
    runtime->duty = (struct timer){.fire = on_duty, .context = runtime};
    runtime->report = (struct timer){.fire = on_report, .context = runtime};
    runtime->reopen = (struct timer){.fire = on_reopen, .context = runtime};
    runtime->error_sent_ms = INT64_MIN / 2;
    enum status status = loop_new(&runtime->loop);
    if (status != STATUS_OK) {
        goto out;
    }
    session_init(&runtime->session, loop_now_ms(runtime->loop));
    status = loop_timers_reserve(runtime->loop, TIMERS_OF_RUNTIME);
    if (status != STATUS_OK) {
        goto out;
    }
    status = http_new(runtime->loop, &runtime->http);
    if (status != STATUS_OK) {
        goto out;
    }
    struct link_options link_options = {
        .endpoint = options->endpoint,
        .on_frame = on_frame,
        .on_change = on_link_change,
        .context = runtime,
    };
    status = link_new(runtime->loop, &link_options, &runtime->link);
    if (status != STATUS_OK) {
        goto out;
    }
    outbox_init(&runtime->outbox, runtime->link);
    loop_on_turn(runtime->loop, on_turn, runtime);
    if (options->metrics_address != NULL) {
        status = actor_metrics_open(runtime, options->metrics_address);
    }
out:
    if (status != STATUS_OK) {
        runtime_fini(runtime);
    }
    return status;
}

static void free_ended(struct runtime *runtime)
{
    while (runtime->ended != NULL) {
        struct task *task = runtime->ended;
        runtime->ended = task->next_ended;
        task_destroy(&task);
    }
}

void runtime_fini(struct runtime *runtime)
{
    size_t cursor = 0;
    for (struct lease *lease = leases_next(&runtime->leases, &cursor); lease != NULL;
         lease = leases_next(&runtime->leases, &cursor)) {
        assert(lease->state == LEASE_STATE_ENDED); /* a stop leaves no work */
    }
    actor_metrics_close(runtime);
    free_ended(runtime);
    leases_fini(&runtime->leases);
    outbox_fini(&runtime->outbox);
    link_destroy(&runtime->link, LINGER_MS);
    http_destroy(&runtime->http);
    loop_destroy(&runtime->loop);
}

void runtime_run(struct runtime *runtime)
{
    loop_run(runtime->loop);
}

/* ---- records ---- */

uint64_t runtime_credit(struct runtime *runtime)
{
    return session_credit(&runtime->session, leases_free(&runtime->leases));
}

void runtime_write(struct runtime *runtime, const struct message *message)
{
    if (runtime->session.state == SESSION_STATE_OPEN) {
        outbox_write(&runtime->outbox, message);
    }
}

void runtime_release(struct runtime *runtime, const struct id *job, uint32_t lease)
{
    struct message message = {.type = MESSAGE_TYPE_RELEASE};
    message.release = (struct message_release){.job = *job, .lease = lease};
    runtime->meters.released++;
    runtime_write(runtime, &message);
}

void runtime_send_result(struct runtime *runtime, const struct lease *lease)
{
    struct message message = lease->result->message;
    if (lease->result->has_record) {
        struct message record = lease->result->record;
        record.operation.credit = runtime_credit(runtime);
        runtime_write(runtime, &record);
    }
    if (message.type == MESSAGE_TYPE_DONE) {
        message.done.credit = runtime_credit(runtime);
    } else {
        message.fail.credit = runtime_credit(runtime);
    }
    runtime_write(runtime, &message);
}

void runtime_end_lease(struct runtime *runtime, struct lease *lease, struct message *message,
                       const struct message *record)
{
    struct result *result = NULL;
    if (result_new(message, record, &result) != STATUS_OK) {
        char text[ID_TEXT_SIZE];
        id_format(&lease->job, text);
        log_error("no memory for a result: lease handed back", "job=%s lease=%u request=%.*s", text,
                  lease->number, SLICE_PRINT(task_job(lease->task)->request_id));
        runtime_release(runtime, &lease->job, lease->number);
        leases_remove(&runtime->leases, lease);
        return;
    }
    if (message->type == MESSAGE_TYPE_DONE) {
        runtime->meters.completed++;
    } else {
        runtime->meters.failed[message->fail.kind]++;
    }
    leases_end(&runtime->leases, lease, result);
    runtime_send_result(runtime, lease);
}

static void heartbeat(struct runtime *runtime)
{
    struct message message = {.type = MESSAGE_TYPE_HEARTBEAT};
    message.heartbeat.credit = runtime_credit(runtime);
    runtime_write(runtime, &message);
}

/* ---- providers ---- */

/* The list of a use that the role has; NULL when nobody is called for it. */
static struct provider_list *list_of(struct runtime *runtime, enum provider_use use)
{
    struct providers *providers = runtime->options.providers;
    bool is_used = (runtime->options.role->uses & 1u << use) != 0;
    return is_used && providers != NULL && !providers->is_null ? &providers->lists[use] : NULL;
}

static uint32_t count_providers(struct runtime *runtime)
{
    size_t count = 0;
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        const struct provider_list *list = list_of(runtime, (enum provider_use)use);
        count += list == NULL ? 0 : list->count;
    }
    return (uint32_t)count;
}

static void declare(struct runtime *runtime, enum provider_use use)
{
    struct provider_list *list = list_of(runtime, use);
    for (size_t index = 0; list != NULL && index < list->count; index++) {
        const struct provider_endpoint *endpoint = &list->items[index];
        struct message message = {.type = MESSAGE_TYPE_PROVIDER};
        message.provider = (struct message_provider){
            .name = slice_from_string(endpoint->name),
            .account = slice_from_string(endpoint->account),
            .use = (uint8_t)use,
            .rank = (uint8_t)index,
            .price = endpoint->price,
            .limit_second = endpoint->limit_second,
            .limit_minute = endpoint->limit_minute,
            .limit_day = endpoint->limit_day,
        };
        outbox_write(&runtime->outbox, &message);
    }
}

static void tell_report(struct runtime *runtime, const struct message_report *report)
{
    struct message message = {.type = MESSAGE_TYPE_REPORT};
    message.report = *report;
    runtime_write(runtime, &message);
}

static void on_report(void *context)
{
    struct runtime *runtime = context;
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        struct provider_list *list = list_of(runtime, (enum provider_use)use);
        for (size_t index = 0; list != NULL && index < list->count; index++) {
            struct provider_endpoint *endpoint = &list->items[index];
            const struct message_report report = {
                .provider = slice_from_string(endpoint->name),
                .successes = endpoint->successes,
            };
            if (endpoint->successes > 0) {
                tell_report(runtime, &report);
            }
            endpoint->successes = 0;
        }
    }
}

void runtime_report_success(struct runtime *runtime, struct provider_endpoint *endpoint)
{
    endpoint->successes++;
    if (!timer_is_running(&runtime->report)) {
        loop_timer_start(runtime->loop, &runtime->report, REPORT_MS);
    }
}

void runtime_report_failure(struct runtime *runtime, const struct provider_endpoint *endpoint,
                            enum provider_fault fault, uint32_t failures, int64_t retry_after_ms)
{
    const struct message_report report = {
        .provider = slice_from_string(endpoint->name),
        .failures = failures,
        .fault = (uint8_t)fault,
        .retry_after_ms =
            (uint64_t)(retry_after_ms > RETRY_AFTER_MS_MAX ? RETRY_AFTER_MS_MAX : retry_after_ms),
    };
    tell_report(runtime, &report);
}

/* ---- the session ---- */

static void hello(struct runtime *runtime)
{
    struct leases *leases = &runtime->leases;
    struct message message = {.type = MESSAGE_TYPE_HELLO};
    message.hello = (struct message_hello){
        .kind = (uint8_t)runtime->options.role->kind,
        .instance = runtime->instance,
        .slots = (uint32_t)leases->slots,
        .hold_count = (uint32_t)leases->count,
        .credit = session_hello(&runtime->session, leases_free(leases), loop_now_ms(runtime->loop)),
        .host = slice_from_string(runtime->host),
        .pid = (uint32_t)getpid(),
        .version = slice_from_string(build_version()),
        .provider_count = count_providers(runtime),
    };
    outbox_restart(&runtime->outbox, 0);
    outbox_write(&runtime->outbox, &message);
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        declare(runtime, (enum provider_use)use);
    }
    size_t cursor = 0;
    for (struct lease *lease = leases_next(leases, &cursor); lease != NULL;
         lease = leases_next(leases, &cursor)) {
        struct message hold = {.type = MESSAGE_TYPE_HOLD};
        hold.hold = (struct message_hold){.job = lease->job, .lease = lease->number};
        outbox_write(&runtime->outbox, &hold);
    }
    log_debug("hello", "held=%zu", leases->count);
}

void runtime_repeat(struct runtime *runtime)
{
    size_t cursor = 0;
    for (struct lease *lease = leases_next(&runtime->leases, &cursor); lease != NULL;
         lease = leases_next(&runtime->leases, &cursor)) {
        if (lease->state == LEASE_STATE_ENDED) {
            runtime_send_result(runtime, lease);
        } else {
            task_repeat(lease->task);
        }
    }
}

/* ---- the connection ---- */

static void on_link_change(void *context, bool connected)
{
    struct runtime *runtime = context;
    int64_t now_ms = loop_now_ms(runtime->loop);
    outbox_restart(&runtime->outbox, 0);
    if (connected) {
        session_connected(&runtime->session, now_ms);
    } else {
        log_warn("connection to the broker lost", "held=%zu", runtime->leases.count);
        session_disconnected(&runtime->session, now_ms);
    }
}

static void on_frame(void *context, struct slice frame)
{
    struct runtime *runtime = context;
    session_heard(&runtime->session, loop_now_ms(runtime->loop));
    runtime_take_frame(runtime, frame);
}

static void reset_link(struct runtime *runtime, const char *reason)
{
    log_warn("connection to the broker is made again", "reason=%s held=%zu", reason,
             runtime->leases.count);
    session_disconnected(&runtime->session, loop_now_ms(runtime->loop));
    outbox_restart(&runtime->outbox, 0);
    enum status status = link_reset(runtime->link);
    if (status != STATUS_OK) {
        log_error("the connection to the broker has no socket: tried again",
                  "status=%s every_ms=%d", status_name(status), LINK_REOPEN_MS);
        loop_timer_start(runtime->loop, &runtime->reopen, LINK_REOPEN_MS);
    }
}

/* Nothing but this makes a connection whose sockets were not made, for want of descriptors say. */
static void on_reopen(void *context)
{
    struct runtime *runtime = context;
    if (link_reset(runtime->link) == STATUS_OK) {
        log_info("the connection to the broker has its socket again", "held=%zu",
                 runtime->leases.count);
    } else {
        loop_timer_start(runtime->loop, &runtime->reopen, LINK_REOPEN_MS);
    }
}

/* Does what the session's time asks for. */
static void do_duties(struct runtime *runtime)
{
    switch (session_duty(&runtime->session, loop_now_ms(runtime->loop))) {
    case SESSION_DUTY_NONE:
        break;
    case SESSION_DUTY_HELLO:
        hello(runtime);
        break;
    case SESSION_DUTY_HEARTBEAT:
        heartbeat(runtime);
        break;
    case SESSION_DUTY_RESET:
        reset_link(runtime, "silence");
        break;
    }
}

/* The turn's end looks at what is due anyway: the timer only wakes the loop. */
static void on_duty(void *context)
{
    (void)context;
}

static void set_duty_timer(struct runtime *runtime)
{
    int64_t due_ms = session_due_ms(&runtime->session);
    if (due_ms == INT64_MAX) {
        loop_timer_stop(runtime->loop, &runtime->duty);
    } else if (!timer_is_running(&runtime->duty) || runtime->duty.due_ms != due_ms) {
        loop_timer_start(runtime->loop, &runtime->duty, due_ms - loop_now_ms(runtime->loop));
    }
}

static bool send_gathered(struct runtime *runtime)
{
    if (session_credit_is_news(&runtime->session, leases_free(&runtime->leases))) {
        heartbeat(runtime);
    }
    bool sent = outbox_flush(&runtime->outbox);
    if (runtime->outbox.failed && runtime->session.state != SESSION_STATE_DOWN) {
        reset_link(runtime, "the broker takes nothing");
    }
    return sent;
}

static void on_turn(void *context)
{
    struct runtime *runtime = context;
    bool busy = true;
    for (int round = 0; round < LINK_ROUNDS_PER_TURN && busy; round++) {
        bool received = link_receive(runtime->link, LINK_FRAMES_PER_TURN);
        do_duties(runtime);
        runtime_stop_if_drained(runtime);
        bool sent = send_gathered(runtime);
        free_ended(runtime);
        busy = received || sent;
    }
    if (busy) {
        loop_hurry(runtime->loop);
    }
    set_duty_timer(runtime);
}
