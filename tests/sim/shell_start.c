#include "tests/sim/shell.h"
#include <assert.h>
#include <string.h>
#include "broker/query_bulk.h"
#include "broker/query.h"
#include "broker/query_audit.h"
#include "broker/query_calls.h"
#include "broker/query_queues.h"
#include "broker/query_spent.h"
#include "broker/query_webhook.h"
#include "tests/sim/world.h"

/* The broker starts: it makes its memory from the store. */

static enum status restore_one(void *context, const struct job_value *value)
{
    struct world *world = context;
    const struct job_links *links = value->is_linked ? &value->links : NULL;
    enum status status =
        core_restore(world->shell.core, &value->head, value->owner, links, world->now);
    if (status == STATUS_OK) {
        core_restore_error(world->shell.core, &value->head.id, value->error_code,
                           value->error_message);
    }
    return status;
}

static enum status restore_endpoint(void *context, const struct message_put_endpoint *put,
                                    bool disabled)
{
    struct world *world = context;
    return core_restore_endpoint(world->shell.core, put, disabled);
}

/* A new store has nothing to be mended, nor has one that was written by this program. */
static void restore_queues(struct world *world, struct view *view)
{
    struct queue_value queues[JOB_KIND_COUNT];
    struct batch mend;
    batch_init(&mend);
    enum status status = query_queues(view, queues, &mend);
    world_check(world, "restart", status == STATUS_OK && mend.count == 0, "queues: %s",
                status_name(status));
    batch_fini(&mend);
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        core_restore_queue(world->shell.core, (enum job_kind)kind, queues[kind].paused,
                           queues[kind].ended);
        if (queues[kind].paused) {
            world_seen(world, SEEN_PAUSED_RESTART);
        }
    }
}

static enum status restore_orders(void *context, const struct id *worker, enum job_kind kind,
                                  enum worker_orders orders)
{
    struct world *world = context;
    world_seen(world, SEEN_ORDERS_RESTART);
    return core_restore_worker(world->shell.core, worker, kind, orders, world->now);
}

static enum status restore_bulk(void *context, const struct message_bulk *stored)
{
    return core_restore_bulk(((struct world *)context)->shell.core, stored);
}

static enum status restore_spent(void *context, uint32_t day, struct slice owner, uint64_t amount)
{
    struct world *world = context;
    return core_restore_spent(world->shell.core, day, owner, amount);
}

static enum status restore_calls(void *context, uint32_t part, struct slice account, uint64_t count)
{
    return core_restore_calls(((struct world *)context)->shell.core, part, account, count);
}

void shell_start(struct world *world)
{
    struct shell *shell = &world->shell;
    assert(shell->core == NULL);
    struct store_view view;
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    struct meta meta = {0};
    enum status status = query_meta(&view.view, &meta);
    assert(status == STATUS_OK || status == STATUS_NOT_FOUND);
    world_check(world, "clock", meta.time_ms <= world->now, "the store is from the future");
    store_memory_open(&world->store, meta.commit);

    shell->run++;
    shell->leftovers_wanted = true;
    shell->leftovers_read = false;
    struct core_options options;
    core_options_default(&options);
    options.session_base = shell->run << 32;
    options.event_last = shell->event_last = meta.event_last;
    options.commit_last = meta.commit;
    status = query_audit_last(&view.view, &options.audit_last);
    assert(status == STATUS_OK);
    options.jobs_max = world->settings.jobs_max;
    options.retention = world->settings.retention;
    options.budget = world->settings.budget;
    options.budget_soft = world->settings.budget_soft;
    memcpy(options.rate, world->settings.rate, sizeof(options.rate));
    memcpy(options.active_max, world->settings.active_max, sizeof(options.active_max));
    memcpy(options.user_active_max, world->settings.user_active_max,
           sizeof(options.user_active_max));
    status = core_new(&options, world->now, &shell->core);
    assert(status == STATUS_OK);
    status = recorder_new(&shell->recorder);
    assert(status == STATUS_OK);
    store_view_init(&view, &world->store, meta.commit, meta.commit);
    restore_queues(world, &view.view);
    status = query_orders(&view.view, restore_orders, world);
    world_check(world, "restart", status == STATUS_OK, "orders: %s", status_name(status));
    status = query_bulks(&view.view, restore_bulk, world);
    world_check(world, "restart", status == STATUS_OK, "bulks: %s", status_name(status));
    struct spending spending;
    core_spending(shell->core, SLICE_EMPTY, world->now, &spending);
    status = query_spent(&view.view, spending.day, restore_spent, world);
    world_check(world, "restart", status == STATUS_OK, "money: %s", status_name(status));
    status = query_calls(&view.view, core_calls_first(shell->core), restore_calls, world);
    world_check(world, "restart", status == STATUS_OK, "calls: %s", status_name(status));
    status = query_endpoints_all(&view.view, restore_endpoint, world);
    world_check(world, "restart", status == STATUS_OK, "endpoints: %s", status_name(status));
    status = query_live(&view.view, restore_one, world);
    world_check(world, "restart", status == STATUS_OK, "restore: %s", status_name(status));

    memset(shell->sweep, 0, sizeof(*shell->sweep));
    shell->sweeping = false;
    shell->paging = false;
    world->coverage->restarts++;
    if (options.audit_last > 0) {
        world_seen(world, SEEN_AUDIT_RESTART);
    }
    shell->turn_last = shell->busy_until = world->now;
    shell->turn_at = INT64_MAX;
    world_trace(world, "broker-starts run commit event", NULL, (int64_t)shell->run,
                (int64_t)meta.commit, (int64_t)meta.event_last, 0);
    model_restarted(world);
    if (world->space_low_until > world->now) {
        shell_space(world, true);
    }
    shell_plan(world);
}
