#include "broker/shell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zmq.h>
#include "base/log.h"
#include "broker/shell_state.h"

enum {
    SESSION_SHIFT = 20, /* bits: sessions of a run, above the millisecond of its start */
    PING_MS = 2000,     /* a vanished actor is noticed by the first send that fails */
    SWEEP_MS = 10000,   /* a peer that is silent from one sweep to the next is forgotten */
};

/* ---- start ---- */

static enum status restore_job(void *context, const struct job *head, struct slice owner)
{
    struct shell *shell = context;
    return core_restore(shell->core, head, owner, shell->now);
}

/* Rebuilds the core from the store. */
static enum status restore(struct shell *shell)
{
    struct view *view = NULL;
    struct meta meta = {0};
    enum status status = store_view_open(shell->store, &view);
    if (status == STATUS_OK) {
        status = query_meta(view, &meta);
        status = status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (status == STATUS_OK) {
        clock_init(&shell->clock, meta.time_ms);
        shell->now = clock_now_ms(&shell->clock);
        shell->options.core.session_base = (uint64_t)shell->now << SESSION_SHIFT;
        shell->options.core.event_last = meta.event_last;
        shell->options.core.commit_last = meta.commit;
        status = core_new(&shell->options.core, shell->now, &shell->core);
    }
    if (status == STATUS_OK) {
        status = query_live(view, restore_job, shell);
    }
    store_view_close(&view);
    if (status != STATUS_OK) {
        log_error("the store cannot be restored", "status=%s", status_name(status));
    }
    return status;
}

static enum status open_store(struct shell *shell)
{
    char *detail = NULL;
    const struct store_options options = {.directory = shell->options.directory};
    enum status status = store_open(&options, &shell->store, &detail);
    if (status != STATUS_OK) {
        log_error("the store cannot be opened", "directory=%s status=%s detail=\"%s\"",
                  shell->options.directory, status_name(status), detail == NULL ? "" : detail);
    }
    free(detail);
    return status;
}

static enum status open_endpoint(void *context, const char *address, struct endpoint_hooks hooks,
                                 struct endpoint **out)
{
    enum status status = endpoint_new(context, address, hooks, out);
    if (status != STATUS_OK) {
        log_error("cannot bind", "endpoint=%s status=%s", address, status_name(status));
    }
    return status;
}

static enum status open_all(struct shell *shell)
{
    enum status status = open_store(shell);
    if (status == STATUS_OK) {
        status = restore(shell);
    }
    if (status == STATUS_OK) {
        status = recorder_new(&shell->recorder);
    }
    if (status == STATUS_OK) {
        status = readers_new(shell->store, &shell->readers);
    }
    if (status == STATUS_OK) {
        status = open_endpoint(shell->options.context, shell->options.actor_endpoint,
                               shell_actor_hooks(shell), &shell->actors);
    }
    if (status == STATUS_OK) {
        status = open_endpoint(shell->options.context, shell->options.gateway_endpoint,
                               shell_gateway_hooks(shell), &shell->gateways);
    }
    return status;
}

enum status shell_new(const struct shell_options *options, struct shell **out)
{
    struct shell *shell = calloc(1, sizeof *shell);
    *out = NULL;
    if (shell == NULL) {
        return STATUS_NO_MEMORY;
    }
    shell->options = *options;
    batch_init(&shell->batch);
    enum status status = open_all(shell);
    if (status != STATUS_OK) {
        shell_destroy(&shell);
        return status;
    }
    publisher_init(&shell->publisher, shell->gateways, shell->options.core.session_base,
                   shell->options.core.event_last);
    *out = shell;
    return STATUS_OK;
}

void shell_destroy(struct shell **shell_in)
{
    struct shell *shell = *shell_in;
    if (shell == NULL) {
        return;
    }
    while (shell->dispatches != NULL) {
        struct read *read = shell->dispatches;
        shell->dispatches = read->next;
        read_free(read);
    }
    readers_destroy(&shell->readers);
    publisher_fini(&shell->publisher);
    endpoint_destroy(&shell->actors);
    endpoint_destroy(&shell->gateways);
    recorder_destroy(&shell->recorder);
    core_destroy(&shell->core);
    store_close(&shell->store);
    inputs_fini(&shell->inputs);
    batch_fini(&shell->batch);
    free(shell);
    *shell_in = NULL;
}

/* ---- one turn ---- */

bool shell_has_room(const struct shell *shell, size_t size)
{
    return shell->status == STATUS_OK &&
           batch_size(&shell->batch) + recorder_size(shell->recorder) < size;
}

/* Takes records from both endpoints alternately until they are empty or the turn is full. */
static void drain(struct shell *shell)
{
    bool actors_have = true;
    bool gateways_have = true;
    int left = TURN_RECORDS_MAX;
    while ((actors_have || gateways_have) && left > 0 && shell_has_room(shell, COMMIT_SIZE_MAX)) {
        actors_have = actors_have && endpoint_receive(shell->actors);
        gateways_have = gateways_have && endpoint_receive(shell->gateways);
        left -= actors_have + gateways_have;
    }
}

static void check_space(struct shell *shell)
{
    if (shell->now - shell->space_checked_at < SPACE_CHECK_MS) {
        return;
    }
    shell->space_checked_at = shell->now;
    bool low = store_space_left(shell->store) < (uint64_t)shell->options.space_floor;
    if (low != shell->space_low) {
        const struct core_event event = {.type = CORE_EVENT_SPACE, .space_low = low};
        shell->space_low = low;
        log_warn(low ? "disk is low: new jobs are refused" : "disk has room again",
                 "floor=%" PRId64, shell->options.space_floor);
        shell_step(shell, &event);
    }
}

/* Actors hear something every PING_MS, gateways with a session every TICK_MS: a send tells that
 * they are gone. The others are forgotten when they stay silent. */
static void ping_peers(struct shell *shell)
{
    struct message ping = {.type = MESSAGE_TYPE_PING, .ping = {.at = shell->now}};
    if (shell->now - shell->pinged_at >= PING_MS) {
        shell->pinged_at = shell->now;
        endpoint_put_all(shell->actors, &ping);
    }
    if (shell->now - shell->swept_at >= SWEEP_MS) {
        shell->swept_at = shell->now;
        endpoint_sweep(shell->actors);
        endpoint_sweep(shell->gateways);
    }
}

/* Makes the turn durable. */
static enum status commit(struct shell *shell, uint64_t number)
{
    shell->batch.number = number;
    uint64_t event_last = shell->publisher.event_last;
    enum status status = recorder_finish(shell->recorder, &shell->batch, event_last, shell->now);
    if (status == STATUS_OK) {
        enum commit_result result = store_commit(shell->store, &shell->batch);
        if (result != COMMIT_DURABLE) {
            log_error("commit failed", "number=%" PRIu64 " result=%s detail=\"%s\"", number,
                      result == COMMIT_FENCED ? "fenced" : "unknown", store_error(shell->store));
            status = STATUS_IO;
        }
    }
    batch_clear(&shell->batch, number + 1);
    return status;
}

/* Says what the turn has to say. What cannot be sent any more makes a next turn's work. */
static void speak(struct shell *shell)
{
    shell_fail(shell, publisher_send(&shell->publisher, shell->now));
    shell_give_dispatches(shell);
    endpoint_flush(shell->gateways);
    endpoint_flush(shell->actors);
}

static void turn(struct shell *shell)
{
    const struct core_event tick = {.type = CORE_EVENT_TICK};
    uint64_t number = core_commit(shell->core);
    shell_take_reads(shell); /* before the sockets, which could fill every turn */
    drain(shell);
    check_space(shell);
    shell_step(shell, &tick);
    ping_peers(shell);
    if (shell->status == STATUS_OK) {
        shell_fail(shell, commit(shell, number));
    }
    if (shell->status == STATUS_OK) {
        speak(shell);
    }
}

static long wait_ms(const struct shell *shell)
{
    int64_t wake = core_wake(shell->core);
    if (endpoint_has_more(shell->actors) || endpoint_has_more(shell->gateways)) {
        return 0;
    }
    int64_t wait = wake > shell->now ? wake - shell->now : 0;
    return (long)(wait < TICK_MS ? wait : TICK_MS);
}

/* What the whole run wrote, for whoever wants to know what a job costs the disk. */
static void log_totals(const struct shell *shell)
{
    struct recorder_totals totals = recorder_totals(shell->recorder);
    log_info("stopped",
             "commits=%" PRIu64 " keys=%" PRIu64 " bytes=%" PRIu64 " accepted=%" PRIu64
             " ended=%" PRIu64,
             totals.commits, totals.keys, totals.bytes, totals.accepted, totals.ended);
}

enum status shell_run(struct shell *shell)
{
    zmq_pollitem_t items[] = {
        {.socket = endpoint_socket(shell->actors), .events = ZMQ_POLLIN},
        {.socket = endpoint_socket(shell->gateways), .events = ZMQ_POLLIN},
        {.fd = readers_descriptor(shell->readers), .events = ZMQ_POLLIN},
        {.fd = shell->options.signals, .events = ZMQ_POLLIN},
    };
    batch_clear(&shell->batch, core_commit(shell->core));
    while (shell->status == STATUS_OK) {
        zmq_poll(items, sizeof items / sizeof items[0], wait_ms(shell));
        shell->now = clock_now_ms(&shell->clock);
        turn(shell);
        if (items[3].revents != 0) {
            break;
        }
    }
    log_totals(shell);
    return shell->status;
}
