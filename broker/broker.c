#include "broker/broker.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/log.h"
#include "broker/context.h"
#include "broker/keys.h"
#include "broker/query_audit.h"
#include "broker/query_bulk.h"
#include "broker/query_calls.h"
#include "broker/query_queues.h"
#include "broker/query_spent.h"
#include "broker/query_webhook.h"
#include "broker/values.h"

enum {
    SESSION_SHIFT =
        20, /* bits: sessions of one run before those of one started a millisecond later */
    PATH_SIZE_MAX = 4096,
};

static enum status open_store(struct broker *broker)
{
    char directory[PATH_SIZE_MAX];
    char *detail = NULL;
    const struct broker_options *options = broker->options;
    int size = snprintf(directory, sizeof directory, "%s/broker", options->data_directory);
    if (size < 0 || size >= PATH_SIZE_MAX) {
        log_error("the path of the data directory is too long", "");
        return STATUS_INVALID;
    }
    const struct store_options store_options = {
        .directory = directory,
        .unsynced = options->unsynced,
        .fault_commit = options->fault_commit,
        .fault_read = options->fault_read,
        .fault_read_kind = options->fault_read_kind,
    };
    enum status status = store_open(&store_options, &broker->store, &detail);
    if (status != STATUS_OK) {
        log_error("cannot open the store", "directory=%s status=%s detail=\"%s\"", directory,
                  status_name(status), detail == NULL ? "" : detail);
    } else if (options->unsynced) {
        log_warn("commits are not synced: a power cut loses jobs", "");
    }
    free(detail);
    return status;
}

/* ---- restart ---- */

struct restoring {
    struct broker *broker;
    uint64_t count;
};

static enum status restore_job(void *context, const struct job_value *value)
{
    struct restoring *restoring = context;
    struct broker *broker = restoring->broker;
    restoring->count++;
    const struct job_links *links = value->is_linked ? &value->links : NULL;
    enum status status = core_restore(broker->core, &value->head, value->owner, links, broker->now);
    if (status == STATUS_OK) {
        core_restore_error(broker->core, &value->head.id, value->error_code, value->error_message);
    }
    return status;
}

static enum status restore_endpoint(void *context, const struct message_put_endpoint *put,
                                    bool disabled)
{
    struct restoring *restoring = context;
    return core_restore_endpoint(restoring->broker->core, put, disabled);
}

static void restore_queues(struct broker *broker, const struct queue_value queues[JOB_KIND_COUNT])
{
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        core_restore_queue(broker->core, (enum job_kind)kind, queues[kind].paused,
                           queues[kind].ended);
    }
}

static enum status restore_orders(void *context, const struct id *worker, enum job_kind kind,
                                  enum worker_orders orders)
{
    struct broker *broker = ((struct restoring *)context)->broker;
    return core_restore_worker(broker->core, worker, kind, orders, broker->now);
}

static enum status restore_bulk(void *context, const struct message_bulk *stored)
{
    return core_restore_bulk(((struct restoring *)context)->broker->core, stored);
}

static enum status restore_spent(void *context, uint32_t day, struct slice owner, uint64_t amount)
{
    struct broker *broker = ((struct restoring *)context)->broker;
    return core_restore_spent(broker->core, day, owner, amount);
}

static enum status restore_calls(void *context, uint32_t part, struct slice account, uint64_t count)
{
    struct broker *broker = ((struct restoring *)context)->broker;
    return core_restore_calls(broker->core, part, account, count);
}

static enum status make_core(struct broker *broker, const struct meta *meta, uint64_t audit_last)
{
    struct core_options options = broker->options->core;
    options.session_base = (uint64_t)broker->now << SESSION_SHIFT;
    options.event_last = meta->event_last;
    options.commit_last = meta->commit;
    options.audit_last = audit_last;
    broker->event_last = meta->event_last;
    broker->gateway_session = options.session_base;
    return core_new(&options, broker->now, &broker->core);
}

/* Reads the queues and writes the time of this start: the next run begins after it, so that no
 * session is given twice. It also tells a disk that cannot be written before anybody connects. */
static enum status write_start(struct broker *broker, struct view *view, struct meta *meta,
                               struct queue_value queues[JOB_KIND_COUNT])
{
    uint8_t key[KEY_BYTES_MAX];
    struct buffer value;
    int64_t last_ms = meta->time_ms;
    meta->commit++;
    meta->time_ms = broker->now;
    buffer_init(&value, VALUE_SIZE_MAX);
    batch_clear(&broker->batch, meta->commit);
    enum status status = query_queues(view, queues, &broker->batch);
    if (status == STATUS_OK) {
        status = query_gap(view, last_ms, broker->now, broker->options->gap_ms, &broker->batch);
    }
    if (status == STATUS_OK) {
        status = meta_write(&value, meta);
    }
    if (status == STATUS_OK) {
        status = batch_put(&broker->batch, key_meta(key), buffer_slice(&value));
    }
    if (status == STATUS_OK && store_commit(broker->store, &broker->batch) != COMMIT_DURABLE) {
        log_error("cannot write to the store", "detail=\"%s\"", store_error(broker->store));
        status = STATUS_IO;
    }
    buffer_fini(&value);
    return status;
}

/* ---- what a start reads, part by part ---- */

typedef enum status restore_function(struct restoring *restoring, struct view *view);

static enum status read_orders(struct restoring *restoring, struct view *view)
{
    return query_orders(view, restore_orders, restoring);
}

static enum status read_bulks(struct restoring *restoring, struct view *view)
{
    return query_bulks(view, restore_bulk, restoring);
}

static enum status read_spent(struct restoring *restoring, struct view *view)
{
    struct spending spending;
    core_spending(restoring->broker->core, SLICE_EMPTY, restoring->broker->now, &spending);
    return query_spent(view, spending.day, restore_spent, restoring);
}

static enum status read_calls(struct restoring *restoring, struct view *view)
{
    return query_calls(view, core_calls_first(restoring->broker->core), restore_calls, restoring);
}

static enum status read_endpoints(struct restoring *restoring, struct view *view)
{
    return query_endpoints_all(view, restore_endpoint, restoring);
}

static enum status read_live(struct restoring *restoring, struct view *view)
{
    return query_live(view, restore_job, restoring);
}

static enum status read_history(struct restoring *restoring, struct view *view)
{
    return chronicle_open(restoring->broker, view);
}

/* Endpoints come before the deliveries to them. */
static const struct {
    const char *part;
    restore_function *read;
} parts[] = {
    {"orders to workers", read_orders},      {"operations", read_bulks},
    {"what was spent today", read_spent},    {"calls of accounts", read_calls},
    {"webhook endpoints", read_endpoints},   {"live jobs", read_live},
    {"the history of charts", read_history},
};

static enum status restore_parts(struct restoring *restoring, struct view *view, const char **part)
{
    enum status status = STATUS_OK;
    for (size_t index = 0; index < sizeof parts / sizeof parts[0] && status == STATUS_OK; index++) {
        *part = parts[index].part;
        status = parts[index].read(restoring, view);
    }
    return status;
}

static enum status restore(struct broker *broker)
{
    struct view *view = NULL;
    struct meta meta = {0};
    uint64_t audit_last = 0;
    struct queue_value queues[JOB_KIND_COUNT];
    struct restoring restoring = {.broker = broker};
    struct view_damage damage = {0};
    const char *part = "the last start";
    int64_t start_ms = clock_monotonic_ms();
    enum status status = store_view_open(broker->store, &view);
    if (status == STATUS_OK) {
        view->damage = &damage;
        status = query_meta(view, &meta);
    }
    status = status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (status == STATUS_OK) {
        clock_init(&broker->clock, meta.time_ms + 1);
        broker->now = clock_now_ms(&broker->clock);
        broker->started_at = broker->now;
        part = "queues and gaps";
        status = write_start(broker, view, &meta, queues);
    }
    if (status == STATUS_OK) {
        part = "the audit log";
        status = query_audit_last(view, &audit_last);
    }
    if (status == STATUS_OK) {
        status = make_core(broker, &meta, audit_last);
    }
    if (status == STATUS_OK) {
        restore_queues(broker, queues);
        status = restore_parts(&restoring, view, &part);
    }
    store_view_close(&view);
    damaged_tell(&broker->damaged, &damage);
    if (status != STATUS_OK) {
        log_error("cannot restore what the store has", "part=\"%s\" status=%s after_jobs=%" PRIu64,
                  part, status_name(status), restoring.count);
        return status;
    }
    log_info("store open", "live_jobs=%" PRIu64 " event_last=%" PRIu64 " ms=%" PRId64,
             restoring.count, meta.event_last, clock_monotonic_ms() - start_ms);
    return STATUS_OK;
}

/* ---- opening ---- */

static enum status make_parts(struct broker *broker)
{
    broker->effects = calloc(1, sizeof *broker->effects);
    broker->items = calloc(GROUP_JOBS_MAX, sizeof broker->items[0]);
    bool has_memory = broker->effects != NULL && broker->items != NULL;
    enum status status = has_memory ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        status = recorder_new(&broker->recorder);
    }
    if (status == STATUS_OK) {
        status = inputs_init(&broker->inputs);
    }
    if (status == STATUS_OK) {
        status = sweeper_init(&broker->sweeper, broker->now);
    }
    if (status == STATUS_OK) {
        status = bulk_work_init(&broker->bulk_work);
    }
    if (status == STATUS_OK) {
        const struct backups_options options = {broker->store, &broker->clock,
                                                broker->options->data_directory,
                                                broker->options->space_floor};
        status = backups_new(&options, &broker->backups);
    }
    if (status == STATUS_OK) {
        status = readers_new(broker->store, broker->backups, &broker->clock,
                             &broker->options->core.retention, &broker->readers);
    }
    if (status != STATUS_OK) {
        log_error("cannot start", "status=%s", status_name(status));
    }
    return status;
}

static enum status open_port(struct broker *broker, struct port *port, const char *address)
{
    char *detail = NULL;
    enum status status = port_open(port, broker->context, address, &detail);
    if (status != STATUS_OK) {
        log_error("cannot bind", "endpoint=%s status=%s detail=\"%s\"", address,
                  status_name(status), detail == NULL ? "" : detail);
    }
    free(detail);
    return status;
}

enum status broker_open(struct broker *broker, const struct broker_options *options)
{
    *broker = (struct broker){.options = options};
    broker->resolves_end = &broker->resolves;
    broker->leftovers.wanted = true; /* an earlier run may have left something */
    gethostname(broker->host, sizeof(broker->host) - 1);
    batch_init(&broker->batch);
    buffer_init(&broker->frame, 2 * FRAME_SIZE_MAX);
    publication_init(&broker->publication);
    broker->context = context_open();
    enum status status = broker->context == NULL ? STATUS_NO_MEMORY : open_store(broker);
    if (status == STATUS_OK) {
        status = restore(broker);
    }
    if (status == STATUS_OK) {
        status = make_parts(broker);
    }
    if (status == STATUS_OK) {
        status = open_port(broker, &broker->actors, options->actor_endpoint);
    }
    if (status == STATUS_OK) {
        status = open_port(broker, &broker->gateways, options->gateway_endpoint);
    }
    if (status == STATUS_OK) {
        status = broker_metrics_open(broker);
    }
    return status;
}

void broker_close(struct broker *broker)
{
    metrics_listener_destroy(&broker->metrics); /* its thread reads the store */
    port_close(&broker->actors);
    port_close(&broker->gateways);
    context_close();
    readers_destroy(&broker->readers);
    backups_destroy(&broker->backups);
    core_destroy(&broker->core);
    history_destroy(&broker->history);
    recorder_destroy(&broker->recorder);
    store_close(&broker->store);
    inputs_fini(&broker->inputs);
    sweeper_fini(&broker->sweeper);
    bulk_work_fini(&broker->bulk_work);
    dispatches_fini(&broker->dispatches);
    publication_fini(&broker->publication);
    batch_fini(&broker->batch);
    buffer_fini(&broker->frame);
    free(broker->effects);
    free(broker->items);
    broker->effects = NULL;
    broker->items = NULL;
}

void broker_report(const struct broker *broker, const char *message)
{
    struct core_statistics core;
    struct recorder_totals totals = recorder_totals(broker->recorder);
    core_statistics(broker->core, &core);
    log_info(message,
             "commits=%" PRIu64 " keys=%" PRIu64 " bytes=%" PRIu64 " accepted=%" PRIu64
             " ended=%" PRIu64,
             totals.commits, totals.keys, totals.bytes, totals.accepted, totals.ended);
    log_info("jobs",
             "accepted=%" PRIu64 " completed=%" PRIu64 " failed=%" PRIu64 " cancelled=%" PRIu64
             " retried=%" PRIu64 " stalled=%" PRIu64 " salvaged=%" PRIu64 " stale=%" PRIu64
             " refused=%" PRIu64 " undelivered=%" PRIu64 " revived=%" PRIu64 " expired=%" PRIu64,
             core.accepted, core.completed, core.failed, core.cancelled, core.retried, core.stalled,
             core.salvaged, core.stale, core.refused, core.undelivered, core.revived, core.expired);
    const struct broker_refusals refusals = broker_refusals(broker, &core);
    log_info("peers",
             "gateways=%u actors=%u refused_frames=%" PRIu64 " sessionless_frames=%" PRIu64,
             broker->gateways.peers.count, broker->actors.peers.count, refusals.refused,
             refusals.sessionless);
}
